"""One Excel workbook: a first sheet that says what it is, then a sheet a table, fit to work in."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from insights.store.columns import (
    DAY,
    FORMATS,
    NARROWEST,
    PLAIN,
    WHOLE,
    WIDEST,
    Column,
    column_of,
    defused,
    unlike,
    width_of,
)
from insights.store.decisions_sheet import (
    asking_in,
    how_to_answer,
    mark_book,
    name_columns,
    number_format_of,
    place_answers,
    write_choices,
)
from insights.store.definitions import meaning_of_column, meaning_of_figure
from insights.tables.asked import AS_ASKED, Ask, asked_of
from insights.words import _, sheet_name, shown

EXCEL_ROWS = 100_000
TABLE_ROWS = 5_000  # of an Excel table: until the end its cells wait in memory
LONGEST_NAME = 31
A4 = 9
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
STYLE = "Table Style Light 1"
LEADING = ("rank", "customer_id", "name")


@dataclass(frozen=True)
class Page:
    """A table as its sheet shows it: ``lead`` columns stay in sight; ``ask`` or None."""

    name: str
    columns: list[Column]
    rows: int
    ask: Ask | None
    subject: int
    lead: int

    @property
    def headings(self) -> list[str]:
        """Return the headings of all columns, those to fill in last; Excel tells them apart."""
        asked = [_(one.heading) for one in self.ask.answers] if self.ask else []
        return unlike([*(column.name for column in self.columns), *asked])


@dataclass(frozen=True)
class Written:
    """A sheet as it stands in the book; ``notes``: heading and meaning of each column of a list."""

    name: str
    sheet: Worksheet
    notes: list[tuple[str, str]]


class _ListSheet(Worksheet):
    """A sheet whose cells wait in memory, as an Excel table needs, in a book that keeps none."""

    def _initialize(self, init_data: dict[str, Any]) -> None:
        super()._initialize({**init_data, "constant_memory": False})
        self.row_data_fh_closed = True  # there is no file of rows that the book could close


class _Book:
    """A workbook being written, and the few ways in which its cells are shown.

    Rows of all but short lists are written for good one after the other: memory holds one of them.
    Until the end they wait in ``parts``, a folder of the caller's.
    """

    def __init__(self, path: Path, parts: str) -> None:
        texts = {"strings_to_formulas": False, "strings_to_urls": False}
        rows = {"constant_memory": True, "tmpdir": parts, "default_date_format": DAY}
        self.book = Workbook(path, {**texts, **rows})
        forms = {one: self.book.add_format({"num_format": one}) for one in FORMATS}
        self.formats: dict[str, Format | None] = {PLAIN: None, **forms}
        self.bold = self.book.add_format({"bold": True})
        self.start = self.book.add_format({"num_format": WHOLE, "align": "left"})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.link = self.book.add_format({"font_color": "#0563C1", "underline": 1})
        self.asking = asking_in(self.book)
        self.names = {AS_ASKED.casefold()}

    def sheet(self, name: str, kind: type[Worksheet] | None = None) -> Worksheet:
        """Add a sheet under its name, or the nearest that Excel takes and no other sheet has."""
        plain = FORBIDDEN.sub("_", name)
        tries = (
            f"{plain[: LONGEST_NAME - len(end)]}{end}"
            for end in ["", *map("~{}".format, range(2, 999))]
        )
        free = next(one for one in tries if one.casefold() not in self.names)
        self.names.add(free.casefold())
        return self.book.add_worksheet(free, kind)


def write_workbook(
    about: Mapping[str, str],
    frames: Mapping[str, pd.DataFrame],
    path: Path,
    whose: Mapping[str, str] | None = None,
    figures: Mapping[str, float] | None = None,
    analysis: str = "",
) -> None:
    """Write the sheet "about", a sheet a table, "notes"; only "about" when no table has a row.

    ``whose`` says of each table of which part of the company it speaks, where they differ.
    ``figures``: headline figures, explained on the sheet "notes" with the columns of action lists
    as ``analysis`` means them.
    Action lists have columns in which people answer; ``insights.tables.asked`` says which.
    """
    with tempfile.TemporaryDirectory(prefix=f"{path.stem}.", dir=path.parent) as parts:
        book = _Book(path, parts)
        first = book.sheet(_("about"))
        filled = any(len(frame) for frame in frames.values())
        written = [_write_page(book, _page(name, frame.head(EXCEL_ROWS)), analysis)
                   for name, frame in frames.items() if filled]  # fmt: skip
        _write_notes(book, written, (figures or {}) if filled else {}, analysis)
        mark_book(book.book, first)
        asked = [one.sheet.get_name() for one in written if one.notes]
        if asked:
            write_choices(book.book)
        told = {**about, **({_("to fill in"): how_to_answer(asked)} if asked else {})}
        sheets = {one.name: one.sheet for one in written}
        _write_about(book, first, told, frames, whose or {}, sheets)
        book.book.close()


def _page(name: str, frame: pd.DataFrame) -> Page:
    series = _series(frame)
    labels = [str(label) for label, _values in series]
    ask = asked_of(name, labels) if len(frame) else None
    lead = [] if ask is None else _leading(labels, ask)
    rest = [n for n in range(len(labels)) if n not in lead]
    columns = [column_of(labels[n], series[n][1]) for n in [*lead, *rest]]
    subject = [*lead, *rest].index(labels.index(ask.subject)) if ask else 0
    return Page(name, columns, len(frame), ask, subject, len(lead))


def _leading(labels: list[str], ask: Ask) -> list[int]:
    """Return the columns that say whom a row is about, which stay in sight beside the others."""
    wanted = dict.fromkeys([LEADING[0], ask.subject, *LEADING[1:]])
    return [labels.index(name) for name in wanted if name in labels]


def _series(frame: pd.DataFrame) -> list[tuple[object, pd.Series]]:
    """Return the columns to be written, those of a named index first."""
    index = frame.index
    levels = [index.get_level_values(n).to_series() for n in range(index.nlevels)]
    named = [(one.name, one) for one in levels if any(name is not None for name in index.names)]
    return [*named, *((label, frame.iloc[:, n]) for n, label in enumerate(frame.columns))]


def _write_page(book: _Book, page: Page, analysis: str) -> Written:
    """Write a table; one that asks is an Excel table where it is short, with columns to answer."""
    listed = page.ask is not None and page.rows <= TABLE_ROWS
    sheet = book.sheet(sheet_name(page.name), _ListSheet if listed else None)
    headings, width = page.headings, len(page.columns)
    sheet.freeze_panes(1, page.lead)
    _for_print(sheet)
    for n, column in enumerate(page.columns):
        sheet.set_column(n, n, column.width, book.formats[column.number_format])
    if page.ask is not None:
        place_answers(sheet, page.ask, headings[width:], width, page.rows)
        name_columns(book.book, sheet, page.ask, page.subject, width)
    _write_headings(book, sheet, page, listed)
    _write_rows(book, sheet, page)
    notes = list(zip(headings, _meanings(page, analysis), strict=True)) if page.ask else []
    return Written(page.name, sheet, notes)


def _for_print(sheet: Worksheet) -> None:
    """Print across an A4 page, the header on each."""
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _write_headings(book: _Book, sheet: Worksheet, page: Page, listed: bool) -> None:
    headings, width = page.headings, len(page.columns)
    looks = [book.bold if n < width else book.asking.heading for n in range(len(headings))]
    if listed:
        heads = [
            {"header": heading, "header_format": look}
            for heading, look in zip(headings, looks, strict=True)
        ]
        table = {"columns": heads, "style": STYLE, "name": f"list_{sheet.index}"}
        sheet.add_table(0, 0, page.rows, len(headings) - 1, table)
        return
    if headings:
        sheet.autofilter(0, 0, page.rows, len(headings) - 1)
    for n, (heading, look) in enumerate(zip(headings, looks, strict=True)):
        sheet.write_string(0, n, heading, look)


def _write_rows(book: _Book, sheet: Worksheet, page: Page) -> None:
    """Write the cells, and in each row the empty ones to fill in."""
    ask = page.ask
    forms = [number_format_of(ask, one) for one in ask.answers] if ask else []
    empty = [book.asking.cells[form] for form in forms]
    cells = zip(*(column.values for column in page.columns), strict=True)
    for n, row in enumerate(cells, start=1):
        sheet.write_row(n, 0, row)
        for place, look in enumerate(empty, start=len(page.columns)):
            sheet.write_blank(n, place, None, look)


def _write_about(
    book: _Book,
    sheet: Worksheet,
    about: Mapping[str, str],
    frames: Mapping[str, pd.DataFrame],
    whose: Mapping[str, str],
    sheets: Mapping[str, Worksheet],
) -> None:
    """Say what the workbook is. A count stands at the left, below the sentence it belongs to."""
    names = {name: sheet_name(name) for name in frames}
    widest = (min(width_of(name) + 2, WIDEST) for name in [*names.values(), *about])
    sheet.set_column(0, 0, max([16, *widest]), book.bold)
    sheet.set_column(1, 1, 2 * WIDEST, book.wrapped)
    sheet.set_column(2, 2, WIDEST // 2 if whose else None)
    for n, (name, value) in enumerate(about.items()):
        sheet.write_row(n, 0, [name, defused(value)])
    heads = [_("table"), _("rows"), *([_("speaks of")] if whose else [])]
    sheet.write_row(len(about) + 1, 0, heads, book.bold)
    for n, (name, frame) in enumerate(frames.items(), start=len(about) + 2):
        _write_link(book, sheet, n, names[name], sheets.get(name))
        sheet.write_number(n, 1, len(frame), book.start)
        sheet.write_row(n, 2, [*([defused(whose[name])] if whose else []), _left_out(frame)])


def _write_link(book: _Book, sheet: Worksheet, row: int, text: str, to: Worksheet | None) -> None:
    """Write the name of a table, which leads to its sheet."""
    if to is None:
        sheet.write_string(row, 0, text, book.start)
    else:
        sheet.write_url(row, 0, f"internal:'{to.get_name()}'!A1", book.link, text)


def _left_out(frame: pd.DataFrame) -> str | None:
    told = _("the first {n} are in this workbook").format(n=EXCEL_ROWS)
    return told if len(frame) > EXCEL_ROWS else None


def _write_notes(
    book: _Book, written: list[Written], figures: Mapping[str, float], analysis: str
) -> None:
    """Say what headline figures and columns mean, where anything is known of them."""
    said = [
        *((_("headline"), shown(name), meaning_of_figure(name, analysis)) for name in figures),
        *((shown(one.name), *note) for one in written for note in one.notes),
    ]
    rows = [row for row in said if row[-1]]
    if not rows:
        return
    sheet = book.sheet(_("notes"))
    sheet.freeze_panes(1, 0)
    for n in range(2):
        sheet.set_column(n, n, max(NARROWEST, *(width_of(row[n]) + 2 for row in rows)))
    sheet.set_column(2, 2, 2 * WIDEST, book.wrapped)
    sheet.write_row(0, 0, [_("where"), _("name"), _("what it means")], book.bold)
    for n, row in enumerate(rows, start=1):
        sheet.write_row(n, 0, row)


def _meanings(page: Page, analysis: str) -> list[str]:
    known = [meaning_of_column(page.name, column.source, analysis) for column in page.columns]
    return [*known, *(_(one.hint) for one in (page.ask.answers if page.ask else ()))]
