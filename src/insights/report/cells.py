"""How the cells of a table are written for reading: dashes, separators, idle zeros."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

DASH = "–"
MISSING = {"NaN", "nan", "None", "<NA>", "NaT"}
NUMBER = re.compile(
    r"[-+−]?(\d+|\d{1,3}(,\d{3})+)?(?<=\d)(\.\d+)?(e[-+]?\d+)?\s?%?|[-+−]?\.\d+\s?%?|[-+]?inf", re.I
)
INTEGER = re.compile(r"[-+−]?\d+")
FLOAT = re.compile(r"[-+−]?\d+\.\d+")
WHOLE = re.compile(r"([-+−]?\d+)\.0+")
PADDED = re.compile(r"([-+−]?\d+)\.0{4,}")
LEADING_ZERO = re.compile(r"[-+−]?0\d+")
ID_HEADER = re.compile(r"(.*[\s_])?id|customer|客户|.*编号", re.I)
DAY = re.compile(r"(19|20)\d\d((0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?)?")
DAY_HEADER = re.compile(
    r"(.*[\s_])?(year|quarter|month|date|day|period|cohort|from|to|on)s?|.*(年|季度|月|日|期|起|止)",
    re.I,
)


@dataclass(frozen=True)
class Column:
    """A column as it is shown: its texts, and whether they line up as numbers."""

    texts: tuple[str, ...]
    is_number: bool


def readable(header: str, texts: Sequence[str]) -> Column:
    """Return a column of a table as a person writes it.

    Missing values become a dash. A whole number gets thousands separators unless the column holds
    ids (by its header, or by leading zeros) or years and dates. A fraction of nothing but zeros is
    left out when no float of the column has another, or when it is pandas' padding (0.0000).
    """
    dashed = [DASH if text.strip() in MISSING else text.strip() for text in texts]
    if _names_things(header.strip(), dashed):
        return Column(tuple(dashed), _is_number(dashed))
    floats = [text for text in dashed if FLOAT.fullmatch(text)]
    idle = WHOLE if all(WHOLE.fullmatch(text) for text in floats) else PADDED
    shown = [_separated(idle.sub(r"\1", text) if idle.fullmatch(text) else text) for text in dashed]
    return Column(tuple(shown), _is_number(shown))


def names_things(header: str) -> bool:
    """Say whether a column's header says that it holds ids or customers."""
    return ID_HEADER.fullmatch(header.strip()) is not None


def _names_things(header: str, texts: list[str]) -> bool:
    """Say whether the digits of a column are names: ids, years, dates."""
    if names_things(header) or any(LEADING_ZERO.fullmatch(text) for text in texts):
        return True
    told = [text for text in texts if text not in ("", DASH)]
    about_days = not header or DAY_HEADER.fullmatch(header) is not None
    return about_days and bool(told) and all(DAY.fullmatch(text) for text in told)


def _separated(text: str) -> str:
    """Return a plain integer with thousands separators, any other text as it is."""
    if not INTEGER.fullmatch(text):
        return text
    sign = text[0] if text[0] in "+-−" else ""
    shown = f"{int(text.removeprefix(sign)):,}"
    return shown if shown == "0" else sign + shown


def _is_number(texts: list[str]) -> bool:
    told = [text for text in texts if text not in ("", DASH)]
    return bool(told) and all(
        NUMBER.fullmatch(text) and not LEADING_ZERO.fullmatch(text) for text in told
    )
