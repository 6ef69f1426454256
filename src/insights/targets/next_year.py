"""What would next year's target ask of each region, line, month and representative?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pandas as pd

from insights.features.known import known, master
from insights.features.sales import device_reps
from insights.params import TargetsParams
from insights.tables import Tables
from insights.targets.forecast import Outlook
from insights.targets.split import SplitError, split_target
from insights.targets.split_units import season_of_lines, split_base, split_to_reps
from insights.words import _, listing

PLANNED = (
    "region_id", "product_line", "month", "target_cents",
)  # fmt: skip
BY_REP = ("region_id", "product_line", "rep_id", "month", "target_cents")


@dataclass(frozen=True)
class NextYear:
    """A proposal to the cent: ``cells`` by region, line and month, ``units`` by region and line.

    ``reps`` is what device representatives take over of it; the rest stays with nobody.
    """

    year: int
    total: float
    source: str
    units: pd.DataFrame
    cells: pd.DataFrame
    reps: pd.DataFrame
    unplaced: float = 0.0
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()  # decisions that say no amount


def plan_next_year(
    tables: Tables, as_of: dt.date, cells: pd.DataFrame, ahead: Outlook,
    params: TargetsParams,
) -> NextYear:  # fmt: skip
    """How would the next year's target fall on regions, lines, months and representatives?

    The target is what is written down for the company's next year; without one it is what the
    next twelve months are expected to bring (a proposal, ``source`` says so). Approved parts are
    ``decisions`` of kind target. Without a base nothing is proposed, and ``notes`` say why.
    """
    year = _planned_year(as_of)
    total, source = _total(tables, as_of, year, ahead)
    approved, unread = _approved(tables, as_of)
    own = cells[(cells.metric == params.assessed_on) & (cells.scope == "product_line")]
    sold = own.rename(columns={"scope_id": "product_line"})
    try:
        split = split_target(
            total, split_base(sold, pd.Timestamp(as_of), _potential(tables, as_of)),
            season_of_lines(ahead), params, approved=approved,
        )  # fmt: skip
    except SplitError as error:
        return replace(nothing_planned(year, str(error)), unread=unread)
    reps = split_to_reps(split, _reps(tables, as_of, cells, params))
    return NextYear(
        year, total, source, split.units, split.months, reps.reindex(columns=list(BY_REP)),
        split.unplaced_cents / 100, split.notes, unread,
    )  # fmt: skip


def nothing_planned(year: int, why: str) -> NextYear:
    """Return no proposal, and why."""
    units = pd.DataFrame(columns=["region_id", "product_line", "history", "target_cents", "growth",
                                  "bound"])  # fmt: skip
    none = pd.DataFrame(columns=list(PLANNED)), pd.DataFrame(columns=list(BY_REP))
    return NextYear(year, float("nan"), "", units, *none, notes=(why,))


def _planned_year(as_of: dt.date) -> int:
    return (as_of + dt.timedelta(days=1)).year + (1 if (as_of.month, as_of.day) != (12, 31) else 0)


def _total(tables: Tables, as_of: dt.date, year: int, ahead: Outlook) -> tuple[float, str]:
    rows = known(tables, "targets", as_of)
    asked = rows.filter(
        (rows.scope == "company") & (rows.grain == "year") & (rows.metric == "sales")
        & (rows.period == dt.date(year, 1, 1))
    )  # fmt: skip
    given = asked.aggregate(target=asked.target.max()).execute().target[0]
    if pd.notna(given):
        return float(given), _("the company's target for {year}").format(year=year)
    kinds = ahead.panel.kinds == "company"
    expected = float(ahead.expected[-1][kinds].sum()) if kinds.any() else float("nan")
    return round(expected, 2), _("what the next twelve months are expected to bring")


def _potential(tables: Tables, as_of: dt.date) -> pd.DataFrame | None:
    if tables.gap("customers", "potential") is not None:
        return None
    rows = master(tables, "customers", as_of)
    sums = rows.group_by("region_id").aggregate(potential=rows.potential.sum().cast("float64"))
    return sums.order_by("region_id").execute().dropna()


def _approved(tables: Tables, as_of: dt.date) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Return targets that people decided, and in words those that say no amount.

    ``subject_id`` names a region, ``value`` CNY.
    """
    rows = known(tables, "decisions", as_of)
    kept = rows.filter(
        (rows.kind == "target") & (rows.until_on.isnull() | (rows.until_on >= as_of))
    )
    found = kept.order_by("decided_on", "decision_id").execute()
    last = found.drop_duplicates("subject_id", keep="last")
    amount = pd.to_numeric(last.value, errors="coerce")
    named = pd.DataFrame({"region_id": last.subject_id, "target": amount}).dropna()
    return named if len(named) else None, _unread(last[amount.isna()])


def _unread(rows: pd.DataFrame) -> tuple[str, ...]:
    if rows.empty:
        return ()
    who = [f"{row.decision_id} {row.value!r}" for row in rows.itertuples()]
    words = _("decisions of kind target that say no amount, so not kept: {who}")
    return (words.format(who=listing(who)),)


def _reps(
    tables: Tables, as_of: dt.date, cells: pd.DataFrame, params: TargetsParams
) -> pd.DataFrame:
    """Return device representatives still there and what they sold in the last twelve months."""
    reps = master(tables, "reps", as_of)
    here = reps.filter(reps.left_on.isnull()).select("rep_id")
    people = device_reps(tables, as_of).inner_join(here, "rep_id").order_by("rep_id").execute()
    next_month = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).replace(day=1)
    own = cells[(cells.metric == params.assessed_on) & (cells.scope == "rep")]
    year = own[(own.month < next_month) & (own.month >= next_month - pd.DateOffset(years=1))]
    history = year.groupby("scope_id").cents.sum() / 100
    return people.assign(history=people.rep_id.map(history).astype("float64").fillna(0.0))
