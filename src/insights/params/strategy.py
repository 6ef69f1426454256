"""What makes a strategy a success. Units and reasons stand in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive, Share
from insights.words import _


@dataclass(frozen=True, config=STRICT)
class StrategyParams:
    """What is compared, and what it takes to say that a strategy worked.

    ``min_effect`` is for ``compare_strategy`` and in the outcome's own units (CNY, visits, points)
    a unit and period. A review takes strategies.min_effect instead, a share of what was expected.
    """

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
    gate_alpha: Share = 0.01
    composition_bound: Share = 0.1
    calendar_bound: Share = 0.02
    min_period_share: Share = 0.8
    stuffing_bound: Share = 0.1
    settled_days: Annotated[int, Field(ge=0)] = 365
    size_ratio: Annotated[float, Field(gt=1)] = 5.0
    direction: Literal["up", "down"] = "up"
    cycle: Literal["month", "quarter", "year"] | None = None
    same_season: bool = False
    equal_windows: bool = False
    two_waves: bool = False
    washout_periods: Annotated[int, Field(ge=0)] = 0
    false_discovery_rate: Share = 0.05
    min_group_units: Positive = 3
    planned_looks: tuple[Positive, ...] = ()
    seed: int = 20240229

    @model_validator(mode="after")
    def _agree(self) -> StrategyParams:
        if list(self.planned_looks) != sorted(set(self.planned_looks)):
            raise ValueError(_("planned_looks must rise"))
        if self.same_season and self.equal_windows:
            raise ValueError(_("same_season and equal_windows exclude each other: choose one"))
        return self
