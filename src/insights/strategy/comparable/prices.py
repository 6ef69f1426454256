"""Price events beside a strategy: how prices moved, and what moved them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.price_volume_mix import (
    FIGURES,
    PRODUCT,
    PriceVolumeMix,
    price_volume_mix,
    product_parts,
)
from insights.features.windows import Windows
from insights.params import StrategyParams
from insights.strategy.comparable.sides import Sides, untested
from insights.strategy.gates import Gate
from insights.words import _, listing, signed

# The share of a price move that named products must make for an event to explain it.
EXPLAINED = 0.5
SPLIT = (
    "side", "units", "before", "after", "change", "price", "volume", "mix", "new", "vanished",
    "loose",
)  # fmt: skip


@dataclass(frozen=True)
class SoldBySide:
    """What each side took of each product before and after (columns as of ``products_sold``)."""

    treated: pd.DataFrame
    comparison: pd.DataFrame


def sold_by_side(sold: pd.DataFrame, sides: Sides) -> SoldBySide:
    """Add up what units took, side by side; other units are left out."""
    treated, comparison = (
        sold[sold.unit_id.isin(ids)].groupby(PRODUCT, dropna=False, as_index=False)[FIGURES].sum()
        for ids in (sides.treated, sides.comparison)
    )
    return SoldBySide(treated, comparison)


def price_check() -> str:
    """Return what this gate is called."""
    return _("price change, treated against comparison")


def price_gate(
    sold: SoldBySide | None, missing: str, windows: Windows | None, params: StrategyParams
) -> Gate:
    """Did prices move otherwise for treated than for comparison units?

    The outcome stands at prices of before, so no price move is in the effect; but a price event
    moves demand as well. ``sold`` is None with what is ``missing``.
    """
    check = price_check()
    if sold is None or windows is None:
        return untested(check, missing)
    own, other = price_move(sold.treated), price_move(sold.comparison)
    if np.isnan(own):
        return untested(check, _("sales of the treated units after the start"))
    event = vbp_words(sold.treated, windows)
    other = 0.0 if np.isnan(other) else other
    if max(own, other) <= -1:
        return untested(check, _("money for what was taken after the start"))
    return Gate(
        check, _("{own} against {other}").format(own=signed(own), other=signed(other)),
        _("apart by at most {bound:.0%}").format(bound=params.price_bound),
        abs(own - other) <= params.price_bound,
        _("prices of what the treated units buy moved by {own:+.1%} after the start, against "
          "{other:+.1%} for the comparison units: {event}, and the demand it moved cannot be told "
          "from the strategy").format(
              own=own, other=other, event=event or _("a price event coincides")),
    )  # fmt: skip


def price_note(sold: SoldBySide | None, gate: Gate) -> tuple[str, ...]:
    """Say what moved the treated units' money, where prices stand in the way of a verdict."""
    if sold is None or gate.passed:
        return ()
    split = split_words(price_volume_mix(sold.treated))
    return (_("what the treated units bought, per year: {split}").format(split=split),)


def price_move(sold: pd.DataFrame) -> float:
    """Return how far prices moved, as a share of what was taken after at prices of before."""
    split = price_volume_mix(sold)
    constant = split.after - split.price
    return split.price / constant if constant > 0 else float("nan")


def vbp_words(sold: pd.DataFrame, windows: Windows) -> str:
    """Name the volume-based procurement that explains most of a price move; empty if none does."""
    parts = product_parts(sold)
    moved = float(parts.price.sum())
    dated = pd.to_datetime(parts.vbp_on)
    within = (dated >= pd.Timestamp(windows.before_from)) & (dated < pd.Timestamp(windows.after_to))
    struck = parts[within].assign(vbp_on=dated[within])
    share = float(struck.price.sum()) / moved if moved else 0.0
    if share < EXPLAINED:
        return ""
    lines = struck.groupby(["product_line", "vbp_on"], dropna=False).price.sum().sort_values()
    names = [
        _("{line} on {day:%Y-%m-%d}").format(line=line if isinstance(line, str) else "–", day=day)
        for line, day in lines.index
    ]
    return _("volume-based procurement (VBP) of {lines} explains {share:.0%} of it").format(
        lines=listing(names, 3), share=share
    )


def price_split(sides: Sides, sold: SoldBySide | None) -> pd.DataFrame:
    """Return price, volume and mix of each side: CNY per unit a year, columns SPLIT."""
    if sold is None:
        return pd.DataFrame(columns=list(SPLIT))
    rows = [
        _split_row(_("treated"), sold.treated, len(sides.treated)),
        _split_row(_("comparison"), sold.comparison, len(sides.comparison)),
    ]
    return pd.DataFrame(rows, columns=list(SPLIT))


def _split_row(side: str, sold: pd.DataFrame, count: int) -> tuple[object, ...]:
    split = price_volume_mix(sold)
    figures = [getattr(split, name) for name in SPLIT[2:]]
    return (side, count, *(figure / count if count else float("nan") for figure in figures))


def split_words(split: PriceVolumeMix) -> str:
    """Say a change in money and its parts in one sentence."""
    if not split.before > 0:
        return _("nothing was sold before: the change has no parts")
    shares = {name: getattr(split, name) / split.before for name in ("change", "price")}
    text = _("money changed by {change:+.1%}: price {price:+.1%}, volume {volume:+.1%}, mix "
             "{mix:+.1%}").format(
        **shares, volume=split.volume / split.before, mix=split.mix / split.before
    )  # fmt: skip
    if split.new or split.vanished:
        text += _("; of volume and mix, products not sold before {new:+.1%}, no longer sold "
                  "{gone:+.1%}").format(
            new=split.new / split.before, gone=-split.vanished / split.before
        )  # fmt: skip
    if split.loose:
        text += _("; {loose:+.1%} had no quantity and counts as volume").format(
            loose=split.loose / split.before
        )
    return text
