"""What is dropped when capacity falls short, and why?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.calls.planning.solve import Room
from insights.calls.planning.worth import Response

REASONS = ("approved", "caller_away", "reception", "customer_maximum", "capacity")
DROPPED = (
    "region_id", "rep_id", "customer_id", "tier", "goal", "planned", "missing", "lost", "reason",
)  # fmt: skip


def dropped_visits(pairs: pd.DataFrame, room: Room, response: Response) -> pd.DataFrame:
    """Return the customers planned below the policy's least, what that loses, and why.

    ``pairs`` with planned and approved. Columns of ``DROPPED``, the largest loss first: lost, CNY a
    month of the customer's worth that the goal would have reached; reason, one of ``REASONS``.
    """
    rows = pairs.assign(
        rep_id=pairs.caller_id,
        missing=pairs.goal - pairs.planned,
        lost=response.of(pairs.goal, pairs) - response.of(pairs.planned, pairs),
        reason=_reasons(pairs, room),
    )
    short = rows[rows.missing > 0].sort_values(
        ["lost", "rep_id", "customer_id"], ascending=[False, True, True]
    )
    return short.reset_index(drop=True)[list(DROPPED)]


def _reasons(pairs: pd.DataFrame, room: Room) -> pd.Series:
    customer = pairs.groupby("customer_id").planned.transform("sum") >= pairs.ceiling
    choices = [
        pairs.approved,
        ~pairs.caller_id.isin(room.totals[room.totals > 0].index),
        open_days(pairs, room) < pairs.goal,
        customer,
    ]
    found = np.select([np.asarray(one, dtype=bool) for one in choices], REASONS[:-1], REASONS[-1])
    return pd.Series(found, pairs.index)


def open_days(pairs: pd.DataFrame, room: Room) -> pd.Series:
    """Return on how many of its caller's days each customer receives."""
    days = {key: own.set_index("weekday").days for key, own in room.weekdays.groupby("caller_id")}
    none = pd.Series(dtype="int64")
    found = []
    for caller, received in zip(pairs.caller_id, pairs.weekdays, strict=True):
        own = days.get(caller, none)
        found.append(int((own if received is None else own[own.index.isin(received)]).sum()))
    return pd.Series(found, pairs.index, dtype="int64")
