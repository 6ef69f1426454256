"""What a panel's shape allows: who can be compared with whom, on which periods, on which scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.strategy.designs.gap import Changes, Cohort, unit_changes
from insights.strategy.panel.outcomes import Bools, Floats, OutcomePanel

MONTH, QUARTER, WEEK, DAY = (26, 32), (85, 95), (7, 7), (1, 1)


@dataclass(frozen=True)
class Comparison:
    """The part of a panel that can be compared, and what had to be left out of it."""

    panel: OutcomePanel
    early: tuple[object, ...]
    sparse: tuple[object, ...]
    waiting: bool

    @property
    def cohorts(self) -> tuple[int, ...]:
        """Return the distinct first periods after a start."""
        return tuple(sorted(set(self.panel.after[self.panel.treated].tolist())))

    def n_before(self) -> int:
        """Return the usual number of periods before the start."""
        return _typical(self.panel.starts[self.panel.treated])

    def n_after(self) -> int:
        """Return the usual number of periods after the start."""
        return _typical(self.panel.values.shape[1] - self.panel.after[self.panel.treated])


def comparable_part(panel: OutcomePanel, min_comparison: int, min_after: int) -> Comparison:
    """Leave out units without a before or with too many gaps; let late starters stand in.

    Where too few units were never treated, the last to start serve as comparison units on the
    periods before they start.
    """
    early = panel.treated & (panel.starts == 0)
    kept = panel.rows(~early)
    waiting = int((~kept.treated).sum()) < min_comparison
    cut = _cut(kept, min_comparison, min_after) if waiting else kept.values.shape[1]
    waiting = cut < kept.values.shape[1]
    kept = kept.until(cut)
    sparse = _sparse(kept)
    return Comparison(
        kept.rows(~sparse), tuple(panel.unit_ids[early]), tuple(kept.unit_ids[sparse]), waiting
    )


def levels(panel: OutcomePanel) -> Floats:
    """Return what each unit is divided by: its level before, or one.

    Units are compared in shares of their level when larger units also vary more, which seasons
    and growth in sales do; otherwise in the outcome's own units.
    """
    first = int(panel.starts[panel.treated].min()) if panel.treated.any() else 0
    early = panel.values[:, : max(first, 2)]
    level, spread = np.nanmean(early, axis=1), np.nanstd(np.diff(early, axis=1), axis=1)
    if not (level > 0.01 * max(float(np.median(level)), 0.0)).all() or not (level > 0).all():
        return np.ones(len(level))
    usable = np.isfinite(spread) & (spread > 0)
    logs = np.log(level[usable])
    if usable.sum() < 5 or logs.std() < 0.1:
        return np.ones(len(level))
    steepness = np.polyfit(logs, np.log(spread[usable]), 1)[0]
    return level if steepness > 0.5 else np.ones(len(level))


def like_size(level: Floats, treated: Floats, ratio: float) -> Bools:
    """Mark levels within ``ratio`` of the treated's; all where the treated have none to speak of.

    The outermost twentieth of the treated on either side does not widen the range.
    """
    if not len(treated) or treated.min() <= 0:
        return np.ones(len(level), dtype=bool)
    low, high = np.quantile(treated, 0.05) / ratio, np.quantile(treated, 0.95) * ratio
    return (level >= low) & (level <= high)


def cohorts(panel: OutcomePanel, level: Floats) -> list[Cohort]:
    """Return units that started together beside the never treated, as changes per unit."""
    found = []
    for start, after in sorted(set(zip(panel.starts, panel.after, strict=True))):
        members = panel.treated & (panel.starts == start) & (panel.after == after)
        if not members.any():
            continue
        time = np.arange(panel.values.shape[1])
        rows = members | ~panel.treated
        changes = unit_changes(
            panel.values[rows], time < start, time >= after, ~panel.treated[rows], level[rows]
        )
        found.append(Cohort(_part(changes, members[rows]), _part(changes, ~members[rows])))
    return found


def season_of(periods: np.ndarray) -> int:
    """Return how many periods make a season, from the spacing of dates; 1 where unknown."""
    if len(periods) < 3 or not isinstance(periods[0], np.datetime64 | pd.Timestamp):
        return 1
    days = float(np.median(np.diff(pd.DatetimeIndex(periods)).astype("timedelta64[D]").astype(int)))
    for (low, high), season in ((MONTH, 12), (QUARTER, 4), (WEEK, 52), (DAY, 7)):
        if low <= days <= high:
            return season
    return 1


def _cut(panel: OutcomePanel, min_comparison: int, min_after: int) -> int:
    """Return the latest start that leaves enough units untreated and enough periods after."""
    whole = panel.values.shape[1]
    begun = sorted(set(panel.starts[panel.treated].tolist()), reverse=True)
    for cut in begun[:-1]:
        rest = (panel.starts >= cut).sum()
        if rest >= min_comparison and cut - panel.after.min() >= min_after:
            return int(cut)
    return whole


def _sparse(panel: OutcomePanel) -> Bools:
    """Mark units seen in under half of the periods before or after (comparison units: of all)."""
    held = ~np.isnan(panel.values)
    time = np.arange(panel.values.shape[1])
    before = np.where(panel.treated[:, None], time < panel.starts[:, None], True)
    after = np.where(panel.treated[:, None], time >= panel.after[:, None], True)
    thin = [
        (held & part).sum(axis=1) < np.maximum(0.5 * part.sum(axis=1), 0)
        for part in (before, after)
    ]
    first = panel.starts[panel.treated].min() if panel.treated.any() else 1
    bare = ~panel.treated & (held[:, :first].sum(axis=1) < 0.5 * first)
    return thin[0] | thin[1] | bare


def _part(changes: Changes, rows: Bools) -> Changes:
    return Changes(
        changes.change[rows], changes.slope[rows], changes.detrended[rows], changes.level[rows]
    )


def _typical(counts: np.ndarray) -> int:
    return int(np.median(counts)) if len(counts) else 0
