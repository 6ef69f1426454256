"""What each customer took: shipments to payers, sell-through to terminals, in one relation."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import DateValue
from ibis.expr.types import Table as Expr

from insights.features.known import known, master
from insights.tables import Tables


def purchases(tables: Tables, as_of: dt.date) -> Expr:
    """Return every purchase known on as_of: customer_id, day, amount, product_line, category.

    A distributor's purchases are its orders; a terminal's are its own orders plus what it took
    from distributors (channel_flow rows matched to it). Flow without an amount is valued at list
    price. Amounts are decimals, returns negative.
    """
    products = master(tables, "products", as_of).select(
        "product_id", "product_line", "category", "list_price"
    )
    both = ibis.union(_orders(tables, as_of), _flow(tables, as_of))
    priced = both.left_join(products, "product_id")
    # A float times a decimal is a double in the engine whatever Ibis infers: sums would vary.
    listed = priced.quantity.cast("decimal(18, 4)") * priced.list_price
    amount = priced.amount.coalesce(listed.cast("decimal(18, 2)"))
    return priced.select(
        "customer_id",
        "day",
        "product_id",
        amount=amount,
        product_line=priced.product_line,
        category=priced.category,
    )


def purchases_of_nobody(tables: Tables, as_of: dt.date) -> tuple[int, float]:
    """How much was bought by customers that the master does not know? Rows, and CNY in all."""
    bought = purchases(tables, as_of)
    lost = bought.anti_join(known(tables, "customers", as_of), "customer_id")
    found = lost.aggregate(rows=lost.count(), amount=lost.amount.sum()).execute().iloc[0]
    return int(found["rows"]), float(found.amount or 0.0)


def _orders(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "orders", as_of)
    return _taken(rows, rows.ordered_on)


def _flow(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "channel_flow", as_of)
    rows = rows.filter(rows.customer_id.notnull())
    return _taken(rows, rows.flowed_on)


def _taken(rows: Expr, day: DateValue) -> Expr:
    return rows.select("customer_id", "product_id", "quantity", "amount", day=day)
