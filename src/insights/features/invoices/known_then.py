"""What was known of an invoice and its payer on a day: at issue, or at any later scoring date.

Every figure is a sum over events dated on or before the day (``RunningSums``): no loop over
customers, and nothing after the day can change it.
"""

from __future__ import annotations

import pandas as pd

from insights.features.invoices.balances import balances
from insights.features.invoices.delays import past_delays
from insights.features.invoices.history import past_lateness
from insights.features.invoices.item import the_item
from insights.features.invoices.points import Points
from insights.features.invoices.runs import payment_runs
from insights.features.ledger import Ledger, due_at
from insights.features.promises import promises_kept
from insights.features.seasons import season


def invoice_features(
    ledger: Ledger, points: pd.DataFrame, grace_days: int, prior_invoices: float = 4.0
) -> pd.DataFrame:
    """What was known on each point's day? ``points``: item (position in the ledger), day (number).

    One row a point, float columns. Rates are drawn towards those of the payer's group, with the
    weight of ``prior_invoices`` matured items. A column that the source cannot fill is constant.
    """
    at = Points.of(ledger, points)
    due = due_at(ledger.items.take(at.item), at.day)
    return pd.DataFrame(
        past_lateness(ledger, at, grace_days, prior_invoices)
        | past_delays(ledger, at, prior_invoices)
        | payment_runs(ledger, at, grace_days, prior_invoices)
        | promises_kept(ledger, at.item, at.day, at.payer_of, prior_invoices)
        | balances(ledger, at)
        | the_item(ledger, at, grace_days)
        | season(due, grace_days),
        index=points.index,
    )
