"""Columns of a workbook's sheet: cells as Excel takes them, how they are shown, how wide."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from insights.words import shown

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NARROWEST, WIDEST = 8, 48
FILTER_BUTTON = 3
LONGEST_TEXT, LARGEST, FIRST_YEAR = 32_767, 10**15, 1901
PLAIN, DAY, WHOLE, MONEY = "General", "yyyy-mm-dd", "#,##0", "#,##0.00"
DAYS, SHARE, RATIO = "#,##0.0", "0.0%", "0.000"
FORMATS = (DAY, WHOLE, MONEY, DAYS, SHARE, RATIO)
PLACES = {WHOLE: ",.0f", MONEY: ",.2f", DAYS: ",.1f", SHARE: ".1%", RATIO: ",.3f"}
# What the words of a column's name say of its numbers.
ORDINALS = frozenset({"no", "rank", "year", "seed"})
SHARES = frozenset({"share", "rate", "probability", "confidence", "coverage", "attainment"})
# More than the whole is possible.
FREE_SHARES = frozenset({"relative", "detectable", "attainment", "coverage"})
SHARE_NAMES = frozenset({"loss_given_default", "min_effect"})
SUMS = frozenset({"amount", "exposure", "loss", "cost", "money", "balance", "allowance", "open"})
PROPER = frozenset({"name", "invoices", "hypothesis"})  # and ids: never taken for a code


@dataclass(frozen=True)
class Column:
    """A column of a sheet: what the table calls it, its heading, its cells and how they look."""

    source: str
    name: str
    values: list[object]
    number_format: str
    width: int


def column_of(name: str, series: pd.Series) -> Column:
    """Return a column under the heading that people read; codes are said in their language."""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_localize(None)
    values = _values(series, str if _is_proper(name) else shown)
    told = [value for value in values if value is not None]
    form = _number_format(name, told)
    heading = defused(shown(name))
    width = max(width_of(heading) + FILTER_BUTTON, _widest(told, form) + 1)
    return Column(name, heading, values, form, min(max(width, NARROWEST), WIDEST))


def unlike(names: Sequence[str]) -> list[str]:
    """Return headings that Excel tells apart: case does not count, none is empty."""
    made: list[str] = []
    for name in names:
        tries = (f"{name or '-'}{end}" for end in ["", *map(" ({})".format, range(2, 999))])
        taken = {one.casefold() for one in made}
        made.append(next(one for one in tries if one.casefold() not in taken))
    return made


def defused(text: str) -> str:
    """Keep a text that looks like a formula or markup from being one; cut it at a cell's end."""
    marked = text.startswith("<r>") and text.endswith("</r>")
    safe = "'" + text if marked or text.startswith(FORMULA_STARTS) else text
    return safe if len(safe) <= LONGEST_TEXT else safe[: LONGEST_TEXT - 1] + "…"


def width_of(text: str) -> int:
    """Return how wide a text stands: a Chinese character takes the room of two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _is_proper(name: str) -> bool:
    return name in PROPER or name.endswith(("_id", "_ids"))


def _values(series: pd.Series, say: Callable[[str], str]) -> list[object]:
    """Return a column's cells as Excel takes them; None is an empty one."""
    held = series.astype("object").where(series.notna(), None).tolist()
    small = series.dtype.kind == "b" or (series.dtype.kind in "iu" and _is_small(series))
    return held if small else [_plain(value, say) for value in held]


def _is_small(numbers: pd.Series) -> bool:
    return bool(numbers.between(-LARGEST, LARGEST).all())


def _plain(value: object, say: Callable[[str], str]) -> object:
    """Return a value as Excel takes it; what Excel has no kind for, or would round, as text."""
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dt.date):
        return _plain_day(value)
    if isinstance(value, int | float | Decimal):
        whole = isinstance(value, int) and abs(value) > LARGEST
        return value if math.isfinite(value) and not whole else str(value)
    listed = isinstance(value, list | tuple) or hasattr(value, "tolist")
    text = ", ".join(map(str, value)) if listed else str(value)  # type: ignore[call-overload]
    return defused(say(text))


def _plain_day(value: dt.date) -> object:
    """Return a day of Excel's calendar, which knows no time zone and begins in 1900."""
    if value.year < FIRST_YEAR:
        return value.isoformat()
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def _number_format(name: str, values: Sequence[object]) -> str:
    """Return how a column is shown: by what its name says, else by its numbers."""
    if values and all(isinstance(value, dt.date) for value in values):
        return DAY
    numbers = [one for one in values if isinstance(one, int | float | Decimal)]
    words = frozenset(name.split("_"))
    if not numbers or len(numbers) < len(values) or words & ORDINALS:
        return PLAIN
    if any(isinstance(one, bool) for one in numbers):
        return PLAIN
    return _format_of_numbers(name, words, numbers)


def _format_of_numbers(
    name: str, words: frozenset[str], numbers: Sequence[int | float | Decimal]
) -> str:
    small = all(-1 <= number <= 1 for number in numbers)
    if words & FREE_SHARES or (small and (words & SHARES or name in SHARE_NAMES)):
        return SHARE
    fractional = any(isinstance(number, float | Decimal) for number in numbers)
    if fractional and small and not words & SUMS:
        return RATIO
    if all(number == int(number) for number in numbers):
        return WHOLE
    return DAYS if "days" in words else MONEY


def _widest(values: Sequence[object], number_format: str) -> int:
    """Return the width of the widest cell as it is shown."""
    if number_format == DAY:
        return len("2026-01-31")
    if number_format in PLACES:
        extremes = (min(values), max(values))  # type: ignore[type-var]
        return max(len(format(value, PLACES[number_format])) for value in extremes)
    return max((width_of(str(value)) for value in values), default=0)
