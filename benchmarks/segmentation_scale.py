"""How long do segments take? Stability against plain loops of refits, and a million customers.

One thread for linear algebra; the ways take turns (the slowest runs once), and a ratio is the
median of paired ratios.

1. A hundred resamples of 4,300 customers, the same for all: ours against a plain loop of
   scikit-learn KMeans refits on the same prepared points and number of segments, and against a
   plain loop of our own model fitted anew. A loop's Jaccards belong to the clusters of its own
   first fit; each is set beside that of our segment that shares most customers with it.
2. Fit and assign a million customers against one ``KMeans(n_init=1)`` on the prepared matrix, each
   in a process of its own, whose peak memory is stated.
"""

from __future__ import annotations

import multiprocessing
import pickle
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from benchmarks import trial_sets
from benchmarks.market import market
from insights.params import SegmentationParams
from insights.segmentation import segment_customers
from insights.segmentation.mixture import Space, maximise
from insights.segmentation.model import ROWS_AT_ONCE
from insights.segmentation.optima import (
    FINE,
    FINE_ROUNDS,
    SEARCHES,
    Optima,
    find_optima,
    search_once,
    some_rows,
    ward_trees,
)
from insights.segmentation.stability import CHOICE_ROWS, bootstrap_jaccard

BOOTSTRAPS = 100
CUSTOMERS = 4300
ROUNDS = 5
MANY = 1_000_000
MANY_ROUNDS = 3
Loop = Callable[[np.ndarray, Space, int], tuple[np.ndarray, np.ndarray]]


def main() -> None:
    """Print both tables."""
    with threadpool_limits(1):
        for name, frame in _frames().items():
            _show_loops(name, frame)
    _show_many()


def ours(points: np.ndarray, space: Space, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return our labels and the mean Jaccard of each segment."""
    design = space.design(points)
    optima = _optima(design, space, k)
    found = bootstrap_jaccard(space, design, optima, BOOTSTRAPS, SegmentationParams().seed)
    return optima.best.labels(design), found.mean(axis=0)


def ours_refitted(points: np.ndarray, space: Space, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Search for our own model anew in each resample: no shortcut."""
    design = space.design(points)
    best = _optima(design, space, k).best
    member, labels = best.belongs(design), best.labels(design)
    starts = -(-SegmentationParams().restarts // SEARCHES)
    draw = np.random.default_rng([SegmentationParams().seed, k, 0])
    total = np.zeros(k)
    for turn in range(BOOTSTRAPS):
        drawn = design[draw.integers(0, len(design), len(design))]
        tree = ward_trees(space, drawn, turn)[0]
        again = search_once(space, drawn, k, tree, starts, (turn, 0))[0][0].labels(design)
        total += _jaccards(labels[member], again[member], k).max(axis=1)
    return labels, total / BOOTSTRAPS


def kmeans_once(points: np.ndarray, space: Space, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Refit KMeans with one start; the first fit has ten."""
    return _kmeans_loop(points, space, k, 1)


def kmeans_ten(points: np.ndarray, space: Space, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Refit KMeans with ten starts."""
    return _kmeans_loop(points, space, k, 10)


def _kmeans_loop(
    points: np.ndarray, space: Space, k: int, starts: int
) -> tuple[np.ndarray, np.ndarray]:
    points = space.places(points)
    labels = KMeans(k, n_init=10, random_state=0).fit_predict(points)
    return labels, _loop(
        points,
        labels,
        k,
        lambda drawn, turn: KMeans(k, n_init=starts, random_state=turn).fit(drawn).predict(points),
    )


def _loop(
    points: np.ndarray, labels: np.ndarray, k: int, again: Callable[[np.ndarray, int], np.ndarray]
) -> np.ndarray:
    """Return each cluster's mean Jaccard over the resamples that ``bootstrap_jaccard`` draws."""
    draw = np.random.default_rng([SegmentationParams().seed, k, 0])
    total = np.zeros(k)
    for turn in range(BOOTSTRAPS):
        drawn = points[draw.integers(0, len(points), len(points))]
        total += _jaccards(labels, again(drawn, turn), k).max(axis=1)
    return total / BOOTSTRAPS


def _optima(design: np.ndarray, space: Space, k: int) -> Optima:
    params = SegmentationParams()
    trees = ward_trees(space, design, params.search_seed)
    return find_optima(space, design, k, trees, params.restarts, params.search_seed)


def _jaccards(before: np.ndarray, after: np.ndarray, k: int) -> np.ndarray:
    both = np.bincount(before * k + after, minlength=k * k).reshape(k, k)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return both / np.maximum(either, 1)


def _frames() -> dict[str, pd.DataFrame]:
    frames = {"market": market(0, 1.0, n=CUSTOMERS)[0], "online_retail": trial_sets.online_retail()}
    return {name: frame for name, frame in frames.items() if frame is not None}


def _show_loops(name: str, frame: pd.DataFrame) -> None:
    result = segment_customers(frame)
    if result.fit is None:
        raise ValueError(f"{name}: {result.reason}")
    preparation, k = result.fit.model.preparation, result.n_segments
    points, space = preparation.apply(frame), preparation.space
    loops: tuple[Loop, ...] = (ours, kmeans_once, kmeans_ten)
    found, taken = {}, []
    for turn in range(ROUNDS):
        for loop in loops if turn else (*loops, ours_refitted):
            begun = time.perf_counter()
            found[loop.__name__] = loop(points, space, k)
            taken.append((turn, loop.__name__, time.perf_counter() - begun))
    print(f"\n{name}: {len(points)} customers x {points.shape[1]}, k = {k}, B = {BOOTSTRAPS}")
    print(_time_table(taken, "ours").to_string())
    print(_jaccard_table(found).round(3).to_string(na_rep=""), flush=True)


def _time_table(taken: list[tuple[int, str, float]], base: str) -> pd.DataFrame:
    """Return median seconds of each way, and the median over rounds of its ratio to ``base``."""
    long = pd.DataFrame(taken, columns=["turn", "way", "seconds"])
    times = long.pivot(index="turn", columns="way", values="seconds")
    ratio = times.div(times[base], axis=0).median()
    table = pd.DataFrame({"median seconds": times.median().round(2), f"x {base}": ratio.round(2)})
    return table.rename_axis(None)


def _jaccard_table(found: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """Return our segments x ways, each way's clusters matched to ours, and the largest gap."""
    labels, jaccard = found["ours"]
    k = len(jaccard)
    table = {"customers": np.bincount(labels, minlength=k).astype(float), "ours": jaccard}
    for name in sorted(found.keys() - {"ours"}):
        others, theirs = found[name]
        match = linear_sum_assignment(-_jaccards(labels, others, k))[1]
        table[name] = theirs[match]
    frame = pd.DataFrame(table, index=[f"segment {i + 1}" for i in range(k)])
    gap = frame.drop(columns="customers").sub(frame.ours, axis=0).abs().max()
    return pd.concat([frame, gap.to_frame("largest difference").T])


def _show_many() -> None:
    taken, memory = [], {}
    with tempfile.TemporaryDirectory() as folder:
        rows, width, k = _alone(_prepare_many, folder)
        for turn in range(MANY_ROUNDS):
            for name, task in TASKS.items():
                seconds, *memory[name] = _alone(task, folder, turn)
                taken.append((turn, name, seconds))
    print(f"\n{rows:,} customers x {width}, k = {k}")
    sizes = pd.DataFrame(memory, index=["peak MB", "of it before the fit"]).T
    print(_time_table(taken, "kmeans").join(sizes).to_string())


def _alone(task: Callable[..., tuple], *given: object) -> tuple:
    """Run a task in a fresh process, so that its peak memory is its own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(task, *given).result()


def _prepare_many(folder: str) -> tuple[int, int, int]:
    frame, _truth = market(0, 1.0, n=MANY)
    frame.to_parquet(Path(folder, "customers.parquet"))
    result = segment_customers(frame)
    assert result.fit is not None
    points = result.fit.model.preparation.apply(frame)
    Path(folder, "space.pickle").write_bytes(pickle.dumps(result.fit.model.preparation.space))
    np.save(Path(folder, "points.npy"), points)
    np.save(Path(folder, "k.npy"), result.n_segments)
    return *points.shape, result.n_segments


def _run_ours(folder: str, _turn: int) -> tuple[float, int, int]:
    frame = pd.read_parquet(Path(folder, "customers.parquet"))
    before, begun = _peak(), time.perf_counter()
    segment_customers(frame)
    return time.perf_counter() - begun, _peak(), before


def _run_fit(folder: str, _turn: int) -> tuple[float, int, int]:
    points, k = np.load(Path(folder, "points.npy")), int(np.load(Path(folder, "k.npy")))
    space = pickle.loads(Path(folder, "space.pickle").read_bytes())
    params, before, begun = SegmentationParams(), _peak(), time.perf_counter()
    draw = np.random.default_rng(params.search_seed)
    design = space.design(points[some_rows(len(points), params.max_fit_rows, draw)])
    best = _optima(design[some_rows(len(design), CHOICE_ROWS, draw)], space, k).best
    best, _level = maximise(space, design, np.ones(len(design)), best, FINE, FINE_ROUNDS)
    for first in range(0, len(points), ROWS_AT_ONCE):
        best.probabilities(points[first : first + ROWS_AT_ONCE])[:, :-1].argmax(axis=1)
    return time.perf_counter() - begun, _peak(), before


def _run_kmeans(folder: str, turn: int) -> tuple[float, int, int]:
    points, k = np.load(Path(folder, "points.npy")), int(np.load(Path(folder, "k.npy")))
    space = pickle.loads(Path(folder, "space.pickle").read_bytes())
    points = np.ascontiguousarray(space.places(points))
    before, begun = _peak(), time.perf_counter()
    KMeans(k, n_init=1, random_state=turn).fit(points)
    return time.perf_counter() - begun, _peak(), before


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


TASKS = {
    "ours, k given": _run_fit,
    "ours, k chosen, from the frame": _run_ours,
    "kmeans": _run_kmeans,
}
