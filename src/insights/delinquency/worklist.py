"""Whom to call first: one row a customer, ranked by the money at risk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import DelinquencyParams
from insights.words import _

WORKLIST_COLUMNS = [
    "customer_id", "name", "amount_overdue", "amount_at_risk", "items", "oldest_days", "why",
    "action", "owner", "expected_loss", "cost_of_delay",
]  # fmt: skip
LEGAL_DAYS = 365
ESCALATE_DAYS = 90


def worklist(invoices: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """Return the customers worth a call: what is overdue and at risk, why, what to do, and who.

    A customer is worth a call when something is overdue or at risk, and loss and delay together
    cost more than the call. The owner is never a drug representative: the law forbids them to
    handle receivables.
    """
    if invoices.empty:
        return pd.DataFrame(columns=WORKLIST_COLUMNS)
    table = _by_customer(invoices)
    saved = (table.expected_loss + table.cost_of_delay).fillna(np.inf)
    worth = table[(saved >= params.call_cost) & (table.amount_overdue + table.amount_at_risk > 0)]
    ranked = worth.reset_index().sort_values(
        ["amount_at_risk", "amount_overdue", "customer_id"],
        ascending=[False, False, True],
        ignore_index=True,
    )
    steps = _next_steps(ranked, params.legal_minimum)
    why = _("largest: ") + ranked.why
    return ranked.assign(action=steps, why=why)[WORKLIST_COLUMNS]


def _by_customer(invoices: pd.DataFrame) -> pd.DataFrame:
    rows = invoices.assign(
        overdue=invoices.exposure.where(invoices.days_past_due > 0, 0.0),
        risk=(invoices.exposure * invoices.probability).fillna(0.0),
        over_a_year=invoices.exposure.where(invoices.days_past_due > LEGAL_DAYS, 0.0),
        device=invoices.line_type == "device",
    )
    groups = rows.groupby("customer_id")
    worst = rows.sort_values(
        ["risk", "overdue", "exposure", "invoice_id", "instalment_no"],
        ascending=[False, False, False, True, True],
    ).drop_duplicates("customer_id")
    table = pd.DataFrame(
        {
            "name": groups["name"].first(),
            "amount_overdue": groups.overdue.sum().round(2),
            "amount_at_risk": groups.risk.sum().round(2),
            "items": groups.size(),
            "oldest_days": groups.days_past_due.max().fillna(0).clip(lower=0).astype("int64"),
            "over_a_year": groups.over_a_year.sum(),
            "expected_loss": groups.expected_loss.sum(min_count=1).round(2),
            "cost_of_delay": groups.cost_of_delay.sum(min_count=1).round(2),
            "owner": np.where(
                groups.device.all(), _("device representative"), _("commercial owner")
            ),
        }
    )
    found = worst.set_index("customer_id")[["reasons", "days_past_due"]]
    return table.join(found.set_axis(["why", "worst_days"], axis=1))


def _next_steps(table: pd.DataFrame, legal_minimum: float) -> pd.Series:
    """Return the step for the item with most at risk, and for what is older than a year."""
    step = np.select(
        [table.worst_days > ESCALATE_DAYS, table.worst_days > 0, table.amount_overdue > 0],
        [
            _("senior call; agree a payment plan; hold new credit"),
            _("call; agree the date of payment"),
            _("call about what is overdue; confirm the next due date"),
        ],
        _("remind before the due date; confirm invoice and acceptance"),
    )
    legal = _("; formal demand for what is over a year late")
    return pd.Series(step, index=table.index) + np.where(
        table.over_a_year >= legal_minimum, legal, ""
    )
