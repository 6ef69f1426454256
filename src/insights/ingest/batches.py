"""One sheet as rows of one table: what is taken, what is held back and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.ingest.cells import Cells, cells_of
from insights.ingest.derivation import Derived, derive, fulfils
from insights.ingest.faults import fault_rows, no_faults, together
from insights.ingest.furniture import furniture
from insights.ingest.mapping import Derivation, Distinct, TablePlan
from insights.ingest.reading import Sheet
from insights.ingest.values import Misread, Values, read_values
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL, Column
from insights.words import _


@dataclass(frozen=True)
class Made:
    """A column as made of the file's, before it is read: its cells, and what could not be made.

    ``misread`` is said of the cells' texts.
    """

    cells: Cells
    misread: tuple[Misread, ...]


@dataclass(frozen=True)
class Batch:
    """Rows read for one table from one sheet.

    ``positions`` are the sheet's rows that became ``values`` (canonical columns, same order);
    ``faults`` name positions: of ``values``, and of rows that never got so far. ``lines`` says how
    many lines each distinct row stands for.
    """

    table: str
    sheet: Sheet
    plan: TablePlan
    positions: np.ndarray
    values: pd.DataFrame
    lines: np.ndarray
    faults: pd.DataFrame
    read: int

    @property
    def sound(self) -> np.ndarray:
        """Return which of ``values`` have no fault."""
        at_fault = np.zeros(len(self.sheet.rows), dtype=bool)
        at_fault[self.faults.position.to_numpy(np.int64)] = True
        return ~at_fault[self.positions]

    def with_faults(self, more: list[pd.DataFrame]) -> Batch:
        """Return the batch with further faults."""
        return replace(self, faults=together([self.faults, *more]))

    def shown(self, column: str) -> str:
        """Return the header a person knows a canonical column by."""
        if column not in self.plan.columns:
            return column
        inputs = self.plan.derivation(column).inputs
        return inputs[0] if len(inputs) == 1 else column


def unrecognised(sheet: Sheet, problem: str, table: str = "") -> Batch:
    """Return a sheet whose table cannot be made or told: every row is held back."""
    everything = np.arange(len(sheet.rows))
    faults = fault_rows(everything, problem, _("rename the headers, or write a mapping"))
    nothing = pd.DataFrame(index=range(0))
    return Batch(table, sheet, TablePlan(), everything[:0], nothing, everything[:0], faults,
                 len(everything))  # fmt: skip


def make_batch(sheet: Sheet, table: str, plan: TablePlan, vocabulary: Vocabulary) -> Batch:
    """Read a sheet as rows of ``table``; nothing is dropped without a fault that says why."""
    held, kept = _held_back(sheet, table, plan, vocabulary)
    made = _made(_rows(sheet.frame, kept), plan, vocabulary)
    lines = np.ones(len(kept), dtype=np.int64)
    if plan.distinct:
        held = no_faults()
        first, lines = _distinct(made, len(kept))
        made = {name: replace(one, cells=one.cells.some(first)) for name, one in made.items()}
        kept = kept[first]
    batch = Batch(table, sheet, plan, kept, pd.DataFrame(index=range(len(kept))), lines, held,
                  len(kept) if plan.distinct else len(sheet.rows))  # fmt: skip
    batch = _typed(batch, made, vocabulary)
    return _one_of_each_key(batch) if isinstance(plan.distinct, Distinct) else batch


def _rows(frame: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """Return some rows of a sheet; where none or only the last ones are left out, nothing moves."""
    some = slice(len(kept)) if len(kept) == 0 or kept[-1] == len(kept) - 1 else kept
    return frame.iloc[some].reset_index(drop=True)


def _made(frame: pd.DataFrame, plan: TablePlan, vocabulary: Vocabulary) -> dict[str, Made]:
    """Make each column; one that is made of a single column of the sheet, of its distinct texts."""
    hows = {name: plan.derivation(name) for name in plan.columns}
    alone = {how.inputs[0] for how in hows.values() if _of_one_cell(how)}
    cells = {header: cells_of(frame[header]) for header in frame.columns if header in alone}
    made = {}
    for name, how in hows.items():
        own = cells[how.inputs[0]] if _of_one_cell(how) else None
        rows = frame if own is None else own.texts.to_frame(how.inputs[0])
        as_it_is = own is not None and isinstance(plan.columns[name], str) and not plan.distinct
        column = Derived(rows.iloc[:, 0]) if as_it_is else derive(rows, how, vocabulary)
        own = own if as_it_is or own is None else replace(own, texts=column.values, column=None)
        made[name] = Made(own or Cells(column.values), column.misread)
    return made


def _of_one_cell(how: Derivation) -> bool:
    """Say whether a value depends on one cell of its row and nothing else."""
    return len(how.inputs) == 1 and how.number is None


def _held_back(
    sheet: Sheet, table: str, plan: TablePlan, vocabulary: Vocabulary
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return faults of rows that are no data of this table, and the positions of the others."""
    free = np.ones(len(sheet.rows), dtype=bool)
    parts = []
    for where, reason, remedy, column, expected in _reasons(sheet, table, plan, vocabulary):
        positions = np.flatnonzero(where & free)
        value = sheet.frame[column].iloc[positions].to_numpy(object) if column else ""
        parts.append(fault_rows(positions, reason, remedy, column, value, expected))
        free &= ~where
    return together(parts), np.flatnonzero(free)


def _reasons(
    sheet: Sheet, table: str, plan: TablePlan, vocabulary: Vocabulary
) -> list[tuple[np.ndarray, str, str, str, bool]]:
    return [
        *(
            (one.where, one.reason, one.remedy, "", True)
            for one in furniture(sheet.frame, vocabulary, *_ids(table, plan))
        ),
        *_torn(sheet),
        (
            sheet.shifted,
            _("more cells than the header has"),
            _("a comma or line break inside a cell without quotes? correct and export again"),
            "",
            False,
        ),
        *(
            (
                ~fulfils(sheet.frame, condition, vocabulary),
                condition.reason,
                _("left out by the mapping"),
                condition.column,
                condition.expected,
            )
            for condition in plan.where
        ),
    ]


def _ids(table: str, plan: TablePlan) -> tuple[list[str], list[str]]:
    """Return the headers of codes, and of those that each line has (of distinct rows, none)."""
    columns = [CANONICAL[table].column(name) for name in plan.columns]
    made = {one.name: plan.derivation(one.name) for one in columns if one.type == "id"}
    single = {name: how.inputs[0] for name, how in made.items() if _of_one_cell(how)}
    needed = [] if plan.distinct else [c.name for c in columns if c.required and c.name in single]
    return list(dict.fromkeys(single.values())), [single[name] for name in needed]


def _torn(sheet: Sheet) -> list[tuple[np.ndarray, str, str, str, bool]]:
    if sheet.torn is None:
        return []
    reason = _("broken: a quotation mark that is never closed, or the file ends within the row")
    return [(sheet.torn, reason, _("correct the row, or export it again"), "", False)]


def _distinct(made: dict[str, Made], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of each distinct row's first line, and how many lines it has."""
    index = pd.RangeIndex(count)
    raw = pd.DataFrame({n: one.cells.spread(one.cells.texts, index) for n, one in made.items()})
    if raw.empty:
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    number = raw.groupby(list(raw.columns), sort=False, dropna=False).ngroup().to_numpy()
    _numbers, first, lines = np.unique(number, return_index=True, return_counts=True)
    return first, lines


def _typed(batch: Batch, made: dict[str, Made], vocabulary: Vocabulary) -> Batch:
    values, faults = {}, []
    for name, one in made.items():
        column = CANONICAL[batch.table].column(name)
        read = read_values(one.cells.texts, column, vocabulary, batch.plan.derivation(name).round)
        values[name] = one.cells.spread(read.values, batch.values.index)
        faults += _faults(batch, name, one, read)
    typed = replace(batch, values=pd.DataFrame(values, index=batch.values.index, copy=False))
    return typed.with_faults(faults)


def _faults(batch: Batch, name: str, made: Made, read: Values) -> list[pd.DataFrame]:
    """Return what cannot stand in a column, looked for in its texts and named row by row."""
    column, cells, parts = CANONICAL[batch.table].column(name), made.cells, []
    checks = [(part.where, part.reason, part.remedy) for part in (*made.misread, *read.misread)]
    unread = np.logical_or.reduce([np.zeros(len(cells.texts), dtype=bool), *(c[0] for c in checks)])
    checks += [*_out_of_range(read.values, column), *_blank(read.values, column, unread)]
    for where, reason, remedy in checks:
        rows = cells.rows(where) if where.any() else np.array([], dtype=np.int64)
        if len(rows):
            shown = _shown(batch, name, cells, rows)
            header = batch.shown(name)
            parts.append(fault_rows(batch.positions[rows], reason, remedy, header, shown))
    return parts


def _shown(batch: Batch, name: str, cells: Cells, rows: np.ndarray) -> pd.Series:
    """Return the cells at fault as the file has them, else as they were made of it."""
    header = batch.shown(name)
    if header in batch.sheet.frame:
        return batch.sheet.frame[header].iloc[batch.positions[rows]]
    return cells.texts.iloc[rows if cells.codes is None else cells.codes[rows]]


def _out_of_range(values: pd.Series, column: Column) -> list[tuple[np.ndarray, str, str]]:
    low = 0.0 if column.type == "rate" else column.low
    high = 1.0 if column.type == "rate" else column.high
    if low is None and high is None:
        return []
    below = (values < low).fillna(False) if low is not None else values.isna() & False
    above = (values > high).fillna(False) if high is not None else values.isna() & False
    reason = _("outside {low} to {high}").format(low=low, high=high)
    return [((below | above).to_numpy(bool), reason, _("correct the value"))]


def _blank(
    values: pd.Series, column: Column, unread: np.ndarray
) -> list[tuple[np.ndarray, str, str]]:
    if not column.required:
        return []
    where = values.isna().to_numpy(bool) & ~unread
    return [(where, _("empty, but every row needs it"), _("fill it in"))]


def _one_of_each_key(batch: Batch) -> Batch:
    """Of several contents of one key keep the one the mapping says; the rest are expected."""
    distinct = batch.plan.distinct
    keys = [key for key in CANONICAL[batch.table].key if key in batch.values]
    if not isinstance(distinct, Distinct) or distinct.keep is None or not keys:
        return batch
    order = np.flatnonzero(batch.sound)
    if distinct.keep == "last":
        order = order[::-1]
    elif distinct.keep == "most_frequent":
        order = order[np.argsort(-batch.lines[order], kind="stable")]
    again = order[batch.values[keys].iloc[order].duplicated().to_numpy()]
    reason = distinct.reason or _("another row of this key is kept ({keep})").format(
        keep=distinct.keep
    )
    rows = batch.values.iloc[again]
    names = list(batch.plan.columns)
    fault = fault_rows(
        batch.positions[again],
        reason,
        _("left out by the mapping"),
        ", ".join(batch.shown(name) for name in names),
        joined_text(rows, names),
        expected=True,
    )
    return batch.with_faults([fault])


def joined_text(rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Return several columns of each row as words."""
    parts = [rows[name].astype("str").fillna("") for name in names]
    if len(parts) < 2:
        return parts[0].to_numpy(object) if parts else np.full(len(rows), "", dtype=object)
    return parts[0].str.cat(pd.concat(parts[1:], axis=1), sep=", ").to_numpy(object)
