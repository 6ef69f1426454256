"""What makes a strategy a success. Units and reasons stand in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive, Share


@dataclass(frozen=True, config=STRICT)
class StrategyParams:
    """What is compared, and what it takes to say that a strategy worked."""

    min_effect: float | None = None
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    min_pre_periods: Positive = 8
    min_post_periods: Positive = 3
    min_comparison_units: Positive = 5
    few_treated: Positive = 5
    max_donors: Positive = 100
    permutations: Positive = 400
    placebo_runs: Positive = 100
    pre_trend_alpha: Share = 0.05
    trend_alpha: Share = 0.05
    price_bound: Share = 0.05
    size_ratio: Annotated[float, Field(gt=1)] = 5.0
    direction: Literal["up", "down"] = "up"
    washout_periods: Annotated[int, Field(ge=0)] = 0
    seed: int = 20240229
