"""After a first visit: is there a follow-up within a day, and a proposal within a week?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from insights.params import CallsParams

FIRST = (
    "customer_id", "region_id", "rep_id", "first_on", "followed", "follow_up_due", "proposed",
    "proposal_due",
)  # fmt: skip
SAID_IN = ("objective", "key_points", "our_actions", "next_action")


def first_visits(
    visits: pd.DataFrame, first_on: pd.Series, customers: pd.DataFrame, worked: pd.DatetimeIndex,
    as_of: pd.Timestamp, begins: pd.Timestamp, params: CallsParams,
) -> pd.DataFrame:  # fmt: skip
    """Which customers were visited for the first time, and what followed?

    ``visits``: visits made; ``first_on``: first visit ever, by customer_id. Only first visits of
    the last ``first_visit_days`` before which the records reach back ``first_look_back_days``,
    without which "first" may just mean that the records began. followed: another contact with the
    customer, through whatever channel, within ``follow_up_hours`` of the first (of its start where
    both starts are known, else by whole days). proposed: a record of the customer from the first
    visit to ``proposal_days`` working days later that holds one of ``proposal_words``. Both missing
    while their time (``…_due``, the last day) has not passed and nothing is there yet.
    """
    since = as_of - pd.Timedelta(days=params.first_visit_days - 1)
    known_from = begins + pd.Timedelta(days=params.first_look_back_days)
    opened = first_on[(first_on >= since) & (first_on >= known_from)].rename("first_on")
    rows = visits.merge(opened.rename_axis("customer_id").reset_index(), on="customer_id")
    first = _first(rows)
    due = first.first_on + pd.Timedelta(days=int(np.ceil(params.follow_up_hours / 24)))
    late = _proposal_due(first.first_on, worked, params.proposal_days)
    followed = first.customer_id.isin(_followers(rows, first, params.follow_up_hours))
    named = rows[_names_proposal(rows, params.proposal_words)]
    both = named.merge(first.assign(ends=late)[["customer_id", "ends"]], on="customer_id")
    proposed = first.customer_id.isin(both.customer_id[both.visited_on <= both.ends])
    return first.assign(
        region_id=first.customer_id.map(customers.region_id),
        followed=_settled(followed, due, as_of), follow_up_due=due,
        proposed=_settled(proposed, late, as_of), proposal_due=late,
    )[list(FIRST)].sort_values("customer_id", ignore_index=True)  # fmt: skip


def names_proposals(visits: pd.DataFrame, words: Sequence[str]) -> bool:
    """Does any record ever name a proposal? Where none does, the records cannot tell."""
    return bool(_names_proposal(visits, words).any())


def _first(rows: pd.DataFrame) -> pd.DataFrame:
    made = rows[rows.visited_on == rows.first_on]
    ordered = made.sort_values(["customer_id", "starts_at", "visit_id"])
    return ordered.drop_duplicates("customer_id").reset_index(drop=True)


def _followers(rows: pd.DataFrame, first: pd.DataFrame, hours: int) -> set[str]:
    """Return who was contacted again in time."""
    known = first[["customer_id", "visit_id", "starts_at"]]
    both = rows.merge(known, on="customer_id", suffixes=("", "_first"))
    later = both[both.visit_id != both.visit_id_first]
    gap = (pd.to_datetime(later.starts_at) - pd.to_datetime(later.starts_at_first)) / pd.Timedelta(
        hours=1
    )
    days = (later.visited_on - later.first_on).dt.days
    soon = ((gap > 0) & (gap <= hours)).where(gap.notna(), days <= np.ceil(hours / 24))
    return set(later.customer_id[soon.astype(bool)])


def _names_proposal(rows: pd.DataFrame, words: Sequence[str]) -> pd.Series:
    found = pd.Series(False, index=rows.index)
    for column in SAID_IN:
        text = rows[column].fillna("").astype("str").str.lower()
        for word in words:
            found |= text.str.contains(word.lower(), regex=False)
    return found


def _proposal_due(first_on: pd.Series, worked: pd.DatetimeIndex, days: int) -> pd.Series:
    """Return the day ``days`` working days after; missing past the last working day known."""
    place = worked.searchsorted(first_on.to_numpy(), side="right") + days - 1
    inside = np.minimum(place, max(len(worked) - 1, 0))
    due = pd.Series(worked.to_numpy()[inside] if len(worked) else pd.NaT, index=first_on.index)
    return due.astype("datetime64[s]").where(place < len(worked))


def _settled(happened: pd.Series, due: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    passed = happened | (due < as_of)
    return happened.astype("float64").where(passed)
