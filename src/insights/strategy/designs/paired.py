"""A first and a second survey of the same units: did the scores change, and by more than elsewhere?

Studentised permutation (Janssen 1997) where units are few, Welch's test where they are many; the
interval excludes zero exactly where the p-value is small enough.
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
# Rearrangements this near the change that was seen are ties with it.
TIES = 1 + 1e-7


@dataclass(frozen=True)
class PairedFit:
    """The mean change of the treated units, less that of the comparison units where there are any.

    In points of the score. The interval is NaN where units are too few for one. ``unit_gaps`` are
    the treated units' own gaps (NaN without both surveys), in their order; ``equal_first`` is what
    the comparison units' line from first score to change says of equal first scores (NaN: too few).
    """

    name: str
    reason: str
    estimate: float
    low: float
    high: float
    p_value: float
    detectable: float
    unit_gaps: Floats
    equal_first: float


def paired_fit(
    first: Floats, second: Floats, treated: Bools, confidence: float = 0.95, seed: int = 20240229
) -> PairedFit:
    """Did the scores of the treated units change, beyond those of the comparison units?

    ``first`` and ``second`` are scores by unit; a unit without both (NaN) is not compared. Without
    two comparison units it is the change itself, which also holds what would have changed anyway.
    ``ValueError`` where no treated unit gave both scores.
    """
    both = ~np.isnan(first) & ~np.isnan(second)
    change = second - first
    own, other = change[treated & both], change[~treated & both]
    if len(own) == 0:
        raise ValueError(_("paired_fit: no treated unit has both a first and a second score"))
    if len(other) < 2:
        other = other[:0]
    estimate, error, df = welch(own, other) if len(other) else _one_mean(own)
    p_value, half = _inference(own, other, estimate, error, df, confidence, seed)
    gaps = change[treated] - (other.mean() if len(other) else 0.0)
    return PairedFit(
        *_words(len(own), len(other), both, first, treated),
        estimate, estimate - half, estimate + half, p_value,
        float(half + stats.t.ppf(POWER, df) * error), gaps,
        _equal_first(first, change, treated & both, ~treated & both),
    )  # fmt: skip


def welch(own: Floats, other: Floats) -> tuple[float, float, float]:
    """Return how far two means are apart, the error of it and its degrees of freedom (Welch 1947).

    Error and degrees are NaN where a side has one value only.
    """
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
    """Return the p-value and how far the interval reaches to each side (NaN: too few units).

    Both hold what was seen against the same rearrangements in the same way, so they agree.
    """
    if np.isnan(error):
        return float("nan"), float("nan")
    if len(own) + len(other) > FEW:
        return two_sided(estimate, error, df), float(stats.t.ppf((1 + confidence) / 2, df)) * error
    if len(other):
        drawn = rearranged(np.concatenate([own, other]), len(own), seed)
    else:
        drawn = signs_turned(own, seed)
    ordered = np.sort(drawn)[::-1] * TIES
    p_value = float(np.mean(ordered >= _far(estimate, error)))
    rank = int(np.floor((1 - confidence) * len(ordered) + 1e-9))
    if error == 0:
        return p_value, 0.0 if p_value <= 1 - confidence else float("nan")
    half = float(ordered[rank]) * error if rank else float("nan")
    return p_value, half if np.isfinite(half) else float("nan")


def two_sided(estimate: float, error: float, df: float) -> float:
    """Return the two-sided p-value of an estimate; without any error 0 but where it is 0."""
    return float(2 * stats.t.sf(_far(estimate, error), df)) if estimate else 1.0


def _far(estimate: float, error: float) -> float:
    if error > 0:
        return abs(estimate) / error
    return float("inf") if estimate else 0.0


def _equal_first(first: Floats, change: Floats, own: Bools, other: Bools) -> float:
    if other.sum() < FEWEST_FOR_LINE or np.ptp(first[other]) == 0:
        return float("nan")
    line = np.polyfit(first[other], change[other], 1)
    return float(np.mean(change[own] - np.polyval(line, first[own])))


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
