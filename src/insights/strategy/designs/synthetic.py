"""Synthetic control and synthetic difference-in-differences for many pretended treatments at once.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), *Synthetic difference-in-differences*:
unit weights on the simplex with ridge zeta, time weights on the simplex, both with intercept. All
placebo problems share one Gram matrix, so they are solved together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Synthetic:
    """Effects of groups of units (one row a group) and the weights behind them."""

    effects: Floats
    unit_weights: Floats
    time_weights: Floats


def synthetic_did(values: Floats, groups: Floats, donors: Floats, n_before: int) -> Synthetic:
    """Return the synthetic difference-in-differences effect of each group of units.

    ``values`` is units x periods without gaps, ``groups`` (G x units) averages the treated of
    each problem, ``donors`` (G x units) is 1 where a unit may serve as comparison.
    """
    early, late = values[:, :n_before], values[:, n_before:].mean(axis=1)
    ridge = _zeta(early, groups, donors, values.shape[1] - n_before) ** 2 * n_before
    units = _unit_weights(early, groups, donors, ridge)
    times = _time_weights(early, late, donors)
    change = late[None, :] - times @ early.T
    return Synthetic(((groups - units) * change).sum(axis=1), units, times)


def synthetic_control(values: Floats, groups: Floats, donors: Floats, n_before: int) -> Synthetic:
    """Return the demeaned synthetic control effect of each group (Doudchenko and Imbens 2016)."""
    early, late = values[:, :n_before], values[:, n_before:].mean(axis=1)
    units = _unit_weights(early, groups, donors, np.full(len(groups), 1e-6 * early.var()))
    times = np.full((len(groups), n_before), 1 / n_before)
    change = late[None, :] - times @ early.T
    return Synthetic(((groups - units) * change).sum(axis=1), units, times)


def simplex_least_squares(
    gram: Floats,
    cross: Floats,
    allowed: Floats,
    ridge: Floats,
    rounds: int = 300,
    tolerance: float = 1e-6,
) -> Floats:
    """Minimise w'Gw - 2w'c + r|w|^2 over the simplex of allowed entries, for each row at once.

    ``gram`` is (m, m) or (problems, m, m); ``cross`` and ``allowed`` (problems, m); ``ridge``
    (problems,). Accelerated projected gradient with restarts; the first problem
    (the treated) is finished exactly by an active set; a problem
    stops when no weight moves by ``tolerance``.
    """
    shared = gram.ndim == 2
    bound = np.maximum(np.linalg.eigvalsh(gram)[..., -1] + ridge, 1e-300)
    found = allowed / allowed.sum(axis=1, keepdims=True)
    open_rows = np.arange(len(cross))
    weights, ahead, pace = found, found, np.ones((len(cross), 1))
    for _round in range(rounds):
        own = gram if shared else gram[open_rows]
        product = ahead @ own if shared else np.einsum("pm,pmk->pk", ahead, own)
        slope = product + ridge[open_rows, None] * ahead - cross[open_rows]
        fresh = _project(ahead - slope / bound[open_rows, None], allowed[open_rows])
        moved = fresh - weights
        found[open_rows] = fresh
        going = np.abs(moved).max(axis=1) >= tolerance
        if not going.any():
            break
        restart = ((ahead - fresh) * moved).sum(axis=1, keepdims=True) > 0
        quicker = np.where(restart, 1.0, (1 + np.sqrt(1 + 4 * pace**2)) / 2)
        ahead = (fresh + np.where(restart, 0.0, (pace - 1) / quicker) * moved)[going]
        weights, pace, open_rows = fresh[going], quicker[going], open_rows[going]
    found[0] = _finished(found[0], gram if shared else gram[0], cross[0], allowed[0], ridge[0])
    return found


def _finished(start: Floats, gram: Floats, cross: Floats, allowed: Floats, ridge: float) -> Floats:
    """Walk from a near solution to the exact one (active set; Nocedal and Wright 2006, 16.5)."""
    weights = start.copy()
    active = weights > 0
    for _step in range(3 * len(start)):
        aim = np.zeros_like(weights)
        aim[active] = _on_plane(gram[np.ix_(active, active)], cross[active], ridge)
        if (aim[active] < 0).any():
            falling = active & (aim < 0)
            pace = np.min(weights[falling] / (weights[falling] - aim[falling]))
            weights = np.clip(weights + pace * (aim - weights), 0, None)
            active &= weights > 1e-14
            continue
        weights = aim
        slope = gram @ weights + ridge * weights - cross
        gain = np.where((allowed > 0) & ~active, slope[active].mean() - slope, 0.0)
        if gain.max() <= 1e-9 * (np.abs(slope).max() + 1e-300):
            return weights
        active = active | (np.arange(len(gain)) == np.argmax(gain))
    return weights


def _on_plane(gram: Floats, cross: Floats, ridge: float) -> Floats:
    """Minimise w'Gw - 2w'c + r|w|^2 over weights that sum to one, of either sign."""
    size = len(cross)
    system = np.ones((size + 1, size + 1))
    system[:size, :size] = gram + (ridge + 1e-10 * np.trace(gram) / size) * np.eye(size)
    system[size, size] = 0.0
    return np.linalg.solve(system, np.append(cross, 1.0))[:size]


def _project(points: Floats, allowed: Floats) -> Floats:
    """Project rows on the simplex of allowed entries (Held, Wolfe and Crowder 1974)."""
    masked = np.where(allowed > 0, points, -np.inf)
    ordered = -np.sort(-masked, axis=1)
    finite = np.where(np.isfinite(ordered), ordered, 0.0)
    excess = np.cumsum(finite, axis=1) - 1
    rank = np.arange(1, points.shape[1] + 1)
    active = np.isfinite(ordered) & (finite - excess / rank > 0)
    last = points.shape[1] - 1 - np.argmax(active[:, ::-1], axis=1)
    rows = np.arange(len(points))
    return np.maximum(masked - (excess[rows, last] / (last + 1))[:, None], 0.0)


def _unit_weights(early: Floats, groups: Floats, donors: Floats, ridge: Floats) -> Floats:
    centred = early - early.mean(axis=1, keepdims=True)
    gram = centred @ centred.T
    return simplex_least_squares(gram, groups @ gram, donors, ridge)


def _time_weights(early: Floats, late: Floats, donors: Floats) -> Floats:
    count = donors.sum(axis=1, keepdims=True)
    means, target = donors @ early / count, (donors @ late) / count[:, 0]
    second = np.einsum("pn,ns,nt->pst", donors, early, early, optimize=True)
    gram = second - count[:, :, None] * means[:, :, None] * means[:, None, :]
    cross = (donors * late) @ early - count * means * target[:, None]
    ridge = 1e-12 * np.trace(gram, axis1=1, axis2=2)
    allowed = np.ones_like(means)
    return simplex_least_squares(gram, cross, allowed, ridge)


def _zeta(early: Floats, groups: Floats, donors: Floats, n_after: int) -> Floats:
    """Return zeta of each problem: (treated cells)^(1/4) x sd of first differences."""
    steps = np.diff(early, axis=1)
    count = donors.sum(axis=1) * steps.shape[1]
    mean = donors @ steps.sum(axis=1) / count
    square = donors @ (steps**2).sum(axis=1)
    spread = np.sqrt(np.maximum(square - count * mean**2, 0) / np.maximum(count - 1, 1))
    treated = 1 / (groups**2).sum(axis=1)
    return (treated * n_after) ** 0.25 * spread
