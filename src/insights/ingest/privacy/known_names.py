"""Names that the exports themselves give away: the columns of doctors, contacts and salesmen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import ahocorasick
import pandas as pd

from insights.ingest.privacy.kinds import Span
from insights.ingest.privacy.lexicon import common_words
from insights.ingest.privacy.surnames import COMPOUND, SINGLE
from insights.ingest.privacy.titles import TITLE

SEVERAL = re.compile(r"[,;/、，；|\n\s]+")
BRACKET = re.compile(r"[(（\[【].*?[)）\]】]")
CHINESE = re.compile(r"[一-鿿]{2,4}")
LISTED = re.compile(r"[一-鿿]{2,12}")
FOREIGN = re.compile(r"[一-鿿]{1,8}(?:·[一-鿿]{1,8})+")
ALIGNED = re.compile(r"[一-鿿]{1,2}\s+[一-鿿]{1,2}")
LATIN = re.compile(r"[A-Za-z][A-Za-z.'-]+(?: [A-Za-z][A-Za-z.'-]*)+")
LOWER = {ord(c): ord(c.lower()) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
NOT_A_PERSON = re.compile(r"[科室部院处组店局所队厅]$|公司|医院|待定|未知|其他|无|空|不详|测试")


@dataclass(frozen=True)
class KnownNames:
    """A list of people's names that is looked for in every text; it prints as a number only."""

    names: frozenset[str] = field(repr=False)
    _automaton: ahocorasick.Automaton | None = field(repr=False, compare=False, default=None)

    def __repr__(self) -> str:
        return f"KnownNames({len(self.names)})"

    def spans(self, text: str) -> list[Span]:
        """Return where ``text`` (of plain width) holds a known name, upper or lower case.

        A name that is also a common word (高明) is left to the rules about titles and cues.
        """
        if self._automaton is None or not text:
            return []
        hits = self._automaton.iter_long(_lowered(text))
        spans = [Span(end - length + 1, end + 1, "name") for end, length in hits]
        return [span for span in spans if _stands_alone(text, span)]


def known_names(
    values: Iterable[object], kept_words: Iterable[str] = (), listed: Iterable[str] = ()
) -> KnownNames:
    """Return the names in ``values``, cells of columns that hold people, and in a list of names.

    Several in a cell, brackets and titles are taken apart; what cannot be a name is left out. A
    ``listed`` name needs no Chinese surname (古丽扎尔), for somebody has said that it is one.
    """
    cells = pd.Series(list(values), dtype=object).dropna().astype(str).unique()
    found = {name for cell in cells for name in _names_of(cell, _is_name)}
    found |= {name for cell in listed for name in _names_of(cell, _may_be_listed)}
    names = found - set(kept_words)
    automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
    for name in sorted(names):
        automaton.add_word(_lowered(name))
    if not names:
        return KnownNames(frozenset())
    automaton.make_automaton()
    return KnownNames(frozenset(names), automaton)


def _names_of(cell: str, accept: Callable[[str], bool]) -> list[str]:
    plain = BRACKET.sub(" ", unicodedata.normalize("NFKC", cell)).replace("•", "·").strip()
    if LATIN.fullmatch(plain):
        return [plain]
    if aligned := _aligned(plain, accept):
        return aligned
    parts = SEVERAL.split(plain)
    return [name for part in parts if (name := TITLE.sub("", part)) and accept(name)]


def _aligned(plain: str, accept: Callable[[str], bool]) -> list[str]:
    """Return a name that a form aligns with blanks (张 伟, 梁 嘉仪), without them and as written.

    Two names beside each other (王伟 李娜) are none.
    """
    if not ALIGNED.fullmatch(plain) or all(map(accept, plain.split())):
        return []
    joined = "".join(plain.split())
    return [joined, plain] if accept(joined) else []


def _is_name(name: str) -> bool:
    if FOREIGN.fullmatch(name) or LATIN.fullmatch(name):
        return True
    if not CHINESE.fullmatch(name) or NOT_A_PERSON.search(name) or name in common_words():
        return False
    return (name[0] in SINGLE and len(name) < 4) or name[:2] in COMPOUND


def _may_be_listed(name: str) -> bool:
    if _is_name(name):
        return True
    no_name = NOT_A_PERSON.search(name) is not None or name in common_words()
    return LISTED.fullmatch(name) is not None and not no_name


def _lowered(text: str) -> str:
    """Return a text in lower case, of the same length."""
    return text.lower() if text.isascii() else text.translate(LOWER)


def _stands_alone(text: str, span: Span) -> bool:
    """A Latin name does not go on in other letters; a Chinese one may stand anywhere."""
    if not text[span.start].isascii():
        return True
    around = text[max(span.start - 1, 0) : span.start] + text[span.end : span.end + 1]
    return not any(c.isascii() and c.isalpha() for c in around)
