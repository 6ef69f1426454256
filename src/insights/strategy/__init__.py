"""Did a strategy work? Before and after, treated against comparison units."""

from insights.strategy.compare import compare_strategy
from insights.strategy.effect import StrategyEffect
from insights.strategy.panel.outcomes import OutcomesError
from insights.strategy.result import StrategyReview
from insights.strategy.review import review_strategies

__all__ = [
    "OutcomesError",
    "StrategyEffect",
    "StrategyReview",
    "compare_strategy",
    "review_strategies",
]
