"""Promises to pay: made, still running, broken, as each was known on a day.

A promise is known from the contact on, and broken the day after the promised one when by its end
neither the promised sum had come since the contact nor the invoice was settled. One that names no
invoice is the payer's: kept by the promised sum, or without one by any payment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.ledger import NEVER, Ledger, day_numbers
from insights.features.running import RunningSums

START_SHARE = 0.5


def promises_kept(
    ledger: Ledger, item: np.ndarray, day: np.ndarray, payer_of: np.ndarray, prior: float
) -> dict[str, np.ndarray]:
    """What had been promised for each item, and how did its payer keep its word?

    ``broken_promises``: of the item's invoice. ``promise_running``: one for it whose day had not
    passed. ``broken_share``: of the payer's promises come due, drawn towards the company's by
    ``prior`` promises. ``payer_broken``: their number. Without promises all are constant.
    """
    invoice_of = pd.factorize(ledger.items.invoice_id, use_na_sentinel=False)[0]
    made = _Promises.of(ledger, invoice_of, payer_of)
    running, broken = made.of_invoices().upto(invoice_of[item], day)
    due, payer_broken = made.due(made.payer).upto(payer_of[item], day)
    all_due, all_broken = made.due(np.zeros_like(made.payer)).upto(np.zeros_like(item), day)
    base = (all_broken + prior * START_SHARE) / (all_due + prior)
    return {
        "broken_promises": np.log1p(broken),
        "promise_running": (running > 0).astype("float64"),
        "broken_share": (payer_broken + prior * base) / (due + prior),
        "payer_broken": payer_broken,
    }


def last_days(rows: pd.DataFrame, grace_days: int = 0) -> np.ndarray:
    """Return the last day to keep each promise: the promised one, at least the contact's, plus
    grace; NEVER where no day was promised. ``rows``: contacted_on, promised_on.
    """
    promised = day_numbers(rows.promised_on)
    last = np.maximum(promised, day_numbers(rows.contacted_on)) + grace_days
    return np.where(promised == NEVER, NEVER, last)


def promise_kept(ledger: Ledger, rows: pd.DataFrame, grace_days: int = 0) -> np.ndarray:
    """Was each promise kept by its last day, or by as_of where that is still to come?

    Kept when by then nothing was owed any more, or the promised sum had been paid since the
    contact. ``rows``: invoice_id (missing: the promise is the customer's; without a sum any
    payment keeps it), customer_id, contacted_on, promised_on, promised_cents.
    """
    days = day_numbers(rows.contacted_on), np.minimum(last_days(rows, grace_days), ledger.day)
    sums = rows.promised_cents.to_numpy("float64")
    by_invoice = _kept(ledger, "invoice_id", rows.invoice_id, days, sums)
    any_sum = np.nan_to_num(sums, nan=1.0)
    by_customer = _kept(ledger, "customer_id", rows.customer_id, days, any_sum)
    return np.where(rows.invoice_id.notna(), by_invoice, by_customer)


@dataclass(frozen=True)
class _Promises:
    """``invoice`` is -1 where none was named; ``known_on`` to ``until`` it runs."""

    invoice: np.ndarray
    payer: np.ndarray
    known_on: np.ndarray
    until: np.ndarray
    broken: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger, invoice_of: np.ndarray, payer_of: np.ndarray) -> _Promises:
        """Judge every promise of a known invoice or payer.

        One for an invoice issued later counts from its issue; one for an unknown invoice never.
        """
        rows = ledger.promises
        place, account = _named(ledger, rows)
        named = rows.invoice_id.notna().to_numpy()
        held = np.where(named, place >= 0, account >= 0)
        place, account = place[held], account[held]
        first = np.where(named[held], place, account)
        contacted = day_numbers(rows.contacted_on)[held]
        until = last_days(rows[held])
        issued = np.where(named[held], day_numbers(ledger.items.issued_on)[first], contacted)
        known_on = np.maximum(contacted, issued)
        invoice = np.where(named[held], invoice_of[first], -1)
        payer = payer_of[first]
        kept = promise_kept(ledger, rows[held])
        return cls(invoice, payer, known_on, np.maximum(until, known_on), ~kept)

    def of_invoices(self) -> RunningSums:
        """Return running sums, by invoice, of promises still running and of those broken."""
        named = self.invoice >= 0
        key, start, end = self.invoice[named], self.known_on[named], self.until[named] + 1
        ones = np.ones(len(key))
        return RunningSums.of(
            np.concatenate([key, key]),
            np.concatenate([start, end]),
            np.concatenate([ones, -ones]),
            np.concatenate([0 * ones, self.broken[named]]),
        )

    def due(self, keys: np.ndarray) -> RunningSums:
        """Return running sums of the promises come due, and of those broken."""
        return RunningSums.of(keys, self.until + 1, np.ones(len(keys)), self.broken)


def _named(ledger: Ledger, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the first item of each promise's invoice and of its payer, -1 where unknown."""
    items = ledger.items
    found = []
    for column in ("invoice_id", "customer_id"):
        names = items[column].dropna().drop_duplicates()
        place = pd.Index(names).get_indexer(pd.Index(rows[column]))
        found.append(np.where(place >= 0, names.index.to_numpy()[np.maximum(place, 0)], -1)
                     if len(names) else np.full(len(rows), -1))  # fmt: skip
    return found[0], found[1]


def _kept(
    ledger: Ledger,
    column: str,
    asked: pd.Series,
    days: tuple[np.ndarray, np.ndarray],
    promised: np.ndarray,
) -> np.ndarray:
    """Say whether nothing was owed at the end, or the promised cents had been paid since."""
    made, items = ledger.allocations, ledger.items
    contacted, end = days
    codes, names = pd.factorize(items[column])
    codes = np.where(codes < 0, len(names), codes)
    key = pd.Index(names).get_indexer(pd.Index(asked))
    key = np.where(key < 0, len(names) + 1, key)
    paid = np.where(made.source == "payment", made.cents, 0)
    claims = RunningSums.of(codes, day_numbers(items.issued_on), items.amount_cents.to_numpy())
    of_made = codes[made["item"].to_numpy("int64")]
    gone = RunningSums.of(of_made, made.day.to_numpy(), made.cents.to_numpy(), paid)
    (owed,) = claims.upto(key, end)
    reduced, by_end = gone.upto(key, end)
    _reduced, before = gone.upto(key, contacted - 1)
    return (reduced >= owed) | (by_end - before >= promised)
