"""The ledger as of a date: every item, what settled it and when, and what found no place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.ledger.allocation import ACCOUNT, NOWHERE, allocate
from insights.features.ledger.errors import item_faults, refuse_mixed_currency, settlement_faults
from insights.features.ledger.placing import dates_of, placed, queue_columns
from insights.features.ledger.receivables import receivables, settlements
from insights.tables import Tables, as_date
from insights.words import _

SOURCES = {
    "payment": "paid_cents",
    "credit_note": "credited_cents",
    "writeoff": "written_off_cents",
}
ORDER = ["customer_id", "first_due_on", "issued_on", "invoice_id", "instalment_no", "amount_cents"]
ROW_NAMES = ["source", "settlement_id", "customer_id", "invoice_id", "settled_on"]


@dataclass(frozen=True)
class Ledger:
    """Receivables on ``as_of``, money in whole cents.

    ``items``: a row an instalment (its position is the item), with amount_cents, open_cents,
    paid_cents, credited_cents, written_off_cents, settled_on, settled_by and days_past_due.
    ``allocations``: item, day, source, settlement_id, cents in time order. ``unallocated``: what
    settled nothing, by row and with its reason. ``faults``: what is wrong with the rows.
    """

    as_of: dt.date
    items: pd.DataFrame
    allocations: pd.DataFrame
    unallocated: pd.DataFrame
    faults: pd.DataFrame

    @property
    def day(self) -> int:
        """Return as_of as the number of its day, as dates within items and features are."""
        return int(np.datetime64(self.as_of, "D").astype("int64"))

    @property
    def outstanding_cents(self) -> int:
        """Return what is open on all items."""
        return int(self.items.open_cents.sum())

    @property
    def balance_cents(self) -> int:
        """Return what the general ledger should say: open items less unallocated cash."""
        return self.outstanding_cents - int(self.unallocated.cents.sum())


def open_ledger(tables: Tables, as_of: str | dt.date | pd.Timestamp) -> Ledger:
    """What was open on as_of, to the cent, and what settled the rest?

    A payment settles the item it names; one that names an invoice goes to its oldest instalment;
    one on account goes to the customer's oldest due item of those issued by then, and what is left
    waits for the next. Credit notes and write-offs reduce the invoice that they name. Raises
    ``LedgerError`` for several currencies; every other fault is listed and the row is kept.
    """
    day = as_date(as_of)
    claimed = receivables(tables, day).execute()
    refuse_mixed_currency(claimed)
    items = _ordered(claimed)
    rows = placed(items, _settling_rows(tables, day))
    made, rest = allocate(queue_columns(items), rows)
    allocations = _named(made, rows[["source", "settlement_id"]])
    owners = rows.assign(customer_id=rows.payer_id.fillna(rows.customer_id))
    leftovers = _named(rest, owners[[*ROW_NAMES, "scope"]])
    leftovers = leftovers.assign(reason=_why_unplaced(leftovers)).drop(columns="scope")
    faults = pd.concat(
        [item_faults(claimed), settlement_faults(rows, leftovers)], ignore_index=True
    )
    return Ledger(day, _balanced(items, allocations, day), allocations, leftovers, faults)


def _ordered(claimed: pd.DataFrame) -> pd.DataFrame:
    numbers = {name: claimed[name].astype("float64") for name in ("term_days", "limit_cents")}
    kept = claimed.assign(
        issued_on=claimed.issued_on.fillna(claimed.first_due_on),
        amount_cents=claimed.amount_cents.fillna(0).astype("int64"),
        **numbers,
    )
    return kept.sort_values(ORDER, ignore_index=True, na_position="last")


def _settling_rows(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    rows = settlements(tables, as_of).execute()
    rank = rows.source.map({source: number for number, source in enumerate(SOURCES)})
    cents = rows.cents.astype("float64")
    rows = rows.assign(rank=rank.where(cents >= 0, -1), cents=cents)
    keys = ["settled_on", "rank", "settlement_id", "invoice_id", "instalment_no", "cents"]
    return rows.sort_values(keys, ignore_index=True, na_position="first")


def _named(made: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return made.join(rows, on="row").drop(columns="row")


def _why_unplaced(leftovers: pd.DataFrame) -> pd.Series:
    reasons = {
        NOWHERE: _("names no item or customer of this ledger"),
        ACCOUNT: _("on account: nothing was left to settle"),
    }
    return leftovers.scope.map(reasons).fillna(_("more than its invoice owed"))


def _balanced(items: pd.DataFrame, allocations: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Add what reduced each item, what is open, when and by what it was first settled in full."""
    sums = allocations.pivot_table(index="item", columns="source", values="cents", aggfunc="sum")
    sums = sums.reindex(index=items.index, columns=list(SOURCES)).fillna(0).astype("int64")
    sums.columns = pd.Index(SOURCES.values())
    age = (pd.Timestamp(as_of) - items.due_on).dt.days
    balances = items.join(sums).join(_first_settled(items, allocations))
    return balances.assign(open_cents=items.amount_cents - sums.sum(axis=1), days_past_due=age)


def _first_settled(items: pd.DataFrame, allocations: pd.DataFrame) -> pd.DataFrame:
    paid = allocations.groupby("item").cents.cumsum()
    owed = items.amount_cents.reindex(allocations["item"]).to_numpy()
    full = allocations[paid.to_numpy() >= owed].drop_duplicates("item").set_index("item")
    days = full.day.reindex(items.index)
    known = days.notna().to_numpy()
    dates = np.full(len(items), np.datetime64("NaT", "s"))
    dates[known] = dates_of(days[known].to_numpy("int64"))
    return pd.DataFrame(
        {"settled_on": dates, "settled_by": full.source.reindex(items.index)}, index=items.index
    )
