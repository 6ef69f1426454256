"""What was shipped into distributors against what they sold on, before and after a start."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.distributors import distributor_ids
from insights.features.known import known, master
from insights.features.panels import metric_rows
from insights.features.purchases import at_list_price
from insights.features.windows import Windows
from insights.tables import Tables

MONTH_DAYS = 365.25 / 12
COUNT_DAYS = 92
COLUMNS = (
    "sell_in_before", "sell_in_after", "sell_out_before", "sell_out_after",
    "stock_months_before", "stock_months_after",
)  # fmt: skip


def sell_in(tables: Tables, windows: Windows, as_of: dt.date) -> pd.DataFrame:
    """How much was shipped to each distributor, and how much did it sell on?

    Indexed by distributor_id, CNY a month at list prices (a price cut is no stock movement; at
    their own amount where price or quantity is missing), returns netted. sell_in: orders;
    sell_out: channel flow, missing for a distributor that never reported any. stock_months: the
    last count of the quarter before each window's end over that window's monthly sell-out.
    """
    ids = distributor_ids(tables, as_of).execute().distributor_id.sort_values()
    frame = pd.DataFrame(index=pd.Index(ids, name="distributor_id"))
    orders = _at_list(tables, known(tables, "orders", as_of), as_of)
    flow = _at_list(tables, known(tables, "channel_flow", as_of), as_of)
    shipped = _monthly(orders, "customer_id", "ordered_on", windows, "sell_in").reindex(frame.index)
    sold = _monthly(flow, "distributor_id", "flowed_on", windows, "sell_out").reindex(frame.index)
    frame = frame.join(shipped.fillna(0.0)).join(sold)
    held = [_stock_value(tables, day, as_of) for day in (windows.before_to, windows.after_to)]
    for side, value in zip(("before", "after"), held, strict=True):
        out = frame[f"sell_out_{side}"]
        frame[f"stock_months_{side}"] = value.reindex(frame.index) / out.where(out > 0)
    return frame.loc[:, list(COLUMNS)]


def distributors_of(tables: Tables, kind: str, windows: Windows, as_of: dt.date) -> pd.DataFrame:
    """Which distributors' orders count as which unit's sales?

    Rows of unit_id, distributor_id and amount (CNY ordered in either window), sorted. A unit that
    orders for itself and is no distributor has no row.
    """
    rows = metric_rows(tables, "sales", kind, as_of)
    ids = distributor_ids(tables, as_of)
    rows = rows.filter(rows.ordered_on >= windows.before_from, rows.ordered_on < windows.after_to)
    rows = rows.inner_join(ids, rows.customer_id == ids.distributor_id)
    sums = rows.group_by("unit_id", "distributor_id").aggregate(
        amount=rows.amount.sum().cast("float64")
    )
    return sums.order_by(["unit_id", "distributor_id"]).execute()


def _at_list(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    prices = master(tables, "products", as_of).select("product_id", "list_price")
    priced = rows.left_join(prices, "product_id").drop("product_id_right")
    listed = at_list_price(priced.quantity, priced.list_price)
    return priced.mutate(listed=listed.coalesce(priced.amount))


def _monthly(rows: Expr, key: str, day: str, windows: Windows, name: str) -> pd.DataFrame:
    before = (rows[day] >= windows.before_from) & (rows[day] < windows.before_to)
    after = (rows[day] >= windows.after_from) & (rows[day] < windows.after_to)
    sums = (
        rows.group_by(distributor_id=rows[key])
        .aggregate(before=rows.listed.sum(where=before), after=rows.listed.sum(where=after))
        .execute()
        .set_index("distributor_id")
        .astype("float64")
        .fillna(0.0)
    )
    return pd.DataFrame(
        {
            f"{name}_before": sums.before / windows.before_days * MONTH_DAYS,
            f"{name}_after": sums.after / windows.after_days * MONTH_DAYS,
        }
    )


def _stock_value(tables: Tables, day: dt.date, as_of: dt.date) -> pd.Series:
    """Return the list value of each holder's last count in the quarter before a day."""
    rows = known(tables, "stock", as_of)
    rows = rows.filter(
        rows.counted_on < day, rows.counted_on >= day - dt.timedelta(days=COUNT_DAYS)
    )
    latest = rows.group_by("holder_id").aggregate(counted_on=rows.counted_on.max())
    counted = rows.inner_join(latest, ["holder_id", "counted_on"])
    prices = master(tables, "products", as_of).select("product_id", "list_price")
    found = (
        counted.left_join(prices, "product_id")
        .select("holder_id", "quantity", "list_price")
        .order_by("holder_id", "quantity", "list_price")
        .execute()
    )
    value = found.quantity * found.list_price.astype("float64")
    totals = value.groupby(found.holder_id)
    complete = totals.count() == totals.size()
    return totals.sum().where(complete, np.nan)
