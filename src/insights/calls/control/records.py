"""What visits left behind: an objective met, a full record, entered in time."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insights.features.visit_records import entered_in_time, filled_share, written
from insights.params import CallsParams

RECORD = (
    "visit_id", "rep_id", "customer_id", "region_id", "tier", "visited_on", "channel",
    "visit_type", "has_objective", "objective_met", "objective_known", "need_filled", "fact_filled",
    "need_full", "fact_full", "entered_in_time", "entry_hours",
)  # fmt: skip


def record_rows(
    visits: pd.DataFrame, customers: pd.DataFrame, present: Sequence[str], params: CallsParams
) -> pd.DataFrame:
    """What does each visit's record hold? A row a visit made: columns of ``RECORD``.

    ``present``: the columns of visits that the source has; a field it lacks is asked of nobody.
    has_objective: an objective was written, or whether it was met. need_filled and fact_filled:
    share of the fields of either profile that hold more than a word of ``params.empty_words``;
    need_full and fact_full: all of them do; missing where the source has none of the fields.
    entered_in_time: on the visit's day by ``params.entry_by``; missing without entered_at.
    entry_hours: from the start of the visit (else from noon) to the entry.
    """
    need, fact = (
        filled_share(visits, [name for name in names if name in present], params.empty_words)
        for names in (params.need_fields, params.fact_fields)
    )
    aimed = written(visits.objective, params.empty_words) | visits.objective_met.notna()
    rows = visits.assign(
        region_id=visits.customer_id.map(customers.region_id),
        tier=visits.customer_id.map(customers.tier),
        has_objective=aimed, objective_met=visits.objective_met.eq(True).fillna(False) & aimed,
        objective_known=visits.objective_met.notna(),
        need_filled=need, fact_filled=fact,
        need_full=(need == 1).astype("float64").where(need.notna()),
        fact_full=(fact == 1).astype("float64").where(fact.notna()),
        entered_in_time=entered_in_time(visits, params.entry_by), entry_hours=_entry_hours(visits),
    )  # fmt: skip
    return rows[list(RECORD)].sort_values("visit_id", ignore_index=True)


def record_figures(rows: pd.DataFrame) -> pd.Series:
    """Return the rates of some records; ``effective`` of all visits, and of those with an aim.

    Where no record at all says whether an aim was met, nothing can be said of it.
    """
    said = rows.objective_known.any()
    aimed = rows[rows.has_objective]
    timed = rows.entered_in_time.dropna()
    return pd.Series(
        {
            "visits": float(len(rows)),
            "effective": _mean(rows.objective_met) if said else float("nan"),
            "effective_of_aimed": _mean(aimed.objective_met) if said else float("nan"),
            "no_objective": _mean(~rows.has_objective.astype(bool)),
            "need_filled": _mean(rows.need_filled),
            "need_full": _mean(rows.need_full),
            "fact_filled": _mean(rows.fact_filled),
            "fact_full": _mean(rows.fact_full),
            "in_time": _mean(timed),
            "entry_unknown": _mean(rows.entered_in_time.isna()),
            "median_hours": float(rows.entry_hours.median()),
        }
    )


def _mean(values: pd.Series) -> float:
    known = values.astype("float64").dropna()
    return float(known.mean()) if len(known) else float("nan")


def _entry_hours(visits: pd.DataFrame) -> pd.Series:
    start = pd.to_datetime(visits.starts_at).fillna(visits.visited_on + pd.Timedelta(hours=12))
    return (pd.to_datetime(visits.entered_at) - start).dt.total_seconds() / 3600
