"""Customers that are not simulated here: two public sets, the demo company, and two plain groups.

The public sets are read from the folder that INSIGHTS_TRIAL_DATA names (UCI Online Retail as
``online_retail.parquet``, CDNOW as ``cdnow.txt``); where one is absent, None is returned.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from insights import connect
from insights.features import customer_features
from insights.params import ROOT

DEMO = ROOT / "data" / "demo"
# What the review reads of terminals that ever bought.
BEHAVIOUR = (
    "recency_days",
    "frequency",
    "monetary_value",
    "product_lines",
    "growth",
    "momentum",
    "tenure_days",
    "equipment_share",
    "visits",
    "hospital_level",
)


def online_retail() -> pd.DataFrame | None:
    """Return the behaviour of a wholesale shop's customers as of its last day."""
    path = _trial_path("online_retail.parquet")
    if path is None:
        return None
    lines = pd.read_parquet(path).dropna(subset="CustomerID")
    bought = pd.DataFrame(
        {
            "customer_id": lines.CustomerID.astype("int64").astype("str"),
            "day": lines.InvoiceDate.dt.normalize(),
            "amount": lines.Quantity * lines.UnitPrice,
        }
    )
    return behaviour(bought)


def cdnow() -> pd.DataFrame | None:
    """Return the behaviour of a music shop's customers as of its last day."""
    path = _trial_path("cdnow.txt")
    if path is None:
        return None
    names = ["customer_id", "day", "quantity", "amount"]
    rows = pd.read_csv(path, sep=r"\s+", skiprows=1, names=names, dtype={"customer_id": "str"})
    return behaviour(rows.assign(day=pd.to_datetime(rows.day.astype("str"))))


def demo_company() -> pd.DataFrame | None:
    """Return the demo company's terminals that ever bought."""
    if not DEMO.exists():
        return None
    features = customer_features(connect(DEMO), "2025-12-31")
    terminals = features[features.recency_days.notna()]
    terminals = terminals[terminals.customer_type.fillna("") != "distributor"]
    return terminals[[name for name in BEHAVIOUR if name in terminals]]


def two_groups(seed: int = 0, n: int = 1200) -> pd.DataFrame:
    """Return customers of which nothing but two groups can be found: frequent and seldom."""
    rng = np.random.default_rng([seed, 2])
    often = rng.random(n) < 0.4
    mean = np.where(often, 1.5, -1.5)
    drawn = rng.normal(mean[:, None], 1.0, (n, 4))
    return pd.DataFrame(
        {
            "monetary_value": np.exp(10 + drawn[:, 0]),
            "frequency": np.exp(2 + 0.6 * drawn[:, 1]).round(),
            "recency_days": np.exp(3.5 - 0.7 * drawn[:, 2]).round(),
            "tenure_days": 1000 + 200 * drawn[:, 3],
        },
        index=pd.Index([f"c{i:05d}" for i in range(n)], name="customer_id"),
    )


def behaviour(bought: pd.DataFrame) -> pd.DataFrame:
    """Return each buyer's recency, frequency, value and the like over the whole history.

    ``bought`` has customer_id, day and amount; amounts of zero and below are no purchases, but
    returns count against value. Whoever only returned is left out.
    """
    month = 12 * bought.day.dt.year + bought.day.dt.month
    taken = bought.assign(month=month)[bought.amount > 0]
    last = bought.day.max()
    by = taken.groupby("customer_id")
    days = by.day.nunique()
    return pd.DataFrame(
        {
            "recency_days": (last - by.day.max()).dt.days.astype(float),
            "frequency": days.astype(float),
            "monetary_value": bought.groupby("customer_id").amount.sum().reindex(days.index),
            "tenure_days": (last - by.day.min()).dt.days.astype(float),
            "average_purchase": by.amount.sum() / days,
            "active_months": by.month.nunique().astype(float),
        }
    )


def _trial_path(name: str) -> Path | None:
    folder = os.environ.get("INSIGHTS_TRIAL_DATA")
    path = Path(folder, name) if folder else None
    return path if path is not None and path.exists() else None
