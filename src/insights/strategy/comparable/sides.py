"""The two sides of a comparison: what was treated, what it is compared with, and since when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind

from insights.strategy.gates import Gate
from insights.words import N_

# Fewer units than this on a side have no spread to speak of.
FEWEST = 3


@dataclass(frozen=True)
class Sides:
    """``rows``: unit_id, period, value, price_part of all; ``units``: the treated, starts_on."""

    rows: pd.DataFrame
    units: pd.DataFrame

    @property
    def treated(self) -> pd.Index:
        """Return the ids of the treated units."""
        return pd.Index(self.units.unit_id)

    @property
    def comparison(self) -> pd.Index:
        """Return the ids of the comparison units."""
        return pd.Index(self.rows.unit_id.unique()).difference(self.treated)

    @property
    def first_start(self) -> pd.Timestamp:
        """Return the first start, after every period where nothing was treated."""
        return self.units.starts_on.min() if len(self.units) else pd.Timestamp.max

    def last_start_by(self, day: pd.Timestamp) -> pd.Timestamp:
        """Return the last start by a day; the first one where none is by then."""
        by_then = self.units.starts_on[self.units.starts_on <= day]
        return by_then.max() if len(by_then) else self.first_start

    def first_day(self) -> dt.date:
        """Return the day the panel begins."""
        return self.rows.period.min().date()


def untested(check: str, missing: str) -> Gate:
    """Say that a condition was not tested, and what is missing; it blocks nothing."""
    return Gate(check, N_("not tested"), missing, True, "")


def is_untested(gate: Gate) -> bool:
    """Say whether a gate only says that it was not tested."""
    return gate.value == N_("not tested")


def apart_p(one: pd.Series, other: pd.Series) -> float:
    """Return the p-value of a difference in means (Welch 1947); NaN with too few on a side."""
    first = one.dropna().to_numpy("float64")
    second = other.dropna().to_numpy("float64")
    if min(len(first), len(second)) < FEWEST or np.ptp(np.concatenate([first, second])) == 0:
        return float("nan")
    if np.ptp(first) == 0 and np.ptp(second) == 0:
        return 0.0
    return float(ttest_ind(first, second, equal_var=False).pvalue)
