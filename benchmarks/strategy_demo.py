"""Does the review of the demo company tell its five strategies apart? Over 100 seeds, at full size.

Each seed is another company: the tables are simulated and written whole, and ``review_strategies``
reads them as a user's, with ``placebo_runs`` cut to what the verdict needs not (they stand beside
it). A verdict is wrong where it says worked of no effect, or did_not_work of an effect above the
smallest worth having. Seeds are kept as they are done (JOBS=2: about 6 minutes);
STRATEGY_SEEDS=10 is a first look.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from scipy import stats

from benchmarks.strategy_study import CACHE, HERE, ROOM, hash_of, jobs, run_all
from insights import connect
from insights.demo import simulate
from insights.demo.strategies import MIN_EFFECT, STRATEGIES
from insights.params import ROOT, StrategyParams
from insights.strategy import review_strategies

AS_OF = "2025-12-31"
SEEDS = 100
PARAMS = StrategyParams(placebo_runs=10)
KEPT = [
    "strategy_id", "verdict", "verdict_words", "relative", "relative_low", "relative_high",
    "p_value", "reasons",
]  # fmt: skip
VERDICTS = ["worked", "did_not_work", "cannot_tell"]


@dataclass(frozen=True)
class Company:
    """One seed of the demo company and where what was found of it is kept."""

    seed: int
    path: Path


def main() -> None:
    """Print each strategy's verdicts against the truth, coverage, and why nothing could be told."""
    pd.options.display.width, pd.options.display.max_colwidth = 180, 110
    began = time.perf_counter()
    companies = _companies()
    missing = [one for one in companies if not one.path.exists()]
    run_all(_review, missing)
    spent = time.perf_counter() - began
    print(f"{len(missing)} of {len(companies)} companies now, {spent:.0f} s, {jobs()} process(es)")
    rows = pd.concat([pd.read_parquet(one.path) for one in companies], ignore_index=True)
    print(pd.DataFrame([_against_truth(one, rows) for one in STRATEGIES]).to_string(index=False))
    print("\nmost frequent reasons of cannot_tell, numbers left out")
    print(_reasons(rows).to_string(index=False))


def _companies() -> list[Company]:
    seeds = int(os.environ.get("STRATEGY_SEEDS", str(SEEDS)))
    parts = ("demo", "features", "tables")
    sources = [
        path for part in parts for path in sorted((ROOT / "src/insights" / part).rglob("*.py"))
    ]
    key = hash_of([*ROOM, *sources, HERE / "strategy_demo.py"])
    return [Company(seed, CACHE / f"demo-{key}" / f"{seed:03d}.parquet") for seed in range(seeds)]


def _review(company: Company) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "demo"
        simulate(source, seed=company.seed)
        effects = review_strategies(connect(source), AS_OF, PARAMS).effects
    company.path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = company.path.with_suffix(f".{os.getpid()}")
    effects[KEPT].assign(seed=company.seed).to_parquet(unfinished)
    unfinished.replace(company.path)


def _against_truth(strategy: object, rows: pd.DataFrame) -> dict[str, object]:
    mine = rows[rows.strategy_id == strategy.strategy_id]
    known = mine[mine.relative_low.notna()]
    holds = (known.relative_low <= strategy.effect) & (strategy.effect <= known.relative_high)
    wrong = mine.verdict == ("did_not_work" if strategy.effect > MIN_EFFECT else "worked")
    counts = {word: int((mine.verdict == word).sum()) for word in VERDICTS}
    return {
        "strategy": strategy.strategy_id,
        "truth": f"{strategy.effect:+.0%} {strategy.expected}",
        **counts,
        "wrong": _share(wrong),
        "interval holds truth": _share(holds),
        "mean estimate": f"{mine.relative.mean():+.1%}",
    }


def _reasons(rows: pd.DataFrame) -> pd.DataFrame:
    told = rows[rows.verdict == "cannot_tell"]
    first = told.reasons.str.split(";").str[0].str.replace(r"[-\d][\d,.%]*", "#", regex=True)
    counts = first.str.slice(0, 105).groupby(told.strategy_id).value_counts()
    return counts.groupby(level=0).head(2).rename("companies").reset_index()


def _share(hits: pd.Series) -> str:
    if hits.empty:
        return "–"
    interval = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci()
    return f"{hits.mean():.2f} ({interval.low:.2f}-{interval.high:.2f})"
