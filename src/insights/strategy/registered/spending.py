"""Error spending: how wide an interval must be when the same data are looked at more than once.

Lan and DeMets (1983) spend the error rate as information grows; the boundaries follow from the
joint normal law of the looks, whose correlation is sqrt(I_i / I_j), by recursive integration
(Armitage, McPherson and Rowe 1969). Two-sided and symmetric, each side spending half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Floats = NDArray[np.float64]
NODES = 301
NODES_A_STEP = 6  # nodes within one step of the information, at least
FAR = 9.0  # standard deviations: beyond it lies less than 1e-18
LEAST = 1e-12  # an error rate below this decides nothing, and 1 - rate would round to 1


def obrien_fleming(share: Floats, alpha: float) -> Floats:
    """Return the error rate spent by each share of the information, late rather than early.

    Lan and DeMets' O'Brien-Fleming type, two-sided: 4 (1 - Phi(z / sqrt(share))) with z the upper
    alpha / 4 point, which spends alpha at share 1.
    """
    known = np.maximum(share, 1e-300)
    return 4 * norm.sf(norm.isf(alpha / 4) / np.sqrt(known))


def boundaries(information: Sequence[float] | Floats, spent: Sequence[float] | Floats) -> Floats:
    """Return the bound on |z| at each look, inf where there is nothing to spend.

    ``information`` rises from look to look; ``spent`` is the error rate that may have been spent
    by each look, all sides together. A look's bound is crossed for the first time, under no
    effect, with the probability that was added since the look before. ``ValueError`` when
    information does not rise or rates fall.
    """
    info, rates = np.asarray(information, float), np.asarray(spent, float)
    _refuse_disorder(info, rates)
    steps = np.diff(rates, prepend=0.0)
    bounds = np.full(len(info), np.inf)
    places, density = np.zeros(1), np.ones(1)
    nodes, weights = _rule(info)
    for look, added in enumerate(steps):
        width = math.sqrt(info[look] - (info[look - 1] if look else 0.0))
        scale = math.sqrt(info[look])
        bounds[look] = _bound(places, density, width, scale, float(added))
        edge = scale * min(bounds[look], FAR)
        density = weights * edge * _spread(places, density, nodes * edge, width)
        places = nodes * edge
    return bounds


def _refuse_disorder(info: Floats, rates: Floats) -> None:
    if len(info) != len(rates) or np.any(np.diff(info, prepend=0.0) <= 0):
        raise ValueError(f"information must rise from above 0, a rate each: {info.tolist()}")
    if np.any(np.diff(rates, prepend=0.0) < 0) or np.any(rates >= 1):
        raise ValueError(f"rates spent must not fall and stay below 1: {rates.tolist()}")


def _bound(places: Floats, density: Floats, width: float, scale: float, added: float) -> float:
    """Return the |z| that is crossed for the first time at this look with probability added."""
    if added < LEAST:
        return math.inf

    def surplus(bound: float) -> float:
        crossed = norm.sf((bound * scale - places) / width) + norm.cdf(
            (-bound * scale - places) / width
        )
        return math.log(max(float(density @ crossed), 1e-300)) - math.log(added)

    return float(brentq(surplus, 0.0, FAR, xtol=1e-10))


def _rule(info: Floats) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre nodes and weights, close enough for the smallest step."""
    finest = math.sqrt(np.diff(info, prepend=0.0).min() / info[-1])
    return _legendre(max(NODES, math.ceil(NODES_A_STEP * FAR / finest)))


@lru_cache(maxsize=8)
def _legendre(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights


def _spread(places: Floats, weight: Floats, held: Floats, width: float) -> Floats:
    """Return the density of the score at ``held``, one step after it was at ``places``."""
    return (norm.pdf((held[:, None] - places[None, :]) / width) / width) @ weight
