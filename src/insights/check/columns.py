"""What each table holds: rows, keys, money, and how far its columns are filled."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from ibis.expr.types import Table as Expr

from insights.tables import CANONICAL, Tables

COLUMNS = ["table", "column", "type", "required", "filled"]
MONEY = "amount"


@dataclass(frozen=True)
class Content:
    """A table's rows, its distinct keys and the columns that make them, CNY regardless of sign.

    columns: table, column, type, required, filled (share of rows with a value; an empty text is
    none; 0 for a column that the source has not). amount: None where the table holds no money.
    """

    rows: int
    keys: int
    key: tuple[str, ...]
    amount: float | None
    columns: pd.DataFrame = field(repr=False)


def content_of(tables: Tables, name: str) -> Content:
    """Return what a table holds: one pass over it, and one over its keys."""
    raw, table = tables.opened.relations[name], CANONICAL[name]
    present = [column.name for column in table.columns if column.name in raw.columns]
    found = _totals(raw, present, name)
    rows = int(found["_rows"])
    shares = {one: float(found[one]) / rows if rows else 0.0 for one in present}
    listed = [
        [name, column.name, column.type, column.required, shares.get(column.name, 0.0)]
        for column in table.columns
    ]
    keys = [key for key in table.key if key in present]
    distinct = int((raw.select(keys).distinct() if keys else raw).count().execute())
    amount = None if pd.isna(found.get("_amount")) else float(found["_amount"])
    used = tuple(key for key in keys if shares[key])
    return Content(rows, distinct, used, amount, pd.DataFrame(listed, columns=COLUMNS))


def _totals(raw: Expr, present: list[str], name: str) -> pd.Series:
    values = [raw[one].nullif("") if raw[one].type().is_string() else raw[one] for one in present]
    sums = {one: value.notnull().sum() for one, value in zip(present, values, strict=True)}
    if MONEY in present:
        money = raw[MONEY].try_cast(CANONICAL[name].column(MONEY).engine_type)
        sums["_amount"] = money.abs().sum().cast("float64")
    return raw.aggregate(_rows=raw.count(), **sums).execute().iloc[0].fillna(0)
