"""Formula errors and padded codes of an .xls, which the fast reader shows as blank or bare."""

from __future__ import annotations

import io
from pathlib import Path

import xlrd

from insights.ingest.reading.limits import UnreadableError
from insights.ingest.reading.package import Form, OddCell
from insights.ingest.reading.zeros import code_format, in_code_format
from insights.words import _

NUMBER, ERROR = 2, 5  # xlrd's cell types
LOCKED = "EncryptedPackage".encode("utf-16-le")  # the part that an .xlsx with a password has


def old_error_cells(path: Path) -> dict[str, list[OddCell]]:
    """Return of each sheet of an .xls its cells with errors, and the numbers padded with zeros.

    Nothing where the file is none: the fast reader tells why.
    """
    if LOCKED in path.read_bytes():
        raise _locked()
    try:
        with xlrd.open_workbook(path, io.StringIO(), on_demand=True, formatting_info=True) as book:
            return {name: _odd(book, book.sheet_by_name(name)) for name in book.sheet_names()}
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise _locked() from None
        return {}
    except Exception:
        return {}


def _locked() -> UnreadableError:
    return UnreadableError(_("the workbook has a password"), _("save a copy without one"))


def _odd(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> list[OddCell]:
    zeros = _padded_styles(book)
    found = []
    for row in range(sheet.nrows):
        kinds = sheet.row_types(row)
        if ERROR in kinds:
            found += [(row, n, _error(sheet, row, n)) for n, k in enumerate(kinds) if k == ERROR]
        if zeros:
            numbers = [n for n, kind in enumerate(kinds) if kind == NUMBER]
            found += [(row, n, text) for n in numbers if (text := _padded(sheet, row, n, zeros))]
    return found


def _error(sheet: xlrd.sheet.Sheet, row: int, column: int) -> str:
    return str(xlrd.error_text_from_code.get(sheet.cell_value(row, column), "#VALUE!"))


def _padded(sheet: xlrd.sheet.Sheet, row: int, column: int, zeros: dict[int, Form]) -> str:
    form = zeros.get(sheet.cell_xf_index(row, column))
    value = sheet.cell_value(row, column)
    whole = form and value >= 0 and value == int(value)
    return in_code_format(f"{value:.0f}", form) if form and whole else ""


def _padded_styles(book: xlrd.Book) -> dict[int, Form]:
    forms = {key: code_format(form.format_str or "") for key, form in book.format_map.items()}
    styles = {n: forms.get(style.format_key, ()) for n, style in enumerate(book.xf_list)}
    return {n: form for n, form in styles.items() if form}
