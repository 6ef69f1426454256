"""Chance: an own, named random stream per part, so that one part's draws never move another's."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]


def stream(seed: int, part: str) -> Generator:
    """Return the random generator of one part of the company."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def quota(weights: Floats, total: int, least: int = 0) -> Ints:
    """Split ``total`` by weights into whole numbers of at least ``least`` (largest remainder)."""
    free = total - least * len(weights)
    exact = weights / weights.sum() * free
    whole = np.floor(exact).astype(np.int64)
    short = np.argsort(-(exact - whole), kind="stable")[: free - int(whole.sum())]
    whole[short] += 1
    return whole + least


def round_stochastic(rng: Generator, values: Floats) -> Ints:
    """Round up or down by chance so that the mean is kept."""
    return np.floor(values + rng.random(values.shape)).astype(np.int64)


def ar1(rng: Generator, shape: tuple[int, int], sd: float, rho: float) -> Floats:
    """Return stationary AR(1) paths along the second axis."""
    steps = rng.normal(0, sd * np.sqrt(1 - rho**2), shape)
    paths = np.empty(shape)
    paths[:, 0] = rng.normal(0, sd, shape[0])
    for t in range(1, shape[1]):
        paths[:, t] = rho * paths[:, t - 1] + steps[:, t]
    return paths
