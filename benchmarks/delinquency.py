"""Does the model rank late payers better than the customer's own past, and how far from the truth?

The demo company, rolling origins, items predicted at issue: AUC and Brier of the model, of the
naive past-late rate, and of the true probabilities on the same rows; paired bootstrap over
customers.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score

from insights import connect
from insights.delinquency import predict_delinquency
from insights.delinquency.snapshots import ISSUE
from insights.features.ledger import open_ledger
from insights.params import ROOT

DRAWS = 200
DEMO = ROOT / "data" / "demo"


def main() -> None:
    """Print both scores of the three, and the paired gain over the naive rate."""
    result = predict_delinquency(connect(DEMO), "2025-12-31")
    tested = result.predictions[result.predictions.view == ISSUE]
    rows = tested.assign(naive=tested.late_rate, truth=_truth(tested["item"].to_numpy()))
    rows = rows.assign(customer_id=_items().customer_id.to_numpy()[rows["item"]]).dropna()
    table = {
        name: [roc_auc_score(rows.late, rows[name]), brier_score_loss(rows.late, rows[name])]
        for name in ("used", "naive", "truth")
    }
    print(pd.DataFrame(table, index=["AUC", "Brier"]).T.round(4).to_string())
    low, high = np.quantile(_gains(rows), [0.025, 0.975])
    print(f"AUC gain over naive on {len(rows)} items: {low:.4f} to {high:.4f} (95 %)")


def _items() -> pd.DataFrame:
    return open_ledger(connect(DEMO), date(2025, 12, 31)).items


def _truth(items: np.ndarray) -> np.ndarray:
    keys = ["invoice_id", "instalment_no"]
    truth = pd.read_parquet(DEMO / "truth" / "invoices.parquet")
    return _items()[keys].merge(truth, on=keys, how="left").probability.to_numpy()[items]


def _gains(rows: pd.DataFrame) -> list[float]:
    rng = np.random.default_rng(0)
    parts = [part for _name, part in rows.groupby("customer_id")]
    gains = []
    for _draw in range(DRAWS):
        sample = pd.concat([parts[i] for i in rng.integers(0, len(parts), len(parts))])
        gains.append(
            roc_auc_score(sample.late, sample.used) - roc_auc_score(sample.late, sample.naive)
        )
    return gains
