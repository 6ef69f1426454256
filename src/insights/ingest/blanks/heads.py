"""Which columns of a sheet say whose document a row is of, and what it amounts to."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest.making import of_one_cell
from insights.ingest.mapping import TablePlan
from insights.ingest.vocabulary import Vocabulary, as_compared
from insights.tables import CANONICAL

CUSTOMER, AMOUNT = "customer_id", "amount"
CODE = re.compile("(?:编码|代码|编号|code|id|no)$", re.IGNORECASE)
NAME = "名称"


@dataclass(frozen=True)
class Heads:
    """Headers: ``key`` names a document, ``needed`` every document has (the key, its customer and
    its day), ``customer`` tells whose it is: what is read, then what stands beside it.

    ``columns``: canonical column -> header, of those read of one cell.
    """

    key: str
    needed: tuple[str, ...]
    customer: tuple[str, ...]
    amount: str
    columns: dict[str, str]


def heads_of(frame: pd.DataFrame, table: str, plan: TablePlan, vocabulary: Vocabulary) -> Heads:
    """Return the headers of a sheet by what they tell; "" where it has none."""
    made = {name: plan.derivation(name) for name in plan.columns}
    columns = {name: how.inputs[0] for name, how in made.items() if of_one_cell(how)}
    known = CANONICAL[table].columns
    keys = [c.name for c in known if c.key and c.type == "id" and c.required and c.name in columns]
    needed = [
        columns[c.name]
        for c in known
        if c.required and c.type in ("id", "date", "time") and c.name in columns
    ]
    return Heads(
        columns[keys[0]] if len(keys) == 1 else "",
        tuple(dict.fromkeys(needed)),
        _customer(frame, table, plan, columns, vocabulary),
        columns.get(AMOUNT, ""),
        columns,
    )


def is_blank(cells: pd.Series, vocabulary: Vocabulary) -> np.ndarray:
    """Return which cells hold nothing, or a word that stands for nothing."""
    text = cells.str.strip()
    return (text.isna() | text.isin(vocabulary.blanks)).to_numpy(bool)


def _customer(
    frame: pd.DataFrame,
    table: str,
    plan: TablePlan,
    columns: dict[str, str],
    vocabulary: Vocabulary,
) -> tuple[str, ...]:
    """Return the header of the customer's code, and those that name the same customer."""
    known = {column.name: column for column in CANONICAL[table].columns}
    if CUSTOMER not in columns or known[CUSTOMER].key:
        return ()
    chosen = columns[CUSTOMER]
    stem = CODE.sub("", chosen)
    beside = [f"{stem}{NAME}", stem] if stem != chosen else []
    words = vocabulary.columns[table]
    others = [
        header
        for header in frame.columns
        if header not in plan.inputs
        and (words.get(as_compared(header)) == CUSTOMER or (header and header in beside))
    ]
    return (chosen, *others)
