"""What is wrong in a corrected mapping book, each fault with its place and remedy."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.ingest.drafting.columns import OPEN, UNITS
from insights.ingest.mapping import closest
from insights.ingest.privacy.kinds import MASK
from insights.tables import CANONICAL
from insights.words import _


def row_faults(rows: pd.DataFrame) -> list[str]:
    """Return the faults of single rows, in their order."""
    return [fault for row in rows.itertuples() for fault in _of_row(row)]


def sheet_faults(rows: pd.DataFrame) -> list[str]:
    """Return the faults between rows: one column told twice, one header told and left out."""
    told = rows[(rows.header != "") & rows.table.isin(CANONICAL) & ~rows.column.isin(["", OPEN])]
    keys = ["file", "sheet", "table", "column"]
    twice = told[told.duplicated(keys, keep=False)]
    words = _("{column} of {table} is told by {headers}; leave one")
    faults = [
        _fault(
            next(own.itertuples()),
            "column",
            words.format(column=key[3], table=key[2], headers=", ".join(own.header)),
        )
        for key, own in twice.groupby(keys, sort=False)
    ]
    return faults + _half_named_sheets(rows) + _left_and_taken(rows)


def _half_named_sheets(rows: pd.DataFrame) -> list[str]:
    words = _("some rows of this file name a sheet and others do not; name it in all, or in none")
    several = rows.groupby("file").sheet.transform("nunique") > 1
    return [
        _fault(row, "sheet", words)
        for row in rows[several & (rows.sheet == "")].drop_duplicates("file").itertuples()
    ]


def _left_and_taken(rows: pd.DataFrame) -> list[str]:
    keys = ["file", "sheet", "header"]
    left = rows[(rows.table == "") & (rows.header != "")]
    taken = rows[rows.table.isin(CANONICAL) & (rows.header != "")]
    both = left.merge(taken[keys].drop_duplicates(), on=keys)
    words = _("the header is left out here and taken in another row; leave one")
    return [_fault(row, "header", words) for row in both.itertuples()]


def _of_row(row: Any) -> list[str]:
    faults = []
    if not row.file and (row.header or row.table or row.column):
        faults.append(_fault(row, "file", _("no file is named; write its name")))
    if row.table in ("", OPEN):
        if row.column not in ("", OPEN):
            faults.append(_fault(row, "table", _("a column, but no table; choose the table")))
    elif row.table not in CANONICAL:
        near = closest(row.table, list(CANONICAL))
        faults.append(_fault(row, "table", _("no such table; {near}").format(near=near)))
    else:
        faults += _of_column(row)
    if row.unit and row.unit not in UNITS:
        words = _("no such unit; leave it empty or choose one of {units}")
        faults.append(_fault(row, "unit", words.format(units=", ".join(UNITS))))
    return faults


def _of_column(row: Any) -> list[str]:
    known = [column.name for column in CANONICAL[row.table].columns]
    if row.column == "":
        words = _("a table, but no column; choose the column, or empty both to leave it out")
        return [_fault(row, "column", words)]
    if row.column != OPEN and row.column not in known:
        words = _("{table} has no such column; {near}")
        near = closest(row.column, known)
        return [_fault(row, "column", words.format(table=row.table, near=near))]
    if MASK in row.header and row.column != OPEN:
        words = _("this header looks like a person and is not shown; give the file a header row")
        return [_fault(row, "header", words)]
    return []


def _fault(row: Any, column: str, words: str) -> str:
    value = getattr(row, column)
    place = _("{book} [{page}] row {line}, {column}").format(
        book=row.book, page=row.page, line=row.line, column=column
    )
    return f"{place} {value!r}: {words}" if value else f"{place}: {words}"
