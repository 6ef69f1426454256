"""Working days and days of the Spring Festival pause in each period."""

from __future__ import annotations

import chinese_calendar
import numpy as np
import pandas as pd

from insights.features.seasons import NEW_YEARS, PAUSE
from insights.tables import Tables

COLUMNS = ("days", "working_days", "festival_days")


def working_days(tables: Tables, periods: pd.DatetimeIndex, ends: pd.DatetimeIndex) -> pd.DataFrame:
    """How many days of each period did people work, and how many lie around Spring Festival?

    ``periods`` and ``ends`` are first and last days. Indexed by period: days, working_days
    (make-up workdays included; of the table calendar, where it has no row of the State Council's
    calendar as in the package chinesecalendar) and festival_days (from a week before New Year's
    day to the Lantern Festival). Missing where neither source knows a day of the period.
    """
    if not len(periods):
        return pd.DataFrame(columns=list(COLUMNS), index=periods, dtype="float64")
    days = pd.date_range(periods.min(), ends.max())
    worked = _worked(tables, days)
    paused = _paused(days)
    first, last = days.get_indexer(periods), days.get_indexer(ends) + 1
    return pd.DataFrame(
        {
            "days": (last - first).astype("float64"),
            "working_days": _between(worked, first, last),
            "festival_days": _between(paused, first, last),
        },
        index=periods,
    )


def _worked(tables: Tables, days: pd.DatetimeIndex) -> np.ndarray:
    """Return 1 for each working day, 0 for a day off, NaN where nobody knows."""
    rows = tables["calendar"].select("date", "is_workday").execute()
    rows = rows.assign(date=pd.to_datetime(rows.date)).drop_duplicates("date")
    own = rows.set_index("date").is_workday.astype("float64").reindex(days)
    first, last = (min(chinese_calendar.holidays), max(chinese_calendar.holidays))
    asked = own.isna() & (days.year >= first.year) & (days.year <= last.year)
    known = [float(chinese_calendar.is_workday(day.date())) for day in days[asked]]
    found = own.to_numpy(copy=True)
    found[asked.to_numpy()] = known
    return found


def _paused(days: pd.DatetimeIndex) -> np.ndarray:
    """Return 1 for each day of the pause, NaN for years whose festival is not known."""
    new_years = pd.DatetimeIndex(NEW_YEARS)
    spread = pd.to_timedelta(np.arange(PAUSE[0], PAUSE[1] + 1), unit="D")
    pauses = pd.DatetimeIndex((new_years.to_numpy()[:, None] + spread.to_numpy()).ravel())
    covered = (days.year >= new_years[0].year) & (days.year <= new_years[-1].year)
    return np.where(covered, days.isin(pauses).astype("float64"), np.nan)


def _between(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the sum of values[first:last], NaN where one of them is."""
    totals = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])
    gaps = np.concatenate([[0], np.cumsum(np.isnan(values))])
    return np.where(gaps[last] > gaps[first], np.nan, totals[last] - totals[first])
