"""Is every core customer seen face to face every week?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import CallsParams

WEEK = ("customer_id", "region_id", "week", "working_days", "open_days", "asked", "seen")


def core_weeks(
    customers: pd.DataFrame, visits: pd.DataFrame, worked: pd.DatetimeIndex, as_of: pd.Timestamp,
    begins: pd.Timestamp, params: CallsParams,
) -> pd.DataFrame:  # fmt: skip
    """In which weeks was each core customer seen, and in which could it have been?

    ``customers``: indexed by customer_id, with tier, region_id and receives (weekdays or None).
    A row a core customer (of today's tiers) and whole week from Monday, the last
    ``params.core_weeks`` that ended by as_of and for which visits were recorded. asked: 0 in a week
    of fewer than ``min_week_days`` working days or without a working day on which the customer
    receives; the working days over ``full_week_days`` in a short week; else 1. seen: was there a
    visit through one of ``core_channels``? The rate is sum(asked x seen) / sum(asked).
    """
    core = customers[customers.tier.isin(params.core_tiers)]
    weeks = _weeks(as_of, begins, params.core_weeks)
    grid = pd.MultiIndex.from_product([core.index, weeks], names=["customer_id", "week"]).to_frame(
        index=False
    )
    grid = grid.astype({"week": "datetime64[s]"})
    days = grid.week.map(_working_days(worked, weeks)).astype("float64")
    open_days = _open_days(grid, core.receives, worked)
    share = (days / params.full_week_days).clip(upper=1.0)
    asked = share.where((days >= params.min_week_days) & (open_days > 0), 0.0)
    return grid.assign(
        region_id=grid.customer_id.map(core.region_id), working_days=days, open_days=open_days,
        asked=asked, seen=_seen(grid, visits, params),
    )[list(WEEK)]  # fmt: skip


def weekly_rate(rows: pd.DataFrame) -> float:
    """Return the share of the visits asked for in which the customer was seen, NaN without any."""
    asked = rows.asked.sum()
    return float((rows.asked * rows.seen).sum() / asked) if asked > 0 else float("nan")


def _weeks(as_of: pd.Timestamp, begins: pd.Timestamp, count: int) -> pd.DatetimeIndex:
    """Return the Mondays of the last whole weeks."""
    last = as_of - pd.Timedelta(days=(as_of.weekday() + 1) % 7 + 6)
    mondays = pd.DatetimeIndex([last - pd.Timedelta(weeks=back) for back in range(count)][::-1])
    return mondays[mondays >= begins] if not pd.isna(begins) else mondays[:0]


def _monday(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return days - pd.to_timedelta(days.day_of_week, unit="D")


def _working_days(worked: pd.DatetimeIndex, weeks: pd.DatetimeIndex) -> pd.Series:
    counts = pd.Series(1, index=_monday(worked)).groupby(level=0).sum()
    return counts.reindex(weeks, fill_value=0)


def _open_days(grid: pd.DataFrame, receives: pd.Series, worked: pd.DatetimeIndex) -> pd.Series:
    """Return on how many working days of the week the customer receives."""
    table = pd.crosstab(_monday(worked), worked.day_of_week).reindex(columns=range(7), fill_value=0)
    by_week = table.reindex(pd.DatetimeIndex(grid.week), fill_value=0).to_numpy()
    known = grid.customer_id.map(receives)
    allowed = [[days is None or day in days for day in range(7)] for days in _plain(known)]
    mask = np.array(allowed, dtype=bool).reshape(len(grid), 7)
    return pd.Series((by_week * mask).sum(axis=1), index=grid.index)


def _plain(receives: pd.Series) -> list[frozenset[int] | None]:
    return [days if isinstance(days, frozenset) else None for days in receives]


def _seen(grid: pd.DataFrame, visits: pd.DataFrame, params: CallsParams) -> pd.Series:
    met = visits[visits.channel.isin(params.core_channels)]
    found = pd.DataFrame(
        {"customer_id": met.customer_id, "week": _monday(pd.DatetimeIndex(met.visited_on))}
    ).drop_duplicates()
    merged = grid.merge(found.astype({"week": "datetime64[s]"}), how="left", indicator="met")
    return (merged.met == "both").set_axis(grid.index)
