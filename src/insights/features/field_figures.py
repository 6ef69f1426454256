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
BELOW = {"effective_visits": "visits", "complete_records": "recorded", "on_time_entry": "timed"}


def field_figures(tables: Tables, as_of: dt.date, since: dt.date) -> pd.DataFrame:
    """How well did each region, team and representative call in each month from ``since`` on?

    Columns FIGURES, a ratio each: effective_visits (objective met over visits made; one without an
    objective is not effective), complete_records (every one of the four items of a visit's record
    that the source has filled in, over visits made), on_time_entry (entered by 19:00 of the day,
    over visits with a time of entry), coverage (of the region's customers, or of those held in
    that month, how many were visited: nobody else counts). Visits and records are those that the
    review of calls counts. A team is everybody of one manager. Empty without visits.
    """
    if tables.gap("visits") is not None:
        return pd.DataFrame(columns=list(FIGURES))
    made = _made(tables, as_of, since)
    held = _held(tables, as_of)
    parts = [
        rows.assign(kind=kind)
        for kind in KINDS
        for rows in (_records(made, kind), _coverage(made, kind, held[kind]))
    ]
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


def _records(made: pd.DataFrame, kind: str) -> pd.DataFrame:
    named = made.rename(columns={KINDS[kind]: "unit_id"}).dropna(subset="unit_id")
    sums = named.groupby(["unit_id", "month"]).agg(
        visits=("visit_id", "size"), effective_visits=("met", "sum"),
        complete_records=("full", "sum"), recorded=("full", "count"), timed=("punctual", "count"),
        on_time_entry=("punctual", "sum"),
    )  # fmt: skip
    found = sums.reset_index()
    parts = [
        found.assign(figure=name, numerator=found[name], denominator=found[under])
        for name, under in BELOW.items()
    ]
    both = pd.concat(parts, ignore_index=True)
    return both.astype({"numerator": "float64", "denominator": "float64"})


def _coverage(made: pd.DataFrame, kind: str, held: pd.DataFrame) -> pd.DataFrame:
    """Return of the customers held in each month that saw any visit how many were visited."""
    keys = ["unit_id", "customer_id", "month"]
    months = made[["month"]].drop_duplicates()
    ends = months.month + pd.offsets.MonthEnd(0)
    asked = held.merge(months.assign(end=ends), how="cross")
    inside = (asked.from_on <= asked.end) & ~(asked.to_on < asked.month)
    mine = asked.loc[inside, keys].drop_duplicates()
    seen = made.rename(columns={KINDS[kind]: "unit_id"})[keys].drop_duplicates()
    both = mine.merge(seen.assign(seen=1.0), on=keys, how="left")
    sums = both.groupby(["unit_id", "month"]).agg(numerator=("seen", "sum"),
                                                  denominator=("customer_id", "size"))  # fmt: skip
    return sums.astype("float64").reset_index().assign(figure="coverage")


def _held(tables: Tables, as_of: dt.date) -> dict[str, pd.DataFrame]:
    """Return by kind whom each unit answers for, and when: unit_id, customer_id, from_on, to_on."""
    rows = master(tables, "customers", as_of)
    homes = rows.select("customer_id", "region_id").order_by("customer_id").execute()
    terms = known(tables, "territories", as_of)
    reps = master(tables, "reps", as_of).select("rep_id", "manager_id")
    joined = terms.inner_join(reps, "rep_id")
    people = joined.select("rep_id", "manager_id", "customer_id", "from_on", "to_on").execute()
    people = people.astype({"from_on": "datetime64[s]", "to_on": "datetime64[s]"})
    always = homes.assign(from_on=pd.Timestamp.min, to_on=pd.NaT)
    both = {"region": always, "team": people, "rep": people}
    names = ["unit_id", "customer_id", "from_on", "to_on"]
    return {
        kind: both[kind].rename(columns={column: "unit_id"})[names].dropna(subset="unit_id")
        for kind, column in KINDS.items()
    }
