"""Few treated units: every comparison unit takes a turn as if it had been treated.

Permutation inference in space (Abadie, Diamond and Hainmueller 2010): the effect is held against
the effects that the same design finds where nothing happened. The design is the one with the
smallest error at pretended dates before the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from insights.strategy.designs.gap import period_effects
from insights.strategy.designs.synthetic import Synthetic, synthetic_control, synthetic_did

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


# Earlier dates at which designs are tried, as shares of the time before; each leaves this many
# periods before it.
EARLIER = (0.5, 0.67)
FEWEST_EARLIER = 4
# Designs that hold the treated against units that moved as they did before. A plain difference does
# not, and a detrended one presumes that trends go on in full: both are shown, neither is chosen.
CANDIDATES = ("adjusted", "synthetic_did", "synthetic_control")


@dataclass(frozen=True)
class PlaceboFit:
    """The chosen design's effect on the treated and on each pretended group, as shares of level.

    ``reach`` is how far off each effect may be beside one of a group like the others: more than
    one where the treated lie at the edge of what the comparison units show.
    """

    design: str
    effect: float
    placebos: Floats
    reach: Floats
    errors: dict[str, float]
    effects: dict[str, float]
    unit_weights: Floats
    time_weights: Floats
    trend_p: float
    trends: Floats
    slope_p: float

    def trend(self, confidence: float) -> tuple[float, float, float]:
        """Return the effect with earlier trends carried on, and its interval."""
        half = _rank_half(np.abs(self.trends[1:]), confidence)
        return float(self.trends[0]), float(self.trends[0] - half), float(self.trends[0] + half)

    def p_value(self) -> float:
        """Return the share of groups, the treated one included, at least this far from zero."""
        far = np.abs(self.placebos) / self.reach[1:] >= abs(self.effect) / self.reach[0] - 1e-12
        return float((1 + far.sum()) / (1 + len(self.placebos)))

    def half_width(self, confidence: float) -> float:
        """Return the half-width that excludes zero exactly where the p-value is small enough."""
        far = np.abs(self.placebos) / self.reach[1:]
        return float(_rank_half(far, confidence) * self.reach[0])


@dataclass(frozen=True)
class _Answers:
    """What every design says of every group, and how far off a group at its place may be."""

    effects: dict[str, Floats]
    reach: dict[str, Floats]
    fits: dict[str, Synthetic]
    slope: Floats


def placebo_fit(
    values: Floats,
    treated: Bools,
    level: Floats,
    n_before: int,
    draws: int,
    seed: int,
    better: float,
) -> PlaceboFit:
    """Choose a design on earlier dates, then fit the treated and pretended groups with it.

    ``values`` is units x (before, then after) without gaps, in shares of ``level``; ``better`` is
    -1 where less is better. The groups that calibrate the answer take no part in the choice.
    """
    groups, donors = _groups(treated, level, draws, np.random.default_rng(seed))
    found = _answers(values, groups, donors, n_before)
    errors = _earlier_errors(values, groups[1:], donors[1:], n_before)
    design = min((name for name in CANDIDATES if name in errors), key=lambda name: errors[name])
    units, times = _weights(design, found.fits, donors, n_before)
    apart = groups - donors / donors.sum(axis=1, keepdims=True)
    return PlaceboFit(
        design,
        float(found.effects[design][0]),
        found.effects[design][1:],
        found.reach[design],
        errors,
        {name: float(effects[0]) for name, effects in found.effects.items()},
        units,
        times,
        _rank_p(better * found.effects["detrended"], two_sided=False),
        found.effects["detrended"],
        _rank_p(apart @ found.slope, two_sided=True),
    )


def _answers(values: Floats, groups: Floats, donors: Floats, n_before: int) -> _Answers:
    fits = {
        "synthetic_did": synthetic_did(values, groups, donors, n_before),
        "synthetic_control": synthetic_control(values, groups, donors, n_before),
    }
    change, slope, step = _plain(values, n_before)
    apart = groups - donors / donors.sum(axis=1, keepdims=True)
    adjusted, reach = _at_equal_slope(change, slope, groups, donors)
    effects = {
        **{name: fit.effects for name, fit in fits.items()},
        "difference": apart @ change,
        "adjusted": adjusted,
        "detrended": apart @ step,
    }
    same = np.ones(len(groups))
    return _Answers(effects, {**dict.fromkeys(effects, same), "adjusted": reach}, fits, slope)


def _at_equal_slope(
    change: Floats, slope: Floats, groups: Floats, donors: Floats
) -> tuple[Floats, Floats]:
    """Hold each group's change against its donors' line on earlier slope; and its reach there."""
    count = donors.sum(axis=1)
    mean_slope, mean_change = donors @ slope / count, donors @ change / count
    spread = donors @ slope**2 - count * mean_slope**2
    along = (donors @ (slope * change) - count * mean_slope * mean_change) / np.maximum(
        spread, 1e-300
    )
    off = groups @ slope - mean_slope
    effects = groups @ change - mean_change - along * off
    own = (groups**2).sum(axis=1) + 1 / count
    return effects, np.sqrt((own + off**2 / np.maximum(spread, 1e-300)) / own)


def _earlier_errors(
    values: Floats, groups: Floats, donors: Floats, n_before: int
) -> dict[str, float]:
    """Return each design's error at dates before the start, when nothing was done to anybody."""
    dates = [date for share in EARLIER if (date := int(share * n_before)) >= FEWEST_EARLIER]
    if not dates:
        return {"adjusted": float("nan")}
    squares: dict[str, list[float]] = {}
    for date in dates:
        found = _answers(values[:, :n_before], groups, donors, date)
        for name, effects in found.effects.items():
            squares.setdefault(name, []).append(float(np.mean(effects**2)))
    return {name: float(np.sqrt(np.mean(held))) for name, held in squares.items()}


def without_gaps(values: Floats, control: Bools, n_before: int) -> Floats:
    """Fill gaps by the unit's own level (before and after apart) and common period effects."""
    if not np.isnan(values).any():
        return values
    common = period_effects(values[control])
    filled = values.copy()
    for part in (slice(None, n_before), slice(n_before, None)):
        rest = values[:, part] - common[part]
        own = np.nanmean(rest, axis=1, keepdims=True)
        filled[:, part] = np.where(np.isnan(rest), own + common[part], values[:, part])
    return filled


def _groups(
    treated: Bools, level: Floats, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    control, size = np.flatnonzero(~treated), int(treated.sum())
    members = _distinct_groups(control, size, draws, rng)
    groups = np.zeros((len(members) + 1, len(treated)))
    groups[0, treated] = level[treated]
    np.put_along_axis(groups[1:], members, level[members], axis=1)
    donors = np.where(groups > 0, 0.0, 1.0) * ~treated
    return groups / groups.sum(axis=1, keepdims=True), donors


def _distinct_groups(
    control: np.ndarray, size: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Return every group of comparison units where they are few, else draws of them."""
    if size == 1 or comb(len(control), size) <= draws:
        return np.array(list(combinations(control, size)))
    return np.array([rng.choice(control, size, replace=False) for _draw in range(draws)])


def _plain(values: Floats, n_before: int) -> tuple[Floats, Floats, Floats]:
    early, late = values[:, :n_before], values[:, n_before:]
    time = np.arange(n_before) - (n_before - 1) / 2
    slope = early @ time / max(time @ time, 1e-12)
    whole = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    step = (np.arange(values.shape[1]) >= n_before) - late.shape[1] / values.shape[1]
    rest = step - (step @ whole) / (whole @ whole) * whole
    return late.mean(axis=1) - early.mean(axis=1), slope, values @ rest / (rest @ rest)


def _weights(design: str, fits: dict, donors: Floats, n_before: int) -> tuple[Floats, Floats]:
    if design in fits:
        return fits[design].unit_weights[0], fits[design].time_weights[0]
    return donors[0] / donors[0].sum(), np.full(n_before, 1 / n_before)


def _rank_half(far: Floats, confidence: float) -> float:
    """Return the distance that a share of 1 - confidence of groups reaches, the treated counted."""
    ordered = np.sort(far)
    rank = int(np.floor((1 - confidence) * (len(ordered) + 1) + 1e-9))
    return float(ordered[len(ordered) - rank]) if rank >= 1 else float("nan")


def _rank_p(effects: Floats, two_sided: bool) -> float:
    own, others = (
        (np.abs(effects[0]), np.abs(effects[1:])) if two_sided else (effects[0], effects[1:])
    )
    return float((1 + np.sum(others >= own - 1e-12)) / len(effects))
