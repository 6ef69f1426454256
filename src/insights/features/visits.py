"""The field force as known on a day: visits made, plans, who covers whom, days to call on."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.approved_tiers import approved_tiers, tier_written
from insights.features.known import known, master, one_a_key
from insights.features.reception import reception_days, reception_of
from insights.features.working_days import working_days
from insights.tables import CANONICAL, Tables
from insights.words import _

DONE = ("submitted", "saved")
PERSONAL = ("contact_id",)  # who was met stays out of every analysis of calls
ACCOUNT = (
    "name", "region_id", "customer_type", "tier", "potential", "influence", "relationship_stage",
    "reception", "longitude", "latitude",
)  # fmt: skip
OWNED = ("customer_id", "rep_id", "from_on", "line_type", "product_line", *ACCOUNT, "tier_decided")

__all__ = [
    "coverage_of",
    "field_customers",
    "plans_of",
    "reception_days",
    "reception_of",
    "rep_days",
    "staff",
    "territory_runs",
    "unknown_years",
    "visits_done",
    "visits_known",
    "workdays",
]


def visits_done(tables: Tables, as_of: dt.date) -> Expr:
    """Return the visits made and recorded by the end of as_of, one row a visit_id.

    A visit is made when it is submitted, or saved, and dated on or before as_of; where the source
    keeps no status, every dated visit is. One that was entered after as_of was not yet known.
    Every column of the table but contact_id. (Veeva real-time cycle plans: actual.)
    """
    rows = visits_known(tables, as_of)
    return rows.filter(rows.done).drop("done")


def visits_known(tables: Tables, as_of: dt.date) -> Expr:
    """Return made visits and those that were planned for a day up to as_of, ``done`` telling."""
    rows = known(tables, "visits", as_of).drop(*PERSONAL)
    end = ibis.literal(dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time()))
    entered = rows.entered_at.isnull() | (rows.entered_at < end)
    one = one_a_key(rows.filter(rows.visited_on.notnull() & entered), "visit_id")
    return one.mutate(done=one.status.isnull() | one.status.isin(DONE))


def plans_of(tables: Tables, first: dt.date, last: dt.date) -> Expr:
    """Return the call plans of the months whose first day lies in first..last, one row a key."""
    rows = tables["call_plans"]
    inside = rows.filter((rows.period >= first) & (rows.period <= last))
    return one_a_key(inside, *CANONICAL["call_plans"].key)


def staff(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Who works in the field on as_of? Indexed by rep_id: region_id, line, hired_on, left_on."""
    rows = master(tables, "reps", as_of).drop("manager_id").order_by("rep_id").execute()
    return rows.astype({"hired_on": "datetime64[s]", "left_on": "datetime64[s]"}).set_index(
        "rep_id"
    )


def territory_runs(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Who covered whom from when to when, as known on as_of? to_on is missing while open.

    A run ends with its rep's last day, whatever its own to_on says.
    """
    rows = known(tables, "territories", as_of).distinct()
    runs = rows.order_by("customer_id", "rep_id", "from_on", "to_on").execute()
    runs = runs.astype({"from_on": "datetime64[s]", "to_on": "datetime64[s]"})
    left = staff(tables, as_of).left_on.reindex(runs.rep_id).set_axis(runs.index)
    return runs.assign(to_on=pd.concat([runs.to_on, left], axis=1).min(axis=1))


def field_customers(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Who may be called on? Every customer of the master, with the tier that holds on as_of.

    Indexed by customer_id: columns of ``ACCOUNT`` and tier_decided, true where a decision of kind
    "tier" in force stands above the master's tier.
    """
    columns = ["customer_id", *ACCOUNT]
    rows = master(tables, "customers", as_of).select(*columns).order_by("customer_id").execute()
    rows = rows.set_index("customer_id").astype({"potential": "float64"})
    decisions = known(tables, "decisions", as_of).execute()
    decided = approved_tiers(decisions, rows.index, as_of).tiers.tier.reindex(rows.index)
    tier = rows.tier.map(tier_written).astype("str")
    return rows.assign(tier=decided.fillna(tier), tier_decided=decided.notna())


def coverage_of(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Who covers whom on as_of? A row for each customer and rep, sorted by both.

    Territories that are open on as_of and whose rep still works. Columns of ``OWNED``; region_id,
    tier, potential and the rest are the customer's (``field_customers``).
    """
    runs = territory_runs(tables, as_of)
    day = pd.Timestamp(as_of)
    held = runs[runs.to_on.isna() | (runs.to_on >= day)]
    held = held.sort_values("from_on").drop_duplicates(["customer_id", "rep_id"], keep="last")
    if held.empty:
        return held.reindex(columns=list(OWNED))
    people = staff(tables, as_of)[["line_type", "product_line", "left_on"]]
    rows = held.join(people, on="rep_id").join(field_customers(tables, as_of), on="customer_id")
    here = rows[(rows.left_on.isna() | (rows.left_on >= day)) & rows.region_id.notna()]
    return here.sort_values(["customer_id", "rep_id"], ignore_index=True)[list(OWNED)]


def workdays(tables: Tables, first: dt.date, last: dt.date) -> pd.DatetimeIndex:
    """Which days of first..last are worked? Make-up workdays included.

    Where neither the table calendar nor the State Council's knows a day, Monday to Friday are
    taken (``unknown_years`` says so).
    """
    days = pd.date_range(first, last)
    if not len(days):
        return days
    worked = working_days(tables, days, days).working_days.to_numpy()
    usual = np.where(np.isnan(worked), days.day_of_week < 5, worked > 0)
    return days[usual.astype(bool)]


def unknown_years(tables: Tables, first: dt.date, last: dt.date) -> tuple[str, ...]:
    """Say for which days of first..last no calendar is known, so that Monday to Friday is taken."""
    days = pd.date_range(first, last)
    if not len(days):
        return ()
    missing = days[working_days(tables, days, days).working_days.isna().to_numpy()]
    told = _("no calendar for {year}: Monday to Friday are taken as working days, holidays not")
    years = sorted(set(missing.year))
    known_to = max(chinese_calendar.holidays).year
    more = _(" (published up to {year})").format(year=known_to) if years else ""
    return tuple(told.format(year=year) + more for year in years)


def rep_days(tables: Tables, first: dt.date, last: dt.date, as_of: dt.date) -> pd.DataFrame:
    """On which days of first..last can each rep call? rep_id, date, sorted by both.

    Working days between hiring and leaving, less absences. Leave is announced ahead, and the table
    says not when: leave that begins after as_of counts as well.
    """
    days = pd.DataFrame({"date": workdays(tables, first, last).astype("datetime64[s]")})
    people = staff(tables, as_of)[["hired_on", "left_on"]].reset_index()
    rows = people.merge(days, how="cross")
    there = (rows.hired_on.isna() | (rows.date >= rows.hired_on)) & (
        rows.left_on.isna() | (rows.date <= rows.left_on)
    )
    rows = rows.loc[there, ["rep_id", "date"]]
    away = _away(tables, first, last)
    free = rows.merge(away, on=["rep_id", "date"], how="left", indicator=True)
    kept = free.loc[free._merge == "left_only", ["rep_id", "date"]]
    return kept.sort_values(["rep_id", "date"], ignore_index=True)


def _away(tables: Tables, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Return rep_id and date of every day of absence in first..last, each once."""
    rows = tables["absences"]
    inside = rows.filter((rows.to_on >= first) & (rows.from_on <= last))
    spans = inside.select("rep_id", "from_on", "to_on").distinct().execute()
    begin = pd.to_datetime(spans.from_on).clip(lower=pd.Timestamp(first))
    end = pd.to_datetime(spans.to_on).clip(upper=pd.Timestamp(last))
    days = [pd.date_range(low, high) for low, high in zip(begin, end, strict=True)]
    each = pd.DataFrame({"rep_id": spans.rep_id, "date": days}).explode("date")
    return each.dropna().astype({"date": "datetime64[s]"}).drop_duplicates()
