"""The rule of thumb that the optimum must beat: cut every goal by the same share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.calls.planning.solve import Room, Solved, best_visits
from insights.calls.planning.worth import Response


def proportional_visits(
    pairs: pd.DataFrame, room: Room, approvals: pd.DataFrame, response: Response
) -> Solved:
    """Return the visits when each rep's goals are scaled to its calls, by largest remainder.

    No customer above its maximum; approved visits stand. The rule cannot tell weekdays or shared
    customers: where its visits do not fit, the best of them are taken, in its favour.
    """
    pinned = pairs.index.isin(approvals.pair)
    most = pd.Series(0, pairs.index, dtype="int64")
    for caller, own in pairs[~pinned].groupby("caller_id"):
        taken = _approved_of(pairs[pinned & (pairs.caller_id == caller)], approvals)
        calls = max(int(room.totals.get(caller, 0)) - taken, 0)
        most.update(scaled(own.goal, own.maximum, calls))
    most[pinned] = pairs.maximum[pinned]
    return best_visits(pairs.assign(maximum=most), room, approvals, response)


def scaled(goal: pd.Series, maximum: pd.Series, calls: int) -> pd.Series:
    """Return whole visits in proportion to ``goal``, none above ``maximum``, ``calls`` at most.

    What a customer at its maximum cannot take goes to the others; then the largest remainders.
    """
    given = pd.Series(0, goal.index, dtype="int64")
    free = (goal > 0) & (maximum > 0)
    while free.any() and (left := calls - int(given.sum())) > 0:
        share = goal[free] * left / goal[free].sum()
        full = share >= maximum[free]
        if not full.any():
            given[free] = _rounded(share, left)
            break
        given[full.index[full]] = maximum[full.index[full]]
        free = free & (given == 0)
    return given


def _rounded(share: pd.Series, calls: int) -> pd.Series:
    whole = np.floor(share + 1e-9).astype("int64")
    first = (whole - share).sort_values(kind="stable").index[: calls - int(whole.sum())]
    whole[first] += 1
    return whole


def _approved_of(pinned: pd.DataFrame, approvals: pd.DataFrame) -> int:
    """Return the approved visits that fall to one caller: an equal part of those it shares."""
    each = approvals.visits / approvals.groupby("approval").pair.transform("size")
    return int(np.ceil(each[approvals.pair.isin(pinned.index)].sum()))
