"""Studentised permutations: how far means stray when labels or signs mean nothing.

Janssen (1997): dividing by the error of each rearrangement keeps the test right where groups
differ in spread as well.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ARRANGEMENTS = 20_000


def rearranged(pooled: Floats, size: int, seed: int) -> Floats:
    """Return |t| with the labels rearranged: every way where they can be listed, else draws."""
    if comb(len(pooled), size) <= ARRANGEMENTS:
        members = np.array(list(combinations(range(len(pooled)), size)))
    else:
        rng = np.random.default_rng(seed)
        order = rng.permuted(np.tile(np.arange(len(pooled)), (ARRANGEMENTS, 1)), axis=1)
        members = np.vstack([np.arange(size), order[:, :size]])
    chosen = np.zeros((len(members), len(pooled)))
    np.put_along_axis(chosen, members, 1.0, axis=1)
    return _studentised(
        _moments(chosen, pooled, size), _moments(1 - chosen, pooled, len(pooled) - size)
    )


def _moments(chosen: Floats, pooled: Floats, size: int) -> tuple[Floats, Floats]:
    away = pooled - pooled.mean()
    mean = chosen @ away / size
    square = chosen @ away**2 - size * mean**2
    return mean, np.maximum(square, 0) / max(size - 1, 1) / size


def _studentised(own: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
    gap, error = np.abs(own[0] - other[0]), np.sqrt(own[1] + other[1])
    tiny = 1e-7 * (gap.max() + error.max() + 1e-300)
    flat = np.where(gap > tiny, np.inf, 0.0)
    return np.where(error > tiny, gap / np.where(error > tiny, error, 1.0), flat)


def signs_turned(own: Floats, seed: int) -> Floats:
    """Return |t| with the signs of the changes turned: every way up to 14 units, else draws."""
    n = len(own)
    if 2**n <= ARRANGEMENTS:
        signs = 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    else:
        rng = np.random.default_rng(seed)
        signs = np.vstack([np.ones(n), rng.choice([-1.0, 1.0], (ARRANGEMENTS, n))])
    mean = signs @ own / n
    variance = np.maximum(np.sum(own**2) - n * mean**2, 0) / max(n - 1, 1) / n
    return _studentised((mean, variance), (np.zeros_like(mean), np.zeros_like(mean)))
