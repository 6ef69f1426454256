"""How calls are planned and controlled. Units, reasons and provenance in ``params/base.yaml``."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive, Share
from insights.words import _

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
Tier = Literal["A", "B", "C"]


@dataclass(frozen=True, config=STRICT)
class CallsParams:
    """What is asked of calls and their records, and when a customer is seen too much or little."""

    window_days: Positive = 91
    trend_months: Positive = 12
    visits_per_month_a: tuple[float, float] = (4.0, 8.0)
    visits_per_month_b: tuple[float, float] = (2.0, 4.0)
    visits_per_month_c: tuple[float, float] = (1.0, 2.0)
    interval_days_a: Positive = 7
    interval_days_b: Positive = 14
    interval_days_c: Positive = 30
    due_within_days: Annotated[int, Field(ge=0)] = 7
    core_tiers: tuple[Tier, ...] = ("A",)
    core_weeks: Positive = 13
    core_channels: tuple[str, ...] = ("in_person",)
    min_week_days: Positive = 3
    full_week_days: Positive = 5
    need_fields: tuple[str, ...] = (
        "decision_role", "pain_point", "competitor_presence", "next_action",
    )  # fmt: skip
    fact_fields: tuple[str, ...] = ("facts", "key_points", "our_actions", "assessment")
    empty_words: tuple[str, ...] = ("无", "暂无", "略", "同上", "-", "/", "n/a", "none")
    entry_by: str = "19:00"
    first_visit_days: Positive = 365
    first_look_back_days: Positive = 365
    follow_up_hours: Positive = 24
    proposal_days: Positive = 5
    proposal_words: tuple[str, ...] = ("方案", "proposal")
    need_days: Positive = 30
    stalled_days: Positive = 182
    stalled_visits: Positive = 6
    assessment_levels: tuple[str, ...] = ("消极", "观望", "中性", "积极")
    value_days: Positive = 365
    calls_per_day: Annotated[float, Field(gt=0)] = 4.0
    low_use: Share = 0.7
    min_cell: Positive = 10
    visits_without_tier: tuple[float, float] = (1.0, 2.0)
    customer_maximum: Positive = 12
    planned_share: Annotated[float, Field(gt=0, le=1)] = 0.9
    tier_weight: Share = 0.5
    repeat_worth: Annotated[float, Field(gt=0, lt=1)] = 0.7
    beyond_goal_worth: Annotated[float, Field(gt=0, le=1)] = 0.5
    more_or_fewer_reps: Positive = 2
    detour: Annotated[float, Field(ge=1)] = 1.3
    route_iterations: Positive = 500
    route_seed: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _bands_hold(self) -> CallsParams:
        for name in ("visits_per_month_a", "visits_per_month_b", "visits_per_month_c"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise ValueError(_("{name}: 0 or more, the lower first").format(name=name))
        if not CLOCK.fullmatch(self.entry_by):
            raise ValueError(_("entry_by: write the hour as 19:00, in quotes"))
        if self.min_week_days > self.full_week_days:
            raise ValueError(_("min_week_days is above full_week_days"))
        return self

    @model_validator(mode="after")
    def _lists_hold(self) -> CallsParams:
        for name in ("core_tiers", "core_channels", "need_fields", "fact_fields"):
            values = getattr(self, name)
            if not values or len(set(values)) != len(values):
                raise ValueError(_("{name}: at least one, none of them twice").format(name=name))
        if len(set(self.assessment_levels)) != len(self.assessment_levels):
            raise ValueError(_("{name}: none of them twice").format(name="assessment_levels"))
        return self
