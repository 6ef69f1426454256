"""What each terminal buys of each product line, as known on as_of."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.customers import terminals
from insights.features.known import among
from insights.features.purchases import age_of, purchases
from insights.tables import Tables, as_date


def line_purchases(
    tables: Tables, as_of: str | dt.date | pd.Timestamp, window_days: int = 365
) -> pd.DataFrame:
    """How much of each product line did each terminal take in the window?

    Rows of customer_id, product_line (missing where the products do not say, so that the money
    adds up) and amount (CNY, returns netted), sorted by both; no row where nothing was taken.
    """
    day = as_date(as_of)
    bought = among(purchases(tables, day), terminals(tables, day), "customer_id")
    rows = bought.filter(age_of(bought.day, day) < window_days)
    sums = rows.group_by("customer_id", "product_line").aggregate(
        amount=rows.amount.sum().cast("float64")
    )
    return sums.order_by("customer_id", "product_line").execute()
