"""Who each customer is and how it behaved, as known on as_of."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.distributors import distributor_ids
from insights.features.known import known, master
from insights.features.purchases import (
    SELL_THROUGH,
    SHIPMENTS,
    age_of,
    contrast,
    purchases,
    reaches_back,
    with_age_of_data,
)
from insights.tables import Tables, as_date

MASTER = {
    "customer_type": "string",
    "hospital_level": "string",
    "ownership": "string",
    "potential": "float64",
    "influence": "float64",
    "willingness": "float64",
    "relationship_stage": "string",
}
COUNTED = (
    "frequency",
    "monetary_value",
    "product_lines",
    "products",
    "active_months",
)
BY_KIND = (
    "recurring_frequency",
    "recurring_value",
    "recurring_before",
    "recurring_active_months",
    "equipment_value",
)
NOT_RECURRING = ("equipment", "service")
MONTHS, MONTH_DAYS, FEWEST_MONTHS = 12, 30, 6


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

    ``recurring_*`` is what is bought again and again: drugs, consumables, reagents and whatever
    has no category; ``equipment_*`` is bought once in years, and unknown where no product has a
    category; service is in neither. Values, frequency and months (calendar months with a
    purchase, as active_months) are of the window, recency of everything known. ``basis`` says
    where the rows of the window and the one before come from: "shipments", "sell-through", "both".

    ``monthly_variation`` is the standard deviation over the mean of the last twelve 30-day months'
    amounts, of complete months since the first purchase; ``recurring_variation`` is the same
    without equipment and service. They are in CNY, returns netted, because quantities of several
    products do not add up; missing with fewer than six months or a mean that is not positive
    (stability is 1 - variation, floored at 0). potential, influence, willingness and
    relationship_stage are the master's.
    """
    day = as_date(as_of)
    bought = purchases(tables, day)
    parts = (
        _behaviour(bought, day, window_days, recent_days),
        _variations(bought, day),
        _attention(tables, day, window_days),
        _satisfaction(tables, day, window_days),
    )
    frame = _everybody(tables, bought, day)
    for part in parts:
        frame = frame.left_join(part, "customer_id").drop("customer_id_right")
    return _filled(tables, frame.order_by("customer_id").execute().set_index("customer_id"))


def customer_values(tables: Tables, as_of: dt.date, window_days: int = 365) -> pd.Series:
    """How much did each customer buy in the window, CNY? Whoever ever bought, by customer_id."""
    bought = purchases(tables, as_of)
    rows = bought.filter(bought.customer_id.notnull()).mutate(age=age_of(bought.day, as_of))
    sums = rows.group_by("customer_id").aggregate(value=_total(rows, rows.age < window_days))
    return sums.order_by("customer_id").execute().set_index("customer_id").value


def terminals(tables: Tables, as_of: dt.date) -> Expr:
    """Return the customer_id of everybody known on as_of who is no distributor, one row each.

    They are the customers of the master; in a source without one, whoever bought.
    """
    everybody = _everybody(tables, purchases(tables, as_of), as_of).select("customer_id")
    agents = distributor_ids(tables, as_of)
    return everybody.anti_join(agents, everybody.customer_id == agents.distributor_id)


def _everybody(tables: Tables, bought: Expr, as_of: dt.date) -> Expr:
    """Return the customers of the master; without one, whoever bought, without traits."""
    if tables.has("customers"):
        customers = master(tables, "customers", as_of)
        traits = {name: customers[name].cast(kind) for name, kind in MASTER.items()}
        return customers.select("customer_id", **traits)
    ids = bought.filter(bought.customer_id.notnull()).select("customer_id").distinct()
    return ids.mutate(**{name: ibis.null(kind) for name, kind in MASTER.items()})


def _filled(tables: Tables, frame: pd.DataFrame) -> pd.DataFrame:
    """Turn an absence into a zero where it is known to be none."""
    numbers = frame.astype(dict.fromkeys((*COUNTED, *BY_KIND, "visits"), "float64"))
    zero = [*COUNTED, *BY_KIND]
    if tables.gap("visits") is None:
        zero.append("visits")
    filled = numbers.assign(**{name: numbers[name].fillna(0.0) for name in zero})
    if tables.gap("products", "category") is not None:
        filled = filled.assign(equipment_value=float("nan"))
    return filled


def _behaviour(bought: Expr, as_of: dt.date, window_days: int, recent_days: int) -> Expr:
    sums = _sums(bought, as_of, window_days, recent_days)
    sums = with_age_of_data(sums, bought, as_of)
    covered = reaches_back(sums.data_days, 2 * window_days)
    return sums.select(
        "customer_id",
        "recency_days",
        "tenure_days",
        *COUNTED,
        average_purchase=sums.monetary_value / sums.frequency.nullif(0),
        previous_value=ibis.ifelse(covered, sums.amount_before, ibis.null("float64")),
        growth=contrast(sums.monetary_value, sums.amount_before, covered),
        momentum=contrast(
            sums.amount_recent,
            sums.amount_recent_before,
            reaches_back(sums.data_days, window_days + recent_days),
        ),
        equipment_share=sums.equipment / sums.gross.nullif(0),
        drug_share=sums.drugs / sums.gross.nullif(0),
        return_share=sums.returned / sums.gross.nullif(0),
        basis=_basis(sums.shipped, sums.sold_through),
        recurring_recency_days=sums.recurring_recency_days,
        equipment_recency_days=sums.equipment_recency_days,
        **{name: sums[name] for name in BY_KIND},
    )


def _sums(bought: Expr, as_of: dt.date, window_days: int, recent_days: int) -> Expr:
    rows = bought.mutate(
        age=age_of(bought.day, as_of),
        month=bought.day.truncate("month"),
        recurring=_recurring(bought),
        is_equipment=(bought.category == "equipment").fill_null(False),
    )
    return rows.group_by("customer_id").aggregate(
        *_overall(rows, window_days),
        *_compared(rows, window_days, recent_days),
        *_by_kind(rows, window_days),
    )


def _overall(rows: Expr, window_days: int) -> tuple[Value, ...]:
    window, taken = rows.age < window_days, rows.amount > 0
    return (
        rows.age.min(where=taken).cast("float64").name("recency_days"),
        rows.age.max(where=taken).cast("float64").name("tenure_days"),
        rows.day.nunique(where=window & taken).cast("float64").name("frequency"),
        _total(rows, window).name("monetary_value"),
        rows.product_line.nunique(where=window & taken).cast("float64").name("product_lines"),
        rows.product_id.nunique(where=window & taken).cast("float64").name("products"),
        rows.month.nunique(where=window & taken).cast("float64").name("active_months"),
        _total(rows, taken).name("gross"),
        (-_total(rows, rows.amount < 0)).name("returned"),
    )


def _compared(rows: Expr, window_days: int, recent_days: int) -> tuple[Value, ...]:
    before = (rows.age >= window_days) & (rows.age < 2 * window_days)
    recent_before = (rows.age >= window_days) & (rows.age < window_days + recent_days)
    both = rows.age < 2 * window_days
    return (
        _total(rows, before).name("amount_before"),
        _total(rows, rows.age < recent_days).name("amount_recent"),
        _total(rows, recent_before).name("amount_recent_before"),
        rows.count(where=both & (rows.basis == SHIPMENTS)).name("shipped"),
        rows.count(where=both & (rows.basis == SELL_THROUGH)).name("sold_through"),
    )


def _by_kind(rows: Expr, window_days: int) -> tuple[Value, ...]:
    window, taken = rows.age < window_days, rows.amount > 0
    before = ~window & (rows.age < 2 * window_days)
    again, again_now = taken & rows.recurring, window & taken & rows.recurring
    return (
        rows.age.min(where=again).cast("float64").name("recurring_recency_days"),
        rows.day.nunique(where=again_now).cast("float64").name("recurring_frequency"),
        _total(rows, window & rows.recurring).name("recurring_value"),
        _total(rows, before & rows.recurring).name("recurring_before"),
        rows.month.nunique(where=again_now).cast("float64").name("recurring_active_months"),
        rows.age.min(where=taken & rows.is_equipment)
        .cast("float64")
        .name("equipment_recency_days"),
        _total(rows, window & rows.is_equipment).name("equipment_value"),
        _total(rows, taken & rows.is_equipment).name("equipment"),
        _total(rows, taken & (rows.category == "drug")).name("drugs"),
    )


def _recurring(rows: Expr) -> Value:
    return ~rows.category.isin(NOT_RECURRING).fill_null(False)


def _basis(shipped: Value, sold_through: Value) -> Value:
    return ibis.cases(
        ((shipped > 0) & (sold_through > 0), "both"),
        (sold_through > 0, SELL_THROUGH),
        (shipped > 0, SHIPMENTS),
        else_=ibis.null("string"),
    )


def _total(rows: Expr, where: Value) -> Value:
    return rows.amount.sum(where=where).cast("float64").fill_null(0.0)


def _variations(bought: Expr, as_of: dt.date) -> Expr:
    """Return each customer's variation of monthly amounts, in all and of what is recurring."""
    rows = bought.mutate(
        age=age_of(bought.day, as_of),
        again=ibis.ifelse(_recurring(bought), bought.amount, ibis.null(bought.amount.type())),
    )
    firsts = rows.group_by("customer_id").aggregate(
        months=_months_since(rows.age.max(where=rows.amount > 0)),
        months_again=_months_since(rows.age.max(where=rows.again > 0)),
    )
    recent = rows.filter(rows.age < MONTHS * MONTH_DAYS)
    monthly = recent.group_by("customer_id", month=recent.age // MONTH_DAYS).aggregate(
        amount=recent.amount.sum(), again=recent.again.sum()
    )
    held = monthly.inner_join(firsts, "customer_id")
    return held.group_by("customer_id").aggregate(
        monthly_variation=_variation(held.amount, held.month, held.months),
        recurring_variation=_variation(held.again, held.month, held.months_again),
    )


def _months_since(age: Value) -> Value:
    """Return how many complete months of the last twelve a first purchase lets count."""
    return ibis.least((age + 1) // MONTH_DAYS, MONTHS)


def _variation(amount: Value, month: Value, months: Value) -> Value:
    """Return the standard deviation over the mean of a customer's months; absent ones are zeros.

    The sums of squares are decimals: equal months vary by nothing, not by a rounding error.
    """
    counted = (month < months) & (months >= FEWEST_MONTHS)
    total = amount.sum(where=counted).cast("decimal(38, 2)")
    squares = (amount * amount).sum(where=counted)
    spread = (squares * months.max() - total * total).cast("float64").sqrt()
    return ibis.ifelse(total > 0, spread / total.cast("float64"), ibis.null("float64"))


def _attention(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = known(tables, "visits", as_of)
    made = (age_of(rows.visited_on, as_of) < window_days) & (
        rows.status.fill_null("submitted") != "planned"
    )
    return rows.group_by("customer_id").aggregate(visits=made.cast("int64").sum())


def _satisfaction(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = known(tables, "feedback", as_of)
    recent = rows.filter(age_of(rows.given_on, as_of) < window_days)
    return recent.group_by("customer_id").aggregate(
        satisfaction=recent.score.cast("decimal(9, 3)").mean().cast("float64")
    )
