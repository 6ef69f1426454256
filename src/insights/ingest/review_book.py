"""A workbook for a person to fill in: ids stay text, nothing is a formula, same rows same bytes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

REVIEW, BOOK = "review", "names.xlsx"
WIDEST = 60
LONGEST = 32_767  # characters that a cell holds
EPOCH = dt.datetime(1980, 1, 1)


def write_book(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write a sheet for each frame: bold header, frozen, filtered, text cells as text."""
    book = new_book()
    for name, frame in sheets.items():
        fill_sheet(book.create_sheet(name), frame)
    path.write_bytes(book_bytes(book))


def new_book() -> Workbook:
    """Return a workbook without sheets and without a day."""
    book = Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = EPOCH
    return book


def book_bytes(book: Workbook) -> bytes:
    """Return a workbook as a file: the same cells, the same bytes."""
    held = io.BytesIO()
    book.save(held)
    return _without_clock(held)


def as_in_cell(text: str) -> str:
    """Return a text as an Excel cell holds it: no control characters, lines ended alike, cut."""
    return ILLEGAL_CHARACTERS_RE.sub("", text.replace("\r\n", "\n"))[:LONGEST]


def fill_sheet(sheet: Worksheet, frame: pd.DataFrame) -> None:
    """Write a frame: bold header, frozen and filtered; text stays text, nothing is a formula."""
    sheet.append([as_in_cell(str(name)) for name in frame.columns])
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
        sheet.append([as_in_cell(cell) if isinstance(cell, str) else cell for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column in sheet.iter_cols(min_row=2):
        for cell in column:
            if isinstance(cell.value, str) or cell.value is None:
                cell.number_format, cell.data_type = "@", "s" if cell.value else "n"
    for number, column in enumerate(frame.columns, 1):
        longest = max([len(str(column)), *frame[column].astype("str").str.len().fillna(0)])
        sheet.column_dimensions[get_column_letter(number)].width = min(2 * longest + 2, WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _without_clock(held: io.BytesIO) -> bytes:
    """Return the archive with every member dated alike, and the day of saving taken out."""
    made = io.BytesIO()
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _dated_alike(content)
            new.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), content)
    return made.getvalue()


def _dated_alike(core: bytes) -> bytes:
    head, mark, rest = core.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    _day, end, tail = rest.partition(b"</dcterms:modified>")
    return head + mark + EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + end + tail
