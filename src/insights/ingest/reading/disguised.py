"""What is called .xls and is a web page, Excel's XML of 2003, or text in truth: ERPs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from insights.ingest.reading.delimited import read_delimited
from insights.ingest.reading.excel import cell_text
from insights.ingest.reading.limits import Limits, UnreadableError
from insights.ingest.reading.merged import Area, Grid, with_merged
from insights.ingest.reading.pieces import read_text
from insights.ingest.reading.sheets import Sheet, sheet_of_grid, with_notes
from insights.words import _

XML = "{urn:schemas-microsoft-com:office:spreadsheet}"
NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,307})(?:\.[0-9]+)?(?:[Ee][+-]?[0-9]{1,2})?")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.0+)?")
MIDNIGHT = ("T00:00:00", "T00:00:00.000")
WIDEST, LONGEST = 16384, 1_048_576  # columns and rows of a sheet


@dataclass
class Table:
    """A table as its marks are read: rows of cells, and the areas that are merged."""

    name: str = ""
    grid: Grid = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    taken: dict[tuple[int, int], None] = field(default_factory=dict)

    def start_row(self, row: int | None = None) -> None:
        """Begin the next row, or the one of a number (from 0)."""
        wanted = len(self.grid) if row is None else row
        self.grid += [[] for _n in range(wanted + 1 - len(self.grid))]

    def add(self, text: str, across: int, down: int, column: int | None = None) -> None:
        """Put a cell into the last row, right of what merged cells of rows above take."""
        row = len(self.grid) - 1
        at = len(self.grid[row]) if column is None else column
        while column is None and (row, at) in self.taken:
            at += 1
        across = max(min(across, WIDEST - at), 1)
        down = min(down, max(WIDEST // across, 1))
        self.grid[row] += [None] * (at + across - len(self.grid[row]))
        self.grid[row][at] = text
        if down > 1:
            self.areas.append(((row, at), (row + down - 1, at + across - 1)))
            self.taken |= dict.fromkeys((r, c) for r in range(row + 1, row + down)
                                        for c in range(at, at + across))  # fmt: skip


def read_disguised(path: Path, file: str, known: frozenset[str], limits: Limits) -> list[Sheet]:
    """Return the tables of a file that is called a workbook and is text."""
    text = read_text(path, known, limits)
    start = text[:2000].lstrip("\ufeff \t\r\n").casefold()
    if start.startswith("mime-version"):
        raise UnreadableError(
            _("a web archive, not a workbook"), _("open it in Excel and save it as .xlsx")
        )
    if not start.startswith("<"):
        note = _("called a workbook, but it is text: read as CSV")
        return [with_notes(sheet, [note]) for sheet in read_delimited(text, file, known)]
    old_xml = "urn:schemas-microsoft-com:office:spreadsheet" in text[:4000]
    tables = _xml_tables(text) if old_xml and "<html" not in start else _page_tables(text)
    note = _("called a workbook, but it is a web page or XML: its tables are read")
    made = [(table, *_sheet(table, file, known)) for table in tables]
    read = [with_notes(sheet, [note, *notes]) for _table, sheet, notes in made if sheet is not None]
    if not read:
        raise UnreadableError(
            _("a web page without a table"), _("export it again: a login page or an error message?")
        )
    return read


def _sheet(table: Table, file: str, known: frozenset[str]) -> tuple[Sheet | None, list[str]]:
    areas = [((top, left), (min(bottom, len(table.grid) - 1), right))
             for (top, left), (bottom, right) in table.areas]  # fmt: skip
    grid, notes = with_merged(table.grid, areas)
    return sheet_of_grid(file, table.name, grid, known), notes


class _Page(HTMLParser):
    """Collects the tables of a web page; one inside another ends the outer one's cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.cell: list[str] | None = None
        self.span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("table", "tr", "td", "th"):
            self.end_cell()
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr" and self.tables:
            self.tables[-1].start_row()
        elif tag in ("td", "th") and self.tables:
            given = dict(attrs)
            self.span = _count(given.get("colspan")), _count(given.get("rowspan"))
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self.end_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def end_cell(self) -> None:
        if self.cell is None:
            return
        if not self.tables[-1].grid:
            self.tables[-1].start_row()
        self.tables[-1].add("".join(self.cell).strip(), *self.span)
        self.cell = None


def _count(written: str | None) -> int:
    return min(int(written), WIDEST) if written and written.isdecimal() and int(written) else 1


def _page_tables(text: str) -> list[Table]:
    page = _Page()
    try:
        page.feed(text)
        page.close()
    except AssertionError as error:  # so the parser says that marks are broken
        raise _damaged(error) from None
    page.end_cell()
    tables = [table for table in page.tables if any(any(row) for row in table.grid)]
    for number, table in enumerate(tables, 1):
        table.name = "" if len(tables) == 1 else _("table {n}").format(n=number)
    return tables


def _xml_tables(text: str) -> list[Table]:
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \t\r\n"))
        return [_xml_table(sheet) for sheet in root.iter(f"{XML}Worksheet")]
    except (ElementTree.ParseError, ValueError) as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> UnreadableError:
    return UnreadableError(
        _("a web page or XML that is cut short or damaged ({error})").format(error=error),
        _("open it in Excel and save it as .xlsx, or export it again"),
    )


def _xml_table(sheet: ElementTree.Element) -> Table:
    table = Table(sheet.get(f"{XML}Name", ""))
    for row in sheet.iter(f"{XML}Row"):
        given = row.get(f"{XML}Index")
        table.start_row(min(int(given), LONGEST) - 1 if given else None)
        for cell in row.iter(f"{XML}Cell"):
            at = cell.get(f"{XML}Index")
            across, down = (int(cell.get(f"{XML}Merge{way}", 0)) for way in ("Across", "Down"))
            column = min(int(at), WIDEST) - 1 if at else None
            table.add(_xml_text(cell), across + 1, down + 1, column)
    return table


def _xml_text(cell: ElementTree.Element) -> str:
    """Return a cell as the same cell of an .xlsx; what is not of its own type stays as written."""
    data = cell.find(f"{XML}Data")
    text = "" if data is None else "".join(data.itertext()).strip()
    kind = "String" if data is None else data.get(f"{XML}Type", "String")
    if kind == "Number" and NUMBER.fullmatch(text):
        return cell_text(float(text)) or ""
    if kind == "Boolean" and text in ("0", "1"):
        return cell_text(text == "1") or ""
    if kind == "DateTime" and MOMENT.fullmatch(text):
        return text.partition("T")[0] if text.endswith(MIDNIGHT) else text[:19].replace("T", " ")
    return text
