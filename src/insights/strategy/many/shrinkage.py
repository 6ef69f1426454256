"""How much of a group's own figure to believe: shrinkage with intervals that small groups earn.

Normal-normal model with tau, the spread of true effects, integrated over a grid instead of being
held at one value, which would make the intervals of few or small groups too short (Morris 1983;
Gelman 2006: half-Cauchy on tau).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from insights.strategy.many.between import Floats

GRID, DRAWS = 100, 4000
TAIL = 0.999
# Half-Cauchy scale of tau, in usual standard errors: wide, so that the estimates decide.
WIDE = 2.0


@dataclass(frozen=True)
class Groups:
    """Two or more groups' estimates, standard errors above zero, and shares of the whole.

    ``weights`` sum to one; ``whole`` is the effect that the groups make up together.
    """

    estimates: Floats
    errors: Floats
    weights: Floats
    whole: float


@dataclass(frozen=True)
class Shrunken:
    """Shrunken estimates, their support, and the probability of being best, by group."""

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
    kept: Floats
    mean: Floats
    variance: Floats


def shrink(
    groups: Groups,
    freedom: float,
    common_error: float,
    confidence: float,
    better: float,
    seed: int,
) -> Shrunken:
    """Shrink the estimates of groups towards the whole, so that they still make it up.

    Each keeps a part of its distance from the whole, tau^2 / (tau^2 + error^2); all are then moved
    alike until their weighted mean is the whole again (Datta, Ghosh, Steorts and Maples 2011,
    benchmarking under weighted squared loss). ``errors`` are known to ``freedom`` degrees of
    freedom; ``common_error`` is the error that all groups share. ``best`` is the probability that
    a group's true effect is the largest (the smallest where ``better`` is -1).
    """
    found = _posterior(groups)
    variance = found.variance + common_error**2
    low, high = (
        _quantiles(found, variance, freedom, tail)
        for tail in ((1 - confidence) / 2, (1 + confidence) / 2)
    )
    return Shrunken(
        float(found.weight @ found.tau), found.weight @ found.mean, low, high,
        _best(groups, found, freedom, better, seed),
    )  # fmt: skip


def _posterior(groups: Groups) -> _Posterior:
    s = groups.errors
    scale = WIDE * float(np.median(s))
    tau = scale * np.tan(np.pi / 2 * np.linspace(0, TAIL, GRID))
    total = s**2 + tau[:, None] ** 2
    kept = tau[:, None] ** 2 / total
    apart = kept * (groups.estimates - groups.weights @ groups.estimates)
    mean = groups.whole + apart - (apart @ groups.weights)[:, None]
    return _Posterior(
        tau, _likely(groups.estimates, total), kept, mean, _errors(groups, total, kept)
    )


def _likely(y: Floats, total: Floats) -> Floats:
    """Return the weight of each tau: how well it explains the spread of the estimates."""
    precision = (1 / total).sum(axis=1)
    overall = (y / total).sum(axis=1) / precision
    fit = -0.5 * (np.log(total) + (y - overall[:, None]) ** 2 / total).sum(axis=1)
    log_weight = fit - 0.5 * np.log(precision)
    weight = np.exp(log_weight - log_weight.max())
    found: Floats = weight / weight.sum()
    return found


def _errors(groups: Groups, total: Floats, kept: Floats) -> Floats:
    """Return the expected squared error of each shrunken estimate.

    What a group keeps leaves error^2 x kept. The whole and the move add, of each group h,
    weight_h (1 - kept_g - kept_h + mean kept) times its estimate: independent of the first.
    """
    share = groups.weights**2 * total
    moved = 1 - kept + (kept @ groups.weights)[:, None]
    one, two, three = (
        (share * kept**power).sum(axis=1)[:, None] for power in range(3)
    )  # the squares of (moved - kept_h), summed with their shares
    own: Floats = groups.errors**2 * kept
    found: Floats = own + moved**2 * one - 2 * moved * two + three
    return found


def _quantiles(found: _Posterior, variance: Floats, freedom: float, tail: float) -> Floats:
    spread = np.sqrt(variance)
    reach = 2 * abs(float(special.stdtrit(freedom, min(tail, 1 - tail) / 10)))
    low, high = (found.mean - reach * spread).min(0), (found.mean + reach * spread).max(0)

    def excess(value: float, group: int) -> float:
        inside = special.stdtr(freedom, (value - found.mean[:, group]) / spread[:, group])
        return float(found.weight @ inside) - tail

    return np.array(
        [
            optimize.brentq(excess, low[group], high[group], args=(group,))
            for group in range(len(low))
        ]
    )


def _best(groups: Groups, found: _Posterior, freedom: float, better: float, seed: int) -> Floats:
    """Draw spread, errors and true effects together, and count who comes first."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(found.tau), DRAWS, p=found.weight)
    kept, mean = found.kept[drawn], found.mean[drawn]
    total = groups.errors**2 + found.tau[drawn, None] ** 2
    size = np.sqrt(freedom / rng.chisquare(freedom, (DRAWS, 1)))
    shared = np.sqrt(total) * rng.standard_normal(mean.shape) @ groups.weights
    own = groups.errors * np.sqrt(kept) * rng.standard_normal(mean.shape)
    # What moves all groups alike is left out: it changes no order.
    truth = mean + size * (own - kept * shared[:, None])
    return np.bincount((better * truth).argmax(axis=1), minlength=mean.shape[1]) / DRAWS
