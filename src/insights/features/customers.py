"""Who each customer is and how it behaved, as known on as_of."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.behaviour import (
    aged,
    amounts,
    days,
    in_parts,
    months,
    variation,
    variety,
)
from insights.features.distributors import distributor_ids
from insights.features.known import known, master, not_among
from insights.features.purchases import age_of, purchases
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
FOUND = (
    "recency_days",
    "tenure_days",
    *COUNTED,
    "average_purchase",
    "previous_value",
    "growth",
    "momentum",
    "equipment_share",
    "drug_share",
    "return_share",
    "basis",
    "recurring_recency_days",
    "equipment_recency_days",
    *BY_KIND,
    "monthly_variation",
    "recurring_variation",
    "visits",
    "satisfaction",
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
    rows, everybody = aged(bought, day), _by_customer(_everybody(tables, bought, day))
    asked = (
        days(rows, window_days),
        variety(rows, window_days),
        _attention(tables, day, window_days),
        _satisfaction(tables, day, window_days),
    )
    parts = [
        _money(rows, everybody.index, window_days, recent_days),
        *(_by_customer(one).reindex(everybody.index) for one in asked),
    ]
    frame = pd.concat([everybody, *parts], axis=1)
    filled = _filled(tables, frame)
    often = filled.frequency.where(filled.frequency != 0)
    return filled.assign(average_purchase=filled.monetary_value / often).loc[:, [*MASTER, *FOUND]]


def customer_values(tables: Tables, as_of: dt.date, window_days: int = 365) -> pd.Series:
    """How much did each customer buy in the window, CNY? Whoever ever bought, by customer_id."""
    bought = purchases(tables, as_of)
    rows = bought.filter(bought.customer_id.notnull()).mutate(age=age_of(bought.day, as_of))
    total = rows.amount.sum(where=rows.age < window_days).cast("float64").fill_null(0.0)
    sums = rows.group_by("customer_id").aggregate(value=total)
    return sums.order_by("customer_id").execute().set_index("customer_id").value


def terminals(tables: Tables, as_of: dt.date) -> Expr:
    """Return the customer_id of everybody known on as_of who is no distributor, one row each.

    They are the customers of the master; in a source without one, whoever bought.
    """
    everybody = _everybody(tables, purchases(tables, as_of), as_of).select("customer_id")
    agents = distributor_ids(tables, as_of).select(customer_id="distributor_id")
    return not_among(everybody, agents, "customer_id")


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


def _money(rows: Expr, ids: pd.Index, window_days: int, recent_days: int) -> pd.DataFrame:
    """Return amounts and variations of these customers."""
    oldest = rows.aggregate(age=rows.age.max()).execute().age[0]
    data_days = None if pd.isna(oldest) else int(oldest)
    found = [
        _with_variations(_by_customer(amounts(part, window_days, recent_days, data_days)), part)
        for part in in_parts(rows, ids)
    ]
    return pd.concat(found).reindex(ids)


def _with_variations(frame: pd.DataFrame, rows: Expr) -> pd.DataFrame:
    found = _by_customer(months(rows)).reindex(frame.index)
    amount, again = (found.filter(regex=rf"^{name}_") for name in ("amount", "again"))
    return frame.assign(
        monthly_variation=variation(amount, frame.tenure_days),
        recurring_variation=variation(again, frame.recurring_tenure_days),
    )


def _by_customer(part: Expr) -> pd.DataFrame:
    found = part.filter(part.customer_id.notnull()).execute()
    return found.set_index("customer_id").sort_index()


def _attention(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = known(tables, "visits", as_of)
    made = (age_of(rows.visited_on, as_of) < window_days) & (
        rows.status.fill_null("submitted") != "planned"
    )
    return rows.group_by("customer_id").aggregate(visits=rows.count(where=made))


def _satisfaction(tables: Tables, as_of: dt.date, window_days: int) -> Expr:
    rows = known(tables, "feedback", as_of)
    recent = rows.filter(age_of(rows.given_on, as_of) < window_days)
    scores = recent.score.cast("decimal(9, 3)")
    return recent.group_by("customer_id").aggregate(
        satisfaction=scores.sum().cast("float64") / scores.count().nullif(0).cast("float64")
    )
