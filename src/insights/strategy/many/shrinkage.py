"""How much of a group's own figure to believe: shrinkage with intervals that small groups earn.

Normal-normal model with tau, the spread of true effects, integrated over a grid instead of being
held at one value, which would make the intervals of few or small groups too short (Morris 1983;
Gelman 2006: half-Cauchy on tau).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from insights.strategy.many.between import Floats

GRID, DRAWS = 100, 4000
TAIL = 0.999
# Half-Cauchy scale of tau, in usual standard errors: wide, so that the estimates decide.
WIDE = 2.0


@dataclass(frozen=True)
class Shrunken:
    """Shrunken estimates and their support by group; ``overall`` and ``tau`` are shared."""

    overall: float
    tau: float
    estimates: Floats
    low: Floats
    high: Floats
    best: Floats


@dataclass(frozen=True)
class _Posterior:
    """Given each tau of the grid: its weight, each group's mean and variance (grid x groups)."""

    tau: Floats
    weight: Floats
    overall: Floats
    kept: Floats
    mean: Floats
    variance: Floats


def shrink(
    estimates: Floats,
    errors: Floats,
    freedom: float,
    common_error: float,
    confidence: float,
    better: float,
    seed: int,
) -> Shrunken:
    """Shrink two or more groups' estimates towards their overall.

    ``errors`` are the groups' standard errors, above zero, known to ``freedom`` degrees of
    freedom; ``common_error`` is the error that all groups share. ``best`` is the probability that
    a group's true effect is the largest (the smallest where ``better`` is -1). A shrunken estimate
    lies between its own and the overall.
    """
    found = _posterior(estimates, errors)
    overall = float(found.weight @ found.overall)
    kept = found.weight @ found.kept
    variance = found.variance + common_error**2
    low, high = (
        _quantiles(found, variance, freedom, tail)
        for tail in ((1 - confidence) / 2, (1 + confidence) / 2)
    )
    return Shrunken(
        overall, float(found.weight @ found.tau), overall + kept * (estimates - overall), low, high,
        _best(better * estimates, errors, found, freedom, seed),
    )  # fmt: skip


def _posterior(y: Floats, s: Floats) -> _Posterior:
    scale = WIDE * float(np.median(s))
    tau = scale * np.tan(np.pi / 2 * np.linspace(0, TAIL, GRID))
    total = s**2 + tau[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    overall = (y / total).sum(axis=1) / precision
    fit = -0.5 * (np.log(total) + (y - overall[:, None]) ** 2 / total).sum(axis=1)
    log_weight = fit - 0.5 * np.log(precision)
    weight = np.exp(log_weight - log_weight.max())
    kept = tau[:, None] ** 2 / total
    mean = overall[:, None] + kept * (y - overall[:, None])
    variance = s**2 * kept + (1 - kept) ** 2 / precision[:, None]
    return _Posterior(tau, weight / weight.sum(), overall, kept, mean, variance)


def _quantiles(found: _Posterior, variance: Floats, freedom: float, tail: float) -> Floats:
    spread = np.sqrt(variance)
    reach = 2 * abs(float(stats.t.ppf(min(tail, 1 - tail) / 10, freedom)))
    low, high = (found.mean - reach * spread).min(0), (found.mean + reach * spread).max(0)

    def excess(value: float, group: int) -> float:
        inside = stats.t.cdf((value - found.mean[:, group]) / spread[:, group], freedom)
        return float(found.weight @ inside) - tail

    return np.array(
        [
            optimize.brentq(excess, low[group], high[group], args=(group,))
            for group in range(len(low))
        ]
    )


def _best(y: Floats, s: Floats, found: _Posterior, freedom: float, seed: int) -> Floats:
    """Draw spread, overall and true effects together, and count who comes first."""
    rng = np.random.default_rng(seed)
    tau = found.tau[rng.choice(len(found.tau), DRAWS, p=found.weight)][:, None]
    scale = np.sqrt(freedom / rng.chisquare(freedom, (DRAWS, 1)))
    total = s**2 + tau**2
    precision = (1 / total).sum(axis=1, keepdims=True)
    centre = (y / total).sum(axis=1, keepdims=True) / precision
    centre = centre + scale * rng.standard_normal((DRAWS, 1)) / np.sqrt(precision)
    kept = tau**2 / total
    own = centre + kept * (y - centre)
    truth = own + scale * s * np.sqrt(kept) * rng.standard_normal((DRAWS, len(y)))
    return np.bincount(truth.argmax(axis=1), minlength=len(y)) / DRAWS
