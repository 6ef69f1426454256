"""What counts as written in the record of a visit, and as entered in time: one rule for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

NEED_FIELDS = ("decision_role", "pain_point", "competitor_presence", "next_action")
EMPTY_WORDS = ("无", "暂无", "略", "同上", "-", "/", "n/a", "none")
ENTRY_BY = "19:00"


def written(texts: pd.Series, empty: Sequence[str] = EMPTY_WORDS) -> pd.Series:
    """Say of each text whether it holds more than one of the words that mean nothing."""
    plain = texts.astype("str").str.strip().str.lower()
    return texts.notna() & (plain != "") & ~plain.isin([word.lower() for word in empty])


def filled_share(
    visits: pd.DataFrame, fields: Sequence[str], empty: Sequence[str] = EMPTY_WORDS
) -> pd.Series:
    """Return of each visit the share of ``fields`` that are filled, NaN where there are none."""
    if not fields:
        return pd.Series(np.nan, index=visits.index)
    filled = pd.DataFrame({name: written(visits[name], empty) for name in fields})
    return filled.sum(axis=1) / len(fields)


def entered_in_time(visits: pd.DataFrame, entry_by: str = ENTRY_BY) -> pd.Series:
    """Say of each visit 1 where it was entered on its day by ``entry_by``; NaN where unknown."""
    hour = dt.time.fromisoformat(entry_by)
    bound = visits.visited_on + pd.Timedelta(hours=hour.hour, minutes=hour.minute)
    entered = pd.to_datetime(visits.entered_at)
    same_day = (entered >= visits.visited_on) & (entered <= bound)
    return same_day.astype("float64").where(entered.notna())
