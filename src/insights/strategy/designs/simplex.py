"""Weights that are not negative and sum to one: least squares over them, many problems at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Quadratic:
    """The matrix of a quadratic: one for all problems, one each, or rows whose products it is.

    ``matrix`` is (m, m), (problems, m, m), or with ``factored`` (m, k) standing for its m x m
    products: a panel of thousands of units is never squared.
    """

    matrix: Floats
    factored: bool = False

    def times(self, weights: Floats, problems: Ints) -> Floats:
        """Return the matrix times each row of weights."""
        if self.factored:
            return (weights @ self.matrix) @ self.matrix.T
        if self.matrix.ndim == 2:
            return weights @ self.matrix
        own = self.matrix if len(problems) == len(self.matrix) else self.matrix[problems]
        return np.matmul(weights[:, None, :], own)[:, 0, :]

    def part(self, problem: int, members: Ints) -> Floats:
        """Return the matrix among some members of one problem."""
        if self.factored:
            return self.matrix[members] @ self.matrix[members].T
        own = self.matrix if self.matrix.ndim == 2 else self.matrix[problem]
        return own[np.ix_(members, members)]

    def solved(self, problem: int, members: Ints, ridge: float, sides: Floats) -> Floats:
        """Solve (matrix among members + ridge) x = sides; few factors are solved in their place."""
        size = self.diagonal()[min(problem, len(self.diagonal()) - 1), members]
        lift = ridge + 1e-10 * (size.mean() or 1.0)
        if self.factored and len(members) > 2 * self.matrix.shape[1] and lift > 1e-6 * size.mean():
            rows = self.matrix[members]
            inner = rows.T @ rows
            inner[np.diag_indices_from(inner)] += lift
            shared = np.linalg.solve(inner, rows.T @ sides)
            return np.asarray((sides - rows @ shared) / lift, dtype=np.float64)
        own = self.part(problem, members)
        own[np.diag_indices_from(own)] += lift
        return np.asarray(np.linalg.solve(own, sides), dtype=np.float64)

    def diagonal(self) -> Floats:
        """Return the diagonal, one row a problem (one row where all share it)."""
        if self.factored:
            return np.sum(self.matrix**2, axis=1)[None]
        return np.atleast_2d(np.diagonal(self.matrix, axis1=-2, axis2=-1))

    def steepest(self) -> Floats:
        """Return the largest eigenvalue."""
        square = self.matrix.T @ self.matrix if self.factored else self.matrix
        return np.asarray(np.linalg.eigvalsh(square)[..., -1], dtype=np.float64)


def simplex_least_squares(
    gram: Floats | Quadratic,
    cross: Floats,
    allowed: Floats,
    ridge: Floats,
    rounds: int = 50,
    tolerance: float = 1e-6,
) -> Floats:
    """Minimise w'Gw - 2w'c + r|w|^2 over the simplex of allowed entries, for each row at once.

    ``gram`` is a ``Quadratic``, or its matrix; ``cross`` and ``allowed`` (problems, m); ``ridge``
    (problems,). Accelerated projected gradient with restarts until no weight moves by
    ``tolerance``; then each problem is finished exactly by an active set.
    """
    shape = gram if isinstance(gram, Quadratic) else Quadratic(gram)
    found = _descended(shape, cross, allowed, ridge, rounds, tolerance)
    for problem in range(len(cross)):
        found[problem] = _finished(
            shape, problem, found[problem], cross[problem], allowed[problem], float(ridge[problem])
        )
    return found


def frank_wolfe(
    shape: Quadratic,
    cross: Floats,
    start: Floats,
    ridge: Floats,
    rounds: int,
    decrease: Floats,
) -> Floats:
    """Walk from ``start`` to a nearby minimum as the authors' own software does.

    Frank-Wolfe with exact line search, stopped once a step lowers the sum of squares by no more
    than ``decrease`` (problems,); weights that start at zero may rise only where ``start`` is not
    NaN. The published figures of Arkhangelsky et al. (2021) are where this walk stops.
    """
    allowed, weights = ~np.isnan(start), np.nan_to_num(start)
    found, going = weights.copy(), np.arange(len(cross))
    diagonal = np.broadcast_to(shape.diagonal(), cross.shape)
    last = np.full(len(cross), np.inf)
    for step in range(rounds):
        weights = _line_search(shape, cross, weights, ridge, going, allowed, diagonal)
        found[going] = weights
        value = _objective(shape, cross, weights, ridge, going)
        go = (step == 0) | (last - value > decrease[going])
        if not go.any():
            break
        going, weights, last = going[go], weights[go], value[go]
    return found


def _line_search(
    shape: Quadratic, cross: Floats, weights: Floats, ridge: Floats, going: Ints,
    allowed: Bools, diagonal: Floats,
) -> Floats:  # fmt: skip
    product, rows = shape.times(weights, going), np.arange(len(going))
    slope = product + ridge[going, None] * weights - cross[going]
    aim = np.argmin(np.where(allowed[going], slope, np.inf), axis=1)
    square = np.sum(weights**2, axis=1)
    fall = np.sum(slope * weights, axis=1) - slope[rows, aim]
    bend = diagonal[going, aim] - 2 * product[rows, aim] + np.sum(product * weights, axis=1)
    bend = bend + ridge[going] * (1 - 2 * weights[rows, aim] + square)
    pace = np.clip(np.divide(fall, bend, out=np.zeros_like(fall), where=bend > 0), 0, 1)
    moved = weights * (1 - pace)[:, None]
    moved[rows, aim] += pace
    return moved


def _objective(
    shape: Quadratic, cross: Floats, weights: Floats, ridge: Floats, going: Ints
) -> Floats:
    product = shape.times(weights, going) + ridge[going, None] * weights - 2 * cross[going]
    return np.sum(product * weights, axis=1)


def _descended(
    shape: Quadratic, cross: Floats, allowed: Floats, ridge: Floats, rounds: int, tolerance: float
) -> Floats:
    bound = np.maximum(shape.steepest() + ridge, 1e-300)
    found = allowed / allowed.sum(axis=1, keepdims=True)
    going = np.arange(len(cross))
    weights, ahead, pace = found, found, np.ones((len(cross), 1))
    for _round in range(rounds):
        slope = shape.times(ahead, going) + ridge[going, None] * ahead - cross[going]
        fresh = _project(ahead - slope / bound[going, None], allowed[going])
        moved = fresh - weights
        found[going] = fresh
        go = np.abs(moved).max(axis=1) >= tolerance
        if not go.any():
            break
        restart = ((ahead - fresh) * moved).sum(axis=1, keepdims=True) > 0
        quicker = np.where(restart, 1.0, (1 + np.sqrt(1 + 4 * pace**2)) / 2)
        ahead = (fresh + np.where(restart, 0.0, (pace - 1) / quicker) * moved)[go]
        weights, pace, going = fresh[go], quicker[go], going[go]
    return found


def _finished(
    shape: Quadratic, problem: int, start: Floats, cross: Floats, allowed: Floats, ridge: float
) -> Floats:
    """Walk from a near solution to the exact one (active set; Nocedal and Wright 2006, 16.5)."""
    weights, own = start.copy(), np.array([problem])
    active = weights > 0
    for _step in range(3 * len(start)):
        members = np.flatnonzero(active)
        aim = _on_plane(shape, problem, members, cross[members], ridge)
        if aim.min() < 0:
            here = weights[members]
            falling = aim < 0
            pace = np.min(here[falling] / (here[falling] - aim[falling]))
            weights = np.zeros_like(weights)
            weights[members] = np.clip(here + pace * (aim - here), 0, None)
            active = weights > 1e-14
            continue
        weights = np.zeros_like(weights)
        weights[members] = aim
        slope = shape.times(weights[None], own)[0] + ridge * weights - cross
        gain = np.where((allowed > 0) & ~active, slope[members].mean() - slope, 0.0)
        if gain.max() <= 1e-9 * (np.abs(slope).max() + 1e-300):
            return weights
        active[np.argmax(gain)] = True
    return weights


def _on_plane(shape: Quadratic, problem: int, members: Ints, cross: Floats, ridge: float) -> Floats:
    """Minimise w'Gw - 2w'c + r|w|^2 over weights that sum to one, of either sign."""
    sides = np.column_stack([cross, np.ones(len(members))])
    free, along = shape.solved(problem, members, ridge, sides).T
    return free + along * (1 - free.sum()) / along.sum()


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
