"""The effect period by period, before the start (where there should be none) and after it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import StrategyParams
from insights.strategy.compare import FEWEST_DONORS, compared_part
from insights.strategy.designs.group_time import group_time
from insights.strategy.panel.outcomes import OutcomePanel

PERIODS = ("event", "effect", "low", "high", "n_treated")


def effect_by_period(panel: OutcomePanel, params: StrategyParams) -> pd.DataFrame:
    """What did the treated do beyond the comparison units in each period around the start?

    ``event`` counts periods from the start (0 is the first that counts), effects are outcome units
    per treated unit. Each start is held against the mean of its own periods before (Callaway and
    Sant'Anna 2021). Units and periods are those that the headline was estimated on. With few
    treated units the interval is left out: their spread says too little. Empty where there is
    nobody to compare with.
    """
    part = compared_part(panel, params).panel
    if not part.treated.any() or int((~part.treated).sum()) < FEWEST_DONORS:
        return pd.DataFrame(columns=list(PERIODS))
    try:
        found = group_time(
            part.values, part.starts, part.after, base="all", confidence=params.confidence
        )
    except ValueError:
        return pd.DataFrame(columns=list(PERIODS))
    table = found.by_event.rename(columns={"estimate": "effect"}).loc[:, list(PERIODS)]
    if int(part.treated.sum()) <= params.few_treated:
        return table.assign(low=np.nan, high=np.nan)
    return table
