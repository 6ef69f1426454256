"""Rep by rep: days to call on, calls a day, how full the month is, what records say."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from insights.calls.control.records import record_figures
from insights.params import CallsParams

QUALITY = ["effective", "no_objective", "need_full", "fact_full", "in_time"]


def rep_rows(
    people: pd.DataFrame, free_days: pd.DataFrame, worked: pd.DatetimeIndex,
    visits: pd.DataFrame, plans: pd.DataFrame, coverage: pd.DataFrame,
    month: pd.Timestamp, as_of: pd.Timestamp, params: CallsParams,
) -> pd.DataFrame:  # fmt: skip
    """How many days can each rep call in the month of as_of, and how full are they?

    One row a rep who still works, indexed by rep_id. days_month: working days of the month less
    absences, hiring and leaving; days_so_far: up to as_of, included; absent_days: of the days that
    passed. capacity = ``calls_per_day`` x days_month; planned_use = goals / capacity; use = visits
    so far / (``calls_per_day`` x days_so_far); calls_a_day = visits / days_so_far. Missing where
    the rep has no day (Veeva Align, capacity planning; both ends of the month included).
    """
    here = people[people.left_on.isna() | (people.left_on >= as_of)]
    days = free_days[free_days.date >= month]
    passed = days[days.date <= as_of]
    now = visits[visits.visited_on >= month]
    goals = plans[plans.period == month].groupby("holder_id").goal.sum()
    rows = here[["region_id", "line_type", "product_line"]].assign(
        customers=_by_rep(coverage, here.index),
        days_month=_by_rep(days, here.index), days_so_far=_by_rep(passed, here.index),
        visits=_by_rep(now, here.index), days_out=_days_out(now, here.index),
        goal=goals.reindex(here.index, fill_value=0.0),
    )  # fmt: skip
    gone = int(((worked >= month) & (worked <= as_of)).sum())
    some, whole = _positive(rows.days_so_far), _positive(rows.days_month)
    return rows.assign(
        absent_days=gone - rows.days_so_far, capacity=params.calls_per_day * rows.days_month,
        planned_use=rows.goal / (params.calls_per_day * whole),
        use=rows.visits / (params.calls_per_day * some), calls_a_day=rows.visits / some,
    ).sort_index()  # fmt: skip


def rep_records(
    reps: pd.DataFrame, records: pd.DataFrame, pairs: pd.DataFrame, params: CallsParams
) -> pd.DataFrame:
    """Add what each rep's records say, and how often many visits moved nothing.

    effective is read with its interval: ``below`` is true where even its upper end lies below the
    company's rate, at 5 % for all reps together (Wilson 1927, Bonferroni). Rates of fewer than
    ``min_cell`` visits are missing. often, stalled: customers this rep visited often, and those of
    them that nothing moved at.
    """
    found = {rep: record_figures(part) for rep, part in records.groupby("rep_id")}
    table = pd.DataFrame(found).T.reindex(index=reps.index, columns=["visits", *QUALITY])
    table = table.astype("float64").rename(columns={"visits": "records"})
    enough = table.records >= params.min_cell
    rates = table[QUALITY].where(enough)
    low, high = _wilson(table.effective, table.records, 0.05 / max(int(enough.sum()), 1))
    whole = float(records.objective_met.mean()) if records.objective_known.any() else float("nan")
    often = pairs.groupby("rep_id").agg(often=("stalled", "size"), stalled=("stalled", "sum"))
    return reps.join(table[["records"]].fillna(0.0)).join(rates).assign(
        effective_low=low.where(enough), effective_high=high.where(enough),
        below=(high < whole) & enough,
    ).join(often.reindex(reps.index, fill_value=0))  # fmt: skip


def _by_rep(rows: pd.DataFrame, reps: pd.Index) -> pd.Series:
    return rows.groupby("rep_id").size().reindex(reps, fill_value=0).astype("float64")


def _days_out(visits: pd.DataFrame, reps: pd.Index) -> pd.Series:
    """Return on how many days each rep made a visit."""
    out = visits.groupby("rep_id").visited_on.nunique()
    return out.reindex(reps, fill_value=0).astype("float64")


def _positive(days: pd.Series) -> pd.Series:
    return days.where(days > 0)


def _wilson(share: pd.Series, n: pd.Series, alpha: float) -> tuple[pd.Series, pd.Series]:
    """Return the score interval of a share of n (Wilson 1927)."""
    z = float(norm.isf(alpha / 2))
    count = n.where(n > 0)
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return centre - half, centre + half
