"""The frames of a review that nothing can be said in."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.features.cycles import CYCLES
from insights.features.price_volume_mix import SOLD
from insights.features.sales_cells import CELLS
from insights.features.stocking import STOCKED
from insights.targets.attainment import ATTAINED
from insights.targets.backtest import SCORES
from insights.targets.customers_won import FIRSTS
from insights.targets.exceptions import EXCEPTIONS
from insights.targets.forecast import FORECAST

NUMBERS = frozenset(
    {"cents", "cents_to_day", "median_days", "days_since", "overdue_ratio", "usual_amount",
     "target", "actual", "attainment", "gap", "time_progress", "expected", "low", "high", "money",
     "shipped", "sold_on", "run_rate", "remaining_days", "required_rate", "first_amount",
     *(name for name in SOLD if name.endswith(("_before", "_after")))}
)  # fmt: skip
DAYS = frozenset({"month", "period", "period_end", "first_on", "last_on", "left_on", "vbp_on"})
FLAGS = frozenset({"current", "covered", "exception"})


def empty_frames() -> dict[str, Any]:
    """Return every frame of a ``TargetReview`` without rows."""
    return {
        "attainment": without_rows(ATTAINED),
        "cells": without_rows(CELLS),
        "days": pd.DataFrame({"working_days": [], "days_worked": []}, dtype="float64"),
        "sold": without_rows(SOLD),
        "firsts": without_rows(FIRSTS),
        "cycles": without_rows(CYCLES),
        "stocking": without_rows(STOCKED),
        "people": pd.Series(dtype="str"),
        "customers": pd.Series(dtype="str"),
        "forecast": without_rows(FORECAST),
        "scores": without_rows(SCORES),
        "exceptions": without_rows(EXCEPTIONS),
    }


def without_rows(columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a frame without rows whose columns have the types of a review's."""
    kinds = {
        **dict.fromkeys(NUMBERS, "float64"), **dict.fromkeys(DAYS, "datetime64[us]"),
        **dict.fromkeys(FLAGS, "bool"),
    }  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in columns})
