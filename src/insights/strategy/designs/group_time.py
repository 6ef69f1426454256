"""Group-time effects: units that started together, in each period, against the untreated.

Callaway and Sant'Anna (2021), *Difference-in-differences with multiple time periods*: ATT(g, t) is
the change since before the start g of those who started at g, less the change of comparison units
over the same periods. Averages of them keep each unit's influence, so errors are clustered by unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.strategy.designs.cells import Cells, Estimate, Sample, average
from insights.strategy.designs.gap import period_effects, row_means
from insights.words import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Base = Literal["last", "all"]
Against = Literal["never", "not_yet"]


@dataclass(frozen=True)
class GroupTime:
    """Effects by start and period, and their averages, in outcome units.

    ``overall`` averages over treated units and periods after (the published *simple*);
    ``per_unit`` gives each treated unit the same say (*group*); ``dynamic`` each time since the
    start. ``by_event`` [event, estimate, error, low, high, n_treated] runs from before the start
    (negative) to after (0 is the first period that counts); ``by_group`` is by start; ``cells`` is
    by start and period with counts. ``unit_gaps`` are the treated units' own mean effects, in
    panel order. ``pre_trend_p`` tests the straight drift of the effects before the start.
    """

    overall: Estimate
    per_unit: Estimate
    dynamic: Estimate
    by_event: pd.DataFrame
    by_group: pd.DataFrame
    cells: pd.DataFrame
    pre_trend_p: float
    unit_gaps: Floats
    name: str
    reason: str


def group_time(
    values: Floats,
    starts: Ints,
    after: Ints | None = None,
    base: Base = "last",
    against: Against = "never",
    confidence: float = 0.95,
    small_sample: bool = True,
) -> GroupTime:
    """What did each group of starters gain in each period, and on average?

    ``values`` is units x periods (NaN where nothing was recorded: a cell uses the units seen on
    both sides); ``starts`` the position of the first period touched, the number of periods for the
    never treated; ``after`` the first that counts (default ``starts``). ``base`` is the last period
    before (varying before the start, as published) or the mean of all periods before, which is
    less noisy; ``against`` the never treated, or also those not treated yet. With
    ``small_sample`` spreads are divided by n - 1 and intervals use Satterthwaite's degrees of
    freedom; without, the published errors and the normal distribution. ``ValueError`` where no
    group has periods before and after and comparison units.
    """
    after = starts if after is None else after
    treated = starts < values.shape[1]
    if base == "all" and (~treated).any():
        values = values - period_effects(values[~treated])
    groups = _groups(starts, after, treated)
    cohort = np.full(len(values), -1)
    for number, (start, late) in enumerate(groups):
        cohort[treated & (starts == start) & (after == late)] = number
    cells, changes = _all_cells(values, starts, cohort, groups, base, against)
    if not (cells.event >= 0).any():
        raise ValueError(_("group_time: no start has periods before and after and comparison "
                           "units; leave such units out"))  # fmt: skip
    return _result(cells, changes, Sample(cohort, confidence, small_sample), groups, base, against)


def _groups(starts: Ints, after: Ints, treated: Bools) -> list[tuple[int, int]]:
    pairs = zip(starts[treated].tolist(), after[treated].tolist(), strict=True)
    return sorted(set(pairs))


def _all_cells(
    values: Floats, starts: Ints, cohort: Ints, groups: list[tuple[int, int]],
    base: Base, against: Against,
) -> tuple[Cells, Floats]:  # fmt: skip
    """Return the cells that can be estimated, and the treated units' gaps (units x periods)."""
    parts, gaps = [], np.full(values.shape, np.nan)
    time = np.arange(values.shape[1])
    for number, (start, late) in enumerate(groups):
        own = cohort == number
        change = _changes(values, start, late, base)
        other = (cohort == -1)[:, None] & np.ones(len(time), dtype=bool)
        if against == "not_yet":
            other = ~own[:, None] & (starts[:, None] > np.maximum(time, start - 1))
        cells, apart = _cohort_cells(change, own, other, number, time, start, late)
        gaps[own] = np.where(time >= late, apart[own], np.nan)
        parts.append(cells)
    whole = Cells(*(np.concatenate([getattr(one, name) for one in parts])
                     for name in Cells.__dataclass_fields__))  # fmt: skip
    return whole, gaps


def _changes(values: Floats, start: int, late: int, base: Base) -> Floats:
    """Return units x periods of change since before; NaN where there is nothing to compare."""
    change = np.full(values.shape, np.nan)
    if start < 1:
        return change
    early = values[:, :start]
    if base == "last":
        change[:, 1:start] = np.diff(early, axis=1)
        change[:, late:] = values[:, late:] - early[:, -1:]
        return change
    count = (~np.isnan(early)).sum(axis=1, keepdims=True)
    mean = np.nansum(early, axis=1, keepdims=True) / np.where(count > 0, count, np.nan)
    change[:, :start] = (early - mean) * count / np.where(count > 1, count - 1, np.nan)
    change[:, late:] = values[:, late:] - mean
    return change


def _cohort_cells(
    change: Floats, own: Bools, other: Bools, number: int, time: Ints, start: int, late: int
) -> tuple[Cells, Floats]:
    seen = ~np.isnan(change)
    ours, theirs = seen & own[:, None], seen & other
    n_ours, n_theirs = ours.sum(axis=0), theirs.sum(axis=0)
    held = np.nan_to_num(change)
    mine = (held * ours).sum(axis=0) / np.maximum(n_ours, 1)
    rest = (held * theirs).sum(axis=0) / np.maximum(n_theirs, 1)
    influence = np.where(ours, held - mine, 0) / np.maximum(n_ours, 1)
    influence = influence - np.where(theirs, held - rest, 0) / np.maximum(n_theirs, 1)
    use = (n_ours > 0) & (n_theirs > 0)
    event = np.where(time >= late, time - late, time - start)
    cells = Cells(
        np.full(use.sum(), number), time[use], event[use], (mine - rest)[use],
        n_ours[use], n_theirs[use], influence.T[use],
    )  # fmt: skip
    return cells, np.where(n_theirs > 0, change - rest, np.nan)


def _result(
    cells: Cells, gaps: Floats, sample: Sample, groups: list[tuple[int, int]], base: Base,
    against: Against,
) -> GroupTime:  # fmt: skip
    size = np.bincount(sample.cohort[sample.cohort >= 0], minlength=len(groups)).astype(float)
    share, late = size[cells.group], cells.event >= 0
    counted = np.unique(cells.group[late])
    events = np.unique(cells.event)
    by_group = [late & (cells.group == one) for one in counted]
    by_event = [cells.event == one for one in events]
    even = _even(cells.group, late, share)
    firsts = np.array([_shares(part, share) for part in by_event])
    dynamic = firsts[events >= 0].mean(axis=0)
    return GroupTime(
        average(cells, _shares(late, share), sample),
        average(cells, even, sample),
        average(cells, dynamic, sample, [one for one in by_event if late[one].all()]),
        _table("event", events, [average(cells, one, sample) for one in firsts],
               [size[cells.group[part]].sum() for part in by_event]),
        _table("group", np.array([groups[one][0] for one in counted]),
               [average(cells, part / part.sum(), sample, []) for part in by_group],
               list(size[counted])),
        _cell_table(cells, sample, groups), _drift_p(cells, firsts, events, base, sample),
        row_means(gaps[sample.cohort >= 0]), _("group-time effects"), _words(base, against),
    )  # fmt: skip


def _shares(part: Bools, share: Floats) -> Floats:
    weight = np.where(part, share, 0.0)
    return weight / weight.sum()


def _even(group: Ints, late: Bools, share: Floats) -> Floats:
    """Weigh cells so that each treated unit has the same say, however long it was observed."""
    count = np.bincount(group[late])
    weight = np.where(late, share / np.maximum(count, 1)[np.where(late, group, 0)], 0.0)
    return weight / weight.sum()


def _drift_p(cells: Cells, firsts: Floats, events: Ints, base: Base, sample: Sample) -> float:
    """Test the slope before the start: the mean step, or the line through the levels."""
    early = np.flatnonzero(events < 0)
    if len(early) < (1 if base == "last" else 2):
        return float("nan")
    if base == "last":
        return average(cells, firsts[early].mean(axis=0), sample).p_value
    away = events[early] - events[early].mean()
    return average(cells, (away / (away @ away)) @ firsts[early], sample, []).p_value


def _table(what: str, keys: Ints, rows: list[Estimate], n_treated: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            what: keys,
            "estimate": [row.estimate for row in rows],
            "error": [row.error for row in rows],
            "low": [row.low for row in rows],
            "high": [row.high for row in rows],
            "n_treated": np.array(n_treated, dtype=np.int64),
        }
    )


def _cell_table(cells: Cells, sample: Sample, groups: list[tuple[int, int]]) -> pd.DataFrame:
    rows = [average(cells, one, sample, []) for one in np.eye(len(cells.effect))]
    starts = np.array([start for start, _late in groups])[cells.group]
    table = _table("group", starts, rows, list(cells.n_treated))
    table.insert(1, "period", cells.period)
    return table.assign(n_comparison=cells.n_comparison)


def _words(base: Base, against: Against) -> str:
    since = {
        "last": _("the last period before its start"),
        "all": _("the mean of all periods before its start"),
    }
    others = {
        "never": _("units that never started"),
        "not_yet": _("units that had not started yet"),
    }
    return _("each start is compared on its own dates with {others}, since {since}").format(
        others=others[against], since=since[base]
    )
