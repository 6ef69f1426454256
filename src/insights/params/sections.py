"""One frozen class an analysis, together. Units and reasons stand in ``params/base.yaml``."""

from __future__ import annotations

from dataclasses import field

from pydantic.dataclasses import dataclass

from insights.params.calls import CallsParams
from insights.params.delinquency import DelinquencyParams
from insights.params.exceptions import ExceptionsParams
from insights.params.gates import GatesParams
from insights.params.kinds import STRICT, Positive
from insights.params.names import NamesParams
from insights.params.privacy import PrivacyParams
from insights.params.reading import ReadingParams
from insights.params.segmentation import SegmentationParams
from insights.params.strategy import StrategyParams
from insights.params.strategy_plan import StrategyPlanParams
from insights.params.targets import TargetsParams
from insights.params.writing import WritingParams


@dataclass(frozen=True, config=STRICT)
class ReportParams:
    """How a batch runs, and which notebooks the packs have that are asked for by name."""

    packs: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("weekly", ("targets", "calls", "delinquency", "exceptions")),
        ("daily", ("exceptions",)),
    )
    jobs: Positive = 2
    cell_timeout_seconds: Positive = 600
    memory_limit_mb: Positive | None = 6000
    keep_packs: Positive = 7


@dataclass(frozen=True, config=STRICT)
class Params:
    """Everything that may be set: one section an analysis."""

    segmentation: SegmentationParams = field(default_factory=SegmentationParams)
    delinquency: DelinquencyParams = field(default_factory=DelinquencyParams)
    strategy: StrategyParams = field(default_factory=StrategyParams)
    strategy_plan: StrategyPlanParams = field(default_factory=StrategyPlanParams)
    calls: CallsParams = field(default_factory=CallsParams)
    exceptions: ExceptionsParams = field(default_factory=ExceptionsParams)
    targets: TargetsParams = field(default_factory=TargetsParams)
    privacy: PrivacyParams = field(default_factory=PrivacyParams)
    names: NamesParams = field(default_factory=NamesParams)
    writing: WritingParams = field(default_factory=WritingParams)
    gates: GatesParams = field(default_factory=GatesParams)
    reading: ReadingParams = field(default_factory=ReadingParams)
    report: ReportParams = field(default_factory=ReportParams)
