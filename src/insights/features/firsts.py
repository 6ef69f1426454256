"""When and with what each terminal became a customer, as known on as_of."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.customers import terminals
from insights.features.known import among
from insights.features.purchases import purchases
from insights.tables import Tables, as_date

FIRST_DAYS = 30
LOOK_BACK_DAYS = 365
COLUMNS = ("customer_id", "first_on", "first_category", "first_line", "first_amount", "covered")


def first_purchases(tables: Tables, as_of: str | dt.date | pd.Timestamp) -> pd.DataFrame:
    """When did each terminal first buy, and what?

    One row a terminal that ever bought, sorted by customer_id: customer_id; first_on, the day of
    the first positive purchase known; first_category and first_line, the largest by CNY in the 30
    days from then on (ties by name; missing where the products do not say); first_amount, CNY in
    those days, returns netted; covered, whether the table with the first purchase (orders or
    channel_flow) begins at least 365 days earlier, without which "new" may just mean that the
    data began.
    """
    day = as_date(as_of)
    bought = purchases(tables, day)
    of_terminals = among(bought, terminals(tables, day), "customer_id")
    opened = _opened(of_terminals)
    early = _early(of_terminals, opened)
    frame = opened.left_join(_covered(bought, early), "customer_id").drop("customer_id_right")
    for part in (
        _largest(early, "category", "first_category"),
        _largest(early, "product_line", "first_line"),
        early.group_by("customer_id").aggregate(first_amount=early.amount.sum().cast("float64")),
    ):
        frame = frame.left_join(part, "customer_id").drop("customer_id_right")
    found = frame.order_by("customer_id").execute()
    return found.astype({"first_on": "datetime64[s]", "covered": "bool"}).loc[:, list(COLUMNS)]


def _opened(bought: Expr) -> Expr:
    taken = bought.filter(bought.amount > 0)
    return taken.group_by("customer_id").aggregate(first_on=taken.day.min())


def _early(bought: Expr, opened: Expr) -> Expr:
    """Return the purchases of each customer's first days."""
    dated = bought.inner_join(opened, "customer_id")
    since = dated.day.delta(dated.first_on, unit="day")
    return dated.filter((since >= 0) & (since < FIRST_DAYS))


def _covered(bought: Expr, early: Expr) -> Expr:
    """Say whether the data behind each first purchase begin long enough before it."""
    begun = bought.group_by("basis").aggregate(begins=bought.day.min())
    first = early.filter((early.day == early.first_on) & (early.amount > 0))
    behind = first.inner_join(begun, "basis")
    days = behind.first_on.delta(behind.begins, unit="day").min()
    return behind.group_by("customer_id").aggregate(covered=days >= LOOK_BACK_DAYS)


def _largest(early: Expr, column: str, name: str) -> Expr:
    """Return what each customer's first days' money mostly went to."""
    sums = early.group_by("customer_id", column).aggregate(amount=early.amount.sum())
    order = [sums.amount.desc(), sums[column].asc()]
    place = ibis.row_number().over(group_by="customer_id", order_by=order)
    ranked = sums.mutate(place=place)
    return ranked.filter(ranked.place == 0).select("customer_id", **{name: ranked[column]})
