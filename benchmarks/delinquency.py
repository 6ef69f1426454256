"""Does our probability of lateness beat the payer's own past, and the usual models?

Four rolling origins, invoices at issue, the same as-of features on the same rows for all
(``benchmarks.delinquency_origins``); intervals of the differences from resampled customers.

1. IBM's sample ledger, no grace, without ``Disputed``: 1,522 tested invoices.
2. A simulated ledger whose true probabilities are known (``benchmarks.ledger_market``): 50,000
   invoices, drifting habits, a tenth from payers with fewer than five earlier ones.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks import delinquency_peers
from benchmarks.delinquency_origins import IBM, SIMULATED, Origins, ibm_tables, predictions
from benchmarks.ledger_market import write_ledger
from benchmarks.paired import best_capture, paired_intervals, score_table
from insights import connect
from insights.tables import Tables

DRAWS = 1000
SEED = 0
FEW = 5


def main() -> None:
    """Print both parts, and in words whom we could not ask."""
    with threadpool_limits(1):
        _show_ibm()
        _show_simulated()
    print(*delinquency_peers.present()[1], sep="\n")


def _show_ibm() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = ibm_tables(Path(folder))
        if tables is None:
            print("IBM's ledger was left out: INSIGHTS_TRIAL_DATA names no folder that holds it")
            return
        rows, ways = _predicted(tables, IBM)
    _show("IBM's ledger", rows, ways, [])


def _show_simulated() -> None:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        truth = write_ledger(Path(folder), SEED)
        print(f"\nsimulated in {time.perf_counter() - begun:.1f} s: {len(truth):,} invoices")
        rows, ways = _predicted(connect(folder), SIMULATED)
    rows = rows.merge(truth.rename(columns={"probability": "truth"}), on="invoice_id")
    _show("The simulated ledger", rows, ways, ["truth"])
    new = rows[rows.matured < FEW]
    print(f"\nof payers with fewer than {FEW} matured invoices: {len(new) / len(rows):.1%}")
    print(score_table(new, ["ours", *ways, "truth"]).round(4).to_string(), flush=True)


def _predicted(tables: Tables, origins: Origins) -> tuple[pd.DataFrame, list[str]]:
    peers, _left_out = delinquency_peers.present()
    return predictions(tables, origins, peers), [peer.__name__ for peer in peers]


def _show(name: str, rows: pd.DataFrame, ways: list[str], known: list[str]) -> None:
    payers, late = rows.customer_id.nunique(), rows.late.mean()
    print(f"\n{name}: {len(rows):,} tested invoices of {payers} payers, {late:.1%} late")
    print(score_table(rows, ["ours", *ways, *known]).round(4).to_string())
    print(f"capture of perfect foresight: {best_capture(rows):.4f}")
    print("What our own trial chose at each origin: " + "; ".join(_choices(rows)))
    print(f"\nOurs less theirs, 95 % over {DRAWS} draws of payers")
    print(paired_intervals(rows, "ours", ways, DRAWS, SEED).to_string(), flush=True)


def _choices(rows: pd.DataFrame) -> list[str]:
    chosen = rows.groupby("cut", as_index=False).choice.first()
    days = chosen.cut.to_numpy().astype("datetime64[D]")
    return [f"{day} {words}" for day, words in zip(days, chosen.choice, strict=True)]
