"""What is said of mended rows: how many, which moved, and what was changed beside the faults."""

from __future__ import annotations

import re
from collections.abc import Sequence

from insights.ingest.mending.held import BEYOND, SUFFIX
from insights.ingest.mending.lines import Cells, Key, Line
from insights.ingest.mending.putting_back import PutBack
from insights.ingest.privacy.headers import is_of_one_person, kind_of_header
from insights.words import _, listing

SAID = 12  # rows told one by one
TELLS_NOBODY = re.compile(  # dates, and numbers too short to be a phone or an account
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[-+]?(?:[0-9]{1,6}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,4})?%?"
)


def mended_notes(lines: Sequence[Line], back: PutBack, corrected: Sequence[Line]) -> list[str]:
    """Return what is said of ``lines``; ``corrected`` are those that are needed no more.

    Rows are counted once, in however many workbooks they stand.
    """
    if not lines:
        return []
    owners = {_owner(line) for line in corrected}
    corrected = [*corrected, *(line for line in lines if line.key in owners)]
    needless = set(corrected)
    read = [line for line in lines if line not in needless]
    words = _("{forms}: {n} rows mended, {m} left as they were")
    forms = listing(list(dict.fromkeys(line.form for line in lines)))
    rows = _rows(read)
    n = sum(rows)
    counted = words.format(forms=forms, n=n, m=len(rows) - n)
    return [counted, *_elsewhere(back, corrected), *_needless(corrected), *_sound_changes(read)]


def _owner(line: Line) -> Key:
    """Return the key that lines have which mend this one once more."""
    return line.form, line.page, str(line.number)


def _rows(lines: Sequence[Line]) -> list[bool]:
    """Return for each row whether it was mended; lines of one row are tied by what they hold."""
    owners = {_owner(line): line.key for line in lines}
    rows: dict[Key, list[tuple[set[frozenset[tuple[str, str]]], bool]]] = {}
    for line in lines:
        key = owners.get(line.key, line.key)
        states, mended = {_state(line.held), _state({**line.held, **line.changes})}, False
        others = []
        for own, done in rows.get(key, []):
            if own & states:
                states, mended = own | states, mended or done
            else:
                others.append((own, done))
        rows[key] = [*others, (states, mended or bool(line.changes))]
    return [done for own in rows.values() for _states, done in own]


def _state(cells: Cells) -> frozenset[tuple[str, str]]:
    return frozenset((name, cell) for name, cell in cells.items() if cell is not None)


def _elsewhere(back: PutBack, corrected: Sequence[Line]) -> list[str]:
    notes = []
    if back.moved:
        words = _("mended rows found elsewhere by their content, for the export changed: {rows}")
        notes.append(words.format(rows=listing([line.place for line in back.moved])))
    needless = set(corrected)
    alone = [line for one in back.orphans for line in one.lines if line not in needless]
    if alone:
        words = _(
            "mended rows whose original is not among the exports any more, or has changed there;"
            " taken as rows of their own: {rows}"
        )
        notes.append(words.format(rows=listing([line.place for line in alone])))
    return notes


def _needless(corrected: Sequence[Line]) -> list[str]:
    words = _(
        "{row} has been corrected in the export; its line in {book} is no longer needed: delete it"
    )
    notes = [words.format(row=line.place, book=line.form) for line in corrected[:SAID]]
    if len(corrected) > SAID:
        more = _("{n:,} more mended rows have been corrected in the export: delete their lines")
        notes.append(more.format(n=len(corrected) - SAID))
    return notes


def _sound_changes(lines: Sequence[Line]) -> list[str]:
    """Name changed cells that were not at fault; a row that was torn has none."""
    pages = {form: {line.page for line in lines if line.form == form}
             for form in dict.fromkeys(line.form for line in lines)}  # fmt: skip
    notes = []
    for line in lines:
        names = [name for name in line.changes if name not in line.faulty]
        if names and line.faulty and BEYOND not in line.held:
            page = f" [{line.page}]" if len(pages[line.form]) > 1 else ""
            changes = listing([_change(line, name) for name in names])
            words = _("{book}{page} row {row}: {changes} changed too")
            said = words.format(book=line.form, page=page, row=line.number, changes=changes)
            notes.append(said)
    if len(notes) > SAID:
        more = _("{n:,} more mended rows have sound cells changed too")
        return [*notes[:SAID], more.format(n=len(notes) - SAID)]
    return notes


def _change(line: Line, name: str) -> str:
    """Return a change as it may be shown: of numbers and dates that are of no person."""
    header = name.removesuffix(SUFFIX)
    values = [line.held[name], line.changes[name]]
    person = name in line.masked or kind_of_header(header) or is_of_one_person(header)
    if person or not all(value is None or TELLS_NOBODY.fullmatch(value) for value in values):
        return name
    before, after = (_("(empty)") if value is None else value for value in values)
    return f"{name} {before} -> {after}"
