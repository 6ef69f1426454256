"""What became of each item: late or not, at one grace or at several, and whether that is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from insights.features.ledger import NEVER, Ledger, day_numbers
from insights.features.running import RunningSums

FORGIVEN = 0.02


def outcomes(ledger: Ledger, grace_days: int) -> pd.DataFrame:
    """What became of each item? A row an item, days as numbers.

    ``matures``: due date plus grace. ``late``: not paid or credited in full by the end of that
    day (meaningful once ``matured``: that day has come); what was written off was not paid.
    ``counts``: teaches something: has a due date and a payer, was not credited in full, and was
    not brought forward (of old items only the unpaid were).
    """
    items, as_of = ledger.items, ledger.day
    due = day_numbers(items.due_on)
    matures = np.where(due == NEVER, NEVER, due + grace_days)
    paid, credited = paid_by(ledger, matures)
    amount = items.amount_cents.to_numpy("float64")
    payer = items.customer_id.notna().to_numpy() & (due != NEVER) & (amount > 0)
    return pd.DataFrame(
        {
            "issued": day_numbers(items.issued_on),
            "matures": matures,
            "settled": day_numbers(items.settled_on),
            "matured": matures <= as_of,
            "late": paid < amount,
            "counts": payer & (credited < amount) & (items.kind != "opening").to_numpy(),
        },
        index=items.index,
    )


def outcomes_by_horizon(ledger: Ledger, graces: Sequence[int]) -> pd.DataFrame:
    """What became of each item at each grace? Columns (grace, field) with outcomes' fields.

    Coherent: an item late at a longer grace was late at every shorter one.
    """
    return pd.concat({grace: outcomes(ledger, grace) for grace in sorted(set(graces))}, axis=1)


def reduced_by(ledger: Ledger, days: np.ndarray) -> np.ndarray:
    """Return the cents by which each item had been reduced at the end of its day."""
    made = ledger.allocations
    sums = RunningSums.of(made["item"].to_numpy(), made.day.to_numpy(), made.cents.to_numpy())
    return sums.upto(np.arange(len(ledger.items)), days)[0]


def paid_by(ledger: Ledger, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cents paid or credited on each item by its day, and those credited alone.

    Written-off cents were not paid; up to ``FORGIVEN`` of the amount they pass as paid: a bank's
    charge or a rounding that nobody waits for.
    """
    made = ledger.allocations
    lost = np.where(made.source == "writeoff", made.cents, 0)
    credit = np.where(made.source == "credit_note", made.cents, 0)
    sums = RunningSums.of(
        made["item"].to_numpy(), made.day.to_numpy(), made.cents.to_numpy(), lost, credit
    )
    reduced, written_off, credited = sums.upto(np.arange(len(ledger.items)), days)
    small = written_off <= FORGIVEN * ledger.items.amount_cents.to_numpy("float64")
    return reduced - np.where(small, 0, written_off), credited


def standing_due(items: pd.DataFrame, patience: int) -> np.ndarray:
    """Return the due day that history holds against an item.

    An acceptance entered after the item had run out of ``patience`` days past its first due date
    does not undo what was known by then.
    """
    first = day_numbers(items.first_due_on)
    due = day_numbers(items.due_on)
    in_time = day_numbers(items.accepted_on) <= first + patience
    return np.where(in_time, due, first)
