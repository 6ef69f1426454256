"""What pandera on Polars does with the same rules on rows that are typed already."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pandera.polars as pa
import polars as pl
import pyarrow
from pandera.errors import SchemaErrors

from insights.ingest.batches import Batch
from insights.tables import CANONICAL

TYPES = {
    "id": pl.String, "text": pl.String, "code": pl.String, "money": pl.Int64, "int": pl.Int64,
    "float": pl.Float64, "date": pl.Date,
}  # fmt: skip
LEAST = {"invoices": ("instalment_no", "term_days"), "orders": ("line_no",)}


def typed_rows(batch: Batch) -> pl.DataFrame:
    """Return a batch's canonical values, faulty ones too; money as whole cents."""
    table = CANONICAL[batch.table]
    columns = [column for column in table.columns if column.name in batch.values]
    return pl.DataFrame(
        {c.name: _series(batch.values[c.name]).cast(TYPES[c.type]) for c in columns}
    )


def validator(table: str, rows: pl.DataFrame) -> Callable[[], int]:
    """Return what validates ``rows`` by all rules and counts the failures."""
    least = LEAST[table]
    columns = {
        c.name: pa.Column(
            TYPES[c.type],
            nullable=not c.required,
            checks=[pa.Check.ge(0)] if c.name in least else [],
        )
        for c in CANONICAL[table].columns
        if c.name in rows.columns
    }
    checks = [pa.Check(_holds(rule)) for rule in _between_columns(table)]
    schema = pa.DataFrameSchema(columns, checks=checks, unique=list(CANONICAL[table].key))

    def validate() -> int:
        try:
            schema.validate(rows, lazy=True)
        except SchemaErrors as error:
            return len(error.failure_cases)
        return 0

    return validate


def _between_columns(table: str) -> list[pl.Expr]:
    if table == "orders":
        return [(pl.col("quantity") >= 0) | (pl.col("amount") <= 0)]
    return [
        (pl.col("due_on") >= pl.col("issued_on")) | (pl.col("kind") == "opening"),
        pl.col("disputed_to_on") >= pl.col("disputed_from_on"),
        (pl.col("kind") != "credit_note") | (pl.col("amount") <= 0),
    ]


def _holds(rule: pl.Expr) -> Callable[[pa.PolarsData], pl.LazyFrame]:
    """A row of which nothing can be said, because a cell is empty, breaks no rule."""
    return lambda data: data.lazyframe.select(rule.fill_null(True))


def _series(values: pd.Series) -> pl.Series:
    return pl.Series(pl.from_arrow(pyarrow.Array.from_pandas(values)))
