"""How many calls can each rep make next month, on which weekdays?"""

from __future__ import annotations

import math

import pandas as pd

from insights.calls.planning.solve import Room

WEEKDAYS = ("caller_id", "weekday", "days", "calls")


def room_of(days: pd.DataFrame, calls_per_day: float, planned_share: float) -> Room:
    """Return the calls of each caller: by weekday all of them, in total the share to be planned.

    ``days`` [caller_id, date] holds each day on which the caller works, once.
    """
    counted = days.assign(weekday=pd.to_datetime(days.date).dt.day_of_week.astype("int64"))
    weekdays = counted.groupby(["caller_id", "weekday"], as_index=False).size()
    weekdays = weekdays.rename(columns={"size": "days"})
    weekdays["calls"] = [math.floor(calls_per_day * n + 1e-9) for n in weekdays.days]
    totals = [
        math.floor(calls_per_day * n * planned_share + 1e-9)
        for n in days.groupby("caller_id").size()
    ]
    index = pd.Index(sorted(days.caller_id.unique()), name="caller_id")
    return Room(weekdays[list(WEEKDAYS)], pd.Series(totals, index, dtype="int64"))


def shared_room(room: Room, caller: pd.Series, share: pd.Series) -> Room:
    """Return the room of callers put together: ``caller`` names each one's new caller.

    ``share`` multiplies each new caller's calls (three reps who become five: 5 / 3).
    """
    rows = room.weekdays.assign(caller_id=room.weekdays.caller_id.map(caller))
    group = rows.groupby(["caller_id", "weekday"], as_index=False)
    weekdays = group.agg(days=("days", "max"), calls=("calls", "sum"))
    factor = weekdays.caller_id.map(share)
    weekdays["calls"] = (weekdays.calls * factor + 1e-9).astype("int64")
    totals = room.totals.groupby(caller.reindex(room.totals.index).to_numpy()).sum()
    totals = (totals * share.reindex(totals.index) + 1e-9).astype("int64")
    return Room(weekdays[list(WEEKDAYS)], totals.rename_axis("caller_id"))
