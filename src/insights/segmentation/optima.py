"""Where may the segments lie? The distinct best answers, searched for several times over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial import cKDTree

from insights.segmentation.mixture import Mixture, Space, maximise

# A search is repeated from scratch; what one of them misses is no stable answer.
SEARCHES = 4
TREE_ROWS, SEED_ROWS, START_ROWS = 1000, 400, 1500
# The loneliest customers are left out of the tree: they would become its first branches.
LONELY_SHARE, NEIGHBOURS = 0.15, 10
LLOYD_ROUNDS = 3
KEPT = 5
ROUGH, FINE = 1e-4, 1e-6
ROUGH_ROUNDS, FINE_ROUNDS = 60, 500
# Mean log likelihoods nearer than this are one and the same answer.
SAME = 1e-3


@dataclass(frozen=True)
class Tree:
    """Ward's tree over a sample of the points: one start for every k."""

    design: np.ndarray
    links: np.ndarray

    def partition(self, k: int) -> np.ndarray:
        """Return the label of each point when the tree is cut into k groups."""
        return fcluster(self.links, k, "maxclust") - 1


@dataclass(frozen=True)
class Optima:
    """The best mixture of k segments, and what each search by itself would have to choose from."""

    best: Mixture
    searches: tuple[tuple[Mixture, ...], ...]


def ward_trees(space: Space, design: np.ndarray, seed: int) -> list[Tree]:
    """Build a tree for each search, over a sample of its own where there are many customers."""
    draws = [np.random.default_rng([seed, turn]) for turn in range(SEARCHES)]
    return [_ward_tree(space, design[some_rows(len(design), TREE_ROWS, one)]) for one in draws]


def _ward_tree(space: Space, rows: np.ndarray) -> Tree:
    """Build Ward's tree over the points, the loneliest left out."""
    places = space.places(rows)
    gap = cKDTree(places).query(places, k=min(NEIGHBOURS + 1, len(rows)))[0][:, -1]
    near = rows[gap <= np.quantile(gap, 1 - LONELY_SHARE)]
    return Tree(near, linkage(space.places(near), "ward"))


def find_optima(
    space: Space, design: np.ndarray, k: int, trees: list[Tree], starts: int, seed: int
) -> Optima:
    """Search for the mixture of k segments, ``SEARCHES`` times with a part of the starts each.

    Starts: Ward's tree cut at k, and draws of k-means++ on small subsamples; each is climbed on a
    subsample, and the best distinct ones to the end on all points.
    """
    part = -(-starts // SEARCHES)
    found = [
        search_once(space, design, k, tree, part, (seed, turn)) for turn, tree in enumerate(trees)
    ]
    best = max((optima[0] for optima in found), key=lambda pair: pair[1])[0]
    return Optima(best, tuple(tuple(one for one, _level in optima) for optima in found))


def search_once(
    space: Space, design: np.ndarray, k: int, tree: Tree, starts: int, seed: tuple[int, int]
) -> list[tuple[Mixture, float]]:
    """Return the distinct optima of one search with their log likelihoods, the best first."""
    draw = np.random.default_rng([*seed, k])
    sample = design[some_rows(len(design), START_ROWS, draw)]
    begun = [_drawn_start(space, sample, k, draw) for _start in range(starts)]
    begun.append(space.mixture_of(tree.design, tree.partition(k), k))
    rough = [one for one, _level in _climbed(space, sample, begun, ROUGH, ROUGH_ROUNDS)]
    return _climbed(space, design, rough[:KEPT], FINE, FINE_ROUNDS)


def fresh_search(
    space: Space,
    design: np.ndarray,
    weights: np.ndarray,
    k: int,
    starts: int,
    draw: np.random.Generator,
) -> list[tuple[Mixture, float]]:
    """Climb weighted points from a few starts of their own; the most likely end, if any start."""
    begun = [_drawn_start(space, design, k, draw) for _start in range(starts)]
    ends = [maximise(space, design, weights, one, ROUGH, ROUGH_ROUNDS) for one in begun]
    if not ends:
        return []
    best = max(ends, key=lambda pair: pair[1])[0]
    return [maximise(space, design, weights, best, FINE, FINE_ROUNDS)]


def some_rows(n: int, most: int, draw: np.random.Generator) -> np.ndarray:
    """Return the numbers of at most ``most`` of n rows, in order."""
    return np.arange(n) if n <= most else np.sort(draw.choice(n, most, replace=False))


def _climbed(
    space: Space, design: np.ndarray, starts: list[Mixture], tolerance: float, most: int
) -> list[tuple[Mixture, float]]:
    """Climb from every start; return the distinct ends, the most likely first."""
    even = np.ones(len(design))
    found = [maximise(space, design, even, start, tolerance, most) for start in starts]
    found.sort(key=lambda pair: -pair[1])
    distinct = found[:1]
    for mixture, level in found[1:]:
        if distinct[-1][1] - level > SAME:
            distinct.append((mixture, level))
    return distinct


def _drawn_start(space: Space, design: np.ndarray, k: int, draw: np.random.Generator) -> Mixture:
    rows = design[some_rows(len(design), SEED_ROWS, draw)]
    some = space.places(rows)
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
