"""How wide must the interval be? As wide as earlier forecasts of the same stretch were wrong.

Split conformal: errors of earlier origins, at the same point of their month and as many months
ahead, are scaled by how wrong each scope's months usually are, pooled over the scopes of a kind,
and the quantile with the finite-sample correction is taken (Lei et al. 2018). Where a stretch
this long ended too seldom, the longest shorter one that ended often enough lends its relative
errors, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insights.targets.forecast_panel import SalesPanel

SCOPE_MONTHS = 6.0  # a scope's own volatility weighs as much as its kind's after six forecasts
LEAST_VOLATILITY = 0.005
FEW_SCORES = 12  # with fewer of its own kind, as of a young company, a scope learns from all kinds
KNOWN, BORROWED, NONE = "same_stretch", "shorter_stretch", "none"


@dataclass(frozen=True)
class Stretch:
    """What a stretch was expected to bring and brought, and how wrong is usual, origin x scope."""

    expected: np.ndarray
    came: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(
        cls, expected: np.ndarray, came: np.ndarray, level: np.ndarray, usual: np.ndarray
    ) -> Stretch:
        """Scale errors by a level in CNY times a usual relative error."""
        scale = np.abs(level) * usual
        return cls(expected, came, np.where(scale > 0, scale, np.nan))

    @property
    def scores(self) -> np.ndarray:
        """Return the absolute errors in units of what is usual."""
        return np.asarray(np.abs(self.came - self.expected) / self.scale)


@dataclass(frozen=True)
class HalfWidths:
    """Origin x scope: half the interval in CNY (missing without history), and whose errors."""

    half: np.ndarray
    source: np.ndarray


def volatility(panel: SalesPanel, first: np.ndarray) -> np.ndarray:
    """Return origin x scope: the usual relative error of a month's forecast, from earlier ones.

    ``first`` is origin x scope, the forecast of month t. The median of a scope's own, shrunk to
    that of its kind.
    """
    came = panel.monthly.T
    said = first[: panel.complete]
    known = np.isfinite(said) & (said > 0)
    errors = np.where(known, np.abs(came - said) / np.where(known, said, 1.0), np.nan)
    found = np.full_like(first, np.nan)
    for t in range(1, panel.complete + 1):
        for kind in set(panel.kinds):
            of_kind = panel.kinds == kind
            found[t, of_kind] = _shrunk(errors[:t, of_kind])
    return np.maximum(found, LEAST_VOLATILITY)


def half_widths(
    panel: SalesPanel,
    stretches: list[Stretch],
    coverage: float,
    min_origins: int,
    origins: np.ndarray,
) -> HalfWidths:
    """Return half the interval of each of ``origins`` for the last of ``stretches``.

    ``stretches[h]`` is the rest of month t and h months more. An origin learns from those whose
    stretch was over. Where nothing is expected there is no interval: nothing scales it.
    """
    scale = stretches[-1].scale
    half = np.full_like(scale, np.nan)
    source = np.full(scale.shape, NONE, dtype=object)
    scores = [one.scores for one in stretches]
    for t in origins:
        for kind in set(panel.kinds):
            of_kind = panel.kinds == kind
            factor, whose = _factor(scores, t, of_kind, coverage, min_origins)
            half[t, of_kind] = factor * scale[t, of_kind]
            source[t, of_kind] = whose
    return HalfWidths(half, np.where(np.isfinite(half), source, NONE))


def _shrunk(errors: np.ndarray) -> np.ndarray:
    """Return the median error of each column, shrunk to that of all."""
    pooled = errors[np.isfinite(errors)]
    if not len(pooled):
        return np.full(errors.shape[1], np.nan)
    n = np.isfinite(errors).sum(axis=0)
    filled = np.where(n > 0, errors, np.median(pooled))
    own = np.nanmedian(filled, axis=0)
    weight = n / (n + SCOPE_MONTHS)
    return np.asarray(weight * own + (1 - weight) * np.median(pooled))


def _factor(
    scores: list[np.ndarray], t: int, of_kind: np.ndarray, coverage: float, min_origins: int
) -> tuple[float, str]:
    """Return what the usual error is multiplied by at origin t, and whose errors said so."""
    longest = len(scores) - 1
    own = _of_stretch(scores, longest, t, of_kind, coverage, min_origins)
    if np.isfinite(own):
        return own, KNOWN
    shorter = [_of_stretch(scores, h, t, of_kind, coverage, min_origins) for h in range(longest)]
    lent = [one for one in shorter if np.isfinite(one)]
    return (max(lent), BORROWED) if lent else (np.nan, NONE)


def _of_stretch(
    scores: list[np.ndarray], h: int, t: int, of_kind: np.ndarray, coverage: float, least: int
) -> float:
    return _quantile(_alike(scores[h][: max(t - h, 0)], of_kind), coverage, least)


def _alike(seen: np.ndarray, of_kind: np.ndarray) -> np.ndarray:
    own = seen[:, of_kind]
    return own if np.isfinite(own).sum() >= FEW_SCORES else seen


def _quantile(seen: np.ndarray, coverage: float, min_origins: int) -> float:
    """Return the corrected quantile of the scores; missing where too few origins are over."""
    if np.isfinite(seen).any(axis=1).sum() < min_origins:
        return np.nan
    known = np.sort(seen[np.isfinite(seen)])
    place = int(np.ceil((len(known) + 1) * coverage))
    return float(known[place - 1]) if place <= len(known) else np.nan
