"""The rows that enter the tables strategies and strategy_units when a plan is accepted."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.params import StrategyParams, StrategyPlanParams
from insights.words import _

STRATEGY = (
    "strategy_id", "name", "hypothesis", "owner", "metric", "unit_type", "starts_on", "ends_on",
    "grain", "direction", "min_effect", "washout_periods", "registered_on",
)  # fmt: skip
UNIT = ("strategy_id", "unit_id", "starts_on")
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def plan_rows(
    planned: tuple[str, int, int], metric: str, params: StrategyPlanParams,
    rules: StrategyParams, as_of: dt.date | None,
) -> pd.DataFrame:  # fmt: skip
    """Return the strategy as it would be registered on as_of; ``planned``: region, units, periods.

    It starts with the first whole period after as_of. Name, hypothesis and owner are the
    strategy's own: they are left to be written.
    """
    _region, units, periods = planned
    if as_of is None or not units:
        return pd.DataFrame(columns=list(STRATEGY))
    start = _start(as_of, params.grain)
    row = {
        "strategy_id": _strategy_id(planned, start),
        "name": _("to be named"),
        "hypothesis": None,
        "owner": None,
        "metric": metric,
        "unit_type": params.unit_type,
        "starts_on": start,
        "ends_on": start
        + pd.DateOffset(months=periods * MONTHS[params.grain])
        - pd.Timedelta("1D"),
        "grain": params.grain,
        "direction": params.direction,
        "min_effect": params.min_effect,
        "washout_periods": rules.washout_periods,
        "registered_on": pd.Timestamp(as_of),
    }
    return pd.DataFrame([row], columns=list(STRATEGY)).astype({"hypothesis": "str", "owner": "str"})


def plan_unit_rows(
    planned: tuple[str, int, int], choice: pd.DataFrame, grain: str, as_of: dt.date | None
) -> pd.DataFrame:
    """Return the treated units as they would be registered with the strategy."""
    if as_of is None or choice.empty:
        return pd.DataFrame(columns=list(UNIT))
    start = _start(as_of, grain)
    treated = choice[choice.role == "treated"]
    return pd.DataFrame(
        {
            "strategy_id": _strategy_id(planned, start),
            "unit_id": treated.unit_id.to_numpy(),
            "starts_on": start,
        }
    )


def _start(as_of: dt.date, grain: str) -> pd.Timestamp:
    """Return the first day of the first period that begins after as_of."""
    step = {"month": "M", "quarter": "Q", "year": "Y"}[grain]
    return (pd.Timestamp(as_of).to_period(step) + 1).start_time


def _strategy_id(planned: tuple[str, int, int], start: pd.Timestamp) -> str:
    region, units, periods = planned
    return f"plan-{region}-{start:%Y%m%d}-{units}x{periods}"
