"""How many segments? As many as are found again when the customers are drawn again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.mixture import Mixture, Space, maximise
from insights.segmentation.optima import Optima, find_optima, fresh_search, some_rows, ward_trees

# Stability of a sample of this size is what a larger company is judged by.
CHOICE_ROWS = 4000
TOLERANCE, ROUNDS = 1e-5, 200
# Resamples are drawn in quarters of the usual number; near the bound up to four times of it.
QUARTERS, PATIENCE = 4, 16
# Starts of the search anew in each resample of the number about to be chosen.
FRESH_STARTS = 3
# Standard errors beyond which chance is no explanation.
SURE = 3.0


@dataclass(frozen=True)
class Choice:
    """The chosen mixture (None: no number is stable), stabilities, every candidate number."""

    mixture: Mixture | None
    jaccard: np.ndarray
    candidates: pd.DataFrame


@dataclass(frozen=True)
class Candidate:
    """One number of segments: its best mixture, Jaccards by segment, the smallest share."""

    mixture: Mixture
    jaccard: np.ndarray
    least_share: float
    bootstraps: int
    searches: tuple[tuple[Mixture, ...], ...]


def choose_segments(space: Space, points: np.ndarray, params: SegmentationParams) -> Choice:
    """Choose the largest number of segments that are all stable and large enough, if there is one.

    ``candidates`` has a row for each k: k, min_jaccard, min_share, bootstraps, stable, chosen.
    """
    draw = np.random.default_rng([params.search_seed, 1])
    design = space.design(points[some_rows(len(points), CHOICE_ROWS, draw)])
    trees = ward_trees(space, design, params.search_seed)
    most = min(params.max_segments, len(design) - 1)
    found = []
    for k in range(params.min_segments, most + 1):
        optima = find_optima(space, design, k, trees, params.restarts, params.search_seed)
        found.append(_judged(space, design, optima, params))
    stable = [_is_stable(one, params) for one in found]
    stable = _confirmed(space, design, found, stable, params)
    good = [one for one, holds in zip(found, stable, strict=True) if holds]
    if not good:
        return Choice(None, np.empty(0), _candidates(found, stable, None))
    best = good[-1]
    return Choice(best.mixture, best.jaccard, _candidates(found, stable, best))


def _confirmed(
    space: Space,
    design: np.ndarray,
    found: list[Candidate],
    stable: list[bool],
    params: SegmentationParams,
) -> list[bool]:
    """Search anew in every resample of the largest stable number; step down where that fails.

    ``found`` takes over the stricter Jaccards of what was tried.
    """
    holds = list(stable)
    while any(holds):
        last = max(place for place, good in enumerate(holds) if good)
        optima = Optima(found[last].mixture, found[last].searches)
        strict = _drawn(space, design, optima, params, FRESH_STARTS)
        found[last] = replace(found[last], jaccard=strict.mean(axis=0), bootstraps=len(strict))
        holds[last] = _is_stable(found[last], params)
        if holds[last]:
            break
    return holds


def bootstrap_jaccard(
    space: Space,
    design: np.ndarray,
    optima: Optima,
    bootstraps: int,
    seed: int,
    fresh_starts: int = 0,
    part: int = 0,
) -> np.ndarray:
    """Return resamples x segments: the Jaccard of each segment's best match when drawn again.

    Cluster-wise stability (Hennig 2007), on the customers that belong to a segment. A resample is
    a set of weights; it is climbed from whichever optimum of one search explains it best, so that
    the thousand refits of a plain loop become one climb a resample. The searches take turns: an
    answer that only one of four finds is not found again by the others. With ``fresh_starts`` each
    resample is also searched anew, and the likelier answer counts: what only the resample has is
    then found too. ``part`` numbers the resamples of one seed that are drawn in parts.
    """
    best = optima.best
    levels = [np.array([one.log_likelihoods(design) for one in found]) for found in optima.searches]
    before, member = best.labels(design), best.belongs(design)
    draw, n = np.random.default_rng([seed, best.size, part]), len(design)
    found = np.empty((bootstraps, best.size))
    for turn in range(bootstraps):
        weights = np.bincount(draw.integers(0, n, n), minlength=n).astype(float)
        place, drawn = turn % len(levels), weights > 0
        start = optima.searches[place][int((levels[place] @ weights).argmax())]
        rows, counts = design[drawn], weights[drawn]
        ends = [maximise(space, rows, counts, start, TOLERANCE, ROUNDS)]
        ends += fresh_search(space, rows, counts, best.size, fresh_starts, draw)
        after = max(ends, key=lambda pair: pair[1])[0].labels(design)
        found[turn] = _best_jaccard(before[member], after[member], best.size)
    return found


def _judged(
    space: Space, design: np.ndarray, optima: Optima, params: SegmentationParams
) -> Candidate:
    found = _drawn(space, design, optima, params)
    counts = np.bincount(optima.best.labels(design), minlength=optima.best.size)
    return Candidate(
        optima.best, found.mean(axis=0), counts.min() / len(design), len(found), optima.searches
    )


def _drawn(
    space: Space,
    design: np.ndarray,
    optima: Optima,
    params: SegmentationParams,
    fresh_starts: int = 0,
) -> np.ndarray:
    """Draw until the least stable segment is clearly below the bound, or drawn often enough.

    What is clearly stable is drawn the usual number of times; what is near the bound, longer.
    """
    part = -(-params.bootstraps // QUARTERS)
    found = np.empty((0, optima.best.size))
    for turn in range(PATIENCE):
        more = bootstrap_jaccard(space, design, optima, part, params.seed, fresh_starts, turn)
        found = np.vstack([found, more])
        gap, error = _above(found, params.min_jaccard)
        if gap < -SURE * error or (gap > SURE * error and len(found) >= params.bootstraps):
            break
    return found


def _above(found: np.ndarray, bound: float) -> tuple[float, float]:
    """Return how far the least stable segment lies above the bound, and the standard error."""
    worst = found[:, found.mean(axis=0).argmin()]
    return float(worst.mean() - bound), float(worst.std() / np.sqrt(len(worst)))


def _is_stable(one: Candidate, params: SegmentationParams) -> bool:
    return bool(one.jaccard.min() >= params.min_jaccard and one.least_share >= params.min_share)


def _candidates(found: list[Candidate], stable: list[bool], best: Candidate | None) -> pd.DataFrame:
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
