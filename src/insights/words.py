"""The words a person reads: every heading, sentence and label passes through ``_``.

English is the source language; a catalog in ``locale/`` translates it. A process speaks one
language at a time, that of the params it last read (``reading.language``).
"""

from __future__ import annotations

import difflib
import gettext
import hashlib
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache  # a double click may meet a Python that lacks ``cache``
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
SOURCE, TABLE = "en", "table"
LANGUAGES = (SOURCE, "zh")
DOMAIN = "insights"
MINUS = "\N{MINUS SIGN}"
WIDE = {";": "；", ",": "，", ":": "：", ".": "。"}
UNIT_APART = re.compile("(?<=[万亿]) (?=元)")
HAN = r"\u4e00-\u9fff"
HALF = re.compile(
    rf"(?<=[{HAN}）”])([;,:.])(?: (?=\S)|$)|([;,:]|(?<=%)\.) (?=[{HAN}（“])", re.MULTILINE
)
UNITS = {
    "en": ((1e9, "G"), (1e6, "M"), (1e3, "k")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}


class _Spoken:
    """The language of this process and its catalog."""

    def __init__(self) -> None:
        self.language, self.catalog = SOURCE, gettext.NullTranslations()


_spoken = _Spoken()


def speak(language: str) -> None:
    """Speak a language of ``LANGUAGES`` from here on; ``ValueError`` where there is no catalog."""
    if language not in LANGUAGES:
        told = _("language: {language!r} is not known; known: {known}")
        raise ValueError(told.format(language=language, known=", ".join(LANGUAGES)))
    _spoken.catalog = _catalog(language)
    _spoken.language = language


@contextmanager
def speaking(spoken: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = language()
    speak(spoken)
    try:
        yield
    finally:
        speak(before)


def language() -> str:
    """Return the language that is spoken."""
    return _spoken.language


@lru_cache(maxsize=None)  # noqa: UP033
def words_key(language: str) -> str:
    """Return what tells words of one language and catalog from any other's."""
    if language == SOURCE:
        return language
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    return f"{language}-{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"


@lru_cache(maxsize=None)  # noqa: UP033
def _catalog(language: str) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, languages=[language])


def _(message: str) -> str:
    """Return ``message`` in the reader's language."""
    return _spoken.catalog.gettext(message) if message else message


def N_(message: str) -> str:
    """Note a message for the catalog, to be translated by ``_`` where it is shown."""
    return message


def shown(text: str) -> str:
    """Return a name or a code of a table as people read it: ``due_on``, ``over-served``.

    What the catalog does not hold, a customer's name for one, stays as it is.
    """
    if _spoken.language == SOURCE or not text:
        return text
    found = _spoken.catalog.pgettext(TABLE, text)
    return found if found != text else _spoken.catalog.gettext(text)


def readable_name(code: str) -> str:
    """Return the name of an analysis, a figure or a sum as people read it."""
    return shown(code).replace("_", " ")


def with_code(code: str) -> str:
    """Return a name of a table or column in the reader's language, and as commands write it."""
    words = shown(code)
    return code if words == code else _("{words} ({code})").format(words=words, code=code)


def shown_as(kind: str, code: str) -> str:
    """Return a name as one kind of thing shows it, where it has words of its own there.

    ``items`` is the name of a "sheet", but a count elsewhere.
    """
    own = f"{kind} {code}"
    found = shown(own)
    return shown(code) if found == own else found


def sheet_name(code: str) -> str:
    """Return the name of a table's sheet."""
    return shown_as("sheet", code)


def punctuated(text: str) -> str:
    """Return a text in the punctuation of its language: joined parts stand as Chinese writes them.

    A mark between Chinese and what follows is as wide as the characters; in English, and within
    numbers, names and code, nothing changes.
    """
    if _spoken.language == SOURCE:
        return text
    return UNIT_APART.sub("", HALF.sub(lambda mark: WIDE[mark[1] or mark[2]], text))


class Sentence(str):
    """A sentence that a notebook shows as prose."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def listing(items: list[str], limit: int = 6) -> str:
    """Join names for a sentence, saying how many more there are past ``limit``."""
    named = _(", ").join(str(item) for item in items[:limit])
    more = len(items) - limit
    return named + (_(" and {n} more").format(n=more) if more > 0 else "")


def meant(name: str, known: list[str]) -> str:
    """Say which known name a mistyped one is nearest to; nothing where none is near."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return _("did you mean {name}?").format(name=close[0]) if close else ""


def short(value: float) -> str:
    """Return a number as a label: 1.2M, 34k, 0.56; in Chinese 120万, 3.4万, 0.56."""
    if not math.isfinite(value):
        return "–"
    for limit, suffix in UNITS[_spoken.language]:
        if abs(value) >= limit:
            scaled = value / limit
            return f"{scaled:,.0f}{suffix}" if abs(scaled) >= 100 else f"{scaled:.3g}{suffix}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def with_minus(label: str) -> str:
    """Return a number's label with a true minus sign for each hyphen."""
    return label.replace("-", MINUS)


def p_words(p_value: float) -> str:
    """Return a p-value for a sentence; what is below a thousandth is not told apart."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def signed(share: float) -> str:
    """Return a share for a sentence, with its sign; what rounds to nothing is no minus."""
    return f"{round(share, 3) + 0.0:+.1%}"


def quantity(value: float) -> str:
    """Return a figure for a sentence: whole from a thousand on, four digits below."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
