"""Faults with their place in the exports they came from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from insights.ingest import Finding
from insights.ingest.origins import read_origins
from insights.tables import Tables
from insights.words import _

COLUMNS = ["table", "column", "reason", "count", "amount", "listed"]
HEADER = 2  # Excel's number of the first row of a stored table


def with_places(tables: Tables, found: list[Finding]) -> pd.DataFrame:
    """Return a row a rule: table, column, reason, count, amount, listed.

    listed holds the first faulty rows: row, value, named (their ids), place (file, sheet and row
    of the export; empty where the source does not know it).
    """
    origins = {name: _origins(tables, name) for name in {one.table for one in found}}
    rows = [
        [one.table, one.column, one.reason, one.count, one.amount,
         one.rows.assign(place=_places(one.rows.row, origins[one.table]))]
        for one in found
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _origins(tables: Tables, name: str) -> pd.DataFrame | None:
    folder = Path(tables.source)
    return read_origins(folder, name) if folder.is_dir() else None


def _places(rows: pd.Series, origins: pd.DataFrame | None) -> list[str]:
    if origins is None:
        return [""] * len(rows)
    met = origins.iloc[rows.to_numpy("int64") - HEADER]
    return [
        _("{file}, sheet {sheet}, row {row}").format(file=file, sheet=sheet, row=row)
        if sheet
        else _("{file}, row {row}").format(file=file, row=row)
        for file, sheet, row in zip(met.file, met.sheet, met.row, strict=True)
    ]
