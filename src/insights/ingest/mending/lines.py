"""Mended workbooks read back: what a person changed in which row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insights.ingest.forms import AS_HELD, MENDED_BOOK
from insights.ingest.mending.alike import cell_as_read
from insights.ingest.mending.held import HEAD, KEY, MASKED, SUFFIX
from insights.ingest.privacy import Problem
from insights.ingest.privacy.kinds import MASK
from insights.ingest.reading import Sheet
from insights.words import _, listing

Key = tuple[str, str, str]  # file, sheet and row of the original
Cells = dict[str, str | None]
SAID = 12  # faults of one workbook told in full


@dataclass(frozen=True, eq=False)
class Line:
    """One row of a mended workbook. ``held``: its cells as they were written, by shown header.

    ``masked`` headers showed a mask and not what the export holds; ``faulty`` ones were at fault.
    """

    form: str
    page: str
    number: int
    key: Key
    table: str
    held: Cells
    changes: Cells
    masked: frozenset[str]
    faulty: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """Return the original's place as a person names it."""
        file, sheet, row = self.key
        return _("{file}{sheet} row {row}").format(
            file=file, sheet=f" [{sheet}]" if sheet else "", row=row
        )

    @property
    def content(self) -> tuple[Key, tuple[tuple[str, str | None], ...]]:
        """Return what the line says, wherever it stands."""
        return self.key, tuple(self.changes.items())


def is_quarantine(sheet: Sheet) -> bool:
    """Say whether a sheet is a list of rows held back without the page that tells changes."""
    return set(sheet.frame.columns) >= set(HEAD[1:])


def read_lines(sheets: Sequence[Sheet]) -> tuple[list[Line], list[Problem]]:
    """Return every row of mended workbooks, changed or not, and what is wrong with the others.

    A row is known by file, sheet and row: a changed one is a problem, as is one that stands there
    twice or is mended in two ways. A row that a person took out stays as it was.
    """
    lines, problems = [], []
    for form in dict.fromkeys(sheet.file for sheet in sheets):
        own, faults = _lines_of([sheet for sheet in sheets if sheet.file == form])
        lines += own
        remedy = _("leave file, sheet and row as they were written; mend the other cells")
        if faults:
            problems.append((form, listing(faults, SAID), remedy))
    whole, torn = _agreed(lines)
    return whole, problems + torn


def speak_of_people(lines: Sequence[Line]) -> bool:
    """Say whether lines are of files or sheets shown without a person's name."""
    return any(MASK in "".join(line.key[:2]) for line in lines)


def unread_lines(stored: Sequence[Sheet], read: Sequence[Line]) -> str:
    """Say which rows mended in an earlier run's workbook would be lost, for it is replaced."""
    known = {line.content for line in read}
    lost = [
        line.place for line in read_lines(stored)[0] if line.changes and line.content not in known
    ]
    return _("mended rows not read yet: {rows}").format(rows=listing(lost, 3)) if lost else ""


def _lines_of(sheets: list[Sheet]) -> tuple[list[Line], list[str]]:
    held: dict[Key, tuple[Cells, frozenset[str]]] = {}
    for sheet in sheets:
        if sheet.name.startswith(AS_HELD):
            held |= _as_held(sheet)
    lines, faults = [], []
    seen: set[Key] = set()
    for sheet in sheets:
        if set(sheet.frame.columns) >= set(HEAD) and not sheet.name.startswith(AS_HELD):
            own, wrong = _page_lines(sheet, held, seen)
            lines += own
            faults += wrong
    return lines, faults


def _as_held(sheet: Sheet) -> dict[Key, tuple[Cells, frozenset[str]]]:
    return {
        _key(cells): (
            {name: cell for name, cell in cells.items() if name not in (*KEY, MASKED)},
            frozenset(name for name in cells if f"\n{name}\n" in f"\n{cells[MASKED] or ''}\n"),
        )
        for cells in _rows(sheet)
    }


def _page_lines(
    sheet: Sheet, held: dict[Key, tuple[Cells, frozenset[str]]], seen: set[Key]
) -> tuple[list[Line], list[str]]:
    lines, faults = [], []
    for number, cells in zip(sheet.rows.tolist(), _rows(sheet), strict=True):
        key = _key(cells)
        where = _("{page} line {line}: {key}").format(
            page=sheet.name, line=number, key=" ".join(part for part in key if part) or "-"
        )
        if key not in held:
            faults.append(_("{where} is no row that was held back").format(where=where))
        elif key in seen:
            faults.append(_("{where} stands there twice").format(where=where))
        else:
            lines.append(_line(sheet, number, key, cells, held[key]))
        seen.add(key)
    return lines, faults


def _line(
    sheet: Sheet, number: int, key: Key, cells: Cells, as_held: tuple[Cells, frozenset[str]]
) -> Line:
    held, masked = as_held
    changes = {
        name: cells.get(name)
        for name, before in held.items()
        if name in cells and cells[name] != before
    }
    table = cells.get("table") or ""
    faulty = _faulty(cells, held)
    return Line(sheet.file, sheet.name, number, key, table, held, changes, masked, faulty)


def _faulty(cells: Cells, held: Cells) -> frozenset[str]:
    """Return the headers that the columns at fault, or the reasons, name."""
    said = {*(cells.get("column") or "").split("; ")}
    said |= {name for part in said for name in part.split(", ")}
    for reason in (cells.get("reason") or "").split("; "):
        said |= {*reason.partition(": ")[2].split(", ")}
    return frozenset(name for name in held if {name, name.removesuffix(SUFFIX)} & said)


def _agreed(lines: list[Line]) -> tuple[list[Line], list[Problem]]:
    """Leave one of equal lines, and none of those that mend one state of a row in two ways."""
    states: dict[tuple[Key, tuple[tuple[str, str | None], ...]], list[Line]] = {}
    for line in lines:
        if line.changes:
            states.setdefault((line.key, tuple(line.held.items())), []).append(line)
    torn = {key for key, same in states.items() if len({line.content for line in same}) > 1}
    first = {key: same[0] for key, same in states.items() if key not in torn}
    changed = {id(line) for line in first.values()}
    problems = [
        (
            listing(list(dict.fromkeys(line.form for line in states[key]))),
            _("{row} is mended in two ways").format(row=states[key][0].place),
            _("leave one of them"),
        )
        for key in states
        if key in torn
    ]
    return [line for line in lines if not line.changes or id(line) in changed], problems


def _rows(sheet: Sheet) -> list[Cells]:
    names = list(sheet.frame.columns)
    columns = [[cell_as_read(value) for value in sheet.frame[name].tolist()] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _key(cells: Cells) -> Key:
    file, sheet, row = (cells[name] or "" for name in KEY)
    return file, sheet, row


def book_name(forms: int) -> str:
    """Return the name of the next workbook, so that it never takes the place of one in use."""
    stem, dot, suffix = MENDED_BOOK.rpartition(".")
    return f"{stem}_{forms + 1}{dot}{suffix}" if forms else MENDED_BOOK
