"""A first and a second survey of the same units: did the scores change, and by more than elsewhere?

Studentised permutation (Janssen 1997) where units are few, Welch's test where they are many; the
interval excludes zero exactly where the p-value is small enough, and never leaves what the bounds
of the score allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from insights.strategy.designs.gap import POWER
from insights.strategy.designs.permutations import rearranged, signs_turned
from insights.words import _

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FEW = 40
FEWEST_FOR_LINE = 10


@dataclass(frozen=True)
class PairedFit:
    """The mean change of the treated units, less that of the comparison units where there are any.

    In points of the score. ``unit_gaps`` are the treated units' own gaps (NaN without both
    surveys), in their order. ``effect_size`` is the estimate in standard deviations of change
    (Cohen's d; NaN where nothing varies). ``rank_p`` is Wilcoxon's test without comparison
    units, Mann-Whitney's with; ``estimates`` also says what equal first scores would give.
    """

    name: str
    reason: str
    estimate: float
    low: float
    high: float
    p_value: float
    df: float
    error: float
    detectable: float
    rank_p: float
    effect_size: float
    unit_gaps: Floats
    n_pairs: int
    n_comparison_pairs: int
    n_unanswered: int
    n_better: int
    n_worse: int
    n_same: int
    share_better: float
    share_at_bound: float
    estimates: dict[str, float]


@dataclass(frozen=True)
class MeanDifference:
    """The treated units' mean less the comparison units', with Welch's error (the same as HC2)."""

    estimate: float
    error: float
    df: float
    low: float
    high: float
    p_value: float


def paired_fit(
    first: Floats,
    second: Floats,
    treated: Bools,
    bounds: tuple[float, float] | None = None,
    confidence: float = 0.95,
    direction: str = "up",
    seed: int = 20240229,
) -> PairedFit:
    """Did the scores of the treated units change, beyond those of the comparison units?

    ``first`` and ``second`` are scores by unit (NaN where not given: such a unit is counted as
    unanswered and not compared), ``bounds`` the lowest and highest score possible. Without two
    comparison units it is the change itself, which also holds what would have changed anyway.
    ``ValueError`` where no treated unit gave both scores, or a score lies outside the bounds.
    """
    _refuse_outside(np.concatenate([first, second]), bounds)
    both = ~np.isnan(first) & ~np.isnan(second)
    change = second - first
    own, other = change[treated & both], change[~treated & both]
    if len(own) == 0:
        raise ValueError(_("paired_fit: no treated unit has both a first and a second score"))
    if len(other) < 2:
        other = other[:0]
    return _fit(first, second, treated, both, own, other, bounds, confidence, direction, seed)


def difference_of_means(values: Floats, treated: Bools, confidence: float = 0.95) -> MeanDifference:
    """How far apart are the means of a randomised trial? Neyman's error, Welch's interval.

    ``values`` is one number a unit; units without one are left out. NaN where a group has under
    two.
    """
    seen = ~np.isnan(values)
    estimate, error, df = _welch(values[treated & seen], values[~treated & seen])
    half = float(stats.t.ppf((1 + confidence) / 2, df)) * error
    p_value = _normal_p(estimate, error, df)
    return MeanDifference(estimate, error, df, estimate - half, estimate + half, p_value)


def _fit(
    first: Floats, second: Floats, treated: Bools, both: Bools, own: Floats, other: Floats,
    bounds: tuple[float, float] | None, confidence: float, direction: str, seed: int,
) -> PairedFit:  # fmt: skip
    estimate, error, df = _welch(own, other) if len(other) else _one_mean(own)
    p_value, half = _inference(own, other, estimate, error, df, confidence, seed)
    low, high = _within(estimate, half, second[treated & both].mean(), bounds)
    better = own if direction == "up" else -own
    detectable = half + stats.t.ppf(POWER, df) * error if np.isfinite(half) else np.nan
    gaps = np.where(both, second - first, np.nan)[treated] - (other.mean() if len(other) else 0.0)
    return PairedFit(
        *_words(len(own), len(other), both, first, treated),
        estimate, low, high, p_value, df, error, float(detectable),
        _rank_p(own, other), _in_deviations(estimate, own, other), gaps,
        len(own), len(other), int((~both).sum()),
        int((better > 0).sum()), int((better < 0).sum()), int((own == 0).sum()),
        float(np.mean(better > 0)), _at_bound(first[treated & both], bounds, direction),
        _estimates(first, second, treated, both, estimate, len(other)),
    )  # fmt: skip


def _refuse_outside(scores: Floats, bounds: tuple[float, float] | None) -> None:
    if bounds is None:
        return
    outside = scores[(scores < bounds[0]) | (scores > bounds[1])]
    if len(outside):
        raise ValueError(
            _("score: {n} outside {low:g} to {high:g}, such as {value:g}; mend them or give the "
              "bounds of the scale").format(
                n=len(outside), low=bounds[0], high=bounds[1], value=outside[0])
        )  # fmt: skip


def _welch(own: Floats, other: Floats) -> tuple[float, float, float]:
    if min(len(own), len(other)) == 0:
        return float("nan"), float("nan"), float("nan")
    estimate = float(own.mean() - other.mean())
    if min(len(own), len(other)) < 2:
        return estimate, float("nan"), float("nan")
    parts = [group.var(ddof=1) / len(group) for group in (own, other)]
    total = sum(parts)
    spread = parts[0] ** 2 / (len(own) - 1) + parts[1] ** 2 / (len(other) - 1)
    df = total**2 / spread if spread > 0 else len(own) + len(other) - 2
    return estimate, float(np.sqrt(total)), float(df)


def _one_mean(own: Floats) -> tuple[float, float, float]:
    if len(own) < 2:
        return float(own.mean()), float("nan"), float("nan")
    return float(own.mean()), float(own.std(ddof=1) / np.sqrt(len(own))), float(len(own) - 1)


def _inference(
    own: Floats, other: Floats, estimate: float, error: float, df: float, confidence: float,
    seed: int,
) -> tuple[float, float]:  # fmt: skip
    """Return the p-value and how far the interval reaches to each side."""
    if np.isnan(error):
        return float("nan"), float("nan")
    if len(own) + len(other) > FEW:
        return _normal_p(estimate, error, df), float(stats.t.ppf((1 + confidence) / 2, df)) * error
    if len(other):
        drawn = rearranged(np.concatenate([own, other]), len(own), seed)
    else:
        drawn = signs_turned(own, seed)
    ordered = np.sort(drawn)[::-1]
    p_value = float(np.mean(ordered >= _far(estimate, error) - 1e-9))
    rank = int(np.floor((1 - confidence) * len(ordered) + 1e-9))
    quantile = float(ordered[rank]) if rank else float("inf")
    if error == 0:
        return p_value, 0.0 if p_value <= 1 - confidence else float("inf")
    return p_value, quantile * error * (1 + 1e-7)


def _far(estimate: float, error: float) -> float:
    if error > 0:
        return abs(estimate) / error
    return float("inf") if estimate else 0.0


def _normal_p(estimate: float, error: float, df: float) -> float:
    if np.isnan(error):
        return float("nan")
    return float(2 * stats.t.sf(_far(estimate, error), df)) if _far(estimate, error) else 1.0


def _within(
    estimate: float, half: float, seen: float, bounds: tuple[float, float] | None
) -> tuple[float, float]:
    """Keep the interval where the score without the strategy is one that the scale knows."""
    if np.isnan(half):
        return float("nan"), float("nan")
    ends = np.array([estimate - half, estimate + half])
    if bounds is not None:
        ends = np.clip(ends, seen - bounds[1], seen - bounds[0])
    return float(ends[0]), float(ends[1])


def _rank_p(own: Floats, other: Floats) -> float:
    if len(other):
        return float(stats.mannwhitneyu(own, other).pvalue)
    if not own.any():
        return 1.0
    tied = len(np.unique(np.abs(own[own != 0]))) < len(own)
    return float(stats.wilcoxon(own, method="asymptotic" if tied else "auto").pvalue)


def _in_deviations(estimate: float, own: Floats, other: Floats) -> float:
    groups = [group for group in (own, other) if len(group) > 1]
    df = sum(len(group) - 1 for group in groups)
    square = sum(float(group.var(ddof=1)) * (len(group) - 1) for group in groups)
    return estimate / float(np.sqrt(square / df)) if df and square > 0 else float("nan")


def _at_bound(first: Floats, bounds: tuple[float, float] | None, direction: str) -> float:
    """Return the share of first scores that could not get better."""
    if bounds is None:
        return float("nan")
    return float(np.mean(first == bounds[1 if direction == "up" else 0]))


def _estimates(
    first: Floats, second: Floats, treated: Bools, both: Bools, estimate: float, n_other: int
) -> dict[str, float]:
    if not n_other:
        return {"change": estimate}
    found = {"difference_of_changes": estimate}
    rest = ~treated & both
    if n_other >= FEWEST_FOR_LINE and np.ptp(first[rest]) > 0:
        line = np.polyfit(first[rest], (second - first)[rest], 1)
        own = treated & both
        found["equal_first_scores"] = float(
            np.mean((second - first)[own] - np.polyval(line, first[own]))
        )
    return found


def _words(n: int, m: int, both: Bools, first: Floats, treated: Bools) -> tuple[str, str]:
    if not m:
        return _("paired surveys"), _(
            "{n} units gave a first and a second score and nobody was surveyed twice without the "
            "strategy: the change also holds what would have changed anyway, such as low first "
            "scores that come back by themselves"
        ).format(n=n)
    why = _("{n} units with the strategy and {m} without gave a first and a second score: their "
            "changes are compared").format(n=n, m=m)  # fmt: skip
    apart = first[treated & both].mean() - first[~treated & both].mean()
    if abs(apart) > first[both].std() / 4:
        why += _("; their first scores differ by {gap:.2f}, and low scores come back by themselves "
                 "more than high ones").format(gap=apart)  # fmt: skip
    return _("paired surveys with comparison units"), why
