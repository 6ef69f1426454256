"""What the field force did in each month: calls, records and reach, by region, team and person."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.known import known, master
from insights.tables import Tables

FIGURES = ("kind", "unit_id", "figure", "month", "numerator", "denominator")
RECORDED = ("decision_role", "pain_point", "competitor_presence", "next_action")
LATEST_HOUR = 19
KINDS = {"region": "region_id", "team": "manager_id", "rep": "rep_id"}


def field_figures(tables: Tables, as_of: dt.date, since: dt.date) -> pd.DataFrame:
    """How well did each region, team and representative call in each month from ``since`` on?

    Columns FIGURES, a ratio each: effective_visits (objective met over completed visits; one
    without an objective is not effective), complete_records (the four items of a visit's record
    filled in, over completed visits), on_time_entry (entered by 19:00 of the day, over visits with
    a time of entry), coverage (customers visited over customers: the region's, or those held).
    A team is everybody of one manager. Empty without visits.
    """
    if tables.gap("visits") is not None:
        return pd.DataFrame(columns=list(FIGURES))
    made = _made(tables, as_of, since)
    parts = [_of_kind(made, kind, _held(tables, as_of, kind)) for kind in KINDS]
    return pd.concat(parts, ignore_index=True).loc[:, list(FIGURES)]


def _made(tables: Tables, as_of: dt.date, since: dt.date) -> Expr:
    rows = known(tables, "visits", as_of)
    rows = rows.filter((rows.visited_on >= since) & (rows.status.isnull() | (
        rows.status != "planned")))  # fmt: skip
    reps = master(tables, "reps", as_of).select("rep_id", "manager_id")
    homes = master(tables, "customers", as_of).select("customer_id", "region_id")
    joined = rows.left_join(reps, "rep_id").drop("rep_id_right")
    joined = joined.left_join(homes, "customer_id").drop("customer_id_right")
    return joined.mutate(
        month=joined.visited_on.truncate("M").cast("date"),
        full=_filled(joined),
        timed=joined.entered_at.notnull(),
        punctual=_punctual(joined),
    )


def _filled(rows: Expr) -> Value:
    told = rows[RECORDED[0]].fill_null("") != ""
    for name in RECORDED[1:]:
        told = told & (rows[name].fill_null("") != "")
    return told


def _punctual(rows: Expr) -> Value:
    entered = rows.entered_at
    early = (entered.hour() < LATEST_HOUR) | (
        (entered.hour() == LATEST_HOUR) & (entered.minute() == 0)
    )
    return (entered.cast("date") == rows.visited_on) & early


def _of_kind(made: Expr, kind: str, held: pd.DataFrame) -> pd.DataFrame:
    named = made.filter(made[KINDS[kind]].notnull()).mutate(unit_id=made[KINDS[kind]])
    sums = named.group_by("unit_id", "month").aggregate(
        visits=named.count(),
        effective_visits=named.count(where=named.objective_met),
        complete_records=named.count(where=named.full),
        timed=named.count(where=named.timed),
        on_time_entry=named.count(where=named.punctual),
        coverage=named.customer_id.nunique(),
    )
    found = sums.order_by("unit_id", "month").execute().merge(held, on="unit_id", how="left")
    below = {"effective_visits": "visits", "complete_records": "visits", "on_time_entry": "timed",
             "coverage": "held"}  # fmt: skip
    parts = [
        found.assign(figure=name, numerator=found[name], denominator=found[under])
        for name, under in below.items()
    ]
    both = pd.concat(parts, ignore_index=True).assign(kind=kind)
    typed = both.assign(month=pd.to_datetime(both.month))
    return typed.astype({"numerator": "float64", "denominator": "float64"})


def _held(tables: Tables, as_of: dt.date, kind: str) -> pd.DataFrame:
    """Return how many customers each unit answers for: unit_id, held; missing where unknown."""
    if kind == "region":
        rows = master(tables, "customers", as_of)
        rows = rows.mutate(unit_id=rows.region_id)
    else:
        held = known(tables, "territories", as_of)
        held = held.filter(held.to_on.isnull())
        reps = master(tables, "reps", as_of).select("rep_id", "manager_id")
        rows = held.inner_join(reps, "rep_id")
        rows = rows.mutate(unit_id=rows[KINDS[kind]])
    counted = rows.filter(rows.unit_id.notnull())
    sums = counted.group_by("unit_id").aggregate(held=counted.customer_id.nunique())
    return sums.order_by("unit_id").execute()
