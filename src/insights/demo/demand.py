"""What terminals want: levels by month, and how they spread over products and deliveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from insights.demo.chance import Floats, Ints, ar1, round_stochastic, stream
from insights.demo.customers import SEGMENT_NAMES, SEGMENTS, Customers
from insights.demo.products import N_FLOW, N_FLOW_LINES, PER_LINE, VBP_LINE
from insights.demo.strategies import Rollout, roll_out
from insights.demo.timeline import MONTH_OF_YEAR, N_MONTHS, N_WORKDAYS

NOISE_SD, NOISE_RHO = 0.20, 0.35
REGION_GROWTH = np.array([0.01, -0.04, 0.04, 0.02, 0.03, 0.0, 0.01, -0.02])
SEASON = np.array([0.06, -0.10, 0.04, 0.02, 0.0, -0.01, -0.03, -0.02, 0.02, -0.01, 0.02, 0.01])
VBP_HEAVY = {"growing": 14, "steady_small": 62}
VBP_HEAVY_SHARE = 0.78


@dataclass(frozen=True)
class Trend:
    """How a terminal moves: its yearly log growth and the months in which it is a customer."""

    slope: Floats
    from_month: Ints
    to_month: Ints
    vbp_heavy: np.ndarray


@dataclass(frozen=True)
class Demand:
    """Units wanted: ``units[pair, month]`` of ``product[pair]`` by ``terminal[pair]``."""

    terminal: Ints
    product: Ints
    units: Ints
    trend: Trend
    rollout: Rollout


def build_demand(seed: int, scale: float, customers: Customers, list_price: Floats) -> Demand:
    """Draw what every terminal wants of every non-equipment product in every month."""
    trend = _trends(stream(seed, "trends"), scale, customers)
    rollout = roll_out(seed, scale, customers, trend.slope, trend.vbp_heavy)
    level = _levels(stream(seed, "levels"), customers, trend) * rollout.multiplier()
    rng = stream(seed, "baskets")
    terminal, product, weight = _baskets(rng, customers, trend)
    value = level[terminal] * _monthly_shares(rng, terminal, weight, len(level))
    units = round_stochastic(rng, value / (list_price[product] / 100)[:, None])
    return Demand(terminal, product, units, trend, rollout)


def _trends(rng: Generator, scale: float, customers: Customers) -> Trend:
    segment = customers.segment
    kinds = SEGMENT_NAMES[segment]
    n = len(segment)
    mean = np.array([s.slope for s in SEGMENTS])[segment]
    spread = np.array([s.slope_sd for s in SEGMENTS])[segment]
    home = customers.home[:n]
    slope = mean + REGION_GROWTH[home] + rng.normal(0, 1, n) * spread
    new, declining = kinds == "new", kinds == "declining"
    from_month = np.where(new, rng.integers(25, 33, n), 0)
    leaves = declining & (rng.random(n) < 0.55)
    to_month = np.where(leaves, rng.integers(31, 35, n), N_MONTHS)
    heavy = np.zeros(n, dtype=bool)
    for kind, count in VBP_HEAVY.items():
        pool = rng.permutation(np.flatnonzero(kinds == kind))
        heavy[pool[: max(2, round(count * scale))]] = True
    return Trend(slope, from_month, to_month, heavy)


def _levels(rng: Generator, customers: Customers, trend: Trend) -> Floats:
    """Return demand in CNY at list prices, terminal x month."""
    segment, n = customers.segment, customers.n_terminals
    years = (np.arange(N_MONTHS) - 12)[None, :] / 12
    falls = (SEGMENT_NAMES[segment] == "declining")[:, None]
    begin = rng.integers(22, 27, n)[:, None]
    passed = np.where(falls, np.maximum(np.arange(N_MONTHS)[None, :] - begin, 0) / 12, years)
    log = np.log(np.maximum(customers.monthly, 1e-9))[:, None] + trend.slope[:, None] * passed
    log = log + SEASON[MONTH_OF_YEAR] + 0.6 * np.log(N_WORKDAYS / 21.0)
    log = log + ar1(rng, (n, N_MONTHS), NOISE_SD, NOISE_RHO)
    log = log + rng.standard_t(4, (n, N_MONTHS)) * 0.05
    active = rng.random((n, N_MONTHS)) < np.array([s.active for s in SEGMENTS])[segment][:, None]
    months = np.arange(N_MONTHS)[None, :]
    open_ = (months >= trend.from_month[:, None]) & (months < trend.to_month[:, None])
    return np.exp(log) * (active & open_) * (customers.monthly > 0)[:, None]


def _baskets(rng: Generator, customers: Customers, trend: Trend) -> tuple[Ints, Ints, Floats]:
    """Return terminal, product and weight of every pair that is ever bought."""
    segment, n = customers.segment, customers.n_terminals
    odds = np.cumsum([s.lines for s in SEGMENTS], axis=1)[segment]
    n_lines = 1 + (rng.random((n, 1)) > odds).sum(axis=1).clip(0, N_FLOW_LINES - 1)
    taste = rng.random((n, N_FLOW_LINES))
    taste[:, VBP_LINE] = np.where(trend.vbp_heavy, -1.0, taste[:, VBP_LINE] + 0.45)
    chosen = np.argsort(np.argsort(taste, axis=1), axis=1) < n_lines[:, None]
    per_line = 1 + rng.poisson(np.array([s.products_per_line for s in SEGMENTS])[segment] - 1)
    rank = np.argsort(np.argsort(rng.random((n, N_FLOW_LINES, PER_LINE)), axis=2), axis=2)
    bought = chosen[:, :, None] & (rank < per_line[:, None, None])
    line_weight = rng.gamma(3.0, 1.0, (n, N_FLOW_LINES)) * chosen
    line_weight = _with_vbp_share(line_weight, trend.vbp_heavy)
    weight = bought * rng.gamma(2.0, 1.0, bought.shape)
    weight = weight / weight.sum(axis=2, keepdims=True).clip(1e-12) * line_weight[:, :, None]
    weight = weight.reshape(n, N_FLOW) * (customers.monthly > 0)[:, None]
    terminal, product = np.nonzero(weight)
    return terminal, product, weight[terminal, product]


def _with_vbp_share(weight: Floats, heavy: np.ndarray) -> Floats:
    share = weight / weight.sum(axis=1, keepdims=True)
    others = np.delete(share, VBP_LINE, axis=1).sum(axis=1)
    scaled = share * (1 - VBP_HEAVY_SHARE) / np.maximum(others, 1e-9)[:, None]
    scaled[:, VBP_LINE] = np.where(others > 0, VBP_HEAVY_SHARE, 1.0)
    return np.where(heavy[:, None], scaled, share)


def _monthly_shares(rng: Generator, terminal: Ints, weight: Floats, n: int) -> Floats:
    """Return the share of each pair in its terminal's month; they add up to one."""
    main = weight >= np.array([0.5])
    noise = rng.lognormal(0, 0.3, (len(weight), N_MONTHS))
    present = (rng.random(noise.shape) < 0.85) | main[:, None]
    raw = weight[:, None] * noise * present
    total = np.zeros((n, N_MONTHS))
    np.add.at(total, terminal, raw)
    return raw / np.maximum(total, 1e-12)[terminal] * (total[terminal] > 0)
