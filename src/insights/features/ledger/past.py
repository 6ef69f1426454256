"""The ledger of an earlier day, from the same allocations: they never move once made."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.ledger.ageing import ages
from insights.features.ledger.book import Ledger
from insights.features.ledger.placing import NEVER, day_numbers
from insights.features.running import RunningSums


def reductions(ledger: Ledger) -> RunningSums:
    """Return what had reduced each item by a day: one column of cents, the key is the item."""
    made = ledger.allocations
    return RunningSums.of(made["item"].to_numpy(), made.day.to_numpy(), made.cents.to_numpy())


def open_on(ledger: Ledger, day: int, reduced: RunningSums | None = None) -> pd.DataFrame:
    """What was open at the end of an earlier day (a day number up to ``ledger.day``)?

    A row an item issued by then and not yet settled in full: open_cents, days_past_due (negative
    before the due day, missing without one) by the due day as it stood then, and age_days since
    acceptance where it had happened by then, else since issue. Index: the item. Equal to the
    ledger opened on that day. ``reduced``: ``reductions(ledger)``, where many days are asked for.
    """
    issued = ledger.items.issued_on
    items = ledger.items[(day_numbers(issued) <= day) | issued.isna().to_numpy()]
    sums = reductions(ledger) if reduced is None else reduced
    (gone,) = sums.upto(items.index.to_numpy("int64"), np.full(len(items), day))
    due = due_at(items, np.full(len(items), day))
    rows = pd.DataFrame(
        {
            "open_cents": items.amount_cents.to_numpy("int64") - gone.astype("int64"),
            "days_past_due": np.where(due == NEVER, np.nan, day - due.astype("float64")),
            "age_days": ages(items, day),
        },
        index=items.index,
    )
    return rows[rows.open_cents != 0]


def due_at(items: pd.DataFrame, day: np.ndarray) -> np.ndarray:
    """Return the due day as it stood on each day: acceptance counts once it has happened."""
    accepted = day_numbers(items.accepted_on) <= day
    return np.where(accepted, day_numbers(items.due_on), day_numbers(items.first_due_on))
