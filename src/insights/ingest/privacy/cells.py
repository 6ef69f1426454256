"""Prescriptions as cells of department and month: added up over doctors, small ones suppressed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.privacy.columns import MEASURES, PRESCRIPTIONS
from insights.tables import CANONICAL

CELL = ["customer_id", "product_id", "month"]


def added_up(batch: Batch) -> tuple[Batch, int]:
    """Return a batch with its lines of one cell (doctors') as one row, and how many lines that are.

    Lines with a fault stay as they are: they are held back.
    """
    sound = batch.sound
    keys = [name for name in CANONICAL[PRESCRIPTIONS].key if name in batch.values]
    lines = batch.values[sound]
    number = lines.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    sums = {
        name: lines[name].groupby(number).sum(min_count=1)
        for name in MEASURES
        if name in batch.values
    }
    first = ~lines.duplicated(keys).to_numpy()
    merged = lines[first].assign(
        **{name: values.reindex(number[first]).to_numpy() for name, values in sums.items()}
    )
    kept = np.sort(np.concatenate([np.flatnonzero(sound)[first], np.flatnonzero(~sound)]))
    values = batch.values.copy()
    values.loc[merged.index, list(sums)] = merged[list(sums)].astype(
        {name: values[name].dtype for name in sums}
    )
    whole = replace(
        batch,
        positions=batch.positions[kept],
        values=values.iloc[kept].reset_index(drop=True),
        lines=batch.lines[kept],
    )
    return whole, int((~first).sum())


def small_cells(
    cells: pd.DataFrame, least: int, complementary: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of prescriptions are small, and which must go with them.

    Small: more than nothing and under ``least`` prescriptions (packs, where prescriptions are not
    given). A row without department is its hospital's total: where one stands beside departments, a
    single suppressed department could be found by subtraction, so the next smallest go too until
    two or more are gone and hold ``least`` together; where that cannot be, the total goes.
    """
    measure = _measure(cells)
    small = ((measure != 0) & (measure.abs() < least)).to_numpy()
    more = np.zeros(len(cells), dtype=bool)
    if complementary and small.any() and "department_id" in cells:
        more = _given_away(cells, measure, small, least) & ~small
    return small, more


def _measure(cells: pd.DataFrame) -> pd.Series:
    given = [cells[name].astype("float64") for name in MEASURES if name in cells]
    if not given:
        return pd.Series(0.0, index=cells.index)
    return (given[0] if len(given) == 1 else given[0].fillna(given[1])).fillna(0.0)


def _given_away(
    cells: pd.DataFrame, measure: pd.Series, small: np.ndarray, least: int
) -> np.ndarray:
    group = cells.groupby([name for name in CELL if name in cells], sort=False).ngroup().to_numpy()
    total = cells.department_id.isna().to_numpy()
    has_total = np.isin(group, group[total])
    has_small = np.isin(group, group[small & ~total])
    rows = np.flatnonzero(has_total & has_small & ~total & (measure != 0).to_numpy())
    frame = pd.DataFrame({"group": group[rows], "size": measure.abs().to_numpy()[rows]})
    frame = frame.assign(row=rows).sort_values(["group", "size"], kind="stable")
    earlier = frame.groupby("group")["size"]
    count, sums = earlier.cumcount(), earlier.cumsum() - frame["size"]
    gone = np.zeros(len(cells), dtype=bool)
    gone[frame.row[(count < 2) | (sums < least)]] = True
    whole = earlier.agg(["size", "sum"])
    weak = whole.index[(whole["size"] < 2) | (whole["sum"] < least)]
    return gone | (total & np.isin(group, weak))
