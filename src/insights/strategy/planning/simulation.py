"""Pretended pilots: units are drawn, a known lift is added, and the review's procedure is run.

A draw is shared by all lifts: the smallest lift that is called worked is found by search, since
a larger one is called worked too. The search asks ``judged_pilot``, the whole procedure, and so
does the false-alarm share: it is the power at a lift of nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from insights.params import StrategyParams, StrategyPlanParams
from insights.strategy.compare import compare_panel, judged
from insights.strategy.effect import StrategyEffect
from insights.strategy.panel.outcomes import Floats, Ints, OutcomePanel
from insights.strategy.planning.draw import drawn, of_like_size, ordered_units
from insights.strategy.planning.history import History


@dataclass(frozen=True)
class Cell:
    """A size of pilot: how many units are treated for how many periods."""

    units: int
    periods: int


@dataclass(frozen=True)
class Window:
    """A stretch of history whose last periods play the after from ``start`` on.

    ``rows`` are the usable units, ``level`` theirs, ``ordered`` those that are drawn from.
    """

    panel: OutcomePanel
    start: int
    rows: Ints
    level: Floats
    ordered: Ints


@dataclass(frozen=True)
class Draws:
    """Of each pretended pilot the position of the smallest lift called worked (none: the count).

    ``reached`` asks besides that the estimate reach the smallest effect worth having; ``before``
    holds the periods before each pretended start, the latest first.
    """

    worked: Ints
    reached: Ints
    before: tuple[int, ...]


def largest_pilot(
    history: History, params: StrategyPlanParams, rules: StrategyParams
) -> Cell | None:
    """Return the most that the data allow: half of the units for the longest whole seasons.

    Fewer units where fewer may be treated; the longest duration of the grid where it is longer.
    None where nothing is allowed.
    """
    length, season = history.panel.values.shape[1], history.season
    usable = history.usable(length, rules)
    units = min(int(usable.sum()) // 2, int((usable & history.allowed).sum()))
    whole = (length - least_before(history, params, rules)) // season * season
    possible = [one for one in params.durations if length - one >= rules.min_pre_periods]
    periods = max([*possible, whole])
    return Cell(units, periods) if units > 0 and periods > 0 else None


def least_before(history: History, params: StrategyPlanParams, rules: StrategyParams) -> int:
    """Return how many periods must lie before a pretended start."""
    length = history.panel.values.shape[1]
    return max(rules.min_pre_periods, int(np.ceil(params.window_before * length)))


def no_draws() -> Draws:
    """Return the draws of a cell that cannot be tried."""
    none = np.empty(0, dtype=np.int64)
    return Draws(none, none, ())


def history_windows(
    history: History, cell: Cell, params: StrategyPlanParams, rules: StrategyParams
) -> list[Window]:
    """Return the stretches that play a pilot, the latest first.

    They start in the season in which the real one would, so that every duration up to a year has
    as long a before; where the history is too short for that, its last periods play the after.
    """
    found = []
    for start in pilot_starts(history, cell, params, rules):
        window = _window(history.until(start + cell.periods), start, cell, params, rules)
        if len(window.ordered) >= cell.units:
            found.append(window)
    return found


def pilot_starts(
    history: History, cell: Cell, params: StrategyPlanParams, rules: StrategyParams
) -> list[int]:
    """Return the periods in which a pretended pilot starts, whole seasons before the real one."""
    length, season = history.panel.values.shape[1], history.season
    least = least_before(history, params, rules)
    step = season * -(-cell.periods // season)
    aligned = [start for start in range(length - step, 0, -step) if start >= least]
    last = length - cell.periods
    return aligned[: params.windows] or ([last] if last >= rules.min_pre_periods else [])


def _window(
    stretch: History, start: int, cell: Cell, params: StrategyPlanParams, rules: StrategyParams
) -> Window:
    usable, traits = stretch.usable(start, rules), stretch.traits(start, cell.periods)
    order = ordered_units(traits, stretch.regions, usable & stretch.allowed, params)
    return Window(stretch.panel, start, np.flatnonzero(usable), traits.level[usable], order)


def pretended_pilots(
    history: History, cell: Cell, lifts: Floats, runs: int,
    params: StrategyPlanParams, rules: StrategyParams,
) -> Draws:  # fmt: skip
    """Pretend ``runs`` pilots of one size; ``lifts`` rise (nothing may be the first).

    The draws depend on the seed and the cell alone, not on the grid around it.
    """
    windows = history_windows(history, cell, params, rules)
    if not windows:
        return no_draws()
    rng = np.random.default_rng([params.seed, cell.units, cell.periods])
    worked: list[int] = []
    reached: list[int] = []
    for run in range(runs):
        window = windows[run % len(windows)]
        treated = drawn(window.ordered, cell.units, rng)
        panel = pilot_panel(window, treated, rules)
        first, full = _smallest_lifts(panel, lifts, params, rules)
        worked.append(first)
        reached.append(full)
    before = tuple(window.start for window in windows)
    return Draws(np.array(worked), np.array(reached), before)


def pilot_panel(window: Window, treated: Ints, rules: StrategyParams) -> OutcomePanel:
    """Return the panel a review of this pilot would see, before any lift."""
    panel, start, length = window.panel, window.start, window.panel.values.shape[1]
    chosen = np.zeros(len(panel.unit_ids), dtype=bool)
    chosen[treated] = True
    rows = window.rows[of_like_size(window.level, chosen[window.rows], rules.size_ratio)]
    own = chosen[rows]
    after = min(start + rules.washout_periods, length)
    return OutcomePanel(
        panel.unit_ids[rows], panel.periods, panel.values[rows],
        np.where(own, start, length), np.where(own, after, length), own,
    )  # fmt: skip


def lifted(panel: OutcomePanel, lift: float, params: StrategyPlanParams) -> OutcomePanel:
    """Add a known effect to the treated units' after values, for the better.

    Counts and money move by a share of themselves; scores, and outcomes that fall below zero, by
    a share of the unit's level before.
    """
    time = np.arange(panel.values.shape[1])
    after = panel.treated[:, None] & (time >= panel.after[:, None])
    step = -lift if params.direction == "down" else lift
    size = panel.values
    if params.metric == "score" or np.nanmin(panel.values) < 0:
        before = np.where(time < panel.starts[:, None], panel.values, np.nan)
        size = np.broadcast_to(np.abs(np.nanmean(before, axis=1))[:, None], before.shape)
    return replace(panel, values=np.where(after, panel.values + step * size, panel.values))


def judged_pilot(
    panel: OutcomePanel, lift: float, params: StrategyPlanParams, rules: StrategyParams
) -> StrategyEffect:
    """Run the review's whole procedure on one pretended pilot with a known lift."""
    own = replace(
        rules, direction=params.direction,
        permutations=min(rules.permutations, params.permutations),
    )  # fmt: skip
    return compare_panel(lifted(panel, lift, params), own)


def reaches_least(
    effect: StrategyEffect, params: StrategyPlanParams, rules: StrategyParams
) -> bool:
    """Is it still worked when the register's smallest effect is asked for, as a review does?"""
    if effect.verdict != "worked":
        return False
    least = params.min_effect * effect.counterfactual
    asked = replace(rules, direction=params.direction, min_effect=least)
    return judged(effect, asked, ()).verdict == "worked"


def _smallest_lifts(
    panel: OutcomePanel, lifts: Floats, params: StrategyPlanParams, rules: StrategyParams
) -> tuple[int, int]:
    nothing = judged_pilot(panel, float(lifts[0]), params, rules)
    if nothing.insufficient:
        return len(lifts), len(lifts)
    seen = {0: nothing}

    def at(position: int) -> StrategyEffect:
        if position not in seen:
            seen[position] = judged_pilot(panel, float(lifts[position]), params, rules)
        return seen[position]

    guess = expected_position(nothing, lifts - lifts[0], params.direction)
    first = first_true(lambda one: at(one).verdict == "worked", len(lifts), guess)
    full = first_true(lambda one: reaches_least(at(one), params, rules), len(lifts), first)
    return first, full


def expected_position(effect: StrategyEffect, more: Floats, direction: str) -> int:
    """Return where to look first: each lift moves both intervals by its share of the expected."""
    better = -1.0 if direction == "down" else 1.0
    ends = [min(better * one for one in pair) for pair in (effect.interval, effect.trend_interval)]
    low = ends[0] if np.isnan(ends[1]) else min(ends)
    size = abs(effect.counterfactual)
    return int(np.searchsorted(low + more * size > 0, True))


def first_true(holds: Callable[[int], bool], count: int, guess: int) -> int:
    """Return the first of 0..count-1 where ``holds``, count if none; once true it stays true.

    Asks 0 first, then ever further around ``guess``.
    """
    if holds(0):
        return 0
    low, high, probe, step = 0, count, guess, 1
    while high - low > 1:
        if not low < probe < high:
            probe = (low + high) // 2
        if holds(probe):
            high, probe = probe, probe - step
        else:
            low, probe = probe, probe + step
        step *= 2
    return high
