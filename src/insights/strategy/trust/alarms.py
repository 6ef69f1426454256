"""How often would the whole procedure have cried "worked" where nothing was done?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from insights.params import StrategyParams
from insights.strategy.compare import compare_panel
from insights.strategy.panel.outcomes import OutcomePanel

# Placebo draws inside a pretended comparison: enough to tell 5 % from more, cheap enough to repeat.
DRAWS = 100
PLACEBO_SHARE = 2 / 3


def false_alarm_share(panel: OutcomePanel, params: StrategyParams) -> float:
    """Return the share of pretended strategies that the procedure calls worked.

    As many comparison units as were treated are drawn as if treated on the same dates, design,
    gates and verdict included. NaN where too few comparison units are left to compare with.
    """
    control = np.flatnonzero(~panel.treated)
    dates = panel.starts[panel.treated], panel.after[panel.treated]
    if len(control) - len(dates[0]) < max(params.min_comparison_units, len(dates[0])):
        return float("nan")
    rng = np.random.default_rng(params.seed)
    light = replace(params, permutations=min(params.permutations, DRAWS))
    called = [
        compare_panel(
            _pretended(panel, rng.permutation(control), *dates), light
        ).verdict == "worked"
        for _run in range(params.placebo_runs)
    ]  # fmt: skip
    return float(np.mean(called))


def _pretended(
    panel: OutcomePanel, order: np.ndarray, starts: np.ndarray, after: np.ndarray
) -> OutcomePanel:
    length = panel.values.shape[1]
    n = len(starts)
    return OutcomePanel(
        panel.unit_ids[order],
        panel.periods,
        panel.values[order],
        np.concatenate([starts, np.full(len(order) - n, length)]),
        np.concatenate([after, np.full(len(order) - n, length)]),
        np.arange(len(order)) < n,
    )


def placebo_date_p(panel: OutcomePanel, params: StrategyParams) -> float:
    """Return the p-value of an effect at a date two thirds into the time before the first start.

    Nothing was done then: a small value says that the units were not comparable. NaN where the
    time before is too short to be parted.
    """
    if not panel.treated.any():
        return float("nan")
    first = int(panel.starts[panel.treated].min())
    fake = int(first * PLACEBO_SHARE)
    if fake < params.min_pre_periods or first - fake < params.min_post_periods:
        return float("nan")
    starts = np.where(panel.treated, fake, first)
    earlier = replace(
        panel, periods=panel.periods[:first], values=panel.values[:, :first], starts=starts,
        after=starts.copy(),
    )  # fmt: skip
    return compare_panel(earlier, params).p_value
