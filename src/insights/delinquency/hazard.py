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

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from insights.delinquency.pay_weeks import WEEK, days_of_month, month_ends, pay_weeks
from insights.delinquency.paying_habits import RUN_COLUMNS, paying_habits
from insights.features.invoices import invoice_features
from insights.features.ledger import Ledger, open_on
from insights.features.ledger.past import reductions as all_reductions
from insights.features.running import RunningSums
from insights.params import DelinquencyParams

KNOWN = [
    "late_odds", "group_late_odds", "region_late_odds", "log_matured",
    "overdue_share", "overdue_items_share", "since_payment", "utilisation", "log_open",
    "log_amount", "amount_against_usual", "term", "paid_share", "disputed", "vbp", "retention",
    "promise_running", "broken_share",
]  # fmt: skip
OWN = ["distributor", "public", "spread", "by_month"]
COLUMNS = [*KNOWN, *OWN]
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
USUAL_LOG_SPREAD = 2.9
CLIP = 4.0
LEAST_RUN = 0.05
LONGEST_AGE = 104
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
        """Return the share of each item's open money expected as cash a week: items x weeks."""
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


def open_points(ledger: Ledger, days: list[int]) -> pd.DataFrame:
    """Return item, day, open_cents, days_past_due, age_days of what was owed on each day."""
    columns = ["item", "day", "open_cents", "days_past_due", "age_days"]
    reduced = all_reductions(ledger)
    parts = [
        found[found.open_cents > 0].rename_axis("item").reset_index().assign(day=day)[columns]
        for day in days
        if len(found := open_on(ledger, day, reduced))
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def open_book(ledger: Ledger, points: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """Add to each open point what was known then of the item and of its payer's habits."""
    items = ledger.items.take(points["item"].to_numpy("int64"))
    known = invoice_features(ledger, points, params.grace_days, params.prior_invoices)
    kinds = pd.DataFrame(
        {
            "distributor": (items.customer_type == "distributor").to_numpy("float64"),
            "public": (items.ownership == "public").to_numpy("float64"),
        },
        index=points.index,
    )
    habits = paying_habits(ledger, points, params.prior_invoices)
    return pd.concat([points, known[KNOWN], kinds, habits], axis=1)


def person_weeks(book: pd.DataFrame, weeks: int) -> pd.DataFrame:
    """Return a row an item and coming week, item by item: its place in the payer's time."""
    each = np.repeat(np.arange(len(book)), weeks)
    ahead = np.tile(np.arange(1, weeks + 1), len(book))
    age_days = book.age_days.fillna(0).to_numpy("float64")[each]
    calendar = pay_weeks(book.day.to_numpy("int64")[each] + WEEK * ahead)
    itself = pd.DataFrame(
        {
            "past_due": np.nan_to_num(weeks_past_due(book, weeks).ravel()),
            "late_odds": book.late_odds.to_numpy()[each] / 2,
            "run": np.log(_run(book, weeks) + LEAST_RUN),
            "ahead": ahead / weeks,
            "age": np.minimum(age_days / WEEK + ahead, LONGEST_AGE) / 52,
        }
    )
    return pd.concat([itself, _from_usual(book, each, ahead), calendar], axis=1)


def _run(book: pd.DataFrame, weeks: int) -> np.ndarray:
    """Return how much more than evenly the payer pays on the days of each coming week."""
    day = book.day.to_numpy("int64")[:, None]
    often = book[RUN_COLUMNS].to_numpy()
    rows = np.arange(len(book))[:, None]
    found = [
        often[rows, days_of_month(day + WEEK * week + np.arange(1, WEEK + 1))].mean(axis=1)
        for week in range(weeks)
    ]
    return np.column_stack(found).ravel()


def _from_usual(book: pd.DataFrame, each: np.ndarray, ahead: np.ndarray) -> pd.DataFrame:
    """Return how far a week's middle lies from when the payer usually pays, in weeks and spreads.

    An item without a due date counts as due on the day it is looked at.
    """
    due = (book.day - book.days_past_due.fillna(0)).to_numpy("int64")
    middle = book.day.to_numpy("int64")[each] + WEEK * ahead - WEEK // 2
    usual, by_end, spread, by_month = (
        book[name].to_numpy("float64")[each]
        for name in ("usual", "usual_from_month_end", "spread", "by_month")
    )
    from_end = (middle - month_ends(due)[each] - by_end) / WEEK
    from_due = (middle - due[each] - usual) / WEEK
    nearer = np.where(by_month > 0, from_end, from_due)
    return pd.DataFrame(
        {
            "from_usual": from_due,
            "from_month_end": from_end,
            "spreads": nearer * WEEK / spread,
            "log_spread": np.log(spread) - USUAL_LOG_SPREAD,
        }
    )


def weeks_past_due(book: pd.DataFrame, weeks: int) -> np.ndarray:
    """Return weeks past due at the middle of each coming week: items x weeks."""
    days = book.days_past_due.to_numpy("float64")[:, None]
    return (days + WEEK * np.arange(1, weeks + 1) - WEEK // 2) / WEEK


def reductions(ledger: Ledger, book: pd.DataFrame, weeks: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what each item's money became in each coming week, in cents: cash and otherwise."""
    made = ledger.allocations
    cash = np.where(made.source == "payment", made.cents, 0)
    sums = RunningSums.of(
        made["item"].to_numpy(), made.day.to_numpy(), cash, made.cents.to_numpy() - cash
    )
    ends = book.day.to_numpy("int64")[:, None] + WEEK * np.arange(weeks + 1)
    items = np.repeat(book["item"].to_numpy("int64"), weeks + 1)
    paid, other = sums.upto(items, ends.ravel())
    shape = (len(book), weeks + 1)
    return np.diff(paid.reshape(shape), axis=1), np.diff(other.reshape(shape), axis=1)


def sampled(points: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """Draw about ``size`` points a day, likelier where more is open; ``weight`` makes up for it.

    Weighted points stand for the square root of their money: large items decide the forecast,
    yet a few of them must not decide the model. A day's draw depends on that day alone.
    """
    days = points.day.unique().tolist()
    parts = [_drawn(points[points.day == day], size, [seed, day]) for day in days]
    return pd.concat(parts, ignore_index=True) if parts else points.assign(weight=0.0)


def _drawn(part: pd.DataFrame, size: int, seed: list[int]) -> pd.DataFrame:
    root = np.sqrt(part.open_cents.to_numpy("float64"))
    chance = np.minimum(size * root / root.sum(), 1)
    chosen = np.random.default_rng(seed).random(len(part)) < chance
    return part[chosen].assign(weight=(root / chance)[chosen])


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
        cash, other = reductions(ledger, book, weeks)
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
        centre, scale = np.nanmean(known, axis=0), np.nanstd(known, axis=0)
        scale = np.where(scale > 0, scale, 1.0)
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
    curves = [
        _hats(place[name].to_numpy(), knots) * (place[[times]].to_numpy() if times else 1.0)
        for name, times, knots in CURVES
    ]
    parts = [known, _straight(place).to_numpy(), *curves]
    return np.concatenate([part.astype("float32") for part in parts], axis=1)


def _hats(values: np.ndarray, knots: tuple[float, ...]) -> np.ndarray:
    """Return the basis of piecewise linear curves through the knots, level beyond them."""
    return np.column_stack([np.interp(values, knots, peak) for peak in np.eye(len(knots))])


def _straight(place: pd.DataFrame) -> pd.DataFrame:
    """Return the linear effects, the calendar's among them."""
    curved = {name for name, _times, _knots in CURVES} | {"late_odds"}
    return place[[name for name in place if name not in curved]]


def _known(book: pd.DataFrame) -> np.ndarray:
    return book[COLUMNS].to_numpy("float64")


def _scaled(known: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.clip((known - centre) / scale, -CLIP, CLIP))


def _overdue_band(past_due: np.ndarray) -> np.ndarray:
    return np.searchsorted(OVERDUE_EDGES, np.where(np.isnan(past_due), -1, past_due))


def _rates(band: np.ndarray, gone: np.ndarray, weight: np.ndarray) -> np.ndarray:
    size = len(OVERDUE_EDGES) + 1
    total = np.bincount(band, weight, size)
    return np.bincount(band, weight * gone, size) / np.maximum(total, 1)
