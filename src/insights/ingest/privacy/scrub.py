"""A column of text without what names a person: found together, on distinct values."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.privacy.kinds import TOKENS, Kind, Span
from insights.ingest.privacy.known_names import KnownNames
from insights.ingest.privacy.lexicon import common_words
from insights.ingest.privacy.names import RULES, Finder, IsWord
from insights.ingest.privacy.numbers import covered, number_spans

BETWEEN = "\x00"  # between two cells that are searched in one go
CHUNK = 20_000
FEW = 200  # texts: below, sorting out costs more than looking
DIGIT = "0-9０-９〇零一二三四五六七八九幺"
# What a cell must hold for the slower rules to look at it (RE2, in Arrow).
HAS_NUMBER = (
    rf"(?:[{DIGIT}][^{DIGIT}\n]{{0,3}}){{6}}[{DIGIT}]|[@＠]|(?i:\[at\]|\(at\))"
    r"|(?i:微信|威信|薇信|weixin|wechat|wx|vx|加v|加微|v信|钉钉|抖音|飞书|微博|qq|扣扣|企鹅|护照|证)"
)
ODD = "[０-９Ａ-Ｚａ-ｚ＠\u3000\u00a0\u200b-\u200d\u2060\ufeff\u00ad\t\x00•・]"
PLAIN: dict[int, str | int] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{ord(c): " " for c in "\x00\u3000\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\t"},
    **{ord(c): "-" for c in "‐‑‒–—―−﹣ー"},
    ord("•"): "·", ord("・"): "·",
}  # fmt: skip


@dataclass(frozen=True)
class Scrubbed:
    """Texts without what names a person, and in how many cells each kind was found."""

    values: pd.Series
    cells: dict[Kind, int]


@dataclass(frozen=True)
class Scrubber:
    """Finds what names a person: by form, by rules for names, and in a list of ``known`` names.

    ``kept_words`` are the company's own words that look like names and are none.
    """

    known: KnownNames = field(default_factory=lambda: KnownNames(frozenset()))
    kept_words: frozenset[str] = frozenset()

    def scrub(self, text: pd.Series, free: bool = True) -> Scrubbed:
        """Return ``text`` with a token in each place that names a person; nulls stay.

        ``free`` says that people wrote it; else it names things, and only titles give a name away.
        A token is never scrubbed again, so that doing it twice changes nothing.
        """
        codes, distinct = pd.factorize(text)
        changed, kinds = self._distinct(list(distinct), free)
        if not changed:
            return Scrubbed(text, {})
        values = np.array(distinct, dtype=object)
        values[list(changed)] = list(changed.values())
        made = pd.Series(values[codes], index=text.index, dtype=object).where(codes >= 0)
        counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
        cells: Counter[Kind] = Counter()
        for number, found in kinds.items():
            cells.update({kind: int(counts[number]) for kind in found})
        return Scrubbed(made.astype("str"), dict(cells))

    def scrub_word(self, text: str) -> str:
        """Return one text, such as a note for the reader, without what names a person."""
        return str(self.scrub(pd.Series([text], dtype="str")).values.iloc[0])

    def is_word(self, word: str) -> bool:
        """Tell whether a word that looks like a name is none."""
        return word in common_words() or word in self.kept_words

    def _distinct(
        self, texts: list[str], free: bool
    ) -> tuple[dict[int, str], dict[int, frozenset[Kind]]]:
        """Return what becomes of each text that changes, by its number, and the kinds found."""
        changed: dict[int, str] = {}
        kinds: dict[int, frozenset[Kind]] = {}
        for number, spans in self._found(texts, free).items():
            merged = _merged(spans)
            changed[number] = _replaced(texts[number], merged)
            kinds[number] = frozenset(span.kind for span in merged)
        return changed, kinds

    def _found(self, texts: list[str], free: bool) -> dict[int, list[Span]]:
        found: dict[int, list[Span]] = {}
        array = pa.array(texts, pa.large_string())
        plain = list(texts)
        for n in _holding(array, ODD):
            plain[n] = searched(texts[n])
        numbered = _holding(array, HAS_NUMBER)
        _search({n: searched(texts[n]) for n in numbered}, number_spans, found)
        for n in found:
            plain[n] = covered(plain[n], found[n])
        if self.known.names:
            _search(dict(enumerate(plain)), self.known.spans, found)
        for gate, rule, needs_free in RULES:
            if free or not needs_free:
                finder = partial(_named, rule=rule, is_word=self.is_word)
                _search({n: plain[n] for n in _holding(array, gate)}, finder, found)
        return found


def searched(text: str) -> str:
    """Return a text of plain width and dashes, each character in its place."""
    return text if text.isascii() and "\t" not in text else text.translate(PLAIN)


def _holding(array: pa.Array, pattern: str) -> list[int]:
    """Return the texts that a rule need look at; of a few texts, all."""
    if len(array) < FEW:
        return list(range(len(array)))
    hits = pc.match_substring_regex(array, pattern).to_numpy(zero_copy_only=False)
    return np.flatnonzero(hits).tolist()


def _named(text: str, rule: Finder, is_word: IsWord) -> list[Span]:
    return [Span(start, end, "name") for start, end in rule(text, is_word)]


def _search(
    cells: dict[int, str],
    finder: Callable[[str], list[Span]],
    found: dict[int, list[Span]],
) -> None:
    """Look through many cells as one text; add what is found to the cell it is in."""
    numbers = list(cells)
    for first in range(0, len(numbers), CHUNK):
        chunk = numbers[first : first + CHUNK]
        starts = np.cumsum([0, *(len(cells[n]) + 1 for n in chunk)]).tolist()
        for span in finder(BETWEEN.join(cells[n] for n in chunk)):
            at = bisect_right(starts, span.start) - 1
            moved = Span(span.start - starts[at], span.end - starts[at], span.kind)
            found.setdefault(chunk[at], []).append(moved)


def _merged(spans: list[Span]) -> list[Span]:
    """Return spans in order, those that overlap or touch in one kind as one."""
    merged: list[Span] = []
    for span in sorted(spans):
        last = merged[-1] if merged else None
        touching = last is not None and span.start == last.end and span.kind == last.kind
        if last is not None and (span.start < last.end or touching):
            merged[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            merged.append(span)
    return merged


def _replaced(text: str, spans: list[Span]) -> str:
    parts, at = [], 0
    for start, end, kind in spans:
        parts += [text[at:start], TOKENS[kind]]
        at = end
    return "".join([*parts, text[at:]])
