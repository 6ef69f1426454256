"""Interrupted time series: one series, its own trend and season, autocorrelated errors.

With three years of months the autocorrelation cannot be known well, and taking its estimate for
the truth raises false alarms. All its values are weighed by their restricted likelihood instead,
and the spread between their answers is part of the error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Autocorrelations weighed, the higher the likelier beforehand (1 / (1 - rho)): sales persist, and
# the likelihood of a short series leans too low.
GRID = np.linspace(-0.5, 0.97, 50)


@dataclass(frozen=True)
class Interruption:
    """The step at the start, its error, and the series expected without it.

    ``df`` is that of the t distribution to hold the step against. The error is NaN where too few
    periods are left over to tell.
    """

    estimate: float
    error: float
    df: float
    expected: Floats


def interrupted_series(series: Floats, before: Bools, after: Bools, season: int) -> Interruption:
    """Fit level, trend, season and a step by generalised least squares with AR(1) errors.

    ``series`` holds NaN where nothing was recorded; periods neither before nor after are left out,
    their distance is kept. ``season`` is the number of periods in a season, 1 for none; it is
    fitted from two seasons before the start on.
    """
    held = (before | after) & ~np.isnan(series)
    rows = _design(len(series), after, season if before.sum() >= 2 * season else 1)
    lags = np.diff(np.flatnonzero(held))
    df = int(held.sum()) - rows.shape[1]
    fits = [_weighed(rows[held], series[held], lags, rho, max(df, 1)) for rho in GRID]
    coefficients, variances, logs = (np.array(part) for part in zip(*fits, strict=True))
    weights = np.exp(logs - logs.max()) / (1 - GRID)
    weights /= weights.sum()
    mean = weights @ coefficients
    among = weights @ (coefficients[:, -1] - mean[-1]) ** 2
    error = _matched(float(weights @ variances), float(among), df)
    return Interruption(float(mean[-1]), error, float(max(df, 1)), rows[:, :-1] @ mean[:-1])


def _design(length: int, after: Bools, season: int) -> Floats:
    time = np.arange(length, dtype=float)
    columns = [np.ones(length), time - time.mean()]
    columns += [(time % season == phase).astype(float) for phase in range(1, season)]
    return np.column_stack([*columns, after.astype(float)])


def _weighed(
    rows: Floats, seen: Floats, lags: NDArray[np.int64], rho: float, df: int
) -> tuple[Floats, float, float]:
    """Return coefficients, the step's variance and the restricted log-likelihood at one rho."""
    tie = rho**lags
    rest = np.sqrt(1 - tie**2)
    whitened = np.vstack([rows[:1], (rows[1:] - tie[:, None] * rows[:-1]) / rest[:, None]])
    target = np.concatenate([seen[:1], (seen[1:] - tie * seen[:-1]) / rest])
    gram = whitened.T @ whitened
    moments = np.linalg.pinv(gram)
    coefficients = moments @ (whitened.T @ target)
    power = float(np.sum((target - whitened @ coefficients) ** 2))
    sign, size = np.linalg.slogdet(gram)
    spread = np.log(rest).sum() + (size / 2 if sign > 0 else 0.0)
    floor = 1e-20 * float(target @ target) + 1e-300
    return coefficients, power / df * moments[-1, -1], -spread - df / 2 * np.log(max(power, floor))


def _matched(within: float, among: float, df: int) -> float:
    """Return the error that gives a t with ``df`` the variance of the weighed answers."""
    if df < 3:
        return float("nan")
    return float(np.sqrt(max(within + among * (df - 2) / df, 0.0)))
