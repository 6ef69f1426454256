"""Who each customer is and how it behaved, as known on as_of."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.known import known, master
from insights.features.purchases import purchases
from insights.tables import Tables, as_date

MASTER = ("customer_type", "hospital_level", "ownership")
# Days by which a company's first purchase may miss the start of the window before.
SLACK = 31
COUNTED = (
    "frequency",
    "monetary_value",
    "product_lines",
    "products",
    "active_months",
)


def customer_features(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    window_days: int = 365,
    recent_days: int = 182,
) -> pd.DataFrame:
    """How did each customer behave up to and including as_of?

    One row a customer of the master, indexed by customer_id and sorted by it. Days for recency
    and tenure (missing when nothing was ever bought), counts, CNY, and shares of 0..1. ``growth``
    compares the window with the one before, ``momentum`` its recent part with the same days one
    window earlier, both as (new - old) / (new + old) and missing
    where the company's data do not reach back that far. Deleting what is dated after as_of changes
    nothing.
    """
    day = as_date(as_of)
    bought = purchases(tables, day)
    everybody = master(tables, "customers", day).select("customer_id", *MASTER)
    if not tables.has("customers"):
        everybody = _nameless(bought)
    frame = (
        everybody.left_join(_behaviour(bought, day, window_days, recent_days), "customer_id")
        .drop("customer_id_right")
        .left_join(_attention(tables, day, window_days), "customer_id")
        .drop("customer_id_right")
        .left_join(_satisfaction(tables, day, window_days), "customer_id")
        .drop("customer_id_right")
        .order_by("customer_id")
        .execute()
        .set_index("customer_id")
    )
    counted = {name: frame[name].astype("float64").fillna(0.0) for name in COUNTED}
    if tables.gap("visits") is None:
        counted["visits"] = frame.visits.astype("float64").fillna(0.0)
    return frame.assign(**{"visits": frame.visits.astype("float64"), **counted})


def _nameless(bought: Expr) -> Expr:
    """Return the customers of a source without a master: whoever bought, without traits."""
    ids = bought.filter(bought.customer_id.notnull()).select("customer_id").distinct()
    return ids.mutate(**{name: ibis.null("string") for name in MASTER})


def _behaviour(bought: Expr, as_of: dt.date, window_days: int, recent_days: int) -> Expr:
    sums = _sums(bought, as_of, window_days, recent_days)
    oldest = ibis.literal(as_of).delta(bought.day.min().as_scalar(), unit="day")
    covered = oldest >= 2 * window_days - SLACK
    return sums.select(
        "customer_id",
        "recency_days",
        "tenure_days",
        "frequency",
        "monetary_value",
        "product_lines",
        "products",
        "active_months",
        average_purchase=sums.monetary_value / sums.frequency.nullif(0),
        previous_value=ibis.ifelse(covered, sums.amount_before, ibis.null("float64")),
        growth=_contrast(sums.monetary_value, sums.amount_before, covered),
        momentum=_contrast(
            sums.amount_recent,
            sums.amount_recent_before,
            oldest >= window_days + recent_days - SLACK,
        ),
        equipment_share=sums.equipment / sums.gross.nullif(0),
        drug_share=sums.drugs / sums.gross.nullif(0),
        return_share=sums.returned / sums.gross.nullif(0),
    )


def _sums(bought: Expr, as_of: dt.date, window_days: int, recent_days: int) -> Expr:
    age = ibis.literal(as_of).delta(bought.day, unit="day")
    rows = bought.mutate(
        age=age, money=bought.amount.cast("float64"), month=bought.day.truncate("month")
    )
    window = rows.age < window_days
    taken = rows.amount > 0
    return rows.group_by("customer_id").aggregate(
        recency_days=rows.age.min(where=taken).cast("float64"),
        tenure_days=rows.age.max(where=taken).cast("float64"),
        frequency=rows.day.nunique(where=window & taken).cast("float64"),
        monetary_value=_total(rows, window),
        product_lines=rows.product_line.nunique(where=window & taken).cast("float64"),
        products=rows.product_id.nunique(where=window & taken).cast("float64"),
        active_months=rows.month.nunique(where=window & taken).cast("float64"),
        amount_before=_total(rows, ~window & (rows.age < 2 * window_days)),
        amount_recent=_total(rows, rows.age < recent_days),
        amount_recent_before=_total(
            rows,
            (rows.age >= window_days) & (rows.age < window_days + recent_days),
        ),
        gross=_total(rows, taken),
        returned=-_total(rows, rows.amount < 0),
        equipment=_total(rows, taken & (rows.category == "equipment")),
        drugs=_total(rows, taken & (rows.category == "drug")),
    )


def _total(rows: Expr, where: Value) -> Value:
    return rows.amount.sum(where=where).cast("float64").fill_null(0.0)


def _contrast(new: Value, old: Value, covered: Value) -> Value:
    """Return (new - old) / (new + old), unknown where the data do not reach back far enough."""
    new, old = ibis.greatest(new, 0.0), ibis.greatest(old, 0.0)
    return ibis.ifelse(covered, (new - old) / (new + old).nullif(0), ibis.null("float64"))


def _attention(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = known(tables, "visits", as_of)
    age = ibis.literal(as_of).delta(rows.visited_on, unit="day")
    made = (age < window_days) & (rows.status.fill_null("submitted") != "planned")
    return rows.group_by("customer_id").aggregate(visits=made.cast("int64").sum())


def _satisfaction(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = known(tables, "feedback", as_of)
    age = ibis.literal(as_of).delta(rows.given_on, unit="day")
    recent = rows.filter(age < window_days)
    return recent.group_by("customer_id").aggregate(
        satisfaction=recent.score.cast("decimal(9, 3)").mean().cast("float64")
    )
