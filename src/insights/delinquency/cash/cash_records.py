"""Past forecasts of cash beside what came and what simpler peers said, with honest intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from insights.delinquency.cash.cash_origins import (
    ALL_CASH,
    ISSUED,
    QUARTER_DAYS,
    RECENT_WEEKS,
    YEAR_DAYS,
    Outlook,
    cash_of,
)
from insights.delinquency.cash.pay_weeks import WEEK
from insights.features.ledger import Ledger
from insights.tables import ALL

TAIL = 0.05
HORIZON_GROUP = 4
PRIOR_ERRORS = 8.0
FEWEST_ERRORS = 26
ERRORS_SINCE = 456
NORMAL = stats.norm.ppf(1 - TAIL)


def records(ledger: Ledger, outlook: Outlook) -> pd.DataFrame:
    """Return a row an origin, slice, scope and week, in cents.

    ``week`` 0 is the sum of all weeks. ``actual`` is missing until the week has ended. ``spread``:
    the standard deviation that the model and past surprises of payers give, before it is scaled.
    """
    alone = outlook.alone + _sharing(outlook)[:, None, None] * np.maximum(outlook.shared, 0)
    whole = outlook.issued + outlook.new
    labels = _labels(outlook)
    parts = [
        _scope(labels, ISSUED, outlook.issued, alone, outlook.came_issued, _run_off(outlook)),
        _scope(labels, ALL_CASH, whole, alone + outlook.issuing, outlook.came,
               _past_weeks(ledger, outlook)),
    ]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(actual=rows.actual.where(rows.ends <= ledger.day))


def _labels(outlook: Outlook) -> pd.DataFrame:
    week = np.r_[1 : outlook.weeks + 1, 0]
    keys = pd.MultiIndex.from_product(
        [outlook.days, outlook.slices.names, week], names=["made", "region_id", "week"]
    )
    rows = keys.to_frame(index=False)
    ahead = rows.week.where(rows.week > 0, outlook.weeks)
    return rows.assign(ends=rows.made + WEEK * ahead)


def _scope(
    labels: pd.DataFrame,
    scope: str,
    expected: np.ndarray,
    variance: np.ndarray,
    came: np.ndarray,
    peers: tuple[np.ndarray, np.ndarray],
) -> pd.DataFrame:
    return labels.assign(
        scope=scope,
        expected=expected.ravel(),
        spread=np.sqrt(variance).ravel(),
        actual=came.ravel(),
        naive_last_year=peers[0].ravel(),
        naive_recent=peers[1].ravel(),
    )


def with_intervals(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``low`` and ``high`` (90 %) from the errors of earlier forecasts that were known then.

    The errors of the last five quarters' forecasts, standardised by their own ``spread``, the
    company's apart from the regions', and scaled as weeks equally far ahead were. Missing where
    too few were known.
    """
    known = _Errors(
        rows.made.to_numpy("int64"),
        rows.ends.to_numpy("int64"),
        ((rows.actual - rows.expected) / rows.spread.clip(lower=1.0)).to_numpy("float64"),
        np.where(rows.week == 0, 0, 1 + (rows.week - 1) // HORIZON_GROUP),
        pd.factorize(rows.region_id)[0],
    )
    lower, upper = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    kinds = rows.groupby(["scope", rows.region_id != ALL]).indices
    for found in kinds.values():
        places = np.asarray(found)
        for day in np.unique(known.made[places]):
            asked = places[known.made[places] == day]
            lower[asked], upper[asked] = known.bounds(places, asked, day)
    low = (rows.expected + lower * rows.spread).clip(lower=0)
    return rows.assign(low=low, high=rows.expected + upper * rows.spread)


@dataclass(frozen=True)
class _Errors:
    """Standardised errors by row; ``group`` 0 is the sum of all weeks, then distances."""

    made: np.ndarray
    ends: np.ndarray
    error: np.ndarray
    group: np.ndarray
    region: np.ndarray

    def bounds(
        self, places: np.ndarray, asked: np.ndarray, day: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return, for the rows asked, how many spreads lie below and above the expected."""
        known = (self.ends[places] <= day) & (self.made[places] > day - ERRORS_SINCE)
        past = places[known & np.isfinite(self.error[places])]
        weekly = past[self.group[past] > 0]
        if len(weekly) < FEWEST_ERRORS:
            return np.full(len(asked), np.nan), np.full(len(asked), np.nan)
        usual = float(np.mean(self.error[weekly] ** 2))
        scales = _scales(self.error[past], self.group[past], usual, self.group[places].max())
        scaled = self.error[weekly] / scales[self.group[weekly]]
        regions = _scales(scaled, self.region[weekly], 1.0, self.region[places].max())
        low, high = _tails(scaled / regions[self.region[weekly]])
        wide = _total_factor(self.made[past[self.group[past] == 0]])
        scale = scales[self.group[asked]] * regions[self.region[asked]]
        total = self.group[asked] == 0
        return np.where(total, -wide, low) * scale, np.where(total, wide, high) * scale


def _scales(errors: np.ndarray, by: np.ndarray, usual: float, last: int) -> np.ndarray:
    """Return the root mean square error of each distance or region, drawn towards that of all."""
    squares = np.bincount(by, errors**2, last + 1)
    counts = np.bincount(by, minlength=last + 1)
    return np.sqrt((squares + PRIOR_ERRORS * usual) / (counts + PRIOR_ERRORS))


def _tails(errors: np.ndarray) -> tuple[float, float]:
    """Return the conformal 5 % and 95 % of scaled errors, halfway to a normal's.

    Errors of one quarter go together, so that the outer ones alone are few.
    """
    n = len(errors)
    level = min(1.0, np.ceil((n + 1) * (1 - TAIL)) / n)
    low = -np.quantile(-errors, level, method="higher")
    high = np.quantile(errors, level, method="higher")
    return (float(low) - NORMAL) / 2, (float(high) + NORMAL) / 2


def _total_factor(days: np.ndarray) -> float:
    """Return Student's 95 % for sums of all weeks: past ones overlap, so few are independent."""
    apart = (days.max() - days.min()) / QUARTER_DAYS if len(days) else 0.0
    return float(stats.t.ppf(1 - TAIL, 3 + np.floor(apart)))


def _sharing(outlook: Outlook) -> np.ndarray:
    """Return, by origin, how far a payer's items go together, from the surprises known by then."""
    ends = outlook.days[:, None] + WEEK * np.arange(1, outlook.weeks + 1)
    shared = outlook.shared[:, 0, :-1]
    known = [ends <= day for day in outlook.days]
    found = [
        np.where(seen, outlook.surprise, 0).sum() / max(np.where(seen, shared, 0).sum(), 1.0)
        for seen in known
    ]
    return np.clip(found, 0.0, 1.0)


def _run_off(outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
    """Return what open items brought a year ago, and of late, for as much as is open now."""
    last_year = np.full(outlook.issued.shape, np.nan)
    recent = np.full(outlook.issued.shape, np.nan)
    horizon = WEEK * np.r_[1 : outlook.weeks + 1, outlook.weeks]
    for k, day in enumerate(outlook.days):
        known = outlook.days[:k, None, None] + horizon <= day
        gap = np.abs(outlook.days - (day - YEAR_DAYS))
        near = int(gap.argmin())
        if gap[near] <= RECENT_WEEKS and near < k:
            last_year[k] = outlook.came_issued[near] * _per(outlook.opened[k], outlook.opened[near])
        if known.any():
            paid = np.where(known, outlook.came_issued[:k], 0)[-12:].sum(axis=0)
            opened = np.where(known, outlook.opened[:k, :, None], 0)[-12:].sum(axis=0)
            recent[k] = outlook.opened[k][:, None] * paid / np.where(opened > 0, opened, np.nan)
    return last_year, recent


def _per(now: np.ndarray, then: np.ndarray) -> np.ndarray:
    return (now / np.where(then > 0, then, np.nan))[:, None]


def _past_weeks(ledger: Ledger, outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
    """Return last year's same weeks at the last quarter's growth, and the last eight's mean."""
    first = int(ledger.allocations.day.min()) if len(ledger.allocations) else ledger.day

    def cash(days_back: int, weeks: int) -> np.ndarray:
        days = outlook.days - days_back
        return outlook.slices.sums(cash_of(ledger, outlook.slices, days, weeks))

    quarter = QUARTER_DAYS // WEEK
    then = cash(YEAR_DAYS + QUARTER_DAYS, quarter).sum(axis=2)
    known = (outlook.days - YEAR_DAYS - QUARTER_DAYS >= first)[:, None] & (then > 0)
    growth = cash(QUARTER_DAYS, quarter).sum(axis=2) / np.where(known, then, np.nan)
    last_year = cash(YEAR_DAYS, outlook.weeks) * growth[:, :, None]
    mean = cash(RECENT_WEEKS * WEEK, RECENT_WEEKS).mean(axis=2, keepdims=True)
    recent = np.repeat(mean, outlook.weeks, axis=2)
    return _summed(last_year), _summed(recent)


def _summed(weekly: np.ndarray) -> np.ndarray:
    return np.concatenate([weekly, weekly.sum(axis=2, keepdims=True)], axis=2)
