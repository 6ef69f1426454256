"""Which customers should get no new goods on credit?"""

from __future__ import annotations

import pandas as pd

from insights.features.ledger import Ledger

HOLD_COLUMNS = [
    "customer_id", "name", "region_id", "credit_limit", "amount_open", "amount_overdue",
    "over_limit", "used_percent", "on_account", "oldest_days",
]  # fmt: skip


def orders_to_hold(ledger: Ledger) -> pd.DataFrame:
    """Who owes more than its limit and has something overdue? The most over the limit first.

    Cash and credits on account that settle nothing yet count against what is open. A customer
    without a limit cannot be over it and is not listed. Amounts in yuan.
    """
    rows = ledger.items[ledger.items.open_cents > 0]
    overdue = rows.open_cents.where(rows.days_past_due > 0, 0)
    groups = rows.assign(overdue=overdue).groupby("customer_id")
    table = groups[["name", "region_id", "limit_cents"]].first()
    table = table.assign(
        amount_open=groups.open_cents.sum() / 100,
        amount_overdue=groups.overdue.sum() / 100,
        on_account=on_account(ledger.unallocated).reindex(table.index, fill_value=0.0),
        oldest_days=groups.days_past_due.max().clip(lower=0),
        credit_limit=table.limit_cents / 100,
    )
    over = table.amount_open - table.on_account - table.credit_limit
    used = 100 * (table.amount_open - table.on_account) / table.credit_limit.where(lambda v: v > 0)
    held = table.assign(over_limit=over.round(2), used_percent=used.round(1))
    held = held[(over > 0) & (table.amount_overdue > 0)].reset_index()
    order = held.sort_values(["over_limit", "customer_id"], ascending=[False, True])
    return order[HOLD_COLUMNS].reset_index(drop=True)


def on_account(unallocated: pd.DataFrame) -> pd.Series:
    """Return by customer the cash and credits that settle nothing, in yuan; none below zero."""
    received = unallocated[unallocated.source.isin(("payment", "credit_note"))]
    sums = received.groupby("customer_id").cents.sum() / 100
    return sums[sums > 0]
