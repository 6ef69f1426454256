"""Rows of like content, found among hundreds of thousands without comparing them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from insights.ingest.cells import cells_of
from insights.ingest.review_book import as_in_cell

FEW = 1_000  # rows of like content that are looked at closely: two that agree tell nothing apart
PRIME = np.uint64(0x100000001B3)


@dataclass(frozen=True)
class Alike:
    """Numbers of rows' contents in their order (``numbers``), and where each row stands.

    Rows of equal content have equal numbers; others seldom do, but may. ``edited`` are rows whose
    content has changed since.
    """

    numbers: np.ndarray
    order: np.ndarray
    edited: dict[tuple[str | None, ...], list[int]] = field(default_factory=dict)

    @classmethod
    def of_columns(cls, columns: Sequence[pd.Series]) -> Alike:
        """Return the contents of rows of these columns."""
        total = np.zeros(len(columns[0]), dtype=np.uint64)
        for column in columns:
            cells = cells_of(column)
            texts = np.array([cell_as_read(text) or "" for text in cells.texts], dtype=object)
            numbers = _numbers(texts)
            total = total * PRIME + (numbers if cells.codes is None else numbers[cells.codes])
        order = np.argsort(total, kind="stable")
        return cls(total[order], order)

    def add(self, at: int, cells: Sequence[str | None]) -> None:
        """Note what a row holds by now."""
        self.edited.setdefault(tuple(cells), []).append(at)

    def of(self, cells: Sequence[str | None]) -> list[int]:
        """Return the rows that may hold these cells (``FEW`` of them)."""
        total = np.zeros(1, dtype=np.uint64)
        for number in _numbers(np.array([cell or "" for cell in cells], dtype=object)):
            total = total * PRIME + number
        start = int(np.searchsorted(self.numbers, total[0], "left"))
        stop = int(np.searchsorted(self.numbers, total[0], "right"))
        same = self.order[start : min(stop, start + FEW)].tolist()
        return sorted({*same, *self.edited.get(tuple(cells), [])})


def cell_as_read(value: object) -> str | None:
    """Return a cell of an export as it is read back from a workbook."""
    return as_in_cell(value).strip() or None if isinstance(value, str) else None


def _numbers(texts: np.ndarray) -> np.ndarray:
    return pd.util.hash_array(texts, categorize=False)
