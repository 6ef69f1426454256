"""What moved sales: price, volume and mix by line, and who contributed to the growth."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from insights.features.price_volume_mix import SOLD, price_volume_mix
from insights.words import _

PARTS = (
    "product_line", "vbp", "before", "after", "change", "price", "volume", "mix", "new",
    "vanished", "loose",
)  # fmt: skip
CONTRIBUTION = (
    "of", "id", "before", "after", "change", "growth", "points", "share_of_growth",
    "share_before", "share_after", "share_moved", "reason",
)  # fmt: skip
TOTAL = "total"


def price_parts(sold: pd.DataFrame, until: dt.date) -> pd.DataFrame:
    """Why did the money of each product line change? Price, volume and mix, adding up exactly.

    ``sold`` as of ``traded_products`` (any regions, added together); products under volume-based
    procurement by ``until`` stand in rows of their own (``vbp``), so that a tender's price cut is
    not read as a lost line. Columns PARTS in CNY, the last row is the total; price + volume + mix
    = change in every row. (formulas: sales, price–volume–mix.)
    """
    if sold.empty:
        return pd.DataFrame(columns=list(PARTS))
    marked = sold.assign(vbp=sold.vbp_on.notna() & (sold.vbp_on <= pd.Timestamp(until)))
    rows = [
        _part(own) | {"product_line": line, "vbp": bool(vbp)}
        for (line, vbp), own in marked.groupby(["product_line", "vbp"], sort=True)
    ]
    frame = pd.DataFrame(rows)
    numbers = [name for name in PARTS if name not in ("product_line", "vbp")]
    whole = frame[numbers].sum().to_dict() | {"product_line": TOTAL, "vbp": False}
    return pd.concat([frame, pd.DataFrame([whole])], ignore_index=True).loc[:, list(PARTS)]


def contributions(sold: pd.DataFrame, of: str, flat: float) -> pd.DataFrame:
    """Who contributed to the growth, and how did shares of sales move?

    ``of`` is the column of ``sold`` that names who (unit_id for regions, product_line). Columns
    CONTRIBUTION sorted by id: points are the change as a share of all sales before, so that they
    add up to the growth; share_of_growth is the change over the whole change, withheld (with its
    ``reason``) where the whole moved by less than ``flat`` of the sales before or signs mix.
    """
    money = _money(sold).groupby(sold[of]).sum()
    rows = money.assign(change=money.after - money.before).sort_index()
    before, after, change = (float(rows[name].sum()) for name in ("before", "after", "change"))
    reason = _withheld(rows.change, before, flat)
    nan = float("nan")
    shares = (rows.before / (before or nan), rows.after / (after or nan))
    found = rows.assign(
        of="region" if of == "unit_id" else of,
        id=rows.index.astype("str"),
        growth=rows.change / rows.before.where(rows.before > 0),
        points=rows.change / (before if before > 0 else nan),
        share_of_growth=nan if reason else rows.change / (change or nan),
        share_before=shares[0], share_after=shares[1], share_moved=shares[1] - shares[0],
        reason=reason,
    )  # fmt: skip
    return found.reset_index(drop=True).loc[:, list(CONTRIBUTION)]


def _part(sold: pd.DataFrame) -> dict[str, float]:
    found = price_volume_mix(sold[list(SOLD)])
    numbers = ("before", "after", "change", "price", "volume", "mix", "new", "vanished", "loose")
    return {name: getattr(found, name) for name in numbers}


def _money(sold: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "before": (sold.amount_before + sold.loose_before).round(2),
            "after": (sold.amount_after + sold.loose_after).round(2),
        }
    )


def _withheld(change: pd.Series, before: float, flat: float) -> str:
    """Say why shares of the growth would mislead, or nothing."""
    moved = np.sign(change.round(2))
    if before <= 0:
        return _("nothing was sold before")
    if abs(change.sum()) < flat * before:
        return _("sales as a whole hardly moved")
    if (moved > 0).any() and (moved < 0).any():
        return _("some grew and some fell")
    return ""
