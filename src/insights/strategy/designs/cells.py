"""Averages over cells (start, period), with errors clustered by unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Estimate:
    """An average effect, its error clustered by unit, interval and two-sided p-value."""

    estimate: float
    error: float
    df: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Cells:
    """Cells (start, period): effect, counts, each unit's influence (cells x units).

    ``group`` numbers the starts; ``event`` counts periods since the start, negative before.
    """

    group: Ints
    period: Ints
    event: Ints
    effect: Floats
    n_treated: Ints
    n_comparison: Ints
    influence: Floats


@dataclass(frozen=True)
class Sample:
    """Which cohort each unit is of (-1 for comparison units), and how errors are taken."""

    cohort: Ints
    confidence: float
    small_sample: bool


def average(
    cells: Cells, weight: Floats, sample: Sample, parts: list[Bools] | None = None
) -> Estimate:
    """Return the average of cells, its error, interval and p-value.

    ``weight`` sums to one (or is a contrast); ``parts`` are the sets of cells that are averaged by
    group size, all of them by default: the published errors count the chance in those sizes.
    """
    estimate, pull = float(weight @ cells.effect), weight @ cells.influence
    if sample.small_sample:
        error, df = _spread(cells, weight, pull, sample)
    else:
        for part in [weight > 0] if parts is None else parts:
            pull = pull + _chance_of_shares(cells, np.where(part, weight, 0.0), sample)
        error, df = float(np.sqrt(pull @ pull)), float("inf")
    half = float(stats.t.ppf((1 + sample.confidence) / 2, df)) * error
    far = abs(estimate) / error if error > 0 else (np.inf if estimate else 0.0)
    p_value = float(2 * stats.t.sf(far, df)) if np.isfinite(error) else float("nan")
    return Estimate(estimate, error, df, estimate - half, estimate + half, p_value)


def _chance_of_shares(cells: Cells, weight: Floats, sample: Sample) -> Floats:
    """Return each unit's influence through the sizes of the groups, which the sample decides."""
    apart = weight * (cells.effect - weight @ cells.effect / weight.sum())
    total = np.bincount(cells.group, apart, minlength=sample.cohort.max() + 1)
    size = np.bincount(sample.cohort[sample.cohort >= 0], minlength=len(total))
    return np.where(sample.cohort >= 0, (total / np.maximum(size, 1))[sample.cohort], 0.0)


def _spread(cells: Cells, weight: Floats, pull: Floats, sample: Sample) -> tuple[float, float]:
    """Return error and Satterthwaite's degrees of freedom from spreads within each cohort.

    A cohort of one has no spread of its own: it is lent that of the units it is compared with.
    """
    parts, dfs = [], []
    for one in np.unique(sample.cohort):
        own = pull[sample.cohort == one]
        if len(own) == 1:
            in_group = np.where(cells.group == one, weight, 0.0) @ cells.influence
            lender = in_group[in_group != 0]
            scale = len(lender)
        else:
            lender, scale = own, 1
        dfs.append(max(len(lender) - 1, 1))
        parts.append(float(lender @ lender) * scale * len(lender) / dfs[-1])
    total = sum(parts)
    if total == 0:
        return 0.0, 1.0
    return float(np.sqrt(total)), total**2 / sum(
        part**2 / df for part, df in zip(parts, dfs, strict=True)
    )
