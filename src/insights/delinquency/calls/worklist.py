"""Every open item with what a credit controller must know of it, and its next step."""

from __future__ import annotations

import pandas as pd

from insights.delinquency.calls.contacts import Contacts, latest_contact
from insights.delinquency.calls.limitation import limitation_of
from insights.delinquency.calls.owners import owners_of
from insights.delinquency.calls.promises import BROKEN
from insights.delinquency.calls.schedule import next_steps, promises_of
from insights.features.ledger import Ledger
from insights.params import DelinquencyParams

ITEM_COLUMNS = [
    "customer_id", "name", "region_id", "customer_type", "owner", "state", "step", "channel",
    "stage", "next_on", "step_overdue_days", "invoice_id", "instalment_no", "kind",
    "product_line", "issued_on", "due_on", "days_past_due", "open_cents", "exposure", "grade",
    "probability", "reasons", "amount_at_risk", "default_probability", "loss_given_default",
    "expected_loss", "days_late", "cost_of_delay", "disputed_on", "dispute_days",
    "last_contact_on", "last_channel", "last_result", "promise_id", "promise_made_on",
    "promised_on", "promised_amount", "promise", "promises_broken", "limitation",
    "limitation_from_on", "restarted_on", "restarted_by", "expires_on", "limitation_days",
]  # fmt: skip


def item_list(
    invoices: pd.DataFrame, ledger: Ledger, contacts: Contacts, params: DelinquencyParams
) -> pd.DataFrame:
    """What is known of each open item, and what comes next? A row an item, index as ``invoices``.

    ``invoices``: ``Delinquency.invoices`` of the whole company (its index is the item's position
    in ``ledger.items``). Adds amount_at_risk (exposure x probability), owner, last contact, latest
    promise and its state, promises_broken of the invoice, next step (``next_steps``) and
    limitation (``limitation_of``).
    Slice by region_id only afterwards. Columns: ITEM_COLUMNS (without region_id where unknown).
    """
    terms = ledger.items.loc[invoices.index, "term_days"]
    rows = invoices.assign(
        term_days=terms,
        owner=owners_of(invoices, params),
        amount_at_risk=invoices.exposure * invoices.probability,
    )
    found = rows.join(
        [
            next_steps(rows, ledger, contacts, params),
            _said_before(rows, contacts),
            limitation_of(ledger, contacts, params),
        ]
    )
    return found[[name for name in ITEM_COLUMNS if name in found]]


def _said_before(items: pd.DataFrame, contacts: Contacts) -> pd.DataFrame:
    last = latest_contact(contacts.rows, items)
    promise = promises_of(items, contacts)
    broken = contacts.rows[contacts.rows.promise == BROKEN].groupby("invoice_id").size()
    return pd.DataFrame(
        {
            "last_contact_on": last.contacted_on,
            "last_channel": last.channel,
            "last_result": last.result,
            "promise_id": promise.dunning_id,
            "promise_made_on": promise.contacted_on,
            "promised_on": promise.promised_on,
            "promised_amount": promise.promised_cents / 100,
            "promise": promise.promise.fillna(""),
            "promises_broken": items.invoice_id.map(broken).fillna(0).astype("int64"),
        },
        index=items.index,
    )
