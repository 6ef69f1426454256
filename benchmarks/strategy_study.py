"""The runs behind the strategy study: every method on every scenario, kept so as to be resumed.

A cell is a method, a scenario, an effect and a block of seeds. Its answers are kept in
.cache/strategy_study under a key of the sources it came from: a changed room runs ours again, not
the peers. ``STRATEGY_RUNS`` caps the runs of a scenario, ``JOBS`` says how many processes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.strategy_panels import SCENARIOS, Panels, Scenario, study_panels
from benchmarks.strategy_peers import PEERS
from insights.params import ROOT, StrategyParams
from insights.strategy import compare_strategy
from insights.strategy.compare import judged

OURS = "ours"
EFFECTS = (0.0, 0.10)
MIN_EFFECT = 0.05
BLOCK = 20
HERE = Path(__file__).parent
CACHE = ROOT / ".cache" / "strategy_study"
ROOM = (
    *sorted((ROOT / "src/insights/strategy").rglob("*.py")),
    ROOT / "src/insights/params/strategy.py",
)


@dataclass(frozen=True)
class Cell:
    """One method on one scenario and effect, for a block of seeds; ``key`` names its sources."""

    method: str
    key: str
    scenario: Scenario
    effect: float
    first: int
    size: int

    @property
    def path(self) -> Path:
        """Return where the cell's answers are kept."""
        name = f"{self.scenario.name}-{self.effect:g}-{self.first:04d}-{self.size}.parquet"
        return CACHE / f"{self.method}-{self.key}" / name


def jobs() -> int:
    """Return how many processes may run (JOBS, 1 where unset)."""
    return int(os.environ.get("JOBS", "1"))


def capped(runs: int) -> int:
    """Return the runs of a scenario, at most STRATEGY_RUNS where that is set."""
    return min(runs, int(os.environ.get("STRATEGY_RUNS", str(runs))))


def source_key(method: str) -> str:
    """Return a short hash of the sources that decide a method's answers."""
    panels = HERE / "strategy_panels.py"
    mine = (Path(__file__), *ROOM) if method == OURS else (HERE / "strategy_peers.py",)
    return hash_of((panels, *mine))


def hash_of(paths: Iterable[Path]) -> str:
    """Return a short hash of the files' contents."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def cells() -> list[Cell]:
    """Return every cell of the study, the cheap methods and our own first."""
    every = []
    keys = {method: source_key(method) for method in (OURS, *PEERS)}
    for scenario in SCENARIOS:
        runs = capped(scenario.runs)
        of = {OURS: runs} | {
            name: min(runs, peer.most_runs)
            for name, peer in PEERS.items()
            if peer.applies(scenario)
        }
        every += [
            Cell(method, keys[method], scenario, effect, first, min(BLOCK, most - first))
            for method, most in of.items()
            for effect in EFFECTS
            for first in range(0, most, BLOCK)
        ]
    order = [OURS, *PEERS]
    return sorted(every, key=lambda cell: order.index(cell.method))


def study() -> pd.DataFrame:
    """Run what is not kept yet; return a row a run: its cell, seed, answer and truth."""
    every = cells()
    missing = [cell for cell in every if not cell.path.exists()]
    began = time.perf_counter()
    run_all(_keep, missing)
    spent = time.perf_counter() - began
    print(
        f"{len(missing)} of {len(every)} blocks run now in {spent:.0f} s by {jobs()} process(es), "
        "the others were kept"
    )
    return pd.concat([_kept(cell) for cell in every], ignore_index=True)


def run_all(work: Callable, tasks: list) -> list:
    """Run tasks in JOBS processes, in order of their end; one process needs no pool."""
    if jobs() == 1:
        return [work(task) for task in tasks]
    with ProcessPoolExecutor(jobs(), mp_context=get_context("spawn")) as pool:
        return [done.result() for done in as_completed(pool.submit(work, task) for task in tasks)]


def _keep(cell: Cell) -> None:
    seeds = range(cell.first, cell.first + cell.size)
    panels = study_panels(cell.scenario, cell.effect, seeds)
    began = time.perf_counter()
    found = _ours(panels) if cell.method == OURS else PEERS[cell.method].answer(panels)
    seconds = (time.perf_counter() - began) / cell.size
    rows = found.assign(
        seed=list(seeds), truth=panels.truth, expected=panels.expected, seconds=seconds
    )
    cell.path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = cell.path.with_suffix(f".{os.getpid()}")
    rows.to_parquet(unfinished)
    unfinished.replace(cell.path)


def _kept(cell: Cell) -> pd.DataFrame:
    return pd.read_parquet(cell.path).assign(
        method=cell.method, scenario=cell.scenario.name, effect=cell.effect
    )


def _ours(panels: Panels) -> pd.DataFrame:
    """Return the whole pipeline's answers, and its verdict were 5 % the smallest useful effect."""
    rows = []
    for run in range(len(panels.values)):
        found = compare_strategy(*panels.frames(run))
        least = replace(StrategyParams(), min_effect=float(MIN_EFFECT * panels.expected[run]))
        rows.append(
            {
                "estimate": found.estimate,
                "low": found.interval[0],
                "high": found.interval[1],
                "p_value": found.p_value,
                "design": found.design,
                "verdict": found.verdict,
                "verdict_least": judged(found, least, ()).verdict,
                "passed": all(gate.passed for gate in found.gates),
                "failed": ", ".join(gate.check for gate in found.gates if not gate.passed),
            }
        )
    return pd.DataFrame(rows).astype(dict.fromkeys(("estimate", "low", "high", "p_value"), float))


def covered(rows: pd.DataFrame) -> pd.Series:
    """Say of each run whether its interval holds the truth; NaN where there is no interval."""
    holds = (rows.low <= rows.truth) & (rows.truth <= rows.high)
    return holds.astype(float).where(rows.low.notna() & rows.high.notna(), np.nan)
