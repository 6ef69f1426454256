"""The control of calls in human words: each table from the frames of one slice."""

from insights.calls.views.accounts import allocation, due, due_counts, stalled, team, tier_shares
from insights.calls.views.plans import (
    by_type,
    monthly,
    plan_against_actual,
    reach,
    weekly_by_region,
    weekly_rule,
)
from insights.calls.views.records import after_first, channels, needs, records

__all__ = [
    "after_first",
    "allocation",
    "by_type",
    "channels",
    "due",
    "due_counts",
    "monthly",
    "needs",
    "plan_against_actual",
    "reach",
    "records",
    "stalled",
    "team",
    "tier_shares",
    "weekly_by_region",
    "weekly_rule",
]
