"""Answers that people wrote into workbooks, as rows of ``decisions`` and ``dunning``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from insights.ingest.asked_sheets import AskedSheet
from insights.ingest.batches import Batch, make_batch
from insights.ingest.dates import read_dates
from insights.ingest.faults import fault_rows
from insights.ingest.layout import stored_files
from insights.ingest.mapping import TablePlan
from insights.ingest.names.in_batches import stored_rows
from insights.ingest.naming import Answered
from insights.ingest.privacy import Problem
from insights.ingest.reading import Sheet
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL
from insights.tables.asked import SUBJECT, Ask
from insights.words import _, listing, shown

PROMISE = "promise"
ROLE = "decided_by"


def decided(
    sheets: Sequence[AskedSheet], batches: Sequence[Batch], vocabulary: Vocabulary
) -> Answered:
    """Turn the answers of filled workbooks into rows of their tables.

    An answer's id is made of what was asked, of whom and of which day: the same answer read from
    two workbooks is one row, and two different ones are a contradiction that is told. Every bad
    value is a fault with its file, sheet, row and column; ``batches`` hold the masters in which
    the subjects are looked for, where they are among what was read.
    """
    problems = [_lacking(sheet) for sheet in sheets if sheet.lacking and len(sheet.answers)]
    whole = [sheet for sheet in sheets if not sheet.lacking]
    made = [_batch(sheet, batches, vocabulary) for sheet in whole if len(sheet.answers)]
    return Answered(made, _notes(whole), problems)


def would_replace(to: Path, answers: Sequence[AskedSheet], others: int) -> Problem | None:
    """Say what stands against reading nothing but answers: all tables of ``to`` would go."""
    if not answers or others:
        return None
    own = {sheet.ask.table for sheet in answers}
    lost = [name for name in sorted(CANONICAL) if name not in own and stored_files(to, name)]
    if not lost:
        return None
    words = _("read alone, it would take the place of all tables of {to}").format(to=to)
    remedy = _("put it among the raw exports and read them together, or name another folder")
    return listing(list(dict.fromkeys(sheet.file for sheet in answers))), words, remedy


def _lacking(sheet: AskedSheet) -> Problem:
    said = {one.column: _(one.heading) for one in sheet.ask.answers}
    names = [said.get(name, sheet.ask.subject) for name in sheet.lacking]
    words = _("[{sheet}] lacks the column {names}, without which no answer is read")
    remedy = _("copy the answers into the workbook as it was written, no column deleted")
    return sheet.file, words.format(sheet=sheet.name, names=listing(names)), remedy


def _notes(sheets: Sequence[AskedSheet]) -> list[str]:
    words = _("{file}: {n} answers read, {m} rows left open")
    files = dict.fromkeys(sheet.file for sheet in sheets)
    own = {file: [sheet for sheet in sheets if sheet.file == file] for file in files}
    counts = {
        file: (sum(len(one.answers) for one in found), sum(one.rows for one in found))
        for file, found in own.items()
    }
    return [words.format(file=file, n=n, m=rows - n) for file, (n, rows) in counts.items()]


def _batch(sheet: AskedSheet, batches: Sequence[Batch], vocabulary: Vocabulary) -> Batch:
    """Return the answers of one sheet as rows of their table, every fault told."""
    ask, rows = sheet.ask, sheet.answers
    plan = _plan(sheet)
    key = CANONICAL[ask.table].key[0]
    frame = rows.rename(columns={SUBJECT: ask.fills}).rename(columns=plan)
    frame[key] = _ids(ask, rows)
    if ask.kind:
        frame["kind"] = ask.kind
    text = frame.astype("str")
    read = Sheet(sheet.file, sheet.name, text, sheet.numbers, np.zeros(len(text), dtype=bool))
    columns = {**plan, key: key, **({"kind": "kind"} if ask.kind else {})}
    batch = make_batch(read, ask.table, TablePlan(columns=dict(columns)), vocabulary)
    known = stored_rows(batches, ask.master[0], [ask.master[1]])[ask.master[1]]
    return batch.with_faults([*_wrong(sheet, plan), *_strangers(sheet, plan, known)])


def _plan(sheet: AskedSheet) -> dict[str, str]:
    """Return canonical column -> header. A role keeps its canonical name: under a header that a
    person chose, the door could take the roles for names of people.
    """
    found = {sheet.ask.fills if name == SUBJECT else name: header
             for name, header in sheet.headers.items()}  # fmt: skip
    return {name: ROLE if name == ROLE else header for name, header in found.items()}


def _ids(ask: Ask, rows: pd.DataFrame) -> list[str]:
    """Return the id of each answer: what was asked, about whom, on which day."""
    days = read_dates(rows[ask.dated]).dt.strftime("%Y-%m-%d").fillna("")
    parts = zip(rows[SUBJECT].fillna(""), days, strict=True)
    texts = ["\x1f".join([ask.form, subject, day]) for subject, day in parts]
    return [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts]


def _wrong(sheet: AskedSheet, plan: dict[str, str]) -> list[pd.DataFrame]:
    """Return the faults of values that the table itself would take."""
    return [
        *(_unoffered(sheet, plan, one.column, one.choices)
          for one in sheet.ask.answers if one.choices and one.column in plan),
        *_unpromised(sheet, plan),
    ]  # fmt: skip


def _unoffered(
    sheet: AskedSheet, plan: dict[str, str], column: str, choices: tuple[str, ...]
) -> pd.DataFrame:
    """Return a fault for each value that is none of the choices; canonical needs are told apart."""
    cells = sheet.answers[column]
    needed = CANONICAL[sheet.ask.table].column(column).required
    where = ~cells.isin(choices) & (cells.notna() | (not needed))
    remedy = _("write one of {choices}").format(
        choices=listing([shown(one) for one in choices], len(choices))
    )
    reason = _("no answer that was offered")
    at = np.flatnonzero(where)
    return fault_rows(at, reason, remedy, plan[column], cells.iloc[at].fillna(""))


def _unpromised(sheet: AskedSheet, plan: dict[str, str]) -> list[pd.DataFrame]:
    """Return a fault for each promised day or amount beside a result that is no promise."""
    if sheet.ask.table != "dunning":
        return []
    other = sheet.answers["result"].notna() & (sheet.answers["result"] != PROMISE)
    reason = _("a promised day or amount, but the result is no promise")
    remedy = _("write promise as the result, or empty this cell")
    parts = []
    for column in ("promised_on", "promised_amount"):
        if column in plan:
            at = np.flatnonzero(other & sheet.answers[column].notna())
            cells = sheet.answers[column].iloc[at]
            parts.append(fault_rows(at, reason, remedy, plan[column], cells))
    return parts


def _strangers(sheet: AskedSheet, plan: dict[str, str], known: pd.Series) -> list[pd.DataFrame]:
    """Return a fault for each subject that is empty, or that the master (if it was read) lacks."""
    cells = sheet.answers[SUBJECT].str.removeprefix("'")
    remedy = _("leave the ids as they were written; answers stand beside them")
    cases = []
    if known.notna().any():
        strange = cells.notna() & ~cells.isin(known.dropna().astype("str"))
        told = _("{table} has no row of this id").format(table=sheet.ask.master[0])
        cases.append((np.flatnonzero(strange), told))
    if not CANONICAL[sheet.ask.table].column(sheet.ask.fills).required:
        cases.append((np.flatnonzero(cells.isna()), _("an answer without the id it is about")))
    header = plan[sheet.ask.fills]
    return [fault_rows(at, why, remedy, header, cells.iloc[at].fillna("")) for at, why in cases]
