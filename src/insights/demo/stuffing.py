"""One distributor stuffed beyond the others: next months' orders early, and a larger last one.

No money moves: early orders keep their amounts and invoices, and what was added to the last order
is not billed yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.demo.chance import Floats, Ints
from insights.demo.channel import Shipments
from insights.demo.customers import Customers
from insights.demo.products import N_FLOW
from insights.demo.timeline import N_MONTHS, workday
from insights.demo.trade import DISTRIBUTOR, order_table

QUARTER_ENDS = (26, 29, 32, 35)  # months of the last year
END_OF_MONTH = 0.999
EXTRA_MONTHS = 0.6  # of the last quarter's monthly sell-through, added to the last order


@dataclass(frozen=True)
class Stuffed:
    """Orders and shipments with one distributor stuffed, and the truth that says which."""

    orders: pd.DataFrame
    shipments: Shipments
    truth: pd.DataFrame


def stuff(
    customers: Customers, lines: pd.DataFrame, shipments: Shipments, prices: Floats
) -> Stuffed:
    """Stuff the distributor that its quarter ends already filled most."""
    sold = _sold(shipments)
    firm = _fullest(shipments, sold, prices)
    payer = customers.n_terminals + firm
    early = _early(lines, payer)
    mine = lines[(lines["payer"] == payer) & (lines["channel"] == DISTRIBUTOR)]
    extra = _extra_units(sold[firm], mine)
    orders = [order_table(_ordered_early(lines, early)), _added(mine, extra)]
    ids = customers.table["customer_id"].to_numpy(dtype=object)[customers.n_terminals :]
    truth = pd.DataFrame({"distributor_id": ids, "stuffed": np.arange(len(ids)) == firm})
    return Stuffed(pd.concat(orders), _shipped(shipments, firm, lines[early], extra), truth)


def _sold(shipments: Shipments) -> Ints:
    """Return units sold on: what came in and is neither sent back nor in stock."""
    stock = np.concatenate([shipments.opening[:, :, None], shipments.stock], axis=2)
    return np.asarray(shipments.shipped - shipments.returned - np.diff(stock, axis=2))


def _fullest(shipments: Shipments, sold: Ints, prices: Floats) -> int:
    """Return the distributor with most shipped for what it sold, of those that sell much."""
    value = prices[None, :N_FLOW, QUARTER_ENDS]
    in_, out = ((units[:, :, QUARTER_ENDS] * value).sum(axis=(1, 2))
                for units in (shipments.shipped, sold))  # fmt: skip
    large = out >= max(float(np.median(out)), 1.0)
    return int(np.argmax(np.where(large, in_ / np.maximum(out, 1.0), -1.0)))


def _early(lines: pd.DataFrame, payer: int) -> pd.Series:
    """Say which lines come a month early: the first order after the quarter ends but the last."""
    after = [month + 1 for month in QUARTER_ENDS[:-1]]
    mine = (lines["payer"] == payer) & (lines["channel"] == DISTRIBUTOR) & (lines["group"] == 0)
    return mine & lines["month"].isin(after)


def _ordered_early(lines: pd.DataFrame, early: pd.Series) -> pd.DataFrame:
    before = np.maximum(lines["month"].to_numpy() - 1, 0)
    ends = pd.Series(workday(before, np.full(len(lines), END_OF_MONTH)), index=lines.index)
    return lines.assign(ordered_on=lines["ordered_on"].mask(early, ends))


def _extra_units(sold: Ints, mine: pd.DataFrame) -> Ints:
    """Return units by product that has a price, where there is an order of the last month."""
    priced = np.isin(np.arange(N_FLOW), mine["product"]) & (mine["month"].max() == N_MONTHS - 1)
    return np.round(EXTRA_MONTHS * sold[:, -3:].mean(axis=1)).astype(np.int64) * priced


def _added(mine: pd.DataFrame, extra: Ints) -> pd.DataFrame:
    """Return lines added to the last order, at the last prices paid."""
    last = mine.sort_values("month", kind="stable").drop_duplicates("product", keep="last")
    last = last[extra[last["product"].to_numpy()] > 0].sort_values("product", ignore_index=True)
    units = extra[last["product"].to_numpy()]
    order = mine[mine["order_no"] == mine["order_no"].max()].tail(1).reset_index(drop=True)
    same = order.loc[order.index.repeat(len(last)), ["order_id", "line_no", "ordered_on"]]
    return order_table(
        last.assign(
            order_id=same["order_id"].to_numpy(),
            line_no=same["line_no"].to_numpy() + np.arange(len(last)) + 1,
            ordered_on=same["ordered_on"].to_numpy(),
            quantity=units,
            amount=last["unit_price"] * units,
        )
    )


def _shipped(shipments: Shipments, firm: int, early: pd.DataFrame, extra: Ints) -> Shipments:
    shipped = shipments.shipped.copy()
    product, month = early["product"].to_numpy(), early["month"].to_numpy()
    np.subtract.at(shipped[firm], (product, month), early["quantity"].to_numpy())
    np.add.at(shipped[firm], (product, month - 1), early["quantity"].to_numpy())
    shipped[firm, :, -1] += extra
    more = np.cumsum(shipped - shipments.shipped, axis=2)
    return replace(shipments, shipped=shipped, stock=shipments.stock + more)
