"""How each table would read a sheet: by its headers, and by the sheet's and the file's name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from insights.ingest.reading import Sheet
from insights.ingest.required import needed
from insights.ingest.sheet_names import speaks_of
from insights.ingest.vocabulary import Vocabulary, as_compared
from insights.tables import CANONICAL

UNIT = re.compile(r"[(\[](?P<unit>[^)\]]*)[)\]]$")
SCALES = {"千元": "千", "万元": "万", "万": "万", "亿元": "亿", "亿": "亿"}
PLAIN_UNITS = ("元", "rmb", "cny", "¥", "人民币", "本位币")
FEWEST = 2  # headers that speak for a table that its name does not speak for
BY_NAME = 2  # headers that a name is worth
MANY_ROWS = 20  # of a sheet beside tables that is asked about
ALIKE = 3  # headers that make a sheet like a table
FACTS = {  # columns by which a sheet holds what happened, whatever it lacks
    "orders": {"customer_id", "ordered_on", "quantity"},
    "invoices": {"customer_id", "issued_on", "amount"},
    "payments": {"customer_id", "paid_on", "amount"},
}


@dataclass(frozen=True)
class Candidate:
    """One reading of a sheet: canonical column -> the headers that could be it."""

    table: str
    headers: dict[str, tuple[str, ...]]
    named: bool = False  # the sheet's name speaks of the table

    @property
    def taken(self) -> int:
        """Return how many headers this reading explains."""
        return sum(len(headers) for headers in self.headers.values())

    @property
    def missing(self) -> list[str]:
        """Return the required columns that no header names."""
        return [name for name in needed(self.table, self.named) if name not in self.headers]


def column_of(
    header: str, table: str, vocabulary: Vocabulary, place: tuple[str, str] | None = None
) -> str | None:
    """Return the column of a table that a header names, with a unit of money or without.

    ``place`` is its file and sheet, whose names may speak of the table.
    """
    word = as_compared(bare_header(header)[0])
    named = place is not None and speaks_of(*place, table, vocabulary)
    return vocabulary.columns[table].get(word) or (
        vocabulary.named[table].get(word) if named else None
    )


def candidates_of(
    sheet: Sheet, vocabulary: Vocabulary, named_words: bool = True
) -> list[Candidate]:
    """Return how each table would read a sheet; one of facts (大区, 数量, 日期) is no master."""
    found = [candidate_of(sheet, name, vocabulary, named_words=named_words) for name in CANONICAL]
    every = found if named_words else [candidate_of(sheet, name, vocabulary) for name in FACTS]
    facts = any(one.table in FACTS and one.headers.keys() >= FACTS[one.table] for one in every)
    return [one for one in found if not (facts and CANONICAL[one.table].known_on is None)]


def candidate_of(
    sheet: Sheet,
    table: str,
    vocabulary: Vocabulary,
    headers: list[str] | None = None,
    named_words: bool = True,
) -> Candidate:
    """Return a reading. Words that count by the sheet's name are a second choice, but for a key."""
    found: dict[str, tuple[str, ...]] = {}
    own = list(sheet.frame.columns) if headers is None else headers
    for header in own:
        column = column_of(header, table, vocabulary)
        if column is not None:
            found[column] = (*found.get(column, ()), header)
    named = speaks_of(sheet.file, sheet.name, table, vocabulary)
    if named_words and named:
        taken, first = {header for several in found.values() for header in several}, set(found)
        for header in [header for header in own if header not in taken]:
            column = vocabulary.named[table].get(as_compared(bare_header(header)[0]))
            if column is not None and (column not in first or column == CANONICAL[table].key[0]):
                found[column] = (*found.get(column, ()), header)
    return Candidate(table, found, named)


def bare_header(header: str) -> tuple[str, str]:
    """Return a header without its unit of money, and the scale the unit stands for."""
    normal = unicodedata.normalize("NFKC", header)
    found = UNIT.search(normal)
    unit = found["unit"].strip().casefold() if found else ""
    if found and (unit in SCALES or unit in PLAIN_UNITS):
        return normal[: found.start()], SCALES.get(unit, "")
    return header, ""


def named_tables(sheet: Sheet, vocabulary: Vocabulary) -> list[str]:
    """Return the tables that the sheet's or the file's name speaks of, the longest word first."""
    text = sheet.name + Path(sheet.file).stem
    hits = [(len(word), table) for table, words in vocabulary.files.items() for word in words
            if word in text]  # fmt: skip
    longest = max((length for length, _table in hits), default=0)
    english = [table for table in CANONICAL if table == Path(sheet.file).stem.casefold()]
    return english + [table for length, table in hits if length == longest]


def nearest_tables(sheet: Sheet, vocabulary: Vocabulary) -> list[Candidate]:
    """Return the readings that a sheet's headers and its name speak most for; ties are several."""
    named = named_tables(sheet, vocabulary)
    every = [one for one in candidates_of(sheet, vocabulary)
             if one.table in named or len(one.headers) >= FEWEST]  # fmt: skip
    scores = [
        len(one.headers) - len(one.missing) + BY_NAME * (one.named or one.table in named)
        for one in every
    ]
    best = max(scores, default=0)
    return [one for one, score in zip(every, scores, strict=True) if score == best]


def worth_asking(sheet: Sheet, vocabulary: Vocabulary) -> bool:
    """Say whether a sheet beside tables is too large and too like one to be left alone."""
    if len(sheet.rows) < MANY_ROWS:
        return False
    near = nearest_tables(sheet, vocabulary)
    return any(len(one.headers) >= ALIKE for one in near)
