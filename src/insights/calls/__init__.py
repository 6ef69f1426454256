"""Are calls made as planned, on the right customers, and which should be made next?"""

from insights.calls.planning import CallPlan, plan_calls
from insights.calls.result import CallReview
from insights.calls.review import review_calls

__all__ = ["CallPlan", "CallReview", "plan_calls", "review_calls"]
