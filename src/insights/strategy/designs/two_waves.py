"""One period before and one after: paired surveys, or any outcome measured twice."""

from __future__ import annotations

import numpy as np

from insights.params import StrategyParams
from insights.strategy.designs.fits import Fit
from insights.strategy.designs.paired import paired_fit
from insights.strategy.panel.outcomes import OutcomePanel
from insights.words import _


def two_waves(panel: OutcomePanel) -> bool:
    """Say whether a panel is two waves: the treated units have one period before, one after."""
    starts, after = panel.starts[panel.treated], panel.after[panel.treated]
    placed = (starts == 1).all() and (after == 1).all()
    return bool(panel.values.shape[1] == 2 and len(starts) and placed)


def complete_pairs(panel: OutcomePanel) -> OutcomePanel:
    """Keep the units that gave both values; whoever did not answer twice says nothing of a change.

    The panel stays as it is where it is not two waves.
    """
    if not two_waves(panel):
        return panel
    return panel.rows(np.asarray(~np.isnan(panel.values).any(axis=1)))


def two_waves_fit(panel: OutcomePanel, params: StrategyParams) -> Fit:
    """Compare the changes of treated and comparison units, one pair of values each.

    Two waves show no earlier trend: nothing says what it would be if trends went on.
    """
    first, second = panel.values.T
    found = paired_fit(
        first, second, panel.treated, None, params.confidence, params.direction, params.seed
    )
    reason = _("{reason}; two waves show no earlier trend, so it rests on how units were chosen")
    return Fit(
        found.name, reason.format(reason=found.reason), found.estimate, found.low, found.high,
        found.p_value, float("nan"), (float("nan"),) * 3, float("nan"), found.detectable,
        found.unit_gaps, _expected(panel, found.unit_gaps),
        {"paired": found.estimate, **found.estimates},
    )  # fmt: skip


def _expected(panel: OutcomePanel, gaps: np.ndarray) -> np.ndarray:
    expected = panel.values[panel.treated].copy()
    expected[:, 1] -= gaps
    return expected
