"""One sheet as rows of one table: what is taken, what is held back and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.derivation import derive, fulfils
from insights.ingest.faults import fault_rows, no_faults, together
from insights.ingest.mapping import Distinct, TablePlan
from insights.ingest.reading import Sheet
from insights.ingest.values import Misread, read_values
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL, Column
from insights.words import _


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
        return ~np.isin(self.positions, self.faults.position.to_numpy())

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
    held, kept = _held_back(sheet, plan, vocabulary)
    frame = sheet.frame.iloc[kept].reset_index(drop=True)
    made = {name: derive(frame, plan.derivation(name), vocabulary) for name in plan.columns}
    lines = np.ones(len(kept), dtype=np.int64)
    misread = [(name, part) for name, column in made.items() for part in column.misread]
    raw = {name: column.values for name, column in made.items()}
    if plan.distinct:
        held = no_faults()
        first, lines = _distinct(pd.DataFrame(raw, index=frame.index))
        raw = {name: values.iloc[first].reset_index(drop=True) for name, values in raw.items()}
        misread = [(n, replace(part, where=part.where[first])) for n, part in misread]
        kept, frame = kept[first], frame.iloc[first].reset_index(drop=True)
    batch = Batch(table, sheet, plan, kept, pd.DataFrame(index=frame.index), lines, held,
                  len(kept) if plan.distinct else len(sheet.rows))  # fmt: skip
    batch = _typed(batch, raw, misread, frame, vocabulary)
    return _one_of_each_key(batch) if isinstance(plan.distinct, Distinct) else batch


def _held_back(
    sheet: Sheet, plan: TablePlan, vocabulary: Vocabulary
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return faults of rows that are no data of this table, and the positions of the others."""
    free = np.ones(len(sheet.rows), dtype=bool)
    parts = []
    for where, reason, remedy, column, expected in _reasons(sheet, plan, vocabulary):
        positions = np.flatnonzero(where & free)
        value = sheet.frame[column].iloc[positions].to_numpy(object) if column else ""
        parts.append(fault_rows(positions, reason, remedy, column, value, expected))
        free &= ~where
    return together(parts), np.flatnonzero(free)


def _reasons(
    sheet: Sheet, plan: TablePlan, vocabulary: Vocabulary
) -> list[tuple[np.ndarray, str, str, str, bool]]:
    return [
        (
            _subtotals(sheet.frame, vocabulary),
            _("a subtotal row"),
            _("nothing to do: it repeats other rows"),
            "",
            True,
        ),
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


def _subtotals(frame: pd.DataFrame, vocabulary: Vocabulary) -> np.ndarray:
    """Return rows whose first filled cell ends in a word such as 合计."""
    hits = np.zeros(len(frame), dtype=bool)
    for name in frame.columns:
        found = pc.match_substring_regex(pa.array(frame[name]), vocabulary.subtotal)
        hits |= found.fill_null(False).to_numpy(zero_copy_only=False)
    if hits.any():
        filled = frame.loc[hits].apply(lambda cells: cells.mask(cells.str.strip() == ""))
        first = filled.bfill(axis=1).iloc[:, 0].astype("str")
        sums = pc.match_substring_regex(pa.array(first), vocabulary.subtotal)
        hits[hits] = sums.fill_null(False).to_numpy(zero_copy_only=False)
    return hits


def _distinct(raw: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of each distinct row's first line, and how many lines it has."""
    if raw.empty:
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    number = raw.groupby(list(raw.columns), sort=False, dropna=False).ngroup().to_numpy()
    _numbers, first, lines = np.unique(number, return_index=True, return_counts=True)
    return first, lines


def _typed(
    batch: Batch,
    raw: dict[str, pd.Series],
    misread: list[tuple[str, Misread]],
    frame: pd.DataFrame,
    vocabulary: Vocabulary,
) -> Batch:
    table = CANONICAL[batch.table]
    values, faults = {}, []
    for name, text in raw.items():
        column, how = table.column(name), batch.plan.derivation(name)
        read = read_values(text, column, vocabulary, how.round)
        values[name] = read.values
        parts = [*(part for owner, part in misread if owner == name), *read.misread]
        shown = frame.get(batch.shown(name), text)
        checks = [(part.where, part.reason, part.remedy) for part in parts]
        unread = np.logical_or.reduce([c[0] for c in checks] or [np.zeros(len(text), dtype=bool)])
        checks += _out_of_range(read.values, column)
        checks += _blank(read.values, column, unread)
        faults += [
            fault_rows(batch.positions[where], reason, remedy, batch.shown(name), shown[where])
            for where, reason, remedy in checks
            if where.any()
        ]
    typed = replace(batch, values=pd.DataFrame(values, index=frame.index))
    return typed.with_faults(faults)


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
