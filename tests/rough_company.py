"""A demo company as it comes in real life, and every feature that is reckoned from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights.features import (
    customer_features,
    customer_values,
    distributor_features,
    first_purchases,
    line_purchases,
    master,
    purchases_of_nobody,
    terminals,
)
from insights.features.homes import unit_regions
from insights.features.invoices import invoice_features
from insights.features.ledger import Ledger, bills_held, open_ledger
from insights.features.neighbours import neighbours
from insights.features.panels import FACTS, fact_days, strategy_panel
from insights.features.price_volume_mix import products_sold
from insights.features.sell_in import distributors_of, sell_in
from insights.features.waves import survey_waves
from insights.features.windows import Windows
from insights.features.working_days import working_days
from insights.tables import CANONICAL, Tables

DAY = dt.date(2025, 12, 31)
START = dt.date(2025, 1, 1)
WINDOWS = Windows(dt.date(2024, 1, 1), DAY - dt.timedelta(365), START, DAY, True)
MISSING = 0.03
KEPT_WHOLE = {"regions", "calendar", "strategies", "strategy_units", "ledger_control"}
ALWAYS_GIVEN = {"given_on"}  # surveys without a day are refused in words
NAMES = [
    "上海市第一人民医院（南院）",
    "𠮷林大学中日联谊医院",
    "b-lower",
    "B2",
    "Ünlü 诊所",
    " 空格 医院 ",
]
Feature = Callable[[Tables], pd.DataFrame]
LEDGERS: dict[str, Ledger] = {}


def roughen(folder: Path, to: Path, seed: int = 3) -> Path:
    """Write a company with nulls everywhere, part payments, copies, and names in Chinese.

    Three values in a hundred are missing, of every column that is no key; payments come in two
    parts; some products and customers stand there twice, with other contents; ids sort otherwise
    by code point than in any dictionary; some customers have one order or none.
    """
    rng = np.random.default_rng(seed)
    to.mkdir(parents=True)
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path)
        changed = CHANGES.get(path.stem, lambda table: table)(table)
        pq.write_table(_with_gaps(path.stem, changed, rng), to / path.name)
    return to


def _with_gaps(name: str, table: pa.Table, rng: np.random.Generator) -> pa.Table:
    if name in KEPT_WHOLE:
        return table
    for place, column in enumerate(table.column_names):
        if column not in (*CANONICAL[name].key, *ALWAYS_GIVEN):
            gone = pa.array(rng.random(len(table)) < MISSING)
            empty = pa.nulls(len(table), table.schema.field(column).type)
            kept = pa.compute.if_else(gone, empty, table[column])
            table = table.set_column(place, table.schema.field(column), kept)
    return table


def _more_customers(table: pa.Table) -> pa.Table:
    ids = ["甲001", "a-1", "B-1", "_x", "Z", "𠮷"]
    rows = table.slice(0, len(ids)).to_pylist()
    new = [row | {"customer_id": one, "name": name} for row, one, name in
           zip(rows, ids, NAMES, strict=True)]  # fmt: skip
    copies = [row | {"region_id": None, "potential": None} for row in rows[:3]]
    return pa.concat_tables([table, pa.Table.from_pylist([*new, *copies], table.schema)])


def _copied_products(table: pa.Table) -> pa.Table:
    copies = [row | {"product_line": "另一条线"} for row in table.slice(0, 4).to_pylist()]
    return pa.concat_tables([table, pa.Table.from_pylist(copies, table.schema)])


def _sparse_orders(table: pa.Table) -> pa.Table:
    new = [
        row | {"order_id": f"稀{n}", "customer_id": one, "quantity": 2.5}
        for n, (row, one) in enumerate(
            zip(table.slice(len(table) - 3, 3).to_pylist(), ("甲001", "a-1", "𠮷"), strict=True)
        )
    ]
    return pa.concat_tables([table, pa.Table.from_pylist(new, table.schema)])


def _part_payments(table: pa.Table) -> pa.Table:
    amounts = table["amount"].to_pandas()
    first = (amounts / 3).map(lambda one: one.quantize(amounts.iloc[0]))
    kind = table.schema.field("amount")
    ids = table["payment_id"].to_pandas()
    parts = [
        table.set_column(table.column_names.index("amount"), kind, pa.array(part, kind.type))
        for part in (first, amounts - first)
    ]
    again = parts[1].set_column(
        table.column_names.index("payment_id"),
        table.schema.field("payment_id"),
        pa.array(ids + "/乙", table.schema.field("payment_id").type),
    )
    return pa.concat_tables([parts[0], again])


CHANGES: dict[str, Callable[[pa.Table], pa.Table]] = {
    "customers": _more_customers,
    "products": _copied_products,
    "orders": _sparse_orders,
    "payments": _part_payments,
}


def features() -> dict[str, Feature]:
    """Return every feature by name: what is asked of tables, as a frame."""
    return {
        "customers": lambda tables: customer_features(tables, DAY),
        "customers, a short window": lambda t: customer_features(t, dt.date(2024, 6, 15), 180, 90),
        "values": lambda tables: customer_values(tables, DAY).to_frame(),
        "terminals": lambda t: _sorted(terminals(t, DAY).execute()),
        "first purchases": lambda tables: first_purchases(tables, DAY),
        "lines": lambda tables: line_purchases(tables, DAY),
        "distributors": lambda tables: distributor_features(tables, DAY),
        "bought by nobody": lambda tables: pd.DataFrame([purchases_of_nobody(tables, DAY)]),
        "regions": lambda tables: tables.regions,
        "overview": lambda tables: tables.overview(tuple(CANONICAL), DAY),
        "bills": lambda tables: bills_held(tables, DAY),
        "sell-in": lambda tables: sell_in(tables, WINDOWS, DAY),
        "surveys": lambda tables: survey_waves(tables, DAY).pairs,
        "working days": _working_days,
        "invoices": _invoices,
        **{f"master {name}": _master(name) for name in ("customers", "products", "reps")},
        **{f"ledger {part}": _ledger(part) for part in
           ("items", "allocations", "unallocated", "faults", "promises")},
        **{f"distributors of {kind}": _suppliers(kind) for kind in ("customer", "region", "rep")},
        **{f"neighbours of {kind}": _neighbours(kind) for kind in ("customer", "department")},
        **{f"price, volume, mix: {metric}": _sold(metric) for metric in ("sales", "sell_through")},
        **{f"days of {metric}": _days(metric) for metric in FACTS},
        **{f"panel of {metric} by {kind}": _panel(metric, kind, grain) for metric in FACTS
           for kind, grain in (("customer", "month"), ("region", "quarter"))},
        **{f"regions of {kind}": _homes(kind) for kind in ("customer", "rep", "department")},
    }  # fmt: skip


def differing(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """Return the columns of two frames in which a cell, a type or the order of rows differs."""
    if list(ours.columns) != list(theirs.columns) or len(ours) != len(theirs):
        return [f"{list(ours.columns)} x {len(ours)}, {list(theirs.columns)} x {len(theirs)}"]
    pairs = {str(name): (ours[name], theirs[name]) for name in ours.columns}
    pairs["index"] = (ours.index.to_series(), theirs.index.to_series())
    return [name for name, (one, other) in pairs.items() if not _same(one, other)]


def _same(one: pd.Series, other: pd.Series) -> bool:
    missing, theirs_missing = one.isna().to_numpy(), other.isna().to_numpy()
    if one.dtype != other.dtype or (missing != theirs_missing).any():
        return False
    return list(one[~missing]) == list(other[~missing])


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


def _working_days(tables: Tables) -> pd.DataFrame:
    months = pd.date_range(START, periods=12, freq="MS")
    return working_days(tables, months, months + pd.offsets.MonthEnd(0))


def _invoices(tables: Tables) -> pd.DataFrame:
    ledger = _opened(tables)
    items = np.arange(0, len(ledger.items), 7)
    return invoice_features(ledger, pd.DataFrame({"item": items, "day": ledger.day - 200}), 30)


def _master(name: str) -> Feature:
    key = list(CANONICAL[name].key)
    return lambda t: master(t, name, DAY).execute().sort_values(key, ignore_index=True)


def _ledger(part: str) -> Feature:
    return lambda tables: getattr(_opened(tables), part)


def _opened(tables: Tables) -> Ledger:
    if tables.source not in LEDGERS:
        LEDGERS[tables.source] = open_ledger(tables, DAY)
    return LEDGERS[tables.source]


def _suppliers(kind: str) -> Feature:
    return lambda tables: distributors_of(tables, kind, WINDOWS, DAY)


def _neighbours(kind: str) -> Feature:
    return lambda tables: neighbours(tables, kind, START, DAY)


def _sold(metric: str) -> Feature:
    return lambda tables: products_sold(tables, metric, "region", WINDOWS, DAY)


def _days(metric: str) -> Feature:
    return lambda tables: fact_days(tables, metric, "month", DAY)


def _panel(metric: str, kind: str, grain: str) -> Feature:
    strategy = SimpleNamespace(
        metric=metric, unit_type=kind, grain=grain, starts_on=pd.Timestamp(START)
    )
    return lambda tables: strategy_panel(tables, strategy, DAY)


def _homes(kind: str) -> Feature:
    return lambda tables: unit_regions(tables, kind, DAY).to_frame()
