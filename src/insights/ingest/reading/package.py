"""The inside of an .xlsx: its size, and the cells that the fast reader shows as something else."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from insights.ingest.reading.limits import Limits, UnreadableError
from insights.ingest.reading.zeros import code_format, in_code_format
from insights.words import _

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
BOOK, LINKS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
OTHERS = ("xl/workbook.bin", "content.xml")  # .xlsb and OpenDocument: workbooks all the same
PIECE = 8 << 20
LAST_ROW = 1_048_576  # of a sheet in Excel
SMALL, RATIO = 256 << 20, 100  # workbooks unpack to about ten times their size
OddCell = tuple[int, int, str]  # row and column from 0, text
Form = tuple[str, ...]

ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<'
)
UNCALCULATED = re.compile(
    rb"<c\b([^>]*)>\s*<f\b[^>]*(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
NUMBER = re.compile(rb'<c\b([^>]*\bs="([0-9]+)"[^>]*)>\s*<v>([0-9]+)</v>')
TYPED = re.compile(rb't="[^n"]')
AT = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*\br="([0-9]+)"')
COLUMN = re.compile(rb'\br="([A-Z]+)[0-9]')
TWO_LETTERS, THREE_LETTERS = re.compile(rb'\br="[A-Z]{2}[0-9A-Z]'), re.compile(rb'\br="[A-Z]{3}')


def odd_cells(path: Path, limits: Limits) -> dict[str, list[OddCell]]:
    """Return of each sheet the cells whose text the fast reader does not show.

    Formula errors, formulas whose result was never calculated (as their formula), and numbers that
    a format of zeros pads (0004, C-0004). Every part is unpacked once, in pieces: a workbook that
    is no workbook, is damaged, or unpacks to more than ``limits`` allow, is refused.
    """
    try:
        with zipfile.ZipFile(path) as book:
            _refuse_bombs(book, limits)
            parts = _parts(book)
            _drain(book, set(book.namelist()) - set(parts.values()))
            padded = _padded_styles(book)
            return {
                name: _odd_cells(book, part, name, padded, limits) for name, part in parts.items()
            }
    except (UnreadableError, OSError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> UnreadableError:
    """Damage shows as nearly any error of the archive's and the XML's readers."""
    if "password" in str(error):
        return UnreadableError(_("the workbook has a password"), _("save a copy without one"))
    return UnreadableError(
        _("not a whole workbook ({error}): cut short or damaged?").format(error=error),
        _("open it in Excel and save it again, or export it again"),
    )


def _refuse_bombs(book: zipfile.ZipFile, limits: Limits) -> None:
    unpacked = sum(part.file_size for part in book.infolist())
    packed = sum(part.compress_size for part in book.infolist())
    if unpacked > limits.unpacked or unpacked > max(min(SMALL, limits.unpacked), RATIO * packed):
        words = _("it unpacks to {n:,} MB, {times:,} times its size: no workbook of rows")
        raise UnreadableError(
            words.format(n=unpacked >> 20, times=unpacked // max(packed, 1)),
            _("export it again; save a very large table as CSV"),
        )


def _drain(book: zipfile.ZipFile, names: set[str]) -> None:
    """Unpack parts to see that they are as large as they say."""
    for name in sorted(names):
        for _piece in _pieces(book, name):
            pass


def _pieces(book: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with book.open(name) as part:
        yield from iter(partial(part.read, PIECE), b"")


def _parts(book: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name -> its file in the workbook."""
    names = set(book.namelist())
    if BOOK not in names:
        if names.isdisjoint(OTHERS):
            raise UnreadableError(
                _("a zip archive, not a workbook"), _("unpack it, and put its files here")
            )
        return {}
    links = ElementTree.fromstring(book.read(LINKS))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = ElementTree.fromstring(book.read(BOOK)).iter(f"{MAIN}sheet")
    parts = {s.get("name", ""): _path(targets.get(s.get(LINK), "")) for s in sheets}
    return {name: part for name, part in parts.items() if part in names}


def _path(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _padded_styles(book: zipfile.ZipFile) -> dict[bytes, Form]:
    """Return the styles whose number format makes codes (0000, "C"0000) -> that format."""
    if STYLES not in book.namelist():
        return {}
    styles = ElementTree.fromstring(book.read(STYLES))
    forms = {f.get("numFmtId"): f.get("formatCode", "") for f in styles.iter(f"{MAIN}numFmt")}
    zeros = {key: parts for key, form in forms.items() if (parts := code_format(form))}
    cells = styles.find(f"{MAIN}cellXfs")
    kinds = [] if cells is None else [style.get("numFmtId") for style in cells]
    return {str(n).encode(): zeros[kind] for n, kind in enumerate(kinds) if kind in zeros}


def _odd_cells(
    book: zipfile.ZipFile, part: str, name: str, padded: dict[bytes, Form], limits: Limits
) -> list[OddCell]:
    found: list[OddCell] = []
    rows, letters, rest = 0, 1, b""
    for piece in _pieces(book, part):
        whole, rest = _at_a_cell(rest + piece)
        found += _found(whole, padded)
        rows, letters = _extent(whole, rows, letters)
    found += _found(rest, padded)
    rows, letters = _extent(rest, rows, letters)
    if rows > LAST_ROW or rows * (26, 702, 16384)[letters - 1] > limits.cells:
        _refuse_wide(name, rows, _last_column(book, part), limits)
    return found


def _at_a_cell(held: bytes) -> tuple[bytes, bytes]:
    """Divide at the end of a row or cell, so that no cell is divided."""
    end = max(held.rfind(b"</c>"), held.rfind(b"</row>"), held.rfind(b":c>"))
    return held[: end + 4], held[end + 4 :]


def _found(xml: bytes, padded: dict[bytes, Form]) -> list[OddCell]:
    cells = []
    if b't="e"' in xml:
        cells += [_cell(at, text.decode()) for at, text in ERROR.findall(xml)]
    if b"<f" in xml:
        blank = [(at, form) for at, form in UNCALCULATED.findall(xml) if b't="str"' not in at]
        cells += [_cell(at, "=" + form.decode()) for at, form in blank]
    if padded:
        numbers = [n for n in NUMBER.findall(xml) if n[1] in padded and not TYPED.search(n[0])]
        cells += [
            _cell(at, in_code_format(text.decode(), padded[style])) for at, style, text in numbers
        ]
    return [cell for cell in cells if cell is not None]


def _cell(attributes: bytes, text: str) -> OddCell | None:
    at = AT.search(attributes)
    return (int(at[2]) - 1, _column(at[1]) - 1, text) if at else None


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return column


def _extent(xml: bytes, rows: int, letters: int) -> tuple[int, int]:
    """Return the last row so far, and how many letters the names of its columns have."""
    last = ROW.search(xml, max(xml.rfind(b"<row "), xml.rfind(b":row "), 1) - 1)
    rows = max(rows, int(last[1])) if last else rows
    if letters < 3 and THREE_LETTERS.search(xml):
        return rows, 3
    return rows, 2 if letters < 2 and TWO_LETTERS.search(xml) else letters


def _last_column(book: zipfile.ZipFile, part: str) -> int:
    names: set[bytes] = set()
    rest = b""
    for piece in _pieces(book, part):
        whole, rest = _at_a_cell(rest + piece)
        names.update(COLUMN.findall(whole))
    return max((_column(name) for name in names | set(COLUMN.findall(rest))), default=0)


def _refuse_wide(name: str, rows: int, columns: int, limits: Limits) -> None:
    if rows > LAST_ROW or rows * columns > limits.cells:
        words = _("sheet {name} reaches to row {rows:,} and column {columns:,}")
        raise UnreadableError(
            words.format(name=name, rows=rows, columns=columns),
            _("delete stray cells below and beside the table, or save a large table as CSV"),
        )
