"""How each distributor buys and sells on, as known on as_of."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.known import known, master
from insights.features.purchases import (
    age_of,
    at_list_price,
    contrast,
    reaches_back,
    sell_through,
    shipments,
    with_age_of_data,
)
from insights.tables import Tables, as_date

# A quarter: long enough for a mean month, short enough to be what sells now.
QUARTER_DAYS, QUARTER_MONTHS = 91, 3
ORDERED = ("shipments", "frequency", "active_months", "product_lines")
COLUMNS = (
    "shipments",
    "previous_shipments",
    "growth",
    "recency_days",
    "tenure_days",
    "frequency",
    "active_months",
    "product_lines",
    "sell_through",
    "sell_through_growth",
    "terminals",
    "terminals_before",
    "matched_share",
    "shipments_to_flow",
    "months_of_stock",
    "grade",
    "region_id",
)


def distributor_features(
    tables: Tables, as_of: str | dt.date | pd.Timestamp, window_days: int = 365
) -> pd.DataFrame:
    """How did each distributor buy from us and sell on, up to and including as_of?

    One row a distributor (``distributor_ids``), indexed by distributor_id and sorted by it. All
    float64 but grade and region_id (where it is authorised, else where it is).
    shipments, previous_shipments, sell_through: CNY in the window and the one before;
    growth, sell_through_growth: (new - old) / (new + old) of the two; recency_days, tenure_days:
    of its orders; frequency, active_months, product_lines: of orders in the window; terminals,
    terminals_before: matched customers served in either window; matched_share: of what it sold in
    the window, returns aside; shipments_to_flow: shipments / sell-through, above 1 stock piles up;
    months_of_stock: its latest count of the last 91 days at list price over a mean month's
    sell-through in them.

    Missing, never 0: what was before the data begin or before anything was ever ordered, the flow
    of a distributor that never reported any, a ratio without a positive denominator, stock without
    a price or without a quarter of flow. A missing table costs only its columns.
    """
    day = as_date(as_of)
    frame = distributor_ids(tables, day)
    for part in (
        _ordered(tables, day, window_days),
        _sold(tables, day, window_days),
        _stocked(tables, day),
        master(tables, "distributors", day).select("distributor_id", "grade", "region_id"),
        _homes(tables, day),
    ):
        frame = frame.left_join(part, "distributor_id").drop("distributor_id_right")
    found = frame.order_by("distributor_id").execute().set_index("distributor_id")
    return _completed(tables, found)


def distributor_ids(tables: Tables, as_of: dt.date) -> Expr:
    """Return the distributor_id of whoever sells our goods on, one row each.

    Customers of type distributor, whoever stands in distributors, and whoever reports flow.
    """
    customers = master(tables, "customers", as_of)
    named = customers.filter(customers.customer_type == "distributor")
    ids = ibis.union(
        named.select(distributor_id="customer_id"),
        known(tables, "distributors", as_of).select("distributor_id"),
        known(tables, "channel_flow", as_of).select("distributor_id"),
        distinct=True,
    )
    return ids.filter(ids.distributor_id.notnull())


def _ordered(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = shipments(tables, as_of)
    rows = rows.mutate(age=age_of(rows.day, as_of), month=rows.day.truncate("month"))
    window, taken = rows.age < window_days, rows.amount > 0
    sums = rows.group_by(distributor_id=rows.customer_id).aggregate(
        recency_days=rows.age.min(where=taken).cast("float64"),
        tenure_days=rows.age.max(where=taken).cast("float64"),
        frequency=rows.day.nunique(where=window & taken).cast("float64"),
        active_months=rows.month.nunique(where=window & taken).cast("float64"),
        product_lines=rows.product_line.nunique(where=window & taken).cast("float64"),
        shipments=_total(rows, window),
        before=_total(rows, ~window & (rows.age < 2 * window_days)),
    )
    sums = with_age_of_data(sums, rows, as_of)
    covered = reaches_back(sums.data_days, 2 * window_days)
    return sums.mutate(
        growth=contrast(sums.shipments, sums.before, covered),
        previous_shipments=ibis.ifelse(covered, sums.before, ibis.null("float64")),
    ).drop("before", "data_days")


def _sold(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = sell_through(tables, as_of)
    rows = rows.mutate(age=age_of(rows.day, as_of))
    window = rows.age < window_days
    earlier = ~window & (rows.age < 2 * window_days)
    served, quarter = rows.quantity > 0, rows.age < QUARTER_DAYS
    sums = rows.group_by("distributor_id").aggregate(
        sell_through=_total(rows, window),
        before=_total(rows, earlier),
        terminals=rows.customer_id.nunique(where=window & served).cast("float64"),
        terminals_before=rows.customer_id.nunique(where=earlier & served).cast("float64"),
        gross=_total(rows, window & (rows.amount > 0)),
        matched=_total(rows, window & (rows.amount > 0) & rows.customer_id.notnull()),
        quarter=_total(rows, quarter),
        reported_days=rows.age.max() + 1,
    )
    sums = with_age_of_data(sums, rows, as_of)
    covered = reaches_back(sums.data_days, 2 * window_days)
    nothing = ibis.null("float64")
    return sums.select(
        "distributor_id",
        "sell_through",
        "terminals",
        terminals_before=ibis.ifelse(covered, sums.terminals_before, nothing),
        sell_through_growth=contrast(sums.sell_through, sums.before, covered),
        matched_share=sums.matched / sums.gross.nullif(0),
        monthly=ibis.ifelse(sums.reported_days >= QUARTER_DAYS, sums.quarter, nothing)
        / QUARTER_MONTHS,
    )


def _total(rows: Expr, where: Value) -> Value:
    """Return the sum of amounts: 0 without rows, missing when none of the rows has a value."""
    total = rows.amount.sum(where=where).cast("float64")
    return ibis.ifelse(rows.count(where=where) > 0, total, 0.0)


def _stocked(tables: Tables, as_of: dt.date) -> Expr:
    """Return the value at list price of each holder's latest count, if it is of the quarter."""
    rows = known(tables, "stock", as_of)
    rows = rows.filter(age_of(rows.counted_on, as_of) < QUARTER_DAYS)
    latest = rows.group_by("holder_id").aggregate(counted_on=rows.counted_on.max())
    counted = rows.inner_join(latest, ["holder_id", "counted_on"])
    prices = master(tables, "products", as_of).select("product_id", "list_price")
    priced = counted.left_join(prices, "product_id")
    value = at_list_price(priced.quantity, priced.list_price)
    unknown = priced.count(where=value.isnull() & (priced.quantity != 0))
    return priced.group_by(distributor_id=priced.holder_id).aggregate(
        stock_value=ibis.ifelse(unknown > 0, ibis.null("float64"), value.sum().cast("float64"))
    )


def _homes(tables: Tables, as_of: dt.date) -> Expr:
    homes = master(tables, "customers", as_of)
    return homes.select(distributor_id="customer_id", home="region_id")


def _completed(tables: Tables, found: pd.DataFrame) -> pd.DataFrame:
    """Add the ratios to flow, zeros where orders say so, and a region where none is authorised."""
    if tables.gap("orders") is None:
        found = found.assign(**{name: found[name].fillna(0.0) for name in ORDERED})
    if tables.gap("products", "product_line") is not None:
        found = found.assign(product_lines=float("nan"))
    sold, monthly = found.sell_through, found.monthly
    return found.assign(
        region_id=found.region_id.fillna(found.home),
        shipments_to_flow=found.shipments / sold.where(sold > 0),
        months_of_stock=found.stock_value / monthly.where(monthly > 0),
    ).loc[:, list(COLUMNS)]
