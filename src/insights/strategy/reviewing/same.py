"""Every metric of a strategy on the same units, periods and windows."""

from __future__ import annotations

import pandas as pd

from insights.params import StrategyParams
from insights.strategy.comparable.seasons import period_ends
from insights.strategy.comparable.units import Chosen
from insights.strategy.compare import compare_panel, judged
from insights.strategy.effect import StrategyEffect
from insights.strategy.panel.outcomes import OutcomesError, read_panel
from insights.strategy.panel.windows import Windows, planned_windows

PANEL = ["unit_id", "period", "value"]


def planned_panel(outcomes: pd.DataFrame, units: pd.DataFrame, params: StrategyParams) -> Windows:
    """Read the outcomes of chosen units and cut them to the planned windows.

    ``OutcomesError`` where the windows leave no treated unit, saying which time is too short.
    """
    panel = read_panel(outcomes[PANEL], units, params.washout_periods)
    found = planned_windows(panel, params)
    if not found.panel.treated.any():
        raise OutcomesError("; ".join(gate.reason for gate in found.gates if not gate.passed))
    return found


def another_metric(
    rows: pd.DataFrame, chosen: Chosen, params: StrategyParams, own_span: bool = False
) -> StrategyEffect | None:
    """Compare another metric on what was chosen for the first; None where it has no treated unit.

    ``rows`` is the panel of that metric, as of ``strategy_panel``. Units, span and windows are
    those of the first metric, so that the two answers differ by the metric alone. ``own_span``
    keeps all of ``rows``' periods: a survey asked twice spans two days, in which nothing is sold.
    """
    same = rows[rows.unit_id.isin(chosen.outcomes.unit_id)]
    own = same if own_span else _same_span(same, chosen.outcomes)
    units = chosen.units[chosen.units.unit_id.isin(own.unit_id)]
    if units.empty:
        return None
    found = planned_panel(own, units, params)
    return judged(compare_panel(found.panel, params), params, found.gates)


def _same_span(own: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Keep the periods that lie wholly within those of the first metric."""
    if own.empty or first.empty:
        return own.head(0)
    periods = pd.DatetimeIndex(own.period.unique()).sort_values()
    last = period_ends(pd.DatetimeIndex(first.period.unique()).sort_values()).max()
    inside = periods[(periods >= first.period.min()) & (period_ends(periods) <= last)]
    return own[own.period.isin(inside)]
