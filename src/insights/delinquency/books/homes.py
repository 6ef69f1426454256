"""Whose region does a row that is wrong belong to? Only that region's report may show it."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features import master
from insights.tables import Tables

KEYS = {
    "invoices": ("invoice_id", "customer_id", "credits_invoice_id"),
    "payments": ("payment_id", "customer_id", "invoice_id"),
    "writeoffs": ("writeoff_id", None, "invoice_id"),
    "dunning": ("dunning_id", "customer_id", "invoice_id"),
}


def with_homes(tables: Tables, faults: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Add region_id to faults of the ledger's tables (table, row): of the customer and invoice.

    Missing where no region is known, and where a row names customers or invoices of several: such
    a row is for the company's report alone.
    """
    if faults.empty:
        return faults.assign(region_id=pd.Series(dtype="object"))
    homes = master(tables, "customers", as_of).select("customer_id", "region_id").execute()
    payers = tables["invoices"].select("invoice_id", "customer_id").distinct().execute()
    of_invoices = payers.merge(homes, on="customer_id")[["invoice_id", "region_id"]]
    places = pd.Series(None, index=faults.index, dtype="object")
    for name in sorted(set(faults.table) & set(KEYS)):
        known = _regions(tables, name, homes, of_invoices)
        own = faults.table == name
        rows = faults["row"][own]
        bare = rows.str.rpartition("/")[0] if name == "invoices" else rows
        places[own] = rows.map(known).fillna(bare.map(known))
    return faults.assign(region_id=places)


def _regions(
    tables: Tables, name: str, homes: pd.DataFrame, of_invoices: pd.DataFrame
) -> pd.Series:
    """Return the region of each row of a table by its key, of those that have exactly one."""
    key, customer, invoice = KEYS[name]
    rows = tables[name].select(*dict.fromkeys(filter(None, KEYS[name]))).distinct().execute()
    named = rows[[key, invoice]].rename(columns={key: "key", invoice: "invoice_id"})
    pairs = [named.merge(of_invoices, on="invoice_id")]
    if customer:
        owed = rows[[key, customer]].rename(columns={key: "key", customer: "customer_id"})
        pairs.append(owed.merge(homes, on="customer_id"))
    found = pd.concat(pairs)[["key", "region_id"]].dropna().drop_duplicates()
    return found.drop_duplicates("key", keep=False).set_index("key").region_id
