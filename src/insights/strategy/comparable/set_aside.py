"""Which registered units cannot be compared: decided before anything is tested on the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.params import StrategyParams
from insights.strategy.panel.left_out import left_out
from insights.strategy.panel.outcomes import OutcomePanel, OutcomesError, read_panel
from insights.strategy.panel.shape import Comparison, comparable_part
from insights.strategy.panel.windows import planned_windows

PANEL = ["unit_id", "period", "value"]


@dataclass(frozen=True)
class SetAside:
    """The ids of registered units that cannot be compared, and in words how many and why."""

    unit_ids: pd.Index
    words: tuple[str, ...]


NOBODY = SetAside(pd.Index([], dtype=object), ())


def set_aside(rows: pd.DataFrame, units: pd.DataFrame, params: StrategyParams) -> SetAside:
    """Which treated units have no before, no after or too many gaps in the planned windows?

    ``rows`` [unit_id, period, value] is the panel of the metric, ``units`` [unit_id, starts_on] the
    registered. A unit set aside is neither treated nor comparison, and moves no window: levels,
    likeness, gates and looks are those of the others. Nobody is set aside where nobody would be
    left, or where the panel cannot be read: the comparison then says why.
    """
    begun = units[units.unit_id.isin(rows.unit_id)]
    if begun.empty:
        return NOBODY
    try:
        return _judged(_registered(rows, begun, params), params)
    except OutcomesError:
        return NOBODY


def _judged(panel: OutcomePanel, params: StrategyParams) -> SetAside:
    whole = comparable_part(panel, 0, params.min_post_periods, gaps=True)
    if not whole.panel.treated.any():
        return NOBODY
    window = planned_windows(whole.panel, params).panel
    part = comparable_part(window, 0, params.min_post_periods, gaps=params.two_waves)
    if not part.panel.treated.any():
        return NOBODY
    out = _together(whole, window, part, params)
    ids = [*out.early, *out.brief, *out.late, *out.sparse]
    return SetAside(pd.Index(ids, dtype=object), left_out(out))


def _together(
    whole: Comparison, window: OutcomePanel, part: Comparison, params: StrategyParams
) -> Comparison:
    """Add who drops out of the planned windows to who drops out of the whole time.

    Equal windows cut every before alike: who is short of one there is left to the comparison.
    """
    gone = ~np.isin(whole.panel.unit_ids, window.unit_ids)
    short = not params.equal_windows
    return replace(
        part,
        early=(*whole.early, *(part.early if short else ())),
        brief=(*whole.brief, *(part.brief if short else ())),
        late=(*whole.late, *whole.panel.unit_ids[gone], *part.late),
    )


def _registered(rows: pd.DataFrame, units: pd.DataFrame, params: StrategyParams) -> OutcomePanel:
    """Return the panel of the registered units, on the periods of all."""
    own = rows.loc[rows.unit_id.isin(units.unit_id), PANEL]
    others = pd.Index(rows.period.unique()).difference(own.period)
    blank = pd.DataFrame({"unit_id": own.unit_id.iloc[0], "period": others, "value": np.nan})
    filled = pd.concat([own, blank], ignore_index=True) if len(others) else own
    return read_panel(filled, units, params.washout_periods)
