"""Sales by region and month, and of each product: what slices and comparisons are added up from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features.known import master
from insights.features.price_volume_mix import SOLD
from insights.features.sales import (
    COMPANY,
    SCOPE_COLUMN,
    Metric,
    cents,
    device_reps,
    first_day,
    of_scope,
    sales_rows,
    units,
)
from insights.tables import Tables
from insights.tables.totals import NOWHERE

CELLS = (
    "metric", "scope", "scope_id", "region_id", "month", "cents", "cents_to_day", "quantity",
    "quantity_to_day",
)  # fmt: skip
SHAPES = ("company", "product_line", "channel", "rep")
NAMED = ("customer", "product")


@dataclass(frozen=True)
class Spans:
    """Two spans of days to be compared, first and last day of each inclusive."""

    before_from: dt.date
    before_to: dt.date
    after_from: dt.date
    after_to: dt.date


def sales_cells(
    tables: Tables,
    as_of: dt.date,
    metric: Metric,
    scopes: Sequence[str] = SHAPES,
    ids: Sequence[str] = (),
) -> pd.DataFrame:
    """How much was sold in each region and month, by scope?

    Of the scopes customer and product only the ``ids``. Columns CELLS, sorted. region_id is the
    customer's, of a rep the rep's own, ``""`` where there is none. ``*_to_day`` counts up to the
    day of the month that as_of is (all of it where as_of ends its month): a running month is held
    against the same days of another. Sell-through has no channel.
    """
    rows = sales_rows(tables, as_of, metric)
    dated = rows.filter(rows.day >= first_day(tables, as_of, metric))
    told = [one for one in scopes if one != "channel" or metric == "sales"]
    named = [one for one in told if one in NAMED]
    sums = _monthly(dated, [one for one in told if one not in NAMED], as_of)
    homes = device_reps(tables, as_of).execute().set_index("rep_id").region_id
    parts = [_cells(sums, one, homes) for one in told if one not in NAMED]
    for scope in named:
        kept = dated.filter(dated[SCOPE_COLUMN[scope]].isin(list(ids)))
        parts.append(_cells(_monthly(kept, [scope], as_of), scope, homes))
    found = pd.concat(parts, ignore_index=True).assign(metric=metric)
    order = ["scope", "scope_id", "region_id", "month"]
    return found.sort_values(order, ignore_index=True).loc[:, list(CELLS)]


def _monthly(rows: Expr, scopes: Sequence[str], as_of: dt.date) -> pd.DataFrame:
    columns = {SCOPE_COLUMN[one] for one in scopes if one != COMPANY} | {"region_id"}
    to_day = rows.day.day() <= _last_place(as_of)
    month = rows.day.truncate("M").cast("date")
    sums = rows.group_by(*sorted(columns), month=month).aggregate(
        cents=cents(rows.amount),
        cents_to_day=cents(rows.amount, to_day),
        quantity=units(rows.quantity),
        quantity_to_day=units(rows.quantity, to_day),
    )
    found = sums.execute()
    return found.assign(month=pd.to_datetime(found.month))


def _cells(sums: pd.DataFrame, scope: str, homes: pd.Series) -> pd.DataFrame:
    region = sums.rep_id.map(homes) if scope == "rep" else sums.region_id
    placed = sums.assign(region_id=region.astype("str").where(region.notna(), NOWHERE))
    return of_scope(placed, scope, ["region_id", "month"])


def traded_products(tables: Tables, as_of: dt.date, metric: Metric, spans: Spans) -> pd.DataFrame:
    """What was sold of each product in two spans of days, by region?

    Columns of ``price_volume_mix.SOLD``, unit_id being the region; sums of the days themselves,
    not rates, so that they add up to what was sold. Sorted by region and product.
    """
    rows = sales_rows(tables, as_of, metric)
    products = master(tables, "products", as_of).select("product_id", "vbp_on", "list_price")
    priced = rows.left_join(products, "product_id").drop("product_id_right")
    named = priced.mutate(unit_id=priced.region_id.fill_null(NOWHERE))
    sums = _two_spans(named, spans).execute()
    numbers = [name for name in SOLD if name.endswith(("_before", "_after"))]
    money = [name for name in numbers if name.startswith(("amount", "loose"))]
    typed = sums.assign(
        **{name: sums[name].astype("float64") for name in numbers},
        vbp_on=pd.to_datetime(sums.vbp_on),
        list_price=sums.list_price.astype("float64"),
        product_line=sums.product_line.fillna(NOWHERE).astype("str"),
    )
    in_cents = typed.assign(**{name: typed[name] / 100 for name in money})
    some = (in_cents[numbers] != 0).any(axis=1)
    ordered = in_cents[some].sort_values(["unit_id", "product_id"], ignore_index=True)
    return ordered.loc[:, list(SOLD)]


def _two_spans(rows: Expr, spans: Spans) -> Expr:
    before = (rows.day >= spans.before_from) & (rows.day <= spans.before_to)
    after = (rows.day >= spans.after_from) & (rows.day <= spans.after_to)
    goods = rows.quantity.notnull() & rows.product_id.notnull()
    return rows.group_by("unit_id", "product_id", "product_line", "vbp_on", "list_price").aggregate(
        quantity_before=units(rows.quantity, before & goods),
        amount_before=cents(rows.amount, before & goods),
        quantity_after=units(rows.quantity, after & goods),
        amount_after=cents(rows.amount, after & goods),
        loose_before=cents(rows.amount, before & ~goods),
        loose_after=cents(rows.amount, after & ~goods),
    )


def _last_place(as_of: dt.date) -> int:
    ends = (as_of + dt.timedelta(days=1)).day == 1
    return 31 if ends else as_of.day
