"""What was sold, by whom, where and when: facts of sales as of a day, with their scopes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.known import known, master
from insights.features.purchases import at_list_price
from insights.features.working_days import working_days
from insights.tables import Tables, as_date, sensible_span
from insights.tables.totals import NOWHERE

Metric = Literal["sales", "sell_through"]
SCOPES = ("company", "region", "product_line", "channel", "rep")
COMPANY = "company"
SCOPE_COLUMN = {
    "region": "region_id",
    "product_line": "product_line",
    "channel": "channel",
    "rep": "rep_id",
    "customer": "customer_id",
    "product": "product_id",
}
TABLE_OF: dict[Metric, tuple[str, str]] = {
    "sales": ("orders", "ordered_on"),
    "sell_through": ("channel_flow", "flowed_on"),
}
DAILY = ("scope", "scope_id", "day", "amount_cents", "quantity")
HISTORY = (
    "scope", "scope_id", "month", "amount", "amount_cents", "quantity", "working_days",
    "days_worked",
)  # fmt: skip
HOME = "home_region"


def sales_rows(
    tables: Tables, as_of: str | dt.date | pd.Timestamp, metric: Metric = "sales"
) -> Expr:
    """Which goods changed hands up to as_of, and whose sales are they?

    One row a fact: customer_id, distributor_id (sell-through only), product_id, product_line,
    region_id (the customer's; of unmatched sell-through the distributor's), channel (orders only),
    rep_id (device lines only: drug representatives carry no sales figures), day, quantity and
    amount (decimal CNY, tax included; at list price where a row has none). The rep is the order's
    own; where it names none, the one whose territory held the customer on that day, of the
    product's line, if there is just one. Distributors' orders and what they sold on are never
    added together: ``metric`` says which of the two.
    """
    day = as_date(as_of)
    table, when = TABLE_OF[metric]
    facts = known(tables, table, day)
    rows = facts.mutate(day=facts[when], **_absent(facts))
    return _with_reps(tables, _with_homes(tables, _with_products(tables, rows, day), day), day)


def sales_by_day(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    metric: Metric = "sales",
    scopes: Sequence[str] = SCOPES,
) -> pd.DataFrame:
    """How much was sold on each day, by scope?

    Columns DAILY, sorted: scope, scope_id (``""`` where a fact has none, so that every scope but
    rep adds up to the company), day, amount_cents (int64), quantity. Days years away from all
    others are slips of the keyboard and left out (``insights check`` names them). Sell-through has
    no channel.
    """
    rows = sales_rows(tables, as_of, metric)
    dated = rows.filter(rows.day >= first_day(tables, as_of, metric))
    told = [one for one in scopes if one != "channel" or metric == "sales"]
    columns = [SCOPE_COLUMN[one] for one in told if one != COMPANY]
    sums = dated.group_by("day", *columns).aggregate(
        amount_cents=cents(dated.amount), quantity=units(dated.quantity)
    )
    found = sums.execute()
    found = found.assign(day=pd.to_datetime(found.day))
    frame = pd.concat([of_scope(found, one, ["day"]) for one in told], ignore_index=True)
    ordered = frame.sort_values(["scope", "scope_id", "day"], ignore_index=True)
    return ordered.loc[:, list(DAILY)]


def sales_history(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    metric: Metric = "sales",
    scopes: Sequence[str] = SCOPES,
) -> pd.DataFrame:
    """How much was sold in each month, by scope?

    Columns HISTORY, sorted: a row for each id and month from its first fact to the month of as_of,
    zeros between; amount in CNY, amount_cents the same in whole cents; working_days of the whole
    month and days_worked up to as_of, which differ only in a running month and are missing where
    no calendar knows the month.
    """
    day = as_date(as_of)
    daily = sales_by_day(tables, day, metric, scopes)
    first = day if daily.empty else daily.day.min().date()
    return by_month(daily, month_days(tables, day, first), day)


def by_month(daily: pd.DataFrame, days: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return ``sales_history`` of a frame of days; ``days`` as of ``month_days``."""
    if daily.empty:
        return pd.DataFrame(columns=list(HISTORY)).astype(
            {"month": "datetime64[us]", "amount": "float64", "amount_cents": "int64"}
        )
    month = daily.day.dt.to_period("M").dt.start_time
    keys = ["scope", "scope_id", "month"]
    sums = daily.assign(month=month).groupby(keys)[["amount_cents", "quantity"]].sum()
    full = sums.reindex(_grid(sums.index.to_frame(index=False), as_of), fill_value=0).reset_index()
    full = full.assign(amount=full.amount_cents / 100).join(days, on="month")
    return full.loc[:, list(HISTORY)]


def month_days(tables: Tables, as_of: dt.date, first: dt.date | None = None) -> pd.DataFrame:
    """Return the working days of each month from ``first``'s year to the end of as_of's.

    Indexed by month: working_days of all of it, days_worked up to as_of (0 in a month to come),
    days_to_day up to the day of the month that as_of is. Without ``first`` as_of's year alone.
    """
    begin = pd.Timestamp((first or as_of).year, 1, 1)
    months = pd.date_range(begin, pd.Timestamp(as_of.year, 12, 1), freq="MS")
    ends = months + pd.offsets.MonthEnd(0)
    whole = working_days(tables, months, ends).working_days
    worked = whole.where(months <= pd.Timestamp(as_of), 0.0)
    running = pd.DatetimeIndex([pd.Timestamp(as_of).replace(day=1)])
    until = working_days(tables, running, pd.DatetimeIndex([pd.Timestamp(as_of)])).working_days
    worked = worked.mask(worked.index == running[0], float(until.iloc[0]))
    to_day = working_days(tables, months, _same_day(ends, as_of)).working_days
    columns = {"working_days": whole, "days_worked": worked, "days_to_day": to_day}
    return pd.DataFrame(columns).rename_axis("month")


def _same_day(ends: pd.DatetimeIndex, as_of: dt.date) -> pd.DatetimeIndex:
    """Return the day of each month that as_of is of its own; the last one where it is the last."""
    today = pd.Timestamp(as_of)
    cut = ends - pd.to_timedelta(np.maximum(ends.day - today.day, 0), unit="D")
    return ends if today.is_month_end else cut


def first_day(
    tables: Tables, as_of: str | dt.date | pd.Timestamp, metric: Metric = "sales"
) -> dt.date:
    """Return the first day of a metric's facts, mistyped years left out."""
    table, when = TABLE_OF[metric]
    rows = known(tables, table, as_date(as_of)).select(day=when)
    dated = rows.filter(rows.day.notnull())
    counts = dated.group_by("day").aggregate(n=dated.count()).execute()
    return sensible_span(counts.set_index("day").n)[0] if len(counts) else dt.date.min


def _absent(facts: Expr) -> dict[str, Value]:
    """Return the columns of the other metric's table as missing."""
    wanted = ("distributor_id", "channel", "rep_id")
    return {name: ibis.null("string") for name in wanted if name not in facts.columns}


def _with_products(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    products = master(tables, "products", as_of).select("product_id", "product_line", "list_price")
    priced = rows.left_join(products, "product_id").drop("product_id_right")
    listed = at_list_price(priced.quantity, priced.list_price)
    return priced.mutate(amount=priced.amount.coalesce(listed))


def _with_homes(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    homes = master(tables, "customers", as_of)
    own = homes.select(own_id="customer_id", own_region="region_id")
    agents = homes.select(agent_id="customer_id", agent_region="region_id")
    placed = rows.left_join(own, rows.customer_id == own.own_id)
    placed = placed.left_join(agents, placed.distributor_id == agents.agent_id)
    return placed.mutate(region_id=placed.own_region.coalesce(placed.agent_region)).select(
        "customer_id", "distributor_id", "product_id", "product_line", "region_id", "channel",
        "rep_id", "day", "quantity", "amount",
    )  # fmt: skip


def _with_reps(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    """Give each fact the device representative whose sale it is; nobody else's is named."""
    device = device_reps(tables, as_of)
    listed = device.select(named_id="rep_id")
    named = rows.left_join(listed, rows.rep_id == listed.named_id)
    owners = _owners(tables, rows, device, as_of)
    owned = named.left_join(
        owners,
        [
            named.customer_id == owners.owned_customer,
            named.day == owners.owned_day,
            named.product_line == owners.owned_line,
        ],
    )
    owner = ibis.ifelse(owned.rep_id.isnull(), owned.owner_id, owned.named_id)
    return owned.mutate(rep_id=owner).drop(
        "named_id", "owned_customer", "owned_day", "owned_line", "owner_id"
    )


def _owners(tables: Tables, rows: Expr, device: Expr, as_of: dt.date) -> Expr:
    """Return the one device rep of a customer, day and line whose facts name nobody."""
    held = known(tables, "territories", as_of).inner_join(
        device.select("rep_id", rep_line="product_line"), "rep_id"
    )
    held = held.select("rep_id", "from_on", "to_on", "rep_line", owned_customer="customer_id")
    asked = rows.filter(rows.rep_id.isnull() & rows.customer_id.notnull())
    asked = asked.select(
        owned_day="day", owned_line="product_line", asked_id="customer_id"
    ).distinct()
    met = asked.inner_join(
        held,
        [
            asked.asked_id == held.owned_customer,
            asked.owned_line == held.rep_line,
            held.from_on <= asked.owned_day,
        ],
    )
    met = met.filter(met.to_on.isnull() | (met.to_on >= met.owned_day))
    one = met.group_by("owned_customer", "owned_day", "owned_line").aggregate(
        owner_id=met.rep_id.min(), last_id=met.rep_id.max()
    )
    return one.filter(one.owner_id == one.last_id).drop("last_id")


def device_reps(tables: Tables, as_of: dt.date) -> Expr:
    """Return rep_id, region_id, product_line of representatives that may carry sales figures."""
    reps = master(tables, "reps", as_of)
    return reps.filter(reps.line_type == "device").select("rep_id", "region_id", "product_line")


def cents(amount: Value, where: Value | None = None) -> Value:
    """Return the sum of decimal CNY in whole cents, 0 without a row."""
    total = amount.cast("decimal(18, 2)").sum(where=where)
    return (total * 100).cast("int64").fill_null(0)


def units(quantity: Value, where: Value | None = None) -> Value:
    """Return the sum of quantities to four decimals, the same in any order of the rows."""
    return quantity.cast("decimal(18, 4)").sum(where=where).cast("float64").fill_null(0.0)


def of_scope(sums: pd.DataFrame, scope: str, keys: list[str]) -> pd.DataFrame:
    """Add sums up over the ids of a scope and ``keys``: scope, scope_id (``""`` for none), sums.

    Facts without a representative are in no row of the scope rep.
    """
    named = sums.assign(scope_id=COMPANY)
    if scope != COMPANY:
        held = sums[SCOPE_COLUMN[scope]]
        named = sums.assign(scope_id=held.astype("str").where(held.notna(), NOWHERE))
        named = named[held.notna()] if scope == "rep" else named
    numbers = [str(one) for one in sums if str(one).startswith(("cents", "amount", "quantity"))]
    found = named.groupby(["scope_id", *keys])[numbers].sum().reset_index()
    rounded = {name: found[name].round(4) for name in numbers if name.startswith("quantity")}
    return found.assign(scope=scope, **rounded)


def _grid(held: pd.DataFrame, as_of: dt.date) -> pd.MultiIndex:
    """Return every scope, id and month from an id's first month to that of as_of."""
    first = held.groupby(["scope", "scope_id"]).month.min()
    last = pd.Timestamp(as_of).replace(day=1)
    months = pd.date_range(first.min(), last, freq="MS")
    rows = pd.DataFrame(
        {
            "scope": np.repeat(first.index.get_level_values(0).to_numpy(), len(months)),
            "scope_id": np.repeat(first.index.get_level_values(1).to_numpy(), len(months)),
            "month": np.tile(months.to_numpy(), len(first)),
            "first": np.repeat(first.to_numpy(), len(months)),
        }
    )
    kept = rows[rows.month >= rows["first"]].drop(columns="first")
    return pd.MultiIndex.from_frame(kept)
