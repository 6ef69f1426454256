"""How often is a useless strategy called a success, and a useful one found?

Panels of 40 hospitals x 36 months with season, AR(1) noise and unequal trends; 8 treated in the
last 12 months, at random or chosen for their growth so far. Ours against a paired before/after
test and plain difference-in-differences on unit means. Share of ``worked`` (for the peers: p < 0.05
and a gain).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from insights.strategy import compare_strategy

RUNS = 200
UNITS, PERIODS, START, TREATED = 40, 36, 24, 8
GAIN = 0.10


def panel(rng: np.random.Generator) -> np.ndarray:
    """Return units x periods of sales without any strategy."""
    level = 100 * np.exp(rng.normal(0, 0.5, UNITS))[:, None]
    month = np.arange(PERIODS)
    season = 1 + 0.15 * np.sin(2 * np.pi * month / 12) - 0.2 * (month % 12 == 1)
    trend = 1 + rng.normal(0.004, 0.006, UNITS)[:, None] * month
    noise = np.zeros((UNITS, PERIODS))
    for t in month:
        before = noise[:, t - 1] if t else rng.normal(0, 0.12, UNITS)
        noise[:, t] = 0.4 * before + rng.normal(0, 0.1, UNITS)
    return level * season * trend * np.exp(noise)


def ours(values: np.ndarray, treated: np.ndarray) -> bool:
    """Say whether compare_strategy calls it worked."""
    ids = np.array([f"u{i:02d}" for i in range(UNITS)])
    outcomes = pd.DataFrame(
        {
            "unit_id": np.repeat(ids, PERIODS),
            "period": np.tile(np.arange(PERIODS), UNITS),
            "value": values.ravel(),
        }
    )
    units = pd.DataFrame({"unit_id": ids[treated], "starts_on": START})
    return compare_strategy(outcomes, units).verdict == "worked"


def before_after(values: np.ndarray, treated: np.ndarray) -> bool:
    """Paired t-test of the treated units' means, 12 months after against 12 before."""
    change = values[treated, START:].mean(1) - values[treated, START - 12 : START].mean(1)
    return _gain(stats.ttest_1samp(change, 0))


def plain_did(values: np.ndarray, treated: np.ndarray) -> bool:
    """Difference-in-differences on unit means in shares of level, Welch's test."""
    before = values[:, :START].mean(1)
    change = values[:, START:].mean(1) / before - 1
    others = np.setdiff1d(np.arange(UNITS), treated)
    return _gain(stats.ttest_ind(change[treated], change[others], equal_var=False))


def main() -> None:
    """Print the share called worked, by method and by how units were chosen."""
    rows = {}
    for method in (ours, plain_did, before_after):
        rows[method.__name__] = [
            _share(method, chosen, gain)
            for chosen, gain in (("random", 0.0), ("growth", 0.0), ("random", GAIN))
        ]
    columns = ["false alarms, random", "false alarms, growing chosen", f"found at +{GAIN:.0%}"]
    print(pd.DataFrame(rows, index=columns).T.to_string())


def _share(method, chosen: str, gain: float) -> str:
    hits = 0
    for seed in range(RUNS):
        rng = np.random.default_rng([seed, 7])
        values = panel(rng)
        growth = values[:, 12:START].mean(1) / values[:, :12].mean(1)
        picked = np.argsort(-growth)[:TREATED] if chosen == "growth" else rng.permutation(UNITS)
        treated = np.sort(picked[:TREATED])
        values[treated, START:] *= 1 + gain
        hits += method(values, treated)
    interval = stats.binomtest(hits, RUNS).proportion_ci()
    return f"{hits / RUNS:.3f} ({interval.low:.3f}-{interval.high:.3f})"


def _gain(test) -> bool:
    return bool(test.pvalue < 0.05 and test.statistic > 0)
