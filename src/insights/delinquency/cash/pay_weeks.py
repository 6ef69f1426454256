"""What falls into a week: month's and quarter's end, Spring Festival, working days."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.seasons import NEW_YEARS

WEEK = 7
SLOTS = 5
IN_SLOTS = [f"in_slot_{slot}" for slot in range(SLOTS)]
LAST_WEEKDAY = 4
MONTH_PLACES = 31
LAST_DAYS = 3


def pay_weeks(ends: np.ndarray) -> pd.DataFrame:
    """Return what falls into the seven days up to each end (a day number), as shares of the week.

    ``in_slot_0`` to ``in_slot_4``: the weeks of the month; ``workdays`` leaves out weekends, Spring
    Festival and the first days of May and October.
    """
    unique, place = np.unique(ends, return_inverse=True)
    days = unique[:, None] + np.arange(1 - WEEK, 1)
    slots = month_slot(days)
    marks = _marks(days) | {name: slots == slot for slot, name in enumerate(IN_SLOTS)}
    table = pd.DataFrame({name: on.mean(axis=1) for name, on in marks.items()})
    return table.take(place).reset_index(drop=True)


def days_of_month(days: np.ndarray) -> np.ndarray:
    """Return each day's place in its month, 0 to 30; the last three are 28, 29, 30 in any month."""
    left = month_ends(days) - days
    return np.where(left < LAST_DAYS, MONTH_PLACES - 1 - left, _day_of(days, "M"))


def month_ends(days: np.ndarray) -> np.ndarray:
    """Return the last day of each day's month (day numbers)."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    return (months + 1).astype("datetime64[D]").astype("int64") - 1


def month_slot(days: np.ndarray) -> np.ndarray:
    """Return the week of the month each day lies in: 0 for the 1st to 7th, 4 from the 29th."""
    return np.minimum(_day_of(days, "M") // WEEK, SLOTS - 1)


def _marks(days: np.ndarray) -> dict[str, np.ndarray]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month = months.astype("int64") % 12 + 1
    left = ((months + 1).astype("datetime64[D]") - dates).astype("int64") - 1
    since = _since_new_year(dates)
    closes = month % 3 == 0
    first = _day_of(days, "M")
    off = ((since >= -1) & (since <= 6)) | ((month == 10) & (first < 7))
    off |= (month == 5) & (first < 5)
    return {
        "month_end": left < 5,
        "quarter_end": (left < WEEK) & closes,
        "quarter_begin": (first < WEEK) & (month % 3 == 1),
        "december": month == 12,
        "before_festival": (since >= -15) & (since < -1),
        "festival": (since >= -1) & (since <= 6),
        "after_festival": (since > 6) & (since <= 20),
        "workdays": ((days + 3) % WEEK <= LAST_WEEKDAY) & ~off,
    }


def _day_of(days: np.ndarray, unit: str) -> np.ndarray:
    dates = days.astype("datetime64[D]")
    return (dates - dates.astype(f"datetime64[{unit}]")).astype("int64")


def _since_new_year(dates: np.ndarray) -> np.ndarray:
    """Return days since the nearest New Year's day of the lunar calendar, negative before it."""
    after = np.searchsorted(NEW_YEARS, dates)
    behind = (dates - NEW_YEARS[np.maximum(after - 1, 0)]).astype("int64")
    ahead = (dates - NEW_YEARS[np.minimum(after, len(NEW_YEARS) - 1)]).astype("int64")
    return np.where(np.abs(behind) < np.abs(ahead), behind, ahead)
