"""Sheets to batches: each sheet by the mapping, else by its headers, else held back in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch, make_batch, unrecognised
from insights.ingest.exports import Exports
from insights.ingest.made_ids import made_words
from insights.ingest.mapping import Derivation, FilePlan, TablePlan, closest
from insights.ingest.mending.corrected import At, corrected_rows
from insights.ingest.mending.lines import Line
from insights.ingest.mending.putting_back import Orphans
from insights.ingest.privacy import Problem, open_door
from insights.ingest.privacy.places import PlaceNames, place_names
from insights.ingest.reading import Sheet
from insights.ingest.recognition import (
    left_out,
    place,
    recognise,
    recognise_columns,
    worth_asking,
)
from insights.ingest.required import MADE, needed
from insights.ingest.review_book import as_in_cell
from insights.ingest.vocabulary import Vocabulary
from insights.params import PrivacyParams
from insights.tables import CANONICAL
from insights.words import _, listing

BY_HEADER = TablePlan(other_columns="by_header")


@dataclass
class Findings:
    """What is found while ``sheets`` are placed, in their order; ``untold`` need a mapping.

    ``corrected`` are mended lines whose row the exports hold without a fault by now.
    """

    batches: list[Batch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    untold: list[Sheet] = field(default_factory=list)
    corrected: list[Line] = field(default_factory=list)


def place_sheets(
    exports: Exports,
    sheets: Sequence[Sheet],
    orphans: Sequence[Orphans],
    vocabulary: Vocabulary,
    beside: Mapping[Line, At] | None = None,
) -> Findings:
    """Which table is each sheet, and what keeps it from being one?

    Rows of ``orphans`` that the exports hold by now without a fault are left out (``beside``: see
    ``PutBack``).
    """
    found = Findings(problems=list(exports.problems), notes=list(exports.notes))
    found.sheets += sheets
    for file in dict.fromkeys(sheet.file for sheet in sheets):
        own = [sheet for sheet in sheets if sheet.file == file]
        _place_file(own, exports, vocabulary, found)
    before = list(found.batches)
    for one in orphans:
        left = _not_corrected(one, exports.plans(one.file), vocabulary, before, beside or {}, found)
        if len(left.lines):
            found.sheets.append(left.sheet)
            _place_orphans(left, exports.plans(one.file), vocabulary, found)
    for table, rows in exports.mapping.rows.items():
        sheet = _literal_sheet(exports.named, table, [dict(row) for row in rows])
        plan = TablePlan(columns={column: column for column in sheet.frame.columns})
        found.batches.append(make_batch(sheet, table, plan, vocabulary))
    found.notes[:0] = [
        _("{place}: {note}").format(place=place(batch.sheet), note=note)
        for batch in found.batches
        for note in batch.notes
    ]
    return found


def shown_names(
    exports: Exports, sheets: Sequence[Sheet], vocabulary: Vocabulary, privacy: PrivacyParams
) -> PlaceNames:
    """Return what files and sheets are called where they are shown, people taken out.

    ``PrivacyError`` as ``open_door``.
    """
    batches = place_sheets(exports, sheets, [], vocabulary).batches
    placed = {(batch.sheet.file, batch.sheet.name) for batch in batches}
    more = [unrecognised(s, "") for s in sheets if (s.file, s.name) not in placed]
    door = open_door([*batches, *more], privacy)
    return place_names(door.kinds, [], door.scrubber)


def _place_file(
    sheets: list[Sheet], exports: Exports, vocabulary: Vocabulary, found: Findings
) -> None:
    """Sheets of a file that the mapping does not name go the way of files it does not name."""
    plans, before = exports.plans(sheets[0].file), len(found.batches)
    for plan in plans:
        _read_mapped(sheets, plan, vocabulary, found)
    some = any(batch.plan.columns for batch in found.batches[before:])
    named = {plan.sheet for plan in plans}
    others = [sheet for sheet in sheets if None not in named and sheet.name not in named]
    if exports.mapping.other_files == "by_header":
        _read_recognised(others, vocabulary, found, beside=some)
    elif others:
        words = _("not named by the mapping, left alone: {files}")
        found.notes.append(words.format(files=listing([place(sheet) for sheet in others])))


def _not_corrected(
    orphans: Orphans,
    plans: list[FilePlan],
    vocabulary: Vocabulary,
    exports: list[Batch],
    beside: Mapping[Line, At],
    found: Findings,
) -> Orphans:
    tried = Findings()
    _place_orphans(orphans, plans, vocabulary, tried)
    held = corrected_rows(tried.batches, orphans.lines, exports, beside)
    found.corrected += [line for line, done in zip(orphans.lines, held, strict=True) if done]
    return orphans.some(~held)


def _place_orphans(
    orphans: Orphans, plans: list[FilePlan], vocabulary: Vocabulary, found: Findings
) -> None:
    mapped = {table: plan for one in plans for table, plan in one.tables.items()}
    tables = [table for table in orphans.table.split("; ") if table in CANONICAL]
    if tables:
        wanted = {table: mapped.get(table, BY_HEADER) for table in tables}
        _add(orphans.sheet, wanted, vocabulary, found)
    else:
        _read_recognised([orphans.sheet], vocabulary, found)


def _read_recognised(
    sheets: list[Sheet], vocabulary: Vocabulary, found: Findings, beside: bool = False
) -> None:
    """Find tables by headers; a sheet beside a table may be notes, a file of none is a fault."""
    tables = [(sheet, recognise(sheet, vocabulary)) for sheet in sheets]
    some = beside or any(result.table and not result.problem for _sheet, result in tables)
    for sheet, result in tables:
        if not result.problem:
            _add(sheet, {result.table: result.plan}, vocabulary, found)
            found.notes += result.notes
        elif some and not result.table and not worth_asking(sheet, vocabulary):
            words = _("{place}: no table, left alone: {problem}")
            found.notes.append(words.format(place=place(sheet), problem=result.problem))
        else:
            found.untold.append(sheet)
            _hold_back(sheet, result.problem, "", found)


def _hold_back(sheet: Sheet, problem: str, table: str, found: Findings) -> None:
    if len(sheet.rows):
        found.batches.append(unrecognised(sheet, problem, table))
    else:
        remedy = _("rename the headers, or write a mapping")
        found.problems.append((sheet.file, problem, remedy))


def _read_mapped(
    sheets: list[Sheet], plan: FilePlan, vocabulary: Vocabulary, found: Findings
) -> None:
    chosen = [sheet for sheet in sheets if plan.sheet in (None, sheet.name)]
    if not chosen:
        words = _("no sheet is called {sheet}; it has {names}").format(
            sheet=plan.sheet, names=", ".join(sheet.name for sheet in sheets)
        )
        found.problems.append((sheets[0].file, words, _("correct the mapping file")))
    for sheet, plan in [(sheet, _as_headed(plan, sheet)) for sheet in chosen]:
        if not plan.tables:
            words = _("{place}: left out by the mapping, {n:,} rows not read")
            found.notes.append(words.format(place=place(sheet), n=len(sheet.rows)))
            continue
        _add(sheet, plan.tables, vocabulary, found, tuple(plan.left_out))
        found.notes += [
            _("{place}: left out {column}").format(place=place(sheet), column=f"{header}: {why}")
            for header, why in plan.left_out.items()
        ]


def _as_headed(plan: FilePlan, sheet: Sheet) -> FilePlan:
    """Return a plan with a sheet's headers as they are there: a workbook cannot hold some."""
    written: dict[str, str] = {}
    for header in sheet.frame.columns:
        written.setdefault(as_in_cell(header).strip(), header)
    wanted = {name for table in plan.tables.values() for name in table.inputs} | {*plan.left_out}
    other = {name: written[name] for name in wanted - set(sheet.frame.columns) if name in written}
    if not other:
        return plan
    tables = {name: _with_headers(table, other) for name, table in plan.tables.items()}
    left = {other.get(name, name): why for name, why in plan.left_out.items()}
    return replace(plan, tables=tables, left_out=left)


def _with_headers(plan: TablePlan, other: dict[str, str]) -> TablePlan:
    """Return a plan in which columns that are a header, or one times a unit, have another one."""
    columns: dict[str, str | Derivation] = {}
    for name, made in plan.columns.items():
        if isinstance(made, str):
            columns[name] = other.get(made, made)
        else:
            named = made.column in other
            columns[name] = replace(made, column=other[made.column]) if named else made  # type: ignore[index]
    return replace(plan, columns=columns)


def _add(
    sheet: Sheet,
    tables: dict[str, TablePlan],
    vocabulary: Vocabulary,
    found: Findings,
    known: tuple[str, ...] = (),
) -> None:
    used = set(known)
    for table, plan in tables.items():
        whole, problem = _completed(sheet, table, plan, vocabulary, found)
        used.update(whole.inputs)
        if not problem:
            found.batches.append(make_batch(sheet, table, whole, vocabulary))
            if MADE.get(table, "") not in ("", *whole.columns):
                found.notes.append(made_words(table, place(sheet)))
            continue
        found.untold.append(sheet)
        found.batches.append(unrecognised(sheet, problem, table))
        if not len(sheet.rows):
            remedy = _("rename the headers, or write a mapping")
            found.problems.append((sheet.file, problem, remedy))
    found.notes += left_out(sheet, used, list(tables), vocabulary)


def _completed(
    sheet: Sheet, table: str, plan: TablePlan, vocabulary: Vocabulary, found: Findings
) -> tuple[TablePlan, str]:
    """Return a table's whole plan, and what keeps it from being made of this sheet."""
    whole, problem = plan, ""
    if plan.other_columns == "by_header":
        result = recognise_columns(sheet, table, plan, vocabulary)
        whole, problem = result.plan, result.problem
        found.notes += result.notes
    headers = list(sheet.frame.columns)
    absent = [name for name in whole.inputs if name not in headers]
    gaps = [name for name in needed(table) if name not in whole.columns]
    words = [_("the mapping names column {name}, which is not there; {near}").format(
        name=name, near=closest(name, headers)) for name in absent]  # fmt: skip
    words += [_("{table}: no column for {name}").format(table=table, name=name) for name in gaps]
    return whole, "; ".join([problem, *words] if problem else words)


def _literal_sheet(file: str, table: str, rows: list[dict[str, object]]) -> Sheet:
    """Return the rows that a mapping holds itself, numbered from 1 as they stand there."""
    frame = pd.DataFrame(
        [{key: None if v is None else str(v) for key, v in row.items()} for row in rows],
        dtype="str",
    )
    n = len(frame)
    return Sheet(file, f"rows.{table}", frame, np.arange(1, n + 1), np.zeros(n, dtype=bool))
