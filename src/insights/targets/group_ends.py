"""Where do groups of regions end? The sum of what is expected of their regions."""

from __future__ import annotations

import pandas as pd

from insights.tables import members
from insights.words import _

SUMMED = "sum_of_regions"


def with_groups(forecast: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Add each group of regions to the forecasts: its regions' expectations added up.

    Intervals do not add up, so a group has none; where a region has no forecast it has none
    either.
    """
    groups = sorted(set(regions.parent_id.dropna()) & set(regions.region_id))
    parts = [_of_group(forecast, regions, one) for one in groups]
    return pd.concat([forecast, *parts], ignore_index=True)


def _of_group(forecast: pd.DataFrame, regions: pd.DataFrame, group: str) -> pd.DataFrame:
    below = (forecast.scope == "region") & forecast.scope_id.isin(members(regions, group))
    keys = ["scope", "grain", "period", "period_end"]
    grouped = forecast[below].groupby(keys)[["to_date", "expected"]]
    whole = grouped.count().eq(grouped.size(), axis=0)
    sums = grouped.sum().where(whole).reset_index()
    return sums.assign(
        scope_id=group, method=SUMMED, reason=_("an interval is said of single regions only"),
        low=float("nan"), high=float("nan"),
    ).reindex(columns=forecast.columns)  # fmt: skip
