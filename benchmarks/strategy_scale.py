"""How long does a comparison take, and how much memory?

One thread for linear algebra.
1. Proposition 99, synthetic difference-in-differences with 200 placebos: our core against
   diff-diff. Each round runs all ways, in an order drawn anew; a ratio is the median of paired
   ratios. One state is treated and 38 are not, so that 200 draws are the same 38 placebos again and
   again: ours sees that and solves each once. synthdid-py, the port from the authors' R, runs once
   (half a minute).
2. One comparison of 40 hospitals x 36 months, 8 treated and one treated.
3. 2,000 units x 60 months, 8 and 200 treated, each in a process of its own: time and peak memory.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.strategy_panels import SCENARIOS, study_panels
from insights.strategy import compare_strategy
from insights.strategy.designs.synthetic import synthetic_did

ROUNDS, PLACEBOS = 7, 200
FIRST_TREATED_YEAR = 1989
MANY_UNITS, MANY_MONTHS, MANY_START = 2000, 60, 48
MB = 2**20


def main() -> None:
    """Print the three parts."""
    with threadpool_limits(1):
        _show_proposition_99()
        _show_one_comparison()
    _show_many()


def proposition_99() -> pd.DataFrame:
    """Return packs per head, states x years, California last (synthdid-py's data)."""
    from synthdid import load_california_prop99

    wide = load_california_prop99().pivot(index="State", columns="Year", values="PacksPerCapita")
    return wide.loc[[*wide.index.drop("California"), "California"]]


def placebo_error(wide: pd.DataFrame, drawn: np.ndarray) -> tuple[float, float]:
    """Return our estimate for the last row and the placebo standard error over drawn donors."""
    values, n_before = wide.to_numpy(float), int((wide.columns < FIRST_TREATED_YEAR).sum())
    n_units = len(values)
    groups = np.eye(n_units)[np.append(n_units - 1, drawn)]
    donors = 1 - groups
    donors[:, -1] = 0
    effects = synthetic_did(values, groups, donors, n_before).effects
    return float(effects[0]), float(effects[1:].std(ddof=1))


def _theirs(long: pd.DataFrame) -> tuple[float, float]:
    from diff_diff import SyntheticDiD

    years = list(range(FIRST_TREATED_YEAR, int(long.year.max()) + 1))
    found = SyntheticDiD(n_bootstrap=PLACEBOS, seed=1).fit(
        long, "packs", "treat", "state", "year", post_periods=years
    )
    return float(found.att), float(found.se)


def _port(wide: pd.DataFrame) -> tuple[float, float]:
    from synthdid import placebo_se, synthdid_estimate

    n_before = int((wide.columns < FIRST_TREATED_YEAR).sum())
    found = synthdid_estimate(wide.to_numpy(float), len(wide) - 1, n_before)
    return float(found), float(placebo_se(found, replications=PLACEBOS, random_state=1))


def _show_proposition_99() -> None:
    wide = proposition_99()
    long = wide.rename_axis("state").reset_index().melt("state", None, "year", "packs")
    long = long.assign(treat=(long.state == "California").astype(int), year=long.year.astype(int))
    drawn = np.random.default_rng(1).integers(0, len(wide) - 1, PLACEBOS)
    ways: dict[str, Callable[[], tuple[float, float]]] = {
        "ours, 200 draws": lambda: placebo_error(wide, drawn),
        "diff-diff, 200 draws": lambda: _theirs(long),
    }
    answers = {name: way() for name, way in ways.items()}
    rng = np.random.default_rng(0)
    rounds = []
    for _round in range(ROUNDS):
        order = rng.permutation(list(ways))
        rounds.append({name: _seconds(ways[str(name)]) for name in order})
    spent = pd.DataFrame(rounds)[list(ways)]
    ratio = spent.rdiv(spent["diff-diff, 200 draws"], axis=0).quantile([0.5, 0, 1]).T
    table = pd.DataFrame(answers, index=["estimate", "placebo error"]).T.round(3)
    table["seconds"] = spent.median().round(4)
    table["times faster"] = [f"{m:.1f} ({a:.1f}-{b:.1f})" for m, a, b in ratio.to_numpy()]
    print(f"Proposition 99, {PLACEBOS} placebos, {ROUNDS} rounds: median of paired ratios, range")
    print(table.to_string())
    began = time.perf_counter()
    estimate, error = _port(wide)
    print(f"synthdid-py {estimate:.3f} ({error:.3f}), {time.perf_counter() - began:.1f} s")


def _show_one_comparison() -> None:
    print("\n40 hospitals x 36 months, one comparison: median seconds (slowest) of 10 panels")
    for scenario in SCENARIOS:
        panels = study_panels(scenario, 0.1, range(10))
        frames = [panels.frames(run) for run in range(10)]
        compare_strategy(*frames[0])
        spent = [_seconds(lambda pair=pair: compare_strategy(*pair)) for pair in frames]
        print(f"{scenario.words:32} {np.median(spent):.3f} ({max(spent):.3f})")


def _show_many() -> None:
    print(f"\n{MANY_UNITS:,} units x {MANY_MONTHS} months, a process each")
    for treated in (8, 200):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            print(pool.submit(_many, treated).result())


def _many(treated: int) -> str:
    rng = np.random.default_rng(treated)
    outcomes, units = _large(rng, treated)
    with threadpool_limits(1):
        began = time.perf_counter()
        found = compare_strategy(outcomes, units)
        spent = time.perf_counter() - began
        tracemalloc.start()
        compare_strategy(outcomes, units)
    peak = tracemalloc.get_traced_memory()[1] / MB
    return (
        f"{treated:4d} treated: {spent:.2f} s, peak {peak:.0f} MB beyond the frames handed in; "
        f"{found.design}, {found.relative:+.1%}, {found.verdict}"
    )


def _large(rng: np.random.Generator, treated: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a large panel with an effect of 10 %, sizes and trends unequal."""
    shape = (MANY_UNITS, MANY_MONTHS)
    level = 100 * np.exp(rng.normal(0, 0.6, MANY_UNITS))
    time_axis = np.arange(MANY_MONTHS)
    share = 1 + rng.normal(0.003, 0.002, MANY_UNITS)[:, None] * time_axis
    share = share + 0.1 * np.sin(2 * np.pi * time_axis / 12) + rng.normal(0, 0.1, shape)
    share[:treated, MANY_START:] *= 1.1
    months = pd.date_range("2020-01-01", periods=MANY_MONTHS, freq="MS")
    ids = np.array([f"H{i:04d}" for i in range(MANY_UNITS)])
    outcomes = pd.DataFrame(
        {
            "unit_id": np.repeat(ids, MANY_MONTHS),
            "period": np.tile(months, MANY_UNITS),
            "value": (level[:, None] * share).ravel(),
        }
    )
    return outcomes, pd.DataFrame({"unit_id": ids[:treated], "starts_on": months[MANY_START]})


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
