"""The open book on many days: what was known of its items, and their weeks to come."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.cash.pay_weeks import WEEK, days_of_month, month_ends, pay_weeks
from insights.delinquency.cash.paying_habits import RUN_COLUMNS, paying_habits
from insights.features.invoices import invoice_features
from insights.features.ledger import Ledger, open_on
from insights.features.ledger.past import reductions
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
USUAL_LOG_SPREAD = 2.9
LEAST_RUN = 0.05
LONGEST_AGE = 104


def owed_on_days(
    ledger: Ledger, days: list[int], reduced: RunningSums | None = None
) -> pd.DataFrame:
    """Return item, day, open_cents, days_past_due, age_days of what was owed on each day.

    ``reduced``: ``reductions(ledger)``, where it is asked more than once.
    """
    columns = ["item", "day", "open_cents", "days_past_due", "age_days"]
    sums = reductions(ledger) if reduced is None else reduced
    parts = [
        found[found.open_cents > 0].rename_axis("item").reset_index().assign(day=day)[columns]
        for day in days
        if len(found := open_on(ledger, day, sums))
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


def settled_weekly(ledger: Ledger, book: pd.DataFrame, weeks: int) -> tuple[np.ndarray, np.ndarray]:
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
