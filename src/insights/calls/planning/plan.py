"""How often should each rep see each of its customers next month?"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from insights.calls.planning.approved import approved_visits
from insights.calls.planning.dates import dated_visits
from insights.calls.planning.demand import wanted_visits
from insights.calls.planning.proportional import proportional_visits
from insights.calls.planning.result import CallPlan, no_plan
from insights.calls.planning.room import room_of
from insights.calls.planning.rows import call_plan_rows, first_visits, open_topics, purposes
from insights.calls.planning.shortfall import dropped_visits
from insights.calls.planning.solve import Room, Solved, best_visits
from insights.calls.planning.staffing import staffing_table
from insights.calls.planning.worth import Response
from insights.features.visits import rep_days, staff, unknown_years, visits_done
from insights.params import CallsParams
from insights.tables import Tables, as_date
from insights.words import _, listing

DEFAULTS = CallsParams()
RECENT, DAYS_A_MONTH = 91, 365.25 / 12
REPS = (
    "region_id", "rep_id", "customers", "days", "calls", "goal", "planned", "use", "made_lately",
)  # fmt: skip
VISITS = (
    "region_id", "rep_id", "customer_id", "tier", "goal", "maximum", "planned", "approved",
    "proportional", "value", "covered", "covered_proportional", "covered_goal",
)  # fmt: skip


def plan_calls(
    tables: Tables, as_of: dt.date | str | pd.Timestamp, params: CallsParams = DEFAULTS
) -> CallPlan:
    """Plan the visits of the month after as_of: how many, on which days, and what falls short.

    Maximises the customers' worth that visits reach (see ``worth``) within each rep's working days
    less absences, its calls a day, the customers' reception days, the most visits a customer is to
    get, and the approved parts (``decisions`` of kind "call_plan"), which come first. Compared with
    the rule that cuts every goal by the same share, under the same bounds.
    """
    day = as_date(as_of)
    first, last = month_after(day)
    pairs, notes = wanted_visits(tables, day, params)
    if pairs.empty:
        why = _("no rep covers a customer on {day}").format(day=day)
        return no_plan(why, tables.regions, day, first, params)
    days = rep_days(tables, first, last, day)
    approvals, asked, told = bound_approvals(pairs, *approved_visits(tables, day, first))
    told = (*notes, *unknown_years(tables, first, last), *told)
    return _planned(tables, day, params, _bounded(pairs, approvals), days, approvals, asked, told)


def _planned(
    tables: Tables, day: dt.date, params: CallsParams, pairs: pd.DataFrame, days: pd.DataFrame,
    approvals: pd.DataFrame, asked: pd.DataFrame, notes: tuple[str, ...],
) -> CallPlan:  # fmt: skip
    month, home = month_after(day)[0], staff(tables, day)[["region_id", "line_type"]]
    room = room_of(days.rename(columns={"rep_id": "caller_id"}), params.calls_per_day,
                   params.planned_share)  # fmt: skip
    response = Response(params.repeat_worth, params.beyond_goal_worth)
    solved = best_visits(pairs, room, approvals, response)
    rule = proportional_visits(pairs, room, approvals, response)
    visits = compared(pairs, solved, rule, response)
    slots = solved.visits.join(pairs[["caller_id", "customer_id"]], on="pair")
    return CallPlan(
        visits=visits[list(VISITS)],
        days=dated_visits(slots.rename(columns={"caller_id": "rep_id"}), days),
        reps=rep_table(visits, room, days, home, made_lately(tables, day)),
        dropped=dropped_visits(visits, room, response),
        staffing=staffing_table(
            pairs, room, approvals, home, params.more_or_fewer_reps, response
        ),
        approvals=asked.assign(short=asked.decision_id.map(solved.short).fillna(0).astype("int64")),
        rows=call_plan_rows(
            visits, month, purposes(tables, day), open_topics(tables, day),
            first_visits(tables, day),
        ),
        regions=tables.regions,
        notes=notes, params=params, as_of=day, month=month,
    )  # fmt: skip


def month_after(day: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the month after a day."""
    first = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def bound_approvals(
    pairs: pd.DataFrame, approved: pd.DataFrame, told: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Return which rows of ``pairs`` each approval binds, the approvals that bind any, and notes.

    A subject is a customer, or "rep/customer"; one that nobody covers is told.
    """
    subjects = pd.concat(
        [
            pd.DataFrame({"subject_id": pairs.customer_id, "pair": pairs.index}),
            pd.DataFrame({"subject_id": pairs.rep_id + "/" + pairs.customer_id,
                          "pair": pairs.index}),
        ]
    )  # fmt: skip
    bound = approved.merge(subjects, on="subject_id").rename(columns={"decision_id": "approval"})
    kept = approved.decision_id.isin(bound.approval)
    if not kept.all():
        words = _("approved visits to customers that nobody covers: {who}")
        told = (*told, words.format(who=listing(approved.subject_id[~kept].tolist())))
    return (
        bound[["approval", "pair", "visits"]].sort_values(["approval", "pair"], ignore_index=True),
        approved[kept].reset_index(drop=True),
        told,
    )


def _bounded(pairs: pd.DataFrame, approvals: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs as the programme reads them: what people approved may pass the policy."""
    most = approvals.groupby("pair").visits.max().reindex(pairs.index, fill_value=0)
    maximum = np.maximum(pairs.maximum, most)
    each = approvals.drop_duplicates("approval").assign(
        customer=lambda rows: rows.pair.map(pairs.customer_id)
    )
    asked = pairs.customer_id.map(each.groupby("customer").visits.sum()).fillna(0).astype("int64")
    return pairs.assign(
        caller_id=pairs.rep_id,
        counted=pairs.maximum,
        maximum=maximum,
        ceiling=np.maximum(pairs.ceiling, asked),
        approved=pairs.index.isin(approvals.pair),
    )


def compared(pairs: pd.DataFrame, solved: Solved, rule: Solved, response: Response) -> pd.DataFrame:
    """Return the pairs with the visits and the worth reached: planned, by the rule, at the goal."""
    planned, rough = solved.per_pair(pairs), rule.per_pair(pairs)
    return pairs.assign(
        planned=planned,
        proportional=rough,
        covered=response.of(planned, pairs),
        covered_proportional=response.of(rough, pairs),
        covered_goal=response.of(pairs.goal, pairs),
    )


def rep_table(
    visits: pd.DataFrame, room: Room, days: pd.DataFrame, home: pd.DataFrame, made: pd.Series
) -> pd.DataFrame:
    """Return each rep's days, calls to be planned, goals, planned visits; no money by rep.

    made_lately: visits a month that the rep made in the last three months.
    """
    rows = visits.groupby("rep_id")[["goal", "planned"]].sum()
    rows["customers"] = visits.groupby("rep_id").size()
    rows["days"] = days.groupby("rep_id").size().reindex(rows.index, fill_value=0)
    rows["calls"] = room.totals.reindex(rows.index, fill_value=0)
    rows["use"] = rows.planned / rows.calls.where(rows.calls > 0)
    rows["region_id"] = home.region_id.reindex(rows.index)
    rows["made_lately"] = made.reindex(rows.index, fill_value=0.0)
    return rows.reset_index()[list(REPS)]


def made_lately(tables: Tables, day: dt.date) -> pd.Series:
    """Return the visits a month that each rep made in the last ``RECENT`` days, by rep_id."""
    rows = visits_done(tables, day)
    recent = rows.filter(rows.visited_on > day - dt.timedelta(days=RECENT))
    counts = recent.group_by("rep_id").agg(visits=recent.count()).execute()
    return counts.set_index("rep_id").visits * DAYS_A_MONTH / RECENT
