"""Channel stuffing: goods pushed into distributors are shipments, not demand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import StrategyParams
from insights.strategy.comparable.sides import FEWEST, apart_p, untested
from insights.strategy.gates import Gate
from insights.words import _

SHIPPED = ("sales", "quantity")


def stuffing_check() -> str:
    """Return what this gate is called."""
    return _("shipments against sell-through, change after the start")


def by_construction(metric: str) -> Gate:
    """Say why a metric cannot be raised by filling the channel."""
    if metric == "sell_through":
        why = _("sell-through is what left the distributor")
    else:
        why = _("{metric} counts no shipments").format(metric=metric)
    return Gate(stuffing_check(), _("holds by construction"), why, True)


def stuffing_gate(flows: pd.DataFrame, behind_treated: pd.Series, params: StrategyParams) -> Gate:
    """Did shipments to the treated units' distributors outrun what these sold on?

    ``flows`` as of ``sell_in``; ``behind_treated`` says so by distributor, all of them where the
    units cannot be tied to distributors. The figure is the change of shipments over sell-through,
    treated against comparison, or alone without any.
    """
    known = flows.reindex(behind_treated.index)
    known = known.dropna(subset=["sell_out_before", "sell_out_after"])
    whose = behind_treated.reindex(known.index)
    if not whose.any():
        return untested(
            stuffing_check(), _("sell-through of the distributors behind the treated units")
        )
    own, other = _change(known[whose]), _change(known[~whose])
    if not np.isfinite(own):
        return untested(
            stuffing_check(), _("shipments and sell-through on both sides of the start")
        )
    excess = (1 + own) / (1 + other) - 1 if np.isfinite(other) else own
    return _judged(excess, own, other, known, whose, params)


def _judged(
    excess: float, own: float, other: float, known: pd.DataFrame, whose: pd.Series,
    params: StrategyParams,
) -> Gate:  # fmt: skip
    compared = np.isfinite(other)
    sign = -1.0 if params.direction == "down" else 1.0
    likely = sign * excess > params.stuffing_bound
    if likely and compared and min(whose.sum(), (~whose).sum()) >= FEWEST:
        logs = _logs(known)
        likely = apart_p(logs[whose], logs[~whose]) < params.gate_alpha
    value = _("{own:+.1%} against {other:+.1%}") if compared else _("{own:+.1%}")
    bound = _("apart by at most {bound:.0%} unless by chance") if compared else _(
        "at most {bound:.0%}; no comparison distributors")  # fmt: skip
    return Gate(
        stuffing_check(), value.format(own=own, other=other),
        bound.format(bound=params.stuffing_bound), not likely, _reason(own, other, known, whose),
    )  # fmt: skip


def _reason(own: float, other: float, known: pd.DataFrame, whose: pd.Series) -> str:
    text = _("shipments to the treated units' distributors changed by {own:+.0%} against what "
             "these sold on").format(own=own)  # fmt: skip
    if np.isfinite(other):
        text += _(", by {other:+.0%} for comparison distributors").format(other=other)
    stock = known.loc[whose, ["stock_months_before", "stock_months_after"]].median()
    if stock.notna().all():
        text += _(" (their stock: {before:.1f}, then {after:.1f} months)").format(
            before=stock.iloc[0], after=stock.iloc[1]
        )
    return text + _(": the channel was filled or emptied, which shipments cannot tell from demand; "
                    "judge by what they sold on")  # fmt: skip


def distributor_sides(ties: pd.DataFrame, treated: pd.Index) -> pd.Series:
    """Return whether each distributor stands behind treated units: whoever orders more of it.

    ``ties`` as of ``distributors_of``, of treated and comparison units.
    """
    sized = ties.assign(own=ties.unit_id.isin(treated), amount=ties.amount.clip(lower=0).fillna(0))
    sums = sized.pivot_table(
        index="distributor_id", columns="own", values="amount", aggfunc="sum", fill_value=0.0
    ).reindex(columns=[False, True], fill_value=0.0)
    return sums[True] > sums[False]


def _change(flows: pd.DataFrame) -> float:
    """Return the change of shipments over sell-through of some distributors together."""
    sums = flows.sum()
    figures = [sums[f"sell_{way}_{side}"] for way in ("in", "out") for side in ("before", "after")]
    if len(flows) == 0 or min(figures) <= 0:
        return float("nan")
    in_before, in_after, out_before, out_after = figures
    return float((in_after / out_after) / (in_before / out_before) - 1)


def _logs(flows: pd.DataFrame) -> pd.Series:
    held = flows.where(flows > 0)
    after = held.sell_in_after / held.sell_out_after
    change = after / (held.sell_in_before / held.sell_out_before)
    return change.map(np.log)
