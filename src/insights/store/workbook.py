"""One Excel workbook: a first sheet that says what it is, then a sheet a table, fit to read."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from insights.words import _

EXCEL_ROWS = 100_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NARROWEST, WIDEST = 8, 48
FILTER_BUTTON = 3
PLAIN, DAY, WHOLE, MONEY, SHARE = "General", "yyyy-mm-dd", "#,##0", "#,##0.00", "0.000"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its cells as Excel takes them, how they are shown, how wide."""

    name: str
    values: list[object]
    number_format: str
    width: int


def write_workbook(
    about: Mapping[str, str], frames: Mapping[str, pd.DataFrame], path: Path
) -> None:
    """Write the sheet "about", then a sheet a table; only "about" when no table has a row."""
    book = Workbook(write_only=True)
    _write_about(book, about, frames)
    if any(len(frame) for frame in frames.values()):
        for name, frame in frames.items():
            _write_sheet(book, name, frame.head(EXCEL_ROWS))
    book.save(path)


def _write_about(
    book: Workbook, about: Mapping[str, str], frames: Mapping[str, pd.DataFrame]
) -> None:
    sheet = book.create_sheet(_("about"))
    sheet.column_dimensions["A"].width = max([16, *(min(len(n) + 2, WIDEST) for n in frames)])
    sheet.column_dimensions["B"].width = WIDEST
    for name, value in about.items():
        sheet.append([_bold(sheet, name), _defused(value)])
    sheet.append([])
    sheet.append([_bold(sheet, _("table")), _bold(sheet, _("rows"))])
    for name, frame in frames.items():
        left = len(frame) > EXCEL_ROWS
        told = _("the first {n} are in this workbook").format(n=EXCEL_ROWS) if left else None
        sheet.append([name, _start(sheet, len(frame)), told])


def _start(sheet: WriteOnlyWorksheet, count: int) -> WriteOnlyCell:
    """Return a count that stands at the left, below the sentence it belongs to."""
    cell = WriteOnlyCell(sheet, count)
    cell.number_format, cell.alignment = WHOLE, Alignment(horizontal="left")
    return cell


def _write_sheet(book: Workbook, name: str, frame: pd.DataFrame) -> None:
    """Write a table row by row. A column's one cell is written again and again: styling is free."""
    sheet = book.create_sheet(name[:31])
    columns = [_column(str(label), values) for label, values in _series(frame)]
    for n, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(n)].width = column.width
    sheet.freeze_panes = "A2"
    if columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(frame) + 1}"
    sheet.append([_bold(sheet, column.name) for column in columns])
    styled = [_styled(sheet, column) for column in columns]
    for row in zip(*(column.values for column in columns), strict=True):
        sheet.append([_filled(*pair) for pair in zip(styled, row, strict=True)])


def _styled(sheet: WriteOnlyWorksheet, column: Column) -> WriteOnlyCell | None:
    if column.number_format == PLAIN:
        return None
    cell = WriteOnlyCell(sheet)
    cell.number_format = column.number_format
    return cell


def _filled(cell: WriteOnlyCell | None, value: object) -> object:
    """Return the value in its column's styled cell, or bare where there is no style."""
    if cell is None or value is None:
        return value
    cell.value = value
    return cell


def _bold(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, _defused(text))
    cell.font = Font(bold=True)
    return cell


def _series(frame: pd.DataFrame) -> list[tuple[object, pd.Series]]:
    """Return the columns to be written, those of a named index first."""
    index = frame.index
    levels = [index.get_level_values(n).to_series() for n in range(index.nlevels)]
    named = [(one.name, one) for one in levels if any(name is not None for name in index.names)]
    return [*named, *((label, frame.iloc[:, n]) for n, label in enumerate(frame.columns))]


def _column(name: str, series: pd.Series) -> Column:
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_localize(None)
    held = series.astype("object").where(series.notna(), None).tolist()
    values = [_plain(value) for value in held]
    told = [value for value in values if value is not None]
    shown = _number_format(told)
    width = max(_width(name) + FILTER_BUTTON, _widest(told, shown) + 1)
    return Column(_defused(name), values, shown, min(max(width, NARROWEST), WIDEST))


def _plain(value: object) -> object:
    """Return a value as Excel takes it; what Excel has no kind for as text."""
    if value is None or isinstance(value, bool | int | Decimal | dt.date):
        return value
    if isinstance(value, float):
        return value if abs(value) != float("inf") else str(value)
    if hasattr(value, "item"):
        return _plain(value.item())
    return _defused(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _defused(text: str) -> str:
    """Keep a text that looks like a formula from being one."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


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
