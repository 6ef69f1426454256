"""When does a payer usually pay: after the due day or after its month's end, in which week?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.delinquency.cash.pay_weeks import MONTH_PLACES, days_of_month, month_ends
from insights.features.ledger import NEVER, Ledger, day_numbers, due_at
from insights.features.running import RunningSums

RUN_COLUMNS = [f"run_{place}" for place in range(MONTH_PLACES)]
RECENT_DAYS = 365
LEAST_SPREAD = 7.0
PRIOR_PAYMENTS = 4.0


def paying_habits(ledger: Ledger, points: pd.DataFrame, prior: float) -> pd.DataFrame:
    """What did each payer's settlements of the year before its point look like?

    ``points``: item, day. ``usual`` and ``usual_from_month_end``: mean days from the due day, and
    from the end of its month, to settlement; ``spread``: the smaller of the two standard
    deviations, ``by_month``: whether it is that of the month's end (a monthly payment run).
    ``run_0`` to ``run_30``: how often the payer pays on that day of the month, 1 where it pays
    evenly. All drawn towards the company's with the weight of ``prior`` items.
    """
    payer_of = pd.factorize(ledger.items.customer_id, use_na_sentinel=False)[0]
    at, place = _PayerDays.of(payer_of, points)
    settled = day_numbers(ledger.items.settled_on)
    due = due_at(ledger.items, settled)
    counts = (ledger.items.settled_by == "payment").to_numpy() & (due != NEVER)
    due = np.where(counts, due, 0)
    mean, spread = _delay(settled, at, settled - due, counts, prior)
    by_end, end_spread = _delay(settled, at, settled - month_ends(due), counts, prior)
    known = pd.DataFrame(
        {
            "usual": mean,
            "usual_from_month_end": by_end,
            "spread": np.minimum(spread, end_spread),
            "by_month": (end_spread < spread).astype("float64"),
        }
    )
    return known.join(_payment_runs(ledger, at)).take(place).set_axis(points.index)


@dataclass(frozen=True)
class _PayerDays:
    """The payers and days asked for, each pair once: a payer's items of a day share their habits.

    ``payer_of``: the payer of every item of the ledger.
    """

    payer_of: np.ndarray
    payer: np.ndarray
    day: np.ndarray

    @classmethod
    def of(cls, payer_of: np.ndarray, points: pd.DataFrame) -> tuple[_PayerDays, np.ndarray]:
        """Return the pairs, and the place among them of each point."""
        pairs = pd.DataFrame(
            {
                "payer": payer_of[points["item"].to_numpy("int64")],
                "day": points.day.to_numpy("int64"),
            }
        )
        place = pairs.groupby(["payer", "day"], sort=False).ngroup().to_numpy()
        once = pairs.drop_duplicates()
        return cls(payer_of, once.payer.to_numpy(), once.day.to_numpy()), place


def _delay(
    settled: np.ndarray, at: _PayerDays, days: np.ndarray, counts: np.ndarray, prior: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the payer's days, drawn towards the company's."""
    days = np.where(counts, np.clip(days, -120, 400), 0)
    own = RunningSums.of(at.payer_of, settled, counts, days, days * days)
    whole = RunningSums.of(0 * at.payer_of, settled, counts, days, days * days)
    all_n, all_sum, all_squares = whole.upto(0 * at.payer, at.day)
    usual = all_sum / np.maximum(all_n, 1)
    variance = np.maximum(all_squares / np.maximum(all_n, 1) - usual**2, LEAST_SPREAD**2)
    before = own.upto(at.payer, at.day - RECENT_DAYS)
    now = own.upto(at.payer, at.day)
    n, total, squares = (late - early for late, early in zip(now, before, strict=True))
    around = np.maximum(squares - total**2 / np.maximum(n, 1), 0)
    mean = (total + prior * usual) / (n + prior)
    return mean, np.sqrt((around + prior * variance) / (n + prior))


def _payment_runs(ledger: Ledger, at: _PayerDays) -> pd.DataFrame:
    made = ledger.allocations[ledger.allocations.source == "payment"]
    payer, day = at.payer_of[made["item"].to_numpy("int64")], made.day.to_numpy("int64")
    place, ones = days_of_month(day), np.ones(len(made))
    own = RunningSums.of(payer * MONTH_PLACES + place, day, ones)
    whole = RunningSums.of(place, day, ones)
    of_payer = _by_place(own, at.payer * MONTH_PLACES, at.day)
    days, of_day = np.unique(at.day, return_inverse=True)
    of_all = _by_place(whole, 0 * days, days) + 1
    usual = (of_all / of_all.sum(axis=1, keepdims=True))[of_day]
    drawn = of_payer + PRIOR_PAYMENTS * usual
    share = drawn / (of_payer.sum(axis=1, keepdims=True) + PRIOR_PAYMENTS)
    return pd.DataFrame(share * MONTH_PLACES, columns=RUN_COLUMNS)


def _by_place(sums: RunningSums, first: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return the payments on each day of the month up to each day: pairs x places."""
    found = np.empty((len(day), MONTH_PLACES))
    for place in range(MONTH_PLACES):
        (found[:, place],) = sums.upto(first + place, day)
    return found
