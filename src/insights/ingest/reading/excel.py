"""Workbooks: values as a person sees them in the cells."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from insights.ingest.reading.limits import Limits, UnreadableError
from insights.ingest.reading.merged import with_merged
from insights.ingest.reading.old_workbook import old_error_cells
from insights.ingest.reading.package import OddCell, odd_cells
from insights.ingest.reading.pieces import first_bytes
from insights.ingest.reading.sheets import Sheet, sheet_of_grid, with_notes
from insights.words import _

DIGITS = 15  # that Excel keeps of a number
ZIP = b"PK\x03\x04"
Grid = list[list[str | None]]


def read_workbook(path: Path, file: str, known: frozenset[str], limits: Limits) -> list[Sheet]:
    """Return the sheets of .xlsx, .xls, .xlsm or .xlsb that hold anything.

    Numbers are text as their cell shows them (4, never 4.0; 0004 where the cell pads it), formula
    errors stand as #N/A and the like, dates go by the cell's type and the workbook's epoch.
    """
    zipped = first_bytes(path).startswith(ZIP)
    odd = odd_cells(path, limits) if zipped else old_error_cells(path)
    try:
        with path.open("rb") as stream, CalamineWorkbook.from_filelike(stream) as book:
            read = [_sheet(book, n, file, known, odd) for n in range(len(book.sheet_names))]
    except python_calamine.PasswordError:
        raise UnreadableError(
            _("the workbook has a password"), _("save a copy without one")
        ) from None
    except (UnreadableError, MemoryError):
        raise
    except BaseException as error:
        raise _damaged(error) from None
    return [sheet for sheet in read if sheet is not None]


def _damaged(error: BaseException) -> BaseException:
    """A parser of Rust says some damage by a panic, which is no Exception."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        return error
    words = _("not a workbook that can be read ({error}): cut short or damaged?")
    return UnreadableError(
        words.format(error=str(error).strip("'\"")),
        _("open it in Excel and save it again as .xlsx, or export it again"),
    )


def _sheet(
    book: CalamineWorkbook,
    number: int,
    file: str,
    known: frozenset[str],
    odd: dict[str, list[OddCell]],
) -> Sheet | None:
    source = book.get_sheet_by_index(number)
    grid: Grid = [
        [cell_text(value) for value in row] for row in source.to_python(skip_empty_area=False)
    ]
    for cell in odd.get(source.name, []):
        _put(grid, cell)
    grid, notes = with_merged(grid, _merged_areas(source))
    sheet = sheet_of_grid(file, source.name, grid, known)
    return None if sheet is None else with_notes(sheet, [*_hidden(book, number), *notes])


def _put(grid: Grid, cell: OddCell) -> None:
    """Errors outside of what the fast reader saw make the grid larger."""
    row, column, text = cell
    while len(grid) <= row:
        grid.append([])
    grid[row] += [None] * (column + 1 - len(grid[row]))
    grid[row][column] = text


def _hidden(book: CalamineWorkbook, number: int) -> list[str]:
    if book.sheets_metadata[number].visible == SheetVisibleEnum.Visible:
        return []
    return [_("the sheet is hidden in Excel, and read all the same; delete it if it is old")]


def _merged_areas(sheet: CalamineSheet) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return list(sheet.merged_cell_ranges or [])


def cell_text(value: Any) -> str | None:
    """Return a cell as text: 4.0 is 4, midnight is a date, float noise is cut.

    A whole number of more than fifteen digits, which Excel has cut, is written as Excel shows it:
    1.23456789012345E+17 is no code.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return f"{value:.{DIGITS}g}" if abs(value) < 10**DIGITS else f"{value:.16E}"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    return str(value)
