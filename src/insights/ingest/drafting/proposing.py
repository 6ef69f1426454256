"""What a sheet's headers say by themselves, a row for each header: sure, left out, or open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from insights.ingest.drafting.columns import COLUMNS, OPEN
from insights.ingest.mapping import Derivation, TablePlan, nearest
from insights.ingest.reading import Sheet
from insights.ingest.recognition import (
    Recognised,
    column_of,
    like_kind,
    nearest_tables,
    needs_unit,
    recognise,
    recognise_columns,
    worth_asking,
)
from insights.ingest.required import needed
from insights.ingest.sheet_names import scale_of_sheet
from insights.ingest.vocabulary import Vocabulary, as_compared
from insights.tables import CANONICAL
from insights.words import _, listing


@dataclass(frozen=True)
class Reading:
    """How far a sheet is understood: its table ("" = unknown) and columns, and what is wrong."""

    sheet: Sheet
    table: str
    plan: TablePlan
    problem: str
    missing: tuple[str, ...] = ()


def propose(sheets: Sequence[Sheet], vocabulary: Vocabulary) -> pd.DataFrame:
    """Return a row of ``COLUMNS`` for each header of each sheet, samples left empty.

    What ingest tells by headers alone is proposed as it is, so that an unchanged draft changes
    nothing. What it cannot tell is marked ``?``, with the closest candidates in the note; a column
    that every row needs and no header gives stands in a row without a header.
    """
    rows: list[list[str]] = []
    for file in dict.fromkeys(sheet.file for sheet in sheets):
        own = [sheet for sheet in sheets if sheet.file == file]
        results = [recognise(sheet, vocabulary) for sheet in own]
        some = any(result.table and not result.problem for result in results)
        for sheet, result in zip(own, results, strict=True):
            rows += _rows(_reading(sheet, result, some, vocabulary), vocabulary)
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


def _reading(sheet: Sheet, result: Recognised, beside: bool, vocabulary: Vocabulary) -> Reading:
    if result.table:
        return Reading(sheet, result.table, result.plan, result.problem)
    quiet = beside and not worth_asking(sheet, vocabulary)
    near = [] if quiet else nearest_tables(sheet, vocabulary)
    if len(near) != 1:
        return Reading(sheet, "", TablePlan(), result.problem)
    own = recognise_columns(sheet, near[0].table, TablePlan(), vocabulary)
    missing = tuple(n for n in needed(own.table) if n not in own.plan.columns)
    if not missing:
        return Reading(sheet, "", TablePlan(), result.problem)
    return Reading(sheet, own.table, own.plan, own.problem, missing)


def _rows(reading: Reading, vocabulary: Vocabulary) -> list[list[str]]:
    sheet = reading.sheet
    taken = {
        reading.plan.derivation(name).inputs[0]: (name, reading.plan.derivation(name))
        for name in reading.plan.columns
    }
    others = [header for header in sheet.frame.columns if header not in taken]
    alone = {header: _alone(reading, header, vocabulary) for header in others}
    rows = [
        _taken_row(reading, header, *taken[header])
        if header in taken
        else _other_row(reading, header, alone, vocabulary)
        for header in sheet.frame.columns
    ]
    if not reading.table and rows:
        rows[0][-1] = reading.problem
    return rows + [_gap(sheet.file, sheet.name, reading.table, name) for name in reading.missing]


def with_gaps(draft: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    """Return a draft with a row for each required column that its sheet's headers do not give.

    A person may have taken such a row out of the book. A header that is open is read by itself; a
    sheet without one was told as a whole, and nothing is asked of it.
    """
    groups = draft[draft.table.isin(CANONICAL)].groupby(["file", "sheet", "table"], sort=False)
    gaps = []
    for key, own in groups:
        file, sheet, table = map(str, key)
        rest = draft[(draft.file == file) & (draft.sheet == sheet)]
        is_open = (rest.table == OPEN) | (rest.column == OPEN)
        if not is_open.any():
            continue
        alone = {
            column_of(header, table, vocabulary, (file, sheet)) for header in rest.header[is_open]
        }
        given = {*own.column, *alone}
        gaps += [_gap(file, sheet, table, n) for n in needed(table) if n not in given]
    more = pd.DataFrame(gaps, columns=COLUMNS, dtype="str")
    return pd.concat([draft, more], ignore_index=True) if gaps else draft


def _gap(file: str, sheet: str, table: str, column: str) -> list[str]:
    words = _("every row of {table} needs it: choose it above, or write the header here")
    note = words.format(table=table)
    return [file, sheet, "", *[""] * 3, table, column, "", _("missing"), note]


def _taken_row(reading: Reading, header: str, column: str, how: Derivation) -> list[str]:
    note = _("amounts times {unit}").format(unit=how.unit) if how.unit else ""
    answers = [reading.table, column, how.unit, _("by its header"), note]
    return [*_place(reading, header), *answers]


def _other_row(
    reading: Reading, header: str, alone: dict[str, str | None], vocabulary: Vocabulary
) -> list[str]:
    place = _place(reading, header)
    if not reading.table:
        return [*place, OPEN, OPEN, "", _("open"), ""]
    column = alone[header]
    if (told := _without_unit(reading, header, vocabulary)) is not None:
        return [*place, *told]
    if column is not None and column not in reading.plan.columns:
        words = _("{headers} could each be {column}: choose one")
        rivals = [name for name, own in alone.items() if own == column]
        note = words.format(headers=listing(rivals), column=column)
        return [*place, reading.table, OPEN, "", _("open"), note]
    if column is not None:
        words = _("{column} is read from {header}")
        note = words.format(column=column, header=reading.plan.derivation(column).inputs[0])
        return [*place, "", "", "", _("left out"), note]
    near = _closest(header, reading.table, vocabulary)
    if reading.missing:
        return [*place, reading.table, OPEN, "", _("open"), near or _("an unknown header")]
    return [*place, "", "", "", _("left out"), near or _("no column of this table")]


def _without_unit(reading: Reading, header: str, vocabulary: Vocabulary) -> list[str] | None:
    """Return what is asked of money whose unit stands in the sheet's name and nowhere else."""
    sheet = reading.sheet
    column = column_of(header, reading.table, vocabulary, (sheet.file, sheet.name))
    if column is None or not needs_unit(sheet, reading.table, column, header):
        return None
    note = _("the sheet's name says {unit}元: choose {column}, and empty the unit if it is not so")
    unit = scale_of_sheet(sheet)
    return [reading.table, OPEN, unit, _("open"), note.format(unit=unit, column=column)]


def _place(reading: Reading, header: str) -> list[str]:
    return [reading.sheet.file, reading.sheet.name, header, "", "", ""]


def _alone(reading: Reading, header: str, vocabulary: Vocabulary) -> str | None:
    """Return the column that a header would be if it stood alone."""
    if not reading.table:
        return None
    sheet = replace(reading.sheet, frame=reading.sheet.frame[[header]], repeated=())
    columns = recognise_columns(sheet, reading.table, TablePlan(), vocabulary).plan.columns
    return next(iter(columns), None)


def _closest(header: str, table: str, vocabulary: Vocabulary) -> str:
    known = vocabulary.columns[table]
    near = like_kind(header, nearest(as_compared(header), sorted(known)))
    names = list(dict.fromkeys(known[word] for word in near))
    return _("closest: {names}").format(names=", ".join(names)) if names else ""
