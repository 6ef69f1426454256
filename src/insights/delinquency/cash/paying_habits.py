"""When does a payer usually pay: after the due day or after its month's end, in which week?"""

from __future__ import annotations

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
    settled = day_numbers(ledger.items.settled_on)
    due = due_at(ledger.items, settled)
    counts = (ledger.items.settled_by == "payment").to_numpy() & (due != NEVER)
    due = np.where(counts, due, 0)
    mean, spread = _delay(ledger, points, settled - due, counts, prior)
    by_end, end_spread = _delay(ledger, points, settled - month_ends(due), counts, prior)
    known = pd.DataFrame(
        {
            "usual": mean,
            "usual_from_month_end": by_end,
            "spread": np.minimum(spread, end_spread),
            "by_month": (end_spread < spread).astype("float64"),
        },
        index=points.index,
    )
    return known.join(_payment_runs(ledger, points))


def _delay(
    ledger: Ledger, points: pd.DataFrame, days: np.ndarray, counts: np.ndarray, prior: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the payer's days, drawn towards the company's."""
    settled = day_numbers(ledger.items.settled_on)
    days = np.where(counts, np.clip(days, -120, 400), 0)
    payer = _payers(ledger)
    asked, day = payer[points["item"]], points.day.to_numpy("int64")
    own = RunningSums.of(payer, settled, counts, days, days * days)
    whole = RunningSums.of(0 * payer, settled, counts, days, days * days)
    all_n, all_sum, all_squares = whole.upto(0 * asked, day)
    usual = all_sum / np.maximum(all_n, 1)
    variance = np.maximum(all_squares / np.maximum(all_n, 1) - usual**2, LEAST_SPREAD**2)
    before = own.upto(asked, day - RECENT_DAYS)
    n, total, squares = (now - then for now, then in zip(own.upto(asked, day), before, strict=True))
    around = np.maximum(squares - total**2 / np.maximum(n, 1), 0)
    mean = (total + prior * usual) / (n + prior)
    return mean, np.sqrt((around + prior * variance) / (n + prior))


def _payment_runs(ledger: Ledger, points: pd.DataFrame) -> pd.DataFrame:
    made = ledger.allocations[ledger.allocations.source == "payment"]
    payer, day = _payers(ledger), made.day.to_numpy("int64")
    place, ones = days_of_month(day), np.ones(len(made))
    asked, on = payer[points["item"]], points.day.to_numpy("int64")
    own = RunningSums.of(payer[made["item"]] * MONTH_PLACES + place, day, ones)
    whole = RunningSums.of(place, day, ones)
    of_payer, of_all = (
        np.column_stack([sums.upto(key + p, on)[0] for p in range(MONTH_PLACES)])
        for sums, key in ((own, asked * MONTH_PLACES), (whole, 0 * asked))
    )
    usual = (of_all + 1) / (of_all + 1).sum(axis=1, keepdims=True)
    drawn = of_payer + PRIOR_PAYMENTS * usual
    share = drawn / (of_payer.sum(axis=1, keepdims=True) + PRIOR_PAYMENTS)
    return pd.DataFrame(share * MONTH_PLACES, index=points.index, columns=RUN_COLUMNS)


def _payers(ledger: Ledger) -> np.ndarray:
    return pd.factorize(ledger.items.customer_id, use_na_sentinel=False)[0]
