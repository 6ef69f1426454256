"""Does a pilot tell what its plan promised? Planned power against the review's, on known truths.

Each market is one history of 36 months. The plan pretends pilots on it; then the months that
nobody saw are simulated on, the units that the plan drew get a true lift, and the review's
procedure judges them, the register's smallest effect included. At no lift both are false alarms.
PLAN_MARKETS=200 takes about two minutes on one core. Five treated units or fewer, which are judged
by permutation, take far longer and are left out.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.params import StrategyParams, StrategyPlanParams
from insights.strategy.compare import compare_panel
from insights.strategy.panel.outcomes import OutcomePanel
from insights.strategy.planning.choice import chosen_units
from insights.strategy.planning.history import History, read_history
from insights.strategy.planning.simulation import Cell, pretended_pilots, reaches_least

UNITS, HISTORY, STUDY = 40, 36, 6
LIFTS = np.array([0.0, 0.05, 0.1, 0.15])
RUNS = 8
RULES = StrategyParams()


@dataclass(frozen=True)
class Pilot:
    """A size of pilot, on units of one size or of very unequal sizes."""

    words: str
    units: int
    periods: int
    sized: bool = False


PILOTS = (
    Pilot("8 for 6 months", 8, 6),
    Pilot("8 for 12 months", 8, 12),
    Pilot("8 for 6 months, unequal sizes", 8, 6, sized=True),
)


def main() -> None:
    """Print planned and realised shares called worked by lift, with their standard errors."""
    began, count = time.perf_counter(), int(os.environ.get("PLAN_MARKETS", "200"))
    print(
        f"{count} markets a pilot, {RUNS} pretended pilots each, the estimate held to 5 %",
        flush=True,
    )
    for pilot in PILOTS:
        rows = _of_pilot(pilot, range(count)).round(3)
        print(rows.to_string(index=False), flush=True)
    print(f"{time.perf_counter() - began:.0f} s")


def _of_pilot(pilot: Pilot, seeds: range) -> pd.DataFrame:
    found = np.array([planned_and_realised(pilot, seed) for seed in seeds])
    mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(len(seeds))
    return pd.DataFrame(
        {
            "pilot": pilot.words, "lift": LIFTS, "planned": mean[0], "planned_se": error[0],
            "realised": mean[1], "realised_se": error[1],
        }
    )  # fmt: skip


def planned_and_realised(pilot: Pilot, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return by lift the planned power in one market, and whether its review said worked."""
    market = _market(np.random.default_rng([seed, STUDY]), pilot, HISTORY + pilot.periods)
    params = StrategyPlanParams(unit_counts=(pilot.units,), durations=(pilot.periods,), seed=seed)
    history = read_history(_frame(market[:, :HISTORY]), None)
    cell = Cell(pilot.units, pilot.periods)
    draws = pretended_pilots(history, cell, LIFTS, RUNS, params, RULES)
    planned = (draws.reached[:, None] <= np.arange(len(LIFTS))).mean(axis=0)
    return planned, _realised(market, history, cell, params)


def _realised(
    market: np.ndarray, history: History, cell: Cell, params: StrategyPlanParams
) -> np.ndarray:
    choice = chosen_units(history, cell, params, RULES)
    ids, length = history.panel.unit_ids, market.shape[1]
    treated = np.isin(ids, choice.unit_id[choice.role == "treated"])
    starts = np.where(treated, HISTORY, length)
    panel = OutcomePanel(ids, _months(length).to_numpy(), market, starts, starts, treated)
    kept, after = np.isin(ids, choice.unit_id), np.arange(length) >= starts[:, None]
    seen = [replace(panel, values=market * (1 + lift * after)).rows(kept) for lift in LIFTS]
    return np.array(
        [reaches_least(compare_panel(one, RULES), params, RULES) for one in seen], dtype=float
    )


def _market(rng: np.random.Generator, pilot: Pilot, length: int) -> np.ndarray:
    """Return the strategy study's market, at any length: level, own trend, own season, AR(1)."""
    level = 100 * np.exp(rng.normal(0, 0.6, UNITS)) if pilot.sized else (
        rng.normal(100, 20, UNITS).clip(40))  # fmt: skip
    scale = level / 100 if pilot.sized else np.ones(UNITS)
    month = np.arange(length)
    trend = rng.normal(0.3, 0.25, UNITS)[:, None] * month
    season = rng.uniform(5, 15, UNITS)[:, None] * np.sin(2 * np.pi * month / 12)
    noise = rng.normal(size=(UNITS, length))
    for one in range(1, length):
        noise[:, one] = 0.5 * noise[:, one - 1] + np.sqrt(0.75) * noise[:, one]
    return level[:, None] + (trend + season + 10 * noise) * scale[:, None]


def _months(length: int) -> pd.DatetimeIndex:
    return pd.date_range("2022-01-01", periods=length, freq="MS")


def _frame(values: np.ndarray) -> pd.DataFrame:
    length = values.shape[1]
    return pd.DataFrame(
        {
            "unit_id": np.repeat([f"H{i:03d}" for i in range(UNITS)], length),
            "period": np.tile(_months(length), UNITS),
            "value": values.ravel(),
        }
    )
