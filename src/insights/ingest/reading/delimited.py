"""CSV and its kin: which mark divides the cells, and where quotation marks go wrong."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from itertools import islice

from insights.ingest.reading.headers import TITLE_ROWS, Cells
from insights.ingest.reading.plain import read_plain
from insights.ingest.reading.sheets import Sheet, sheet_of_grid, with_notes
from insights.ingest.vocabulary import as_compared
from insights.words import _, listing

DELIMITERS = ",\t;|，"
WIDE_COMMA = "，"
TOP = 1 << 20  # characters in which the first rows lie
DECLARED = re.compile(r"sep=(.)(?:\r\n|\n|\r)", re.IGNORECASE)
LONGEST_NUMBER = 40
NUMBER = re.compile(r"[-¥￥(]?[0-9][0-9,.]*")
GUARDED = r"^(?:=\"([^\"]*)\"|'([0-9]+))$"


def read_delimited(text: str, file: str, known: frozenset[str], name: str = "") -> list[Sheet]:
    """Return the one sheet of a delimited text, or none where it is blank.

    A row that a quotation mark or the end of the file broke is ``torn``; the rows after it are
    read. ="0012" and '0012, which keep Excel from making a number of a code, are 0012.
    """
    delimiter, text = _delimiter(text, known)
    sheet = None
    if '"' not in text or _well_quoted(text, delimiter):
        sheet = read_plain(text, delimiter, file, name, known)
    if sheet is None:
        grid, torn = _rows(text, delimiter)
        cut = not text.endswith(("\n", "\r"))
        sheet = sheet_of_grid(file, name, grid, known, torn, cut)
    if sheet is None:
        return []
    notes = [_("its cells are divided by “，”")] if delimiter == WIDE_COMMA else []
    notes += [*_maybe_cut(sheet, text, delimiter), *_swallowed(sheet, text, delimiter)]
    return [with_notes(_unguarded(sheet, text), notes)]


def _maybe_cut(sheet: Sheet, text: str, delimiter: str) -> list[str]:
    """A file that ends with a number and no line end may have lost the rest of the number."""
    last = text[-LONGEST_NUMBER:].rpartition(delimiter)[2].strip()
    if text.endswith(("\n", "\r")) or not NUMBER.fullmatch(last) or not len(sheet.rows):
        return []
    words = _("the file ends without a line end: compare the last number of row {row}, {number}")
    return [] if sheet.torn is not None else [words.format(row=sheet.rows[-1], number=last)]


def _swallowed(sheet: Sheet, text: str, delimiter: str) -> list[str]:
    """A cell in quotation marks of which a line has as many cells as a row may hold rows."""
    marks = len(sheet.frame.columns) - 1
    if '"' not in text or marks < 2:
        return []
    rows: set[int] = set()
    for name in sheet.frame:
        cells = sheet.frame[name]
        long = cells[cells.str.contains("\n", regex=False).fillna(False)]
        hits = long.map(lambda cell: any(n.count(delimiter) == marks for n in cell.splitlines()))
        rows.update(sheet.rows[long.index[hits.to_numpy(bool)]].tolist())
    words = _("row {rows}: a cell in quotation marks holds lines that look like rows; compare them")
    return [words.format(rows=listing(sorted(map(str, rows))))] if rows else []


def _delimiter(text: str, known: frozenset[str]) -> tuple[str, str]:
    """Return what divides the cells, declared or found in the first lines, and the rest."""
    declared = DECLARED.match(text)
    if declared:
        return declared[1], text[declared.end() :]
    top = list(islice(io.StringIO(text[:TOP], newline=None), TITLE_ROWS))
    return max(DELIMITERS, key=lambda mark: _score(top, mark, known)), text


def _score(lines: list[str], mark: str, known: frozenset[str]) -> tuple[int, bool, int]:
    """Known headers count most; a wide comma stands in texts, so any other mark goes before it."""
    rows = [line.strip().split(mark) for line in lines]
    hits = [sum(as_compared(cell.strip('"')) in known for cell in row) for row in rows]
    widest = max(map(len, rows), default=1)
    return max(hits, default=0), mark != WIDE_COMMA and widest > 1, widest


def _well_quoted(text: str, delimiter: str) -> bool:
    """Say whether each quotation mark opens or closes a whole cell on one line, or is doubled."""
    if not delimiter.isascii():
        return False
    mark = re.escape(delimiter)
    cell = rf'(?<![^{mark}\r\n])"[^"\r\n]*+(?:""[^"\r\n]*+)*+"(?![^{mark}\r\n])'
    return '"' not in re.sub(cell, "", text)


def _rows(text: str, delimiter: str) -> tuple[list[Cells], list[int]]:
    """Return the rows of text with quotation marks, and which of them are torn."""
    lines = list(io.StringIO(text, newline=""))
    try:
        return list(csv.reader(lines, delimiter=delimiter, strict=True)), []
    except csv.Error:
        return _careful_rows(lines, delimiter)


def _careful_rows(lines: list[str], delimiter: str) -> tuple[list[Cells], list[int]]:
    """Read row by row: a mark that would swallow the rows after it tears its own line only."""
    grid: list[Cells] = []
    torn: list[int] = []
    at = 0
    while at < len(lines):
        sound, spanned = _up_to_a_slip(lines, at, delimiter)
        grid += sound
        at += spanned[0]
        if at < len(lines):
            row, broken = _slip(lines[at], delimiter, spanned[1])
            torn += [len(grid)] if broken else []
            grid.append(row)
            at += 1
    return grid, torn


def _up_to_a_slip(lines: list[str], at: int, delimiter: str) -> tuple[list[Cells], tuple[int, int]]:
    """Return the rows before the next slip, how many lines they have, and how many it has."""
    reader = csv.reader((lines[n] for n in range(at, len(lines))), delimiter=delimiter, strict=True)
    sound: list[Cells] = []
    done = 0
    try:
        for row in reader:
            sound.append(row)
            done = reader.line_num
    except csv.Error:
        pass
    return sound, (done, reader.line_num - done)


def _slip(line: str, delimiter: str, spanned: int) -> tuple[Cells, bool]:
    """A line with an even number of marks is closed in itself, if oddly; any other is torn."""
    if spanned > 1 or line.count('"') % 2:
        return line.rstrip("\r\n").split(delimiter), True
    try:
        return next(csv.reader([line], delimiter=delimiter)), False
    except csv.Error:
        return line.rstrip("\r\n").split(delimiter), True


def _unguarded(sheet: Sheet, text: str) -> Sheet:
    if '="' not in text and "'" not in text:
        return sheet
    frame = sheet.frame.copy()
    for name in frame:
        guarded = frame[name].str.fullmatch(GUARDED).fillna(False)
        if guarded.any():
            bare = frame[name].str.replace(GUARDED, r"\1\2", regex=True)
            frame[name] = frame[name].mask(guarded, bare)
    return replace(sheet, frame=frame)
