"""Lists that a person fills in and puts among the exports: told by a hidden sheet or a name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import python_calamine

from insights.ingest.headings import plain_headings
from insights.ingest.reading import Sheet, UnreadableError
from insights.ingest.reading.excel import cell_text
from insights.tables.asked import REPORT_BOOK
from insights.words import _

AS_DRAFTED, AS_HELD = "as drafted", "as held"  # names of hidden sheets: cells as they were written
MAPPING_BOOK, MENDED_BOOK = "mapping.xlsx", "mend.xlsx"
Form = Literal["mapping", "mended", "asked"]
MARKS: dict[Form, re.Pattern[bytes]] = {
    "mapping": re.compile(rb'<sheet[^>]* name="as drafted'),
    "mended": re.compile(rb'<sheet[^>]* name="as held'),
    "asked": re.compile(rb'<definedName[^>]* name="' + re.escape(REPORT_BOOK.encode())),
}


def form_of(path: Path) -> Form | None:
    """Return which list a file is, without reading its rows; None where it is none."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            book = archive.read("xl/workbook.xml")
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return None
    return next((form for form, mark in MARKS.items() if mark.search(book)), None)


def read_form(path: Path, file: str) -> list[Sheet]:
    """Return the sheets of a list as text, each with its header in its first row.

    ``UnreadableError`` says why a list cannot be read.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        grids = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except (OSError, python_calamine.CalamineError, zipfile.BadZipFile) as error:
        raise UnreadableError(_("not readable: {error}").format(error=error)) from None
    return [_sheet(file, name, grid) for name, grid in grids if grid]


def _sheet(file: str, name: str, grid: list[list[Any]]) -> Sheet:
    rows = [[(cell_text(value) or "").strip() or None for value in row] for row in grid]
    named = dict(enumerate(plain_headings([head or "" for head in rows[0]])))
    heads = [at for at, head in enumerate(rows[0]) if head]
    filled = [at for at, row in enumerate(rows) if at and any(row[n] for n in heads)]
    frame = pd.DataFrame(
        {named[n]: pd.array([rows[at][n] for at in filled], dtype="str") for n in heads},
        index=range(len(filled)),
    )
    numbers = np.array(filled, dtype=np.int64) + 1
    return Sheet(file, name, frame, numbers, np.zeros(len(filled), dtype=bool))


def stored_forms(folder: Path, form: Form) -> list[Sheet]:
    """Return the sheets of the lists of one kind that an earlier run left in a folder."""
    sheets: list[Sheet] = []
    for path in sorted(folder.glob("*")):
        if form_of(path) == form:
            try:
                sheets += read_form(path, path.name)
            except UnreadableError:
                continue
    return sheets
