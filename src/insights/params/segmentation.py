"""How customers are grouped. Units, reasons and provenance stand in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, IsoDate, Positive, Share
from insights.words import _


@dataclass(frozen=True, config=STRICT)
class SegmentationParams:
    """How customers are grouped by behaviour."""

    window_days: Positive = 365
    recent_days: Positive = 182
    features: tuple[str, ...] | None = None
    min_segments: Annotated[int, Field(ge=2)] = 2
    max_segments: Annotated[int, Field(ge=2)] = 8
    min_share: Share = 0.02
    min_customers: Positive = 40
    min_jaccard: Share = 0.85
    bootstraps: Positive = 100
    winsor_share: Annotated[float, Field(ge=0, lt=0.5)] = 0.005
    heavy_tail_skew: Annotated[float, Field(gt=0)] = 1.5
    categorical_weight: Annotated[float, Field(ge=0)] = 1.0
    max_fit_rows: Positive = 20000
    restarts: Positive = 60
    search_seed: Annotated[int, Field(ge=0)] = 0
    fit_as_of: IsoDate | None = None
    migration_quarters: Positive = 4
    drift_share: Annotated[float, Field(gt=0, le=1)] = 0.25
    drift_name_jaccard: Annotated[float, Field(gt=0, le=1)] = 0.5
    drift_confidence: Share = 0.8
    drift_refit_share: Share = 0.1
    sensitivity_seeds: Positive = 3
    sensitivity_rows: Positive = 3000
    sensitivity_bounds: tuple[float, float, float] = (0.65, 0.8, 0.9)
    abc_bounds: tuple[Share, Share] = (0.8, 0.95)
    core_weights: tuple[Share, Share, Share] = (0.5, 0.3, 0.2)
    core_score: Annotated[float, Field(ge=0, le=100)] = 75.0
    core_known_weight: Share = 0.5
    potential_volume_band: tuple[float, float] = (30.0, 80.0)
    potential_growth: Annotated[float, Field(ge=-1, le=1)] = 0.0
    potential_share: Share = 0.5
    priority_levels: tuple[tuple[str, Share], ...] = (
        ("3A", 1.0),
        ("3B", 0.9),
        ("2A", 0.8),
        ("2B", 0.6),
        ("1", 0.4),
        ("community", 0.5),
        ("none", 0.3),
    )
    priority_other_level: Share = 0.3
    priority_access: tuple[Share, Share, Share, Share, Share] = (0.3, 0.5, 0.7, 0.9, 1.0)
    priority_headroom: Annotated[float, Field(gt=0)] | None = None
    white_space_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    white_space_peers: Positive = 10
    white_space_clip: tuple[float, float] = (0.25, 4.0)
    portrait_periods: Positive = 8
    portrait_min_cell: Positive = 1
    tier_value_weight: Annotated[float, Field(gt=0)] = 0.6
    tier_potential_weight: Annotated[float, Field(ge=0)] = 0.4
    tier_bounds: tuple[float, float] = (50.0, 80.0)
    tier_band: Annotated[float, Field(ge=0)] = 5.0
    tier_min_customers: Positive = 20
    policy_visits_a: tuple[float, float] = (4.0, 8.0)
    policy_visits_b: tuple[float, float] = (2.0, 4.0)
    policy_visits_c: tuple[float, float] = (1.0, 2.0)
    policy_core_visits_a_week: Annotated[float, Field(ge=0)] = 1.0
    seed: Annotated[int, Field(ge=0)] = 20240229

    @model_validator(mode="after")
    def _in_order(self) -> SegmentationParams:
        if self.min_segments > self.max_segments:
            raise ValueError(_("min_segments is above max_segments"))
        if list(self.sensitivity_bounds) != sorted(set(self.sensitivity_bounds)):
            raise ValueError(_("{name} must rise").format(name="sensitivity_bounds"))
        return self

    @model_validator(mode="after")
    def _schemes_hold(self) -> SegmentationParams:
        for name in ("abc_bounds", "potential_volume_band", "white_space_clip"):
            low, high = getattr(self, name)
            if not 0 <= low < high:
                raise ValueError(_("{name} must rise from 0 or more").format(name=name))
        if sum(self.core_weights) <= 0:
            raise ValueError(_("core_weights are all zero"))
        levels = [level for level, _weight in self.priority_levels]
        if len(levels) != len(set(levels)):
            raise ValueError(_("priority_levels names a level twice"))
        return self

    @model_validator(mode="after")
    def _tiers_hold(self) -> SegmentationParams:
        low, high = self.tier_bounds
        if not 0 < low < high <= 100:
            raise ValueError(_("{name} must rise within 0..100").format(name="tier_bounds"))
        for name in ("policy_visits_a", "policy_visits_b", "policy_visits_c"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise ValueError(_("{name}: 0 or more, the lower first").format(name=name))
        return self
