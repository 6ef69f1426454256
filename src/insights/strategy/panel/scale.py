"""Put periods and starts on one ordered scale: timestamps, or numbers as they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.features.period_dates import first_days
from insights.words import _, listing

MONTH_DAYS = 30.4


def on_one_scale(
    periods: pd.Series, starts_on: pd.Series
) -> tuple[pd.Series, pd.Series, list[str]]:
    """Return periods and starts as timestamps, or as numbers, and every fault in words.

    What cannot be read is missing in what is returned. A timestamp keeps the clock it was given by.
    """
    periods, starts_on = _numbers_as_numbers(periods), _numbers_as_numbers(starts_on)
    numeric = _is_number(periods)
    if len(starts_on) and len(periods) and numeric != _is_number(starts_on):
        return periods, starts_on, [
            *_missing_periods(periods),
            _("units.starts_on: {start!r} and outcomes.period: {period!r} are not of one kind; "
              "give both as dates or both as numbers")
            .format(start=starts_on.iloc[0], period=periods.iloc[0]),
        ]  # fmt: skip
    if numeric:
        return periods, starts_on, _missing_periods(periods.replace([np.inf, -np.inf], np.nan))
    when, wrong_periods = _timestamps(periods, "outcomes.period")
    begun, wrong_starts = _timestamps(starts_on, "units.starts_on")
    return when, begun, [*_missing_periods(periods), *wrong_periods, *wrong_starts]


def _missing_periods(periods: pd.Series) -> list[str]:
    missing = int(periods.isna().sum())
    if not missing:
        return []
    return [
        _("outcomes.period: {n} rows without a period; give each row one").format(n=missing)
    ]  # fmt: skip


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _numbers_as_numbers(values: pd.Series) -> pd.Series:
    """Return whole numbers kept in a column of objects as integers; anything else as it is."""
    return values.astype("int64") if pd.api.types.infer_dtype(values) == "integer" else values


def _timestamps(values: pd.Series, column: str) -> tuple[pd.Series, list[str]]:
    """Return dates as timestamps of the clock they were given by, and which values are none."""
    if isinstance(values.dtype, pd.PeriodDtype):
        return values.dt.start_time, []
    if not pd.api.types.is_datetime64_any_dtype(values):
        values = values.map(_as_written)
    try:
        found = pd.to_datetime(values, errors="coerce", format="ISO8601")
    except ValueError:
        return values, [_("{column}: several time zones; write dates").format(column=column)]
    wrong = found.isna() & values.notna()
    if not wrong.any():
        return found.dt.tz_localize(None), []
    return found, [
        _("{column}: not a date: {values}; write dates as YYYY-MM-DD").format(
            column=column, values=listing([repr(one) for one in values[wrong].unique()])
        )
    ]


def _as_written(value: Any) -> Any:
    """Return a date, or a period's first moment, as text; numbers amid dates become no date."""
    if isinstance(value, pd.Period):
        return str(value.start_time)
    return str(value) if isinstance(value, dt.date) or not pd.isna(value) else None


def by_first_days(periods: pd.Series) -> pd.Series:
    """Name periods by their first days; a start is a day, whatever the periods were named by.

    A start on the last day of a month leaves that month out of before and after. That is right
    where the day was meant and loses one period where the month was; to count the month from its
    first day would call it treated where nothing had begun.
    """
    return first_days(periods) if periods.dtype.kind == "M" else periods


def end_of(edges: NDArray[Any]) -> Any:
    """Return the first moment after the last period, by the usual distance of periods."""
    if len(edges) < 2:
        return edges[-1]
    step = np.sort(np.diff(edges))[(len(edges) - 1) // 2]
    if edges.dtype.kind != "M" or step < np.timedelta64(28, "D"):
        return edges[-1] + step
    months = round(step / np.timedelta64(1, "D") / MONTH_DAYS)
    return (pd.Timestamp(edges[-1]) + pd.DateOffset(months=months)).to_datetime64()
