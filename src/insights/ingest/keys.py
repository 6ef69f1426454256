"""Rows of one key across all files of a table: exact duplicates and contradictions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch, joined_text
from insights.ingest.faults import fault_rows
from insights.tables import CANONICAL, Table
from insights.words import _

OWNER, PLACE = "_batch", "_position"


def hold_back_repeats(batches: list[Batch]) -> list[Batch]:
    """Hold back what one table's batches say twice.

    Equal rows of a key: the first stays, the rest are expected faults. Different rows of a key: all
    are held back, because nobody can tell which is true.
    """
    if not batches:
        return []
    table = CANONICAL[batches[0].table]
    rows = _repeated(table, pd.concat([_sound_rows(b, i) for i, b in enumerate(batches)]))
    content = [name for name in rows.columns if name not in (OWNER, PLACE)]
    again = rows.duplicated(content).to_numpy(bool)
    first = rows[~again]
    torn = first[first.duplicated(list(table.key), keep=False)] if len(first) else first
    return [
        batch.with_faults(
            [
                _faults(batch, table, rows[again & (rows[OWNER] == i)], _("an exact duplicate"),
                        _("nothing to do: the first one is kept"), True),
                _faults(batch, table, torn[torn[OWNER] == i], _("same key, different content"),
                        _("correct the key, or leave one row; a document's lines need numbers"),
                        False),
            ]
        )
        for i, batch in enumerate(batches)
    ]  # fmt: skip


def _sound_rows(batch: Batch, owner: int) -> pd.DataFrame:
    sound = batch.sound
    return batch.values[sound].assign(**{OWNER: owner, PLACE: batch.positions[sound]})


def _repeated(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that share their key with another, absent key columns at their default."""
    absent = {key: None for key in table.key if key not in rows}
    filled = rows.assign(**absent).reset_index(drop=True)
    for key in table.key:
        default = table.column(key).default
        if default is not None:
            filled[key] = filled[key].fillna(default)
    return filled[filled.duplicated(list(table.key), keep=False)]


def _faults(
    batch: Batch, table: Table, rows: pd.DataFrame, reason: str, remedy: str, expected: bool
) -> pd.DataFrame:
    keys = [key for key in table.key if key in batch.values]
    value = joined_text(rows, keys)
    shown = ", ".join(batch.shown(key) for key in keys)
    places = rows[PLACE].to_numpy(np.int64)
    return fault_rows(places, reason, remedy, shown, value, expected)


def without_repeats(batches: list[Batch]) -> list[Batch]:
    """Hold back repeated rows of every table, over all of its batches; the order stays."""
    made = list(batches)
    filled = [n for n, batch in enumerate(batches) if len(batch.values.columns)]
    for table in dict.fromkeys(batches[n].table for n in filled):
        own = [n for n in filled if batches[n].table == table]
        for n, after in zip(own, hold_back_repeats([batches[n] for n in own]), strict=True):
            made[n] = after
    return made
