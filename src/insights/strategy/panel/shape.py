"""What a panel's shape allows: who can be compared with whom, on which periods, on which scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.strategy.designs.gap import Changes, Cohort, row_means, unit_changes
from insights.strategy.panel.outcomes import Bools, Floats, OutcomePanel

MONTH, QUARTER, WEEK, DAY = (26, 32), (85, 95), (7, 7), (1, 1)
# A level and a slope take two periods before a start; a panel of two periods has one at most.
FEWEST_BEFORE = 2


@dataclass(frozen=True)
class Comparison:
    """The part of a panel that can be compared, and which units had to be left out of it.

    ``early`` were treated from the first period, ``brief`` have a period before but too few,
    ``late`` have no period after by the end, ``sparse`` too many gaps; ``thin`` are comparison
    units with too many gaps. ``waiting``: the last units to start stand in for comparison units.
    ``words`` says what else was left out.
    """

    panel: OutcomePanel
    early: tuple[object, ...]
    brief: tuple[object, ...]
    late: tuple[object, ...]
    sparse: tuple[object, ...]
    thin: tuple[object, ...]
    waiting: bool
    words: tuple[str, ...] = ()

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


def comparable_part(
    panel: OutcomePanel, min_comparison: int, min_after: int, gaps: bool = False
) -> Comparison:
    """Leave out units without a before or an after or with too many gaps; late starters stand in.

    Where too few units were never treated, the last to start serve as comparison units on the
    periods before they start (not yet treated, as in Callaway and Sant'Anna 2021); units that have
    not started by the end serve on all periods. Otherwise only the never treated do, so that a
    unit still to start changes nothing. ``gaps`` keeps units with gaps.
    """
    fewest = min(FEWEST_BEFORE, panel.values.shape[1] - 1)
    early = panel.treated & (panel.starts == 0)
    brief = panel.treated & ~early & (panel.starts < fewest)
    kept = panel.rows(~(early | brief))
    few = int((~kept.treated).sum()) < min_comparison
    cut = _cut(kept, min_comparison, min_after) if few else kept.values.shape[1]
    waits = kept.treated & (kept.starts >= cut)
    stand_in = waits & few & bool((kept.treated & ~waits).any())
    late = kept.treated & ~stand_in & (kept.after >= cut)
    rest = kept.until(cut).rows(~late)
    sparse = _sparse(rest) & (not gaps)
    return Comparison(
        rest.rows(~sparse), tuple(panel.unit_ids[early]), tuple(panel.unit_ids[brief]),
        tuple(kept.unit_ids[late]), tuple(rest.unit_ids[sparse & rest.treated]),
        tuple(rest.unit_ids[sparse & ~rest.treated]), bool(stand_in.any()),
    )  # fmt: skip


def levels(panel: OutcomePanel) -> Floats:
    """Return what each unit is divided by: its level before, or one.

    Units are compared in shares of their level when larger units also vary more, which seasons
    and growth in sales do; otherwise in the outcome's own units. Before is before the first start;
    before its own start for a unit that was not seen by then.
    """
    first = int(panel.starts[panel.treated].min()) if panel.treated.any() else 0
    early = panel.values[:, : max(first, 2)]
    own = np.arange(panel.values.shape[1]) < panel.starts[:, None]
    level, spread = row_means(early), _row_spreads(np.diff(early, axis=1))
    level = np.where(np.isnan(level), row_means(np.where(own, panel.values, np.nan)), level)
    if not (level > 0.01 * max(float(np.median(level)), 0.0)).all() or not (level > 0).all():
        return np.ones(len(level))
    usable = np.isfinite(spread) & (spread > 0)
    logs = np.log(level[usable])
    if usable.sum() < 5 or logs.std() < 0.1:
        return np.ones(len(level))
    steepness = np.polyfit(logs, np.log(spread[usable]), 1)[0]
    return level if steepness > 0.5 else np.ones(len(level))


def _row_spreads(values: Floats) -> Floats:
    return np.sqrt(row_means((values - row_means(values)[:, None]) ** 2))


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
    """Return the latest end that leaves enough units untreated and enough periods after."""
    whole = panel.values.shape[1]
    begun = set(panel.starts[panel.treated].tolist())
    for cut in sorted({whole, *begun} - {min(begun, default=whole)}, reverse=True):
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
