"""How many segments? As many as are found again when the customers are drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.mixture import Mixture, Space, maximise
from insights.segmentation.optima import find_optima, some_rows, ward_tree

# Stability of a sample of this size is what a larger company is judged by.
CHOICE_ROWS = 4000
TOLERANCE, ROUNDS = 1e-5, 200
# Near the bound more resamples are drawn, up to this many times the usual number.
PATIENCE = 4


@dataclass(frozen=True)
class Choice:
    """The chosen mixture, each segment's stability, and every candidate number."""

    mixture: Mixture
    jaccard: np.ndarray
    candidates: pd.DataFrame


@dataclass(frozen=True)
class Candidate:
    """One number of segments: its best mixture, Jaccards by segment, the smallest share."""

    mixture: Mixture
    jaccard: np.ndarray
    least_share: float
    bootstraps: int


def choose_segments(space: Space, points: np.ndarray, params: SegmentationParams) -> Choice | None:
    """Return the largest number of segments that are all stable and large enough, or None.

    ``candidates`` has a row for each k: k, min_jaccard, min_share, bootstraps, stable, chosen.
    """
    draw = np.random.default_rng([params.seed, 1])
    some = points[some_rows(len(points), CHOICE_ROWS, draw)]
    tree = ward_tree(some, params.seed)
    most = min(params.max_segments, len(some) - 1)
    found = []
    for k in range(params.min_segments, most + 1):
        optima = find_optima(space, some, k, tree, params.restarts, params.seed)
        found.append(_judged(space, some, optima, params))
    stable = [_is_stable(one, params) for one in found]
    if not any(stable):
        return None
    best = [one for one, good in zip(found, stable, strict=True) if good][-1]
    return Choice(best.mixture, best.jaccard, _candidates(found, stable, best))


def bootstrap_jaccard(
    space: Space, points: np.ndarray, optima: list[Mixture], bootstraps: int, seed: int
) -> np.ndarray:
    """Return resamples x segments: the Jaccard of each segment's best match when drawn again.

    Cluster-wise stability (Hennig 2007). Each resample is a set of weights; it is climbed from
    that of the company's ``optima`` which explains it best, so that the thousand refits of a plain
    loop become one climb a resample. The first optimum is the one judged.
    """
    squares = optima[0].squares(points)
    levels = np.array([one.log_likelihoods(points, squares) for one in optima])
    before, k = optima[0].labels(points), optima[0].size
    draw = np.random.default_rng([seed, k, 1])
    found = np.empty((bootstraps, k))
    for turn in range(bootstraps):
        weights = np.bincount(draw.integers(0, len(points), len(points)), minlength=len(points))
        start = optima[int((levels @ weights).argmax())]
        drawn = weights > 0
        again, _level = maximise(
            space, points[drawn], weights[drawn].astype(float), start, TOLERANCE, ROUNDS
        )
        found[turn] = _best_jaccard(before, again.log_joint(points, squares).argmax(axis=1), k)
    return found


def _judged(
    space: Space, points: np.ndarray, optima: list[Mixture], params: SegmentationParams
) -> Candidate:
    """Draw until the least stable segment is clearly above or below the bound, or patience ends."""
    found = np.empty((0, optima[0].size))
    for turn in range(PATIENCE):
        more = bootstrap_jaccard(space, points, optima, params.bootstraps, params.seed + turn)
        found = np.vstack([found, more])
        if _is_clear(found, params.min_jaccard):
            break
    counts = np.bincount(optima[0].labels(points), minlength=optima[0].size)
    return Candidate(optima[0], found.mean(axis=0), counts.min() / len(points), len(found))


def _is_clear(found: np.ndarray, bound: float) -> bool:
    worst = found[:, found.mean(axis=0).argmin()]
    return bool(abs(worst.mean() - bound) > 3 * worst.std() / np.sqrt(len(worst)))


def _is_stable(one: Candidate, params: SegmentationParams) -> bool:
    return bool(one.jaccard.min() >= params.min_jaccard and one.least_share >= params.min_share)


def _candidates(found: list[Candidate], stable: list[bool], best: Candidate) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "k": [one.mixture.size for one in found],
            "min_jaccard": [one.jaccard.min() for one in found],
            "min_share": [one.least_share for one in found],
            "bootstraps": [one.bootstraps for one in found],
            "stable": stable,
            "chosen": [one is best for one in found],
        }
    )


def _best_jaccard(before: np.ndarray, after: np.ndarray, k: int) -> np.ndarray:
    both = np.bincount(before * k + after, minlength=k * k).reshape(k, k).astype(float)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return (both / np.maximum(either, 1)).max(axis=1)
