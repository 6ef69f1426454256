"""Sums over everything dated up to a day, for many (key, day) questions at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SPAN = np.int64(1) << np.int64(32)


@dataclass(frozen=True)
class RunningSums:
    """Events sorted by key and day with their cumulative values: (events + 1) x columns.

    Give whole numbers (cents, days, counts): their float sums are exact, so that an event of
    another key or a later day cannot change an answer even in its last digit.
    """

    order: np.ndarray
    totals: np.ndarray

    @classmethod
    def of(cls, keys: np.ndarray, days: np.ndarray, *values: np.ndarray) -> RunningSums:
        """Sort events of integer ``keys`` (>= 0) on integer ``days`` with one or more values."""
        combined = keys.astype("int64") * SPAN + np.maximum(days, 0).astype("int64")
        by_time = np.argsort(combined, kind="stable")
        columns = np.column_stack([np.asarray(value, "float64") for value in values])[by_time]
        totals = np.vstack([np.zeros((1, len(values))), np.cumsum(columns, axis=0)])
        return cls(combined[by_time], totals)

    def upto(self, keys: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return each column's sum over the key's events dated on the day or before."""
        start = keys.astype("int64") * SPAN
        last = np.searchsorted(
            self.order, start + np.maximum(days, 0).astype("int64"), side="right"
        )
        first = np.searchsorted(self.order, start, side="left")
        return tuple((self.totals[last] - self.totals[first]).T)
