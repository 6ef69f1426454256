"""The plan's own draw: who is treated, who is kept aside, and how alike they are before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import StrategyParams, StrategyPlanParams
from insights.strategy.planning.draw import (
    drawn,
    matched_sets,
    of_like_size,
    ordered_units,
    standardised_difference,
)
from insights.strategy.planning.history import History
from insights.strategy.planning.simulation import Cell

CHOICE = ("unit_id", "role", "stratum", "level", "trend", "region", "season")
BALANCE = ("trait", "treated", "comparison", "difference")


def chosen_units(
    history: History, cell: Cell, params: StrategyPlanParams, rules: StrategyParams
) -> pd.DataFrame:
    """Return every unit of the plan: treated, or comparison kept aside.

    ``stratum`` numbers the matched set a unit was drawn from (missing where it could not be
    drawn); level is per period, trend a share of it per period.
    """
    until = history.panel.values.shape[1]
    traits, usable = history.traits(until, cell.periods), history.usable(until, rules)
    ordered = ordered_units(traits, history.regions, usable & history.allowed, params)
    picked = drawn(ordered, cell.units, np.random.default_rng(params.seed))
    treated = np.zeros(len(usable), dtype=bool)
    treated[picked] = True
    rows = np.flatnonzero(usable)
    rows = rows[of_like_size(traits.level[rows], treated[rows], rules.size_ratio)]
    sets = pd.Series(matched_sets(ordered, cell.units), index=ordered, dtype="Int64")
    frame = pd.DataFrame(
        {
            "unit_id": history.panel.unit_ids[rows],
            "role": np.where(treated[rows], "treated", "comparison"),
            "stratum": sets.reindex(rows).array,
            "level": traits.level[rows],
            "trend": traits.trend[rows],
            "region": history.regions[rows],
            "season": traits.season[rows],
        }
    )
    frame["first"] = frame.role == "comparison"
    frame = frame.sort_values(["first", "stratum", "unit_id"], kind="stable", ignore_index=True)
    return frame.loc[:, list(CHOICE)]


def balance(choice: pd.DataFrame) -> pd.DataFrame:
    """Return the means of each trait before and their standardised difference."""
    treated = (choice.role == "treated").to_numpy()
    rows = []
    for trait in ("level", "trend", "season"):
        values = choice[trait].to_numpy(float)
        gap = standardised_difference(values, treated, ~treated)
        rows.append((trait, _mean(values[treated]), _mean(values[~treated]), gap))
    return pd.DataFrame(rows, columns=list(BALANCE))


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
