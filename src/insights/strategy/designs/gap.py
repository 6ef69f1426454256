"""Difference in differences as one regression: what the treated did beyond the comparison units.

Each unit is reduced to a few numbers (its change from before to after, its own earlier slope),
so that serial correlation within a unit cannot inflate the evidence (Bertrand, Duflo and
Mullainathan 2004). Staggered starts are cohorts, each compared on its own dates with units that
are untreated throughout (Callaway and Sant'Anna 2021), then averaged over treated units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Degrees of freedom lent by the comparison units to the variance among the treated: with a
# handful of treated units their own spread says little (shrinkage as in Smyth 2004).
LENT_DF = 8
# The power at which an effect counts as one that would be told.
POWER = 0.8


@dataclass(frozen=True)
class Changes:
    """One number per unit: change from before to after, earlier slope, detrended change.

    All are shares of the unit's own level where ``level`` is not one.
    """

    change: Floats
    slope: Floats
    detrended: Floats
    level: Floats


@dataclass(frozen=True)
class Cohort:
    """Units that started together, and the comparison units on the same dates."""

    treated: Changes
    control: Changes


@dataclass(frozen=True)
class Gap:
    """An average gap between treated and comparison units, per treated unit and over all."""

    estimate: float
    error: float
    df: float
    unit_gaps: Floats


def unit_changes(
    values: Floats, before: Bools, after: Bools, control: Bools, level: Floats
) -> Changes:
    """Reduce units x periods to their changes; gaps are bridged by common period effects.

    ``before`` and ``after`` mark periods, ``control`` marks units, ``level`` divides each unit.
    """
    scaled = values / level[:, None]
    scaled = scaled - period_effects(scaled[control])[None, :]
    early, late = np.where(before, scaled, np.nan), np.where(after, scaled, np.nan)
    change = row_means(late) - row_means(early)
    return Changes(change, row_slopes(early), _steps(scaled, before, after), level)


def _steps(values: Floats, before: Bools, after: Bools) -> Floats:
    """Return each unit's step at the start beside its own straight line through all periods."""
    held = ~np.isnan(values) & (before | after)
    parts = [np.where(held, part, np.nan) for part in np.broadcast_arrays(
        values, np.arange(values.shape[1], dtype=float), after.astype(float))]  # fmt: skip
    seen, time, step = (np.nan_to_num(part - row_means(part)[:, None]) for part in parts)
    spread = (time**2).sum(axis=1, keepdims=True)
    along = (step * time).sum(axis=1, keepdims=True) / np.where(spread > 0, spread, np.nan)
    rest = step - along * time
    return (rest * seen).sum(axis=1) / (rest**2).sum(axis=1)


def period_effects(values: Floats, rounds: int = 50) -> Floats:
    """Return what all units share by period, their own levels apart; NaN cells are skipped."""
    held = ~np.isnan(values)
    common = np.zeros(values.shape[1])
    for _round in range(rounds if not held.all() else 1):
        own = row_means(values - common)
        fresh = row_means((values - own[:, None]).T)
        fresh = np.where(np.isnan(fresh), 0.0, fresh)
        if np.allclose(fresh, common, rtol=0, atol=1e-10 * (1 + np.abs(fresh).max())):
            break
        common = fresh
    return common


def adjusted_gap(cohorts: list[Cohort], outcome: str, covariate: str | None) -> Gap:
    """How far do the treated stand from what the comparison units' line says of them?

    In each cohort the outcome of the comparison units is regressed on an intercept (and the
    covariate), weighted by level; treated units are held against that prediction. The variance
    adds the treated units' spread and the line's own (HC2), clustered by unit.
    """
    total = sum(float(cohort.treated.level.sum()) for cohort in cohorts)
    gaps, weights, pulls, noise = [], [], [], 0.0
    for cohort in cohorts:
        line = _line(cohort.control, outcome, covariate)
        rows = _design(cohort.treated, covariate)
        gaps.append(getattr(cohort.treated, outcome) - rows @ line.coefficients)
        weights.append(cohort.treated.level)
        pulls.append(line.pull(cohort.treated.level @ rows / total))
        noise += float(cohort.treated.level.sum()) / total * line.noise
    count = 1 if covariate is None else 2
    pull = np.sum(pulls, axis=0)
    return _with_error(np.concatenate(gaps), np.concatenate(weights), pull, noise, count)


@dataclass(frozen=True)
class _Line:
    """What the comparison units say; ``noise`` is the variance of one unit of average level."""

    coefficients: Floats
    influence: Floats
    noise: float

    def pull(self, at: Floats) -> Floats:
        """Return each comparison unit's part in the error of the prediction at a point."""
        return self.influence @ at


def _line(control: Changes, outcome: str, covariate: str | None) -> _Line:
    rows, seen, weight = _design(control, covariate), getattr(control, outcome), control.level
    moments = np.linalg.pinv(rows.T @ (rows * weight[:, None]))
    coefficients = moments @ (rows.T @ (weight * seen))
    leverage = weight * np.einsum("ij,jk,ik->i", rows, moments, rows)
    residual = (seen - rows @ coefficients) / np.sqrt(np.clip(1 - leverage, 0.05, None))
    influence = (rows @ moments) * (weight * residual)[:, None]
    middle = influence @ (weight @ rows / weight.sum())
    return _Line(coefficients, influence, float(middle @ middle) * _size_ratio(weight))


def _design(changes: Changes, covariate: str | None) -> Floats:
    ones = np.ones(len(changes.level))
    return np.column_stack([ones] if covariate is None else [ones, getattr(changes, covariate)])


def _with_error(gaps: Floats, weight: Floats, pull: Floats, noise: float, count: int) -> Gap:
    n, rest = len(gaps), len(pull)
    share = weight / weight.sum()
    relative = float(share @ gaps)
    lent = noise * np.sum(share**2)
    own = float(np.sum((share * (gaps - relative)) ** 2)) * n / max(n - 1, 1)
    lent_df = max(LENT_DF, n - 1)
    among = (lent_df * lent + (n - 1) * own) / (lent_df + n - 1)
    line = float(pull @ pull)
    among_df = min(lent_df + n - 1, rest - count)
    error2 = among + line
    df = error2**2 / (among**2 / max(among_df, 1) + line**2 / max(rest - count, 1)) if error2 else 1
    scale = weight.sum() / n
    return Gap(relative * scale, float(np.sqrt(error2)) * scale, float(df), gaps * weight)


def _size_ratio(level: Floats) -> float:
    """Return how many equal units the comparison units are worth (Kish)."""
    return float(level.sum() ** 2 / np.sum(level**2))


def row_slopes(values: Floats) -> Floats:
    """Return the straight slope of each row per period, gaps skipped; NaN without two values."""
    time = np.where(np.isnan(values), np.nan, np.arange(values.shape[1], dtype=float))
    centred = time - row_means(time)[:, None]
    spread = np.nansum(centred**2, axis=1)
    return np.nansum(centred * values, axis=1) / np.where(spread > 0, spread, np.nan)


def row_means(values: Floats) -> Floats:
    """Return the mean of each row, gaps skipped; NaN where a row holds nothing."""
    held = ~np.isnan(values)
    count = held.sum(axis=1)
    total = np.where(held, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
