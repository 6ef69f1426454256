"""Validation cycles: whole months, quarters or years from the start on, and windows alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from insights.params import StrategyParams
from insights.strategy.gates import Gate
from insights.strategy.panel.outcomes import Floats, Ints, OutcomePanel, OutcomesError
from insights.words import _, listing

Cycle = Literal["month", "quarter", "year"]
MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
YEAR = 12


@dataclass(frozen=True)
class Windows:
    """A panel in cycles, what had to be dropped for it in words, and whether the time suffices."""

    panel: OutcomePanel
    words: tuple[str, ...]
    gates: tuple[Gate, ...]


def windows(
    panel: OutcomePanel,
    cycle: Cycle | None,
    same_season: bool = False,
    how: Literal["mean", "sum"] = "mean",
) -> Windows:
    """Put a monthly (or quarterly) panel into whole cycles counted from the start.

    Cycles are counted from the first period after the earliest start; incomplete ones at either
    end are dropped. A cell with a missing period is missing. ``mean`` keeps estimates per period,
    ``sum`` makes them per cycle. ``same_season`` keeps, before the start, only the months of the
    year that lie after it too, and after it at most whole years. A cycle in which a unit starts
    part-way is neither before nor after; a unit without a whole cycle after is left out. Where
    no cycle after the start is left, the gate fails. ``OutcomesError`` where periods are no months.
    """
    if cycle is None and not same_season:
        return Windows(panel, (), (_gate(panel, None),))
    months = _month_numbers(panel)
    step = _step(months)
    length = step if cycle is None else MONTHS[cycle]
    if length % step or (same_season and YEAR % length):
        raise OutcomesError(
            _("cycle: {cycle} cannot be made of periods of {step} months; give shorter periods or "
              "a longer cycle").format(cycle=cycle, step=step)
        )  # fmt: skip
    number = (months - _anchor(panel, months)) // length
    kept, words = _whole(number, length // step, cycle)
    if same_season:
        kept, more = _same_season(kept, _first_touched(panel, number), YEAR // length)
        words = (*words, *more)
    cells = _gathered(panel, number, kept, how)
    return _finished(cells, (*words, *_part_missing(panel, number, kept, cells)), cycle)


def planned_windows(panel: OutcomePanel, params: StrategyParams) -> Windows:
    """Cut a panel to the windows that the params ask for; the panel itself where they ask none."""
    if params.cycle is None and not params.same_season and not params.equal_windows:
        return Windows(panel, (), ())
    whole = windows(panel, params.cycle, params.same_season)
    if not params.equal_windows:
        return whole
    equal = equal_windows(whole.panel)
    words = (*whole.words, *equal.words, *_never_reached(whole.panel, params.planned_looks))
    return Windows(equal.panel, words, whole.gates)


def equal_windows(panel: OutcomePanel) -> Windows:
    """Keep as many periods before the first start as there are after the last, and no more.

    Units treated from the first period have no before and do not count.
    """
    begun = _with_after(panel) & (panel.starts > 0)
    if not begun.any():
        return Windows(panel, (), (_gate(panel, None),))
    length = panel.values.shape[1]
    first, last = int(panel.starts[begun].min()), int(panel.after[begun].max())
    side = min(first, length - last)
    low, high = first - side, last + side
    words = _equal_words(low, length - high, side, len(np.unique(panel.after[begun])) > 1)
    cut = OutcomePanel(
        panel.unit_ids, panel.periods[low:high], panel.values[:, low:high],
        np.clip(panel.starts - low, 0, high - low), np.clip(panel.after - low, 0, high - low),
        panel.treated & (panel.starts < high),
    )  # fmt: skip
    return _finished(cut, words, None)


def _never_reached(panel: OutcomePanel, looks: tuple[int, ...]) -> tuple[str, ...]:
    """Name planned looks at more periods than equal windows can ever hold after the start."""
    begun = _with_after(panel) & (panel.starts > 0)
    if not begun.any():
        return ()
    after = panel.after[begun]
    most = int(panel.starts[begun].min() + after.max() - after.min())
    beyond = [str(look) for look in looks if look > most]
    if not beyond:
        return ()
    said = _("the looks planned at {looks} periods are never reached: equal windows hold at most "
             "{most} periods after the start, as many as before it")  # fmt: skip
    return (said.format(looks=listing(beyond, 12), most=most),)


def _month_numbers(panel: OutcomePanel) -> Ints:
    """Return months since year zero; a month may be missing from the axis."""
    dated = len(panel.periods) and isinstance(panel.periods[0], np.datetime64 | pd.Timestamp)
    if dated:
        days = pd.DatetimeIndex(panel.periods)
        months = (days.year * YEAR + days.month).to_numpy(dtype=np.int64)
        if (np.diff(months) > 0).all() and days.day.nunique() == 1:
            return months
    raise OutcomesError(
        _("outcomes.period: cycles need one date a month, quarter or year, on the same day of the "
          "month; sum shorter periods to months first")
    )  # fmt: skip


def _step(months: Ints) -> int:
    return int(np.gcd.reduce(np.diff(months))) if len(months) > 1 else 1


def _with_after(panel: OutcomePanel) -> np.ndarray:
    return panel.treated & (panel.after < panel.values.shape[1])


def _anchor(panel: OutcomePanel, months: Ints) -> int:
    """Return the month from which cycles are counted both ways."""
    begun = _with_after(panel)
    if begun.any():
        return int(months[panel.after[begun].min()])
    return int(months[-1]) + _step(months)


def _first_touched(panel: OutcomePanel, number: Ints) -> int:
    """Return the first cycle in which anything was done."""
    begun = panel.treated & (panel.starts < len(number))
    return int(number[panel.starts[begun].min()]) if begun.any() else int(number[-1]) + 1


def _whole(number: Ints, size: int, cycle: Cycle | None) -> tuple[Ints, tuple[str, ...]]:
    found, counts = np.unique(number, return_counts=True)
    dropped = int(counts[counts < size].sum())
    if not dropped:
        return found, ()
    said = _("{n} periods outside whole cycles ({cycle}) were dropped").format(
        n=dropped, cycle=cycle or _("as recorded")
    )
    return found[counts == size], (said,)


def _same_season(kept: Ints, touched: int, in_year: int) -> tuple[Ints, tuple[str, ...]]:
    """Keep the cycles before that stand at the same places of the year as those after."""
    after = kept[kept >= 0]
    if len(after) >= in_year:
        after = after[after < len(after) // in_year * in_year]
    places = np.unique(after % in_year)
    before = kept[kept < 0]
    alike = before[np.isin(before % in_year, places) & (before < touched)]
    years, counts = np.unique(alike // in_year, return_counts=True)
    alike = alike[np.isin(alike // in_year, years[counts == len(places)])]
    between = before[before >= touched]
    chosen = np.concatenate([alike, between, after])
    said = _("same season: {before} cycles of {years} earlier years against {after} after; {n} "
             "cycles at other times of the year were left out").format(
        before=len(alike), years=len(np.unique(alike // in_year)), after=len(after),
        n=len(kept) - len(chosen))  # fmt: skip
    return chosen, (said,)


def _gathered(panel: OutcomePanel, number: Ints, kept: Ints, how: str) -> OutcomePanel:
    columns = [np.flatnonzero(number == one) for one in kept]
    first = np.array([one[0] for one in columns], dtype=np.int64)
    last = np.array([one[-1] for one in columns], dtype=np.int64)
    starts = (last < panel.starts[:, None]).sum(axis=1)
    after = (first < panel.after[:, None]).sum(axis=1)
    return OutcomePanel(
        panel.unit_ids, panel.periods[first], _cells(panel.values, columns, how),
        starts.astype(np.int64), after.astype(np.int64), panel.treated & (starts < len(kept)),
    )  # fmt: skip


def _cells(values: Floats, columns: list[Ints], how: str) -> Floats:
    """Return one cell a unit and cycle; NaN where one of its periods is."""
    if not columns:
        return np.empty((len(values), 0))
    parts = [values[:, one].sum(axis=1) / (len(one) if how == "mean" else 1) for one in columns]
    return np.column_stack(parts)


def _part_missing(
    panel: OutcomePanel, number: Ints, kept: Ints, cells: OutcomePanel
) -> tuple[str, ...]:
    """Count the cells that are missing though some of their periods are known."""
    known = ~np.isnan(panel.values)
    some = [known[:, number == one].any(axis=1) for one in kept]
    count = int((np.column_stack(some) & np.isnan(cells.values)).sum()) if some else 0
    if not count:
        return ()
    said = _("{n} cells of {m} are missing because some of their periods are")
    return (said.format(n=count, m=cells.values.size),)


def _finished(panel: OutcomePanel, words: tuple[str, ...], cycle: Cycle | None) -> Windows:
    """Leave out treated units without a cycle after their start, unless all are."""
    late = panel.treated & ~_with_after(panel)
    gate = _gate(panel, cycle)
    if late.any() and _with_after(panel).any():
        words = (
            *words,
            _("{n} treated units without a whole cycle after their start were left out").format(
                n=int(late.sum())),
        )  # fmt: skip
        panel = panel.rows(~late)
    return Windows(panel, words, (gate,))


def _gate(panel: OutcomePanel, cycle: Cycle | None) -> Gate:
    begun = _with_after(panel)
    count = panel.values.shape[1] - int(panel.after[begun].min()) if begun.any() else 0
    name = {"month": _("months"), "quarter": _("quarters"), "year": _("years")}
    unit = name[cycle] if cycle else _("periods")
    return Gate(
        _("whole {cycles} after the start").format(cycles=unit), str(count), _("at least 1"),
        count > 0,
        _("period too short: none of the {cycles} after the start is complete").format(cycles=unit),
    )  # fmt: skip


def _equal_words(early: int, late: int, side: int, staggered: bool) -> tuple[str, ...]:
    said = [
        _("equal windows: {side} periods on each side; {early} earlier and {late} later periods "
          "were left out").format(side=side, early=early, late=late)
    ]  # fmt: skip
    if staggered:
        said.append(
            _("units started at different times: sides are counted from the first and last start")
        )
    return tuple(said)
