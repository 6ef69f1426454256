"""What is owed and what settles it, as Ibis expressions over the tables known on a date."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import BooleanValue, DateValue, IntegerValue, StringValue, Table
from ibis.expr.types import Table as Expr

from insights.features.known import known, master, one_a_key
from insights.tables import Tables

CUSTOMER_COLUMNS = (
    "name",
    "region_id",
    "customer_type",
    "hospital_level",
    "ownership",
    "credit_limit",
    "payment_term_days",
)


def receivables(tables: Tables, as_of: dt.date) -> Expr:
    """Which items had been claimed by as_of? One row an instalment, money in whole cents.

    ``due_on`` is the stated date, else acceptance (else issue) plus the item's term, else plus the
    customer's. ``first_due_on`` is what it was on the day of issue, before a later acceptance:
    cash is queued by it, so that what was allocated does not move when an acceptance is entered.
    """
    rows = known(tables, "invoices", as_of)
    rows = rows.filter(~_is_credit(rows))
    rows = _with_customer(tables, rows, as_of)
    rows = _with_vbp(tables, rows, as_of)
    rows = _with_line_type(tables, rows, as_of)
    term = ibis.coalesce(rows.term_days, rows.payment_term_days)
    accepted_at_issue = rows.accepted_on <= rows.issued_on
    return rows.mutate(
        amount_cents=_cents(rows.amount),
        limit_cents=_cents(rows.credit_limit),
        kind=rows.kind.fill_null("invoice"),
        currency=_currency(rows),
        term_days=term,
        stated_due_on=rows.due_on,
        due_on=ibis.coalesce(
            rows.due_on, _days_after(ibis.coalesce(rows.accepted_on, rows.issued_on), term)
        ),
        first_due_on=ibis.coalesce(
            rows.due_on,
            _days_after(ibis.ifelse(accepted_at_issue, rows.accepted_on, rows.issued_on), term),
        ),
    ).drop("amount", "credit_limit", "payment_term_days", "order_id", "credits_invoice_id")


def currencies(tables: Tables, as_of: dt.date) -> Expr:
    """In which currency is each row claimed or credited by as_of? CNY where it does not say."""
    rows = known(tables, "invoices", as_of)
    return rows.select("invoice_id", "instalment_no", currency=_currency(rows))


def settlements(tables: Tables, as_of: dt.date) -> Expr:
    """What reduced the items by as_of? Payments, credit notes and write-offs in one shape.

    Cents are positive when they reduce what is owed. A refund is negative, and so is a write-off
    taken back because the money came after all: the payment beside it settles the item anew.
    """
    parts = [_cash(tables, as_of), _credits(tables, as_of), _losses(tables, as_of)]
    return ibis.union(*parts, distinct=False)


def _cash(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "payments", as_of)
    return rows.select(
        source=ibis.literal("payment"),
        settlement_id=rows.payment_id,
        customer_id=rows.customer_id,
        invoice_id=rows.invoice_id,
        instalment_no=rows.instalment_no,
        settled_on=rows.paid_on,
        cents=_cents(rows.amount),
        wrong_sign=ibis.literal(False),
    )


def _credits(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "invoices", as_of)
    rows = rows.filter(_is_credit(rows))
    return rows.select(
        source=ibis.literal("credit_note"),
        settlement_id=rows.invoice_id,
        customer_id=rows.customer_id,
        invoice_id=rows.credits_invoice_id,
        instalment_no=ibis.null("int64"),
        settled_on=rows.issued_on,
        cents=_cents(rows.amount).abs(),
        wrong_sign=(rows.amount > 0).fill_null(False),
    )


def _losses(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "writeoffs", as_of)
    return rows.select(
        source=ibis.literal("writeoff"),
        settlement_id=rows.writeoff_id,
        customer_id=ibis.null("string"),
        invoice_id=rows.invoice_id,
        instalment_no=ibis.null("int64"),
        settled_on=rows.written_off_on,
        cents=_cents(rows.amount),
        wrong_sign=ibis.literal(False),
    )


def _is_credit(rows: Table) -> BooleanValue:
    return (rows.kind.fill_null("") == "credit_note") | (rows.amount.fill_null(0) < 0)


def _currency(rows: Table) -> StringValue:
    return rows.currency.strip().upper().nullif("").fill_null("CNY")


def _cents(amount: ibis.Value) -> IntegerValue:
    return (amount * 100).cast("int64")


def _days_after(start: DateValue, days: IntegerValue) -> DateValue:
    return (start + days.as_interval("D")).cast("date")


def _with_customer(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    customers = master(tables, "customers", as_of)
    customers = customers.select(
        payer_id=customers.customer_id, **{name: customers[name] for name in CUSTOMER_COLUMNS}
    )
    joined = rows.left_join(customers, rows.customer_id == customers.payer_id)
    return joined.drop("payer_id")


def _with_vbp(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    """Add ``vbp_on``: since when the ordered products of the line are bought by volume."""
    products = tables["products"]
    won = products.filter((products.vbp_status == "won") & products.vbp_on.notnull())
    orders = known(tables, "orders", as_of)
    lines = orders.join(won, orders.product_id == won.product_id)
    first = lines.group_by(
        vbp_order_id=lines.order_id, vbp_line=lines.product_line.fill_null("")
    ).aggregate(vbp_on=lines.vbp_on.min())
    found = rows.left_join(
        first,
        (rows.order_id == first.vbp_order_id) & (rows.product_line.fill_null("") == first.vbp_line),
    )
    return found.drop("vbp_order_id", "vbp_line")


def _with_line_type(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    """Add ``line_type``: drug where the line's order has a drug in it, else the seller's own.

    The goods decide first: a drug's invoice is one even under a device representative. Where the
    invoice or the product names no line, any drug of the order counts.
    """
    reps = one_a_key(tables["reps"], "rep_id")
    reps = reps.select(seller_id=reps.rep_id, seller_type=reps.line_type)
    found = rows.left_join(reps, rows.rep_id == reps.seller_id)
    drug = _sells_drugs(tables, found, as_of)
    typed = drug.mutate(line_type=ibis.ifelse(drug.is_drug, "drug", drug.seller_type))
    return typed.drop("seller_id", "seller_type", "is_drug")


def _sells_drugs(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    """Add ``is_drug``: whether the order behind each item has a drug of its line in it."""
    lines = _drug_lines(tables, as_of)
    orders = lines.group_by(drug_order_id=lines.order_id).aggregate(
        unnamed=lines.count(where=lines.line == "")
    )
    lines = lines.select(line_order_id="order_id", drug_line="line")
    found = rows.left_join(orders, rows.order_id == orders.drug_order_id)
    line = found.product_line.fill_null("")
    found = found.left_join(
        lines, (found.order_id == lines.line_order_id) & (line == lines.drug_line)
    )
    any_line = (found.product_line.fill_null("") == "") | (found.unnamed > 0)
    drug = (found.drug_order_id.notnull() & any_line) | found.drug_line.notnull()
    return found.mutate(is_drug=drug).drop("drug_order_id", "unnamed", "line_order_id", "drug_line")


def _drug_lines(tables: Tables, as_of: dt.date) -> Expr:
    """Return order_id and line of the drugs in each order, once each, empty where not named."""
    products = tables["products"]
    drugs = products.filter(products.category == "drug").select("product_id", "product_line")
    drugs = one_a_key(drugs, "product_id")
    orders = known(tables, "orders", as_of).select("order_id", sold_id="product_id")
    sold = orders.join(drugs, orders.sold_id == drugs.product_id)
    return sold.select("order_id", line=sold.product_line.fill_null("")).distinct()
