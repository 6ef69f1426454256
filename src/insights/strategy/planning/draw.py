"""Which units get the pilot: one drawn at random from each of many sets of like units.

Stratified randomisation with sets of near equal level and earlier trend (Imai, King and Nall
2009: matched sets make the smallest error before anything is adjusted).
"""

from __future__ import annotations

import numpy as np

from insights.params import StrategyPlanParams
from insights.strategy.panel.outcomes import Bools, Floats, Ints
from insights.strategy.panel.shape import like_size
from insights.strategy.planning.history import Traits


def ordered_units(
    traits: Traits, regions: np.ndarray, candidates: Bools, params: StrategyPlanParams
) -> Ints:
    """Return the candidates' positions, like beside like: region if wanted, level, then trend.

    Trend runs up and down by turns from stratum to stratum, so that neighbours across a border
    are alike too.
    """
    rows = np.flatnonzero(candidates)
    homes = _codes(regions[rows]) if params.within_region else np.zeros(len(rows), dtype=int)
    stratum = np.empty(len(rows), dtype=int)
    for home in np.unique(homes):
        own = homes == home
        ranks = np.argsort(np.argsort(traits.level[rows[own]], kind="stable"), kind="stable")
        stratum[own] = ranks * params.strata // own.sum()
    turn = np.where((stratum + homes) % 2 == 0, 1.0, -1.0)
    return rows[np.lexsort((turn * traits.trend[rows], stratum, homes))]


def matched_sets(ordered: Ints, count: int) -> Ints:
    """Return the set (1 to ``count``) of each ordered unit: equal stretches of the order."""
    return np.arange(len(ordered)) * count // len(ordered) + 1


def drawn(ordered: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Draw one unit at random from each of ``count`` sets; ``count`` at most the units."""
    edges = -(-np.arange(count + 1) * len(ordered) // count)
    places = edges[:-1] + np.floor(rng.random(count) * np.diff(edges)).astype(int)
    return np.sort(ordered[places])


def of_like_size(level: Floats, treated: Bools, ratio: float) -> Bools:
    """Mark units within ``ratio`` of the treated's levels, as a review chooses them."""
    return treated | like_size(level, level[treated], ratio)


def standardised_difference(values: Floats, treated: Bools, comparison: Bools) -> float:
    """Return the gap of means in pooled standard deviations (Austin 2009); NaN without spread."""
    own, others = (values[rows & ~np.isnan(values)] for rows in (treated, comparison))
    if len(own) < 2 or len(others) < 2:
        return float("nan")
    spread = np.sqrt((own.var(ddof=1) + others.var(ddof=1)) / 2)
    return float((own.mean() - others.mean()) / spread) if spread > 0 else float("nan")


def _codes(regions: np.ndarray) -> Ints:
    names = np.array([str(one) for one in regions], dtype=object)
    return np.unique(names, return_inverse=True)[1].astype(np.int64)
