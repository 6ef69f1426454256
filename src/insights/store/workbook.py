"""One Excel workbook: a first sheet that says what it is, then a sheet a table, fit to read."""

from __future__ import annotations

import datetime as dt
import math
import re
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from insights.words import _

EXCEL_ROWS = 100_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NARROWEST, WIDEST = 8, 48
FILTER_BUTTON = 3
LONGEST_NAME, LONGEST_TEXT, LARGEST, FIRST_YEAR = 31, 32_767, 10**15, 1901
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
PLAIN, DAY, WHOLE, MONEY, SHARE = "General", "yyyy-mm-dd", "#,##0", "#,##0.00", "0.000"
FORMATS = (DAY, WHOLE, MONEY, SHARE)


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its cells as Excel takes them, how they are shown, how wide."""

    name: str
    values: list[object]
    number_format: str
    width: int


class _Book:
    """A workbook being written, and the few ways in which its cells are shown.

    Rows are written for good one after the other: memory holds one of them. Until the end they wait
    in ``parts``, a folder of the caller's.
    """

    def __init__(self, path: Path, parts: str) -> None:
        texts = {"strings_to_formulas": False, "strings_to_urls": False}
        rows = {"constant_memory": True, "tmpdir": parts, "default_date_format": DAY}
        self.book = Workbook(path, {**texts, **rows})
        shown = {one: self.book.add_format({"num_format": one}) for one in FORMATS}
        self.formats: dict[str, Format | None] = {PLAIN: None, **shown}
        self.bold = self.book.add_format({"bold": True})
        self.start = self.book.add_format({"num_format": WHOLE, "align": "left"})
        self.names: set[str] = set()

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet under its name, or the nearest that Excel takes and no other sheet has."""
        plain = FORBIDDEN.sub("_", name)
        tries = (
            f"{plain[: LONGEST_NAME - len(end)]}{end}"
            for end in ["", *map("~{}".format, range(2, 999))]
        )
        free = next(one for one in tries if one.casefold() not in self.names)
        self.names.add(free.casefold())
        return self.book.add_worksheet(free)


def write_workbook(
    about: Mapping[str, str],
    frames: Mapping[str, pd.DataFrame],
    path: Path,
    whose: Mapping[str, str] | None = None,
) -> None:
    """Write the sheet "about", then a sheet a table; only "about" when no table has a row.

    ``whose`` says of each table of which part of the company it speaks, where they differ.
    """
    with tempfile.TemporaryDirectory(prefix=f"{path.stem}.", dir=path.parent) as parts:
        book = _Book(path, parts)
        _write_about(book, about, frames, whose or {})
        if any(len(frame) for frame in frames.values()):
            for name, frame in frames.items():
                _write_sheet(book, name, frame.head(EXCEL_ROWS))
        book.book.close()


def _write_about(
    book: _Book,
    about: Mapping[str, str],
    frames: Mapping[str, pd.DataFrame],
    whose: Mapping[str, str],
) -> None:
    """Say what the workbook is. A count stands at the left, below the sentence it belongs to."""
    sheet = book.sheet(_("about"))
    sheet.set_column(0, 0, max([16, *(min(len(name) + 2, WIDEST) for name in frames)]), book.bold)
    sheet.set_column(1, 1, WIDEST)
    sheet.set_column(2, 2, WIDEST // 2 if whose else None)
    for n, (name, value) in enumerate(about.items()):
        sheet.write_row(n, 0, [name, _defused(value)])
    heads = [_("table"), _("rows"), *([_("speaks of")] if whose else [])]
    sheet.write_row(len(about) + 1, 0, heads, book.bold)
    for n, (name, frame) in enumerate(frames.items(), start=len(about) + 2):
        sheet.write_row(n, 0, [name, len(frame)], book.start)
        sheet.write_row(n, 2, [*([_defused(whose[name])] if whose else []), _left_out(frame)])


def _left_out(frame: pd.DataFrame) -> str | None:
    told = _("the first {n} are in this workbook").format(n=EXCEL_ROWS)
    return told if len(frame) > EXCEL_ROWS else None


def _write_sheet(book: _Book, name: str, frame: pd.DataFrame) -> None:
    sheet = book.sheet(name)
    columns = [_column(str(label), values) for label, values in _series(frame)]
    sheet.freeze_panes(1, 0)
    for n, column in enumerate(columns):
        sheet.set_column(n, n, column.width, book.formats[column.number_format])
    if columns:
        sheet.autofilter(0, 0, len(frame), len(columns) - 1)
    sheet.write_row(0, 0, [column.name for column in columns], book.bold)
    for n, row in enumerate(zip(*(column.values for column in columns), strict=True), start=1):
        sheet.write_row(n, 0, row)


def _series(frame: pd.DataFrame) -> list[tuple[object, pd.Series]]:
    """Return the columns to be written, those of a named index first."""
    index = frame.index
    levels = [index.get_level_values(n).to_series() for n in range(index.nlevels)]
    named = [(one.name, one) for one in levels if any(name is not None for name in index.names)]
    return [*named, *((label, frame.iloc[:, n]) for n, label in enumerate(frame.columns))]


def _column(name: str, series: pd.Series) -> Column:
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_localize(None)
    values = _values(series)
    told = [value for value in values if value is not None]
    shown = _number_format(told)
    width = max(_width(name) + FILTER_BUTTON, _widest(told, shown) + 1)
    return Column(_defused(name), values, shown, min(max(width, NARROWEST), WIDEST))


def _values(series: pd.Series) -> list[object]:
    """Return a column's cells as Excel takes them; None is an empty one."""
    held = series.astype("object").where(series.notna(), None).tolist()
    small = series.dtype.kind == "b" or (series.dtype.kind in "iu" and _is_small(series))
    return held if small else [_plain(value) for value in held]


def _is_small(numbers: pd.Series) -> bool:
    return bool(numbers.between(-LARGEST, LARGEST).all())


def _plain(value: object) -> object:
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
    return _defused(", ".join(map(str, value)) if listed else str(value))  # type: ignore[call-overload]


def _plain_day(value: dt.date) -> object:
    """Return a day of Excel's calendar, which knows no time zone and begins in 1900."""
    if value.year < FIRST_YEAR:
        return value.isoformat()
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def _defused(text: str) -> str:
    """Keep a text that looks like a formula or markup from being one; cut it at a cell's end."""
    marked = text.startswith("<r>") and text.endswith("</r>")
    safe = "'" + text if marked or text.startswith(FORMULA_STARTS) else text
    return safe if len(safe) <= LONGEST_TEXT else safe[: LONGEST_TEXT - 1] + "…"


def _number_format(values: Sequence[object]) -> str:
    """Return how a column is shown: days, money, whole amounts, shares, or as it comes."""
    if values and all(isinstance(value, dt.date) for value in values):
        return DAY
    numbers = [value for value in values if isinstance(value, float | Decimal)]
    if not numbers or len(numbers) < len(values):
        return PLAIN
    if all(-1 <= number <= 1 for number in numbers):
        return SHARE
    return WHOLE if all(number == int(number) for number in numbers) else MONEY


def _widest(values: Sequence[object], number_format: str) -> int:
    """Return the width of the widest cell as it is shown."""
    if number_format == DAY:
        return len("2026-01-31")
    if number_format in (WHOLE, MONEY, SHARE):
        extremes = (min(values), max(values))  # type: ignore[type-var]
        places = {WHOLE: 0, MONEY: 2, SHARE: 3}[number_format]
        return max(len(f"{value:,.{places}f}") for value in extremes)
    return max((_width(str(value)) for value in values), default=0)


def _width(text: str) -> int:
    """Return how wide a text stands: a Chinese character takes the room of two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
