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
    """A stretch of history up to ``end``: usable units, their levels, and who is drawn from."""

    end: int
    rows: Ints
    level: Floats
    ordered: Ints


@dataclass(frozen=True)
class Draws:
    """Of each pretended pilot the position of the smallest lift called worked (none: the count).

    ``reached`` asks besides that the estimate reach the smallest effect worth having.
    """

    worked: Ints
    reached: Ints
    windows: int


def no_draws() -> Draws:
    """Return the draws of a cell that cannot be tried."""
    none = np.empty(0, dtype=np.int64)
    return Draws(none, none, 0)


def history_windows(
    history: History, cell: Cell, params: StrategyPlanParams, rules: StrategyParams
) -> list[Window]:
    """Return the stretches whose last ``cell.periods`` play the after, the latest first."""
    length = history.panel.values.shape[1]
    least = max(rules.min_pre_periods, int(np.ceil(params.window_before * length)))
    found = []
    for end in range(length, 0, -cell.periods)[: params.windows]:
        start = end - cell.periods
        if start < (rules.min_pre_periods if end == length else least):
            break
        usable = history.usable(start, rules)
        traits = history.traits(start, cell.periods)
        order = ordered_units(traits, history.regions, usable & history.allowed, params)
        if len(order) >= cell.units:
            found.append(Window(end, np.flatnonzero(usable), traits.level[usable], order))
    return found


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
        panel = pilot_panel(history, window, treated, cell, rules)
        guess = int(np.median(worked)) if worked else len(lifts) // 2
        first, full = _smallest_lifts(panel, lifts, guess, params, rules)
        worked.append(first)
        reached.append(full)
    return Draws(np.array(worked), np.array(reached), len(windows))


def pilot_panel(
    history: History, window: Window, treated: Ints, cell: Cell, rules: StrategyParams
) -> OutcomePanel:
    """Return the panel a review of this pilot would see, before any lift."""
    start, length = window.end - cell.periods, window.end
    chosen = np.zeros(len(history.panel.unit_ids), dtype=bool)
    chosen[treated] = True
    rows = window.rows[of_like_size(window.level, chosen[window.rows], rules.size_ratio)]
    own = chosen[rows]
    after = min(start + rules.washout_periods, length)
    return OutcomePanel(
        history.panel.unit_ids[rows], history.panel.periods[:length],
        history.panel.values[rows, :length],
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
    panel: OutcomePanel, lifts: Floats, guess: int,
    params: StrategyPlanParams, rules: StrategyParams,
) -> tuple[int, int]:  # fmt: skip
    seen: dict[int, StrategyEffect] = {}

    def at(position: int) -> StrategyEffect:
        if position not in seen:
            seen[position] = judged_pilot(panel, float(lifts[position]), params, rules)
        return seen[position]

    if at(0).insufficient:
        guess = len(lifts) - 1
    first = first_true(lambda one: at(one).verdict == "worked", len(lifts), guess)
    full = first_true(lambda one: reaches_least(at(one), params, rules), len(lifts), first)
    return first, full


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
