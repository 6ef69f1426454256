"""Where the units of strategies are: the region of each."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.known import master
from insights.tables import Tables


def unit_regions(tables: Tables, kind: str, as_of: dt.date) -> pd.Series:
    """Return the region of each unit of a kind (customer, region, department, rep, city)."""
    return tables.once(("homes", kind, as_of), lambda: _homes(tables, kind, as_of))


def _homes(tables: Tables, kind: str, as_of: dt.date) -> pd.Series:
    customers = master(tables, "customers", as_of)
    if kind == "region":
        ids = tables.regions.region_id
        return pd.Series(ids.to_numpy(), index=ids.to_numpy(), dtype="str")
    if kind == "rep":
        pairs = tables["reps"].select(unit_id="rep_id", region_id="region_id")
    elif kind == "department":
        joined = tables["departments"].inner_join(customers, "customer_id")
        pairs = joined.select(unit_id="department_id", region_id="region_id")
    else:
        column = "city" if kind == "city" else "customer_id"
        pairs = customers.select(unit_id=column, region_id="region_id")
    held = pairs.filter(pairs.unit_id.notnull() & pairs.region_id.notnull())
    firsts = held.group_by("unit_id").aggregate(region_id=held.region_id.min())
    return firsts.order_by("unit_id").execute().set_index("unit_id").region_id
