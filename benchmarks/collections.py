"""Does the money come when the forecast says? Coverage of 90 % intervals, error beside naive peers.

Two ledgers: the demo company, forecast anew at 24 monthly origins from a ledger opened on that day
(nothing later is read), each beside the 13 weeks that came; and simulated ledgers (ledger_market;
the features were chosen on its seed 0, others are shown), where a ledger's own backtest gives the
origins. One calendar week seen from several origins is not several independent weeks: the first
binomial interval takes it so, the second counts each calendar week once.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.ledger_market import write_ledger
from insights import connect
from insights.delinquency.cash.collections import Collections, forecast_collections
from insights.features.ledger import open_ledger
from insights.params import ROOT
from insights.tables import ALL

DEMO = ROOT / "data" / "demo"
LAST_ORIGIN, ORIGINS = "2025-09-30", 24
SEEDS, SIMULATED_END = (1, 2, 3), "2025-12-31"
PEERS = ["expected", "naive_last_year", "naive_recent"]


def main() -> None:
    """Print coverage, width and errors on both ledgers, company and regions apart."""
    pd.options.display.width = 160
    print(_table(_demo_origins()).to_string())
    for seed in SEEDS:
        print(f"\nsimulated ledger {seed}, its own backtest")
        print(_table(_simulated(seed).backtest).to_string())


def _demo_origins() -> pd.DataFrame:
    """Return forecasts made afresh on each origin with what came, from the last day's ledger."""
    tables = connect(DEMO)
    began = time.perf_counter()
    whole = forecast_collections(open_ledger(tables, "2025-12-31"), tables.regions)
    print(f"demo company, {time.perf_counter() - began:.1f} s, backtest included: {whole}")
    keys = ["made_on", "region_id", "scope", "week"]
    came = whole.backtest.set_index(keys).actual
    made = []
    for day in pd.date_range(end=LAST_ORIGIN, periods=ORIGINS, freq="ME"):
        found = forecast_collections(open_ledger(tables, day), tables.regions)
        if found.status == "ok":
            made.append(found.by_week)
        else:
            print(day.date(), found)
    return pd.concat(made).join(came, on=keys)


def _simulated(seed: int) -> Collections:
    with tempfile.TemporaryDirectory() as folder:
        write_ledger(Path(folder), seed)
        tables = connect(folder)
        began = time.perf_counter()
        ledger = open_ledger(tables, SIMULATED_END)
        found = forecast_collections(ledger, tables.regions)
        print(f"{len(ledger.items)} items, {time.perf_counter() - began:.1f} s with the ledger")
    return found


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row a scope and level: coverage with both intervals, width, errors."""
    rows = rows[rows.actual.notna() & rows.low.notna()]
    level = np.where(rows.region_id == ALL, "company", "regions")
    length = np.where(rows.week == 0, "13 weeks", "week")
    groups = rows.groupby(["scope", level, length])
    return pd.DataFrame({key: _row(part) for key, part in groups}).T


def _row(rows: pd.DataFrame) -> pd.Series:
    inside = (rows.actual >= rows.low) & (rows.actual <= rows.high)
    apart = (rows.ends_on.dt.to_period("W").astype("str") + rows.region_id).nunique()
    both = rows.dropna(subset=PEERS)
    errors = {name: (both.actual - both[name]).abs().mean() / 1e6 for name in PEERS}
    shown = {
        "n": len(rows),
        "coverage": round(float(inside.mean()), 3),
        "interval": _interval(inside.mean() * len(rows), len(rows)),
        "interval, weeks once": _interval(inside.mean() * apart, apart),
        "width / mean": round((rows.high - rows.low).mean() / rows.actual.mean(), 2),
        "compared": len(both),
    }
    return pd.Series(shown | {f"MAE {name}, M": round(v, 3) for name, v in errors.items()})


def _interval(hits: float, n: int) -> str:
    found = stats.binomtest(round(hits), n).proportion_ci(method="wilson")
    return f"{found.low:.3f}-{found.high:.3f}"


if __name__ == "__main__":
    main()
