"""Mended rows in the place of their originals, each cell that a person changed and no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.ingest.mending.held import BEYOND, RESERVED, SUFFIX
from insights.ingest.mending.lines import Line
from insights.ingest.mending.rows import MendedRows
from insights.ingest.privacy.kinds import MASK
from insights.ingest.privacy.places import unnumbered
from insights.ingest.reading import Sheet

Place = tuple[str, str]  # file and sheet


@dataclass(frozen=True)
class Orphans:
    """Mended rows whose original is not among the exports: of which file, and of which table.

    ``lines`` are those of the rows of ``sheet``, in their order.
    """

    sheet: Sheet
    file: str
    table: str
    lines: tuple[Line, ...]

    def some(self, rows: np.ndarray) -> Orphans:
        """Return those that a mask names."""
        if rows.all():
            return self
        frame = self.sheet.frame[rows].reset_index(drop=True)
        sheet = replace(
            self.sheet, frame=frame, rows=self.sheet.rows[rows], shifted=self.sheet.shifted[rows]
        )
        kept = tuple(line for line, one in zip(self.lines, rows.tolist(), strict=True) if one)
        return replace(self, sheet=sheet, lines=kept)


@dataclass(frozen=True)
class PutBack:
    """``sheets`` (in their order) with mended rows in them, and rows that have no original.

    ``beside``: line without an original -> file, sheet and position of the row that is at its place
    and differs in mended cells alone. ``moved`` lines were found elsewhere.
    """

    sheets: list[Sheet]
    orphans: list[Orphans]
    beside: dict[Line, tuple[str, str, int]]
    moved: list[Line]


def put_back(
    sheets: Sequence[Sheet], lines: Sequence[Line], shown: Mapping[Place, Place] | None = None
) -> PutBack:
    """Give each changed line its row: by file, sheet and number, while the row still is the same.

    A row that moved is found by its content. Lines may mend one row one after the other. A row that
    is not there any more, or is another one now, is taken as a row of its own. ``shown``: what
    file and sheet are called where that is not their name, for it is a person's.
    """
    names = shown or {}
    rows = {(sheet.file, sheet.name): MendedRows(sheet) for sheet in sheets}
    changed = [line for line in lines if line.changes]
    moved, lost = _put(rows, changed, names)
    beside = {line: at for line in lost if (at := _beside(rows, line, names)) is not None}
    whole = [own.whole() for own in rows.values()]
    return PutBack(whole, _without_original(lost), beside, moved)


def _beside(
    rows: dict[Place, MendedRows], line: Line, shown: Mapping[Place, Place]
) -> tuple[str, str, int] | None:
    found = [
        (*place, at)
        for place in _places(rows, line, shown)[0]
        if (at := rows[place].corrected(line)) is not None
    ]
    return found[0] if len(found) == 1 else None


def _without_original(lost: list[Line]) -> list[Orphans]:
    """Return sheets of rows without an original; some lines mend rows of these once more."""
    forms = {line.form for line in lost}
    first = _orphans([line for line in lost if line.key[0] not in forms])
    rows = {(one.sheet.file, one.sheet.name): MendedRows(one.sheet) for one in first}
    later = [line for line in lost if line.key[0] in forms]
    _moved, left = _put(rows, later, {})
    whole = [replace(one, sheet=rows[one.sheet.file, one.sheet.name].whole()) for one in first]
    return whole + _orphans(left)


def _put(
    rows: dict[Place, MendedRows], lines: list[Line], shown: Mapping[Place, Place]
) -> tuple[list[Line], list[Line]]:
    """Put lines into their rows as long as one fits; return those that moved and those left."""
    moved: list[Line] = []
    pending = lines
    while True:
        left = [line for line in pending if not _done(rows, line, shown, moved)]
        if len(left) == len(pending):
            return moved, left
        pending = left


def _done(
    rows: dict[Place, MendedRows], line: Line, shown: Mapping[Place, Place], moved: list[Line]
) -> bool:
    for places in _places(rows, line, shown):
        own = [rows[place] for place in places]
        found = [(one, at) for one in own if (at := one.find(line)) is not None]
        if len(found) == 1:
            one, at = found[0]
            one.put(at, line.changes)
            if str(one.sheet.rows[at]) != line.key[2]:
                moved.append(line)
            return True
        if any(one.has(line) for one in own):
            return True
    return False


def _places(
    rows: dict[Place, MendedRows], line: Line, shown: Mapping[Place, Place]
) -> list[list[Place]]:
    """Return the sheet of a line, and where it is shown without a person's name, others like it.

    Those come second: with a file more, the same one is shown under another number. The row's cells
    then tell which.
    """
    wanted = line.key[:2]
    exact = [place for place in rows if shown.get(place, place) == wanted]
    if MASK not in "".join(wanted):
        return [exact]
    plain = [unnumbered(name) for name in wanted]
    like = [p for p in rows if [unnumbered(name) for name in shown.get(p, p)] == plain]
    return [exact, like]


def _orphans(lines: list[Line]) -> list[Orphans]:
    """Return a sheet for each page, file and table of rows without an original."""
    groups: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.form, line.page, line.key[0], line.table), []).append(line)
    taken: dict[tuple[str, str], int] = {}
    made = []
    for (form, page, file, table), own in groups.items():
        taken[form, page] = taken.get((form, page), 0) + 1
        name = page if taken[form, page] == 1 else f"{page} {taken[form, page]}"
        made.append(Orphans(_sheet(form, name, own), file, table, tuple(own)))
    return made


def _sheet(form: str, name: str, lines: list[Line]) -> Sheet:
    cells = [{**line.held, **line.changes} for line in lines]
    marked = np.array([one.pop(BEYOND, None) is not None for one in cells], dtype=bool)
    frame = pd.DataFrame(cells, index=range(len(cells))).astype("str")
    names = {shown: shown.removesuffix(SUFFIX) for shown in frame.columns}
    renamed = {shown: plain for shown, plain in names.items() if plain in RESERVED}
    numbers = np.array([line.number for line in lines], dtype=np.int64)
    return Sheet(form, name, frame.rename(columns=renamed), numbers, marked)
