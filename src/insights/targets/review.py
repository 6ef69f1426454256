"""The verb of the notebook: targets, growth, stock and reorders of a source as of a day."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.cycles import purchase_cycles
from insights.features.known import master
from insights.features.sales import SCOPES, month_days, sales_by_day
from insights.features.sales_cells import traded_products
from insights.features.stocking import STOCKED, shipped_and_sold_on
from insights.params import TargetsParams
from insights.tables import Tables, as_date
from insights.targets.attainment import attain
from insights.targets.backtest import backtest_forecast, backtest_scores
from insights.targets.customers_won import read_firsts, won_by_period
from insights.targets.exceptions import exceptions
from insights.targets.forecast import Outlook, forecast_period_end, look_ahead
from insights.targets.forecast_panel import working_calendar
from insights.targets.goals import Goals, fault_words, read_goals
from insights.targets.group_ends import with_groups
from insights.targets.growth import compared_spans
from insights.targets.measures import read_scorecards
from insights.targets.next_year import plan_next_year
from insights.targets.nothing import without_rows
from insights.targets.progress import GRAINS, time_progress
from insights.targets.reorders import Alarms, alarms_kept
from insights.targets.result import TargetReview
from insights.targets.sold import actuals, read_cells
from insights.targets.who import read_names
from insights.words import _

DEFAULTS = TargetsParams()
KEPT_SCOPES = ("company", "product_line")
ALARM_DAYS = 91


def review_targets(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    params: TargetsParams = DEFAULTS,
) -> TargetReview:
    """Are we on the way to the target on as_of, what moved sales, and what is to be done?

    Everything is read of the whole company as known on as_of; ``for_region`` shows a slice. What
    a missing table or column costs is said in the checks; without orders (or, where targets are
    assessed on it, sell-through) nothing can be said.
    """
    day = as_date(as_of)
    goals = read_goals(tables, day, params)
    cells = read_cells(tables, day, goals.targets)
    if (reason := _nothing(tables, cells, day, params)) is not None:
        return TargetReview.empty(tables.regions, day, params, reason)
    return _reviewed(tables, day, goals, cells, params)


def _reviewed(
    tables: Tables, day: dt.date, goals: Goals, cells: pd.DataFrame, params: TargetsParams
) -> TargetReview:
    first = cells.month.min().date()
    firsts = read_firsts(tables, day)
    spans = compared_spans(day)
    ahead = _ahead(tables, day, first, params)
    plan = plan_next_year(tables, day, cells, ahead, params)
    attained = _attained(tables, day, goals, cells, firsts, params)
    cycles = purchase_cycles(tables, day, params.reorder_min_orders)
    return TargetReview(
        attainment=attained,
        cells=cells[cells.scope.isin(KEPT_SCOPES)].reset_index(drop=True),
        days=month_days(tables, day, first),
        sold=traded_products(tables, day, params.assessed_on, spans),
        spans=spans,
        firsts=firsts,
        cycles=cycles,
        alarms=_alarms(tables, day, cycles, params),
        stocking=_stocking(tables, day),
        customers=_customer_names(tables),
        forecast=_ends(ahead, tables.regions, params),
        scores=backtest_scores(backtest_forecast(ahead, params)),
        exceptions=exceptions(ahead, params),
        cards=read_scorecards(tables, day, attained, cells, firsts, params),
        people=_people(tables, day),
        plan=plan,
        faults=(*fault_words(goals), *plan.unread, *_gaps(tables)),
        regions=tables.regions,
        params=params,
        as_of=day,
    )


def _attained(
    tables: Tables, day: dt.date, goals: Goals, cells: pd.DataFrame, firsts: pd.DataFrame,
    params: TargetsParams,
) -> pd.DataFrame:  # fmt: skip
    sold = actuals(cells, tables.regions, params.assessed_on)
    both = pd.concat([sold, won_by_period(firsts)], ignore_index=True)
    progress = time_progress(tables, day, cells.month.min().date())
    return attain(goals.targets, both, progress, read_names(tables, day, goals.targets))


def _ahead(tables: Tables, day: dt.date, first: dt.date, params: TargetsParams) -> Outlook:
    """Return what each month was expected to bring, told from the months before it."""
    daily = sales_by_day(tables, day, params.assessed_on, SCOPES)
    last = (pd.Timestamp(day) + pd.DateOffset(years=1, months=1)).date()
    return look_ahead(daily, working_calendar(tables, first, last), day, params)


def _ends(ahead: Outlook, regions: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Return where the running month, quarter and year end, groups of regions included."""
    ends = [forecast_period_end(ahead, grain, params) for grain in GRAINS]
    return with_groups(pd.concat(ends, ignore_index=True), regions)


def _people(tables: Tables, day: dt.date) -> pd.Series:
    """Return the region of each representative, and of each team by its manager's."""
    rows = master(tables, "reps", day).select("rep_id", "region_id").order_by("rep_id")
    return rows.execute().set_index("rep_id").region_id


def _alarms(tables: Tables, day: dt.date, cycles: pd.DataFrame, params: TargetsParams) -> Alarms:
    then = day - dt.timedelta(days=ALARM_DAYS)
    earlier = purchase_cycles(tables, then, params.reorder_min_orders)
    return alarms_kept(earlier, cycles, ALARM_DAYS, params)


def _stocking(tables: Tables, day: dt.date) -> pd.DataFrame:
    if not (tables.has("orders") and tables.has("channel_flow")):
        return without_rows(STOCKED)
    return shipped_and_sold_on(tables, day)


def _customer_names(tables: Tables) -> pd.Series:
    rows = tables["customers"].select("customer_id", "name").order_by("customer_id").execute()
    named = rows.drop_duplicates("customer_id").set_index("customer_id").name
    return named.dropna().astype("str")


def _gaps(tables: Tables) -> list[str]:
    """Return in words what the source lacks."""
    wanted = (
        ("orders",), ("channel_flow",), ("customers", "region_id"), ("products", "product_line"),
        ("products", "vbp_on"), ("reps", "line_type"), ("orders", "rep_id"),
        ("orders", "channel"),
    )  # fmt: skip
    found = (tables.gap(*one) for one in wanted)
    return list(dict.fromkeys(one for one in found if one is not None))


def _nothing(
    tables: Tables, cells: pd.DataFrame, day: dt.date, params: TargetsParams
) -> str | None:
    """Say why nothing can be reviewed, or None."""
    table = {"sales": "orders", "sell_through": "channel_flow"}[params.assessed_on]
    if (gap := tables.gap(table)) is not None:
        return gap
    if (cells.metric == params.assessed_on).any():
        return None
    return _("nothing was sold on or before {as_of}; the data begin on {first}").format(
        as_of=day, first=tables.span()[0]
    )
