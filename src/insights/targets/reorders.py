"""Which reorders are overdue, and what usually comes with them?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from insights.params import TargetsParams

OVERDUE = (
    "customer_id", "name", "region_id", "products", "product_ids", "usual_amount",
    "usual_interval_days", "days_since", "overdue_ratio", "last_on",
)  # fmt: skip
CYCLE = ("product_line", "pairs", "median_days", "overdue", "overdue_share", "usual_amount")


@dataclass(frozen=True)
class Alarms:
    """Earlier alarms of a late reorder: how many, and the shares that stayed without an order.

    ``silent`` is of those raised, ``silent_without`` of pairs without an alarm.
    """

    raised: int = 0
    silent: float = float("nan")
    silent_without: float = float("nan")


def overdue_pairs(cycles: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Return the customer-product pairs of ``purchase_cycles`` whose reorder is overdue.

    Days since the last purchase exceed ``reorder_ratio`` usual intervals, and the customer has
    not been silent for so long that it is lost rather than late.
    """
    late = (cycles.overdue_ratio > params.reorder_ratio) & (
        cycles.days_since <= params.reorder_lapsed_days
    )
    return cycles[late].reset_index(drop=True)


def overdue_customers(pairs: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Whom to ask about which reorder? A row a customer, the most usual money first.

    Columns OVERDUE: product_ids are the overdue ones, the most usual money first; interval, days
    and ratio are those of the first of them.
    """
    order = ["customer_id", "usual_amount", "product_id"]
    rows = pairs.sort_values(order, ascending=[True, False, True])
    grouped = rows.groupby("customer_id", sort=True)
    found = grouped.agg(
        region_id=("region_id", "first"), products=("product_id", "size"),
        product_ids=("product_id", lambda ids: ", ".join(ids)),
        usual_amount=("usual_amount", "sum"), usual_interval_days=("median_days", "first"),
        days_since=("days_since", "first"), overdue_ratio=("overdue_ratio", "first"),
        last_on=("last_on", "max"),
    ).reset_index()  # fmt: skip
    named = found.assign(name=found.customer_id.map(names).fillna(found.customer_id))
    cents = named.usual_amount.round(2)
    ordered = named.assign(usual_amount=cents).sort_values(
        ["usual_amount", "customer_id"], ascending=[False, True], ignore_index=True
    )
    return ordered.loc[:, list(OVERDUE)]


def alarms_kept(
    earlier: pd.DataFrame, now: pd.DataFrame, days: int, params: TargetsParams
) -> Alarms:
    """How often did an alarm raised ``days`` ago hold: no order at all since then?

    ``earlier`` and ``now`` are ``purchase_cycles`` as of then and as of today. Pairs that were
    lost already then are left out.
    """
    pair = ["customer_id", "product_id"]
    alive = earlier[earlier.days_since <= params.reorder_lapsed_days]
    later = alive.merge(now[[*pair, "days_since"]], on=pair, suffixes=("", "_now"))
    silent = (later.days_since_now >= later.days_since + days).astype("float64")
    raised = later.overdue_ratio > params.reorder_ratio
    return Alarms(int(raised.sum()), float(silent[raised].mean()), float(silent[~raised].mean()))


def cycles_by_line(
    cycles: pd.DataFrame, pairs: pd.DataFrame, params: TargetsParams
) -> pd.DataFrame:
    """How often is each product line reordered, and how much of it is overdue?

    Columns CYCLE: pairs of customer and product that are alive, the median of their usual
    intervals, how many are overdue, and the money that usually comes with those.
    """
    alive = cycles[cycles.days_since <= params.reorder_lapsed_days]
    lines = alive.groupby("product_line").agg(
        pairs=("product_id", "size"), median_days=("median_days", "median")
    )
    late = pairs.groupby("product_line").agg(
        overdue=("product_id", "size"), usual_amount=("usual_amount", "sum")
    )
    both = lines.join(late).fillna({"overdue": 0, "usual_amount": 0.0})
    both = both.assign(overdue_share=both.overdue / both.pairs).reset_index()
    return both.sort_values("product_line", ignore_index=True).loc[:, list(CYCLE)]
