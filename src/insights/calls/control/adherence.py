"""Plan against actual, day by day, week by week, month by month."""

from __future__ import annotations

import pandas as pd

GRAINS = {"day": "D", "week": "W-SUN", "month": "M"}
KEYS = ["grain", "period", "region_id", "rep_id"]
COUNTS = ("planned", "kept", "done", "off_plan")


def pace(
    visits: pd.DataFrame, region_id: pd.Series, first: pd.Timestamp, as_of: pd.Timestamp
) -> pd.DataFrame:
    """How many visits were planned for each period, kept, made, and made off plan?

    ``visits``: visited_on, planned_on, done, rep_id, customer_id. A row a grain, period (its first
    day), region and rep: planned for the period; kept, of those made within it; done in it; off
    plan, made in it and not planned for it. Periods from ``first`` to as_of, the last one so far.
    """
    home = visits.assign(region_id=visits.customer_id.map(region_id))
    parts = [_counted(home, grain, first, as_of) for grain in GRAINS]
    return pd.concat(parts, ignore_index=True).sort_values(KEYS, ignore_index=True)


def _counted(
    visits: pd.DataFrame, grain: str, first: pd.Timestamp, as_of: pd.Timestamp
) -> pd.DataFrame:
    planned_for = _begin(visits.planned_on, grain)
    made_in = _begin(visits.visited_on, grain).where(visits.done.astype(bool))
    kept = planned_for.notna() & (planned_for == made_in)
    start = _begin(pd.Series([first]), grain).iloc[0]
    aimed = visits.planned_on.notna() & (visits.planned_on <= as_of)
    who = visits[["region_id", "rep_id"]].assign(grain=grain)
    one = who.assign(planned=1, kept=kept.astype(int), period=planned_for)
    two = who.assign(done=1, off_plan=(~kept).astype(int), period=made_in)
    rows = pd.concat([one[aimed | kept], two[made_in.notna()]])
    inside = rows[rows.period >= start].reindex(columns=[*KEYS, *COUNTS])
    sums = inside.groupby(KEYS, dropna=False)[list(COUNTS)].sum()
    return sums.astype("int64").reset_index()


def _begin(days: pd.Series, grain: str) -> pd.Series:
    """Return the first day of the day's, week's (Monday) or month's period."""
    return days.dt.to_period(GRAINS[grain]).dt.start_time.astype("datetime64[s]")
