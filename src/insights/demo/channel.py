"""How distributors serve terminals: sell-through, stock, and shipments that run ahead of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Floats, Ints, stream
from insights.demo.customers import SEGMENT_NAMES, Customers
from insights.demo.demand import Demand
from insights.demo.products import LINE_OF, N_FLOW, N_FLOW_LINES, PRODUCT_IDS
from insights.demo.timeline import FIRST, N_MONTHS, month_ends, month_index, workday

STUFFING = np.array([0.78, 0.86, 1.42])  # share of expected demand shipped, by month of quarter
COVER_MONTHS = 1.3
UNMATCHED_SHARE = 0.03
ORDERS_A_MONTH = 2


@dataclass(frozen=True)
class Shipments:
    """Units by distributor x product x month: shipped in, sent back, and stock at month-end."""

    shipped: Ints
    returned: Ints
    stock: Ints
    opening: Ints


def sell_through(
    seed: int, customers: Customers, aliases: pd.DataFrame, demand: Demand, prices: Floats
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return channel_flow (money in cents) and its truth: flow_id, the terminal of each row."""
    rng = stream(seed, "flow")
    pair, month = np.nonzero(demand.units)
    pair, month, units = _split_deliveries(rng, customers, demand, pair, month)
    terminal, product = demand.terminal[pair], demand.product[pair]
    distributor = _suppliers(rng, customers)[terminal, LINE_OF[product]]
    days = workday(month, rng.random(len(pair)))
    n, ids = customers.n_terminals, customers.table["customer_id"].to_numpy()
    amount = np.round(units * prices[product, month]).astype(np.int64)
    frame = pd.DataFrame(
        {
            "distributor_id": ids[n + distributor],
            "customer_id": ids[terminal],
            "raw_name": customers.table["name"].to_numpy()[terminal],
            "product_id": PRODUCT_IDS[product],
            "flowed_on": days,
            "quantity": units.astype(np.float64),
            "amount": amount,
        }
    )
    frame = frame.iloc[np.lexsort((pair, days))].reset_index(drop=True)
    frame.insert(0, "flow_id", [f"F{i + 1:07d}" for i in range(len(frame))])
    return _unmatched(rng, frame, aliases)


def _split_deliveries(
    rng: Generator, customers: Customers, demand: Demand, pair: Ints, month: Ints
) -> tuple[Ints, Ints, Ints]:
    """Split the larger customers' months into two or three deliveries."""
    units = demand.units[pair, month]
    kind = SEGMENT_NAMES[customers.segment[demand.terminal[pair]]]
    extra = rng.poisson(np.where(kind == "loyal_core", 0.55, 0.08)).clip(0, 2)
    parts = np.minimum(1 + extra, units)
    place = np.repeat(np.arange(len(pair)), parts)
    turn = np.arange(len(place)) - np.repeat(np.cumsum(parts) - parts, parts)
    each = units[place] // parts[place] + (turn < units[place] % parts[place])
    return pair[place], month[place], each


def _suppliers(rng: Generator, customers: Customers) -> Ints:
    """Return the distributor (index among distributors) of each terminal and product line."""
    n = customers.n_terminals
    terminal_home, distributor_home = customers.home[:n], customers.home[n:]
    chosen = np.zeros((n, N_FLOW_LINES), dtype=np.int64)
    for region in range(int(customers.home.max()) + 1):
        mine = np.flatnonzero(terminal_home == region)
        firms = np.flatnonzero(distributor_home == region)
        weights = rng.gamma(1.5, 1.0, len(firms)) + 0.15
        two = rng.choice(firms, (len(mine), 2), p=weights / weights.sum())
        second = rng.random((len(mine), N_FLOW_LINES)) < 0.25
        chosen[mine] = np.where(second, two[:, [1]], two[:, [0]])
    return chosen


def _unmatched(
    rng: Generator, frame: pd.DataFrame, aliases: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Blank the customer of some rows and write names as distributors do."""
    truth = frame[["flow_id", "customer_id"]].copy()
    alias = aliases.groupby("customer_id")["alias"].first()
    known = frame["customer_id"].map(alias)
    draw = rng.random(len(frame))
    typo = frame["raw_name"].str.replace("医院", "医阮").str.replace("中心", "中芯")
    blank = draw < UNMATCHED_SHARE
    wrong = draw < 0.6 * UNMATCHED_SHARE
    as_alias = ~wrong & (draw < 0.12) & known.notna().to_numpy()
    raw = frame["raw_name"].mask(wrong, typo).mask(as_alias, known)
    written = frame.assign(customer_id=frame["customer_id"].mask(blank), raw_name=raw)
    return written, truth[blank].reset_index(drop=True)


def ship(seed: int, customers: Customers, flow: pd.DataFrame, keeps: np.ndarray) -> Shipments:
    """Derive shipments from sell-through: forecast, cover, and stuffing at quarter ends.

    ``keeps`` says per distributor whether it never sends goods back.
    """
    rng = stream(seed, "shipments")
    out = _flow_units(customers, flow)
    forecast = _forecast(out)
    noise = rng.lognormal(0, 0.18, out.shape)
    opening = np.round(forecast[:, :, 0] * COVER_MONTHS).astype(np.int64)
    stock, last = opening, np.zeros_like(opening)
    history: list[tuple[Ints, Ints, Ints]] = []
    for month in range(N_MONTHS):
        wanted = _wanted(forecast[:, :, month] * noise[:, :, month], stock, month)
        shipped = np.maximum(wanted, out[:, :, month] - stock)
        back = (rng.random(stock.shape) < 0.02) * np.round(0.12 * last).astype(np.int64)
        back = np.minimum(back * ~keeps[:, None], stock + shipped - out[:, :, month])
        stock = stock + shipped - back - out[:, :, month]
        last = shipped
        history.append((shipped, back, stock))
    shipped, returned, stocks = (np.stack(part, axis=2) for part in zip(*history, strict=True))
    return Shipments(shipped, returned, stocks, opening)


def _wanted(expected: Floats, stock: Ints, month: int) -> Ints:
    gap = COVER_MONTHS * expected - stock
    return np.maximum(np.round(expected * STUFFING[month % 3] + 0.2 * gap), 0).astype(np.int64)


def _flow_units(customers: Customers, flow: pd.DataFrame) -> Ints:
    ids = customers.table["customer_id"].to_numpy()[customers.n_terminals :]
    firm = pd.Index(ids).get_indexer(flow["distributor_id"])
    product = pd.Index(PRODUCT_IDS).get_indexer(flow["product_id"])
    month = month_index(flow["flowed_on"].to_numpy("datetime64[D]"))
    cell = (firm * N_FLOW + product) * N_MONTHS + month
    size = len(ids) * N_FLOW * N_MONTHS
    units = np.bincount(cell, weights=flow["quantity"].to_numpy(), minlength=size)
    return units.astype(np.int64).reshape(len(ids), N_FLOW, N_MONTHS)


def _forecast(out: Ints) -> Floats:
    """Return the mean of this and up to two earlier months."""
    total = np.cumsum(np.pad(out, ((0, 0), (0, 0), (3, 0)), mode="edge")[:, :, 0:], axis=2)
    return (total[:, :, 3:] - total[:, :, :-3]) / 3


def stock_table(customers: Customers, shipments: Shipments) -> pd.DataFrame:
    """Return distributors' counts at every month-end, the opening one included."""
    carried = (shipments.shipped.sum(axis=2) + shipments.opening) > 0
    firm, product = np.nonzero(carried)
    counts = np.concatenate([shipments.opening[:, :, None], shipments.stock], axis=2)
    days = np.concatenate([[FIRST - np.timedelta64(1, "D")], month_ends()])
    ids = customers.table["customer_id"].to_numpy()[customers.n_terminals :]
    life = 330 + (firm * 37 + product * 101) % 300
    counted = np.tile(days, len(firm))
    return pd.DataFrame(
        {
            "holder_id": np.repeat(ids[firm], len(days)),
            "product_id": np.repeat(PRODUCT_IDS[product], len(days)),
            "counted_on": counted,
            "quantity": counts[firm, product].reshape(-1).astype(np.float64),
            "expires_on": counted + np.repeat(life, len(days)).astype("timedelta64[D]"),
        }
    )
