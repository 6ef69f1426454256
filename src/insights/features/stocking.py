"""What is shipped into each distributor and what it sells on, month by month."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.distributors import distributor_ids
from insights.features.known import among, known, master
from insights.features.purchases import at_list_price
from insights.features.sales import cents
from insights.tables import Tables
from insights.tables.totals import NOWHERE

STOCKED = ("distributor_id", "name", "region_id", "month", "shipped", "sold_on")


def shipped_and_sold_on(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """How much was shipped to each distributor in each month, and how much did it sell on?

    Columns STOCKED, sorted, CNY at list price on both sides (neither a distributor's discount nor
    a price cut is stock; at its own amount where a row has no price or quantity), returns taken
    off. sold_on is missing of a distributor that never reported any sell-through.
    """
    parts = [
        _monthly(tables, as_of, "orders", "customer_id", "ordered_on", "shipped"),
        _monthly(tables, as_of, "channel_flow", "distributor_id", "flowed_on", "sold_on"),
    ]
    both = pd.concat(parts).groupby(["distributor_id", "month"]).sum(min_count=1).reset_index()
    reports = both.groupby("distributor_id").sold_on.transform("count") > 0
    sold_on = both.sold_on.where(~reports, both.sold_on.fillna(0.0))
    filled = both.assign(shipped=both.shipped.fillna(0.0), sold_on=sold_on)
    homes = master(tables, "customers", as_of).select("customer_id", "name", "region_id").execute()
    named = filled.merge(homes, left_on="distributor_id", right_on="customer_id", how="left")
    return named.assign(
        name=named.name.fillna(named.distributor_id),
        region_id=named.region_id.fillna(NOWHERE).astype("str"),
    ).loc[:, list(STOCKED)]


def _monthly(
    tables: Tables, as_of: dt.date, table: str, key: str, day: str, name: str
) -> pd.DataFrame:
    rows = known(tables, table, as_of)
    own = among(
        rows.mutate(distributor_id=rows[key]), distributor_ids(tables, as_of), "distributor_id"
    )
    listed = _at_list(tables, own, as_of)
    month = listed[day].truncate("M").cast("date")
    sums = listed.group_by("distributor_id", month=month).aggregate(total=cents(listed.listed))
    found = sums.order_by("distributor_id", "month").execute()
    typed = found.assign(month=pd.to_datetime(found.month), **{name: found.total / 100})
    return typed.drop(columns="total")


def _at_list(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    prices = master(tables, "products", as_of).select("product_id", "list_price")
    priced = rows.left_join(prices, "product_id").drop("product_id_right")
    listed = at_list_price(priced.quantity, priced.list_price)
    return priced.mutate(listed=listed.coalesce(priced.amount))
