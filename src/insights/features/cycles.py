"""How often does each customer buy each product, and is it late?"""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.known import among, master
from insights.features.purchases import age_of, purchases
from insights.tables import Tables
from insights.tables.totals import NOWHERE

CYCLES = (
    "customer_id", "product_id", "product_line", "region_id", "buying_days", "median_days",
    "last_on", "days_since", "overdue_ratio", "usual_amount",
)  # fmt: skip
EQUIPMENT = "equipment"


def purchase_cycles(tables: Tables, as_of: dt.date, min_orders: int = 3) -> pd.DataFrame:
    """How long is a customer's usual interval between purchases of a product?

    One row a customer of the master and product with ``min_orders`` buying days or more, sorted
    by both. Columns CYCLES: median_days, the median interval between buying days; days_since the
    last of them; overdue_ratio of the two; usual_amount, CNY a buying day. Returns are no
    purchases, equipment is bought once in years and left out. Terminals buy of us and of
    distributors; a distributor's purchases are its orders. (formulas: sales, purchase cycle.)
    """
    days = _buying_days(tables, as_of)
    medians = _medians(_intervals(days))
    sums = days.group_by("customer_id", "product_id").aggregate(
        product_line=days.product_line.max(),
        last_on=days.day.max(),
        buying_days=days.count(),
        total=days.amount.sum().cast("float64"),
    )
    rows = sums.filter(sums.buying_days >= min_orders)
    found = rows.inner_join(medians, ["customer_id", "product_id"])
    homes = master(tables, "customers", as_of).select("customer_id", "region_id")
    placed = found.inner_join(homes, "customer_id")
    made = placed.mutate(
        days_since=age_of(placed.last_on, as_of),
        usual_amount=placed.total / placed.buying_days.cast("float64"),
    )
    return _typed(made.order_by("customer_id", "product_id").execute())


def _buying_days(tables: Tables, as_of: dt.date) -> Expr:
    bought = purchases(tables, as_of)
    own = among(bought, master(tables, "customers", as_of), "customer_id")
    kept = own.filter(
        (own.amount > 0)
        & own.product_id.notnull()
        & (own.category.isnull() | (own.category != EQUIPMENT))
    )
    return kept.group_by("customer_id", "product_id", "day").aggregate(
        amount=kept.amount.sum(), product_line=kept.product_line.max()
    )


def _intervals(days: Expr) -> Expr:
    window = ibis.window(group_by=["customer_id", "product_id"], order_by="day")
    earlier = days.mutate(before=days.day.lag().over(window))
    later = earlier.filter(earlier.before.notnull())
    return later.select("customer_id", "product_id", "day", gap=later.day.delta(
        later.before, unit="day"))  # fmt: skip


def _medians(intervals: Expr) -> Expr:
    """Return the median interval: the mean of the middle ones, alike on every engine."""
    pair = ["customer_id", "product_id"]
    place = ibis.row_number().over(group_by=pair, order_by=["gap", "day"])
    count = ibis._.gap.count().over(group_by=pair)
    ranked = intervals.mutate(place=place, n=count)
    twice = 2 * ranked.place.cast("int64")
    middle = ranked.filter((twice >= ranked.n - 2) & (twice <= ranked.n))
    return middle.group_by(pair).aggregate(median_days=middle.gap.cast("float64").mean())


def _typed(found: pd.DataFrame) -> pd.DataFrame:
    numbers = ("buying_days", "days_since", "median_days", "usual_amount")
    typed = found.assign(
        **{name: found[name].astype("float64") for name in numbers},
        last_on=pd.to_datetime(found.last_on),
        product_line=found.product_line.fillna(NOWHERE).astype("str"),
        region_id=found.region_id.fillna(NOWHERE).astype("str"),
    )
    ratio = typed.days_since / typed.median_days.where(typed.median_days > 0)
    return typed.assign(overdue_ratio=ratio).loc[:, list(CYCLES)]
