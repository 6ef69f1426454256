"""What the payer owed on the day, what of it was overdue, and the use of its limit."""

from __future__ import annotations

import numpy as np

from insights.features.invoices.outcomes import reduced_by, standing_due
from insights.features.invoices.points import Points
from insights.features.ledger import Ledger, day_numbers
from insights.features.running import RunningSums


def balances(ledger: Ledger, at: Points) -> dict[str, np.ndarray]:
    """Return open and overdue money and items of the payer; utilisation is 0 without a limit."""
    open_cents, n_open = _open_sums(ledger, at)
    overdue_cents, n_overdue = _overdue_sums(ledger, at)
    owed, overdue = open_cents / 100, overdue_cents / 100
    limit = ledger.items.limit_cents.to_numpy()[at.item] / 100
    has_limit = np.isfinite(limit) & (limit > 0)
    used = np.where(has_limit, owed / np.where(has_limit, limit, 1.0), 0.0)
    return {
        "payer_open": owed,
        "payer_overdue": overdue,
        "log_open": np.log1p(np.maximum(owed, 0)),
        "overdue_share": np.clip(overdue / np.maximum(owed, 1.0), 0, 1),
        "overdue_items_share": n_overdue / np.maximum(n_open, 1),
        "utilisation": np.clip(used, 0, 5),
    }


def _open_sums(ledger: Ledger, at: Points) -> tuple[np.ndarray, ...]:
    items, made = ledger.items, ledger.allocations
    ones = np.ones(len(items))
    settled = day_numbers(items.settled_on)
    keys = np.concatenate([at.payer_of, at.payer_of[made["item"]], at.payer_of])
    days = np.concatenate([day_numbers(items.issued_on), made.day, settled])
    cents = np.concatenate([items.amount_cents, -made.cents, 0 * ones])
    number = np.concatenate([ones, 0 * made.cents, -ones])
    return RunningSums.of(keys, days, cents, number).upto(at.payer, at.day)


def _overdue_sums(ledger: Ledger, at: Points) -> tuple[np.ndarray, ...]:
    items, made = ledger.items, ledger.allocations
    due = standing_due(items, 0)
    rest = items.amount_cents.to_numpy("float64") - reduced_by(ledger, due)
    unpaid = (rest > 0).astype("float64")
    settled = np.maximum(day_numbers(items.settled_on), due + 1)
    after = made[made.day.to_numpy() > due[made["item"]]]
    keys = np.concatenate([at.payer_of, at.payer_of[after["item"]], at.payer_of])
    days = np.concatenate([due + 1, after.day, settled])
    cents = np.concatenate([rest, -after.cents, 0 * rest])
    number = np.concatenate([unpaid, 0 * after.cents, -unpaid])
    return RunningSums.of(keys, days, cents, number).upto(at.payer, at.day)
