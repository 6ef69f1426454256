"""Counts, and sales with many months of zero: ratios of totals instead of differences of means.

Poisson pseudo-maximum-likelihood difference-in-differences (Wooldridge 2023, *Simple approaches to
nonlinear difference-in-differences with panel data*): each unit's level times each period's, fitted
where nobody was treated. It needs no logarithm of zero. With one start and no gaps it is the
difference in differences in shares of each unit's level; it stands beside the design that decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDS, TOLERANCE = 500, 1e-10


def count_gap(values: Floats, starts: Ints, after: Ints) -> float:
    """What did the treated have beyond their level times what the periods were for the others?

    Per treated unit and period. ``values`` is units x periods, none negative (NaN where nothing
    was recorded); ``starts`` the first period touched, the number of periods for comparison units;
    ``after`` the first that counts. NaN where the treated had nothing before, or have no after.
    """
    time, seen = np.arange(values.shape[1]), ~np.isnan(values)
    treated = starts < values.shape[1]
    free = seen & (time < starts[:, None])
    late = seen & treated[:, None] & (time >= after[:, None])
    held = np.where(free, values, 0.0)
    if not held[treated].sum() > 0 or not late.any():
        return float("nan")
    return float(np.mean((values - _expected(held, free.astype(float)))[late]))


def _expected(held: Floats, free: Floats) -> Floats:
    """Fit unit level x period level on the free cells (iterative proportional fitting)."""
    totals, periods = held.sum(axis=0), np.ones(held.shape[1])
    for _round in range(ROUNDS):
        levels = _ratio(held.sum(axis=1), free @ periods)
        fresh = _ratio(totals, levels @ free)
        moved, periods = np.abs(fresh - periods).max(), fresh
        if moved <= TOLERANCE * np.abs(fresh).max():
            break
    return np.asarray(np.outer(levels, periods), dtype=np.float64)


def _ratio(over: Floats, under: Floats) -> Floats:
    return np.divide(over, under, out=np.zeros_like(over), where=under > 0)
