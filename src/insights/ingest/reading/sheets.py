"""One sheet as text, each row with the number a person sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.reading.headers import TITLE_ROWS, Cells, Headers, filled, find_headers

TEXT = pd.StringDtype(na_value=np.nan)


@dataclass(frozen=True)
class Sheet:
    """One sheet as text (missing = NaN). ``rows`` numbers its rows as Excel shows them.

    ``shifted``: rows with more cells than the header has, and ``torn`` ones. ``torn``: rows whose
    quotation mark is never closed, or that end with the file; None where no row is. ``notes`` say
    what is remarkable: a hidden sheet, merged cells, two rows of headers.
    """

    file: str
    name: str
    frame: pd.DataFrame
    rows: np.ndarray
    shifted: np.ndarray
    repeated: tuple[str, ...] = ()  # headers that stand there twice
    torn: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def sheet_of_grid(
    file: str,
    name: str,
    grid: Sequence[Cells],
    known: frozenset[str],
    torn: Sequence[int] = (),
    cut: bool = False,
) -> Sheet | None:
    """Return a grid of cells as a sheet, or None where it is blank.

    ``torn`` are its broken rows (from 0); ``cut``: the file may end within the last one.
    """
    headers = find_headers(grid[: TITLE_ROWS + 1], known)
    if headers is None:
        return None
    body = grid[headers.data :]
    numbers = np.arange(len(body), dtype=np.int64) + headers.data + 1
    width = len(headers.names)
    widths = np.fromiter(map(len, body), dtype=np.int64, count=len(body))
    wide = np.zeros(len(body), dtype=bool)
    for position in np.flatnonzero(widths > width).tolist():
        wide[position] = filled(body[position][width:])
    columns = _columns(body, width, widths)
    broken = np.isin(numbers, np.asarray(torn, dtype=np.int64) + 1)
    if cut and len(body) and 0 < widths[-1] < width:
        broken[-1] = filled(body[-1])
    return sheet_of_columns(file, name, headers, columns, numbers, wide | broken, broken)


def sheet_of_columns(
    file: str,
    name: str,
    headers: Headers,
    columns: Sequence[pa.Array],
    numbers: np.ndarray,
    shifted: np.ndarray,
    torn: np.ndarray,
) -> Sheet:
    """Return columns of text as a sheet without its blank rows and its blank unnamed columns."""
    empty = [_blank(column) for column in columns]
    kept = ~np.logical_and.reduce(empty) | shifted if empty else np.zeros(len(numbers), dtype=bool)
    mask = None if kept.all() else pa.array(kept)
    data = {
        header: as_series(column if mask is None else column.filter(mask))
        for header, column, blank in zip(headers.names, columns, empty, strict=True)
        if not (header in headers.unnamed and blank.all())
    }
    return Sheet(
        file,
        name,
        pd.DataFrame(data, index=range(int(kept.sum()))),
        numbers[kept],
        shifted[kept],
        headers.repeated,
        torn[kept] if torn.any() else None,
        headers.notes,
    )


def as_series(column: pa.Array) -> pd.Series:
    """Return text of Arrow as a text column, without a detour over Python's objects."""
    return pd.Series(TEXT.__from_arrow__(column))  # type: ignore[attr-defined]


def with_notes(sheet: Sheet, notes: Sequence[str]) -> Sheet:
    """Return the sheet with further notes."""
    return replace(sheet, notes=(*sheet.notes, *notes))


def _columns(body: Sequence[Cells], width: int, widths: np.ndarray) -> list[pa.Array]:
    even: Sequence[Cells] = body
    if (widths != width).any():
        even = [row if len(row) == width else [*row, *([None] * width)][:width] for row in body]
    cells = list(zip(*even, strict=True)) if len(even) else [()] * width
    return [pa.array(column, pa.large_string()) for column in cells]


def _blank(column: pa.Array) -> np.ndarray:
    empty = pc.or_(pc.equal(pc.binary_length(column), 0), pc.utf8_is_space(column))
    return np.asarray(pc.fill_null(empty, True).to_numpy(zero_copy_only=False), dtype=bool)
