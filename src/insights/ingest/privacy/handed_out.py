"""Lists handed to a person that copy rows of exports: rows to mend, samples of a mapping."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from insights.ingest.forms import MAPPING_BOOK, MENDED_BOOK, form_of, read_form
from insights.ingest.reading import UnreadableError
from insights.ingest.review_book import REVIEW
from insights.tables import CANONICAL


def handed_out(folder: Path) -> list[Path]:
    """Return the lists in ``folder/review`` that copy rows; answers about names are none."""
    patterns = (MAPPING_BOOK, MENDED_BOOK, MENDED_BOOK.replace(".", "_*."))
    known = {path for pattern in patterns for path in (folder / REVIEW).glob(pattern)}
    forms = {path for path in (folder / REVIEW).glob("*") if form_of(path)}
    return sorted(known | forms)


def copies_tables(book: Path, tables: Iterable[str]) -> bool:
    """Say whether a list copies rows of these tables, or of none that is known."""
    others = set(CANONICAL) - set(tables)
    try:
        pages = [sheet.frame for sheet in read_form(book, book.name)]
    except UnreadableError:
        return True
    told = [page["table"].fillna("") for page in pages if {"file", "table"} <= set(page.columns)]
    named = {name for texts in told for text in texts.unique() for name in text.split("; ")}
    return not named <= others


def copies_text(book: Path, text: str) -> bool:
    """Say whether a list holds a text in any cell, hidden ones too, or cannot be read."""
    try:
        pages = [sheet.frame for sheet in read_form(book, book.name)]
    except UnreadableError:
        return True
    columns = [page[name] for page in pages for name in page.columns]
    return any(cells.str.contains(text, regex=False).fillna(False).any() for cells in columns)
