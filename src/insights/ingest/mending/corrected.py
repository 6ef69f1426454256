"""Mended rows that the exports hold by now without a fault: these need the mended ones no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.contradictions import without_contradictions
from insights.ingest.keys import with_key
from insights.ingest.mending.lines import Line
from insights.tables import CANONICAL

At = tuple[str, str, int]  # file, sheet and position


def corrected_rows(
    own: Sequence[Batch],
    lines: Sequence[Line],
    exports: Sequence[Batch],
    beside: Mapping[Line, At],
) -> np.ndarray:
    """Which mended rows without an original do the exports hold, corrected at the source?

    ``own``: batches made of the sheet of ``lines``. A row is held if in each table of which it is a
    line (not one of many, as where distinct rows are taken) a row without fault has its key, or
    stands at its place and differs in mended cells alone (``beside``). Returns a mask over the
    sheet's rows.
    """
    known = [batch for batch in own if len(batch.values.columns)]
    wanted = [batch for batch in known if not batch.plan.distinct] or known
    held = np.full(len(lines), bool(wanted))
    for batch in wanted:
        tables = [one for one in exports if one.table == batch.table and len(one.values.columns)]
        held &= _same_key(batch, tables) | _beside(lines, tables, beside)
    return held


def _beside(
    lines: Sequence[Line], exports: Sequence[Batch], beside: Mapping[Line, At]
) -> np.ndarray:
    places = {beside[line] for line in lines if line in beside}
    sound: set[At] = set()
    for batch in exports:
        place = batch.sheet.file, batch.sheet.name
        own = [at for file, sheet, at in places if (file, sheet) == place]
        if own:
            good = batch.positions[without_contradictions(batch).sound]
            sound |= {(*place, at) for at in np.intersect1d(own, good).tolist()}
    return np.array([beside.get(line) in sound for line in lines], dtype=bool)


def _same_key(batch: Batch, exports: Sequence[Batch]) -> np.ndarray:
    """Say of which rows of a batch's sheet the exports hold the key, in rows that agree."""
    table = CANONICAL[batch.table]
    keys = list(table.key)
    mine = with_key(table, batch.values)[keys].set_axis(batch.positions).dropna()
    parts = [_of_keys(one, mine, keys) for one in exports]
    held = np.zeros(len(batch.sheet.rows), dtype=bool)
    rows = pd.concat(parts, ignore_index=True).drop_duplicates() if parts else mine.iloc[:0]
    agreed = rows.loc[~rows.duplicated(keys, keep=False), keys]
    if len(agreed):
        held[mine.index[_among(mine, agreed)]] = True
    return held


def _of_keys(batch: Batch, wanted: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the rows without fault that have one of some keys."""
    table = CANONICAL[batch.table]
    first = batch.values.get(keys[0])
    some = np.ones(len(batch.values), bool) if first is None else first.isin(wanted[keys[0]])
    rows = with_key(table, batch.values[np.asarray(some)])
    rows = rows[_among(rows[keys], wanted)]
    if rows.empty:
        return rows
    good = pd.Series(without_contradictions(batch).sound, batch.values.index)
    return rows[good[rows.index].to_numpy()]


def _among(rows: pd.DataFrame, wanted: pd.DataFrame) -> np.ndarray:
    return pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(wanted))
