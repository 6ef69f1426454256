"""Names of customers in an ingest: matched, asked about in a workbook, and answers taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch, make_batch
from insights.ingest.headings import heading, plain_headings, with_plain_headings
from insights.ingest.mapping import TablePlan
from insights.ingest.names import ANSWER, NameMatches, read_answers
from insights.ingest.names.in_batches import stored_rows
from insights.ingest.privacy import Problem
from insights.ingest.reading import Sheet, UnreadableError, read_file
from insights.ingest.review_book import BOOK, REVIEW, write_book
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL, EVENTS
from insights.words import _, listing

_NO_DAYS = pd.Series([], dtype="datetime64[us]")
NEEDED = {"name", ANSWER, "reason", "status", "rows"}


@dataclass(frozen=True)
class Answered:
    """What filled review lists gave: batches of aliases and decisions, notes and problems."""

    batches: list[Batch]
    notes: list[str]
    problems: list[Problem]


def is_review(sheet: Sheet) -> bool:
    """Say whether a sheet is a review list of names, by its headers."""
    return set(plain_headings(sheet.frame.columns)) >= NEEDED


def is_review_file(path: Path) -> bool:
    """Say whether a file is a review list; one that cannot be read is none."""
    try:
        return any(is_review(sheet) for sheet in read_file(path, path.name, frozenset()))
    except UnreadableError:
        return False


def answered(
    sheets: Sequence[Sheet],
    batches: Sequence[Batch],
    vocabulary: Vocabulary,
    until: dt.date = dt.date.max,
) -> Answered:
    """Turn filled review lists into rows of customer_aliases and decisions.

    A faulty answer is a problem, told with its file and row; its name stays open, and the others
    are taken.
    All lists are read together: one name answered in two ways is a problem, whichever list it
    stands in. Answers are dated by the last day of the facts, but none after ``until``, the day on
    which the exports were written: a later one is a slip of the keyboard or a plan.
    """
    if not sheets:
        return Answered([], [], [])
    files = listing(list(dict.fromkeys(sheet.file for sheet in sheets)))
    placed = [sheet.frame.assign(file=sheet.file, row=sheet.rows) for sheet in sheets]
    filled = pd.concat(placed, ignore_index=True)
    customers = stored_rows(batches, "customers", ["customer_id"])
    aliases = stored_rows(batches, "customer_aliases", ["alias", "customer_id"])
    day = last_day(batches, until)
    found = read_answers(filled, customers, aliases, day)
    remedy = _("correct it in this list, and keep the other answers there")
    problems = [(file, words, remedy) for file, words in found.faults]
    made = [
        _as_batch(sheets[0].file, table, rows, vocabulary)
        for table, rows in (("customer_aliases", found.aliases), ("decisions", found.decisions))
        if len(rows)
    ]
    words = _("{files}: {n} names answered, {m} left open; the answers are dated {day}, {why}")
    why = _("the last day in the exports that is not after the day they were written")
    said = words.format(
        files=files, n=len(found.decisions), m=len(filled) - len(found.decisions), day=day, why=why
    )
    return Answered(made, [said], problems)


def unread_answers(to: Path, sheets: Sequence[Sheet]) -> str:
    """Say which answers in the list of an earlier run would be lost, for it is replaced."""
    there: list[Sheet] = []
    for path in sorted((to / REVIEW).glob("*")):
        try:
            pages = read_file(path, path.name, frozenset())
            there += [with_plain_headings(one) for one in pages if is_review(one)]
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
    sheets = {
        "to decide": names.review().rename(columns=heading),
        "matched": taken.drop(columns=["status"]).rename(columns=heading),
    }
    write_book(sheets, folder / REVIEW / BOOK)


def _pairs(sheet: Sheet) -> list[tuple[str, str]]:
    rows = sheet.frame[sheet.frame[ANSWER].str.strip().fillna("") != ""]
    return list(zip(rows["name"].str.strip(), rows[ANSWER].str.strip(), strict=True))


def last_day(batches: Sequence[Batch], until: dt.date = dt.date.max) -> dt.date:
    """Return the last day of the facts that is not after ``until``; where all are, the last."""
    days = pd.concat([_days(batch) for batch in batches if batch.table in EVENTS] or [_NO_DAYS])
    if not len(days):
        return dt.date(1970, 1, 1)
    known = days[days.dt.date <= until]
    return (known if len(known) else days).max().date()


def written_on(raw: Path) -> dt.date:
    """Return the last day on which a file of exports was written: no fact in it is of a later one.

    The day as it was here or anywhere: one more than the clock of Greenwich says.
    """
    files = [raw] if raw.is_file() else [path for path in raw.rglob("*") if path.is_file()]
    last = max((path.stat().st_mtime for path in files), default=0.0)
    return (dt.datetime.fromtimestamp(last, dt.UTC) + dt.timedelta(hours=14)).date()


def _days(batch: Batch) -> pd.Series:
    column = str(CANONICAL[batch.table].known_on)
    return batch.values.loc[batch.sound, column].dropna() if column in batch.values else _NO_DAYS


def _as_batch(file: str, table: str, rows: pd.DataFrame, vocabulary: Vocabulary) -> Batch:
    text = rows.astype("str")
    numbers = np.arange(len(text), dtype=np.int64) + 2
    sheet = Sheet(file, _("answers"), text, numbers, np.zeros(len(text), dtype=bool))
    return make_batch(
        sheet, table, TablePlan(columns={name: name for name in text.columns}), vocabulary
    )
