"""Was it kept? Each promise to pay: kept, broken, or still pending on as_of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.ledger import NEVER, Ledger, day_numbers
from insights.features.running import RunningSums

KEPT, BROKEN, PENDING, UNDATED = "kept", "broken", "pending", "undated"


def promise_states(rows: pd.DataFrame, ledger: Ledger, grace_days: int) -> pd.DataFrame:
    """Add ``promise`` (kept, broken, pending, undated, or empty) and ``until`` to contacts.

    A promise is kept when by the promised day plus ``grace_days`` the promised sum had been paid
    since the contact, or nothing was owed any more; without a sum, a customer's promise is kept by
    any payment. Broken after that day, pending before. ``until``: its number, NEVER without one.
    """
    named = rows.invoice_id.notna().to_numpy()
    promised = day_numbers(rows.promised_on)
    contacted = rows.day.to_numpy("int64")
    until = np.where(promised == NEVER, NEVER, np.maximum(promised, contacted) + grace_days)
    end = np.minimum(until, ledger.day)
    sums = rows.promised_cents.to_numpy("float64")
    by_invoice = _kept(ledger, "invoice_id", rows.invoice_id, contacted, end, sums)
    any_sum = np.nan_to_num(sums, nan=1.0)
    by_customer = _kept(ledger, "customer_id", rows.customer_id, contacted, end, any_sum)
    kept = np.where(named, by_invoice, by_customer)
    dated = promised != NEVER
    made = dated | (rows.result == "promise").to_numpy()
    state = np.select(
        [~made, kept & dated, ~dated, until < ledger.day], ["", KEPT, UNDATED, BROKEN], PENDING
    )
    return rows.assign(promise=pd.Series(state, index=rows.index, dtype="str"), until=until)


def _kept(
    ledger: Ledger,
    column: str,
    asked: pd.Series,
    contacted: np.ndarray,
    end: np.ndarray,
    promised: np.ndarray,
) -> np.ndarray:
    """Say whether the promised cents had come since the contact, or nothing was owed at the end."""
    codes, names = pd.factorize(ledger.items[column])
    codes = np.where(codes < 0, len(names), codes)
    key = pd.Index(names).get_indexer(pd.Index(asked))
    key = np.where(key < 0, len(names) + 1, key)
    made, items = ledger.allocations, ledger.items
    paid = np.where(made.source == "payment", made.cents, 0)
    claims = RunningSums.of(codes, day_numbers(items.issued_on), items.amount_cents.to_numpy())
    of_made = codes[made["item"].to_numpy("int64")]
    gone = RunningSums.of(of_made, made.day.to_numpy(), made.cents.to_numpy(), paid)
    (owed,) = claims.upto(key, end)
    reduced, by_end = gone.upto(key, end)
    _reduced, before = gone.upto(key, contacted - 1)
    return (reduced >= owed) | (by_end - before >= promised)
