"""Columns as made of a sheet's, before they are read as values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.ingest.cells import Cells, cells_of
from insights.ingest.derivation import Derived, derive
from insights.ingest.mapping import Derivation, TablePlan
from insights.ingest.values import Misread
from insights.ingest.vocabulary import Vocabulary


@dataclass(frozen=True)
class Made:
    """A column as made of the file's, before it is read: its cells, and what could not be made.

    ``misread`` is said of the cells' texts.
    """

    cells: Cells
    misread: tuple[Misread, ...]


def rows_of(frame: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """Return some rows of a sheet; where none or only the last ones are left out, nothing moves."""
    some = slice(len(kept)) if len(kept) == 0 or kept[-1] == len(kept) - 1 else kept
    return frame.iloc[some].reset_index(drop=True)


def made_columns(frame: pd.DataFrame, plan: TablePlan, vocabulary: Vocabulary) -> dict[str, Made]:
    """Make each column; one that is made of a single column of the sheet, of its distinct texts."""
    hows = {name: plan.derivation(name) for name in plan.columns}
    alone = {how.inputs[0] for how in hows.values() if of_one_cell(how)}
    cells = {header: cells_of(frame[header]) for header in frame.columns if header in alone}
    made = {}
    for name, how in hows.items():
        own = cells[how.inputs[0]] if of_one_cell(how) else None
        rows = frame if own is None else own.texts.to_frame(how.inputs[0])
        as_it_is = own is not None and isinstance(plan.columns[name], str) and not plan.distinct
        column = Derived(rows.iloc[:, 0]) if as_it_is else derive(rows, how, vocabulary)
        own = own if as_it_is or own is None else replace(own, texts=column.values, column=None)
        made[name] = Made(own or Cells(column.values), column.misread)
    return made


def of_one_cell(how: Derivation) -> bool:
    """Say whether a value depends on one cell of its row and nothing else."""
    return len(how.inputs) == 1 and how.number is None


def distinct_lines(made: dict[str, Made], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of each distinct row's first line, and how many lines it has."""
    index = pd.RangeIndex(count)
    raw = pd.DataFrame({n: one.cells.spread(one.cells.texts, index) for n, one in made.items()})
    if raw.empty:
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    number = raw.groupby(list(raw.columns), sort=False, dropna=False).ngroup().to_numpy()
    _numbers, first, lines = np.unique(number, return_index=True, return_counts=True)
    return first, lines
