"""What a unit shares with others: its city, its rep, the distributor that serves it most."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.known import known, master
from insights.features.windows import YEAR_DAYS
from insights.tables import Tables

TIES = ("city", "rep", "distributor")
COLUMNS = ("unit_id", "tie", "tie_id")


def neighbours(tables: Tables, kind: str, start: dt.date, as_of: dt.date) -> pd.DataFrame:
    """Which city, reps and distributor did each unit have on the day a strategy began?

    For units that are customers or departments of them; others share no such tie. Rows of
    unit_id, tie (city, rep, distributor) and tie_id, sorted. A rep is whoever the territories
    name on the day; the distributor the one that delivered most in the year before. A missing
    table costs its tie alone.
    """
    if kind not in ("customer", "department"):
        return pd.DataFrame(columns=list(COLUMNS))
    found = pd.concat(
        [_cities(tables, as_of), _reps(tables, start, as_of), _suppliers(tables, start, as_of)],
        ignore_index=True,
    )
    if kind == "department":
        found = _of_departments(tables, found, as_of)
    rows = found.dropna().drop_duplicates()
    return rows.loc[:, list(COLUMNS)].sort_values(list(COLUMNS), ignore_index=True)


def _cities(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    customers = master(tables, "customers", as_of)
    return _tied(customers.select(unit_id="customer_id", tie_id="city"), "city")


def _reps(tables: Tables, start: dt.date, as_of: dt.date) -> pd.DataFrame:
    rows = known(tables, "territories", as_of)
    current = rows.filter(rows.from_on <= start, rows.to_on.isnull() | (rows.to_on >= start))
    return _tied(current.select(unit_id="customer_id", tie_id="rep_id"), "rep")


def _suppliers(tables: Tables, start: dt.date, as_of: dt.date) -> pd.DataFrame:
    rows = known(tables, "channel_flow", as_of)
    early = rows.filter(
        rows.customer_id.notnull(),
        rows.flowed_on < start,
        rows.flowed_on >= start - dt.timedelta(days=YEAR_DAYS),
    )
    sums = early.group_by(unit_id=early.customer_id, tie_id=early.distributor_id).aggregate(
        taken=early.amount.sum().cast("float64").fill_null(0.0), deliveries=early.count()
    )
    most = sums.execute().sort_values(["taken", "deliveries", "tie_id"], ascending=False)
    firsts = most.drop_duplicates("unit_id").loc[:, ["unit_id", "tie_id"]]
    return firsts.assign(tie="distributor")


def _tied(pairs: Expr, tie: str) -> pd.DataFrame:
    return pairs.execute().assign(tie=tie)


def _of_departments(tables: Tables, found: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    departments = master(tables, "departments", as_of)
    homes = departments.select("department_id", "customer_id").execute()
    joined = homes.merge(found, left_on="customer_id", right_on="unit_id")
    return joined.drop(columns=["unit_id", "customer_id"]).rename(
        columns={"department_id": "unit_id"}
    )
