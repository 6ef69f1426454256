"""What will invoices not issued yet bring? Issuing by week x share paid by age in weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import PoissonRegressor

from insights.delinquency.cash.pay_weeks import IN_SLOTS, WEEK, pay_weeks
from insights.delinquency.cash.slices import RegionSlices
from insights.features.ledger import Ledger, day_numbers

LONGEST_PAST = 156
YEAR = 52
LEVEL_WEEKS = 26
COHORTS = 78
QUARTER_END_WEIGHT = 5.0
FURTHEST = 3.0


@dataclass(frozen=True)
class Issuing:
    """Items that were issued in the ledger's time: customer type, leaf, day, cents, and cash."""

    kind: np.ndarray
    leaf: np.ndarray
    issued: np.ndarray
    cents: np.ndarray
    paid_item: np.ndarray
    paid_on: np.ndarray
    paid: np.ndarray
    n_leaves: int

    @classmethod
    def of(cls, ledger: Ledger, slices: RegionSlices) -> Issuing:
        """Leave out what was brought forward: it was not issued in the weeks it bears."""
        items, made = ledger.items, ledger.allocations
        brought = (items.kind == "opening").to_numpy()
        cents = np.where(brought, 0.0, items.amount_cents.to_numpy("float64"))
        made = made[(made.source == "payment") & ~brought[made["item"]]]
        return cls(
            pd.factorize(items.customer_type.fillna(""), sort=True)[0],
            slices.code,
            day_numbers(items.issued_on),
            cents,
            made["item"].to_numpy("int64"),
            made.day.to_numpy("int64"),
            made.cents.to_numpy("float64"),
            slices.member.shape[1],
        )

    def expected(self, day: int, weeks: int) -> tuple[np.ndarray, np.ndarray]:
        """Return cash of the coming weeks from items issued after ``day``: leaves x weeks, cents.

        The second array is its standard deviation from the weeks' issuing alone.
        """
        cash = np.zeros((self.n_leaves, weeks))
        spread = np.zeros((self.n_leaves, weeks))
        for kind in np.unique(self.kind[self.issued <= day]):
            past = self._weekly(day, kind)
            coming, deviation = coming_issues(past.sum(axis=0), day, weeks)
            share = _share(past)
            paid = self._paid_by_age(day, kind, weeks)
            later = np.zeros((weeks, weeks))
            for k in range(weeks):
                later[k, k:] = paid[k, : weeks - k]
            cash += np.outer(share, coming @ later)
            own = deviation / np.sqrt(np.maximum(share, 1e-9))
            spread += share[:, None] ** 2 * own[:, None] ** 2 * (coming**2 @ later**2)
        return cash, np.sqrt(spread)

    def _weekly(self, day: int, kind: int) -> np.ndarray:
        """Return cents issued a week up to ``day``: leaves x weeks, oldest first."""
        seen = (self.issued <= day) & (self.kind == kind) & (self.cents > 0)
        week = (self.issued[seen] - day - 1) // WEEK
        first = max(int(week.min()), -LONGEST_PAST) if len(week) else -1
        kept = week >= first
        place = self.leaf[seen][kept] * -first + week[kept] - first
        total = np.bincount(place, self.cents[seen][kept], self.n_leaves * -first)
        whole = total.reshape(self.n_leaves, -first)
        return whole[:, 1:] if -first > 1 and first > -LONGEST_PAST else whole

    def _paid_by_age(self, day: int, kind: int, weeks: int) -> np.ndarray:
        """Return the share of a coming week's issue paid so many weeks after: weeks x ages.

        From the cohorts that have passed the age, as in a run-off triangle; those issued at the
        same point of month and quarter count most.
        """
        mine = (self.kind == kind) & (self.issued <= day) & (self.cents > 0)
        cohort = (self.issued - day - 1) // WEEK + COHORTS
        mine &= cohort >= 0
        age = (self.paid_on - day - 1) // WEEK + COHORTS - cohort[self.paid_item]
        known = mine[self.paid_item] & (self.paid_on <= day) & (age < weeks) & (age >= 0)
        place = cohort[self.paid_item][known] * weeks + age[known]
        paid = np.bincount(place, self.paid[known], COHORTS * weeks).reshape(COHORTS, weeks)
        issued = np.bincount(cohort[mine], self.cents[mine], COHORTS)
        passed = np.arange(COHORTS)[:, None] + np.arange(weeks) < COHORTS
        alike = _alike(day, weeks)
        return (alike @ (paid * passed)) / np.maximum(alike @ (issued[:, None] * passed), 1.0)


def _alike(day: int, weeks: int) -> np.ndarray:
    """Return how much each past cohort says of each coming week: weeks x cohorts."""
    marks = pay_weeks(day + WEEK * np.arange(1 - COHORTS, weeks + 1))
    slot = marks[IN_SLOTS].to_numpy().argmax(axis=1)
    closing = marks.quarter_end.to_numpy()
    past, coming = slice(None, COHORTS), slice(COHORTS, None)
    same = slot[coming][:, None] == slot[past]
    return 0.1 + same + QUARTER_END_WEIGHT * np.outer(closing[coming], closing[past])


def coming_issues(past: np.ndarray, day: int, weeks: int) -> tuple[np.ndarray, float]:
    """Return the cents issued in each coming week, and the relative error of a past week's fit.

    A Poisson regression on what falls into a week (ends of months and quarters, Spring Festival,
    working days), brought to the level of the last half year.
    """
    n = len(past)
    mean = past.mean() if n else 0.0
    if mean <= 0:
        return np.zeros(weeks), 0.0
    if n < LEVEL_WEEKS:
        return np.full(weeks, mean), float(past.std() / mean)
    ends = day + WEEK * np.arange(1 - n, weeks + 1)
    marks = pay_weeks(ends).to_numpy()
    model = PoissonRegressor(alpha=0.02, max_iter=300).fit(marks[:n], past / mean)
    fitted = model.predict(marks) * mean
    recent = slice(n - LEVEL_WEEKS, n)
    level = past[recent].sum() / fitted[recent].sum()
    off = past[-YEAR:] - fitted[:n][-YEAR:]
    return fitted[n:] * np.clip(level, 1 / FURTHEST, FURTHEST), float(off.std() / mean)


def _share(past: np.ndarray) -> np.ndarray:
    """Return each leaf's share of the last year's issuing."""
    year = past[:, -YEAR:].sum(axis=1)
    return year / max(year.sum(), 1.0)
