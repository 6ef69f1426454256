"""How much of a usual month does a table's last full month hold, for its working days?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from insights.check.months import last_full_month, rows_a_month, usual_months, working_days
from insights.params import GatesParams

NEIGHBOURS = 3  # full months before it that stand in for the year before


@dataclass(frozen=True)
class LastMonth:
    """The last full month: its rows, those of a usual month, and of the month it is held against.

    That is the same month a year earlier (``a_year_before``), else the least of the three before.
    Shares are of rows a working day, so that a month with Spring Festival is no half month.
    """

    month: pd.Timestamp
    rows: int
    usual: float
    compared: pd.Timestamp
    compared_rows: int
    a_year_before: bool
    share_of_usual: float
    share_of_compared: float


def last_month(days: pd.Series, as_of: dt.date, params: GatesParams) -> LastMonth | None:
    """Return the last full month beside its like; None where it cannot be told."""
    month, rows = last_full_month(as_of), rows_a_month(days)
    before = usual_months(rows, month, params.usual_months)
    if before is None or before.median() < params.least_usual_rows:
        return None
    a_day = before / working_days(pd.DatetimeIndex(before.index))
    found = int(rows.get(month, 0))
    own = found / _working(month)
    compared = _compared(rows, found, month, a_day)
    held_against = int(rows.get(compared, 0))
    like = held_against / _working(compared)
    return LastMonth(
        month, found, float(before.median()), compared, held_against,
        compared == _a_year_before(month), own / float(a_day.median()),
        own / like if like else 1.0,
    )  # fmt: skip


def _compared(rows: pd.Series, found: int, month: pd.Timestamp, a_day: pd.Series) -> pd.Timestamp:
    """A month without rows a year earlier is a hole, unless this one has none either."""
    earlier = _a_year_before(month)
    if earlier > rows.index.min() and (rows.get(earlier, 0) > 0 or not found):
        return earlier
    near = a_day[a_day > 0].tail(NEIGHBOURS)
    return pd.DatetimeIndex(near.index)[int(near.argmin())]


def _a_year_before(month: pd.Timestamp) -> pd.Timestamp:
    return month - pd.DateOffset(years=1)


def _working(month: pd.Timestamp) -> float:
    return float(working_days(pd.DatetimeIndex([month]))[0])
