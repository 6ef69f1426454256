"""How many segments? As many as are found again when the customers are drawn again."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from insights.params import SegmentationParams
from insights.segmentation.mixture import Mixture, fit_mixture

BOOT_ROWS = 4000


@dataclass(frozen=True)
class Choice:
    """The chosen mixture, each segment's stability, and every candidate number."""

    mixture: Mixture
    jaccard: np.ndarray
    candidates: pd.DataFrame


def choose_segments(points: np.ndarray, params: SegmentationParams) -> Choice | None:
    """Return the largest number of segments that are all stable and large enough, or None.

    Stability is the mean Jaccard of each cluster with its best match over bootstrap samples
    (Hennig 2007). ``candidates`` has a row for each k: k, min_jaccard, min_share, stable, chosen.
    """
    rows, best = [], None
    for k in range(params.min_segments, min(params.max_segments, len(points) - 1) + 1):
        mixture = _quiet_fit(points, k, params.restarts, params.seed)
        labels = mixture.labels(points)
        jaccard = bootstrap_jaccard(points, labels, k, params)
        share = np.bincount(labels, minlength=k).min() / len(points)
        stable = bool(jaccard.min() >= params.min_jaccard and share >= params.min_share)
        rows.append((k, jaccard.min(), share, stable))
        best = (mixture, jaccard) if stable else best
    if best is None:
        return None
    candidates = pd.DataFrame(rows, columns=["k", "min_jaccard", "min_share", "stable"])
    return Choice(best[0], best[1], candidates.assign(chosen=candidates.k == best[0].size))


def bootstrap_jaccard(
    points: np.ndarray, labels: np.ndarray, k: int, params: SegmentationParams
) -> np.ndarray:
    """Return, for each of k clusters, the mean Jaccard of its best match over bootstraps."""
    draw = np.random.default_rng([params.seed, k])
    size = min(len(points), BOOT_ROWS)
    total = np.zeros(k)
    for turn in range(params.bootstraps):
        sample = points[draw.integers(0, len(points), size)]
        again = _quiet_fit(sample, k, 2, params.seed + turn).labels(points)
        total += _best_jaccard(labels, again, k)
    return total / params.bootstraps


def _quiet_fit(points: np.ndarray, k: int, starts: int, seed: int) -> Mixture:
    """Fit without scikit-learn's convergence warnings: instability is what is being measured."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return fit_mixture(points, k, starts, seed)


def _best_jaccard(before: np.ndarray, after: np.ndarray, k: int) -> np.ndarray:
    both = np.zeros((k, k))
    np.add.at(both, (before, after), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return (both / np.maximum(either, 1)).max(axis=1)
