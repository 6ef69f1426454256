"""What people decided: tiers against the rule, and the locks of plans."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.demo.chance import Ints, stream
from insights.demo.customers import Customers


def decisions(seed: int, customers: Customers, locks: pd.DataFrame) -> pd.DataFrame:
    """Return a few tiers that a manager set against the rule, and the locks of plans."""
    return pd.concat([_tiers(seed, customers), locks], ignore_index=True)


def _tiers(seed: int, customers: Customers) -> pd.DataFrame:
    rng = stream(seed, "decisions")
    tiered = customers.table[customers.table["tier"].notna()]
    rows: Ints = np.sort(rng.choice(len(tiered), min(12, len(tiered)), replace=False))
    days = np.datetime64("2025-02-01", "D") + rng.integers(0, 300, len(rows))
    return pd.DataFrame(
        {
            "decision_id": [f"DEC{i + 1:03d}" for i in range(len(rows))],
            "kind": "tier",
            "subject_id": tiered["customer_id"].to_numpy(dtype=object)[rows],
            "value": rng.choice(["A", "B"], len(rows)),
            "decided_on": days,
            "until_on": days + np.timedelta64(365, "D"),
            "decided_by": "大区经理",
            "reason": rng.choice(["重点学科建设", "新院区投用", "集采续约在即"], len(rows)),
        }
    )
