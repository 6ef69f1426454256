"""How much of the open money comes in each week? A discrete-time hazard of cash.

Landmarking (van Houwelingen 2007): an item open on a day is seen with what was known then and
followed week by week; the outcome of a week is the share of the money still open that was paid in
it. So money follows cents: an item paid in two parts counts with each part in its week, and what
is left open can still come. Money that goes by credit note or write-off leaves without becoming
cash, at the rate seen at its age. A bill of acceptance is cash on the day of receipt, as in the
ledger. The model is a person-period logistic regression with piecewise linear effects of the
item's place in time (boosting was no better on the demo company and twenty times slower).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from insights.delinquency.cash.open_book import (
    COLUMNS,
    person_weeks,
    settled_weekly,
    weeks_past_due,
)
from insights.delinquency.cash.pay_weeks import WEEK
from insights.features.ledger import Ledger

IN_WEEKS = (-12, -8, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12, 20, 40)
IN_SPREADS = (-4, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 10)
IN_RUNS = (-3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5)
CURVES = (
    ("past_due", "", IN_WEEKS),
    ("past_due", "late_odds", IN_WEEKS),
    ("from_usual", "", IN_WEEKS),
    ("from_month_end", "", IN_WEEKS),
    ("spreads", "", IN_SPREADS),
    ("spreads", "log_spread", IN_SPREADS),
    ("run", "", IN_RUNS),
)
OVERDUE_EDGES = np.array([0.0, 13.0, 52.0])
PENALTY = 0.01
CLIP = 4.0
PIECE = 20_000
NO_CASH = -12.0


@dataclass(frozen=True)
class CashHazard:
    """What share of the money still open is paid in a week, and what share leaves otherwise."""

    centre: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    constant: float
    other: np.ndarray

    def shares(self, book: pd.DataFrame, weeks: int) -> np.ndarray:
        """Return the share of each item's open money expected as cash a week: items x weeks.

        In pieces that fit the memory: an item's coming weeks take about 6 KB on the way.
        """
        shares = np.zeros((len(book), weeks))
        for start in range(0, len(book), PIECE):
            here = slice(start, start + PIECE)
            shares[here] = self._shares(book[here], weeks)
        return shares

    def _shares(self, book: pd.DataFrame, weeks: int) -> np.ndarray:
        paid = expit(self._odds(book, weeks)).reshape(len(book), weeks)
        gone = self.other[_overdue_band(weeks_past_due(book, weeks))]
        stays = np.cumprod((1 - paid) * (1 - gone), axis=1)
        before = np.column_stack([np.ones(len(book)), stays[:, :-1]])
        return before * paid

    def _odds(self, book: pd.DataFrame, weeks: int) -> np.ndarray:
        if not len(self.weights):
            return np.full(len(book) * weeks, self.constant)
        place = person_weeks(book, weeks)
        known = _scaled(_known(book), self.centre, self.scale)
        n_known, n_straight = known.shape[1], len(_straight(place).columns)
        odds = self.constant + np.repeat(known @ self.weights[:n_known], weeks)
        odds += _straight(place).to_numpy() @ self.weights[n_known : n_known + n_straight]
        at = n_known + n_straight
        for name, times, knots in CURVES:
            weights = self.weights[at : at + len(knots)]
            factor = place[times].to_numpy() if times else 1.0
            odds += np.interp(place[name].to_numpy(), knots, weights) * factor
            at += len(knots)
        return odds


@dataclass(frozen=True)
class Lessons:
    """Person-weeks with their outcomes, once for all origins; ``ends`` says when each is known."""

    design: np.ndarray
    n_known: int
    paid: np.ndarray
    gone: np.ndarray
    weight: np.ndarray
    band: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger, book: pd.DataFrame, weeks: int) -> Lessons:
        """Follow the sampled points of ``book`` week by week until nothing is left open."""
        cash, other = settled_weekly(ledger, book, weeks)
        opened = book.open_cents.to_numpy("float64")[:, None]
        start = opened - np.cumsum(cash + other, axis=1) + cash + other
        ends = book.day.to_numpy("int64")[:, None] + WEEK * np.arange(1, weeks + 1)
        seen = ((start > 0) & (ends <= ledger.day)).ravel()
        safe = np.maximum(start, 1)
        return cls(
            _design(book, weeks, seen),
            len(COLUMNS),
            np.clip(cash / safe, 0, 1).ravel()[seen],
            np.clip(other / safe, 0, 1).ravel()[seen],
            np.repeat(book.weight.to_numpy("float64"), weeks)[seen],
            _overdue_band(weeks_past_due(book, weeks)).ravel()[seen],
            ends.ravel()[seen],
        )

    def fit(self, last: int) -> CashHazard:
        """Learn from the weeks that had ended by the day ``last``."""
        rows = self.ends <= last
        paid, weight = self.paid[rows], self.weight[rows]
        other = _rates(self.band[rows], self.gone[rows], weight)
        if not (paid > 0).any():
            return CashHazard(np.zeros(0), np.zeros(0), np.zeros(0), NO_CASH, other)
        design = self.design[rows]
        known = design[:, : self.n_known]
        centre, scale = _usual(known)
        design[:, : self.n_known] = _scaled(known, centre, scale)
        model = _regression(design, paid, weight)
        return CashHazard(centre, scale, model.coef_[0], float(model.intercept_[0]), other)


def _regression(design: np.ndarray, paid: np.ndarray, weight: np.ndarray) -> LogisticRegression:
    """Fit shares: a week that paid a part enters as paid and as not paid, with both weights."""
    part = (paid > 0) & (paid < 1)
    rows = np.vstack([design, design[part]])
    label = np.concatenate([paid > 0, np.zeros(int(part.sum()), bool)])
    weights = np.concatenate([weight * np.where(paid > 0, paid, 1), (weight * (1 - paid))[part]])
    model = LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=20, tol=1e-3)
    return model.fit(rows, label, sample_weight=weights / weights.mean())


def _design(book: pd.DataFrame, weeks: int, seen: np.ndarray) -> np.ndarray:
    place = person_weeks(book, weeks)[seen]
    known = np.repeat(_known(book).astype("float32"), weeks, axis=0)[seen]
    curves = (
        _hats(place[name].to_numpy(), knots) * (place[[times]].to_numpy() if times else 1.0)
        for name, times, knots in CURVES
    )
    parts = [part.astype("float32") for part in chain([_straight(place).to_numpy()], curves)]
    return np.concatenate([known, *parts], axis=1)


def _hats(values: np.ndarray, knots: tuple[float, ...]) -> np.ndarray:
    """Return the basis of piecewise linear curves through the knots, level beyond them."""
    return np.column_stack([np.interp(values, knots, peak) for peak in np.eye(len(knots))])


def _straight(place: pd.DataFrame) -> pd.DataFrame:
    """Return the linear effects, the calendar's among them."""
    curved = {name for name, _times, _knots in CURVES} | {"late_odds"}
    return place[[name for name in place if name not in curved]]


def _known(book: pd.DataFrame) -> np.ndarray:
    return book[COLUMNS].to_numpy("float64")


def _usual(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each column's mean and spread; 0 and 1 where it is never known, 1 without spread."""
    seen = ~np.isnan(known).all(axis=0)
    centre, scale = np.zeros_like(known[0]), np.ones_like(known[0])
    centre[seen] = np.nanmean(known[:, seen], axis=0)
    spread = np.nanstd(known[:, seen], axis=0)
    scale[seen] = np.where(spread > 0, spread, 1.0)
    return centre, scale


def _scaled(known: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.clip((known - centre) / scale, -CLIP, CLIP))


def _overdue_band(past_due: np.ndarray) -> np.ndarray:
    return np.searchsorted(OVERDUE_EDGES, np.where(np.isnan(past_due), -1, past_due))


def _rates(band: np.ndarray, gone: np.ndarray, weight: np.ndarray) -> np.ndarray:
    size = len(OVERDUE_EDGES) + 1
    total = np.bincount(band, weight, size)
    return np.bincount(band, weight * gone, size) / np.maximum(total, 1)
