"""Delimited text whose rows are lines: a million of them in about a second."""

from __future__ import annotations

import csv
import io
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from insights.ingest.reading.headers import TITLE_ROWS, Headers, filled, find_headers
from insights.ingest.reading.sheets import Sheet, sheet_of_columns

TOP = 1 << 22  # characters in which the first rows lie
BLOCK = 64 << 20  # bytes that hold any row: longer lines were refused before
Odd = list[tuple[int, str]]  # rows of another width than the headers': line from 1, text


def read_plain(
    text: str, delimiter: str, file: str, name: str, known: frozenset[str]
) -> Sheet | None:
    """Return the sheet of a text whose cells hold no line ends; None where it wants more care.

    Its quotation marks, if any, are in order: each opens or closes a whole cell, or is doubled.
    """
    lines = list(islice(io.StringIO(text[:TOP], newline=""), TITLE_ROWS + 1))
    top = list(csv.reader(lines, delimiter=delimiter))
    headers = find_headers(top, known)
    if headers is None or not delimiter.isascii() or len(headers.names) < 2:
        return None
    read = _columns(text, delimiter, headers)
    if read is None:
        return None
    cut = not text.endswith(("\n", "\r"))
    return _with_odd(file, name, headers, *read, delimiter, cut)


def _columns(text: str, delimiter: str, headers: Headers) -> tuple[list[pa.Array], Odd] | None:
    odd: Odd = []

    def hold(row: pacsv.InvalidRow) -> str:
        odd.append((row.number, row.text))
        return "skip"

    names = [str(n) for n in range(len(headers.names))]
    types = dict.fromkeys(names, pa.large_string())
    try:
        table = pacsv.read_csv(
            pa.py_buffer(text.encode()),
            pacsv.ReadOptions(
                column_names=names, skip_rows=headers.data, use_threads=False, block_size=BLOCK
            ),
            pacsv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if '"' in text else False,
                ignore_empty_lines=False,
                invalid_row_handler=hold,
            ),
            pacsv.ConvertOptions(column_types=types),
        )
    except pa.ArrowInvalid:
        return None
    return [_one_piece(table.column(name)) for name in names], odd


def _one_piece(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _with_odd(
    file: str,
    name: str,
    headers: Headers,
    columns: list[pa.Array],
    odd: Odd,
    delimiter: str,
    cut: bool,
) -> Sheet:
    """Put the rows of another width back where they stood; a short last one was cut."""
    width, total = len(headers.names), len(columns[0]) + len(odd)
    apart = np.array([line - 1 - headers.data for line, _text in odd], dtype=np.int64)
    cells = list(csv.reader([text for _line, text in odd], delimiter=delimiter))
    shifted, torn = np.zeros(total, dtype=bool), np.zeros(total, dtype=bool)
    shifted[apart] = [filled(row[width:]) for row in cells]
    if cut and len(apart) and apart[-1] == total - 1:
        torn[-1] = len(cells[-1]) < width and filled(cells[-1])
    whole = _merged(columns, cells, apart, total) if odd else columns
    numbers = np.arange(total, dtype=np.int64) + headers.data + 1
    return sheet_of_columns(file, name, headers, whole, numbers, shifted | torn, torn)


def _merged(
    columns: list[pa.Array], cells: list[list[str]], apart: np.ndarray, total: int
) -> list[pa.Array]:
    order = np.empty(total, dtype=np.int64)
    order[np.setdiff1d(np.arange(total), apart)] = np.arange(total - len(apart))
    order[apart] = np.arange(total - len(apart), total)
    padded = [[*row, *([None] * len(columns))] for row in cells]
    parts = [pa.array([row[n] for row in padded], pa.large_string()) for n in range(len(columns))]
    return [
        pa.concat_arrays([column, part]).take(pa.array(order))
        for column, part in zip(columns, parts, strict=True)
    ]
