"""Interrupted time series: one series, its own trend and season, autocorrelated errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Interruption:
    """The step at the start, its error, and the series expected without it."""

    estimate: float
    error: float
    df: float
    expected: Floats


def interrupted_series(series: Floats, before: Bools, after: Bools, season: int) -> Interruption:
    """Fit level, trend, season and a step by generalised least squares with AR(1) errors.

    Prais-Winsten iterations; ``season`` is the number of periods in a season, 1 for none.
    """
    held = (before | after) & ~np.isnan(series)
    rows = _design(len(series), after, season if before.sum() >= 2 * season else 1)
    used, seen = rows[held], series[held]
    rho = 0.0
    for _round in range(20):
        coefficients, error, df = _least_squares(used, seen, rho)
        residual = seen - used @ coefficients
        fresh = _autocorrelation(residual, used.shape[1])
        if abs(fresh - rho) < 1e-6:
            break
        rho = fresh
    expected = rows[:, :-1] @ coefficients[:-1]
    return Interruption(float(coefficients[-1]), error, df, expected)


def _design(length: int, after: Bools, season: int) -> Floats:
    time = np.arange(length, dtype=float)
    columns = [np.ones(length), time - time.mean()]
    columns += [(time % season == phase).astype(float) for phase in range(1, season)]
    return np.column_stack([*columns, after.astype(float)])


def _least_squares(rows: Floats, seen: Floats, rho: float) -> tuple[Floats, float, float]:
    first = np.sqrt(1 - rho**2)
    whitened = np.vstack([rows[:1] * first, rows[1:] - rho * rows[:-1]])
    target = np.concatenate([seen[:1] * first, seen[1:] - rho * seen[:-1]])
    moments = np.linalg.pinv(whitened.T @ whitened)
    coefficients = moments @ (whitened.T @ target)
    df = max(len(seen) - rows.shape[1], 1)
    variance = np.sum((target - whitened @ coefficients) ** 2) / df
    return coefficients, float(np.sqrt(max(variance * moments[-1, -1], 0.0))), float(df)


def _autocorrelation(residual: Floats, count: int) -> float:
    """Return the lag-one autocorrelation, corrected upward for the parameters fitted."""
    power = np.sum(residual**2)
    if power <= 0:
        return 0.0
    plain = np.sum(residual[1:] * residual[:-1]) / power
    return float(np.clip(plain + (count + 1) / max(len(residual), 1) * (1 + plain) / 2, -0.9, 0.9))
