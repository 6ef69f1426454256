"""The history that pilots are pretended on: who may take part, and what they are like."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.params import StrategyParams
from insights.strategy.comparable.units import SCANT
from insights.strategy.designs.gap import row_means, row_slopes
from insights.strategy.panel.outcomes import Bools, Floats, OutcomePanel, read_panel
from insights.strategy.panel.shape import season_of
from insights.words import _

EXCLUDED = ("unit_id", "reason")
SEEN = 0.5


@dataclass(frozen=True)
class History:
    """Units by periods before any strategy. ``allowed`` marks units that may be treated.

    ``regions`` holds each unit's region (None where unknown), ``season`` the periods of a year.
    """

    panel: OutcomePanel
    regions: np.ndarray
    allowed: Bools
    season: int

    def traits(self, until: int, ahead: int) -> Traits:
        """Return what units are like on the periods before ``until``."""
        return unit_traits(self.panel.values[:, :until], self.season, ahead)

    def until(self, end: int) -> History:
        """Return the history up to a period."""
        return replace(self, panel=self.panel.until(end))

    def usable(self, until: int, rules: StrategyParams) -> Bools:
        """Mark units that can take part in a comparison that starts at ``until``."""
        values = self.panel.values[:, :until]
        return seen_enough(values, rules) & sold_enough(values, self.season)


@dataclass(frozen=True)
class Traits:
    """What a unit is like before: level, trend a period and season, both shares of the level."""

    level: Floats
    trend: Floats
    season: Floats


def read_history(outcomes: pd.DataFrame, among: Collection[object] | None) -> History:
    """Read outcomes[unit_id, period, value] (region_id optional); ``among`` may be treated.

    ``OutcomesError`` names every fault of the input.
    """
    nobody = pd.DataFrame({"unit_id": [], "starts_on": []})
    panel = read_panel(outcomes, nobody, 0)
    regions = np.full(len(panel.unit_ids), None, dtype=object)
    if "region_id" in outcomes.columns:
        homes = outcomes.dropna(subset="region_id").groupby("unit_id").region_id.min()
        found = homes.reindex(panel.unit_ids).astype(object)
        regions = found.where(found.notna(), None).to_numpy(dtype=object)
    ids = pd.Series(panel.unit_ids)
    allowed = ids.notna() if among is None else ids.isin(list(among))
    return History(panel, regions, allowed.to_numpy(bool), season_of(panel.periods))


def seen_enough(values: Floats, rules: StrategyParams) -> Bools:
    """Mark units with a value in half of the periods, and in as many as a comparison needs."""
    held = (~np.isnan(values)).sum(axis=1)
    return held >= max(SEEN * values.shape[1], rules.min_pre_periods)


def sold_enough(values: Floats, season: int) -> Bools:
    """Mark units whose last year is more than next to nothing beside the usual unit's."""
    level = _last_level(values, season)
    known = level[~np.isnan(level)]
    usual = float(np.median(known)) if len(known) else 0.0
    return ~(level < SCANT * usual) if usual > 0 else np.ones(len(level), dtype=bool)


def excluded_units(history: History, rules: StrategyParams) -> pd.DataFrame:
    """Return every unit that cannot take part and why: unit_id, reason."""
    values = history.panel.values
    seen, sold = seen_enough(values, rules), sold_enough(values, history.season)
    short = _("seen in {n} of {m} periods; {least} are needed")
    least = int(np.ceil(max(SEEN * values.shape[1], rules.min_pre_periods)))
    counts = (~np.isnan(values)).sum(axis=1)
    rows = [
        (unit, short.format(n=count, m=values.shape[1], least=least) if not enough
         else _("next to nothing in the last year"))
        for unit, count, enough, some in zip(
            history.panel.unit_ids, counts, seen, sold, strict=True)
        if not (enough and some)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(EXCLUDED))


def unit_traits(values: Floats, season: int, ahead: int) -> Traits:
    """Return level, trend and season of each row.

    Season is the mean of the same periods a year before the next ``ahead`` ones (at most half a
    year of them), against the year's; NaN where there is no year.
    """
    level = row_means(values)
    size = np.where(level > 0, level, np.nan)
    slope = row_slopes(values) / size
    trend = np.where(np.isnan(slope), 0.0, slope)
    if season < 2 or values.shape[1] < season:
        return Traits(level, trend, np.full(len(values), np.nan))
    year = values[:, -season:]
    same = row_means(year[:, : min(ahead, season // 2)])
    return Traits(level, trend, (same - row_means(year)) / size)


def _last_level(values: Floats, season: int) -> Floats:
    return row_means(values[:, -season:] if season > 1 else values)
