"""Before the pilot: what is planned and tried. Units and reasons in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive
from insights.words import _


@dataclass(frozen=True, config=STRICT)
class StrategyPlanParams:
    """Which pilots are pretended on the history, and what a pilot must be able to tell."""

    metric: str = "sell_through"
    unit_type: Literal["customer", "region", "department", "rep", "city"] = "customer"
    grain: Literal["month", "quarter", "year"] = "month"
    direction: Literal["up", "down"] = "up"
    min_effect: Annotated[float, Field(gt=0, le=1)] = 0.05
    pilot_units: Positive | None = None
    pilot_periods: Positive | None = None
    unit_counts: tuple[Positive, ...] = (6, 12, 24, 48, 96)
    durations: tuple[Positive, ...] = (3, 6, 12)
    lifts: tuple[Annotated[float, Field(gt=0)], ...] = (
        0.02, 0.05, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5, 0.75, 1.0,
    )  # fmt: skip
    power: Annotated[float, Field(gt=0, lt=1)] = 0.8
    interval: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    runs: Positive = 60
    max_runs: Positive = 600
    permutations: Positive = 100
    windows: Positive = 3
    window_before: Annotated[float, Field(gt=0, le=1)] = 0.5
    strata: Positive = 4
    within_region: bool = False
    balance_bound: Annotated[float, Field(gt=0)] = 0.25
    seed: Annotated[int, Field(ge=0)] = 20240229

    @model_validator(mode="after")
    def _grids_rise(self) -> StrategyPlanParams:
        for name in ("unit_counts", "durations", "lifts"):
            values = getattr(self, name)
            if not values or list(values) != sorted(set(values)):
                raise ValueError(_("{name} must rise and hold a value").format(name=name))
        if self.direction == "down" and self.lifts[-1] > 1:
            raise ValueError(_("lifts: nothing falls by more than all of it; at most 1"))
        return self
