"""The payer's payment runs: days between its payments, and its usual day of the month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.invoices.points import Points
from insights.features.ledger import NEVER, Ledger, due_at
from insights.features.running import RunningSums

MONTH = 30.4375
MICRO = 1e6
LONGEST_GAP = 365
START_GAP = 30.0


def payment_runs(
    ledger: Ledger, at: Points, grace_days: int, prior: float
) -> dict[str, np.ndarray]:
    """Return the payer's rhythm as it was known on the day.

    ``usual_gap``: days between payments, drawn towards a month. ``days_since_payment``: missing
    for a payer that never paid; ``since_payment``: the same in usual gaps, logged.
    ``run_slack``: in the last month of the grace, days by which the next usual day of payment
    comes before its end (negative: after); earlier in an item's life it is that month's length.
    A payer without a usual day is expected in half a month.
    """
    n, last, first, cosine, sine = _paid_days(ledger, at)
    gap = (np.maximum(last - first, 0) + prior * START_GAP) / (np.maximum(n - 1, 0) + prior)
    gap = np.clip(gap, 1, LONGEST_GAP)
    since = np.where(n > 0, np.clip(at.day - last, 0, LONGEST_GAP), LONGEST_GAP)
    steadiness = np.hypot(cosine, sine) / MICRO / (n + prior)
    wait = _wait(at.day + 1, np.arctan2(sine, cosine), steadiness)
    return {
        "usual_gap": gap,
        "days_since_payment": np.where(n > 0, since, np.nan),
        "since_payment": np.log1p(since / gap),
        "run_slack": _slack(ledger, at, grace_days, wait),
    }


def _paid_days(ledger: Ledger, at: Points) -> tuple[np.ndarray, ...]:
    """Return by payer and day: payment days, the last, the first, and their place in the month."""
    made = ledger.allocations
    cash = made[(made.source == "payment") & (made.cents > 0)]
    days = pd.DataFrame({"payer": at.payer_of[cash["item"]], "day": cash.day.to_numpy("int64")})
    days = days.drop_duplicates().sort_values(["payer", "day"], ignore_index=True)
    opens = ~days.payer.duplicated().to_numpy()
    day = days.day.to_numpy()
    step = np.where(opens, day, np.diff(day, prepend=0))
    angle = _angle(day)
    sums = RunningSums.of(
        days.payer.to_numpy(), day, np.ones(len(day)), step, np.where(opens, day, 0),
        np.rint(np.cos(angle) * MICRO), np.rint(np.sin(angle) * MICRO),
    )  # fmt: skip
    return sums.upto(at.payer, at.day)


def _wait(start: np.ndarray, usual: np.ndarray, steadiness: np.ndarray) -> np.ndarray:
    """Return days from a day to the next usual one; half a month where no day is usual."""
    ahead = np.mod(usual - _angle(start), 2 * np.pi) * MONTH / (2 * np.pi)
    return steadiness * ahead + (1 - steadiness) * MONTH / 2


def _slack(ledger: Ledger, at: Points, grace_days: int, wait: np.ndarray) -> np.ndarray:
    due = due_at(ledger.items.take(at.item), at.day)
    left = np.where(due == NEVER, MONTH, due + grace_days - at.day)
    return np.where(left < MONTH, left - wait, MONTH)


def _angle(days: np.ndarray) -> np.ndarray:
    """Return where in its month a day lies, on a circle."""
    dates = days.astype("datetime64[D]")
    inside = (dates - dates.astype("datetime64[M]")).astype("int64")
    return 2 * np.pi * inside / MONTH
