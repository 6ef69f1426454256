"""Formula errors in a workbook: the fast reader shows them as empty cells."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)([0-9]+)"[^>]*>.*?<v>([^<]*)</v>')
Cell = tuple[int, int, str]  # row and column from 0, text


def error_cells(path: Path) -> dict[str, list[Cell]]:
    """Return the cells of each sheet that hold #N/A and the like; only .xlsx and .xlsm tell."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return {}
    with zipfile.ZipFile(path) as book:
        return {
            name: [_cell(*found) for found in ERROR.findall(book.read(part))]
            for name, part in _parts(book).items()
            if part in book.namelist()
        }


def _parts(book: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name -> its file in the workbook."""
    links = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
    return {
        sheet.get("name", ""): posixpath.normpath(
            posixpath.join("/xl", targets.get(sheet.get(LINK), ""))
        ).lstrip("/")
        for sheet in sheets
    }


def _cell(letters: bytes, row: bytes, text: bytes) -> Cell:
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return int(row) - 1, column - 1, text.decode()
