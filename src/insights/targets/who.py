"""What units with a target are called, and where they belong."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.known import master
from insights.tables import Tables

WHO = ("scope", "scope_id", "name", "region_id", "left_on")


def read_names(tables: Tables, as_of: dt.date, wanted: pd.DataFrame) -> pd.DataFrame:
    """Return each region, device representative, and each customer and product of ``wanted``.

    ``wanted`` has scope and scope_id. Columns WHO; a representative goes by its id.
    """
    regions = tables.regions.rename(columns={"region_id": "scope_id", "region_name": "name"})
    parts = [
        regions.assign(scope="region", region_id=regions.scope_id),
        _reps(tables, as_of),
        *(_named(tables, as_of, wanted, name) for name in ("customer", "product")),
    ]
    both = pd.concat(parts, ignore_index=True).reindex(columns=list(WHO))
    return both.assign(left_on=pd.to_datetime(both.left_on))


def _reps(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    reps = master(tables, "reps", as_of)
    device = reps.filter(reps.line_type == "device")
    found = device.select("region_id", "left_on", scope_id="rep_id", name="rep_id").execute()
    return found.assign(scope="rep").sort_values("scope_id")


def _named(tables: Tables, as_of: dt.date, wanted: pd.DataFrame, scope: str) -> pd.DataFrame:
    ids = sorted(set(wanted.scope_id[wanted.scope == scope]))
    rows = master(tables, f"{scope}s", as_of)
    rows = rows.filter(rows[f"{scope}_id"].isin(ids)) if ids else rows.limit(0)
    more = {"region_id": "region_id"} if scope == "customer" else {}
    found = rows.select(scope_id=f"{scope}_id", name="name", **more).execute()
    return found.assign(scope=scope).sort_values("scope_id")
