"""Simulated hospitals x months whose true effect is known: the market of the strategy study.

40 hospitals, 36 months: a level, a trend of its own each, a season of its own strength and AR(1)
noise of 10 % of the level. What differs between scenarios: how many are treated, how they were
chosen, when they begin, what is missing and how much of it is zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

UNITS, PERIODS, START = 40, 36, 24
MONTHS = pd.date_range("2022-01-01", periods=PERIODS, freq="MS")
STAGGERED = (20, 24, 28)
STUDY = 5


@dataclass(frozen=True)
class Scenario:
    """How one study panel is made: who is treated, from when, and what is wrong with the data."""

    name: str
    words: str
    runs: int
    treated: int = 8
    chosen: str = "random"
    starts: tuple[int, ...] = (START,)
    missing: float = 0.0
    zeros: bool = False
    sized: bool = False


SCENARIOS = (
    Scenario("a", "8 of 40 at random", 1000),
    Scenario("b", "8 chosen for measured growth", 1000, chosen="measured"),
    Scenario("b2", "8 chosen for true trend", 300, chosen="latent"),
    Scenario("c", "one at random", 1000, treated=1),
    Scenario("c2", "one chosen for measured growth", 300, treated=1, chosen="measured"),
    Scenario("d", "12 staggered, months 20/24/28", 300, treated=12, starts=STAGGERED),
    Scenario("e", "8 at random, 20 % missing", 300, missing=0.2),
    Scenario("f", "8 at random, 40 % zeros", 300, zeros=True),
    Scenario("g", "8 at random, unequal sizes", 300, sized=True),
)


@dataclass(frozen=True)
class Panels:
    """Study panels stacked: values are runs x units x periods, starts runs x units.

    ``starts`` is PERIODS for a unit that is never treated. ``truth`` is the mean over treated
    units of what the strategy added per period after the start, ``expected`` the mean of what
    there would have been without it; both a value a run.
    """

    values: np.ndarray
    starts: np.ndarray
    truth: np.ndarray
    expected: np.ndarray

    @property
    def treated(self) -> np.ndarray:
        """Return runs x units: who is treated."""
        return self.starts < PERIODS

    @property
    def after(self) -> np.ndarray:
        """Return runs x units x periods: treated and begun."""
        return np.arange(PERIODS) >= self.starts[:, :, None]

    def frames(self, run: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return one run as outcomes[unit_id, period, value] and units[unit_id, starts_on]."""
        ids = np.array([f"H{i:03d}" for i in range(UNITS)])
        outcomes = pd.DataFrame(
            {
                "unit_id": np.repeat(ids, PERIODS),
                "period": np.tile(MONTHS, UNITS),
                "value": self.values[run].ravel(),
            }
        )
        treated = self.treated[run]
        starts_on = MONTHS[self.starts[run][treated]]
        return outcomes.dropna(), pd.DataFrame({"unit_id": ids[treated], "starts_on": starts_on})


def study_panels(scenario: Scenario, effect: float, seeds: range) -> Panels:
    """Return the panels of these seeds; the same seed is the same market under every effect."""
    made = [_one(scenario, effect, seed) for seed in seeds]
    return Panels(*(np.array(part) for part in zip(*made, strict=True)))


def _one(
    scenario: Scenario, effect: float, seed: int
) -> tuple[np.ndarray, np.ndarray, float, float]:
    rng = np.random.default_rng([seed, STUDY])
    values, trend = _market(rng, scenario.sized)
    treated = _chosen(scenario, values, trend, rng)
    if scenario.zeros:
        values = _intermittent(values, rng)
    starts = np.full(UNITS, PERIODS)
    starts[treated] = np.resize(scenario.starts, scenario.treated)
    after = np.arange(PERIODS) >= starts[:, None]
    expected = _unit_means(values, after)
    changed = np.where(after, values * (1 + effect), values)
    changed[rng.random(values.shape) < scenario.missing] = np.nan
    return changed, starts, effect * expected, expected


def _unit_means(values: np.ndarray, after: np.ndarray) -> float:
    rows = after.any(axis=1)
    return float(np.mean(values[rows].mean(axis=1, where=after[rows])))


def _market(rng: np.random.Generator, sized: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return units x periods without any strategy, and the true trends (units a month)."""
    time = np.arange(PERIODS)
    level = rng.normal(100, 20, UNITS).clip(40)
    scale = np.ones(UNITS)
    if sized:
        level = 100 * np.exp(rng.normal(0, 0.6, UNITS))
        scale = level / 100
    trend = rng.normal(0.3, 0.25, UNITS)
    season = rng.uniform(5, 15, UNITS)[:, None] * np.sin(2 * np.pi * time / 12)
    moved = trend[:, None] * time + season + 10 * _autoregressive(rng, 0.5)
    return level[:, None] + moved * scale[:, None], trend


def _autoregressive(rng: np.random.Generator, rho: float) -> np.ndarray:
    shocks = rng.normal(size=(UNITS, PERIODS))
    for month in range(1, PERIODS):
        shocks[:, month] = rho * shocks[:, month - 1] + np.sqrt(1 - rho**2) * shocks[:, month]
    return shocks


def _chosen(
    scenario: Scenario, values: np.ndarray, trend: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    if scenario.chosen == "random":
        return rng.permutation(UNITS)[: scenario.treated]
    if scenario.chosen == "latent":
        return np.argsort(-trend)[: scenario.treated]
    growth = values[:, START - 12 : START].mean(axis=1) / values[:, : START - 12].mean(axis=1)
    return np.argsort(-growth)[: scenario.treated]


def _intermittent(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return demand that comes in six months of ten, in gamma sizes, with the same mean."""
    bought = rng.random(values.shape) < 0.6
    sizes = rng.gamma(2.0, 0.5, values.shape)
    return np.clip(values, 0, None) * bought * sizes / 0.6
