"""One frozen class an analysis. Units, reasons and provenance stand in ``params/base.yaml``."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from insights.words import _

STRICT = ConfigDict(extra="forbid", strict=True)
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]


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
    min_jaccard: Share = 0.75
    bootstraps: Positive = 30
    winsor_share: Annotated[float, Field(ge=0, lt=0.5)] = 0.005
    heavy_tail_skew: Annotated[float, Field(gt=0)] = 1.5
    categorical_weight: Annotated[float, Field(ge=0)] = 0.5
    max_fit_rows: Positive = 20000
    restarts: Positive = 5
    seed: int = 20240229

    @model_validator(mode="after")
    def _in_order(self) -> SegmentationParams:
        if self.min_segments > self.max_segments:
            raise ValueError(_("min_segments is above max_segments"))
        return self


@dataclass(frozen=True, config=STRICT)
class DelinquencyParams:
    """What counts as late, how it is learnt, and what lateness costs."""

    grace_days: Annotated[int, Field(ge=0)] = 30
    buckets: tuple[int, ...] = (0, 30, 60, 90, 180, 365, 730, 1095)
    min_invoices: Positive = 200
    min_late: Positive = 20
    folds: Positive = 4
    fold_days: Positive = 91
    capture_share: Share = 0.1
    grade_bounds: tuple[float, float, float] = (0.1, 0.3, 0.6)
    prior_invoices: Annotated[float, Field(gt=0)] = 4.0
    snapshot_days: Positive = 30
    loss_given_default: Share = 0.45
    default_days: Positive = 365
    funding_rate: Share = 0.0435
    call_cost: Annotated[float, Field(ge=0)] = 50.0
    legal_minimum: Annotated[float, Field(ge=0)] = 10000.0
    seed: int = 20240229

    @model_validator(mode="after")
    def _in_order(self) -> DelinquencyParams:
        for name in ("buckets", "grade_bounds"):
            bounds = getattr(self, name)
            if list(bounds) != sorted(set(bounds)):
                raise ValueError(_("{name} must rise").format(name=name))
        return self


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


@dataclass(frozen=True, config=STRICT)
class ReportParams:
    """How a batch runs."""

    jobs: Positive = 2
    cell_timeout_seconds: Positive = 600


@dataclass(frozen=True, config=STRICT)
class Params:
    """Everything that may be set: one section an analysis."""

    segmentation: SegmentationParams = field(default_factory=SegmentationParams)
    delinquency: DelinquencyParams = field(default_factory=DelinquencyParams)
    strategy: StrategyParams = field(default_factory=StrategyParams)
    report: ReportParams = field(default_factory=ReportParams)
