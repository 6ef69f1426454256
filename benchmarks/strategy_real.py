"""How often is a strategy that never was called a success on real hospitals?

Monthly drug quantities of hospitals in England (hospital_drug_month.csv in the folder that
INSIGHTS_TRIAL_DATA names; months missing = not recorded; COVID from March 2020). 200 pretended
strategies: 8 hospitals at random, a start at random, 12 months after where the data last; one drug
at random, or the total of all drugs, a hospital. The truth is no effect in every one.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from insights.strategy import compare_strategy

RUNS, TREATED, SEED = 200, 8, 20
FILE = "hospital_drug_month.csv"
BEFORE, AFTER = 12, 12
# A hospital is in the pretended register when it has sold in most months, as a pilot's would.
RECORDED = 0.75
HOSPITALS = 30


def main() -> None:
    """Print the share called worked, by kind of outcome, and why nothing could be told."""
    folder = os.environ.get("INSIGHTS_TRIAL_DATA")
    path = Path(folder or "nowhere", FILE)
    if not path.exists():
        print(f"INSIGHTS_TRIAL_DATA holds no {FILE}: left out")
        return
    panels = _panels(pd.read_csv(path, parse_dates=["year_month"]))
    print(f"{len(panels)} outcomes of at least {HOSPITALS} hospitals: {', '.join(panels)}")
    began = time.perf_counter()
    rows = pd.DataFrame([_pretend(panels, run) for run in range(RUNS)])
    print(f"{RUNS} pretended strategies, {time.perf_counter() - began:.0f} s")
    kinds = {
        "all": rows,
        "one drug": rows[rows.drug != "total"],
        "total": rows[rows.drug == "total"],
    }
    print(pd.DataFrame({name: _rates(part) for name, part in kinds.items()}).to_string())
    print("\nfailed gates (of all, several may fail at once)")
    print(_listed(name for gates in rows.failed for name in gates))
    print("\ndesigns")
    print(_listed(rows.design))


def _panels(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return hospitals x months of the total and of each drug that enough hospitals buy."""
    total = rows.pivot_table(
        index="ods_code", columns="year_month", values="total_quantity", aggfunc="sum"
    )
    drugs = {
        str(name): part.pivot(index="ods_code", columns="year_month", values="total_quantity")
        for name, part in rows.groupby("vmp_product_name")
    }
    kept = {name: _recorded(wide) for name, wide in ({"total": total} | drugs).items()}
    return {name: wide for name, wide in kept.items() if len(wide) >= HOSPITALS}


def _recorded(wide: pd.DataFrame) -> pd.DataFrame:
    return wide[wide.notna().mean(axis=1) >= RECORDED]


def _pretend(panels: dict[str, pd.DataFrame], run: int) -> dict[str, object]:
    """Every other run is the total; returns the verdict and what stood in its way."""
    rng = np.random.default_rng([run, SEED])
    drug = "total" if run % 2 else str(rng.choice([name for name in panels if name != "total"]))
    wide = panels[drug]
    start = int(rng.integers(BEFORE, wide.shape[1] - AFTER + 1))
    wide = wide.iloc[:, : start + AFTER]
    outcomes = (
        wide.stack().dropna().rename("value").rename_axis(["unit_id", "period"]).reset_index()
    )
    ids = rng.permutation(sorted(outcomes.unit_id.unique()))[:TREATED]
    units = pd.DataFrame({"unit_id": ids, "starts_on": wide.columns[start]})
    found = compare_strategy(outcomes, units)
    return {
        "drug": drug,
        "verdict": found.verdict,
        "p_value": found.p_value,
        "covered": found.interval[0] <= 0 <= found.interval[1],
        "relative": found.relative,
        "width": found.relative_interval[1] - found.relative_interval[0],
        "design": found.design,
        "failed": [gate.check for gate in found.gates if not gate.passed],
    }


def _rates(rows: pd.DataFrame) -> dict[str, str]:
    known = rows[rows.p_value.notna()]
    told = rows.verdict == "cannot_tell"
    passed = known[known.failed.str.len() == 0]
    return {
        "runs": str(len(rows)),
        "worked": _share(rows.verdict == "worked"),
        "did_not_work": _share(rows.verdict == "did_not_work"),
        "p < .05": _share(known.p_value < 0.05),
        "p < .05, gates passed": _share(passed.p_value < 0.05),
        "interval holds zero": _share(known.covered),
        "cannot_tell": _share(told),
        "cannot_tell, a gate failed": _share(told & (rows.failed.str.len() > 0)),
        "no estimate": _share(rows.p_value.isna()),
        "median interval width": f"{rows.width.median():.0%} of expected",
    }


def _listed(words: object) -> str:
    counts = Counter(words).most_common(12)
    return "\n".join(f"{count:5d}  {word}" for word, count in counts) or "none"


def _share(hits: pd.Series) -> str:
    if hits.empty:
        return "–"
    interval = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci()
    return f"{hits.mean():.3f} ({interval.low:.3f}-{interval.high:.3f})"
