"""One sheet as rows of one table: what is taken, what is held back and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from insights.ingest.blanks import Around, fill_blanks, joined_documents
from insights.ingest.cells import Cells
from insights.ingest.derivation import fulfils
from insights.ingest.faults import fault_rows, no_faults, together
from insights.ingest.furniture import furniture
from insights.ingest.making import Made, distinct_lines, made_columns, of_one_cell, rows_of
from insights.ingest.mapping import Distinct, TablePlan
from insights.ingest.other_units import of_another_unit
from insights.ingest.plainly import Plain, plainly
from insights.ingest.reading import Sheet
from insights.ingest.values import Misread, read_values
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL, Column
from insights.words import _

EMPTIED = frozenset(
    {"customers", "products", "reps", "departments", "distributors", "contacts"}
)  # masters: a row lost for one cell takes along all that refers to it


@dataclass(frozen=True)
class Batch:
    """Rows read for one table from one sheet.

    ``positions`` are the sheet's rows that became ``values`` (canonical columns, same order);
    ``faults`` name positions: of ``values``, and of rows that never got so far. ``lines`` says how
    many lines each distinct row stands for. ``emptied`` are faults of cells that a row does without
    (of masters, ``EMPTIED``): they hold no row back. ``notes`` say what was read into the sheet.
    """

    table: str
    sheet: Sheet
    plan: TablePlan
    positions: np.ndarray
    values: pd.DataFrame
    lines: np.ndarray
    faults: pd.DataFrame
    read: int
    emptied: pd.DataFrame = field(default_factory=no_faults)
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> pd.DataFrame:
        """Return every fault: of rows held back, and of cells that were emptied."""
        return together([self.faults, self.emptied]) if len(self.emptied) else self.faults

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
    filled = fill_blanks(rows_of(sheet.frame, kept), table, plan, vocabulary, Around(
        sheet.frame, held, kept))  # fmt: skip
    made = made_columns(filled.frame, plan, vocabulary)
    lines = np.ones(len(kept), dtype=np.int64)
    if plan.distinct:
        held = no_faults()
        first, lines = distinct_lines(made, len(kept))
        made = {name: replace(one, cells=one.cells.some(first)) for name, one in made.items()}
        kept = kept[first]
    batch = Batch(table, sheet, plan, kept, pd.DataFrame(index=range(len(kept))), lines, held,
                  len(kept) if plan.distinct else len(sheet.rows), notes=filled.notes)  # fmt: skip
    batch = _typed(batch, made, vocabulary)
    if plan.distinct:
        return _one_of_each_key(batch) if isinstance(plan.distinct, Distinct) else batch
    return joined_documents(_in_one_unit(batch, filled.frame), filled, vocabulary)


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
    single = {name: how.inputs[0] for name, how in made.items() if of_one_cell(how)}
    needed = [] if plan.distinct else [c.name for c in columns if c.required and c.name in single]
    return list(dict.fromkeys(single.values())), [single[name] for name in needed]


def _torn(sheet: Sheet) -> list[tuple[np.ndarray, str, str, str, bool]]:
    if sheet.torn is None:
        return []
    reason = _("broken: a quotation mark that is never closed, or the file ends within the row")
    return [(sheet.torn, reason, _("correct the row, or export it again"), "", False)]


def _typed(batch: Batch, made: dict[str, Made], vocabulary: Vocabulary) -> Batch:
    values, notes = {}, list(batch.notes)
    faults: list[pd.DataFrame] = []
    emptied: list[pd.DataFrame] = []
    for name, one in made.items():
        column, how = CANONICAL[batch.table].column(name), batch.plan.derivation(name)
        master = batch.table in EMPTIED
        plain = plainly(one.cells.texts, column, how.unit, master)
        read = read_values(plain.texts, column, vocabulary, how.round)
        parts = (*one.misread, *read.misread)
        bad = np.logical_or.reduce([np.zeros(len(plain.texts), bool), *(p.where for p in parts)])
        spared = master and not column.required and not column.key
        known = read.values.mask(bad) if spared and bad.any() else read.values
        values[name] = one.cells.spread(known, batch.values.index)
        (emptied if spared else faults).extend(_misread(batch, name, one, parts, spared))
        faults += _unfit(batch, name, one, known, bad)
        notes += _told(batch, name, one, plain)
    typed = replace(batch, values=pd.DataFrame(values, index=batch.values.index, copy=False))
    whole = typed.with_faults(faults)
    return replace(whole, emptied=together(emptied), notes=tuple(notes))


def _misread(
    batch: Batch, name: str, made: Made, parts: tuple[Misread, ...], spared: bool
) -> list[pd.DataFrame]:
    """Return what could not be read in a column, named row by row."""
    words = _("{reason}; the row is taken without it") if spared else "{reason}"
    checks = [(part.where, words.format(reason=part.reason), part.remedy) for part in parts]
    return _named(batch, name, made, checks)


def _unfit(
    batch: Batch, name: str, made: Made, values: pd.Series, unread: np.ndarray
) -> list[pd.DataFrame]:
    """Return what was read and cannot stand in a column, named row by row."""
    column = CANONICAL[batch.table].column(name)
    checks = [*_out_of_range(values, column), *_blank(values, column, unread)]
    return _named(batch, name, made, checks)


def _named(
    batch: Batch, name: str, made: Made, checks: list[tuple[np.ndarray, str, str]]
) -> list[pd.DataFrame]:
    cells, parts = made.cells, []
    for where, reason, remedy in checks:
        rows = cells.rows(where) if where.any() else np.array([], dtype=np.int64)
        if len(rows):
            shown = _shown(batch, name, cells, rows)
            header = batch.shown(name)
            parts.append(fault_rows(batch.positions[rows], reason, remedy, header, shown))
    return parts


def _told(batch: Batch, name: str, made: Made, plain: Plain) -> list[str]:
    if not plain.said:
        return []
    words = plain.said.format(n=len(made.cells.rows(plain.where)))
    return [_("{column}: {words}").format(column=batch.shown(name), words=words)]


def _in_one_unit(batch: Batch, frame: pd.DataFrame) -> Batch:
    """Hold back amounts in yuan in a column of 万元."""
    faults = []
    for name, (rows, unit) in of_another_unit(frame, batch.table, batch.plan).items():
        header = batch.shown(name)
        reason = _("far beyond all others of this column: written in 元, though it is in {unit}元?")
        remedy = _("write it in {unit}元, as the others").format(unit=unit)
        cells = frame[header][rows]
        where = batch.positions[rows]
        faults.append(fault_rows(where, reason.format(unit=unit), remedy, header, cells))
    return batch.with_faults(faults) if faults else batch


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
