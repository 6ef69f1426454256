"""The encoding of a text file: a strict order, confirmed by the headers a table knows.

Detectors guess wrong on short Chinese files; an order that is tried strictly does not. Big5 is not
told from GB18030 by its bytes: nearly every Big5 text is valid GB18030 of other characters. It is
suspected where its headers are known ones, or where the text is of everyday characters only so.
"""

from __future__ import annotations

import codecs
import re
from functools import cache

import opencc

from insights.ingest.reading.limits import UnreadableError
from insights.ingest.vocabulary import as_compared
from insights.words import _, listing

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
TOP_LINES = 12
CELL_ENDS = re.compile(r"[,\t;|，\"<>]+")
SAMPLE = 20_000  # characters that are looked at to tell everyday characters from misread ones
EVERYDAY, UNUSUAL = 0.9, 0.75  # shares of everyday characters; measured on hospital names
FEWEST = 4  # characters that are too few to tell
SHOWN = 4


def decoded(content: bytes, known: frozenset[str]) -> str:
    """Return the text of a file; ``UnreadableError`` says what is wrong with its encoding."""
    mark = next((mark for mark in MARKS if content.startswith(mark)), None)
    if mark is not None:
        return _marked(content, MARKS[mark])
    if b"\0" in content:
        return _with_nulls(content, known)
    return _unmarked(content, known)


def _marked(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _broken(content, encoding.removesuffix("-sig").upper(), error) from None
    if "\0" in text:
        raise _nulls(text.partition("\0")[0].count("\n") + 1)
    return text


def _with_nulls(content: bytes, known: frozenset[str]) -> str:
    """UTF-16 without its mark is full of NUL bytes; anything else with them is no text."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _try(content, encoding)
        if text is not None and "\0" not in text and _hits(text, known):
            return text
    raise _nulls(content.partition(b"\0")[0].count(b"\n") + 1)


def _nulls(line: int) -> UnreadableError:
    return UnreadableError(
        _("not a text file: line {n} holds NUL bytes").format(n=line),
        _("export it again: it was damaged, or is no CSV"),
    )


def _unmarked(content: bytes, known: frozenset[str]) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _chinese(content, known, error)
    return text if text.isascii() or not _by_chance(text, known) else _rather(content, text, known)


def _by_chance(text: str, known: frozenset[str]) -> bool:
    """Two bytes of GB18030 can look like UTF-8, but never like its Chinese characters."""
    return not _hits(text, known) and max(text) < "\u0800"


def _rather(content: bytes, text: str, known: frozenset[str]) -> str:
    other = _try(content, "gb18030")
    return other if other is not None and _hits(other, known) else text


def _chinese(content: bytes, known: frozenset[str], failure: UnicodeDecodeError) -> str:
    """Read what is not UTF-8 as GB18030, unless it was cut, mixed, or looks like Big5."""
    if _is_cut(content, failure) and _mostly(content[: failure.start], "utf-8", known):
        raise _broken(content, "UTF-8", failure)
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _not_chinese(content, known, failure, error) from None
    if not _hits(text, known, own=True):
        if _hits(content.decode("utf-8", "replace"), known, own=True):
            raise _broken(content, "UTF-8", failure)
        headers = _as_big5(content, text, known)
        if headers:
            raise _big5(headers)
    return text


def _not_chinese(
    content: bytes, known: frozenset[str], as_utf8: UnicodeDecodeError, as_gb: UnicodeDecodeError
) -> UnreadableError:
    if _is_cut(content, as_gb) and not _hits(content.decode("utf-8", "replace"), known, own=True):
        return _broken(content, "GB18030", as_gb)
    for encoding, error in (("utf-8", as_utf8), ("gb18030", as_gb)):
        if _hits(content.decode(encoding, "replace"), known, own=True):
            return _broken(content, encoding.upper(), error)
    headers = _as_big5(content, content.decode("gb18030", "replace"), known)
    if headers:
        return _big5(headers)
    return UnreadableError(_("the text is neither UTF-8 nor GB18030"), _save_again())


def _broken(content: bytes, name: str, error: UnicodeDecodeError) -> UnreadableError:
    if _is_cut(content, error):
        return UnreadableError(
            _("it ends in the middle of a character ({encoding}): the file was cut").format(
                encoding=name
            ),
            _("export or copy it again; rows at its end are missing"),
        )
    line = content.count(b"\n", 0, error.start) + 1
    words = _("the text is {encoding}, but line {n} holds bytes that are not")
    return UnreadableError(words.format(encoding=name, n=line), _save_again())


def _is_cut(content: bytes, error: UnicodeDecodeError) -> bool:
    return error.end >= len(content) and ("end of data" in error.reason or "truncat" in error.reason
                                          or "incomplete" in error.reason)  # fmt: skip


def _mostly(content: bytes, encoding: str, known: frozenset[str]) -> bool:
    """Say whether what comes before a cut is told by its headers or by Chinese characters."""
    text = _try(content, encoding)
    return text is not None and (bool(_hits(text, known)) or not text.isascii())


def _big5(headers: list[str]) -> UnreadableError:
    words = _("the text looks like Big5, where its headers are {headers}; it is not read as such")
    return UnreadableError(words.format(headers=listing(headers, SHOWN)), _save_again())


def _as_big5(content: bytes, text: str, known: frozenset[str]) -> list[str]:
    """Return the headers in Big5 where they are known ones, or its characters the likelier."""
    other = _try(content, "cp950")
    if other is None:
        return []
    simplified = _to_simplified().convert("\n".join(other[:SAMPLE].splitlines()[:TOP_LINES]))
    told = _hits(simplified, known, own=True)
    likely = _everyday(other, "cp950", 0xC6, 0xA4), _everyday(text, "gb2312", 0xD7, 0xB0)
    if told or (likely[0] >= EVERYDAY and likely[1] < UNUSUAL):
        return [cell for cell in CELL_ENDS.split(_first_line(other[:SAMPLE])) if cell.strip()]
    return []


def _everyday(text: str, encoding: str, last: int, first: int) -> float:
    """Return which share of the Chinese characters lies in an encoding's common first level."""
    wide = [c for c in text[:SAMPLE] if "\u3400" <= c <= "\ufaff"]
    if len(wide) < FEWEST:
        return 1.0
    leads = [c.encode(encoding, "ignore")[:1] for c in wide]
    return sum(bytes([first]) <= lead <= bytes([last]) for lead in leads) / len(wide)


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _hits(text: str, known: frozenset[str], own: bool = False) -> int:
    """Count the known headers at the top of a text; ``own``: of the Chinese ones, which alone
    tell encodings apart."""
    cells = [c for line in text[:SAMPLE].splitlines()[:TOP_LINES] for c in CELL_ENDS.split(line)]
    return sum(as_compared(cell) in known for cell in cells if not (own and cell.isascii()))


def _save_again() -> str:
    return _("save it again as “CSV UTF-8”")


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
