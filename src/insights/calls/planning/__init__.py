"""Next month's visits: how many, to whom, on which days, and what falls short."""

from insights.calls.planning.plan import plan_calls
from insights.calls.planning.result import CallPlan

__all__ = ["CallPlan", "plan_calls"]
