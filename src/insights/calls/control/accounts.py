"""Customer by customer: seen how often, due when, served as the policy asks?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import CallsParams

DAYS_A_MONTH = 365.25 / 12
OVERDUE, SOON, LATER, NEVER = "overdue", "due soon", "not due", "never visited"
UNDER, OVER, AS_POLICY = "under-served", "over-served", "as policy"
TIERS = ("A", "B", "C")


def account_rows(
    customers: pd.DataFrame, coverage: pd.DataFrame, visits: pd.DataFrame,
    last_visits: pd.DataFrame, plans: pd.DataFrame, ahead: pd.DatetimeIndex,
    month: pd.Timestamp, as_of: pd.Timestamp, begins: pd.Timestamp, params: CallsParams,
) -> pd.DataFrame:  # fmt: skip
    """How is each customer covered, reached and served? One row a customer, by customer_id.

    reps: how many cover it; rep_id: the first of them. goal and visits_month: of the month of as_of
    so far; visits and face_to_face: of the last ``window_days``. last_on and next_due = last_on +
    the tier's interval; days_overdue = as_of - next_due (negative: still to come); a customer never
    visited has none. call_on: the next working day (``ahead``) on which the customer receives.
    visits_a_month against policy_low and policy_high of the tier: service. low_here and
    high_here are the policy scaled to the visits this company makes in all, where they fall
    short of it; service_here against these.
    """
    since = as_of - pd.Timedelta(days=params.window_days - 1)
    recent = visits[visits.visited_on >= since]
    face = recent[recent.channel.isin(params.core_channels)]
    rows = customers.assign(
        reps=_count(coverage, customers.index), rep_id=_holder(coverage, customers.index),
        goal=_goal(plans, month, customers.index),
        visits_month=_count(visits[visits.visited_on >= month], customers.index),
        visits=_count(recent, customers.index), face_to_face=_count(face, customers.index),
        last_on=last_visits.last_on.reindex(customers.index),
        call_on=_next_open(customers.receives, ahead),
    )  # fmt: skip
    seen_days = min(params.window_days, (as_of - begins).days + 1) if len(visits) else 0
    return _served(_due(rows, as_of, params), seen_days, params)


def _count(rows: pd.DataFrame, ids: pd.Index) -> pd.Series:
    return rows.groupby("customer_id").size().reindex(ids, fill_value=0)


def _holder(coverage: pd.DataFrame, ids: pd.Index) -> pd.Series:
    first = coverage.sort_values(["customer_id", "rep_id"]).drop_duplicates("customer_id")
    return first.set_index("customer_id").rep_id.reindex(ids)


def _goal(plans: pd.DataFrame, month: pd.Timestamp, ids: pd.Index) -> pd.Series:
    now = plans[plans.period == month]
    return now.groupby("customer_id").goal.sum().reindex(ids, fill_value=0.0)


def _next_open(receives: pd.Series, ahead: pd.DatetimeIndex) -> pd.Series:
    """Return the first day of ``ahead`` on which each customer receives, NaT without one."""
    open_days = [
        ahead[ahead.day_of_week.isin(list(days))] if isinstance(days, frozenset) else ahead
        for days in receives
    ]
    first = [days[0] if len(days) else pd.NaT for days in open_days]
    return pd.Series(first, index=receives.index, dtype="datetime64[s]")


def _due(rows: pd.DataFrame, as_of: pd.Timestamp, params: CallsParams) -> pd.DataFrame:
    """Add next_due, days_overdue and due, in words."""
    days = {"A": params.interval_days_a, "B": params.interval_days_b, "C": params.interval_days_c}
    interval = rows.tier.map(days).astype("float64")
    next_due = rows.last_on + pd.to_timedelta(interval, unit="D")
    overdue = (as_of - next_due).dt.days.astype("float64")
    state = np.select(
        [interval.isna(), rows.last_on.isna(), overdue > 0, overdue >= -params.due_within_days],
        ["", NEVER, OVERDUE, SOON], LATER,
    )  # fmt: skip
    return rows.assign(
        interval=interval, next_due=next_due, days_overdue=overdue,
        due=pd.Series(state, index=rows.index, dtype="str"),
    )  # fmt: skip


def _served(rows: pd.DataFrame, days: int, params: CallsParams) -> pd.DataFrame:
    """Add what the policy asks, at the capacity of this company too, and the service given."""
    policy = {"A": params.visits_per_month_a, "B": params.visits_per_month_b,
              "C": params.visits_per_month_c}  # fmt: skip
    rate = rows.visits * DAYS_A_MONTH / (days if days >= DAYS_A_MONTH else float("nan"))
    low, high = (
        rows.tier.map({tier: policy[tier][edge] for tier in TIERS}).astype("float64")
        for edge in (0, 1)
    )
    asked = float(low.sum())
    made = float(rate[low.notna()].sum())
    scale = min(1.0, made / asked) if asked > 0 else 1.0
    return rows.assign(
        visits_a_month=rate, policy_low=low, policy_high=high, service=_service(rate, low, high),
        low_here=low * scale, high_here=high * scale,
        service_here=_service(rate, low * scale, high * scale),
    )  # fmt: skip


def _service(rate: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    known = [low.isna() | rate.isna(), rate < low - 1e-9, rate > high + 1e-9]
    return pd.Series(np.select(known, ["", UNDER, OVER], AS_POLICY), index=rate.index, dtype="str")
