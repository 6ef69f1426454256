"""Did a strategy work? Before and after, treated against comparison units."""

from insights.strategy.compare import compare_strategy
from insights.strategy.effect import StrategyEffect
from insights.strategy.panel.outcomes import OutcomesError
from insights.strategy.planning import PilotQuestion, StrategyPlan, plan_pilot, plan_strategy
from insights.strategy.reviewing.result import StrategyReview
from insights.strategy.reviewing.review import review_strategies

__all__ = [
    "OutcomesError",
    "PilotQuestion",
    "StrategyEffect",
    "StrategyPlan",
    "StrategyReview",
    "compare_strategy",
    "plan_pilot",
    "plan_strategy",
    "review_strategies",
]
