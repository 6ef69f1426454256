"""Names of customers in an ingest: matched, asked about in a workbook, and answers taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch, make_batch
from insights.ingest.mapping import TablePlan
from insights.ingest.names import ANSWER, NameMatches, read_answers
from insights.ingest.names.in_batches import stored_rows
from insights.ingest.privacy import Problem
from insights.ingest.reading import Sheet, UnreadableError, read_file
from insights.ingest.review_book import BOOK, REVIEW, write_book
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL, EVENTS
from insights.words import _, listing

NEEDED = {"name", ANSWER, "reason", "status", "rows"}


@dataclass(frozen=True)
class Answered:
    """What filled review lists gave: batches of aliases and decisions, notes and problems."""

    batches: list[Batch]
    notes: list[str]
    problems: list[Problem]


def is_review(sheet: Sheet) -> bool:
    """Say whether a sheet is a review list of names, by its headers."""
    return set(sheet.frame.columns) >= NEEDED


def is_review_file(path: Path) -> bool:
    """Say whether a file is a review list; one that cannot be read is none."""
    try:
        return any(is_review(sheet) for sheet in read_file(path, path.name, frozenset()))
    except UnreadableError:
        return False


def answered(sheets: Sequence[Sheet], batches: Sequence[Batch], vocabulary: Vocabulary) -> Answered:
    """Turn filled review lists into rows of customer_aliases and decisions.

    A faulty answer is a problem, told with its file and row; its name stays open, and the others
    are taken.
    All lists are read together: one name answered in two ways is a problem, whichever list it
    stands in. Answers are dated by the last day of the exports, for a file has no day of its own.
    """
    if not sheets:
        return Answered([], [], [])
    files = listing(list(dict.fromkeys(sheet.file for sheet in sheets)))
    placed = [sheet.frame.assign(file=sheet.file, row=sheet.rows) for sheet in sheets]
    filled = pd.concat(placed, ignore_index=True)
    customers = stored_rows(batches, "customers", ["customer_id"])
    aliases = stored_rows(batches, "customer_aliases", ["alias", "customer_id"])
    found = read_answers(filled, customers, aliases, _last_day(batches))
    remedy = _("correct it in this list, and keep the other answers there")
    problems = [(file, words, remedy) for file, words in found.faults]
    made = [
        _as_batch(sheets[0].file, table, rows, vocabulary)
        for table, rows in (("customer_aliases", found.aliases), ("decisions", found.decisions))
        if len(rows)
    ]
    said = _("{files}: {n} names answered, {m} left open").format(
        files=files, n=len(found.decisions), m=len(filled) - len(found.decisions)
    )
    return Answered(made, [said], problems)


def unread_answers(to: Path, sheets: Sequence[Sheet]) -> str:
    """Say which answers in the list of an earlier run would be lost, for it is replaced."""
    there: list[Sheet] = []
    for path in sorted((to / REVIEW).glob("*")):
        try:
            there += [one for one in read_file(path, path.name, frozenset()) if is_review(one)]
        except UnreadableError as error:
            return f"{path.name}: {error}"
    known = {pair for sheet in sheets for pair in _pairs(sheet)}
    lost = [pair[0] for sheet in there for pair in _pairs(sheet) if pair not in known]
    if not lost:
        return ""
    return _("answers not read yet: {names}").format(names=listing(lost, 3))


def write_review(names: NameMatches | None, folder: Path) -> None:
    """Write the list of names to decide, and beside it those that were matched by a machine."""
    if names is None or not len(names.names):
        return
    (folder / REVIEW).mkdir()
    taken = names.matches[names.matches["name"] != names.matches.customer_name]
    sheets = {"to decide": names.review(), "matched": taken.drop(columns=["status"])}
    write_book(sheets, folder / REVIEW / BOOK)


def _pairs(sheet: Sheet) -> list[tuple[str, str]]:
    rows = sheet.frame[sheet.frame[ANSWER].str.strip().fillna("") != ""]
    return list(zip(rows["name"].str.strip(), rows[ANSWER].str.strip(), strict=True))


def _last_day(batches: Sequence[Batch]) -> dt.date:
    days = [
        batch.values.loc[batch.sound, column].max()
        for batch in batches
        if batch.table in EVENTS
        for column in [str(CANONICAL[batch.table].known_on)]
        if column in batch.values and batch.values.loc[batch.sound, column].notna().any()
    ]
    return max(days).date() if days else dt.date(1970, 1, 1)


def _as_batch(file: str, table: str, rows: pd.DataFrame, vocabulary: Vocabulary) -> Batch:
    text = rows.astype("str")
    numbers = np.arange(len(text), dtype=np.int64) + 2
    sheet = Sheet(file, _("answers"), text, numbers, np.zeros(len(text), dtype=bool))
    return make_batch(
        sheet, table, TablePlan(columns={name: name for name in text.columns}), vocabulary
    )
