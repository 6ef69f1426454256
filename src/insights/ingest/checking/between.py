"""What is wrong between tables: references, payments before invoices, due dates, lonely dates."""

from __future__ import annotations

import pandas as pd
from ibis.expr.types import Table as Expr

from insights.ingest.checking.finding import Finding, find, findings
from insights.ingest.rules import RAW
from insights.tables import CANONICAL, EVENTS, sensible_span
from insights.words import N_, _

OWN_STOCK = "own"  # a holder of stock that is no customer
DANGLING = N_("points nowhere: {target} has no such {key}")


def dangling(name: str, rows: Expr, found: dict[str, Expr], limit: int) -> list[Finding]:
    """Which references of a table point at a row that its target has not?"""
    parts = []
    for column in CANONICAL[name].columns:
        target, _dot, key = (column.references or "").partition(".")
        if target not in found or column.name not in rows.columns:
            continue
        known = found[target].select(_known=key).distinct()
        pointing = rows.filter(rows[column.name].notnull())
        if name == "stock":
            pointing = pointing.filter(pointing[column.name] != OWN_STOCK)
        lost = pointing.anti_join(known, pointing[column.name] == known["_known"])
        reason = _(DANGLING).format(target=target, key=key)
        parts.append(find(name, column.name, reason, lost, column.name, limit))
    return findings(parts)


def early_payments(found: dict[str, Expr], limit: int) -> list[Finding]:
    """Which payments came before their invoice was issued?"""
    if not {"payments", "invoices"} <= set(found) or "invoice_id" not in found["payments"].columns:
        return []
    invoices, payments = found["invoices"], found["payments"]
    issued = invoices.group_by(_invoice="invoice_id").aggregate(_issued=invoices.issued_on.min())
    both = payments.inner_join(issued, payments.invoice_id == issued["_invoice"])
    early = both.filter(both.paid_on < both["_issued"])
    reason = _("paid before its invoice was issued")
    return find("payments", "paid_on", reason, early, RAW + "paid_on", limit)


def undated(found: dict[str, Expr], limit: int) -> list[Finding]:
    """Of which invoices can nobody say when they fall due?"""
    if "invoices" not in found:
        return []
    rows = found["invoices"]
    for name in ("due_on", "term_days"):
        if name in rows.columns:
            rows = rows.filter(rows[name].isnull())
    customers = found.get("customers")
    if customers is not None and "payment_term_days" in customers.columns:
        dated = customers.filter(customers.payment_term_days.notnull()).select(_payer="customer_id")
        rows = rows.anti_join(dated, rows.customer_id == dated["_payer"])
    reason = _("no due date, and no term to reckon it from")
    return find("invoices", "due_on", reason, rows, "invoice_id", limit)


def lonely(found: dict[str, Expr], limit: int) -> list[Finding]:
    """Which dates lie more than a year from all others?"""
    dated = {
        name: str(CANONICAL[name].known_on)
        for name in EVENTS
        if name in found and CANONICAL[name].known_on in found[name].columns
    }
    counts = [
        rows.group_by(day=rows[column]).aggregate(n=rows.count()).execute()
        for name, column in dated.items()
        for rows in [found[name]]
    ]
    if not counts:
        return []
    first, last = sensible_span(pd.concat(counts).dropna().groupby("day").n.sum())
    words = _("more than a year away from all other dates ({first} to {last})")
    reason = words.format(first=first, last=last)
    return findings([
        find(name, column, reason, far, RAW + column, limit)
        for name, column in dated.items()
        for far in [
            found[name].filter((found[name][column] < first) | (found[name][column] > last))
        ]
    ])  # fmt: skip
