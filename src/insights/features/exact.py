"""Sums that come out the same on every engine, in whatever order the rows are added."""

from __future__ import annotations

from ibis.expr.types import NumericValue, Value

PARTS = 10_000


def exact_sum(value: NumericValue, where: Value | None = None) -> Value:
    """Return the sum of floats, each rounded to four decimals first; missing without a value.

    A sum of floats depends on the order of its rows, which differs from engine to engine and from
    run to run; whole numbers do not. Rounds halves up; up to 9e14 in all.
    """
    whole = (value * float(PARTS) + 0.5).floor().cast("int64")
    return whole.sum(where=where).cast("float64") / float(PARTS)


def exact_mean(value: NumericValue) -> Value:
    """Return the mean of floats to four decimals, the same on every engine; missing without any."""
    return exact_sum(value) / value.count().nullif(0).cast("float64")
