"""Features for all regions against a bare scan, and a batch of slices against one pass.

``python -m benchmarks engines``; sizes in millions of rows from INSIGHTS_BENCH_ROWS (default
"1 10"; 50 takes half an hour and 1.5 GB of disk). Orders are three fifths of the rows
and distributors' flow two fifths, a customer a hundred rows, 400 products, 30 regions, 3 years.

1. ``customer_features`` of everybody, in a process of its own whose peak memory is stated, taking
   turns with DuckDB's bare scan of the columns it reads, in two meanings: *touched* (every value is
   hashed within the engine, nothing leaves it) and *read* (every value is handed over in batches of
   Arrow). A ratio is the median of paired ratios of wall-clock seconds.
2. A batch of 30 regions as notebooks run it: the pass once, through the cache, then for each region
   tables opened anew, the key of the data asked for anew, the cached result read and sliced. What
   a region costs (opening an engine: some 25 ms) does not grow with the rows, the pass does.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd

from insights import connect
from insights.features import customer_features
from insights.params import SegmentationParams
from insights.store import cached
from insights.tables import Tables

AS_OF = "2025-12-31"
ROUNDS, LARGE, LARGE_ROUNDS = 5, 20_000_000, 2
REGIONS = 30
READ = {
    "orders": ("customer_id", "product_id", "ordered_on", "quantity", "amount"),
    "channel_flow": ("customer_id", "product_id", "flowed_on", "quantity", "amount"),
}
MASTERS = {
    "customers": "printf('C%07d', i) customer_id, printf('R%02d', i % {regions}) region_id,"
    " '第' || i || '人民医院' AS name,"
    " CASE WHEN i % 20 = 0 THEN 'distributor' ELSE 'hospital' END customer_type",
    "products": "printf('P%04d', i) product_id, printf('L%d', i % 8) product_line,"
    " ['drug', 'equipment', 'consumable', 'reagent', 'service'][1 + i % 5] category,"
    " (10 + i)::decimal(18, 2) list_price",
}
FACT = (
    "printf('{mark}%010d', i) {mark}_id, printf('C%07d', (h % {customers})::bigint) customer_id,"
    " printf('P%04d', ((h >> 20) % 400)::bigint) product_id,"
    " (date '2023-01-01' + ((h >> 32) % 1096)::int) {day}, (1 + (h >> 44) % 50)::double quantity,"
    " CASE WHEN {unpriced} THEN NULL ELSE ((h >> 12) % 1000000)::decimal(18, 2) / 100 - 200 END"
    "::decimal(18, 2) amount"
)


def main() -> None:
    """Print both tables."""
    sizes = [int(float(one) * 1e6) for one in os.environ.get("INSIGHTS_BENCH_ROWS", "1 10").split()]
    passes, batches = {}, {}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), rows)
            passes[f"{rows:,}"] = _passes(folder, rows)
            batches[f"{rows:,}"] = _alone(_batch, folder)
    print(pd.DataFrame(passes).T.round(2).rename_axis("rows").to_string())
    print(f"\na batch of {REGIONS} regions")
    print(pd.DataFrame(batches).T.round(2).rename_axis("rows").to_string())


def _passes(folder: str, rows: int) -> dict[str, float]:
    """Return median seconds of each way, paired ratios, and peak memory of the features."""
    rounds = LARGE_ROUNDS if rows > LARGE else ROUNDS
    taken: dict[str, list[float]] = {"touched": [], "read": [], "features": []}
    peak = 0.0
    for _turn in range(rounds):
        for name, way in (("touched", _touch), ("read", _read), ("features", _features)):
            seconds, memory = _alone(way, folder)
            taken[name].append(seconds)
            peak = max(peak, memory) if name == "features" else peak
    found = {f"{name}, s": statistics.median(seconds) for name, seconds in taken.items()}
    for name in ("touched", "read"):
        pairs = zip(taken["features"], taken[name], strict=True)
        found[f"x {name}"] = statistics.median(ours / scan for ours, scan in pairs)
    return found | {"peak MiB": peak}


def _touch(folder: str) -> tuple[float, float]:
    def scan() -> None:
        with duckdb.connect() as engine:
            for name, columns in READ.items():
                hashed = ", ".join(f"bit_xor(hash({column}))" for column in columns)
                engine.execute(f"SELECT {hashed} FROM '{folder}/{name}.parquet'").fetchall()

    return _timed(scan)


def _read(folder: str) -> tuple[float, float]:
    def scan() -> None:
        with duckdb.connect() as engine:
            for name, columns in READ.items():
                asked = f"SELECT {', '.join(columns)} FROM '{folder}/{name}.parquet'"
                for _batch_of_rows in engine.execute(asked).to_arrow_reader(100_000):
                    pass

    return _timed(scan)


def _features(folder: str) -> tuple[float, float]:
    return _timed(lambda: customer_features(connect(folder), AS_OF))


def _batch(folder: str) -> dict[str, float]:
    """Return seconds of one pass and of the whole batch, and their ratio."""
    begun = time.perf_counter()
    _of_everybody(connect(folder), AS_OF, SegmentationParams())
    one = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as cache:
        os.environ["INSIGHTS_CACHE"] = cache
        begun = time.perf_counter()
        sizes = [_slice(folder, f"R{number:02d}") for number in range(REGIONS)]
        batch = time.perf_counter() - begun
    return {"one pass, s": one, "batch, s": batch, "ratio": batch / one, "customers": sum(sizes)}


def _slice(folder: str, region: str) -> int:
    tables = connect(folder)
    found = cached(_of_everybody, tables, AS_OF, SegmentationParams())
    return len(found[found.region_id == region])


def _of_everybody(tables: Tables, as_of: str, _params: SegmentationParams) -> pd.DataFrame:
    homes = tables["customers"].select("customer_id", "region_id").execute()
    return customer_features(tables, as_of).join(homes.set_index("customer_id"))


def _timed(task: Callable[[], object]) -> tuple[float, float]:
    begun = time.perf_counter()
    task()
    return time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _alone(task: Callable, folder: str) -> tuple:
    """Run a task in a fresh process, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, folder).result()


def _write(folder: Path, rows: int) -> None:
    """Write a company of so many rows, the same each time."""
    customers = max(rows // 100, 100)
    facts = {
        "orders": (rows * 3 // 5, {"mark": "order", "day": "ordered_on", "unpriced": "false"}),
        "channel_flow": (rows * 2 // 5, {"mark": "flow", "day": "flowed_on",
                                         "unpriced": "h % 3 = 0"}),
    }  # fmt: skip
    with duckdb.connect() as engine:
        for name, count in {"customers": customers, "products": 400}.items():
            made = MASTERS[name].format(regions=REGIONS)
            chosen = f"SELECT {made} FROM range({count}) t(i)"
            engine.execute(f"COPY ({chosen}) TO '{folder}/{name}.parquet'")
        for name, (count, parts) in facts.items():
            made = FACT.format(customers=customers, **parts)
            if name == "channel_flow":
                made += ", printf('C%07d', ((h % 97) * 20)::bigint) distributor_id"
            rows_of = f"SELECT i, hash(i) h FROM range({count}) t(i)"
            engine.execute(f"COPY (SELECT {made} FROM ({rows_of})) TO '{folder}/{name}.parquet'")


if __name__ == "__main__":
    main()
