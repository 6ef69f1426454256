"""Where may the segments lie? The distinct best answers, found from many different starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from insights.segmentation.mixture import Mixture, Space, maximise

TREE_ROWS = 1000
START_ROWS = 1500
SEED_ROWS = 400
LLOYD_ROUNDS = 3
KEPT = 10
ROUGH, FINE = 1e-4, 1e-6
ROUGH_ROUNDS, FINE_ROUNDS = 60, 300
# Mean log likelihoods nearer than this are one and the same answer.
SAME = 1e-3


@dataclass(frozen=True)
class Tree:
    """Ward's tree over a sample of the points: one deterministic start for every k."""

    design: np.ndarray
    links: np.ndarray

    def partition(self, k: int) -> np.ndarray:
        """Return the label of each point when the tree is cut into k groups."""
        return fcluster(self.links, k, "maxclust") - 1


def ward_tree(space: Space, design: np.ndarray, seed: int) -> Tree:
    """Build Ward's tree over at most ``TREE_ROWS`` of the points."""
    rows = some_rows(len(design), TREE_ROWS, np.random.default_rng([seed, 0]))
    return Tree(design[rows], linkage(space.points(design[rows]), "ward"))


def find_optima(
    space: Space, design: np.ndarray, k: int, tree: Tree, starts: int, seed: int
) -> list[Mixture]:
    """Return the distinct local optima of k components, the most likely first.

    Starts: Ward's tree cut at k, and ``starts`` draws of k-means++ on small subsamples, each
    climbed on a subsample; what is distinct is climbed to the end on all points.
    """
    draw = np.random.default_rng([seed, k, 0])
    sample = design[some_rows(len(design), START_ROWS, draw)]
    begun = [space.mixture_of(tree.design, tree.partition(k), k)]
    begun += [_drawn_start(space, sample, k, draw) for _start in range(starts)]
    rough = _climbed(space, sample, begun, ROUGH, ROUGH_ROUNDS)
    return _climbed(space, design, rough[:KEPT], FINE, FINE_ROUNDS)


def some_rows(n: int, most: int, draw: np.random.Generator) -> np.ndarray:
    """Return the numbers of at most ``most`` of n rows, in order."""
    return np.arange(n) if n <= most else np.sort(draw.choice(n, most, replace=False))


def _climbed(
    space: Space, design: np.ndarray, starts: list[Mixture], tolerance: float, most: int
) -> list[Mixture]:
    even = np.ones(len(design))
    found = [maximise(space, design, even, start, tolerance, most) for start in starts]
    found.sort(key=lambda pair: -pair[1])
    distinct = found[:1]
    for mixture, level in found[1:]:
        if distinct[-1][1] - level > SAME:
            distinct.append((mixture, level))
    return [mixture for mixture, _level in distinct]


def _drawn_start(space: Space, design: np.ndarray, k: int, draw: np.random.Generator) -> Mixture:
    rows = design[some_rows(len(design), SEED_ROWS, draw)]
    some = space.points(rows)
    centres = _spread_out(some, k, draw)
    for _round in range(LLOYD_ROUNDS):
        member = (_nearest(some, centres) == np.arange(k)[:, None]).astype(float)
        counts = member.sum(axis=1, keepdims=True)
        centres = np.where(counts > 0, member @ some / np.maximum(counts, 1), centres)
    return space.mixture_of(rows, _nearest(some, centres), k)


def _spread_out(points: np.ndarray, k: int, draw: np.random.Generator) -> np.ndarray:
    """Draw k points far from each other (k-means++, Arthur and Vassilvitskii 2007)."""
    chosen = [points[draw.integers(len(points))]]
    gap = np.square(points - chosen[0]).sum(axis=1)
    while len(chosen) < k:
        odds = gap / gap.sum() if gap.sum() > 0 else None
        chosen.append(points[draw.choice(len(points), p=odds)])
        gap = np.minimum(gap, np.square(points - chosen[-1]).sum(axis=1))
    return np.array(chosen)


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return (np.square(centres).sum(axis=1) - 2 * points @ centres.T).argmin(axis=1)
