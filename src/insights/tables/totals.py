"""Counts and money that add up over regions, in whole numbers: exact in whatever order."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

NOWHERE = ""
CENTS = "_cents"


def by_region(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up every column but region_id: a row a region, ``NOWHERE`` for rows (or a table)
    without one.

    Columns hold counts, or money in cents (``*_cents``); missing where none of a region is known.
    """
    known = rows.get("region_id", pd.Series(None, rows.index, dtype="object"))
    named = known.astype("object").fillna(NOWHERE).astype("str").rename("region_id")
    counted = rows.drop(columns="region_id", errors="ignore").astype("Int64")
    return counted.groupby(named).sum(min_count=1)


def side_by_side(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return several frames of ``by_region`` as one; 0 where a region is in another one alone."""
    regions = pd.Index(sorted({name for part in parts for name in part.index}), name="region_id")
    return pd.concat([part.reindex(regions, fill_value=0) for part in parts], axis=1)


def in_cents(yuan: pd.Series) -> pd.Series:
    """Return each amount in whole cents, missing where unknown."""
    return (yuan.astype("float64") * 100).round().astype("Int64")


def in_all(totals: pd.DataFrame) -> pd.Series:
    """Return the sums over all regions: 0 without a row, missing where nothing is known."""
    return totals.sum(min_count=1 if len(totals) else 0).astype("Int64")
