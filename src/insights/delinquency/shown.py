"""Tables for people: the slice of some regions, cents as yuan, whole amounts."""

from __future__ import annotations

import pandas as pd


def of_regions(frame: pd.DataFrame, kept: list[str]) -> pd.DataFrame:
    """Return the rows of the regions; none of a table that knows no regions. The index stays."""
    if "region_id" not in frame:
        return frame.iloc[:0]
    return frame[frame.region_id.isin(kept)]


def in_yuan(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of cents are amounts in yuan."""
    cents = [str(name) for name in frame if str(name).endswith("cents")]
    names = {name: name.replace("_cents", "").replace("cents", "amount") for name in cents}
    yuan = {name: frame[name].astype("Float64") / 100 for name in cents}
    return frame.assign(**yuan).rename(columns=names)


def whole(money: pd.Series) -> pd.Series:
    """Return whole yuan, missing where unknown."""
    return money.astype("float64").round(0).astype("Int64")
