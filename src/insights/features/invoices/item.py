"""The item itself on the day: size, term, age, part paid, dispute and tender price."""

from __future__ import annotations

import numpy as np

from insights.features.invoices.points import Points
from insights.features.ledger import NEVER, Ledger, day_numbers, due_at
from insights.features.ledger.disputes import in_dispute
from insights.features.running import RunningSums

MICRO = 1e6


def the_item(ledger: Ledger, at: Points, grace_days: int) -> dict[str, np.ndarray]:
    """Return the item's own state; term and days left are missing without a due date."""
    items = ledger.items.take(at.item)
    amount = items.amount_cents.to_numpy("float64") / 100
    issued = day_numbers(items.issued_on)
    due = due_at(items, at.day)
    left = np.where(due == NEVER, np.nan, due + grace_days - at.day)
    allowed = np.where(due == NEVER, np.nan, due + grace_days - issued)
    return {
        "log_amount": np.log(np.maximum(amount, 1.0)),
        "amount_against_usual": _against_usual(ledger, at),
        "term": np.where(due == NEVER, np.nan, due - issued),
        "days_left": left,
        "time_used": np.clip(1 - left / np.maximum(allowed, 1), 0, 1),
        "past_due": np.clip(grace_days - left, 0, None),
        "paid_share": _paid_share(ledger, at),
        "disputed": in_dispute(items, at.day).astype("float64"),
        "vbp": (day_numbers(items.vbp_on) <= issued).astype("float64"),
        "retention": (items.kind == "retention").to_numpy("float64"),
    }


def _against_usual(ledger: Ledger, at: Points) -> np.ndarray:
    """Return log amount less the payer's mean log amount of the items issued by then."""
    logs = np.log(np.maximum(ledger.items.amount_cents.to_numpy("float64") / 100, 1.0))
    issued = day_numbers(ledger.items.issued_on)
    sums = RunningSums.of(at.payer_of, issued, np.ones(len(logs)), np.rint(logs * MICRO))
    n, total = sums.upto(at.payer, at.day)
    return logs[at.item] - total / np.maximum(n, 1) / MICRO


def _paid_share(ledger: Ledger, at: Points) -> np.ndarray:
    made = ledger.allocations
    sums = RunningSums.of(made["item"].to_numpy(), made.day.to_numpy(), made.cents.to_numpy())
    (reduced,) = sums.upto(at.item, at.day)
    amount = ledger.items.amount_cents.to_numpy("float64")[at.item]
    return np.clip(reduced / np.maximum(amount, 1), 0, 1)
