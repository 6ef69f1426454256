"""How targets are followed. Units and reasons stand in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive, Share


@dataclass(frozen=True, config=STRICT)
class TargetsParams:
    """What counts as on the way to a target, as growth, and as an overdue reorder."""

    assessed_on: Literal["sales", "sell_through"] = "sales"
    behind_by: Share = 0.02
    target_tolerance: Share = 0.005
    flat_change: Share = 0.005
    growth_months: Positive = 13
    stuffing_ratio: Annotated[float, Field(gt=1)] = 1.2
    stuffing_months: Positive = 2
    reorder_min_orders: Annotated[int, Field(ge=3)] = 3
    reorder_ratio: Annotated[float, Field(gt=1)] = 1.5
    reorder_lapsed_days: Annotated[int, Field(ge=30)] = 365
    action_rows: Positive = 15
    interval: Annotated[float, Field(gt=0.5, lt=1)] = 0.8
    forecast_min_months: Annotated[int, Field(ge=12)] = 12
    forecast_min_own_months: Annotated[int, Field(ge=3)] = 6
    interval_min_origins: Annotated[int, Field(ge=2)] = 4
    exception_rate: Annotated[float, Field(gt=0, lt=1)] = 0.1
    exception_min_months: Annotated[int, Field(ge=6)] = 6
    split_max_growth: Annotated[float, Field(gt=0)] = 0.5
    split_potential_weight: Share = 0.2
    split_growth_weight: Share = 0.5
    score_months: Annotated[int, Field(ge=3)] = 12
    score_min_months: Annotated[int, Field(ge=3)] = 3
    score_min_peers: Annotated[int, Field(ge=3)] = 5
    score_strength: Annotated[float, Field(gt=0)] = 1.0
    score_weights: tuple[tuple[str, Annotated[float, Field(gt=0)]], ...] = (
        ("attainment", 3.0),
        ("growth", 2.0),
        ("new_customers", 1.0),
        ("coverage", 2.0),
        ("effective_visits", 2.0),
        ("complete_records", 1.0),
        ("on_time_entry", 1.0),
    )
