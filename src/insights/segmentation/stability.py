"""How many segments? As many as are found again when the customers are drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

from insights.params import SegmentationParams

BOOT_ROWS = 4000
BOOT_STARTS = 2


@dataclass(frozen=True)
class Choice:
    """The chosen centres (segments x dimensions), each one's stability, and every candidate."""

    centres: np.ndarray
    jaccard: np.ndarray
    candidates: pd.DataFrame


def choose_segments(points: np.ndarray, params: SegmentationParams) -> Choice | None:
    """Return the largest number of segments that are all stable and large enough, or None.

    Stability is the mean Jaccard of each cluster with its best match over bootstrap samples
    (Hennig 2007). ``candidates`` has a row for each k: k, min_jaccard, min_share, stable, chosen.
    """
    rows, best = [], None
    for k in range(params.min_segments, min(params.max_segments, len(points) - 1) + 1):
        centres = _centres(points, k, params.restarts, params.seed)
        labels = nearest(points, centres)
        jaccard = bootstrap_jaccard(points, labels, k, params)
        share = np.bincount(labels, minlength=k).min() / len(points)
        stable = bool(jaccard.min() >= params.min_jaccard and share >= params.min_share)
        rows.append((k, jaccard.min(), share, stable))
        best = (centres, jaccard) if stable else best
    candidates = pd.DataFrame(rows, columns=["k", "min_jaccard", "min_share", "stable"])
    if best is None:
        return None
    candidates = candidates.assign(chosen=candidates.k == len(best[0]))
    return Choice(best[0], best[1], candidates)


def bootstrap_jaccard(
    points: np.ndarray, labels: np.ndarray, k: int, params: SegmentationParams
) -> np.ndarray:
    """Return, for each of k clusters, the mean Jaccard of its best match over bootstraps."""
    draw = np.random.default_rng([params.seed, k])
    size = min(len(points), BOOT_ROWS)
    total = np.zeros(k)
    for turn in range(params.bootstraps):
        sample = points[draw.integers(0, len(points), size)]
        again = nearest(points, _centres(sample, k, BOOT_STARTS, params.seed + turn))
        total += _best_jaccard(labels, again, k)
    return total / params.bootstraps


def squared_distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return customers x segments; each row is computed alone, so a batch changes nothing."""
    return np.column_stack([np.square(points - centre).sum(axis=1) for centre in centres])


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the number of the nearest centre of each point."""
    return squared_distances(points, centres).argmin(axis=1)


def _centres(points: np.ndarray, k: int, starts: int, seed: int) -> np.ndarray:
    return KMeans(k, n_init=starts, random_state=seed).fit(points).cluster_centers_


def _best_jaccard(before: np.ndarray, after: np.ndarray, k: int) -> np.ndarray:
    both = np.zeros((k, k))
    np.add.at(both, (before, after), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return (both / np.maximum(either, 1)).max(axis=1)
