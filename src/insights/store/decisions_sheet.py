"""Columns of a sheet in which people answer: coloured, unlocked, with lists of what may be said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from insights.store.columns import DAY, FILTER_BUTTON, MONEY, PLAIN, width_of
from insights.tables import CANONICAL
from insights.tables.asked import (
    AS_ASKED,
    ASKED,
    CHOICE_COLUMNS,
    REPORT_BOOK,
    SUBJECT,
    Answer,
    Ask,
    defined_name,
)
from insights.words import _, shown

FIRST_DAY = dt.date(2000, 1, 1)
YELLOW, EDGE = "#FFF2CC", "#BF9000"
WIDTHS = {"date": 13, "money": 16, "text": 24}
FORMS = {"date": DAY, "money": MONEY}
LONGEST_TITLE, LONGEST_HINT = 32, 255  # characters that Excel shows beside a cell
LAST_CHOICE = 3  # the column of words on the hidden sheet


@dataclass(frozen=True)
class Asking:
    """The formats of cells to fill in, and of their headings, in one workbook."""

    cells: dict[str, Format]
    heading: Format


def asking_in(book: Workbook) -> Asking:
    """Return the formats for columns to fill in."""
    look = {"locked": False, "bg_color": YELLOW, "border": 1, "border_color": EDGE}
    heading = {"bold": True, "bg_color": YELLOW, "bottom": 2, "border_color": EDGE}
    forms = (PLAIN, DAY, MONEY)
    cells = {form: book.add_format({**look, "num_format": form}) for form in forms}
    return Asking(cells, book.add_format(heading))


def number_format_of(ask: Ask, answer: Answer) -> str:
    """Return how the cells of an answer are shown."""
    return FORMS.get(_type(ask, answer), PLAIN)


def place_answers(sheet: Worksheet, ask: Ask, headings: list[str], at: int, rows: int) -> None:
    """Set up the columns of ``ask`` from column ``at`` on: widths, and what may be written.

    ``rows``: rows of data below the header in row 1. The cells themselves are the caller's.
    """
    for number, (answer, heading) in enumerate(zip(ask.answers, headings, strict=True), start=at):
        width = max(WIDTHS.get(_type(ask, answer), 16), width_of(heading) + FILTER_BUTTON)
        sheet.set_column(number, number, width)
        sheet.data_validation(1, number, rows, number, _rule(ask, answer, heading))


def name_columns(book: Workbook, sheet: Worksheet, ask: Ask, subject: int, at: int) -> None:
    """Name the header cells of the subject and of the answers, so that ingest finds them."""
    places = {SUBJECT: subject, **{one.column: at + n for n, one in enumerate(ask.answers)}}
    quoted = "'{}'".format(sheet.get_name().replace("'", "''"))
    for column, number in places.items():
        cell = xl_rowcol_to_cell(0, number, row_abs=True, col_abs=True)
        book.define_name(f"{quoted}!{defined_name(ask.form, column)}", f"={quoted}!{cell}")


def mark_book(book: Workbook, sheet: Worksheet) -> None:
    """Mark a workbook as a report's, so that ingest never takes its tables for exports."""
    book.define_name(REPORT_BOOK, f"='{sheet.get_name()}'!$A$1")


def write_choices(book: Workbook) -> None:
    """Write the hidden sheet of choices, in the reader's words beside the codes they mean."""
    sheet = book.add_worksheet(AS_ASKED)
    sheet.write_row(0, 0, CHOICE_COLUMNS)
    for number, row in enumerate(_choices(), start=1):
        sheet.write_row(number, 0, [*row, shown(row[-1])])
    sheet.very_hidden()


def how_to_answer(sheets: list[str]) -> str:
    """Say how answers come back."""
    return _(
        "Fill in the yellow columns of {sheets}, save this file among the raw exports and run "
        "insights ingest: it reads them back. Keep your copy there: the next report sets this file "
        "aside unread."
    ).format(sheets=_(", ").join(sheets))


def _type(ask: Ask, answer: Answer) -> str:
    return CANONICAL[ask.table].column(answer.column).type


def _choices() -> list[tuple[str, str, str]]:
    return [
        (ask.form, answer.column, code)
        for ask in ASKED
        for answer in ask.answers
        for code in answer.choices
    ]


def _rule(ask: Ask, answer: Answer, heading: str) -> dict[str, object]:
    """Return Excel's rule for a column to fill in; text takes whatever is written."""
    kinds: dict[str, dict[str, object]] = {
        "date": {"validate": "date", "criteria": ">=", "value": FIRST_DAY},
        "money": {"validate": "decimal", "criteria": ">=", "value": 0},
    }
    rule = kinds.get(_type(ask, answer), {"validate": "any"})
    if answer.choices:
        rule = {"validate": "list", "source": _words_of(ask, answer)}
    return {
        **rule,
        "input_title": heading[:LONGEST_TITLE],
        "input_message": _(answer.hint)[:LONGEST_HINT],
        "error_title": heading[:LONGEST_TITLE],
        "error_message": _error(answer, _type(ask, answer))[:LONGEST_HINT],
    }


def _error(answer: Answer, kind: str) -> str:
    if answer.choices:
        return _("Choose one of the list, or leave the cell empty.")
    if kind == "date":
        return _("Write a day such as 2026-01-31, or leave the cell empty.")
    return _("Write an amount such as 1234.50, or leave the cell empty.")


def _words_of(ask: Ask, answer: Answer) -> str:
    """Return where the words of an answer stand on the hidden sheet."""
    rows = [n for n, row in enumerate(_choices(), 1) if row[:2] == (ask.form, answer.column)]
    first, last = (
        xl_rowcol_to_cell(n, LAST_CHOICE, row_abs=True, col_abs=True) for n in (rows[0], rows[-1])
    )
    return f"='{AS_ASKED}'!{first}:{last}"
