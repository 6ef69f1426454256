"""Few treated units: every comparison unit takes a turn as if it had been treated.

Permutation inference in space (Abadie, Diamond and Hainmueller 2010): the effect is held against
the effects that the same design finds where nothing happened. Among the designs the one with the
smallest error on those pretended treatments is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.strategy.designs.gap import period_effects
from insights.strategy.designs.synthetic import synthetic_control, synthetic_did

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class PlaceboFit:
    """The chosen design's effect on the treated and on each pretended group, as shares of level."""

    design: str
    effect: float
    placebos: Floats
    errors: dict[str, float]
    effects: dict[str, float]
    unit_weights: Floats
    time_weights: Floats
    trend_p: float
    slope_p: float

    def p_value(self) -> float:
        """Return the share of groups, the treated one included, at least this far from zero."""
        far = np.abs(self.placebos) >= abs(self.effect) - 1e-12
        return float((1 + far.sum()) / (1 + len(self.placebos)))

    def half_width(self, confidence: float) -> float:
        """Return the half-width that excludes zero exactly where the p-value is small enough."""
        ordered = np.sort(np.abs(self.placebos))
        rank = int(np.floor((1 - confidence) * (len(ordered) + 1) + 1e-9))
        return float(ordered[len(ordered) - rank]) if rank >= 1 else float("nan")


def placebo_fit(
    values: Floats,
    treated: Bools,
    level: Floats,
    n_before: int,
    draws: int,
    seed: int,
    better: float,
) -> PlaceboFit:
    """Fit every design to the treated and to pretended groups of comparison units.

    ``values`` is units x (before, then after) without gaps, in shares of ``level``; ``better`` is
    -1 where less is better.
    """
    groups, donors = _groups(treated, level, draws, np.random.default_rng(seed))
    fits = {
        "synthetic_did": synthetic_did(values, groups, donors, n_before),
        "synthetic_control": synthetic_control(values, groups, donors, n_before),
    }
    effects = {name: fit.effects for name, fit in fits.items()}
    change, slope, step = _plain(values, n_before)
    apart = groups - donors / donors.sum(axis=1, keepdims=True)
    effects["difference"] = apart @ change
    effects["detrended"] = apart @ step
    errors = {name: float(np.sqrt(np.mean(found[1:] ** 2))) for name, found in effects.items()}
    design = min(errors, key=lambda name: errors[name])
    units, times = _weights(design, fits, donors, n_before)
    return PlaceboFit(
        design,
        float(effects[design][0]),
        effects[design][1:],
        errors,
        {name: float(found[0]) for name, found in effects.items()},
        units,
        times,
        _rank_p(better * effects["detrended"], two_sided=False),
        _rank_p(apart @ slope, two_sided=True),
    )


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
    if size == 1:
        members = control[:, None]
    else:
        members = np.array([rng.choice(control, size, replace=False) for _draw in range(draws)])
    groups = np.zeros((len(members) + 1, len(treated)))
    groups[0, treated] = level[treated]
    np.put_along_axis(groups[1:], members, level[members], axis=1)
    donors = np.where(groups > 0, 0.0, 1.0) * ~treated
    return groups / groups.sum(axis=1, keepdims=True), donors


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


def _rank_p(effects: Floats, two_sided: bool) -> float:
    own, others = (
        (np.abs(effects[0]), np.abs(effects[1:])) if two_sided else (effects[0], effects[1:])
    )
    return float((1 + np.sum(others >= own - 1e-12)) / len(effects))
