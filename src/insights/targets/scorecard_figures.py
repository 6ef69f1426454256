"""What are scorecards made of? Sales against target and last year, and the calls behind them."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import and_

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.known import known, master
from insights.tables import Tables
from insights.targets.scorecards import DEVICE, DEVICE_REP, DRUG_REP, FIGURES

CLOSES_AT = 19  # o'clock: a call is entered on its day until then
RECORDS = (
    ("facts", "key_points", "our_actions", "assessment"),
    ("decision_role", "pain_point", "competitor_presence", "next_action"),
)
SUMS = ["numerator", "denominator"]
REP = "rep"
YEAR = pd.DateOffset(years=1)
MONTH = pd.DateOffset(months=1)


def scorecard_figures(
    tables: Tables,
    as_of: dt.date,
    attained: pd.DataFrame,
    history: pd.DataFrame,
    firsts: pd.DataFrame,
    months: int = 12,
) -> pd.DataFrame:
    """What did each region, team and representative bring in the last complete months?

    ``attained``: grain, period, scope, scope_id, metric, target, actual. ``history``: scope,
    scope_id, month, amount. ``firsts``: region_id, first_on, covered, of each customer's first
    purchase. Columns FIGURES, sorted. attainment: sales over target; growth: sales over those of
    the month a year before; new_customers: won over customers known before; coverage: customers
    called on over customers held; effective_visits: objective met over calls with an objective;
    complete_records: calls whose record fills one of both profiles; on_time_entry: calls entered
    by 19:00 of their day. Regions (leaves) have sales and calls; representatives still here have
    calls (kinds device_rep and drug_rep), those of device lines sales too; a team (manager_id,
    the manager among them) has the sales of its device representatives and everybody's calls.
    """
    staff = master(tables, "reps", as_of).execute()
    last = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("M").start_time
    regions = set(tables.regions.region_id) - set(tables.regions.parent_id)
    device = set(staff.rep_id[staff.line_type == DEVICE])
    sales = pd.concat([_attainment(attained), _growth(history)], ignore_index=True)
    of_region = sales[(sales.kind == "region") & sales.unit_id.isin(regions)]
    of_rep = sales[(sales.kind == REP) & sales.unit_id.isin(device)]
    calls = _calls(tables, as_of, staff, last - months * MONTH)
    people = pd.concat([of_rep, calls], ignore_index=True)
    parts = [
        of_region, _working(people, staff), _grouped(people, _teams(staff), "team"),
        _grouped(calls, staff.set_index("rep_id").region_id, "region"), _won(firsts, last),
    ]  # fmt: skip
    whole = pd.concat(parts, ignore_index=True)
    recent = whole[(whole.month < last) & (whole.month >= last - months * MONTH)]
    sums = recent.groupby(list(FIGURES[:4]), as_index=False)[SUMS].sum()
    return sums.loc[:, list(FIGURES)].sort_values(list(FIGURES[:4]), ignore_index=True)


def _working(people: pd.DataFrame, staff: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of representatives still here, by what the law lets them do."""
    here = staff[staff.left_on.isna()]
    device = people.unit_id.isin(here.rep_id[here.line_type == DEVICE])
    kept = people.assign(kind=np.where(device, DEVICE_REP, DRUG_REP))
    return kept[kept.unit_id.isin(here.rep_id)]


def _attainment(attained: pd.DataFrame) -> pd.DataFrame:
    rows = attained[
        (attained.grain == "month")
        & (attained.metric == "sales")
        & attained.scope.isin(["region", REP])
        & (attained.target > 0)
    ]
    return pd.DataFrame(
        {
            "kind": rows.scope, "unit_id": rows.scope_id, "figure": "attainment",
            "month": pd.to_datetime(rows.period), "numerator": rows.actual.astype("float64"),
            "denominator": rows.target.astype("float64"),
        }
    )  # fmt: skip


def _growth(history: pd.DataFrame) -> pd.DataFrame:
    rows = history[history.scope.isin(["region", REP])]
    before = rows.assign(month=rows.month + YEAR).rename(columns={"amount": "denominator"})
    keys = ["scope", "scope_id", "month"]
    both = rows.merge(before[[*keys, "denominator"]], on=keys)
    named = both.rename(columns={"scope": "kind", "scope_id": "unit_id", "amount": "numerator"})
    return named.assign(figure="growth").loc[:, list(FIGURES)]


def _won(firsts: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Return new customers of each region and month, over those known before it."""
    if firsts.empty:
        return pd.DataFrame(columns=list(FIGURES))
    month = pd.to_datetime(firsts.first_on).dt.to_period("M").dt.start_time
    counts = firsts.assign(month=month, won=firsts.covered.astype("float64"), all=1.0)
    sums = counts.groupby(["region_id", "month"])[["won", "all"]].sum()
    months = pd.date_range(month.min(), max(month.max(), last), freq="MS")
    regions = sums.index.get_level_values(0).unique()
    grid = pd.MultiIndex.from_product([regions, months], names=["unit_id", "month"])
    full = sums.rename_axis(["unit_id", "month"]).reindex(grid, fill_value=0.0)
    before = full["all"].groupby("unit_id").cumsum() - full["all"]
    told = full.assign(numerator=full.won, denominator=before).reset_index()
    return told.assign(kind="region", figure="new_customers").loc[:, list(FIGURES)]


def _calls(
    tables: Tables, as_of: dt.date, staff: pd.DataFrame, first: pd.Timestamp
) -> pd.DataFrame:
    """Return the figures of calls of each representative and month."""
    if tables.gap("visits") is not None:
        return pd.DataFrame(columns=list(FIGURES))
    found = _call_sums(tables, as_of)
    sums = found[found.month >= first]
    parts = [
        sums.assign(figure="effective_visits", numerator=sums.met, denominator=sums.asked),
        sums.assign(figure="complete_records", numerator=sums.full, denominator=sums.calls),
        sums.assign(figure="on_time_entry", numerator=sums.timely, denominator=sums.entered),
        _coverage(tables, as_of, sums),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows.unit_id.isin(staff.rep_id)]
    return rows.assign(kind=REP).loc[:, list(FIGURES)]


def _call_sums(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    visits = known(tables, "visits", as_of)
    done = visits.filter(visits.status.isnull() | (visits.status != "planned"))
    dated = done.mutate(month=done.visited_on.truncate("M").cast("date"))
    asked = dated.objective_met.notnull()
    entered = dated.entered_at.notnull()
    timely = (dated.entered_at.date() <= dated.visited_on) & (
        (dated.entered_at.hour() < CLOSES_AT)
        | ((dated.entered_at.hour() == CLOSES_AT) & (dated.entered_at.minute() == 0))
    )
    sums = dated.group_by("month", unit_id="rep_id").aggregate(
        calls=_counted(dated.visited_on.notnull()), met=_counted(asked & dated.objective_met),
        asked=_counted(asked), full=_counted(_full(dated)), entered=_counted(entered),
        timely=_counted(entered & timely),
    )  # fmt: skip
    found = sums.execute()
    numbers = ["calls", "met", "asked", "full", "entered", "timely"]
    typed = found.assign(month=pd.to_datetime(found.month))
    return typed.astype(dict.fromkeys(numbers, "float64"))


def _counted(where: Value) -> Value:
    return ibis.ifelse(where, 1, 0).sum()


def _full(rows: Expr) -> Value:
    """Say whether a call's record fills one of both profiles."""
    told = [reduce(and_, (rows[name].notnull() for name in names)) for names in RECORDS]
    return told[0] | told[1]


def _coverage(tables: Tables, as_of: dt.date, sums: pd.DataFrame) -> pd.DataFrame:
    """Return customers called on over customers held at the month's end."""
    empty = pd.DataFrame(columns=list(FIGURES[1:]))
    if tables.gap("territories") is not None or sums.empty:
        return empty
    held = known(tables, "territories", as_of).execute()
    visits = known(tables, "visits", as_of)
    done = visits.filter(visits.status.isnull() | (visits.status != "planned"))
    met = done.mutate(month=done.visited_on.truncate("M").cast("date")).select(
        "rep_id", "customer_id", "month"
    )
    seen = met.distinct().execute().assign(month=lambda rows: pd.to_datetime(rows.month))
    begin, end = pd.to_datetime(held.from_on), pd.to_datetime(held.to_on)
    parts = []
    for month in sorted(sums.month.unique()):
        last = month + pd.offsets.MonthEnd(0)
        open_ = held[(begin <= last) & (end.isna() | (end >= last))]
        called = (
            open_[["rep_id", "customer_id"]]
            .drop_duplicates()
            .merge(seen[seen.month == month], on=["rep_id", "customer_id"], how="left")
        )
        counts = called.groupby("rep_id").agg(
            numerator=("month", "count"), denominator=("customer_id", "size")
        )
        parts.append(counts.astype("float64").reset_index(names="unit_id").assign(month=month))
    return pd.concat(parts, ignore_index=True).assign(figure="coverage")


def _teams(staff: pd.DataFrame) -> pd.Series:
    """Return each representative's team, named by its manager; managers are of their own."""
    leads = set(staff.manager_id.dropna())
    own = staff.rep_id.where(staff.rep_id.isin(leads))
    return staff.manager_id.fillna(own).set_axis(staff.rep_id)


def _grouped(rows: pd.DataFrame, group: pd.Series, kind: str) -> pd.DataFrame:
    named = rows.assign(kind=kind, unit_id=rows.unit_id.map(group))
    return named[named.unit_id.notna()]
