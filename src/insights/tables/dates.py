"""The one way a date is read."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.words import _

LONELY_DAYS = 366  # dates more than a year from all others …
LONELY_SHARE = 0.01  # … and no more than this share of the rows are slips of the keyboard


def as_date(value: str | dt.date | pd.Timestamp) -> dt.date:
    """Return the day meant by a date, an ISO string or a Timestamp; ``ValueError`` otherwise."""
    if isinstance(value, dt.datetime) and not pd.isna(value):
        return value.date()
    if isinstance(value, dt.date) and not pd.isna(value):
        return value
    try:
        return dt.datetime.fromisoformat(value).date()
    except (TypeError, ValueError):
        raise ValueError(
            _("as_of: {value!r} is not a date; write it as YYYY-MM-DD").format(value=value)
        ) from None


def sensible_span(rows_a_day: pd.Series) -> tuple[dt.date, dt.date]:
    """Return the first and last day; few rows beyond a gap of a year are mistyped, not news.

    ``rows_a_day``: how many rows each day has, indexed by day.
    """
    days = pd.to_datetime(pd.Series(rows_a_day.index)).sort_values(ignore_index=True)
    share = rows_a_day.sort_index().cumsum().to_numpy() / max(int(rows_a_day.sum()), 1)
    few = max(LONELY_SHARE, 1.5 / max(int(rows_a_day.sum()), 1))
    low, high = 0, len(days) - 1
    for gap in [i for i in range(1, len(days)) if (days[i] - days[i - 1]).days > LONELY_DAYS]:
        if share[gap - 1] <= few:
            low = gap
        elif 1 - share[gap - 1] <= few:
            high = min(high, gap - 1)
    if not len(days):
        return dt.date.min, dt.date.max
    return days[low].date(), days[high].date()
