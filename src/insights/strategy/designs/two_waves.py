"""One period before and one after: paired surveys, or any outcome measured twice."""

from __future__ import annotations

import numpy as np
from scipy import stats

from insights.params import StrategyParams
from insights.strategy.designs.fits import Fit
from insights.strategy.designs.paired import PairedFit, paired_fit
from insights.strategy.panel.outcomes import OutcomePanel
from insights.words import _


def two_waves(panel: OutcomePanel) -> bool:
    """Say whether a panel is two waves: every treated unit has one period before and one after."""
    starts, after = panel.starts[panel.treated], panel.after[panel.treated]
    return bool(panel.values.shape[1] == 2 and (starts == 1).all() and (after == 1).all())


def two_waves_fit(panel: OutcomePanel, params: StrategyParams) -> Fit:
    """Compare the changes of treated and comparison units, one pair of values each.

    Two waves show no earlier trend: the answer if trends go on is the answer itself.
    """
    first, second = panel.values.T
    found = paired_fit(
        first, second, panel.treated, None, params.confidence, params.direction, params.seed
    )
    better = -found.estimate if params.direction == "down" else found.estimate
    trend_p = found.p_value / 2 if better > 0 else 1 - found.p_value / 2
    reason = _("{reason}; two waves show no earlier trend, so it rests on how units were chosen")
    return Fit(
        found.name, reason.format(reason=found.reason), found.estimate, found.low, found.high,
        found.p_value, trend_p, _trend(found, params), float("nan"), found.detectable,
        found.unit_gaps, _expected(panel, found.unit_gaps),
        {"paired": found.estimate, **found.estimates},
    )  # fmt: skip


def _trend(found: PairedFit, params: StrategyParams) -> tuple[float, float, float]:
    half = float(stats.t.ppf(1 - params.trend_alpha, found.df)) * found.error
    return found.estimate, found.estimate - half, found.estimate + half


def _expected(panel: OutcomePanel, gaps: np.ndarray) -> np.ndarray:
    expected = panel.values[panel.treated].copy()
    expected[:, 1] -= gaps
    return expected
