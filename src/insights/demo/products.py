"""Eighty products in eight lines, and the price cut of volume-based procurement (VBP)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.demo.chance import Floats, stream
from insights.demo.timeline import N_MONTHS, VBP_MONTH

PER_LINE = 10
VBP_CUT = 0.55
VBP_ON = np.datetime64("2024-09-01", "D")


@dataclass(frozen=True)
class Line:
    """A product line: category, the middle of its prices, share of cost, form and strength."""

    name: str
    category: str
    price: float
    cost_share: float
    form: str


LINES = (
    Line("心血管", "drug", 85.0, 0.30, "片"),
    Line("抗感染", "drug", 62.0, 0.25, "注射液"),
    Line("肿瘤", "drug", 680.0, 0.28, "胶囊"),
    Line("介入耗材", "consumable", 1500.0, 0.40, "导管"),
    Line("外科耗材", "consumable", 190.0, 0.45, "缝合器"),
    Line("检验试剂", "reagent", 420.0, 0.42, "试剂盒"),
    Line("影像设备", "equipment", 950000.0, 0.62, "系统"),
    Line("监护设备", "equipment", 68000.0, 0.58, "监护仪"),
)
LINE_NAMES = np.array([line.name for line in LINES])
VBP_LINE = 1
N_FLOW_LINES = 6
N_FLOW = N_FLOW_LINES * PER_LINE
N_PRODUCTS = len(LINES) * PER_LINE
LINE_OF = np.repeat(np.arange(len(LINES)), PER_LINE)
PRODUCT_IDS = np.array([f"P{i + 1:03d}" for i in range(N_PRODUCTS)])
_SYLLABLES = ("安", "络", "维", "瑞", "诺", "康", "泰", "舒", "欣", "益")


def products(seed: int) -> pd.DataFrame:
    """Return the product table (money in cents); list_price is the price before any cut."""
    rng = stream(seed, "products")
    middle = np.array([line.price for line in LINES])[LINE_OF]
    price = np.round(middle * rng.lognormal(0, 0.45, N_PRODUCTS) * 100).astype(np.int64)
    share = np.array([line.cost_share for line in LINES])[LINE_OF]
    cost = np.round(price * share * rng.uniform(0.85, 1.15, N_PRODUCTS)).astype(np.int64)
    cut = LINE_OF == VBP_LINE
    within = np.arange(N_PRODUCTS) % PER_LINE
    generic = [f"{LINES[k].name}{_SYLLABLES[i]}" for k, i in zip(LINE_OF, within, strict=True)]
    name = [f"{g}{LINES[k].form}" for g, k in zip(generic, LINE_OF, strict=True)]
    return pd.DataFrame(
        {
            "product_id": PRODUCT_IDS,
            "name": name,
            "generic_name": generic,
            "product_line": LINE_NAMES[LINE_OF],
            "category": np.array([line.category for line in LINES])[LINE_OF],
            "list_price": price,
            "cost": cost,
            "vbp_status": np.where(cut, "won", "none"),
            "vbp_on": np.where(cut, VBP_ON, np.datetime64("NaT", "D")),
        }
    )


def monthly_prices(table: pd.DataFrame) -> Floats:
    """Return price in cents, product x month: the VBP line falls from its date on."""
    prices = np.repeat(table["list_price"].to_numpy(np.float64)[:, None], N_MONTHS, axis=1)
    prices[LINE_OF == VBP_LINE, VBP_MONTH:] *= 1 - VBP_CUT
    return np.round(prices)
