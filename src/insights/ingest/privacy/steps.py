"""The steps at the door: contacts, people who asked to be erased, doctors' lines, texts, cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.faults import fault_rows
from insights.ingest.privacy.cells import added_up, small_cells
from insights.ingest.privacy.columns import (
    CONTACT,
    CONTACTS,
    MEASURES,
    PRESCRIPTIONS,
    thing_columns,
    written_columns,
)
from insights.ingest.privacy.headers import is_of_one_person, kind_of_values
from insights.ingest.privacy.held_rows import is_written, without_people
from insights.ingest.privacy.kinds import TOKENS, WITHHELD
from insights.ingest.privacy.opening import Door, used_headers
from insights.ingest.privacy.rep_names import without_rep_names
from insights.ingest.privacy.report import Action, Handled
from insights.tables import CANONICAL
from insights.words import _


def _noted(batch: Batch, column: str, kind: str, action: Action, n: int) -> Handled:
    shown = batch.shown(column)
    return Handled(batch.sheet.file, batch.sheet.name, batch.table, shown, kind, action, n)


def clean_values(batch: Batch, door: Door) -> tuple[Batch, list[Handled]]:
    """Return a batch whose values name nobody, and what was done."""
    handled: list[Handled] = []
    for step in (_contacts, _erased, _doctors, _reps, _ids, _texts):
        batch, done = step(batch, door)
        handled += done
    return batch, handled


def _contacts(batch: Batch, door: Door) -> tuple[Batch, list[Handled]]:
    if CONTACT not in batch.values:
        return batch, []
    contacts = batch.values[CONTACT].mask(batch.values[CONTACT].isin([*TOKENS.values(), WITHHELD]))
    n = int(contacts.notna().sum())
    if door.key is not None:
        hashed = door.key.hashed(contacts, batch.values.get("customer_id"))
        made = replace(batch, values=batch.values.assign(**{CONTACT: hashed}))
        return made, [_noted(batch, CONTACT, "contact", "hashed", n)]
    done = [_noted(batch, CONTACT, "contact", "dropped", n)]
    nameless = replace(batch, values=batch.values.drop(columns=CONTACT))
    if batch.table != CONTACTS:
        return nameless, done
    reason, remedy = _("contacts are dropped"), _("to keep keyed hashes: privacy.contacts: hash")
    faults = fault_rows(batch.positions, reason, remedy, expected=True)
    return nameless.with_faults([faults]), done


def _erased(batch: Batch, door: Door) -> tuple[Batch, list[Handled]]:
    """Hold back the rows of people who asked to be erased: an old export may still have them."""
    if CONTACT not in batch.values or not door.params.erased_contacts:
        return batch, []
    gone = batch.values[CONTACT].isin(door.params.erased_contacts).to_numpy(bool)
    faults = fault_rows(
        batch.positions[gone], _("erased on request"), _("nothing to do"), expected=True
    )
    done = [_noted(batch, CONTACT, "contact", "dropped", int(gone.sum()))]
    nobody = batch.values.assign(**{CONTACT: batch.values[CONTACT].mask(gone)})
    return replace(batch, values=nobody).with_faults([faults]), done


def _of_doctors(batch: Batch, door: Door) -> bool:
    if batch.table != PRESCRIPTIONS:
        return False
    kinds = door.of(batch.sheet)
    return "name" in kinds.values() or any(is_of_one_person(header) for header in kinds)


def _several_lines(batch: Batch) -> bool:
    """Say whether a cell of prescriptions has several lines: of whom, nobody knows."""
    if batch.table != PRESCRIPTIONS:
        return False
    keys = [key for key in CANONICAL[PRESCRIPTIONS].key if key in batch.values]
    return bool(keys) and bool(batch.values.duplicated(keys).any())


def _doctors(batch: Batch, door: Door) -> tuple[Batch, list[Handled]]:
    if not _of_doctors(batch, door) or not len(batch.values):
        return batch, []
    whole, n = added_up(batch)
    return whole, [_noted(batch, MEASURES[0], "doctor_lines", "added_up", n)]


def _reps(batch: Batch, door: Door) -> tuple[Batch, list[Handled]]:
    """Put pseudonyms in place of reps who are told by their names."""
    made, done = without_rep_names(batch, door.reps)
    action: Action = "numbered" if door.key is None else "hashed"
    return made, [_noted(batch, name, "name", action, n) for name, n in done.items()]


def _ids(batch: Batch, door: Door) -> tuple[Batch, list[Handled]]:
    """Hold back rows whose code is a sentence about a person: ids are never altered.

    A code that is a name and nothing else is kept, and counted where a column is full of them.
    """
    faults, handled = [], []
    reason, remedy = _("a code that speaks of a person"), _("put the code there, and no words")
    for name in _id_columns(batch):
        cells = batch.values[name]
        where = is_written(cells).copy()
        if where.any():
            scrubbed = door.scrubber.scrub(cells[where], free=False).values
            named = scrubbed.str.contains(TOKENS["name"], regex=False)
            where[where] = (named & (scrubbed != TOKENS["name"])).to_numpy(bool)
        place = batch.shown(name)
        faults.append(fault_rows(batch.positions[where], reason, remedy, place, cells[where]))
        handled.append(_noted(batch, name, "name", "dropped", int(where.sum())))
    return batch.with_faults(faults), handled


def _id_columns(batch: Batch) -> list[str]:
    table = CANONICAL.get(batch.table)
    ids = [column.name for column in table.columns if column.type == "id"] if table else []
    return [name for name in ids if name in batch.values and name != CONTACT]


def _texts(batch: Batch, door: Door) -> tuple[Batch, list[Handled]]:
    """Scrub what people wrote, names of things, and words that are no code of their column."""
    if batch.table not in CANONICAL:
        return batch, []
    values, done = batch.values, []
    for column in [column for column in CANONICAL[batch.table].columns if column.name in values]:
        name, cells = column.name, values[column.name]
        if column.type == "code":
            cells = cells.mask(cells.isin(column.codes))
        elif name not in written_columns(batch.table) + thing_columns(batch.table):
            continue
        scrubbed = door.scrubber.scrub(cells, free=name not in thing_columns(batch.table))
        if scrubbed.cells:
            values = values.assign(**{name: scrubbed.values.fillna(values[name])})
        done += [_noted(batch, name, kind, "scrubbed", n) for kind, n in scrubbed.cells.items()]
    return replace(batch, values=values), done


def not_taken(batches: list[Batch], door: Door) -> list[Handled]:
    """Count columns of personal data that no table reads, and codes that look personal."""
    used, handled, seen = used_headers(batches), [], set()
    for batch in batches:
        place = (batch.sheet.file, batch.sheet.name)
        headers = [h for h, kind in door.of(batch.sheet).items() if kind and h not in used[place]]
        for header in [] if place in seen else headers:
            cells = batch.sheet.frame[header]
            n = int((cells.notna() & (cells.str.strip() != "")).sum())
            kind = str(door.of(batch.sheet)[header])
            handled.append(Handled(*place, "", header, kind, "not_taken", n))
        seen.add(place)
        handled += _personal_codes(batch, door)
    return handled


def _personal_codes(batch: Batch, door: Door) -> list[Handled]:
    found = [
        (name, kind_of_values(batch.values[name], door.scrubber, door.params.personal_share))
        for name in _id_columns(batch)
    ]
    return [
        _noted(batch, name, kind, "kept", int(batch.values[name].notna().sum()))
        for name, kind in found
        if kind is not None
    ]


def suppress(batches: list[Batch], door: Door) -> tuple[list[Batch], list[Handled]]:
    """Blank small cells of prescriptions, over all files together, and count them."""
    parts = [(i, b.values[b.sound]) for i, b in enumerate(batches) if b.table == PRESCRIPTIONS]
    parts = [(i, rows) for i, rows in parts if len(rows)]
    if not parts:
        return batches, []
    cells = pd.concat([rows for _i, rows in parts], ignore_index=True)
    small, more = small_cells(cells, door.params.min_cell, door.params.complementary)
    made, handled, start = list(batches), [], 0
    for i, rows in parts:
        stop = start + len(rows)
        made[i] = _blanked(batches[i], rows.index[(small | more)[start:stop]])
        for where, kind in ((small, "small_cell"), (more, "complement")):
            n = int(np.count_nonzero(where[start:stop]))
            handled.append(_noted(batches[i], MEASURES[0], kind, "suppressed", n))
        start = stop
    return made, handled


def mask_held(batch: Batch, door: Door) -> Batch:
    """Return a batch whose rows held back, and faults, name nobody."""
    of_one = _of_doctors(batch, door) or _several_lines(batch)
    return without_people(batch, door.of(batch.sheet), door.scrubber, door.params.min_cell, of_one)


def _blanked(batch: Batch, rows: pd.Index) -> Batch:
    values = batch.values.copy()
    for name in [name for name in MEASURES if name in values]:
        values.loc[rows, name] = pd.NA if values[name].dtype == "Int64" else np.nan
    return replace(batch, values=values)
