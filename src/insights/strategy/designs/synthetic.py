"""Synthetic control and synthetic difference-in-differences for many treatments at once.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), *Synthetic difference-in-differences*:
unit weights on the simplex with ridge zeta, time weights on the simplex, both with intercept. All
placebo problems are solved together, a repeated problem once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insights.strategy.designs.simplex import Quadratic, frank_wolfe, simplex_least_squares

Floats = NDArray[np.float64]
Rule = Literal["exact", "published"]
__all__ = ["Synthetic", "simplex_least_squares", "synthetic_control", "synthetic_did"]
# The authors' walk: a short one, small weights dropped, a long one (their software's defaults).
SHORT, LONG = 100, 10_000
TINY = 1e-6
CHUNK = 2**24


@dataclass(frozen=True)
class Synthetic:
    """Effects of groups of units (one row a group) and the weights behind them."""

    effects: Floats
    unit_weights: Floats
    time_weights: Floats


def synthetic_did(
    values: Floats, groups: Floats, donors: Floats, n_before: int, rule: Rule = "exact"
) -> Synthetic:
    """Return the synthetic difference-in-differences effect of each group of units.

    ``values`` is units x periods without gaps, ``groups`` (G x units) averages the treated of
    each problem, ``donors`` (G x units) is 1 where a unit may serve as comparison. ``rule``:
    ``exact`` solves for the weights; ``published`` stops where the authors' software stops.
    """
    once, back = _distinct(groups, donors)
    groups, donors = groups[once], donors[once]
    early, late = values[:, :n_before], values[:, n_before:].mean(axis=1)
    noise = _noise(early, donors)
    zeta = ((values.shape[1] - n_before) / (groups**2).sum(axis=1)) ** 0.25 * noise
    units = _unit_weights(early, groups, donors, zeta, noise, True, rule)
    times = _time_weights(early, late, donors, noise, rule)
    change = late[None, :] - times @ early.T
    effects = ((groups - units) * change).sum(axis=1)
    return Synthetic(effects[back], units[back], times[back])


def synthetic_control(
    values: Floats,
    groups: Floats,
    donors: Floats,
    n_before: int,
    intercept: bool = True,
    rule: Rule = "exact",
) -> Synthetic:
    """Return the synthetic control effect of each group; arguments as in ``synthetic_did``.

    With ``intercept`` demeaned (Doudchenko and Imbens 2016): units are matched on their moves, and
    the gap before is taken off the gap after. Without, matched on their levels as well (Abadie,
    Diamond and Hainmueller 2010, on outcomes alone), and the gap after is the effect.
    """
    once, back = _distinct(groups, donors)
    groups, donors = groups[once], donors[once]
    early, late = values[:, :n_before], values[:, n_before:].mean(axis=1)
    noise = _noise(early, donors)
    zeta = TINY * noise
    if intercept and rule == "exact":
        zeta = np.full(len(groups), np.sqrt(TINY * early.var() / n_before))
    units = _unit_weights(early, groups, donors, zeta, noise, intercept, rule)
    times = np.full((len(groups), n_before), float(intercept) / n_before)
    change = late[None, :] - times @ early.T
    effects = ((groups - units) * change).sum(axis=1)
    return Synthetic(effects[back], units[back], times[back])


def _distinct(groups: Floats, donors: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each distinct problem, and where each problem's answer stands."""
    seen: dict[bytes, int] = {}
    keys = [own.tobytes() + rest.tobytes() for own, rest in zip(groups, donors, strict=True)]
    back = np.array([seen.setdefault(key, len(seen)) for key in keys])
    once = np.unique(back, return_index=True)[1]
    return once, back


def _unit_weights(
    early: Floats,
    groups: Floats,
    donors: Floats,
    zeta: Floats,
    noise: Floats,
    intercept: bool,
    rule: Rule,
) -> Floats:
    moves = early - early.mean(axis=1, keepdims=True) if intercept else early
    n_units, n_before = moves.shape
    shape = Quadratic(moves, True) if n_units > n_before else Quadratic(moves @ moves.T)
    cross = (groups @ moves) @ moves.T
    return _weights(shape, cross, donors, zeta**2 * n_before, n_before * noise**2, rule)


def _time_weights(early: Floats, late: Floats, donors: Floats, noise: Floats, rule: Rule) -> Floats:
    """Solve for time weights in chunks of problems, so that memory stays bounded."""
    early, late = early - early.mean(axis=0), late - late.mean()
    step = max(CHUNK // early.shape[1] ** 2, 1)
    found = []
    for first in range(0, len(donors), step):
        part = slice(first, first + step)
        count = donors[part].sum(axis=1, keepdims=True)
        means, target = donors[part] @ early / count, (donors[part] @ late) / count[:, 0]
        gram = _second_moments(early, donors[part])
        gram -= count[:, :, None] * means[:, :, None] * means[:, None, :]
        cross = (donors[part] * late) @ early - count * means * target[:, None]
        own, allowed = noise[part], np.ones_like(means)
        ridge = count[:, 0] * (TINY * own) ** 2
        scale = count[:, 0] * own**2
        found.append(_weights(Quadratic(gram), cross, allowed, ridge, scale, rule))
    return np.concatenate(found)


def _second_moments(early: Floats, donors: Floats) -> Floats:
    """Return the sums of products of periods over each problem's donors."""
    union = donors.any(axis=0)
    whole = early[union].T @ early[union]
    found = np.empty((len(donors), *whole.shape))
    for problem, own in enumerate(donors > 0):
        out = early[union & ~own]
        few = len(out) < own.sum()
        found[problem] = whole - out.T @ out if few else early[own].T @ early[own]
    return found


def _weights(
    shape: Quadratic, cross: Floats, allowed: Floats, ridge: Floats, scale: Floats, rule: Rule
) -> Floats:
    if rule == "exact":
        return simplex_least_squares(shape, cross, allowed, ridge)
    start = np.where(allowed > 0, 1 / allowed.sum(axis=1, keepdims=True), np.nan)
    decrease = (1e-5) ** 2 * scale
    short = frank_wolfe(shape, cross, start, ridge, SHORT, decrease)
    kept = np.where(short > short.max(axis=1, keepdims=True) / 4, short, 0.0)
    kept = np.where(allowed > 0, kept / kept.sum(axis=1, keepdims=True), np.nan)
    return frank_wolfe(shape, cross, kept, ridge, LONG, decrease)


def _noise(early: Floats, donors: Floats) -> Floats:
    """Return the standard deviation of first differences among the donors of each problem."""
    steps = np.diff(early, axis=1)
    count = donors.sum(axis=1) * steps.shape[1]
    mean = donors @ steps.sum(axis=1) / np.maximum(count, 1)
    square = donors @ (steps**2).sum(axis=1)
    return np.sqrt(np.maximum(square - count * mean**2, 0) / np.maximum(count - 1, 1))
