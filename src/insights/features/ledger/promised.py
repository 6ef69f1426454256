"""What payers had promised by a date: contacts that ended with a day to pay."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.known import known
from insights.tables import Tables

PROMISE_COLUMNS = ["customer_id", "invoice_id", "contacted_on", "promised_on", "promised_cents"]


def no_promises() -> pd.DataFrame:
    """Return the frame of a ledger without promises."""
    dates = pd.Series(dtype="datetime64[s]")
    texts = pd.Series(dtype="str")
    kinds = [texts, texts, dates, dates, pd.Series(dtype="float64")]
    return pd.DataFrame(dict(zip(PROMISE_COLUMNS, kinds, strict=True)))


def read_promises(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """What had been promised in contacts up to as_of? A row a promise with a day.

    ``promised_cents`` is missing where only the day was promised. Empty without ``dunning``.
    """
    if not tables.has("dunning"):
        return no_promises()
    rows = known(tables, "dunning", as_of)
    rows = rows.filter(rows.promised_on.notnull() & rows.contacted_on.notnull())
    frame = rows.select(
        "customer_id",
        "invoice_id",
        "contacted_on",
        "promised_on",
        promised_cents=(rows.promised_amount * 100).cast("int64"),
    ).execute()
    return frame.assign(promised_cents=frame.promised_cents.astype("float64")).sort_values(
        PROMISE_COLUMNS, ignore_index=True, na_position="last"
    )
