"""On which dates? A month's visits by weekday laid out over the caller's days."""

from __future__ import annotations

import numpy as np
import pandas as pd

DATED = ("rep_id", "date", "customer_id")


def dated_visits(visits: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each planned visit: ``DATED``, sorted; no customer twice on a day.

    ``visits`` [rep_id, customer_id, weekday, visits], ``days`` [rep_id, date]. Visits wrap around
    the dates of their weekday, every other week first: no date gets more than its share of the
    weekday's calls, and a customer's visits lie a fortnight apart where they can.
    """
    dates = pd.to_datetime(days.date)
    open_days = {
        key: _every_other_first(sorted(group))
        for key, group in dates.groupby([days.rep_id, dates.dt.day_of_week.astype("int64")])
    }
    rows = []
    often = visits.sort_values(["visits", "customer_id"], ascending=[False, True])
    for (rep, weekday), group in often.groupby(["rep_id", "weekday"]):
        then = open_days[(rep, weekday)]
        called = np.repeat(group.customer_id, group.visits).tolist()
        rows += [(rep, then[place % len(then)], one) for place, one in enumerate(called)]
    return pd.DataFrame(rows, columns=list(DATED)).sort_values(list(DATED), ignore_index=True)


def _every_other_first(dates: list[pd.Timestamp]) -> list[pd.Timestamp]:
    return dates[::2] + dates[1::2]
