"""Copies of one document, of which some leave a cell blank that is no money, day or party."""

from __future__ import annotations

import pandas as pd

from insights.tables import Table

BESIDE = {"payments": ("method",), "invoices": ("product_line",)}  # what a copy may leave blank


def surplus_copies(torn: pd.DataFrame, table: Table, own: tuple[str, ...]) -> pd.Series:
    """Return for each row of ``torn`` the index of the one that is kept in its place, else null.

    ``torn``: rows of a key with different content; ``own`` of its columns say where they stand. Of
    rows that agree in all but ``BESIDE`` the first with most cells filled is kept. Two different
    cells of ``BESIDE`` are no copies: 500 in cash and 500 by transfer may be a receipt of 1000.
    """
    beside = [name for name in BESIDE.get(table.name, ()) if name in torn]
    none = pd.Series(pd.NA, index=torn.index, dtype="Int64")
    if not beside or torn.empty:
        return none
    content = [name for name in torn.columns if name not in (*own, *beside)]
    key = torn.groupby(list(table.key), sort=False, dropna=False).ngroup()
    several = torn[content].groupby(key).nunique(dropna=False).gt(1).any(axis=1)
    contrary = torn[beside].groupby(key).nunique().gt(1).any(axis=1)
    alike = ~key.map(several | contrary)
    filled = torn[beside].notna().sum(axis=1)
    order = filled.sort_values(ascending=False, kind="stable").index
    kept = pd.Series(order, index=order).groupby(key[order]).transform("first").reindex(torn.index)
    return kept.astype("Int64").where(alike & (kept != torn.index))
