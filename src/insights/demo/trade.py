"""Orders: what we shipped to distributors, sold to hospitals directly, and took back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Floats, Ints, round_stochastic, stream
from insights.demo.channel import ORDERS_A_MONTH, Shipments
from insights.demo.customers import SEGMENT_NAMES, Customers
from insights.demo.demand import Demand
from insights.demo.products import LINE_OF, PER_LINE, PRODUCT_IDS
from insights.demo.staff import Staff
from insights.demo.timeline import LAST, N_MONTHS, month_index, workday

EQUIPMENT_A_YEAR = {"project": 1.3, "loyal_core": 0.16, "growing": 0.06, "declining": 0.05}
DIRECT_SHARE = {"loyal_core": 0.6, "growing": 0.45, "steady_small": 0.12, "declining": 0.35,
                "new": 0.3, "project": 0.1}  # fmt: skip
DIRECT_LINES = (3, 4, 5)
DISTRIBUTOR, DIRECT, EQUIPMENT, RETURN = "distributor", "direct", "equipment", "return"


@dataclass(frozen=True)
class Lines:
    """Order lines before they are numbered: arrays of one length, money in cents.

    ``payer`` is a row of the customers; ``group`` tells the orders of a payer and month apart;
    ``origin`` is the group of the shipment that a return belongs to (-1 otherwise).
    """

    payer: Ints
    product: Ints
    month: Ints
    share: Floats
    group: Ints
    quantity: Ints
    price: Ints
    channel: str
    origin: Ints


def build_orders(
    seed: int, customers: Customers, demand: Demand, shipments: Shipments, prices: Floats,
    staff: Staff,
) -> pd.DataFrame:  # fmt: skip
    """Return all order lines as a frame: the canonical columns plus line, payer and origin_id."""
    rng = stream(seed, "orders")
    n = customers.n_terminals
    order = _order_of_product(rng, shipments.shipped.shape)
    share = _order_shares(rng, (customers.n_distributors, N_MONTHS, ORDERS_A_MONTH))
    discount = 1 - rng.uniform(0.06, 0.11, customers.n_distributors)
    parts = [
        _shipped(shipments, order, share, discount, prices, n),
        _sent_back(rng, shipments, order, discount, prices, n),
        _direct(rng, customers, demand, prices),
        _equipment(rng, customers, demand, prices),
    ]
    return _numbered(pd.concat([_frame(p) for p in parts], ignore_index=True), customers, staff)


def _order_of_product(rng: Generator, shape: tuple[int, ...]) -> Ints:
    """Return which of a month's orders a product is on; quarter ends are heavy at the end."""
    ordinary, stuffed = np.array([0.55, 1.0]), np.array([0.35, 1.0])
    quarter_end = (np.arange(N_MONTHS) % 3 == 2)[:, None]
    odds = np.where(quarter_end, stuffed, ordinary)
    return (rng.random(shape)[..., None] > odds).sum(axis=3).clip(0, ORDERS_A_MONTH - 1)


def _order_shares(rng: Generator, shape: tuple[int, int, int]) -> Floats:
    """Return how far into its month each order falls."""
    draw = rng.random(shape)
    ordinary = (np.arange(ORDERS_A_MONTH) + draw) / ORDERS_A_MONTH
    stuffed = np.array([0.15, 0.75]) + draw * np.array([0.4, 0.25])
    return np.where((np.arange(N_MONTHS) % 3 == 2)[None, :, None], stuffed, ordinary)


def _shipped(
    shipments: Shipments, order: Ints, share: Floats, discount: Floats, prices: Floats, n: int
) -> Lines:
    firm, product, month = np.nonzero(shipments.shipped)
    group = order[firm, product, month]
    price = np.round(prices[product, month] * discount[firm]).astype(np.int64)
    units = shipments.shipped[firm, product, month]
    return Lines(n + firm, product, month, share[firm, month, group], group, units, price,
                 DISTRIBUTOR, np.full(len(firm), -1))  # fmt: skip


def _sent_back(
    rng: Generator, shipments: Shipments, order: Ints, discount: Floats, prices: Floats, n: int
) -> Lines:
    firm, product, month = np.nonzero(shipments.returned)
    origin = order[firm, product, month - 1]
    price = np.round(prices[product, month - 1] * discount[firm]).astype(np.int64)
    units = -shipments.returned[firm, product, month]
    share = rng.random(len(firm)) * 0.5
    return Lines(n + firm, product, month, share, 90 + np.arange(len(firm)), units, price,
                 RETURN, origin)  # fmt: skip


def _direct(rng: Generator, customers: Customers, demand: Demand, prices: Floats) -> Lines:
    """Some hospitals also buy consumables and reagents from us without a distributor."""
    n = customers.n_terminals
    buyers = _direct_buyers(rng, customers)
    bought = np.zeros((n, N_MONTHS))
    value = demand.units * prices[demand.product, [0]][:, None]
    np.add.at(bought, demand.terminal, value)
    pick = rng.integers(0, PER_LINE, (len(buyers), 2)) + PER_LINE * rng.choice(
        DIRECT_LINES, (len(buyers), 2)
    )
    place, turn, month = np.nonzero(rng.random((len(buyers), 2, N_MONTHS)) < 0.62)
    payer, product = buyers[place], pick[place, turn]
    unit = prices[product, month]
    units = round_stochastic(rng, bought[payer, month] * 0.06 / unit)
    keep = units > 0
    share = (payer * 7 % 20 + rng.random((n, N_MONTHS))[payer, month]) / 21
    return Lines(payer[keep], product[keep], month[keep], share[keep],
                 np.full(keep.sum(), 10), units[keep], unit[keep].astype(np.int64),
                 DIRECT, np.full(keep.sum(), -1))  # fmt: skip


def _direct_buyers(rng: Generator, customers: Customers) -> Ints:
    kinds = pd.Series(SEGMENT_NAMES[customers.segment])
    hospital = (customers.table["customer_type"] == "hospital").to_numpy()[: len(kinds)]
    chance = kinds.map(DIRECT_SHARE).fillna(0.0).to_numpy()
    return np.flatnonzero((rng.random(len(kinds)) < chance) & hospital)


def _equipment(rng: Generator, customers: Customers, demand: Demand, prices: Floats) -> Lines:
    kinds = SEGMENT_NAMES[customers.segment]
    rate = pd.Series(kinds).map(EQUIPMENT_A_YEAR).fillna(0.0).to_numpy() / 12
    count = rng.poisson(np.repeat(rate[:, None], N_MONTHS, axis=1))
    count = _at_least_one(rng, count, kinds)
    payer, month = np.nonzero(count)
    big = rng.random(len(payer)) < np.where(kinds[payer] == "project", 0.6, 0.3)
    product = PER_LINE * np.where(big, 6, 7) + rng.integers(0, PER_LINE, len(payer))
    units = np.where(big, 1, 1 + rng.poisson(4.0, len(payer)))
    agreed = rng.uniform(0.88, 1.0, len(payer))
    price = np.round(prices[product, month] * agreed, -2).astype(np.int64)
    return Lines(payer, product, month, rng.random(len(payer)), np.full(len(payer), 20), units,
                 price, EQUIPMENT, np.full(len(payer), -1))  # fmt: skip


def _at_least_one(rng: Generator, count: Ints, kinds: np.ndarray) -> Ints:
    """Give every project buyer an order in the window."""
    idle = np.flatnonzero((kinds == "project") & (count.sum(axis=1) == 0))
    filled = count.copy()
    filled[idle, rng.integers(0, N_MONTHS, len(idle))] = 1
    return filled


def _frame(lines: Lines) -> pd.DataFrame:
    return pd.DataFrame({name: getattr(lines, name) for name in Lines.__dataclass_fields__})


def _numbered(lines: pd.DataFrame, customers: Customers, staff: Staff) -> pd.DataFrame:
    """Give order ids in order of date, line numbers, and the ids that a reader sees."""
    days = workday(lines["month"].to_numpy(), lines["share"].to_numpy())
    lines = lines.assign(ordered_on=np.minimum(days, LAST))
    lines = lines.sort_values(
        ["ordered_on", "payer", "month", "group", "product"], kind="stable", ignore_index=True
    )
    order = lines.groupby(["payer", "month", "group"], sort=False).ngroup().to_numpy()
    payer, product = lines["payer"].to_numpy(), lines["product"].to_numpy()
    month = month_index(lines["ordered_on"].to_numpy("datetime64[D]"))
    numbers = np.array([f"SO{i + 1:06d}" for i in range(int(order.max()) + 1)], dtype=object)
    return lines.assign(
        order_id=numbers[order],
        order_no=order,
        line_no=lines.groupby(order).cumcount() + 1,
        customer_id=customers.table["customer_id"].to_numpy(dtype=object)[payer],
        product_id=PRODUCT_IDS[product],
        line=LINE_OF[product],
        rep_id=staff.ids(payer, LINE_OF[product], month),
        unit_price=lines["price"],
        amount=lines["price"] * lines["quantity"],
    )


def order_table(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the canonical table orders."""
    columns = ["order_id", "line_no", "customer_id", "product_id", "rep_id", "ordered_on",
               "quantity", "unit_price", "amount", "channel"]  # fmt: skip
    return lines[columns].astype({"quantity": "float64"})
