"""Before the pilot: what it could tell, and which units should get it."""

from insights.strategy.planning.plan import (
    PilotQuestion,
    plan_of_company,
    plan_pilot,
    plan_strategy,
)
from insights.strategy.planning.result import StrategyPlan

__all__ = ["PilotQuestion", "StrategyPlan", "plan_of_company", "plan_pilot", "plan_strategy"]
