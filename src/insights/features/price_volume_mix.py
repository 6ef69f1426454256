"""Why did money change? Price, volume and mix, adding up exactly."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ibis.expr.types import Table as Expr
from ibis.expr.types import Value

from insights.features.known import master
from insights.features.panels import FACTS, metric_rows
from insights.features.purchases import at_list_price
from insights.features.windows import YEAR_DAYS, Windows
from insights.tables import Tables

SOLD = (
    "unit_id",
    "product_id",
    "product_line",
    "vbp_on",
    "list_price",
    "quantity_before",
    "amount_before",
    "quantity_after",
    "amount_after",
    "loose_before",
    "loose_after",
)
GOODS = ["quantity_before", "amount_before", "quantity_after", "amount_after"]
FIGURES = [*GOODS, "loose_before", "loose_after"]
PRODUCT = ["product_id", "product_line", "vbp_on", "list_price"]


@dataclass(frozen=True)
class PriceVolumeMix:
    """A change in money and its three parts: ``price + volume + mix == after - before``.

    ``new`` is the money after of products not sold before, ``vanished`` the money before of
    products not sold after: both stand inside volume and mix, never in price. ``loose`` is the
    change of money without a quantity; it counts as volume, for its price is not known.
    """

    before: float
    after: float
    price: float
    volume: float
    mix: float
    new: float
    vanished: float
    loose: float

    @property
    def change(self) -> float:
        """Return money after less money before."""
        return self.after - self.before


def price_volume_mix(sold: pd.DataFrame) -> PriceVolumeMix:
    """Split a change in money into price, volume and mix.

    ``sold`` has a row a product or more (columns SOLD; unit_id is not read). Price: the change
    from base prices (``base_prices``). Volume: each product line's own quantity change at the
    line's mean base price, since quantities of a machine and of a tablet do not add up. Mix: what
    is left at base prices, the shift between dearer and cheaper products of a line. A line
    without sales before is all volume. (Standard variance analysis; base-period weights.)
    """
    parts = product_parts(sold)
    lines = parts.groupby("product_line", dropna=False)[
        ["quantity_before", "quantity_after", "value_before", "value_after"]
    ].sum()
    moved = lines.value_after - lines.value_before
    known = (lines.quantity_before > 0) & (lines.value_before > 0)
    growth = lines.quantity_after / lines.quantity_before.where(known) - 1
    volume = (lines.value_before * growth).where(known, moved)
    nothing_before = (parts.quantity_before == 0) & (parts.amount_before == 0)
    nothing_after = (parts.quantity_after == 0) & (parts.amount_after == 0)
    loose_before, loose_after = float(sold.loose_before.sum()), float(sold.loose_after.sum())
    return PriceVolumeMix(
        before=float(parts.amount_before.sum()) + loose_before,
        after=float(parts.amount_after.sum()) + loose_after,
        price=float(parts.price.sum()),
        volume=float(volume.sum()) + loose_after - loose_before,
        mix=float((moved - volume).sum()),
        new=float(parts.amount_after[nothing_before].sum()),
        vanished=float(parts.amount_before[nothing_after].sum()),
        loose=loose_after - loose_before,
    )


def product_parts(sold: pd.DataFrame) -> pd.DataFrame:
    """Return a row a product: quantities, amounts, values at base prices, and the price part."""
    sums = sold.groupby(PRODUCT, dropna=False, as_index=False)[GOODS].sum()
    base = base_prices(sums)
    value_before, value_after = sums.quantity_before * base, sums.quantity_after * base
    return sums.assign(
        value_before=value_before,
        value_after=value_after,
        price=(sums.amount_after - value_after) - (sums.amount_before - value_before),
    )


def base_prices(sums: pd.DataFrame) -> pd.Series:
    """Return the price each product is held at: its own mean price of before.

    Without sales before it is the price of after (a new product has no price change), without
    either (only returns, or money without goods) the list price, else nothing.
    """
    before = _mean_price(sums.amount_before, sums.quantity_before)
    after = _mean_price(sums.amount_after, sums.quantity_after)
    listed = sums.list_price.astype("float64")
    return before.fillna(after).fillna(listed).fillna(0.0)


def _mean_price(amount: pd.Series, quantity: pd.Series) -> pd.Series:
    return amount / quantity.where((quantity > 0) & (amount > 0), np.nan)


def products_sold(
    tables: Tables, metric: str, kind: str, windows: Windows, as_of: dt.date
) -> pd.DataFrame:
    """What did each unit take of each product before and after, as a rate a year?

    ``metric`` is sales or sell_through, ``kind`` the unit type. Columns SOLD, sorted by unit and
    product. Quantities in base units, amounts in CNY (at list price where a row has none);
    loose is the money of rows without quantity or product.
    """
    rows = metric_rows(tables, metric, kind, as_of)
    products = master(tables, "products", as_of).select(*PRODUCT)
    day = rows[FACTS[metric].day]
    rows = rows.filter(day >= windows.before_from, day < windows.after_to)
    priced = rows.left_join(products, "product_id").drop("product_id_right")
    sums = _summed(priced, FACTS[metric].day, windows).execute()
    before, after = YEAR_DAYS / windows.before_days, YEAR_DAYS / windows.after_days
    rates = {
        column: sums[column].astype("float64").fillna(0.0)
        * (before if column.endswith("before") else after)
        for column in FIGURES
    }
    vbp_on = pd.to_datetime(sums.vbp_on)
    ordered = sums.assign(**rates, vbp_on=vbp_on, list_price=sums.list_price.astype("float64"))
    return ordered.loc[:, list(SOLD)].sort_values(["unit_id", "product_id"], ignore_index=True)


def _summed(priced: Expr, day_column: str, windows: Windows) -> Expr:
    day = priced[day_column]
    before = (day >= windows.before_from) & (day < windows.before_to)
    after = (day >= windows.after_from) & (day < windows.after_to)
    quantity = priced.quantity.cast("decimal(18, 4)")
    amount = priced.amount.coalesce(at_list_price(priced.quantity, priced.list_price))
    goods = priced.quantity.notnull() & priced.product_id.notnull()

    def total(value: Value, where: Value) -> Value:
        return value.sum(where=where)

    return priced.group_by("unit_id", *PRODUCT).aggregate(
        quantity_before=total(quantity, before & goods),
        amount_before=total(amount, before & goods),
        quantity_after=total(quantity, after & goods),
        amount_after=total(amount, after & goods),
        loose_before=total(amount, before & ~goods),
        loose_after=total(amount, after & ~goods),
    )
