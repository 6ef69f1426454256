"""How far would one unit have strayed from what was expected though nothing was done to it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from insights.strategy.many.between import Floats

# From noise as of counts to noise in proportion to what is expected of a unit.
POWERS = (1.0, 1.5, 2.0)
NOTHING = 1e-12


@dataclass(frozen=True)
class UnitNoise:
    """Variance of a unit's effect: the sum of ``scales`` x expected ** POWERS.

    Known to ``freedom`` degrees of freedom, fewer where sizes are uneven (Kish 1965); 0 where it
    could not be measured.
    """

    scales: Floats
    freedom: float

    def variances(self, expected: Floats) -> Floats:
        """Return the variance of each unit's effect, in squared outcome units."""
        return np.power.outer(expected, POWERS) @ self.scales

    def reach(self, confidence: float) -> float:
        """Return how many standard errors an interval reaches to each side."""
        if self.freedom < 1:
            return float("nan")
        return float(stats.t.ppf((1 + confidence) / 2, self.freedom))


def unit_noise(rows: pd.DataFrame) -> UnitNoise:
    """Measure it on units (effect, expected, group) inside their groups.

    How noise grows with size is weighed by likelihood: few units cannot choose one way.
    """
    group = rows.group
    sums = rows[["effect", "expected"]].groupby(group).transform("sum")
    rest = (rows.effect - sums.effect / sums.expected * rows.expected).to_numpy(float)
    freedom = float(len(rows) - group.nunique())
    size = rows.expected.to_numpy(float)
    if freedom < 1 or not np.any(np.abs(rest) > NOTHING * size):
        return UnitNoise(np.zeros(len(POWERS)), 0.0)
    powered = np.power.outer(size, POWERS)
    counted = _counted(rows.expected, group, powered)
    scales = (rest[:, None] ** 2 / powered).sum(axis=0) / counted
    misfit = len(rest) * np.log(scales) + np.log(powered).sum(axis=0)
    weights = np.exp((misfit.min() - misfit) / 2)
    uneven = float(np.var(size) / np.mean(size) ** 2)
    return UnitNoise(scales * weights / weights.sum(), max(freedom / (1 + uneven), 1.0))


def _counted(size: pd.Series, group: pd.Series, powered: Floats) -> Floats:
    """Return what the squared rests sum to, by power, at a scale of one.

    A unit that makes up much of its group's figure lies close to it: var(e - x sum(e) / sum(x)).
    """
    own = pd.DataFrame(powered, index=size.index).groupby(group).transform("sum").to_numpy()
    part = (size / size.groupby(group).transform("sum")).to_numpy(float)[:, None]
    return (1 - 2 * part + part**2 * own / powered).sum(axis=0)
