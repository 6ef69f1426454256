"""A column's cells with each text once: what is true of a text is true of all rows that hold it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

SAMPLE = 10_000  # rows that tell whether a column's texts repeat
REPEATING = 0.5  # of them at most are different texts
TEXT = pd.StringDtype(na_value=np.nan)
NO_LETTERS = np.array([], dtype=np.uint8)


@dataclass(frozen=True)
class Cells:
    """``texts`` of a column and which of them stands in each row (``codes``).

    Where nearly all rows differ, ``codes`` is None and ``texts`` are the rows themselves: telling
    them apart would cost more than reading them all.
    """

    texts: pd.Series
    codes: np.ndarray | None = None
    column: pd.Series | None = None  # the rows as they came, where they are still these texts

    def spread(self, values: pd.Series, index: pd.Index) -> pd.Series:
        """Return a value for each row, of one for each text."""
        if self.codes is None:
            return values.set_axis(index)
        if self.column is not None and values.equals(self.texts):
            return self.column.set_axis(index)
        return pd.Series(values.array.take(self.codes), index=index)

    def rows(self, where: np.ndarray) -> np.ndarray:
        """Return the rows of which something is true, of the texts of which it is."""
        return np.flatnonzero(where if self.codes is None else where[self.codes])

    def some(self, rows: np.ndarray) -> Cells:
        """Return the cells of some rows."""
        if self.codes is None:
            return Cells(self.texts, rows)
        return Cells(self.texts, self.codes[rows])


def cells_of(column: pd.Series) -> Cells:
    """Return a column's cells, each text once where they repeat."""
    some = column.iloc[:: max(1, len(column) // SAMPLE)]
    if len(some) and some.nunique(dropna=False) > REPEATING * len(some):
        return Cells(column.reset_index(drop=True))
    coded = _one_array(column).dictionary_encode(null_encoding="encode")
    return Cells(as_text(coded.dictionary), coded.indices.to_numpy(), column)


def as_text(cells: pa.Array) -> pd.Series:
    """Return Arrow's text as a column of text, without a detour over Python's objects."""
    return pd.Series(pd.array(cells, dtype=TEXT))


def emptied(column: pd.Series, where: np.ndarray) -> pd.Series:
    """Return a column of text with nulls where ``where``."""
    cells = _one_array(column)
    nulls = pa.scalar(None, cells.type)
    return as_text(pc.if_else(pa.array(where), nulls, cells)).set_axis(column.index)


def letters(column: pd.Series) -> np.ndarray:
    """Return all letters of a column of text as bytes (UTF-8), cell after cell.

    Looking through them for what no cell holds costs a hundredth of a pattern a cell.
    """
    text = _one_array(column)
    _validity, offsets, data = text.buffers()
    if data is None or not len(text):
        return NO_LETTERS
    ends = np.frombuffer(offsets, np.int64, len(text) + 1, 8 * text.offset)
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]


def is_printable_ascii(found: np.ndarray) -> bool:
    """Say whether ``letters`` are all of ASCII and none of them a control character."""
    return not len(found) or bool(found.min() >= ord(" ") and found.max() <= ord("~"))


def holds(found: np.ndarray, characters: str) -> bool:
    """Say whether any of some ASCII characters is among ``letters``."""
    return any(bool((found == ord(character)).any()) for character in characters)


def _one_array(column: pd.Series) -> pa.LargeStringArray:
    text = pa.array(column, pa.large_string())
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
