"""What the field force did in each month: calls, records and reach, by region, team and person."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.known import known, master
from insights.features.visit_records import NEED_FIELDS, entered_in_time, filled_share
from insights.features.visits import visits_done
from insights.tables import Tables

FIGURES = ("kind", "unit_id", "figure", "month", "numerator", "denominator")
KINDS = {"region": "region_id", "team": "manager_id", "rep": "rep_id"}
BELOW = {"effective_visits": "visits", "complete_records": "recorded", "on_time_entry": "timed",
         "coverage": "held"}  # fmt: skip


def field_figures(tables: Tables, as_of: dt.date, since: dt.date) -> pd.DataFrame:
    """How well did each region, team and representative call in each month from ``since`` on?

    Columns FIGURES, a ratio each: effective_visits (objective met over visits made; one without an
    objective is not effective), complete_records (every one of the four items of a visit's record
    that the source has filled in, over visits made), on_time_entry (entered by 19:00 of the day,
    over visits with a time of entry), coverage (customers visited over customers: the region's, or
    those held). Visits and records are those that the review of calls counts. A team is everybody
    of one manager. Empty without visits.
    """
    if tables.gap("visits") is not None:
        return pd.DataFrame(columns=list(FIGURES))
    made = _made(tables, as_of, since)
    parts = [_of_kind(made, kind, _held(tables, as_of, kind)) for kind in KINDS]
    return pd.concat(parts, ignore_index=True).loc[:, list(FIGURES)]


def _made(tables: Tables, as_of: dt.date, since: dt.date) -> pd.DataFrame:
    """Return a row a visit made: whose and where it was, its month, what its record holds."""
    rows = visits_done(tables, as_of)
    asked = rows.filter(rows.visited_on >= since).select(
        "visit_id", "rep_id", "customer_id", "visited_on", "entered_at", "objective_met",
        *NEED_FIELDS,
    )  # fmt: skip
    reps = master(tables, "reps", as_of).select("rep_id", "manager_id")
    homes = master(tables, "customers", as_of).select("customer_id", "region_id")
    joined = asked.left_join(reps, "rep_id").drop("rep_id_right")
    joined = joined.left_join(homes, "customer_id").drop("customer_id_right")
    frame = joined.order_by("visit_id").execute().astype({"visited_on": "datetime64[s]"})
    share = filled_share(frame, [one for one in NEED_FIELDS if tables.gap("visits", one) is None])
    return frame.assign(
        month=frame.visited_on.dt.to_period("M").dt.to_timestamp(),
        met=frame.objective_met.eq(True).fillna(False).astype("float64"),
        full=(share == 1).astype("float64").where(share.notna()),
        punctual=entered_in_time(frame),
    )


def _of_kind(made: pd.DataFrame, kind: str, held: pd.DataFrame) -> pd.DataFrame:
    named = made.rename(columns={KINDS[kind]: "unit_id"}).dropna(subset="unit_id")
    sums = named.groupby(["unit_id", "month"]).agg(
        visits=("visit_id", "size"), effective_visits=("met", "sum"),
        complete_records=("full", "sum"), recorded=("full", "count"), timed=("punctual", "count"),
        on_time_entry=("punctual", "sum"), coverage=("customer_id", "nunique"),
    )  # fmt: skip
    found = sums.reset_index().merge(held, on="unit_id", how="left")
    parts = [
        found.assign(figure=name, numerator=found[name], denominator=found[under])
        for name, under in BELOW.items()
    ]
    both = pd.concat(parts, ignore_index=True).assign(kind=kind)
    return both.astype({"numerator": "float64", "denominator": "float64"})


def _held(tables: Tables, as_of: dt.date, kind: str) -> pd.DataFrame:
    """Return how many customers each unit answers for: unit_id, held; missing where unknown."""
    if kind == "region":
        rows = master(tables, "customers", as_of)
        rows = rows.mutate(unit_id=rows.region_id)
    else:
        held = known(tables, "territories", as_of)
        held = held.filter(held.to_on.isnull() | (held.to_on >= as_of))
        reps = master(tables, "reps", as_of).select("rep_id", "manager_id")
        rows = held.inner_join(reps, "rep_id")
        rows = rows.mutate(unit_id=rows[KINDS[kind]])
    counted = rows.filter(rows.unit_id.notnull())
    sums = counted.group_by("unit_id").aggregate(held=counted.customer_id.nunique())
    return sums.order_by("unit_id").execute()
