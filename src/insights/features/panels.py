"""Outcome panels: one number per unit and complete period, for judging a strategy.

Money is taken at the prices of before the start wherever quantities and products are there, so
that a price cut (volume-based procurement) is not read as a change in demand.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.exact import exact_mean, exact_sum
from insights.features.homes import unit_regions
from insights.features.known import known, master, one_a_key
from insights.features.period_dates import (
    Bools,
    far_periods,
    first_days,
    stray_periods,
    stray_words,
)
from insights.features.waves import SECOND_SURVEY, survey_panel
from insights.tables import Tables, as_date
from insights.words import _, listing

COLUMNS = ("unit_id", "period", "value", "region_id", "price_part")
STEPS = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}  # weeks begin on Mondays
MONEY = ("sales", "sell_through")
COUNTED = ("sales", "sell_through", "quantity", "visits")
BASE_DAYS = 365


class PanelError(ValueError):
    """A strategy's metric, grain or unit type cannot be made into a panel: says which and why."""


@dataclass(frozen=True)
class Facts:
    """Where a metric's facts stand: table, date, and the columns that name its units."""

    table: str
    day: str
    units: tuple[str, ...]


FACTS = {
    "sales": Facts("orders", "ordered_on", ("customer_id", "rep_id")),
    "sell_through": Facts("channel_flow", "flowed_on", ("customer_id",)),
    "quantity": Facts("orders", "ordered_on", ("customer_id", "rep_id")),
    "visits": Facts("visits", "visited_on", ("customer_id", "rep_id", "department_id")),
    "score": Facts("feedback", "given_on", ("customer_id",)),
}
UNIT_COLUMN = {"rep": "rep_id", "department": "department_id"}


def strategy_panel(
    tables: Tables, strategy: Any, as_of: str | dt.date | pd.Timestamp
) -> pd.DataFrame:
    """What did each unit do in each complete period?

    ``strategy`` is a row of the table strategies (attributes metric, unit_type, grain, starts_on).
    Returns unit_id, period (first day), value, region_id and price_part, sorted by unit and
    period. Money is at pre-start prices where products and quantities are known; price_part is
    what prices added since. No purchase in a period of a counted metric is a zero from the unit's
    first fact on; a missing score stays missing. Weeks begin on Mondays; outcomes come in their own
    periods, whatever the grain. ``PanelError`` says what a metric lacks and names dates years away
    from all others, or within a month amid outcomes by month.
    """
    day = as_date(as_of)
    if strategy.metric == SECOND_SURVEY:
        return _in_regions(tables, survey_panel(tables, strategy, day), "customer", day)
    own_panel = recorded(tables, strategy.metric, day)
    metric, kind, grain = _asked(strategy, own_panel)
    if own_panel:
        return _recorded(tables, metric, kind, day)
    facts = _facts(tables, metric, kind, pd.Timestamp(strategy.starts_on).date(), day)
    rows = _by_period(facts, metric, grain)
    where = FACTS[metric]
    _refuse_strays(rows, far_periods(rows.period), f"{where.table}.{where.day}")
    rows = rows[_ends(rows.period, grain) <= pd.Timestamp(day)]
    filled = _with_zeros(rows, grain, day) if metric in COUNTED else rows
    return _in_regions(tables, filled, kind, day)


def unit_kind(strategy: Any) -> str:
    """Return what a strategy's unit_id names: customers where the register does not say."""
    return strategy.unit_type if isinstance(strategy.unit_type, str) else "customer"


def recorded(tables: Tables, metric: str, as_of: dt.date) -> bool:
    """Say whether a metric is read from outcomes: it is there, or nothing else can give it."""
    if metric not in FACTS:
        return True
    rows = known(tables, "outcomes", as_of)
    return bool(rows.filter(rows.metric == metric).count().execute())


def _asked(strategy: Any, own_panel: bool) -> tuple[str, str, str]:
    kind = unit_kind(strategy)
    grain = strategy.grain if isinstance(strategy.grain, str) else "month"
    metric = strategy.metric
    faults = []
    if not own_panel and grain not in STEPS:
        faults.append(
            _("strategies.grain: {value!r}; known: {known}").format(
                value=grain, known=listing(list(STEPS))
            )
        )
    if not own_panel and UNIT_COLUMN.get(kind, "customer_id") not in FACTS[metric].units:
        faults.append(
            _("strategies.unit_type: {metric} is not recorded by {kind}; use outcomes").format(
                metric=metric, kind=kind
            )
        )
    if faults:
        raise PanelError("; ".join(faults))
    return metric, kind, grain


def _facts(tables: Tables, metric: str, kind: str, start: dt.date, as_of: dt.date) -> Expr:
    """Return unit_id, day, value, price_part of every fact behind a metric."""
    day = FACTS[metric].day
    rows = metric_rows(tables, metric, kind, as_of)
    if metric in MONEY:
        rows = _at_base_prices(tables, rows, _fact_rows(tables, metric, as_of), day, start)
    else:
        rows = rows.mutate(value=_measure(rows, metric), price_part=ibis.literal(0.0))
    return rows.select("unit_id", "value", "price_part", day=rows[day])


def metric_rows(tables: Tables, metric: str, kind: str, as_of: dt.date) -> Expr:
    """Return the facts behind a metric (a key of FACTS) that belong to a unit of a kind.

    All columns of their table and unit_id. ``PanelError`` where the table is missing.
    """
    rows = _named_units(tables, _fact_rows(tables, metric, as_of), kind, as_of)
    return rows.filter(rows.unit_id.notnull())


def _fact_rows(tables: Tables, metric: str, as_of: dt.date) -> Expr:
    where = FACTS[metric]
    if (gap := tables.gap(where.table)) is not None:
        raise PanelError(gap)
    return known(tables, where.table, as_of)


def _measure(rows: Expr, metric: str) -> Value:
    if metric == "visits":
        done = rows.status.isnull() | (rows.status != "planned")
        return ibis.ifelse(done, 1.0, 0.0)
    return rows[metric].cast("float64")


def _at_base_prices(tables: Tables, rows: Expr, everything: Expr, day: str, start: dt.date) -> Expr:
    """Add value (quantity at the product's mean price before the start) and price_part.

    The price of before is that of the last year before the start; a product first sold later
    keeps its own amounts, and so does a row without a quantity. A row without an amount is
    valued at the price of before, else at list price. ``everything`` gives the prices of before:
    the facts of the whole company, those of no unit included.
    """
    early = everything.filter(
        (everything[day] < start)
        & (everything[day] >= start - dt.timedelta(days=BASE_DAYS))
        & (everything.quantity > 0)
        & everything.amount.notnull()
    )
    base = early.group_by("product_id").aggregate(
        paid=early.amount.sum().cast("float64"),
        taken=early.quantity.cast("decimal(18, 4)").sum().cast("float64"),
    )
    listed = one_a_key(tables["products"], "product_id").select("product_id", "list_price")
    priced = rows.left_join(base, "product_id").drop("product_id_right")
    priced = priced.left_join(listed, "product_id").drop("product_id_right")
    constant = priced.quantity * priced.paid / priced.taken
    nominal = priced.amount.cast("float64").coalesce(
        constant, priced.quantity * priced.list_price.cast("float64")
    )
    value = constant.coalesce(nominal)
    return priced.mutate(value=value, price_part=nominal - value)


def fact_days(
    tables: Tables, metric: str, grain: str, as_of: str | dt.date | pd.Timestamp
) -> pd.DataFrame:
    """On which days did the company's facts of a metric begin and end in each period?

    ``metric`` is a key of FACTS. Indexed by period: first, last (days) and facts, a count.
    """
    day = as_date(as_of)
    rows = _fact_rows(tables, metric, day)
    when = rows[FACTS[metric].day]
    sums = rows.group_by(period=when.truncate(STEPS[grain]).cast("date")).aggregate(
        first=when.min(), last=when.max(), facts=when.count()
    )
    found = sums.order_by("period").execute()
    dates = {name: pd.to_datetime(found[name]) for name in ("period", "first", "last")}
    return found.assign(**dates).set_index("period")


def _by_period(facts: Expr, metric: str, grain: str) -> pd.DataFrame:
    dated = facts.mutate(period=facts.day.truncate(STEPS[grain]).cast("date"))
    how = exact_mean(dated.value) if metric == "score" else exact_sum(dated.value)
    found = (
        dated.group_by(["unit_id", "period"])
        .aggregate(value=how, price_part=exact_sum(dated.price_part))
        .order_by(["unit_id", "period"])
        .execute()
    )
    return found.assign(
        period=pd.to_datetime(found.period),
        value=found.value.astype("float64"),
        price_part=found.price_part.astype("float64"),
    )


def _named_units(tables: Tables, rows: Expr, kind: str, as_of: dt.date) -> Expr:
    if kind in ("region", "city"):
        column = "region_id" if kind == "region" else "city"
        customers = master(tables, "customers", as_of)
        homes = customers.select("customer_id", unit_id=customers[column])
        return rows.inner_join(homes, "customer_id")
    return rows.mutate(unit_id=rows[UNIT_COLUMN.get(kind, "customer_id")])


def _ends(periods: pd.Series, grain: str) -> pd.Series:
    return periods.dt.to_period(STEPS[grain]).dt.end_time.dt.normalize()


def _with_zeros(rows: pd.DataFrame, grain: str, as_of: dt.date) -> pd.DataFrame:
    """Add a zero for each period without a fact, from a unit's first fact to the last period."""
    if rows.empty:
        return rows
    last = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period(STEPS[grain]) - 1
    span = pd.period_range(rows.period.min(), last, freq=STEPS[grain]).start_time
    first = rows.groupby("unit_id").period.min()
    grid = pd.MultiIndex.from_product([first.index, span], names=["unit_id", "period"])
    full = rows.set_index(["unit_id", "period"]).reindex(grid, fill_value=0.0).reset_index()
    return full[full.period >= full.unit_id.map(first)].reset_index(drop=True)


def _recorded(tables: Tables, metric: str, kind: str, as_of: dt.date) -> pd.DataFrame:
    """Return a metric of the table outcomes, on its own periods, the complete ones."""
    rows = known(tables, "outcomes", as_of)
    found = (
        rows.filter(rows.metric == metric)
        .select("unit_id", "period", "value")
        .order_by(["unit_id", "period"])
        .execute()
    )
    if found.empty:
        raise PanelError(
            _("strategies.metric: {metric!r} is neither {known} nor a metric of outcomes known on "
              "{as_of}").format(metric=metric, known=listing(list(FACTS)), as_of=as_of)
        )  # fmt: skip
    found = found.assign(period=pd.to_datetime(found.period), price_part=0.0)
    _refuse_strays(found, stray_periods(found.period), f"outcomes.period ({metric})")
    found = found.assign(period=first_days(found.period))
    steps = pd.Series(found.period.unique()).sort_values().diff().dropna()
    step = pd.Timedelta(steps.median() if len(steps) else "1D")
    length = pd.DateOffset(months=round(step.days / 30.4)) if step.days >= 28 else step
    complete = found.period + length <= pd.Timestamp(as_of) + pd.Timedelta(days=1)
    return _in_regions(tables, found[complete].reset_index(drop=True), kind, as_of)


def _refuse_strays(rows: pd.DataFrame, stray: Bools, column: str) -> None:
    if stray.any():
        raise PanelError(stray_words(rows[stray], column))


def _in_regions(tables: Tables, rows: pd.DataFrame, kind: str, as_of: dt.date) -> pd.DataFrame:
    homes = unit_regions(tables, kind, as_of)
    known_ids = set(tables.regions.region_id)
    own = rows.unit_id.where(rows.unit_id.isin(known_ids))
    region = rows.unit_id.map(homes).astype("str").where(rows.unit_id.isin(homes.index))
    return rows.assign(region_id=region.fillna(own)).loc[:, list(COLUMNS)]
