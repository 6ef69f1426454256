"""What managers approved ahead: parts of next year's targets, and calls of the next month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.demo.ambition import SHORT_REGION
from insights.demo.chance import stream

NEXT_MONTH = np.datetime64("2026-01-01", "D")
LAST_MONTH, LAST_YEAR = pd.Timestamp("2025-12-01"), pd.Timestamp("2025-01-01")
APPROVED_GROWTH = {"east": 1.04, SHORT_REGION: 0.9}  # of the last year's target
APPROVED_CALLS = 6


def approved_targets(targets: pd.DataFrame) -> pd.DataFrame:
    """Return decisions of kind target: regions whose sales of the next year are fixed.

    ``subject_id`` is the region_id, ``value`` CNY in the year.
    """
    year = targets[(targets["grain"] == "year") & (targets["metric"] == "sales")]
    last = year[(year["period"] == LAST_YEAR) & (year["scope"] == "region")]
    asked = last.set_index("scope_id")["target"]
    known = [region for region in APPROVED_GROWTH if region in asked.index]
    values = [f"{round(asked[one] * APPROVED_GROWTH[one], -4):.0f}" for one in known]
    return _decided("TGT", "target", known, values).assign(
        decided_on=np.datetime64("2025-12-15", "D"),
        until_on=np.datetime64("2026-12-31", "D"),
        decided_by="销售总监",
        reason="年度预算会确认",
    )


def approved_calls(seed: int, plans: pd.DataFrame) -> pd.DataFrame:
    """Return decisions of kind call_plan: a customer's calls in the next month, by whom.

    ``subject_id`` is "rep_id/customer_id", ``value`` "n visits a month".
    """
    rng = stream(seed, "approved calls")
    last = plans[plans["period"] == LAST_MONTH].reset_index(drop=True)
    rows = last.iloc[np.sort(rng.choice(len(last), min(APPROVED_CALLS, len(last)), replace=False))]
    values = [f"{n} visits a month" for n in rng.integers(2, 5, len(rows))]
    subjects = [
        f"{rep}/{who}" for rep, who in zip(rows["rep_id"], rows["customer_id"], strict=True)
    ]
    return _decided("CALL", "call_plan", subjects, values).assign(
        decided_on=np.datetime64("2025-12-22", "D"),
        until_on=NEXT_MONTH + np.timedelta64(30, "D"),
        decided_by="大区经理",
        reason=rng.choice(["重点学科建设", "集采续约在即"], len(rows)),
    )


def _decided(prefix: str, kind: str, subjects: list[str], values: list[str]) -> pd.DataFrame:
    ids = [f"{prefix}{i + 1:03d}" for i in range(len(subjects))]
    return pd.DataFrame({"decision_id": ids, "kind": kind, "subject_id": subjects, "value": values})
