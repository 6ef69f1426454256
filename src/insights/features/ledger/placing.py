"""What is each payment, credit note or write-off meant for, and from which day does it count?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.ledger.allocation import ACCOUNT, INVOICE, ITEM, NOWHERE

NEVER = np.iinfo("int32").max


def day_numbers(dates: pd.Series) -> np.ndarray:
    """Return days since 1970 as int64; a missing date is a day that never comes."""
    days = dates.to_numpy("datetime64[D]")
    return np.where(np.isnat(days), NEVER, days.astype("int64"))


def dates_of(days: np.ndarray) -> np.ndarray:
    """Return the dates of day numbers, missing where the day never comes."""
    dates = days.astype("datetime64[D]")
    return np.where(days == NEVER, np.datetime64("NaT"), dates).astype("datetime64[s]")


def queue_columns(items: pd.DataFrame) -> pd.DataFrame:
    """Return what allocation needs of the items: payer and invoice as codes, day, amount."""
    return pd.DataFrame(
        {
            "payer": pd.Index(_payers(items)).get_indexer(items.customer_id),
            "invoice": pd.factorize(items.invoice_id)[0],
            "day": day_numbers(items.issued_on),
            "amount_cents": items.amount_cents,
        },
        index=items.index,
    )


def placed(items: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add to settling rows: scope; item, invoice and payer as codes; the day they count from.

    A row dated before its invoice counts from the day of issue: before it there was nothing to
    settle. A row whose instalment is unknown is read as one for the invoice.
    """
    found = rows.merge(_invoices(items), on="invoice_id", how="left", validate="many_to_one")
    item = _named_items(items, found)
    account = pd.Index(_payers(items)).get_indexer(found.customer_id)
    named = found.invoice_id.notna()
    scope = np.select(
        [item >= 0, found.invoice.notna(), ~named & (account >= 0)],
        [ITEM, INVOICE, ACCOUNT],
        NOWHERE,
    )
    payer = np.where(scope == ACCOUNT, account, found.payer.fillna(-1)).astype("int64")
    if len(items):  # instalments of one invoice may name several payers
        payer = np.where(item >= 0, queue_columns(items).payer.to_numpy()[item], payer)
    return found.assign(
        scope=scope,
        item=item,
        invoice=found.invoice.fillna(-1).astype("int64"),
        payer=payer,
        day=_first_day(items, found, item),
        no_amount=found.cents.isna(),
        cents=found.cents.fillna(0).astype("int64"),
    ).sort_values(["day", "rank"], kind="stable", ignore_index=True)


def _payers(items: pd.DataFrame) -> np.ndarray:
    return items.customer_id.dropna().unique()


def _invoices(items: pd.DataFrame) -> pd.DataFrame:
    """Return a row an invoice: code, payer, first position and issue, number of instalments."""
    codes = queue_columns(items)[["payer", "invoice"]]
    table = items[["invoice_id", "customer_id", "issued_on"]].join(codes)
    table = table.assign(position=items.index).dropna(subset="invoice_id")
    groups = table.groupby("invoice_id", as_index=False)
    return groups.agg(
        invoice=("invoice", "first"),
        payer=("payer", "first"),
        payer_id=("customer_id", "first"),
        position=("position", "first"),
        issued_on=("issued_on", "min"),
        instalments=("position", "size"),
    )


def _named_items(items: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Return the item each row names, -1 where none: by instalment, or the invoice's only one."""
    keys = pd.MultiIndex.from_arrays([items.invoice_id, items.instalment_no.astype("float64")])
    first = ~keys.duplicated()
    position = pd.Series(items.index[first], keys[first])
    asked = pd.MultiIndex.from_arrays([found.invoice_id, found.instalment_no.astype("float64")])
    exact = position.reindex(asked).fillna(-1).to_numpy().astype("int64")
    only = found.position.where(found.instalments == 1).fillna(-1).to_numpy().astype("int64")
    return np.where(exact >= 0, exact, only)


def _first_day(items: pd.DataFrame, found: pd.DataFrame, item: np.ndarray) -> np.ndarray:
    """Return the later of a row's own date and the issue of what it names."""
    own = day_numbers(found.settled_on)
    own = np.where(own == NEVER, 0, own)
    issue = day_numbers(found.issued_on)
    if len(items):
        issue = np.where(item >= 0, day_numbers(items.issued_on)[item], issue)
    return np.where(issue == NEVER, own, np.maximum(own, issue))
