"""Payments of several invoices: split where the invoices' amounts prove it, else on account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.faults import fault_rows
from insights.ingest.named_invoices import Named, may_be_a_part, named_invoices
from insights.words import _, listing

INVOICES, PAYMENTS = "invoices", "payments"
NEEDED = {"payment_id", "invoice_id", "amount"}
EXAMPLES = 3


@dataclass(frozen=True)
class Owed:
    """What each invoice amounts to in whole cents, and whose it is (None: of several)."""

    cents: dict[str, int] = field(default_factory=dict)
    customers: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Applied:
    """What became of the payments of one batch that name several invoices; cents are whole.

    ``examples`` are rows of the sheet and what their cells say, ``unsure`` those of cells that may
    name a part of one invoice or two: they stay as they are.
    """

    split: int = 0
    split_cents: int = 0
    account: int = 0
    account_cents: int = 0
    held: int = 0
    examples: tuple[tuple[int, str], ...] = ()
    unsure: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class _Row:
    """One payment that names several invoices: where it stands, and what becomes of it."""

    at: int
    named: Named
    parts: tuple[int, ...]  # cents for each invoice where that is proved, else none
    customer: str | None


def apply_payments(batches: Sequence[Batch]) -> tuple[list[Batch], dict[int, Applied]]:
    """Which invoices does each payment settle whose cell names several?

    A payment of exactly what its invoices amount to becomes a row for each of them; any other is
    taken on account of its customer, as the data dictionary has it. One without a customer, its
    own or its invoices', is held back. Returns the batches in their order, and by the number of a
    batch what became of its payments.
    """
    own = {n for n, b in enumerate(batches) if b.table == PAYMENTS and set(b.values) >= NEEDED}
    if not own:
        return list(batches), {}
    owed = _owed(batches)
    taken = {str(one) for n in own for one in batches[n].values.payment_id.dropna()}
    made, told = list(batches), {}
    for n in sorted(own):
        rows = _rows(batches[n], owed, taken)
        unsure = _unsure(batches[n], owed)
        if rows or unsure:
            made[n], applied = _applied(batches[n], rows) if rows else (batches[n], Applied())
            told[n] = replace(applied, unsure=unsure)
    return made, told


def applied_words(batch: Batch, one: Applied) -> str:
    """Say what became of the payments that name several invoices, with rows and money."""
    several = _several_words(batch, one) if one.split + one.account + one.held else ""
    return " ".join(words for words in (several, _unsure_words(batch, one)) if words)


def _unsure_words(batch: Batch, one: Applied) -> str:
    if not one.unsure:
        return ""
    words = _(
        "{place}: {n:,} payments name an invoice and a short number ({shown}), which may be a part"
        " of that invoice or a second one: they are taken as written and settle no invoice (write"
        " each invoice in full)"
    )
    rows = [_("row {row} {value!r}").format(row=row, value=cell) for row, cell in one.unsure]
    return words.format(place=_place(batch), n=len(rows), shown=listing(rows, EXAMPLES))


def _place(batch: Batch) -> str:
    return f"{batch.sheet.file} [{batch.sheet.name}]" if batch.sheet.name else batch.sheet.file


def _several_words(batch: Batch, one: Applied) -> str:
    shown = listing(
        [_("row {row} {value!r}").format(row=row, value=cell) for row, cell in one.examples],
        EXAMPLES,
    )
    words = _(
        "{place}: {n:,} payments name several invoices ({shown} …): {split:,} of {split_money} are"
        " split over their invoices, which amount to exactly that; {account:,} of {account_money}"
        " are taken on account and settle the customer's oldest first, for no cell says how much"
        " is for which invoice (to settle exactly: a row for each invoice with its amount)"
    )
    said = words.format(
        place=_place(batch), shown=shown, n=one.split + one.account + one.held,
        split=one.split, split_money=f"{one.split_cents / 100:,.2f}", account=one.account,
        account_money=f"{one.account_cents / 100:,.2f}",
    )  # fmt: skip
    more = _("; {held:,} name no customer either and are held back").format(held=one.held)
    return said + (more if one.held else "")


def _owed(batches: Sequence[Batch]) -> Owed:
    parts = [
        b.values.loc[b.sound].reindex(columns=["invoice_id", "customer_id", "amount"])
        for b in batches
        if b.table == INVOICES and len(b.values.columns)
    ]
    if not parts:
        return Owed()
    groups = pd.concat(parts, ignore_index=True).dropna(subset=["invoice_id", "amount"])
    by_id = groups.groupby("invoice_id", sort=False)
    whose = by_id.customer_id.first().where(by_id.customer_id.nunique() == 1)
    cents = by_id.amount.sum()
    return Owed({str(i): int(c) for i, c in cents.items()},
                {str(i): None if pd.isna(c) else str(c) for i, c in whose.items()})  # fmt: skip


def _rows(batch: Batch, owed: Owed, taken: set[str]) -> list[_Row]:
    values, sound = batch.values, batch.sound
    cells = values.invoice_id.where(sound).dropna()
    found = {str(one): named_invoices(str(one), owed.cents) for one in cells.unique()
             if str(one) not in owed.cents}  # fmt: skip
    several = {cell: named for cell, named in found.items() if named is not None}
    at = np.flatnonzero(values.invoice_id.isin(several).to_numpy(bool) & sound)
    return [_row(batch, int(n), several[str(values.invoice_id.iloc[n])], owed, taken) for n in at]


def _unsure(batch: Batch, owed: Owed) -> tuple[tuple[int, str], ...]:
    """Return rows of the sheet, and their cells, that may name a part of an invoice or two."""
    cells = batch.values.invoice_id.where(batch.sound).astype("str")
    doubtful = [one for one in cells.dropna().unique() if may_be_a_part(str(one), owed.cents)]
    at = np.flatnonzero(cells.isin(doubtful).to_numpy(bool))
    return tuple((int(batch.sheet.rows[batch.positions[n]]), str(cells.iloc[n])) for n in at)


def _row(batch: Batch, at: int, named: Named, owed: Owed, taken: set[str]) -> _Row:
    row = batch.values.iloc[at]
    own = None if pd.isna(row.get("customer_id")) else str(row["customer_id"])
    whose = {owed.customers.get(one) for one in named.ids}
    customer = own or (whose.pop() if len(whose) == 1 else None)
    parts = tuple(owed.cents.get(one, 0) for one in named.ids)
    proved = (
        named.whole
        and {owed.customers.get(one) for one in named.ids} == {customer}
        and min(parts) > 0
        and sum(parts) == int(row["amount"])
        and not taken & set(_ids(str(row["payment_id"]), len(parts))[1:])
    )
    return _Row(at, named, parts if proved else (), customer)


def _ids(payment: str, n: int) -> list[str]:
    """Return an id for each part of a payment; the first keeps the payment's own."""
    return [payment, *(f"{payment}/{number}" for number in range(2, n + 1))]


def _applied(batch: Batch, rows: list[_Row]) -> tuple[Batch, Applied]:
    held = [row for row in rows if not row.parts and row.customer is None]
    account = [row for row in rows if not row.parts and row.customer is not None]
    split = [row for row in rows if row.parts]
    cells = batch.values.invoice_id
    examples = tuple(
        (int(batch.sheet.rows[batch.positions[row.at]]), str(cells.iloc[row.at]))
        for row in rows[:EXAMPLES]
    )
    money = [int(batch.values.amount.iloc[[row.at for row in part]].sum())
             for part in (split, account)]  # fmt: skip
    made = _split(_on_account(_held_back(batch, held), account), split)
    return made, Applied(len(split), money[0], len(account), money[1], len(held), examples)


def _held_back(batch: Batch, rows: list[_Row]) -> Batch:
    at = [row.at for row in rows]
    reason = _("names several invoices, and no customer")
    remedy = _("write a row for each invoice with its amount, or fill in the customer")
    value = batch.values.invoice_id.iloc[at]
    shown = batch.shown("invoice_id")
    return batch.with_faults([fault_rows(batch.positions[at], reason, remedy, shown, value)])


def _on_account(batch: Batch, rows: list[_Row]) -> Batch:
    """Return payments with their customer and no invoice."""
    if not rows:
        return batch
    values, at = batch.values.copy(), [row.at for row in rows]
    if "customer_id" not in values:
        values["customer_id"] = pd.Series(None, index=values.index, dtype="str")
    for name in [name for name in ("invoice_id", "instalment_no") if name in values]:
        values.loc[values.index[at], name] = None
    values.loc[values.index[at], "customer_id"] = [row.customer for row in rows]
    return replace(batch, values=values)


def _split(batch: Batch, rows: list[_Row]) -> Batch:
    """Return a batch with a row for each invoice of a payment, one below the other."""
    if not rows:
        return batch
    times = np.ones(len(batch.values), dtype=np.int64)
    times[[row.at for row in rows]] = [len(row.parts) for row in rows]
    order = np.repeat(np.arange(len(batch.values)), times)
    values = batch.values.iloc[order].reset_index(drop=True)
    new = np.isin(order, [row.at for row in rows])
    payments = batch.values.payment_id
    filled: dict[str, list[Any]] = {
        "invoice_id": [one for row in rows for one in row.named.ids],
        "amount": [part for row in rows for part in row.parts],
        "payment_id": [one for row in rows
                       for one in _ids(str(payments.iloc[row.at]), len(row.parts))],
    }  # fmt: skip
    for name, cells in filled.items():
        values.loc[new, name] = cells
    if "customer_id" in values:
        values.loc[new, "customer_id"] = [row.customer for row in rows for _part in row.parts]
    if "instalment_no" in values:
        values.loc[new, "instalment_no"] = pd.NA
    return replace(batch, positions=batch.positions[order], values=values, lines=batch.lines[order])
