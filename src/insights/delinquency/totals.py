"""What of the receivables adds up over regions."""

from __future__ import annotations

import pandas as pd

from insights.tables.totals import by_region, in_cents, side_by_side


def receivables_totals(invoices: pd.DataFrame, unallocated: pd.DataFrame) -> pd.DataFrame:
    """Count and add up open items and what settles none of them, by region, money in cents.

    Expected amounts are those of each item to the cent.
    """
    overdue = invoices.open_cents.where(invoices.days_past_due > 0, 0)
    items = _regions(invoices).assign(
        open_items=1,
        outstanding_cents=invoices.open_cents,
        overdue_cents=overdue,
        expected_late_cents=in_cents(invoices.exposure * invoices.probability),
        expected_loss_cents=in_cents(invoices.expected_loss),
        cost_of_delay_cents=in_cents(invoices.cost_of_delay),
    )
    loose = _regions(unallocated).assign(unallocated_cents=unallocated.cents)
    return side_by_side([by_region(items), by_region(loose)])


def allowance_totals(allowances: pd.DataFrame) -> pd.DataFrame:
    """Add up what is provided for, and the balance that has no rate, by region in cents."""
    bare = allowances.open_cents.where(allowances.allowance_cents.isna(), 0)
    rows = _regions(allowances).assign(allowance_cents=allowances.allowance_cents)
    return by_region(rows.assign(without_a_rate_cents=bare))


def _regions(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reindex(columns=["region_id"])
