"""What of the targets adds up over regions."""

from __future__ import annotations

import pandas as pd

from insights.tables.totals import by_region, in_cents, side_by_side


def target_totals(
    cells: pd.DataFrame, year: pd.Timestamp, won: pd.DataFrame, attained: pd.DataFrame,
    reorders: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Add up the year's sales, sell-through, targets of regions, new customers and late reorders.

    ``cells`` are those of the scope company, ``won`` this year's first purchases that count,
    ``attained`` this year's rows of leaf regions, ``reorders`` customers with overdue ones.
    """
    now = cells[cells.month >= year]
    parts = [
        by_region(pd.DataFrame({"region_id": own.region_id, f"{name}_this_year_cents": own.cents}))
        for name, own in (
            ("sales", now[now.metric == "sales"]),
            ("sell_through", now[now.metric == "sell_through"]),
        )
    ]
    target = attained[["region_id"]].assign(target_this_year_cents=in_cents(attained.target))
    usual = in_cents(reorders.usual_amount)
    late = reorders[["region_id"]].assign(overdue_customers=1, overdue_reorders_cents=usual)
    new = won[["region_id"]].assign(new_customers=1)
    return side_by_side([*parts, by_region(target), by_region(new), by_region(late)])
