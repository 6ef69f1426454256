"""Rows of a table whose customer is told by a name: which name, and the customer once found."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.ingest.names.outcome import NameMatches

NAMED = {("channel_flow", "customer_id"): "raw_name"}  # where a name is kept as it was written


def names_in(
    rows: pd.DataFrame, table: str, customers: pd.DataFrame, column: str = "customer_id"
) -> pd.Series:
    """Return for each row the name by which its customer is to be found; missing where none is.

    An id that the master knows needs no name. One that it does not know is taken for a name where
    it holds a Chinese character (a system that exports names in the code's place); an unknown code
    stays a code that points nowhere. Where the id is missing, the table's own name column counts.
    ``rows`` has canonical columns; ``column`` is one that names a customer.
    """
    known = customers["customer_id"].astype("str")
    empty = pd.Series(pd.NA, index=rows.index, dtype="str")
    ids = rows[column].astype("str") if column in rows else empty
    is_name = ids.str.contains(r"[\u3400-\u9fff]", regex=True).fillna(False) & ~ids.isin(known)
    beside = NAMED.get((table, column), "")
    written = rows.get(beside, empty)
    return written.astype("str").where(ids.isna()).mask(is_name.astype(bool), ids)


def asked_of(
    names: pd.Series, amount: pd.Series | None = None, place: pd.Series | None = None
) -> pd.DataFrame:
    """Return what ``match_names`` is asked for rows named so: name, place, rows, amount (CNY)."""
    frame = pd.DataFrame({"name": names, "rows": 1})
    if place is not None:
        frame = frame.assign(place=place)
    if amount is not None:
        frame = frame.assign(amount=pd.to_numeric(amount).astype("float64"))
    return frame[names.notna() & (names.str.strip() != "")]


def filled_in(
    rows: pd.DataFrame,
    names: pd.Series,
    found: NameMatches,
    table: str,
    column: str = "customer_id",
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows with their ids where a name was matched, and which rows stay open.

    An open name is no id: it leaves ``column``, and stays in the table's name column where it has
    one. ``names``: as they were asked (without places).
    """
    texts = names.astype("str").str.strip()
    matched = found.matches.set_index("name")["customer_id"]
    customer = texts.map(matched).astype("str")
    ids = rows[column].astype("str") if column in rows else customer
    made = rows.assign(**{column: ids.where(names.isna(), customer)})
    beside = NAMED.get((table, column))
    if beside:
        written = rows[beside].astype("str") if beside in rows else texts
        made = made.assign(**{beside: written.fillna(texts)})
    return made, (texts.notna() & customer.isna()).to_numpy(bool)
