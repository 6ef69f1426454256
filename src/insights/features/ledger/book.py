"""The ledger as of a date: every item, what settled it and when, and what found no place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from insights.features.ledger.ageing import ages
from insights.features.ledger.allocation import allocate
from insights.features.ledger.bills import bill_faults
from insights.features.ledger.errors import (
    item_faults,
    mixed_currency,
    settlement_faults,
    unplaced_faults,
)
from insights.features.ledger.placing import NEVER, dates_of, day_numbers, placed, queue_columns
from insights.features.ledger.promised import no_promises, read_promises
from insights.features.ledger.receivables import currencies, receivables, settlements
from insights.features.ledger.unplaced import after_refunds, reasons_unplaced, with_recoveries
from insights.tables import Tables, as_date

SOURCES = {
    "payment": "paid_cents",
    "credit_note": "credited_cents",
    "writeoff": "written_off_cents",
}
ORDER = ["customer_id", "first_due_on", "issued_on", "invoice_id", "instalment_no", "amount_cents"]
ALLOCATED = ["source", "settlement_id", "dated"]
ROW_NAMES = ["source", "settlement_id", "customer_id", "invoice_id", "settled_on"]


@dataclass(frozen=True)
class Ledger:
    """Receivables on ``as_of``, money in whole cents.

    ``items``: a row an instalment (its position is the item), with amount_cents, open_cents,
    paid_cents, credited_cents, written_off_cents, settled_on, settled_by, days_past_due and
    age_days (since acceptance, else issue). ``allocations``: item, day, source, settlement_id,
    cents, dated (the day of the row itself) in time order. ``unallocated``: what settled nothing,
    by row and with its reason. ``faults``: what is wrong with the rows.
    ``promises``: a row a promise to pay made by then (``dunning``).
    """

    as_of: dt.date
    items: pd.DataFrame
    allocations: pd.DataFrame
    unallocated: pd.DataFrame
    faults: pd.DataFrame
    promises: pd.DataFrame = field(default_factory=no_promises)

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
    waits for the next. Credit notes and write-offs reduce the invoice that they name. A bill of
    acceptance pays on the day it is received. Raises ``LedgerError`` for several currencies;
    every other fault is listed and the row is kept.
    """
    day = as_date(as_of)
    _refuse_mixed_currency(tables, day)
    claimed = receivables(tables, day).execute()
    items = _ordered(claimed)
    rows = placed(items, _settling_rows(tables, day))
    made, rest = with_recoveries(*allocate(queue_columns(items), rows), rows)
    allocations = _named(made, rows.assign(dated=_own_days(rows))[ALLOCATED])
    leftovers = _left_over(rest, rows)
    return Ledger(
        day,
        _balanced(items, allocations, day),
        allocations,
        leftovers.drop(columns=["scope", "net_cents", "remedy"]),
        _faults(tables, day, claimed, rows, leftovers),
        read_promises(tables, day),
    )


def _faults(
    tables: Tables,
    as_of: dt.date,
    claimed: pd.DataFrame,
    rows: pd.DataFrame,
    leftovers: pd.DataFrame,
) -> pd.DataFrame:
    parts = [
        item_faults(claimed),
        settlement_faults(rows),
        bill_faults(tables, as_of),
        unplaced_faults(leftovers),
    ]
    return pd.concat(parts, ignore_index=True)


def _refuse_mixed_currency(tables: Tables, as_of: dt.date) -> None:
    rows = currencies(tables, as_of)
    counts = rows.group_by("currency").aggregate(n=rows.count()).execute()
    if len(counts) > 1:
        ranked = counts.sort_values(["n", "currency"], ascending=[False, True])
        main = str(ranked.currency.iloc[0])
        odd = rows.filter(rows.currency != main).order_by("invoice_id", "instalment_no")
        raise mixed_currency(odd.execute(), main, int(counts.n.sum()))


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


def _own_days(rows: pd.DataFrame) -> np.ndarray:
    """Return the day that each row itself bears, else the day from which it counts."""
    own = day_numbers(rows.settled_on)
    return np.where(own == NEVER, rows.day.to_numpy("int64"), own)


def _named(made: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return made.join(rows, on="row").drop(columns="row")


def _left_over(rest: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what settled nothing: whose, why, what to do, and what refunds have left of it."""
    owners = rows.assign(customer_id=rows.payer_id.fillna(rows.customer_id))
    left = _named(rest, owners[[*ROW_NAMES, "scope"]])
    left = left.assign(net_cents=after_refunds(left))
    lost = pd.Index(rows.invoice_id[rows.source == "writeoff"].dropna().unique())
    return left.join(reasons_unplaced(left, lost))


def _balanced(items: pd.DataFrame, allocations: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Add what reduced each item, what is open, when and by what it was first settled in full."""
    sums = allocations.pivot_table(index="item", columns="source", values="cents", aggfunc="sum")
    sums = sums.reindex(index=items.index, columns=list(SOURCES)).fillna(0).astype("int64")
    sums.columns = pd.Index(SOURCES.values())
    age = (pd.Timestamp(as_of) - items.due_on).dt.days
    balances = items.join(sums).join(_first_settled(items, allocations))
    day = int(np.datetime64(as_of, "D").astype("int64"))
    return balances.assign(
        open_cents=items.amount_cents - sums.sum(axis=1),
        days_past_due=age,
        age_days=ages(items, day),
    )


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
