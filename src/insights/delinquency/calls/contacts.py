"""What was said and promised before? The rows of ``dunning``, each with what it concerns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from insights.delinquency.calls.promises import promise_states
from insights.features import known
from insights.features.ledger import FAULT_COLUMNS, Ledger, day_numbers
from insights.tables import Tables
from insights.words import _

READ = ["dunning_id", "invoice_id", "customer_id", "contacted_on", "channel", "result",
        "promised_on", "promised_amount"]  # fmt: skip
TEXTS = ["dunning_id", "invoice_id", "customer_id", "channel", "result", "promise"]
NO_ANSWER, DISPUTE, PAID = "no_answer", "dispute", "paid"
NOBODY = -1


@dataclass(frozen=True)
class Contacts:
    """Contacts by as_of in time order, and what is wrong with the rows.

    ``rows``: dunning_id, invoice_id (missing where the contact was about the whole customer),
    customer_id, contacted_on, day (its number), channel, result, promised_on, promised_cents,
    promise (kept, broken, pending, undated or empty) and until (day number: promised day plus
    grace). ``faults``: contacts that name nothing, or contradict the ledger. ``gap``: what the
    source lacks, in words.
    """

    rows: pd.DataFrame
    faults: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FAULT_COLUMNS))
    gap: str | None = None


def contacts_of(tables: Tables, ledger: Ledger, promise_grace_days: int) -> Contacts:
    """Which contacts were made by the ledger's as_of, about what, and were the promises kept?

    A row that names an invoice of the ledger concerns that invoice and its payer; one that names
    only a customer, or an unknown invoice beside a known customer, concerns all that the customer
    owed then. Rows without a date, and rows that name nothing of this ledger, are listed as faults
    and left out. Without ``dunning`` there are no rows, and ``gap`` says so.
    """
    found = known(tables, "dunning", ledger.as_of).select(*READ).execute()
    placed = _placed(found, ledger)
    used = placed[placed.usable].sort_values(
        ["day", *TEXTS[:-1], "promised_on", "promised_cents"], ignore_index=True
    )
    rows = used.assign(invoice_id=used.invoice_id.where(used.by_invoice)).drop(
        columns=["by_invoice", "by_customer", "payer_id", "issued_on", "usable", "promised_amount"]
    )
    rows = promise_states(rows, ledger, promise_grace_days)
    return Contacts(rows, _faults(placed), tables.gap("dunning"))


def latest_contact(rows: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return each item's latest row of ``rows`` (of ``Contacts``), missing where there is none.

    A contact about an invoice concerns all its instalments; one about the customer, the items
    issued by then. ``items``: invoice_id, customer_id, issued_on. Same index.
    """
    by_invoice = _last_label(rows[rows.invoice_id.notna()], "invoice_id", items)
    by_customer = _last_label(rows[rows.invoice_id.isna()], "customer_id", items)
    day = rows.day.reindex(by_customer).fillna(-1).to_numpy("int64")
    issued = day >= day_numbers(items.issued_on)
    found = np.maximum(by_invoice, np.where(issued, by_customer, NOBODY))
    return rows.reindex(found).set_axis(items.index)


def _last_label(rows: pd.DataFrame, column: str, items: pd.DataFrame) -> np.ndarray:
    """Return the label of each item's last row by a column, NOBODY where there is none."""
    last = rows.drop_duplicates(column, keep="last")
    place = pd.Index(last[column]).get_indexer(pd.Index(items[column]))
    return np.append(last.index.to_numpy("int64"), NOBODY)[place]


def _placed(found: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Add payer and issue of the invoice that each row names, and what can be used of it."""
    texts = {name: found[name].astype("str") for name in TEXTS[:-1]}
    rows = found.assign(
        **texts,
        day=day_numbers(found.contacted_on),
        promised_cents=(found.promised_amount.astype("float64") * 100).round(),
    )
    invoices = ledger.items[["invoice_id", "customer_id", "issued_on"]]
    invoices = invoices.dropna(subset="invoice_id").drop_duplicates("invoice_id")
    rows = rows.merge(
        invoices.rename(columns={"customer_id": "payer_id"}), on="invoice_id", how="left"
    )
    by_invoice = rows.invoice_id.notna() & rows.issued_on.notna()
    by_customer = rows.customer_id.isin(ledger.items.customer_id.dropna().unique())
    return rows.assign(
        by_invoice=by_invoice,
        by_customer=by_customer,
        customer_id=rows.payer_id.where(by_invoice & rows.payer_id.notna(), rows.customer_id),
        stated_id=rows.customer_id,
        usable=rows.contacted_on.notna() & (by_invoice | by_customer),
    )


def _faults(placed: pd.DataFrame) -> pd.DataFrame:
    listed = [_listed(placed, *case) for case in (*_unplaced(placed), *_contradictions(placed))]
    return pd.concat(listed, ignore_index=True)


def _unplaced(placed: pd.DataFrame) -> list[tuple[str, pd.Series, str, str]]:
    """Return column, rows, reason and remedy of what has no date or names nothing known."""
    unknown = placed.invoice_id.notna() & ~placed.by_invoice
    nothing = ~placed.by_invoice & ~placed.by_customer
    return [
        ("contacted_on", placed.contacted_on.isna(), _("no date; left out"), _("fill the date")),
        ("invoice_id", unknown & placed.by_customer,
         _("no such invoice in this ledger; read as a contact about the customer"),
         _("correct the invoice")),
        ("invoice_id", unknown & nothing,
         _("no such invoice in this ledger, and no customer of it; left out"),
         _("correct the invoice or fill the customer")),
        ("customer_id", nothing & ~unknown,
         _("names no invoice, and no customer of this ledger; left out"),
         _("fill the invoice or the customer")),
    ]  # fmt: skip


def _contradictions(placed: pd.DataFrame) -> list[tuple[str, pd.Series, str, str]]:
    """Return column, rows, reason and remedy of what the ledger or the row itself contradicts."""
    foreign = placed.by_invoice & placed.stated_id.notna() & placed.payer_id.notna()
    return [
        ("stated_id", foreign & (placed.stated_id != placed.payer_id),
         _("another customer than the invoice's; the invoice decides"), _("check the customer")),
        ("promised_on", placed.promised_on < placed.contacted_on,
         _("promised for a day before the contact; counted from the contact"),
         _("check both dates")),
    ]  # fmt: skip


def _listed(
    rows: pd.DataFrame, column: str, at_fault: pd.Series, reason: str, remedy: str
) -> pd.DataFrame:
    odd = rows[at_fault].sort_values(["dunning_id", "day"])
    return pd.DataFrame(
        {
            "table": "dunning",
            "row": odd.dunning_id,
            "column": column.replace("stated_id", "customer_id"),
            "value": odd[column].astype("str"),
            "reason": reason,
            "remedy": remedy,
        },
        columns=FAULT_COLUMNS,
    ).astype("str")
