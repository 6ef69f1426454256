"""A cell that names several invoices: A、B;C, A/0081 for two of one series, A 等3张 for three."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

BETWEEN = re.compile(r"\s*[、，,;；\n]\s*")  # nothing but a list is written with these
WITHIN = re.compile(r"\s*(?:[/|+&和及与]|\s)\s*")  # a list, or part of one id
RANGE = re.compile(r"\s*[~～至—]+\s*")
MORE = re.compile(r"[\s(（]*等\s*(?:共|合计)?\s*\d*\s*[张笔份单个]?[)）]?$")
AN_ID = re.compile(r"(?=.*\d)[0-9A-Za-z._#-]+")
SHORTEST = 4  # letters of an id that no invoice bears: 1,234 is a number
SUFFIX = 3  # digits at least that stand for an id of a series: F001/2 may be a part of F001


@dataclass(frozen=True)
class Named:
    """The invoices that one cell names; ``whole`` says that it names all of them."""

    ids: tuple[str, ...]
    whole: bool


def named_invoices(cell: str, known: Collection[str]) -> Named | None:
    """Return the invoices that a cell names where they are several, or None.

    What is an id of ``known`` as it stands is one. A slash, a blank or a dash may stand within an
    id: it divides two where the first of them is known and what follows is no part of it.
    """
    if cell in known or may_be_a_part(cell, known):
        return None
    text, more = MORE.subn("", cell.strip())
    span = RANGE.split(text)
    ranged = len(span) == 2 and span[0] in known
    parts = span if ranged else [one for part in BETWEEN.split(text) if part
                                 for one in _divided(part, known)]  # fmt: skip
    if (len(parts) < 2 and not more) or not parts:
        return None
    ids = [_written_out(part, parts[0], known) for part in parts]
    if not all(one in known or _may_be_one(one) for one in ids):
        return None
    return Named(tuple(dict.fromkeys(ids)), not (more or ranged))


def may_be_a_part(cell: str, known: Collection[str]) -> bool:
    """Say whether a cell names an invoice and, behind a slash or the like, a part or another one.

    F001/2 is the second part of F001, or F001 and F002: a few digits do not tell.
    """
    text, more = MORE.subn("", cell.strip())
    if cell in known or more:
        return False
    divided = [_divided(part, known) for part in BETWEEN.split(text) if part]
    return any(
        one not in known and not _is_suffix(one, own[0]) and _written_out(one, own[0], known) != one
        for own in divided
        for one in own[1:]
    )


def _is_suffix(part: str, first: str) -> bool:
    """Say whether digits are enough, and as many as the number has that they would replace."""
    return part.isdecimal() and len(part) >= SUFFIX and first[-len(part) :].isdecimal()


def _divided(part: str, known: Collection[str]) -> list[str]:
    own = [one for one in WITHIN.split(part) if one]
    return own if part not in known and own and own[0] in known else [part]


def _written_out(part: str, first: str, known: Collection[str]) -> str:
    """Return 0081 behind YS2025050058 as YS2025050081, where there is such an invoice."""
    if part in known or len(part) >= len(first):
        return part
    whole = first[: len(first) - len(part)] + part
    return whole if whole in known else part


def _may_be_one(text: str) -> bool:
    return len(text) >= SHORTEST and AN_ID.fullmatch(text) is not None
