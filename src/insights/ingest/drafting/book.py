"""The workbook in which a person corrects a mapping: drop-down lists, and what the columns mean."""

from __future__ import annotations

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from insights.ingest.drafting.columns import ANSWERS, COLUMNS, OPEN, PLACE, SAMPLES, UNITS
from insights.ingest.forms import AS_DRAFTED
from insights.ingest.headings import heading
from insights.ingest.review_book import book_bytes, fill_sheet, new_book
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL
from insights.words import _, shown

MAPPING, DICTIONARY, TABLES = "mapping", "columns", "tables"
GREY, YELLOW = (PatternFill("solid", start_color=color) for color in ("FFEDEDED", "FFFFE699"))
SPARE = 200  # rows below the draft that have the lists too
WIDEST_SAMPLE = 24
WORDS_SHOWN = 6


def draft_book(rows: pd.DataFrame, vocabulary: Vocabulary) -> bytes:
    """Return a workbook of a draft (``COLUMNS``): the mapping, and what the tables hold.

    Cells to be told are yellow; table, column and unit have drop-down lists, the columns those of
    the row's table. A hidden sheet keeps the draft as it was written, to tell corrections from it.
    """
    book = new_book()
    sheet = book.create_sheet(MAPPING)
    fill_sheet(sheet, rows[COLUMNS].mask(rows[COLUMNS] == "").rename(columns=heading))
    _coloured(sheet, rows)
    _add_dictionary(book, vocabulary)
    _add_lists(sheet)
    hidden = book.create_sheet(AS_DRAFTED)
    fill_sheet(hidden, rows[COLUMNS].mask(rows[COLUMNS] == ""))
    hidden.sheet_state = "veryHidden"
    return book_bytes(book)


def _coloured(sheet: Worksheet, rows: pd.DataFrame) -> None:
    """Grey what is not to be changed, yellow what is to be told."""
    sheet.freeze_panes = f"{get_column_letter(len(PLACE) + 1)}2"
    for number, name in enumerate(COLUMNS, 1):
        if name in SAMPLES:
            width = sheet.column_dimensions[get_column_letter(number)]
            width.width = min(width.width, WIDEST_SAMPLE)
        for line, value in enumerate(rows[name], 2):
            open_one = name in ANSWERS and value == OPEN
            missing = name == "header" and not value
            if open_one or missing:
                sheet.cell(line, number).fill = YELLOW
            elif name not in ANSWERS:
                sheet.cell(line, number).fill = GREY


def _add_dictionary(book: Workbook, vocabulary: Vocabulary) -> None:
    columns = [
        [table.name, column.name, shown(column.name), _("yes") if column.required else "",
         column.type, ", ".join(column.codes), column.meaning,
         _words(vocabulary, table.name, column.name)]
        for table in CANONICAL.values()
        for column in table.columns
    ]  # fmt: skip
    heads = [heading("table"), heading("column"), _("in words"), _("required"), _("type"),
             _("codes"), _("meaning"), _("headers")]  # fmt: skip
    fill_sheet(book.create_sheet(DICTIONARY), _frame(columns, heads))
    tables = [
        [table.name, shown(table.name), table.meaning, ", ".join(table.required)]
        for table in CANONICAL.values()
    ]
    heads = [heading("table"), _("in words"), _("meaning"), _("required columns")]
    unknown = [OPEN, _("not told yet"), "", ""]
    fill_sheet(book.create_sheet(TABLES), _frame([*tables, unknown], heads))


def _words(vocabulary: Vocabulary, table: str, column: str) -> str:
    known = vocabulary.columns[table].items()
    return ", ".join([word for word, own in known if own == column][:WORDS_SHOWN])


def _frame(rows: list[list[str]], heads: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=heads, dtype="str")
    return frame.mask(frame == "")


def _add_lists(sheet: Worksheet) -> None:
    """Offer tables, the columns of the row's table, and units; what is not listed is warned of."""
    letters = {name: get_column_letter(COLUMNS.index(name) + 1) for name in ANSWERS}
    last = sheet.max_row + SPARE
    start, column = f"{DICTIONARY}!$B$1", f"{DICTIONARY}!$A:$A"
    table = f"${letters['table']}2"
    formulas = {
        "table": f"{TABLES}!$A$2:$A${len(CANONICAL) + 2}",
        "column": f"OFFSET({start},MATCH({table},{column},0)-1,0,COUNTIF({column},{table}),1)",
        "unit": f'"{",".join(UNITS)}"',
    }
    for name, formula in formulas.items():
        rule = DataValidation("list", formula, allow_blank=True, errorStyle="warning")
        rule.errorTitle, rule.error = name, _("not in the list; see the sheets columns and tables")
        rule.showErrorMessage = name != "column"
        rule.add(f"{letters[name]}2:{letters[name]}{last}")
        sheet.add_data_validation(rule)
