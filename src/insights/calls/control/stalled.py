"""Many visits and nothing moves: which customers, and which needs stay open?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insights.params import CallsParams

STALLED = (
    "customer_id", "region_id", "tier", "rep_id", "visits", "met", "better", "needs_closed",
    "buys_more", "stalled", "value",
)  # fmt: skip
PAIRS = ("rep_id", "customer_id", "visits", "met", "better", "needs_closed", "stalled")


def stalled_customers(
    visits: pd.DataFrame, needs: pd.DataFrame, accounts: pd.DataFrame, params: CallsParams
) -> pd.DataFrame:
    """Which customers were visited often in ``stalled_days``, and did anything change?

    ``visits``: those of the window. A row a customer with at least ``stalled_visits``: met, visits
    that met their objective; better, the last assessment above the first (``assessment_levels``);
    needs_closed; buys_more, purchases above those of the same days a year before. stalled: none of
    them. The stage of the relationship tells no change: the master keeps today's alone.
    """
    rows = _often(visits, ["customer_id"], params)
    closed = _closed(visits, needs)
    here = rows.join(accounts[["region_id", "tier", "rep_id", "value", "bought", "bought_before"]],
                     on="customer_id")  # fmt: skip
    more = here.bought.fillna(0.0) > here.bought_before.fillna(0.0)
    found = here.assign(
        needs_closed=here.customer_id.map(closed).fillna(0).astype("int64"), buys_more=more
    )
    nothing = (found.met == 0) & ~found.better & (found.needs_closed == 0) & ~more & _told(visits)
    return found.assign(stalled=nothing)[list(STALLED)]


def stalled_pairs(visits: pd.DataFrame, needs: pd.DataFrame, params: CallsParams) -> pd.DataFrame:
    """Which rep visits which customer often without moving anything? Rows of ``PAIRS``.

    As ``stalled_customers``, by the rep's own visits and records; what customers buy is left out:
    drug representatives are not judged by sales.
    """
    rows = _often(visits, ["rep_id", "customer_id"], params)
    closed = rows.customer_id.map(_closed(visits, needs)).fillna(0).astype("int64")
    found = rows.assign(needs_closed=closed)
    nothing = (found.met == 0) & ~found.better & (found.needs_closed == 0) & _told(visits)
    return found.assign(stalled=nothing)[list(PAIRS)]


def _told(visits: pd.DataFrame) -> bool:
    """Say whether any record says if an aim was met: where none does, nobody stands still."""
    return bool(visits.objective_met.notna().any())


def _often(visits: pd.DataFrame, keys: list[str], params: CallsParams) -> pd.DataFrame:
    """Return visits, met and better of each of ``keys`` visited often enough."""
    ordered = visits.sort_values(["visited_on", "starts_at", "visit_id"])
    level = ordered.assign(
        level=_levels(ordered.assessment, params.assessment_levels),
        met=ordered.objective_met.eq(True).fillna(False).astype("int64"),
    )
    grouped = level.groupby(keys, sort=True)
    sums = grouped.agg(
        visits=("visit_id", "size"), met=("met", "sum"),
        first=("level", "first"), last=("level", "last"),
    )  # fmt: skip
    sums = sums.assign(better=sums["last"] > sums["first"])
    often = sums[sums.visits >= params.stalled_visits]
    return often[["visits", "met", "better"]].reset_index()


def _levels(assessment: pd.Series, order: Sequence[str]) -> pd.Series:
    return assessment.str.strip().map({word: place for place, word in enumerate(order)})


def _closed(visits: pd.DataFrame, needs: pd.DataFrame) -> pd.Series:
    """Return how many needs of each customer were closed since the first visit of the window."""
    since = visits.visited_on.min()
    return needs[needs.closed_on >= since].groupby("customer_id").size()


def open_needs(
    needs: pd.DataFrame, visits: pd.DataFrame, accounts: pd.DataFrame, as_of: pd.Timestamp,
    need_days: int,
) -> pd.DataFrame:  # fmt: skip
    """Which needs are open on as_of, how old (``old``: past need_days), visited how often since?

    ``visits``: of as far back as they are read; one on the day of opening is not counted.
    """
    still = needs[needs.closed_on.isna()]
    rows = still.join(accounts[["region_id", "tier", "rep_id", "name"]], on="customer_id")
    made = rows[["need_id", "customer_id", "opened_on"]].merge(
        visits[["customer_id", "visited_on"]], on="customer_id"
    )
    since = made[made.visited_on > made.opened_on].groupby("need_id").size()
    aged = rows.assign(
        age_days=(as_of - rows.opened_on).dt.days.astype("int64"),
        visits_since=rows.need_id.map(since).fillna(0).astype("int64"),
        old=(as_of - rows.opened_on).dt.days > need_days,
    )
    columns = ["need_id", "customer_id", "name", "region_id", "tier", "rep_id", "topic",
               "opened_on", "age_days", "old", "visits_since"]  # fmt: skip
    order = aged.sort_values(["age_days", "need_id"], ascending=[False, True])
    return order[columns].reset_index(drop=True)
