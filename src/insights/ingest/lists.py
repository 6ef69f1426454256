"""The lists that an ingest hands to a person: rows to mend, headers to tell; and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from insights.files import write_whole
from insights.ingest.batches import Batch
from insights.ingest.drafting import (
    draft_book,
    draft_rows,
    propose,
    sampled,
    unread_rows,
    with_gaps,
)
from insights.ingest.drafting.columns import COLUMNS, OPEN, PLACE
from insights.ingest.exports import Exports, plans_of
from insights.ingest.forms import MAPPING_BOOK, stored_forms
from insights.ingest.mending import book_name, held_pages, mending_book, read_lines, unread_lines
from insights.ingest.naming import unread_answers
from insights.ingest.placing import Findings
from insights.ingest.reading import Sheet
from insights.ingest.review_book import REVIEW, as_in_cell
from insights.ingest.vocabulary import Vocabulary
from insights.params import PrivacyParams
from insights.words import _, listing


class UnreadListError(ValueError):
    """A list that a person filled in would be replaced before it was read."""


@dataclass(frozen=True)
class Lists:
    """``books``: file name -> content, all for the folder ``review``; ``words`` speak of them."""

    books: dict[str, bytes] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def refuse_unread_lists(to: Path, exports: Exports) -> None:
    """Raise ``UnreadListError`` where a list in ``to`` holds what this run does not read."""
    folder = to / REVIEW
    lost = unread_answers(to, exports.answers)
    lost = lost or unread_lines(stored_forms(folder, "mended"), read_lines(exports.mended)[0])
    if not lost and unread_rows(stored_forms(folder, "mapping"), exports.drafts):
        lost = _("{name}: corrections not read yet").format(name=MAPPING_BOOK)
    if lost:
        raise UnreadListError(lost)


def lists_to_fill(
    to: Path,
    exports: Exports,
    found: Findings,
    held: Sequence[Batch],
    vocabulary: Vocabulary,
    privacy: PrivacyParams,
) -> Lists:
    """Return what a person is to fill in in ``to``. ``held``: batches that passed the door."""
    places = {(sheet.file, sheet.name) for sheet in found.sheets}
    pairs = [
        (after, before.sheet)
        for after, before in zip(held, found.batches, strict=True)
        if (before.sheet.file, before.sheet.name) in places
    ]
    mending = _mending(
        pairs, to / REVIEW / book_name(len({sheet.file for sheet in exports.mended}))
    )
    untold = {(sheet.file, sheet.name) for sheet in found.untold}
    mapping = Lists()
    if any(not plans_of(exports.given, file) for file, _sheet in untold):
        rows = draft_of(exports, found, vocabulary, privacy, untold)
        if _to_tell(rows).any():
            words = draft_words(rows, to / REVIEW / MAPPING_BOOK)
            mapping = Lists({MAPPING_BOOK: draft_book(rows, vocabulary)}, (words,))
    return Lists({**mending.books, **mapping.books}, (*mending.words, *mapping.words))


def draft_of(
    exports: Exports,
    found: Findings,
    vocabulary: Vocabulary,
    privacy: PrivacyParams,
    wanted: Iterable[tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return the mapping of ``wanted`` sheets (None: all) that no YAML names, a row a header.

    What mapping books said before stands there as they said it, so that the new one replaces them.
    """
    before = draft_rows(exports.books).reindex(columns=COLUMNS)
    sheets = [sheet for sheet in found.sheets if not plans_of(exports.given, sheet.file)]
    rows = propose(sheets, vocabulary)
    if wanted is not None:
        chosen = set(wanted)
        rows = rows[[place in chosen for place in zip(rows.file, rows.sheet, strict=True)]]
    whole = pd.concat([before, rows[_not_told(rows, before)]], ignore_index=True)
    return sampled(with_gaps(whole, vocabulary), found.sheets, found.batches, privacy)


def _not_told(rows: pd.DataFrame, before: pd.DataFrame) -> list[bool]:
    """Return which rows no mapping book has; what a sheet lacks is told with its headers."""
    told = set(before[PLACE].itertuples(index=False, name=None))
    sheets = {(file, sheet) for file, sheet, _header in told}
    headers = [as_in_cell(header).strip() for header in rows.header]
    return [
        (file, sheet, header) not in told and (header != "" or (file, sheet) not in sheets)
        for file, sheet, header in zip(rows.file, rows.sheet, headers, strict=True)
    ]


def draft_words(rows: pd.DataFrame, book: Path) -> str:
    """Say how many headers are to be told, and what to do with the list."""
    missing, gaps = rows.header == "", _to_tell(rows)
    if not gaps.any():
        words = _(
            "mapping: all {m} headers are told; {book} says how, correct it where it is wrong"
        )
        return words.format(m=len(rows), book=book)
    words = _(
        "mapping: {n} of {m} headers to be told, {gaps} required columns missing ({files}): correct"
        " {book}, put it among the exports or give it with --mapping, and run again"
    )
    files = listing(list(dict.fromkeys(rows.file[gaps])))
    n, m = int((gaps & ~missing).sum()), int((~missing).sum())
    return words.format(n=n, m=m, gaps=int(missing.sum()), files=files, book=book)


def _to_tell(rows: pd.DataFrame) -> pd.Series:
    return (rows.header == "") | (rows.table == OPEN) | (rows.column == OPEN)


def write_lists(lists: Lists, folder: Path) -> None:
    """Write the lists, each as a whole, into ``folder/review``."""
    for name, content in lists.books.items():
        (folder / REVIEW).mkdir(parents=True, exist_ok=True)
        write_book(folder / REVIEW / name, content)


def write_book(path: Path, content: bytes) -> None:
    """Write a workbook so that it is there whole or not at all."""
    write_whole(path, lambda part: part.write_bytes(content))


def _mending(pairs: Sequence[tuple[Batch, Sheet]], book: Path) -> Lists:
    pages = held_pages(pairs)
    if not pages:
        return Lists()
    n, more = sum(len(page.rows) for page in pages), sum(page.more for page in pages)
    words = _(
        "rows to mend: {n:,} in {book}: mend them there, put it among the exports, and run again"
    ).format(n=n, book=book)
    if more:
        words += _("; {more:,} more are in the quarantine alone").format(more=more)
    return Lists({book.name: mending_book(pages)}, (words,))
