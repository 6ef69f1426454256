"""Every knob of every analysis: typed, frozen, read from yaml in one place."""

from insights.params.calls import CallsParams
from insights.params.delinquency import DelinquencyParams
from insights.params.errors import ParamsError
from insights.params.exceptions import ExceptionsParams
from insights.params.gates import GatesParams
from insights.params.loading import (
    ROOT,
    Params,
    load_base_entries,
    load_params,
    load_region_file,
    load_yaml,
    params_key,
)
from insights.params.names import NamesParams
from insights.params.privacy import PrivacyParams
from insights.params.sections import ReportParams
from insights.params.segmentation import SegmentationParams
from insights.params.strategy import StrategyParams
from insights.params.strategy_plan import StrategyPlanParams
from insights.params.targets import TargetsParams
from insights.params.writing import WritingParams

__all__ = [
    "ROOT",
    "CallsParams",
    "DelinquencyParams",
    "ExceptionsParams",
    "GatesParams",
    "NamesParams",
    "Params",
    "ParamsError",
    "PrivacyParams",
    "ReportParams",
    "SegmentationParams",
    "StrategyParams",
    "StrategyPlanParams",
    "TargetsParams",
    "WritingParams",
    "load_base_entries",
    "load_params",
    "load_region_file",
    "load_yaml",
    "params_key",
]
