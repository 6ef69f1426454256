"""The control of calls on a day: every frame of it, computed from what was known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from insights.calls.control.accounts import account_rows
from insights.calls.control.adherence import pace
from insights.calls.control.attainment import faulty_goals, plan_rows
from insights.calls.control.capacity import rep_records, rep_rows
from insights.calls.control.fieldwork import Fieldwork, months_back
from insights.calls.control.first_visits import first_visits, names_proposals
from insights.calls.control.records import record_rows
from insights.calls.control.stalled import open_needs, stalled_customers, stalled_pairs
from insights.calls.control.weekly import core_weeks
from insights.features.visits import DONE
from insights.params import CallsParams


@dataclass(frozen=True)
class Control:
    """What became of the plans: a frame a question.

    ``accounts`` is indexed by customer_id, ``reps`` by rep_id; ``plans`` has a row a plan of the
    months looked at, ``off_plan`` a row a visit without one, ``pace`` a row a grain, period, region
    and rep, ``weeks`` a row a core customer and week, ``records`` a row a visit of the window,
    ``faulty`` the plans that ask for nothing. ``uncounted``: visits of the company whose status is
    neither planned nor made; ``proposals_named``: some record names a proposal.
    """

    accounts: pd.DataFrame
    reps: pd.DataFrame
    plans: pd.DataFrame
    off_plan: pd.DataFrame
    pace: pd.DataFrame
    weeks: pd.DataFrame
    records: pd.DataFrame
    firsts: pd.DataFrame
    needs: pd.DataFrame
    stalled: pd.DataFrame
    faulty: pd.DataFrame
    uncounted: int = 0
    proposals_named: bool = False


def control_calls(work: Fieldwork, present: Sequence[str], params: CallsParams) -> Control:
    """Were the planned calls made, on whom, and what did they leave? ``present``: columns kept."""
    done, day = work.done, work.as_of
    start = months_back(work.month, params.trend_months - 1)
    plans, off_plan = plan_rows(
        work.plans[work.plans.period >= start], done[done.visited_on >= start], work.runs,
        work.people, work.customers,
    )  # fmt: skip
    accounts = account_rows(work.customers, work.coverage, done, work.last_visits, plans,
                            work.ahead, work.month, day, work.begins, params)  # fmt: skip
    records = record_rows(done[done.visited_on >= work.since(params.window_days)], accounts,
                          present, params)  # fmt: skip
    lately = done[done.visited_on >= work.since(params.stalled_days)]
    reps = rep_rows(work.people, work.free_days, work.worked, done, plans, work.coverage,
                    work.month, day, params)  # fmt: skip
    return Control(
        accounts=accounts, plans=plans, records=records,
        reps=rep_records(reps, records, stalled_pairs(lately, work.needs, params), params),
        off_plan=_off_plan(off_plan, accounts),
        pace=pace(work.visits, accounts.region_id, start, day),
        weeks=core_weeks(accounts, done, work.worked, day, work.begins, params),
        firsts=first_visits(done, work.last_visits.first_on, accounts, work.worked, day,
                            work.begins, params),
        needs=open_needs(work.needs, done, accounts, day, params.need_days),
        stalled=stalled_customers(lately, work.needs, accounts, params),
        faulty=_homed(faulty_goals(work.plans[work.plans.period >= start]), accounts),
        uncounted=_uncounted(work.visits),
        proposals_named=names_proposals(done, params.proposal_words),
    )  # fmt: skip


def _off_plan(visits: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    columns = ["visit_id", "period", "rep_id", "customer_id", "visit_type", "visited_on"]
    return _homed(visits[columns], accounts).sort_values("visit_id", ignore_index=True)


def _homed(rows: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(region_id=rows.customer_id.map(accounts.region_id))


def _uncounted(visits: pd.DataFrame) -> int:
    other = visits.status.notna() & ~visits.status.isin(["planned", *DONE])
    return int(other.sum())
