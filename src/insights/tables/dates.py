"""The one way a date is read."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.words import _


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
