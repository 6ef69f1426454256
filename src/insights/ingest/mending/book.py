"""The workbook in which rows held back are mended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from insights.ingest.forms import AS_HELD
from insights.ingest.headings import heading
from insights.ingest.mending.held import HEAD, KEY, MASKED, Page
from insights.ingest.review_book import as_in_cell, book_bytes, fill_sheet, new_book

GREY, YELLOW = (PatternFill("solid", start_color=color) for color in ("FFEDEDED", "FFFFE699"))
UNFIT = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME = 31
WIDEST_REASON = 42


def mending_book(pages: Sequence[Page]) -> bytes:
    """Return a workbook: a sheet for each page, and a hidden one with its rows as they were held.

    The hidden one tells what a person changed, and whether a row of an export is still the same.
    """
    book = new_book()
    for number, page in enumerate(pages, 1):
        _add_page(book, number, page)
    for number, page in enumerate(pages, 1):
        cells = page.rows[[*KEY, *page.rows.columns[len(HEAD) :]]]
        hidden = book.create_sheet(f"{AS_HELD} {number}")
        fill_sheet(
            hidden,
            cells.assign(**{MASKED: ["\n".join(map(_in_book, names)) for names in page.masked]}),
        )
        hidden.sheet_state = "veryHidden"
    return book_bytes(book)


def _in_book(header: str) -> str:
    """Return a header as it is read back from a workbook."""
    return as_in_cell(header).strip()


def _add_page(book: Workbook, number: int, page: Page) -> None:
    sheet = book.create_sheet(_title(number, page))
    fill_sheet(sheet, page.rows.rename(columns={name: heading(name) for name in HEAD}))
    sheet.freeze_panes = f"{get_column_letter(len(KEY) + 1)}2"
    for row in sheet.iter_rows(min_row=1, max_col=len(HEAD)):
        for cell in row:
            cell.fill = GREY
    for line, column in sorted(page.faulty):
        sheet.cell(line + 2, column + 1).fill = YELLOW
    for column in range(1, len(HEAD) + 1):
        width = sheet.column_dimensions[get_column_letter(column)]
        width.width = min(width.width, WIDEST_REASON)


def _title(number: int, page: Page) -> str:
    file, name = page.rows["file"].iloc[0], page.rows["sheet"].iloc[0]
    words = " ".join(part for part in (PurePosixPath(file).stem, name) if part)
    return f"{number} {UNFIT.sub(' ', words)}"[:LONGEST_NAME].strip()
