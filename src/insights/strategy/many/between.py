"""How much do true effects differ from one another, beyond the error of their estimates?

Normal-normal model: an estimate is its own truth plus an error of known size, and the truths
spread around an overall with standard deviation tau.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Floats = NDArray[np.float64]
Method = Literal["reml", "paule_mandel"]
STEPS, PRECISE = 500, 1e-12


def between_variance(estimates: Floats, errors: Floats, method: Method = "reml") -> float:
    """Return tau squared by restricted maximum likelihood or by Paule and Mandel 1982.

    ``errors`` are standard errors above zero. Fewer than two estimates have no spread: zero.
    """
    order = np.lexsort((errors, estimates))
    y, v = estimates[order], errors[order] ** 2
    if len(y) < 2 or np.ptp(y) == 0:
        return 0.0
    return _paule_mandel(y, v) if method == "paule_mandel" else _reml(y, v)


def weighted_overall(estimates: Floats, errors: Floats, tau2: float) -> tuple[float, Floats]:
    """Return the mean weighted by precision, and the weights, which sum to one."""
    weights = 1 / (errors**2 + tau2)
    weights = weights / weights.sum()
    return float(weights @ estimates), weights


def _excess(tau2: float, y: Floats, v: Floats) -> float:
    """Return the generalised Q less its expectation."""
    weights = 1 / (v + tau2)
    centre = (weights @ y) / weights.sum()
    return float(weights @ (y - centre) ** 2 - (len(y) - 1))


def _paule_mandel(y: Floats, v: Floats) -> float:
    if _excess(0.0, y, v) <= 0:
        return 0.0
    high = float(np.ptp(y) ** 2)
    while _excess(high, y, v) > 0:
        high *= 2
    return float(optimize.brentq(_excess, 0.0, high, args=(y, v), xtol=PRECISE * high))


def _reml(y: Floats, v: Floats) -> float:
    """Fisher scoring on the restricted likelihood (Viechtbauer 2005), started at Paule-Mandel."""
    tau2 = _paule_mandel(y, v)
    for _step in range(STEPS):
        weights = 1 / (v + tau2)
        total = weights.sum()
        centred = weights * (y - (weights @ y) / total)
        projection = np.diag(weights) - np.outer(weights, weights) / total
        step = (centred @ centred - np.trace(projection)) / (projection**2).sum()
        moved = max(tau2 + float(step), 0.0)
        if abs(moved - tau2) <= PRECISE * (1e-300 + float(np.mean(v)) + tau2):
            return moved
        tau2 = moved
    return tau2
