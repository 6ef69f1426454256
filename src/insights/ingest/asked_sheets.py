"""Workbooks in which people answered: the rows with an answer, found by the workbook's own names.

Headers may be in any language, renamed or moved: the defined names that ``store`` wrote lead to
them. A sheet that was copied within the workbook has its names too, and is read like the first.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import python_calamine

from insights.ingest.reading import UnreadableError
from insights.ingest.reading.excel import cell_text
from insights.ingest.reading.limits import LIMITS
from insights.ingest.reading.package import BOOK, MAIN, OddCell, odd_cells
from insights.tables.asked import AS_ASKED, ASKED, NAMES, SUBJECT, Ask, defined_name
from insights.words import _

TORN = (
    OSError,
    KeyError,
    IndexError,
    ValueError,
    ElementTree.ParseError,
    python_calamine.CalamineError,
    zipfile.BadZipFile,
)
CELL = re.compile(r".*!\$?([A-Z]{1,3})\$?([0-9]+)")
Cells = list[list[str | None]]
Place = tuple[int, int]  # row and column, from 0
Words = dict[tuple[str, str], dict[str, str]]  # form and column -> plain word -> code


@dataclass(frozen=True)
class AskedSheet:
    """The answers on one sheet: a row each, text by canonical column, the subject as ``SUBJECT``.

    ``numbers``: their rows as Excel counts them. ``headers``: the heading of each column that is
    there, with its letter. ``rows`` of data were asked. Words of the choices are codes by now.
    """

    file: str
    name: str
    ask: Ask
    answers: pd.DataFrame
    numbers: np.ndarray
    headers: dict[str, str]
    rows: int

    @property
    def lacking(self) -> list[str]:
        """Return what must be there to read an answer, and was taken out."""
        return [name for name in (SUBJECT, *self.ask.needed) if name not in self.headers]


def read_asked(path: Path, file: str) -> list[AskedSheet]:
    """Return the sheets of a workbook that ask something, with what was answered.

    ``UnreadableError`` says why the workbook cannot be read.
    """
    odd = odd_cells(path, LIMITS)
    try:
        names = _names(path)
        if not names:
            return []
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        grids = {name: _grid(book, name, odd) for name in (*names, AS_ASKED)}
        words = _words(grids[AS_ASKED])
    except TORN as error:
        raise UnreadableError(_("not readable: {error}").format(error=error)) from None
    return [
        _sheet(file, sheet, ask, places, grids[sheet], words)
        for sheet, own in names.items()
        for ask in ASKED
        if (places := _places(ask, own))
    ]


def _names(path: Path) -> dict[str, dict[str, str]]:
    """Return sheet -> defined name -> what it refers to, of names that belong to a sheet."""
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read(BOOK))
    sheets = [one.get("name", "") for one in root.iter(f"{MAIN}sheet")]
    found: dict[str, dict[str, str]] = {}
    for one in root.iter(f"{MAIN}definedName"):
        owner = one.get("localSheetId")
        if owner is not None and one.get("name", "").startswith(NAMES):
            own = found.setdefault(sheets[int(owner)], {})
            own[one.get("name", "")] = one.text or ""
    return found


def _grid(
    book: python_calamine.CalamineWorkbook, name: str, odd: Mapping[str, Sequence[OddCell]]
) -> Cells:
    """Return a sheet's cells as text; what the fast reader does not show stands there too."""
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    grid: Cells = [[(cell_text(value) or "").strip() or None for value in row] for row in rows]
    for row, column, text in odd.get(name, []):
        if row < len(grid) and column < len(grid[row]):
            grid[row][column] = text
    return grid


def _words(grid: Cells) -> Words:
    """Return which code each word of the hidden sheet, and each code itself, means."""
    words: Words = {}
    for form, column, code, word in (row[:4] for row in grid[1:]):
        own = words.setdefault((form or "", column or ""), {})
        own |= {_plain(one): code for one in (word, code) if one and code}
    return words


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _places(ask: Ask, names: Mapping[str, str]) -> dict[str, Place]:
    """Return where the header of each column stands; of a column taken out there is no place."""
    found = {}
    for column in (SUBJECT, *(one.column for one in ask.answers)):
        cell = CELL.fullmatch(names.get(defined_name(ask.form, column), ""))
        if cell:
            found[column] = (int(cell[2]) - 1, _number(cell[1]))
    return found


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _sheet(
    file: str, name: str, ask: Ask, places: dict[str, Place], grid: Cells, words: Words
) -> AskedSheet:
    first = max(row for row, _column in places.values()) + 1
    body = grid[first:]
    filled = [column for column in places if column != SUBJECT]
    cells = {column: [_cell(row, at) for row in body] for column, (_row, at) in places.items()}
    kept = [n for n in range(len(body)) if any(cells[column][n] for column in filled)]
    answers = pd.DataFrame(
        {
            column: pd.array(
                [_meant(own[n], words.get((ask.form, column), {})) for n in kept], dtype="str"
            )
            for column, own in cells.items()
        },
        index=range(len(kept)),
    )
    headers = {column: _heading(grid, place, column) for column, place in places.items()}
    numbers = np.array(kept, dtype=np.int64) + first + 1
    return AskedSheet(file, name, ask, answers, numbers, headers, len(body))


def _cell(row: Sequence[str | None], column: int) -> str | None:
    return row[column] if column < len(row) else None


def _meant(text: str | None, codes: Mapping[str, str]) -> str | None:
    return text if text is None else codes.get(_plain(text), text)


def _heading(grid: Cells, place: Place, column: str) -> str:
    """Return a heading with its column's letter: two may be called alike."""
    row, number = place
    letters, rest = "", number + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{_cell(grid[row], number) or column} [{letters}]"
