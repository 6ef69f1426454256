"""The words of the systems that exports come from: params/headers.yaml, read once a run."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insights.params import ROOT, load_yaml
from insights.tables import CANONICAL

HEADERS = ROOT / "params" / "headers.yaml"
INVISIBLE = "[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]"
FILLER = re.compile(rf"(?:[\s_*:]|{INVISIBLE})+")


@dataclass(frozen=True)
class Vocabulary:
    """What headers, file names, codes, booleans, blanks, subtotal rows and footers look like."""

    columns: dict[str, dict[str, str]]  # table -> header as compared -> canonical column
    files: dict[str, tuple[str, ...]]
    codes: dict[str, dict[str, str]]  # column -> word as compared -> canonical code
    booleans: dict[str, bool]
    blanks: frozenset[str]
    subtotal: str  # pattern of a cell that names a row of sums
    footer: str = r"^$"  # pattern of a cell that stands below or between the rows of a printed page
    sum_word: str = r"^$"  # pattern of a cell that is such a word and names nothing
    named: dict[str, dict[str, str]] = field(default_factory=dict)  # as columns, by a sheet's name
    elsewhere: tuple[str, ...] = ()  # words in names of documents that are of no table here
    no_dates: frozenset[str] = frozenset()  # what systems write where there is no date, or no end

    @property
    def known_headers(self) -> frozenset[str]:
        """Return every header that some table knows."""
        tables = [*self.columns.values(), *self.named.values()]
        return frozenset(header for table in tables for header in table)


def load_vocabulary(path: Path = HEADERS) -> Vocabulary:
    """Return the vocabulary; English column names are known without being listed."""
    words = load_yaml(path)
    return Vocabulary(
        columns={name: _headers(name, words["tables"].get(name) or {}) for name in CANONICAL},
        files={name: words["files"].get(name, ()) for name in CANONICAL},
        codes={column: _inverse(codes) for column, codes in words["codes"].items()},
        booleans={word: truth == "true" for word, truth in _inverse(words["booleans"]).items()},
        blanks=frozenset(str(word) for word in words["blanks"]),
        subtotal=_subtotal(words["subtotals"]),
        footer=_footer(words["footers"]),
        sum_word=_subtotal(words["subtotals"], named=False),
        named={name: _listed(words["named"].get(name) or {}) for name in CANONICAL},
        elsewhere=tuple(words["elsewhere"]),
        no_dates=frozenset(str(word) for word in words["no_dates"]),
    )


def as_compared(header: object) -> str:
    """Return a header without case, width, spaces, underscores or letters nobody sees."""
    return FILLER.sub("", unicodedata.normalize("NFKC", str(header)).casefold())


def _headers(table: str, synonyms: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {**_listed(synonyms), **{as_compared(c.name): c.name for c in CANONICAL[table].columns}}


def _listed(synonyms: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {as_compared(word): column for column, words in synonyms.items() for word in words}


def _inverse(codes: dict[Any, tuple[Any, ...]]) -> dict[str, str]:
    words = {as_compared(word): str(code) for code, items in codes.items() for word in items}
    return {**words, **{as_compared(code): str(code) for code in codes}}


def _footer(words: tuple[str, ...]) -> str:
    """A word and a colon, with or without what follows; or the number of a page, alone or before
    such a word.
    """
    named = "|".join(r"[\s　]*".join(re.escape(letter) for letter in word) for word in words)
    page = r"第\s*\d+\s*页(?:.{0,3}[共/]\s*\d+\s*页)?|page\s*\d+(?:\s*(?:of|/)\s*\d+)?"
    return rf"(?i)^\s*(?:(?:{named})\s*[:：].*|(?:{page})(?:[\s　]+(?:{named})\s*[:：].*)?)\s*$"


def _subtotal(words: tuple[str, ...], named: bool = True) -> str:
    """Chinese words may be spaced out and follow a name; English ones stand alone."""
    chinese = "|".join(r"[\s　]*".join(word) for word in words if not word.isascii())
    english = "|".join(word for word in words if word.isascii())
    before = ".{0,12}" if named else ""
    return rf"(?i)^\s*(?:{before}(?:{chinese})|{english})\s*[:：]?\s*$"
