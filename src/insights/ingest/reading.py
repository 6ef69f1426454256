"""Files in: CSV, Excel and Parquet as sheets of text, each row with the number a person sees."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine

from insights.ingest.excel_errors import error_cells
from insights.ingest.vocabulary import as_compared
from insights.words import _

TEXT = (".csv", ".tsv")
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb")
SUFFIXES = (*TEXT, *EXCEL, ".parquet")
DELIMITERS = ",\t;|"
TITLE_ROWS = 10  # how far down a header row is looked for
Cells = Sequence[str | None]


class UnreadableError(ValueError):
    """A file that cannot be read at all: says why, and what to do."""


@dataclass(frozen=True)
class Sheet:
    """One sheet as text (missing = NaN). ``rows`` numbers its rows as Excel shows them."""

    file: str
    name: str
    frame: pd.DataFrame
    rows: np.ndarray
    shifted: np.ndarray  # rows with more cells than the header has
    repeated: tuple[str, ...] = ()  # headers that stand there twice


def read_file(path: Path, file: str, known: frozenset[str]) -> list[Sheet]:
    """Return the sheets of a file that hold a header; ``UnreadableError`` when it cannot be read.

    ``known`` are headers that some table knows: they tell a header from title rows above it.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            return [_parquet(path, file)]
        if suffix in EXCEL:
            return _excel(path, file, known)
        return _sheets([("", _csv(path.read_bytes()))], file, known)
    except (OSError, csv.Error, pa.ArrowException, zipfile.BadZipFile) as error:
        raise UnreadableError(_("not readable: {error}").format(error=error)) from None


def _csv(content: bytes) -> Iterable[Cells]:
    text = _decode(content)
    if "\0" in text:
        raise UnreadableError(_("not a text file: it holds NUL bytes"))
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _decode(content: bytes) -> str:
    """Read strictly, in a fixed order: detectors guess wrong on short Chinese files."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(_("the text is neither UTF-8 nor GB18030; save it again as “CSV UTF-8”"))


def _excel(path: Path, file: str, known: frozenset[str]) -> list[Sheet]:
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        grids = [workbook.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names]
    except python_calamine.PasswordError:
        raise UnreadableError(_("the workbook has a password; save a copy without one")) from None
    except python_calamine.CalamineError as error:
        raise UnreadableError(
            _("not a workbook that can be read ({error}); save it again as .xlsx").format(
                error=error
            )
        ) from None
    read = [[[_cell(value) for value in row] for row in grid] for grid in grids]
    errors = error_cells(path)
    for name, grid in zip(names, read, strict=True):
        for row, column, text in errors.get(name, []):
            grid[row][column] = text
    return _sheets(list(zip(names, read, strict=True)), file, known)


def _cell(value: Any) -> str | None:
    """Return an Excel cell as text: 4.0 is 4, midnight is a date, float noise is cut."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    return str(value) or None


def _sheets(
    grids: list[tuple[str, Iterable[Cells]]], file: str, known: frozenset[str]
) -> list[Sheet]:
    made = [_sheet(file, name, list(grid), known) for name, grid in grids]
    return [sheet for sheet in made if sheet is not None]


def _sheet(file: str, name: str, grid: list[Cells], known: frozenset[str]) -> Sheet | None:
    top = _header_row(grid, known)
    if top is None:
        return None
    titles = list(grid[top])
    while titles and not (titles[-1] or "").strip():
        titles.pop()
    headers, repeated = _unique([(title or "").strip() for title in titles])
    numbered = [
        (number, row) for number, row in enumerate(grid[top + 1 :], top + 2) if _filled(row)
    ]
    rows = np.array([number for number, _row in numbered], dtype=np.int64)
    body = [row for _number, row in numbered]
    shifted = np.array([_filled(row[len(headers) :]) for row in body], dtype=bool)
    return Sheet(file, name, _frame(headers, body), rows, shifted, repeated)


def _frame(headers: list[str], body: list[Cells]) -> pd.DataFrame:
    width = len(headers)
    even = [row if len(row) == width else (list(row) + [None] * width)[:width] for row in body]
    columns = list(zip(*even, strict=True)) if even else [()] * width
    data = {
        header: pd.array(list(cells), dtype="str")
        for header, cells in zip(headers, columns, strict=True)
    }
    return pd.DataFrame(data, index=range(len(body)))


def _header_row(grid: list[Cells], known: frozenset[str]) -> int | None:
    """Return the row with the most known headers among the first; else the first with text."""
    top = {number: row for number, row in enumerate(grid[:TITLE_ROWS]) if _filled(row)}
    if not top:
        return None
    hits = {number: sum(as_compared(c or "") in known for c in row) for number, row in top.items()}
    best = max(hits, key=lambda number: (hits[number], -number))
    return best if hits[best] >= 2 else min(top)


def _filled(row: Cells) -> bool:
    return any(cell and not cell.isspace() for cell in row)


def _unique(titles: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Name columns that have no header by position, and number headers that are repeated."""
    seen: dict[str, int] = {}
    headers = []
    for position, title in enumerate(titles, 1):
        named = title or _("(column {n})").format(n=position)
        seen[named] = seen.get(named, 0) + 1
        headers.append(named if seen[named] == 1 else f"{named} ({seen[named]})")
    return headers, tuple(title for title, count in seen.items() if count > 1)


def _parquet(path: Path, file: str) -> Sheet:
    table = pq.read_table(path)
    names = [str(name) for name in table.column_names]
    data = {name: _as_text(table.column(i)) for i, name in enumerate(names)}
    count = table.num_rows
    return Sheet(
        file,
        "",
        pd.DataFrame(data, index=range(count)),
        np.arange(count, dtype=np.int64) + 2,
        np.zeros(count, dtype=bool),
    )


def _as_text(values: pa.ChunkedArray) -> pd.Series:
    """Return a typed column as text, as Excel would show it: 17850.0 is 17850."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
    if pa.types.is_floating(kind):
        numbers = values.to_numpy()
        return pd.Series(
            [None if np.isnan(x) else f"{x:.15g}" for x in numbers.tolist()], dtype="str"
        )
    if pa.types.is_timestamp(kind):
        whole = values.cast(pa.timestamp("s"), safe=False)
        exact = whole.cast(pa.timestamp("us")).equals(values.cast(pa.timestamp("us"), safe=False))
        values = whole if exact else values.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pd.Series([None if v is None else str(v) for v in values.to_pylist()], dtype="str")
    return pd.Series(values.cast(pa.string()).to_pandas(), dtype="str")
