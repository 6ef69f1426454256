"""How much of a period's working time has passed?"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import pandas as pd

from insights.features.working_days import working_days
from insights.tables import Tables
from insights.words import _

Grain = Literal["month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = ("month", "quarter", "year")
STEPS = {"month": "M", "quarter": "Q", "year": "Y"}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
PROGRESS = (
    "grain", "period", "period_end", "current", "working_days", "days_worked", "remaining_days",
    "time_progress", "why_no_time",
)  # fmt: skip


def time_progress(tables: Tables, as_of: dt.date, first: dt.date) -> pd.DataFrame:
    """How much of each month, quarter and year from ``first`` to as_of has been worked?

    Columns PROGRESS: period is the first day, current marks the period that as_of lies in,
    working_days are the People's Republic's with make-up workdays (the table calendar, else the
    State Council's), days_worked those up to as_of, time_progress their ratio. Where no calendar
    knows a day of the period they are missing and ``why_no_time`` says so.
    """
    parts = [_grain_progress(tables, as_of, first, grain) for grain in GRAINS]
    return pd.concat(parts, ignore_index=True).loc[:, list(PROGRESS)]


def start_of(day: dt.date | pd.Timestamp, grain: str) -> pd.Timestamp:
    """Return the first day of the month, quarter or year that a day lies in."""
    return pd.Timestamp(day).to_period(STEPS[grain]).start_time


def _grain_progress(tables: Tables, as_of: dt.date, first: dt.date, grain: str) -> pd.DataFrame:
    spans = pd.period_range(pd.Timestamp(first), pd.Timestamp(as_of), freq=STEPS[grain])
    starts = spans.start_time
    ends = spans.end_time.normalize()
    today = pd.Timestamp(as_of)
    whole = working_days(tables, starts, ends).working_days.to_numpy(float)
    until = ends.where(ends <= today, today)
    worked = working_days(tables, starts, until).working_days.to_numpy(float)
    share = np.divide(worked, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    unknown = np.isnan(share)
    words = _("no calendar knows the working days of the whole {period}")
    said = [
        words.format(period=period_words(start, grain)) if gap else ""
        for start, gap in zip(starts, unknown, strict=True)
    ]
    return pd.DataFrame(
        {
            "grain": grain, "period": starts, "period_end": ends,
            "current": ends >= today, "working_days": whole, "days_worked": worked,
            "remaining_days": whole - worked, "time_progress": share, "why_no_time": said,
        }
    )  # fmt: skip


def period_words(start: pd.Timestamp, grain: str) -> str:
    """Return a period as people write it: 2025-09, 2025 Q3, year 2025."""
    if grain == "month":
        return f"{start:%Y-%m}"
    if grain == "quarter":
        return f"{start:%Y} Q{start.quarter}"
    return _("year {year}").format(year=start.year)
