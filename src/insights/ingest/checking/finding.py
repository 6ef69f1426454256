"""One fault of a source: the rule that is broken, how many rows break it, the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.ingest.rules import ROW
from insights.tables import CANONICAL
from insights.words import _

COLUMNS = ["table", "row", "column", "value", "reason"]
LISTED = 20
MONEY = "amount"


@dataclass(frozen=True)
class Finding:
    """Rows of one table that break one rule.

    ``rows``: the first of them: row (as Excel numbers it), value, named (the ids that name it).
    ``amount``: CNY in all of them regardless of sign; None where the table holds no amounts.
    """

    table: str
    column: str
    reason: str
    count: int
    rows: pd.DataFrame = field(repr=False)
    amount: float | None = None

    def listed(self) -> pd.DataFrame:
        """Return the first rows as ``insights check`` prints them."""
        reason = self.reason
        if self.count > len(self.rows):
            reason = _("{reason} ({n:,} rows in all, the first {limit} listed)").format(
                reason=reason, n=self.count, limit=len(self.rows)
            )
        shown = self.rows.assign(table=self.table, column=self.column)
        return shown.assign(reason=reason + self.rows.named)[COLUMNS]


def find(
    table: str,
    column: str,
    reason: str,
    rows: Expr,
    value: ibis.Value | str,
    limit: int = LISTED,
    count: int | None = None,
) -> list[Finding]:
    """Return the finding of the faulty ``rows`` of a table; none where there are none.

    ``value`` is what is shown of a row; ``count`` how many there are, where that is known.
    """
    if count == 0:
        return []
    total, amount = _totals(rows, table)
    if not total:
        return []
    return [
        Finding(table, column, reason, total, _first(table, column, rows, value, limit), amount)
    ]


def findings(parts: Sequence[list[Finding]]) -> list[Finding]:
    """Return several lists of findings as one."""
    return [one for part in parts for one in part]


def _totals(rows: Expr, table: str) -> tuple[int, float | None]:
    asked = {"n": rows.count()}
    if MONEY in rows.columns and MONEY in CANONICAL[table].schema:
        asked["amount"] = rows[MONEY].abs().sum().cast("float64")
    found = rows.aggregate(**asked).execute().iloc[0]
    amount = found.get("amount")
    return int(found.n), None if amount is None or pd.isna(amount) else float(amount)


def _first(
    table: str, column: str, rows: Expr, value: ibis.Value | str, limit: int
) -> pd.DataFrame:
    shown = rows[value] if isinstance(value, str) else value
    keys = _naming_keys(table, column, rows)
    frame = rows.select(row=rows[ROW], value=shown, **keys).order_by("row").limit(limit).execute()
    named = frame[list(keys)].fillna("").agg(_named, axis=1) if keys else ""
    words = frame.value.astype("str").fillna("")
    return frame.assign(value=words, named=named)[["row", "value", "named"]]


def _naming_keys(table: str, column: str, rows: Expr) -> dict[str, ibis.Value]:
    """Return the ids that name a row, unless one of them is at fault itself."""
    keys = [one.name for one in CANONICAL[table].columns if one.key and one.type == "id"]
    if column in keys or not set(keys) <= set(rows.columns):
        return {}
    return {f"_{name}": rows[name].cast("string") for name in keys}


def _named(row: pd.Series) -> str:
    return " (" + ", ".join(f"{str(name)[1:]} {value}" for name, value in row.items()) + ")"
