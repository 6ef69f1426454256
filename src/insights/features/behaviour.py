"""What each customer bought, when, and of what kind: one pass over the purchases a question.

Days and products are counted by grouping, each in a pass of its own: distinct counts of several
columns at once take an engine longer than all of these passes, and more memory. No expression
holds the purchases twice: DuckDB would write every row of them down first.
"""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.purchases import (
    SELL_THROUGH,
    SHIPMENTS,
    age_of,
    contrast,
    reaches_back,
)

NOT_RECURRING = ("equipment", "service")
MONTHS, MONTH_DAYS, FEWEST_MONTHS = 12, 30, 6
AT_ONCE = 100_000  # customers


def aged(bought: Expr, as_of: dt.date) -> Expr:
    """Add to purchases: age in days, taken (no return), recurring and is_equipment."""
    return bought.mutate(
        age=age_of(bought.day, as_of),
        taken=bought.amount > 0,
        recurring=~bought.category.isin(NOT_RECURRING).fill_null(False),
        is_equipment=(bought.category == "equipment").fill_null(False),
    )


def in_parts(rows: Expr, customer_ids: pd.Index) -> list[Expr]:
    """Return the rows in parts of so many customers that their sums fit into memory.

    ``customer_ids``: sorted. An engine that must keep wide sums of more customers than it has room
    for writes them down half made, many times over.
    """
    edges = list(customer_ids[AT_ONCE::AT_ONCE])
    parts = []
    for low in reversed(edges):
        parts.append(rows.filter(rows.customer_id >= low))
        rows = rows.filter(rows.customer_id < low)
    return [rows, *reversed(parts)]


def amounts(rows: Expr, window_days: int, recent_days: int, data_days: int | None) -> Expr:
    """Return money, ages and comparisons of each customer: see ``customer_features``.

    ``data_days``: how long ago the first of all purchases was, of whichever customer.
    """
    sums = rows.group_by("customer_id").aggregate(
        *_overall(rows, window_days), *_by_kind(rows, window_days),
        *_compared(rows, window_days, recent_days),
    )  # fmt: skip
    begun = ibis.literal(data_days, "int64")
    covered = reaches_back(begun, 2 * window_days)
    recently = reaches_back(begun, window_days + recent_days)
    return sums.select(
        *("customer_id", "recency_days", "tenure_days", "monetary_value"),
        *("recurring_value", "recurring_before", "equipment_value"),
        *("recurring_recency_days", "recurring_tenure_days", "equipment_recency_days"),
        previous_value=ibis.ifelse(covered, sums.amount_before, ibis.null("float64")),
        growth=contrast(sums.monetary_value, sums.amount_before, covered),
        momentum=contrast(sums.amount_recent, sums.amount_recent_before, recently),
        equipment_share=sums.equipment / sums.gross.nullif(0),
        drug_share=sums.drugs / sums.gross.nullif(0),
        return_share=sums.returned / sums.gross.nullif(0),
        basis=_basis(sums.shipped, sums.sold_through),
    )


def days(rows: Expr, window_days: int) -> Expr:
    """Return on how many days and in how many calendar months of the window each customer bought.

    frequency and active_months, and of what is recurring alone.
    """
    bought = rows.filter((rows.age < window_days) & rows.taken)
    daily = bought.group_by("customer_id", "day").aggregate(
        again=bought.count(where=bought.recurring)
    )
    monthly = daily.group_by("customer_id", month=daily.day.truncate("month")).aggregate(
        days=daily.count(), again=daily.count(where=daily.again > 0)
    )
    return monthly.group_by("customer_id").aggregate(
        frequency=monthly.days.sum().cast("float64"),
        active_months=monthly.count().cast("float64"),
        recurring_frequency=monthly.again.sum().cast("float64"),
        recurring_active_months=monthly.count(where=monthly.again > 0).cast("float64"),
    )


def variety(rows: Expr, window_days: int) -> Expr:
    """Return how many products and product lines each customer bought in the window."""
    bought = rows.filter((rows.age < window_days) & rows.taken)
    pairs = bought.select("customer_id", "product_line", "product_id").distinct()
    lines = pairs.group_by("customer_id", "product_line").aggregate(
        products=pairs.product_id.count()
    )
    return lines.group_by("customer_id").aggregate(
        product_lines=lines.product_line.count().cast("float64"),
        products=lines.products.sum().cast("float64"),
    )


def months(rows: Expr) -> Expr:
    """Return what each customer bought in each of the last twelve 30-day months, CNY.

    amount_0 (the latest) .. amount_11, and again_0 .. again_11 of what is recurring.
    """
    recent = rows.filter(rows.age < MONTHS * MONTH_DAYS)
    monthly = recent.group_by("customer_id", month=recent.age // MONTH_DAYS).aggregate(
        amount=recent.amount.sum(), again=recent.amount.sum(where=recent.recurring)
    )
    return monthly.group_by("customer_id").aggregate(
        **{
            f"{name}_{n}": monthly[name].sum(where=monthly.month == n).cast("float64")
            for name in ("amount", "again")
            for n in range(MONTHS)
        }
    )


def variation(amounts_by_month: pd.DataFrame, tenure_days: pd.Series) -> pd.Series:
    """Return the standard deviation over the mean of each customer's months; absent ones are zeros.

    ``amounts_by_month``: a column a month, the latest first, CNY; counted are the complete months
    since the first purchase. Sums are of whole hundredths: equal months vary by nothing, not by a
    rounding error, and by the same on every engine.
    """
    since = ((tenure_days + 1) // MONTH_DAYS).clip(upper=MONTHS).fillna(0).astype("int64")
    counted = since.where(since >= FEWEST_MONTHS, 0)
    total = squares = np.zeros(len(counted), dtype="object")
    for n, name in enumerate(amounts_by_month):
        cents = (amounts_by_month[name].fillna(0.0) * 100).round().astype("int64")
        month = cents.where(counted > n, 0).to_numpy().astype("object")
        total, squares = total + month, squares + month * month
    spread = (squares * counted.to_numpy(dtype="object") - total * total) / 10_000
    mean = pd.Series(total / 100, counted.index, dtype="float64")
    return np.sqrt(spread.astype("float64")) / mean.where(mean > 0)


def _overall(rows: Expr, window_days: int) -> tuple[Value, ...]:
    return (
        rows.age.min(where=rows.taken).cast("float64").name("recency_days"),
        rows.age.max(where=rows.taken).cast("float64").name("tenure_days"),
        _total(rows, rows.age < window_days).name("monetary_value"),
        _total(rows, rows.taken).name("gross"),
        (-_total(rows, rows.amount < 0)).name("returned"),
    )


def _by_kind(rows: Expr, window_days: int) -> tuple[Value, ...]:
    window, machines = rows.age < window_days, rows.taken & rows.is_equipment
    before = ~window & (rows.age < 2 * window_days)
    again = rows.taken & rows.recurring
    return (
        _total(rows, machines).name("equipment"),
        _total(rows, rows.taken & (rows.category == "drug")).name("drugs"),
        _total(rows, window & rows.recurring).name("recurring_value"),
        _total(rows, before & rows.recurring).name("recurring_before"),
        _total(rows, window & rows.is_equipment).name("equipment_value"),
        rows.age.min(where=again).cast("float64").name("recurring_recency_days"),
        rows.age.max(where=again).cast("float64").name("recurring_tenure_days"),
        rows.age.min(where=machines).cast("float64").name("equipment_recency_days"),
    )


def _compared(rows: Expr, window_days: int, recent_days: int) -> tuple[Value, ...]:
    age, both = rows.age, rows.age < 2 * window_days
    recent_before = (age >= window_days) & (age < window_days + recent_days)
    return (
        _total(rows, (age >= window_days) & both).name("amount_before"),
        _total(rows, age < recent_days).name("amount_recent"),
        _total(rows, recent_before).name("amount_recent_before"),
        rows.count(where=both & (rows.basis == SHIPMENTS)).name("shipped"),
        rows.count(where=both & (rows.basis == SELL_THROUGH)).name("sold_through"),
    )


def _total(rows: Expr, where: Value) -> Value:
    return rows.amount.sum(where=where).cast("float64").fill_null(0.0)


def _basis(shipped: Value, sold_through: Value) -> Value:
    return ibis.cases(
        ((shipped > 0) & (sold_through > 0), "both"),
        (sold_through > 0, SELL_THROUGH),
        (shipped > 0, SHIPMENTS),
        else_=ibis.null("string"),
    )
