"""Targets set from last year's trade, and what people decided: tiers, locked plans."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.demo.chance import Ints, stream
from insights.demo.customers import Customers
from insights.demo.places import LEAF_IDS
from insights.demo.products import LINE_NAMES
from insights.demo.timeline import MONTH_OF_YEAR, MONTHS

SCOPES = ("company", "region", "product_line", "rep")
GROWTH = 1.08


def targets(
    seed: int, customers: Customers, lines: pd.DataFrame, reps: pd.DataFrame
) -> pd.DataFrame:
    """Return monthly and yearly sales targets of the company, regions, lines and device reps."""
    rng = stream(seed, "targets")
    device = reps.loc[reps["line_type"] == "device", "rep_id"]
    keyed = lines.assign(
        company="company",
        region=np.array(LEAF_IDS)[customers.home[lines["payer"]]],
        product_line=LINE_NAMES[lines["line"]],
        rep=lines["rep_id"].where(lines["rep_id"].isin(device)),
    )
    monthly = pd.concat([_monthly(rng, keyed, scope) for scope in SCOPES], ignore_index=True)
    year = monthly["period"].to_numpy().astype("datetime64[Y]").astype("datetime64[D]")
    keys = ["period", "scope", "scope_id"]
    yearly = monthly.assign(period=year).groupby(keys, as_index=False)["target"].sum()
    both = pd.concat([monthly.assign(grain="month"), yearly.assign(grain="year")])
    return both.assign(metric="sales")


def _monthly(rng: np.random.Generator, keyed: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Spread a year's ambition over its months as trade is usually spread."""
    cells = keyed[keyed[scope].notna()]
    ids, place = np.unique(cells[scope].to_numpy(dtype=str), return_inverse=True)
    sums = np.zeros((len(ids), len(MONTHS)))
    np.add.at(sums, (place, cells["month"].to_numpy()), cells["amount"].to_numpy() / 100)
    yearly = sums.reshape(len(ids), 3, 12).sum(axis=2)
    base = np.column_stack([yearly[:, 0] / GROWTH, yearly[:, 0], yearly[:, 1]])
    base = np.where(base > 0, base, yearly) * GROWTH * rng.lognormal(0, 0.06, base.shape)
    usual = sums.reshape(len(ids), 3, 12).sum(axis=1)
    usual = usual / np.maximum(usual.sum(axis=1, keepdims=True), 1)
    target = np.repeat(base, 12, axis=1) * usual[:, MONTH_OF_YEAR]
    return pd.DataFrame(
        {
            "period": np.tile(MONTHS.astype("datetime64[D]"), len(ids)),
            "scope": scope,
            "scope_id": np.repeat(ids, len(MONTHS)),
            "target": np.round(target.reshape(-1), -3),
        }
    )


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
