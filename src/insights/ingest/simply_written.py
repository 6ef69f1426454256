"""What most systems write, 1234.5, -1,234.50 and 2025/1/5, read in one go; the rest with care."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# At most 13 digits before the point: a hundred times that is exact in a float.
MONEY = r"^-?(?:[0-9]{1,13}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2})?$"
DAY = r"^(?P<year>[0-9]{4})(?P<one>[-/.])(?P<month>[0-9]{1,2})(?P<two>[-/.])(?P<day>[0-9]{1,2})$"


def simple_cents(text: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return whole cents (Int64) where money is simply written, and where it is not.

    Nulls stay null; what is not simply written is null too, for somebody else to read.
    """
    cells = pa.array(text, pa.large_string())
    simple = pc.match_substring_regex(cells, MONEY)
    other = pc.invert(simple).fill_null(False).to_numpy(zero_copy_only=False)
    if other.any():
        cells = pc.if_else(simple, cells, pa.scalar(None, cells.type))
    numbers = pc.replace_substring(cells, ",", "").cast(pa.float64())
    cents = np.rint(numbers.fill_null(0.0).to_numpy() * 100).astype(np.int64)
    empty = cells.is_null().to_numpy(zero_copy_only=False)
    return pd.Series(pd.arrays.IntegerArray(cents, empty), index=text.index), other


def simple_days(text: pd.Series, first_year: int, last_year: int) -> tuple[pd.Series, np.ndarray]:
    """Return midnights of days written as 2025-01-05, 2025/1/5 or 2025.1.5, and where is none.

    Days that no calendar has, and years outside the two, are among the latter, as are nulls.
    """
    found = pc.extract_regex(pa.array(text, pa.large_string()), DAY)
    parts = dict(zip(("year", "one", "month", "two", "day"), found.flatten(), strict=True))
    numbers = [parts[name].cast(pa.int64()) for name in ("year", "month", "day")]
    year, month, day = [part.fill_null(0).to_numpy() for part in numbers]
    same = pc.equal(parts["one"], parts["two"]).fill_null(False).to_numpy(zero_copy_only=False)
    first = (12 * (year - 1970) + month - 1).astype("datetime64[M]")
    days = first.astype("datetime64[D]") + (day - 1)
    real = found.is_valid().to_numpy(zero_copy_only=False) & same
    real = real & (year >= first_year) & (year <= last_year) & (month > 0) & (month <= 12)
    real &= (day > 0) & (days.astype("datetime64[M]") == first)
    moments = days.astype("datetime64[us]")
    moments[~real] = np.datetime64("NaT")
    return pd.Series(moments, index=text.index), ~real
