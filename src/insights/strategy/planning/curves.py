"""From pretended pilots to power by lift, and to the smallest effect that a pilot can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from insights.params import StrategyPlanParams
from insights.strategy.panel.outcomes import Floats
from insights.strategy.planning.simulation import Cell, Draws

POWER = ("units", "periods", "lift", "power", "low", "high", "runs", "power_with_min_effect")
CELLS = (
    "units", "periods", "mde", "mde_low", "mde_high", "false_alarms", "false_low", "false_high",
    "power_at_min_effect", "reaching_min_effect", "worked_from", "runs", "windows", "before",
    "would_do", "largest", "reason",
)  # fmt: skip


def wilson(hits: Floats, runs: int, confidence: float) -> tuple[Floats, Floats]:
    """Return the Wilson (1927) interval of a share of ``runs``."""
    if not runs:
        nothing = np.full(len(hits), np.nan)
        return nothing, nothing
    z2 = float(stats.norm.ppf((1 + confidence) / 2)) ** 2
    share = hits / runs
    middle = (share + z2 / (2 * runs)) / (1 + z2 / runs)
    half = np.sqrt(z2 * share * (1 - share) / runs + z2**2 / (4 * runs**2)) / (1 + z2 / runs)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def power_rows(cell: Cell, lifts: Floats, draws: Draws, params: StrategyPlanParams) -> pd.DataFrame:
    """Return the power of one cell at each lift, with its Monte-Carlo interval."""
    runs, places = len(draws.worked), np.arange(len(lifts))
    hits = (draws.worked[None, :] <= places[:, None]).sum(axis=1).astype(float)
    full = (draws.reached[None, :] <= places[:, None]).sum(axis=1).astype(float)
    low, high = wilson(hits, runs, params.interval)
    none = np.nan if not runs else 1 / runs
    rows = {
        "units": cell.units, "periods": cell.periods, "lift": lifts, "power": hits * none,
        "low": low, "high": high, "runs": runs, "power_with_min_effect": full * none,
    }  # fmt: skip
    return pd.DataFrame(rows)


def cell_row(
    rows: pd.DataFrame, draws: Draws, params: StrategyPlanParams, reason: str
) -> dict[str, object]:
    """Return what one cell can tell: its MDE with interval, false alarms, or why it has none.

    The MDE's interval holds the lifts at which the Wilson bounds of the power reach the target;
    ``reaching_min_effect`` is the power at the smallest effect worth having where the estimate
    must reach it too, as a review asks; ``worked_from`` the effect with the target power then.
    """
    lifts = rows.lift.to_numpy(float)
    mde, low, high = (
        crossing(lifts, rows[name].to_numpy(float), params.power) for name in ("power", "high",
                                                                              "low")
    )  # fmt: skip
    at_least, reaching = (
        float(np.interp(params.min_effect, lifts, rows[name].to_numpy(float), right=np.nan))
        for name in ("power", "power_with_min_effect")
    )
    return {
        "units": int(rows.units.iloc[0]), "periods": int(rows.periods.iloc[0]), "mde": mde,
        "mde_low": low, "mde_high": high, "false_alarms": float(rows.power.iloc[0]),
        "false_low": float(rows.low.iloc[0]), "false_high": float(rows.high.iloc[0]),
        "power_at_min_effect": at_least, "reaching_min_effect": reaching,
        "worked_from": crossing(lifts, rows.power_with_min_effect.to_numpy(float), params.power),
        "runs": len(draws.worked), "windows": len(draws.before),
        "before": max(draws.before, default=0), "would_do": bool(0 < mde <= params.min_effect),
        "largest": False, "reason": reason,
    }  # fmt: skip


def crossing(lifts: Floats, power: Floats, target: float) -> float:
    """Return the smallest lift with the target power, between grid points by straight lines.

    NaN where no lift of the grid reaches it.
    """
    reached = np.flatnonzero(power >= target)
    if not len(reached):
        return float("nan")
    first = int(reached[0])
    if first == 0:
        return float(lifts[0])
    below, above = power[first - 1], power[first]
    part = (target - below) / (above - below)
    return float(lifts[first - 1] + part * (lifts[first] - lifts[first - 1]))


def chosen_cell(cells: pd.DataFrame, params: StrategyPlanParams) -> Cell:
    """Return the size that is planned: asked for, else the cheapest that would do.

    Where none would do, the sharpest; where none can tell anything, the one of most unit periods.
    The most that the data allow is planned only where it would do or nothing else can be tried.
    """
    tried = cells[cells.runs > 0]
    usual = tried[~tried.largest.astype(bool) | tried.would_do.astype(bool)]
    tried = usual if len(usual) else tried
    for column, wanted in (("units", params.pilot_units), ("periods", params.pilot_periods)):
        tried = tried[tried[column] == wanted] if wanted is not None else tried
    cost = tried.units * tried.periods
    ranked = tried.assign(cost=cost, fails=~tried.would_do.astype(bool), large=-cost)
    some = bool((~ranked.fails).any())
    order = ["fails", "cost", "periods"] if some else ["mde", "large", "periods"]
    first = ranked.sort_values(order, na_position="last").iloc[0]
    return Cell(int(first.units), int(first.periods))
