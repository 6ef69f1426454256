"""Dirty exports in, canonical tables out."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch, make_batch, unrecognised
from insights.ingest.mapping import FilePlan, Mapping, TablePlan, closest, load_mapping
from insights.ingest.naming import answered, is_review, is_review_file, unread_answers, write_review
from insights.ingest.outcome import IngestReport, count, list_faults
from insights.ingest.privacy import PrivacyError
from insights.ingest.reading import SUFFIXES, Sheet, UnreadableError, read_file
from insights.ingest.recognition import left_out, place, recognise, recognise_columns
from insights.ingest.settling import Settled, settle
from insights.ingest.vocabulary import Vocabulary, load_vocabulary
from insights.ingest.writing import (
    QUARANTINE,
    foreign_files,
    mend,
    rows_replaced,
    switched_in,
    write_quarantine,
    write_tables,
)
from insights.params import NamesParams, ParamsError, PrivacyParams
from insights.tables import CANONICAL
from insights.words import _, listing


@dataclass
class Findings:
    """What is found while the files are read, in their order."""

    batches: list[Batch] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)  # file, reason, remedy
    notes: list[str] = field(default_factory=list)
    answers: list[Sheet] = field(default_factory=list)


DOOR, MATCHING = PrivacyParams(), NamesParams()


def ingest_folder(
    raw: Path,
    to: Path,
    mapping: Path | None = None,
    privacy: PrivacyParams = DOOR,
    names: NamesParams = MATCHING,
) -> IngestReport:
    """Which rows of these exports are canonical tables, and what is wrong with the others?

    Reads every CSV, Excel and Parquet file of ``raw`` (a folder, its folders, or one file), finds
    each table by a mapping file, by headers, or by file name, and replaces all of ``to`` with
    ``<table>.parquet`` and ``quarantine/<file>.csv`` in one step. read = accepted + quarantined for
    each file and table. What cannot be used is told in the report (exit code 1), never raised, and
    then ``to`` keeps its tables. People are taken out at the door (``privacy``). Rows told by a
    name get their customer (``names``); names in doubt are listed in ``review/names.xlsx``, which
    a person fills in and puts among the exports.
    """
    raw, to = Path(raw).absolute(), Path(to).absolute()
    hindrance = _hindrance(raw, to)
    if hindrance:
        return _unusable(to, [hindrance])
    try:
        plan = load_mapping(Path(mapping)) if mapping else Mapping()
    except ParamsError as error:
        return _unusable(to, [(str(mapping), str(error), _("correct the mapping file"))])
    mend(to)
    found = _read_all(raw, plan, Path(mapping).name if mapping else "")
    if lost := unread_answers(to, found.answers):
        remedy = _("put the filled list among the exports, or take it away")
        return _unusable(to, [(f"{to}/review", lost, remedy)])
    try:
        settled = settle(found.batches, found.notes, found.problems, privacy, names)
    except PrivacyError as error:
        remedy = _("give the key or the list, or correct params.privacy")
        return _unusable(to, [(str(raw), str(error), remedy)])
    return _written(settled, to, bool(plan.files))


def _hindrance(raw: Path, to: Path) -> tuple[str, str, str] | None:
    if not raw.exists():
        return str(raw), _("no such file or folder"), _("name the folder of the exports")
    if to == raw or to in raw.parents or raw in to.parents:
        return str(to), _("lies inside the exports, or they in it"), _("name another folder")
    words = foreign_files(to)
    return (str(to), words, _("tables are replaced as a whole")) if words else None


def _unusable(to: Path, problems: list[tuple[str, str, str]]) -> IngestReport:
    return IngestReport(1, count([]), list_faults([], problems), (), str(to))


def _read_all(raw: Path, mapping: Mapping, name: str) -> Findings:
    found = Findings()
    vocabulary = load_vocabulary()
    files, alone = _files(raw, found), []
    for file, path in files.items():
        plans = [plan for plan in mapping.files if _is_named(file, plan)]
        if plans or mapping.other_files == "by_header" or is_review_file(path):
            _read_one(path, file, plans, vocabulary, found)
        else:
            alone.append(file)
    if alone:
        words = _("not named by the mapping, left alone: {files}")
        found.notes.append(words.format(files=listing(alone)))
    for plan in mapping.files:
        if not any(_is_named(file, plan) for file in files):
            why = _("named by the mapping, but not there")
            found.problems.append((plan.file, why, _("add the file, or change its name")))
    for table, rows in mapping.rows.items():
        sheet = _literal_sheet(name, table, [dict(row) for row in rows])
        own = TablePlan(columns={column: column for column in sheet.frame.columns})
        found.batches.append(make_batch(sheet, table, own, vocabulary))
    said = answered(found.answers, found.batches, vocabulary)
    found.batches += said.batches
    found.notes += said.notes
    found.problems += said.problems
    return found


def _files(raw: Path, found: Findings) -> dict[str, Path]:
    """Return the files to read by the name they are called in reports."""
    if raw.is_file():
        return {raw.name: raw}
    paths = sorted(path for path in raw.rglob("*") if path.is_file())
    names = {path.relative_to(raw).as_posix(): path for path in paths}
    visible = {
        name: path
        for name, path in names.items()
        if not any(part.startswith((".", "~$")) for part in Path(name).parts)
    }
    others = [name for name, path in visible.items() if path.suffix.lower() not in SUFFIXES]
    if others:
        words = _("not CSV, Excel or Parquet, not read: {files}").format(files=listing(others))
        found.notes.append(words)
    return {name: path for name, path in visible.items() if name not in others}


def _is_named(file: str, plan: FilePlan) -> bool:
    return fnmatch.fnmatch(file, plan.file) or fnmatch.fnmatch(Path(file).name, plan.file)


def _read_one(
    path: Path, file: str, plans: list[FilePlan], vocabulary: Vocabulary, found: Findings
) -> None:
    try:
        sheets = read_file(path, file, vocabulary.known_headers)
    except UnreadableError as error:
        found.problems.append((file, str(error), _("mend the file, or take it away")))
        return
    if not sheets:
        found.problems.append((file, _("holds no rows"), _("export it again, or take it away")))
        return
    if any(is_review(sheet) for sheet in sheets):
        found.answers += [sheet for sheet in sheets if is_review(sheet)]
    elif plans:
        for plan in plans:
            _read_mapped(sheets, plan, vocabulary, found)
    else:
        _read_recognised(sheets, vocabulary, found)


def _read_recognised(sheets: list[Sheet], vocabulary: Vocabulary, found: Findings) -> None:
    """Find tables by headers; a sheet beside a table may be notes, a file of none is a fault."""
    tables = [(sheet, recognise(sheet, vocabulary)) for sheet in sheets]
    some = any(result.table and not result.problem for _sheet, result in tables)
    for sheet, result in tables:
        if not result.problem:
            _add(sheet, {result.table: result.plan}, vocabulary, found)
            found.notes += result.notes
        elif some and not result.table:
            words = _("{place}: no table, left alone: {problem}")
            found.notes.append(words.format(place=place(sheet), problem=result.problem))
        elif len(sheet.rows):
            found.batches.append(unrecognised(sheet, result.problem))
        else:
            remedy = _("rename the headers, or write a mapping")
            found.problems.append((sheet.file, result.problem, remedy))


def _read_mapped(
    sheets: list[Sheet], plan: FilePlan, vocabulary: Vocabulary, found: Findings
) -> None:
    chosen = [sheet for sheet in sheets if plan.sheet in (None, sheet.name)]
    if not chosen:
        words = _("no sheet is called {sheet}; it has {names}").format(
            sheet=plan.sheet, names=", ".join(sheet.name for sheet in sheets)
        )
        found.problems.append((sheets[0].file, words, _("correct the mapping file")))
    for sheet in chosen:
        _add(sheet, plan.tables, vocabulary, found, tuple(plan.left_out))
        gone = [f"{header}: {why}" for header, why in plan.left_out.items()]
        found.notes += [
            _("{place}: left out {column}").format(place=place(sheet), column=words)
            for words in gone
        ]


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
        batch = unrecognised(sheet, problem, table) if problem else make_batch(
            sheet, table, whole, vocabulary)  # fmt: skip
        found.batches.append(batch)
        remedy = _("rename the headers, or write a mapping")
        if problem and not len(sheet.rows):
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
    gaps = [name for name in CANONICAL[table].required if name not in whole.columns]
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
    count_of_rows = len(frame)
    return Sheet(file, f"rows.{table}", frame, np.arange(1, count_of_rows + 1),
                 np.zeros(count_of_rows, dtype=bool))  # fmt: skip


def _written(found: Settled, to: Path, mapped: bool) -> IngestReport:
    counts = count(found.batches)
    literal = counts["sheet"].str.startswith("rows.") & mapped
    usable = int(counts.accepted[~literal].sum()) > 0
    faults = list_faults(found.batches, found.problems)
    serious = bool((~faults.expected).any())
    report = IngestReport(
        2 if serious else 0, counts, faults, tuple(dict.fromkeys(found.notes)), str(to),
        found.privacy, found.names,
    )  # fmt: skip
    try:
        if not usable:
            _write_quarantine_only(found.batches, to)
            return replace(report, exit_code=1)
        lost = rows_replaced(found.batches, to)
        with switched_in(to) as folder:
            write_tables(found.batches, folder)
            write_quarantine(found.batches, folder / QUARANTINE)
            write_review(found.names, folder)
        return replace(report, notes=(*lost, *report.notes))
    except OSError as error:
        words = _("cannot be written: {error}").format(error=error)
        problems = [*found.problems, (str(to), words, _("free space, or name another folder"))]
        return replace(report, exit_code=1, faults=list_faults(found.batches, problems))


def _write_quarantine_only(batches: list[Batch], to: Path) -> None:
    """Where no row is usable, leave the tables alone and still hand back the rows to mend."""
    if any(len(batch.faults) for batch in batches):
        with switched_in(to / QUARANTINE) as folder:
            write_quarantine(batches, folder)
