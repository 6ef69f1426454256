"""Are segments true, stable and kept? Ours against the usual ways, on a market with known truth.

1. Six planted segments among a fifth of noise rows (``benchmarks.market``), twenty seeds, two
   separations: adjusted Rand on the rows that have a segment, mean and 95 % interval of the mean,
   and the number of segments found, each method choosing k as its users do. The oracle knows the
   true densities.
2. Public sets and the demo company: segments, the least stable one, and every candidate k.
3. The same data again: twenty seeds, another row order, every customer alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import adjusted_rand_score

from benchmarks import peers, trial_sets
from benchmarks.market import market, oracle
from insights.params import SegmentationParams
from insights.segmentation import Segmentation, segment_customers

SEEDS = range(20)
SEPARATIONS = {1.0: "well separated", 0.7: "0.7 of that"}
TRUE_SEGMENTS = 6
ALONE = 5000
SETS: dict[str, Callable[[], pd.DataFrame | None]] = {
    "market": lambda: market(0, 1.0)[0],
    "online_retail": trial_sets.online_retail,
    "cdnow": trial_sets.cdnow,
    "demo company": trial_sets.demo_company,
    "two groups": trial_sets.two_groups,
}


def ours(frame: pd.DataFrame) -> np.ndarray:
    """Segments of this package, their number chosen by stability."""
    return segment_customers(frame).assignments.segment.to_numpy()


def main() -> None:
    """Print the three parts."""
    run = Parallel(n_jobs=-1)
    methods, left_out = peers.present()
    print(_recovery(run, [ours, *methods]).to_string(), *left_out, sep="\n", flush=True)
    loaded = {name: load() for name, load in SETS.items()}
    frames = {name: frame for name, frame in loaded.items() if frame is not None}
    fitted = run(delayed(segment_customers)(frame) for frame in frames.values())
    results = dict(zip(frames, fitted, strict=True))
    for name, result in results.items():
        _show_choice(name, result)
    rows = {name: _repetition(run, frame, results[name]) for name, frame in frames.items()}
    print("\nThe same data again", pd.DataFrame(rows).T.to_string(), sep="\n")
    if absent := [name for name in SETS if name not in frames]:
        print(f"no data (INSIGHTS_TRIAL_DATA, insights demo) for {', '.join(absent)}")


def _recovery(run: Parallel, methods: list[peers.Method]) -> pd.DataFrame:
    cases = [(method, gap, seed) for gap in SEPARATIONS for seed in SEEDS for method in methods]
    found = run(delayed(_score)(*case) for case in cases)
    ceiling = run(delayed(_ceiling)(gap, seed) for gap in SEPARATIONS for seed in SEEDS)
    keys = [(method.__name__, gap) for method, gap, _seed in cases]
    keys += [("oracle", gap) for gap in SEPARATIONS for _seed in SEEDS]
    scores = pd.DataFrame(found + ceiling, columns=["rand", "k"])
    scores[["method", "separation"]] = keys
    table = scores.groupby(["method", "separation"]).apply(_words).unstack("separation")
    table = table.swaplevel(axis=1)[[(gap, part) for gap in SEPARATIONS for part in PARTS]]
    order = ["oracle", *(method.__name__ for method in methods)]
    return table.loc[order].rename(columns=SEPARATIONS).rename_axis(index=None, columns=[None] * 2)


PARTS = ("core adjusted Rand", "worst", "k found")


def _words(scores: pd.DataFrame) -> pd.Series:
    half = 1.96 * scores.rand.std() / np.sqrt(len(scores))
    k = scores.k.astype(int)
    found = f"{k.min()}" if k.min() == k.max() else f"{k.median():.0f} ({k.min()}-{k.max()})"
    cells = (f"{scores.rand.mean():.3f} +- {half:.3f}", f"{scores.rand.min():.3f}", found)
    return pd.Series(cells, index=list(PARTS))


def _score(method: peers.Method, separation: float, seed: int) -> tuple[float, int]:
    frame, truth = market(seed, separation)
    labels = method(frame)
    core = truth >= 0
    groups = set(labels) - {-1}
    return adjusted_rand_score(truth[core], labels[core]), len(groups)


def _ceiling(separation: float, seed: int) -> tuple[float, int]:
    frame, truth = market(seed, separation)
    core = truth >= 0
    best = oracle(frame[core], seed, separation)
    return adjusted_rand_score(truth[core], best), TRUE_SEGMENTS


def _show_choice(name: str, result: Segmentation) -> None:
    tables = result.tables()
    least = tables["stability"].jaccard.min()
    print(f"\n{name}: {len(result.assignments)} customers, {result.n_segments} segments, ", end="")
    print(f"least stable segment's Jaccard {least:.3f}\n{result}")
    print(tables["candidates"].round(3).to_string(index=False), flush=True)


def _repetition(run: Parallel, frame: pd.DataFrame, result: Segmentation) -> dict[str, object]:
    """Who keeps the segment's name, and who gets anything else at all when nothing changed?"""
    seeds = [SegmentationParams(seed=seed) for seed in SEEDS]
    again = run(delayed(_assigned)(frame, params) for params in seeds)
    before = result.assignments.segment.to_numpy()
    kept = [float((after.segment.to_numpy() == before).mean()) for after in again]
    batch = result.assign(frame).set_index("customer_id")
    shuffled = _assigned(frame.sample(frac=1, random_state=1)).set_index("customer_id")
    tried = frame.iloc[np.random.default_rng(0).permutation(len(frame))[:ALONE]]
    parts = run(delayed(_alone)(result, tried.iloc[rows]) for rows in _parts(len(tried)))
    different = _differing(pd.concat(parts).set_index("customer_id"), batch)
    return {
        "customers": len(frame),
        "name kept, worst seed": f"{min(kept):.2%}",
        "median seed": f"{np.median(kept):.2%}",
        "rows shuffled: different": _differing(shuffled, batch),
        "placed alone: different": f"{different} of {len(tried)}",
    }


def _assigned(frame: pd.DataFrame, params: SegmentationParams | None = None) -> pd.DataFrame:
    return segment_customers(frame, params or SegmentationParams()).assignments


def _alone(result: Segmentation, frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([result.assign(frame.iloc[[row]]) for row in range(len(frame))])


def _parts(n: int) -> list[np.ndarray]:
    return np.array_split(np.arange(n), 8)


def _differing(some: pd.DataFrame, batch: pd.DataFrame) -> int:
    """Count the rows of ``some`` of which any cell differs from the batch, however little."""
    like = batch.loc[some.index]
    there = some[batch.columns]
    return int((~((there == like) | (there.isna() & like.isna())).all(axis=1)).sum())
