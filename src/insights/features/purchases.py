"""What each customer took: shipments to payers, sell-through to terminals, in one relation."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.known import known, master, not_among
from insights.tables import Tables

# Days by which the first row of the data may miss the start of the window before.
SLACK = 31
SHIPMENTS, SELL_THROUGH = "shipments", "sell-through"
PRODUCT = ("product_line", "category")
TAKEN = ("customer_id", "day", "product_id", "amount", *PRODUCT, "basis")


def purchases(tables: Tables, as_of: dt.date) -> Expr:
    """Return every purchase known on as_of: customer_id, day, product_id, amount, and more.

    A distributor's purchases are its orders; a terminal's are its own orders plus what it took
    from distributors (channel_flow rows matched to it): ``basis`` says which, "shipments" or
    "sell-through". Flow without an amount is valued at list price. Amounts are decimals, returns
    negative; product_line and category are missing where the products do not say.
    """
    return tables.once(("purchases", as_of), lambda: _purchases(tables, as_of))


def _purchases(tables: Tables, as_of: dt.date) -> Expr:
    rows = _orders(tables, as_of)
    if tables.has("channel_flow"):
        flow = _flow(tables, as_of).drop("distributor_id")
        matched = flow.filter(flow.customer_id.notnull())
        rows = ibis.union(rows, matched) if tables.has("orders") else matched
    return _valued(tables, rows, as_of).select(*TAKEN)


def shipments(tables: Tables, as_of: dt.date) -> Expr:
    """Return every order known on as_of, by whoever bought: columns as of ``purchases``."""
    return _valued(tables, _orders(tables, as_of), as_of).select(*TAKEN)


def sell_through(tables: Tables, as_of: dt.date) -> Expr:
    """Return everything that left a distributor, matched to a terminal or not.

    Columns distributor_id, customer_id (missing when unmatched), day, product_id, quantity and
    amount (decimal, at list price where the distributor gave none, missing without either).
    """
    return _valued(tables, _flow(tables, as_of), as_of).select(
        "distributor_id", "customer_id", "day", "product_id", "quantity", "amount"
    )


def purchases_of_nobody(tables: Tables, as_of: dt.date) -> tuple[int, float]:
    """How much was bought by customers that the master does not know? Rows, and CNY in all."""
    bought = purchases(tables, as_of)
    lost = not_among(bought, master(tables, "customers", as_of), "customer_id")
    found = lost.aggregate(rows=lost.count(), amount=lost.amount.sum()).execute().iloc[0]
    return int(found["rows"]), float(found.amount or 0.0)


def at_list_price(quantity: Value, list_price: Value) -> Value:
    """Return quantity at list price as a decimal.

    A float times a decimal is a double in the engine whatever Ibis infers: sums would vary.
    """
    return (quantity.cast("decimal(18, 4)") * list_price).cast("decimal(18, 2)")


def age_of(day: Value, as_of: dt.date) -> Value:
    """Return how many days before as_of a day was."""
    return ibis.literal(as_of).delta(day, unit="day")


def with_age_of_data(sums: Expr, rows: Expr, as_of: dt.date) -> Expr:
    """Add data_days to each of some sums: how long before as_of the first of all rows stands."""
    begun = rows.aggregate(data_days=age_of(rows.day.min(), as_of))
    return sums.cross_join(begun)


def reaches_back(data_days: Value, days: int) -> Value:
    """Say whether data as old as ``data_days`` reach back ``days``, give or take a month.

    What a customer did not buy in a time that the data do not cover is unknown, not nothing.
    """
    return data_days >= days - SLACK


def contrast(new: Value, old: Value, covered: Value) -> Value:
    """Return (new - old) / (new + old), unknown where the data do not reach back far enough."""
    new, old = ibis.greatest(new, 0.0), ibis.greatest(old, 0.0)
    return ibis.ifelse(covered, (new - old) / (new + old).nullif(0), ibis.null("float64"))


def _orders(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "orders", as_of)
    return _taken(rows, rows.ordered_on, SHIPMENTS)


def _flow(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "channel_flow", as_of)
    return _taken(rows, rows.flowed_on, SELL_THROUGH, "distributor_id")


def _taken(rows: Expr, day: Value, basis: str, *further: str) -> Expr:
    return rows.select(
        "customer_id",
        "product_id",
        "quantity",
        "amount",
        *further,
        day=day,
        basis=ibis.literal(basis),
    )


def _valued(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    """Add each row's product line and category, and an amount at list price where it has none."""
    products = master(tables, "products", as_of).select("product_id", *PRODUCT, "list_price")
    priced = rows.left_join(products, "product_id").drop("product_id_right")
    return priced.mutate(
        amount=priced.amount.coalesce(at_list_price(priced.quantity, priced.list_price))
    )
