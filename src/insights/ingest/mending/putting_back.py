"""Mended rows in the place of their originals, each cell that a person changed and no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest.mending.held import BEYOND, RESERVED
from insights.ingest.mending.lines import Line
from insights.ingest.mending.rows import MendedRows
from insights.ingest.privacy.kinds import MASK
from insights.ingest.privacy.places import unnumbered
from insights.ingest.reading import Sheet
from insights.words import _, listing

SUFFIX = " (raw)"
Place = tuple[str, str]  # file and sheet


@dataclass(frozen=True)
class Orphans:
    """Mended rows whose original is not among the exports: of which file, and of which table."""

    sheet: Sheet
    file: str
    table: str


@dataclass(frozen=True)
class PutBack:
    """``sheets`` (in their order) with mended rows in them, and rows that have no original."""

    sheets: list[Sheet]
    orphans: list[Orphans]
    notes: list[str]


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
    orphans, again = _without_original(lost)
    alone = [line for line in lost if line not in again]
    notes = _notes(lines, changed, moved, alone)
    return PutBack([own.whole() for own in rows.values()], orphans, notes)


def _without_original(lost: list[Line]) -> tuple[list[Orphans], list[Line]]:
    """Return sheets of rows without an original, and the lines that mend these once more."""
    forms = {line.form for line in lost}
    first = _orphans([line for line in lost if line.key[0] not in forms])
    rows = {(one.sheet.file, one.sheet.name): MendedRows(one.sheet) for one in first}
    later = [line for line in lost if line.key[0] in forms]
    _moved, left = _put(rows, later, {})
    mended = [Orphans(rows[one.sheet.file, one.sheet.name].whole(), one.file, one.table)
              for one in first]  # fmt: skip
    return mended + _orphans(left), [line for line in later if line not in left]


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
        made.append(Orphans(_sheet(form, name, own), file, table))
    return made


def _sheet(form: str, name: str, lines: list[Line]) -> Sheet:
    cells = [{**line.held, **line.changes} for line in lines]
    marked = np.array([one.pop(BEYOND, None) is not None for one in cells], dtype=bool)
    frame = pd.DataFrame(cells, index=range(len(cells))).astype("str")
    names = {shown: shown.removesuffix(SUFFIX) for shown in frame.columns}
    renamed = {shown: plain for shown, plain in names.items() if plain in RESERVED}
    numbers = np.array([line.number for line in lines], dtype=np.int64)
    return Sheet(form, name, frame.rename(columns=renamed), numbers, marked)


def _notes(
    lines: Sequence[Line], changed: list[Line], moved: list[Line], lost: list[Line]
) -> list[str]:
    if not lines:
        return []
    forms = listing(list(dict.fromkeys(line.form for line in lines)))
    words = _("{forms}: {n} rows mended, {m} left as they were")
    notes = [words.format(forms=forms, n=len(changed), m=len(lines) - len(changed))]
    if moved:
        words = _("mended rows found elsewhere by their content, for the export changed: {rows}")
        notes.append(words.format(rows=listing([line.place for line in moved])))
    if lost:
        words = _(
            "mended rows whose original is not among the exports any more, or has changed there;"
            " taken as rows of their own: {rows}"
        )
        notes.append(words.format(rows=listing([line.place for line in lost])))
    return notes
