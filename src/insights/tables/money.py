"""What is owed, paid, promised and lost."""

from __future__ import annotations

from insights.tables.columns import Column, Table

TABLES = (
    Table(
        "invoices",
        "receivables, an instalment a row",
        (
            Column("invoice_id", "id", key=True, required=True),
            Column("instalment_no", "int", key=True, default=1, meaning="1 when absent"),
            Column(
                "customer_id",
                "id",
                required=True,
                references="customers.customer_id",
                meaning="payer",
            ),
            Column("order_id", "id", references="orders.order_id"),
            Column("rep_id", "id", references="reps.rep_id"),
            Column("issued_on", "date", required=True),
            Column("accepted_on", "date", meaning="starts the term where the contract says so"),
            Column(
                "due_on",
                "date",
                meaning="when absent: accepted_on (else issued_on) + term_days",
            ),
            Column("term_days", "int"),
            Column(
                "amount",
                "money",
                required=True,
                meaning="open items brought forward have kind opening",
            ),
            Column(
                "kind",
                "code",
                codes=(
                    "invoice",
                    "credit_note",
                    "opening",
                    "retention",
                ),
                meaning="retention: held back until the warranty ends",
            ),
            Column(
                "credits_invoice_id",
                "id",
                references="invoices.invoice_id",
                meaning="for credit_note",
            ),
            Column("product_line", "text"),
            Column("disputed_from_on", "date"),
            Column("disputed_to_on", "date"),
            Column("currency", "text", meaning="ISO code, CNY when absent"),
        ),
        known_on="issued_on",
        learnt_later=(
            "accepted_on",
            "disputed_from_on",
            "disputed_to_on",
        ),
    ),
    Table(
        "payments",
        "",
        (
            Column("payment_id", "id", key=True, required=True),
            Column(
                "customer_id",
                "id",
                references="customers.customer_id",
                meaning="needed when invoice_id is absent",
            ),
            Column(
                "invoice_id",
                "id",
                references="invoices.invoice_id",
                meaning="absent = on account, allocated to the oldest due first",
            ),
            Column("instalment_no", "int", meaning="when absent, oldest due first"),
            Column("paid_on", "date", required=True),
            Column("amount", "money", required=True, meaning="negative = refund"),
            Column(
                "method",
                "code",
                codes=(
                    "transfer",
                    "bill",
                    "cash",
                    "insurance_fund",
                ),
            ),
            Column("bill_matures_on", "date"),
        ),
        known_on="paid_on",
    ),
    Table(
        "writeoffs",
        "",
        (
            Column("writeoff_id", "id", key=True, required=True),
            Column("invoice_id", "id", required=True, references="invoices.invoice_id"),
            Column("written_off_on", "date", required=True),
            Column("amount", "money", required=True, meaning="negative = recovered later"),
        ),
        known_on="written_off_on",
    ),
    Table(
        "dunning",
        "what was said and promised",
        (
            Column("dunning_id", "id", key=True, required=True),
            Column("invoice_id", "id"),
            Column("customer_id", "id", references="customers.customer_id"),
            Column("contacted_on", "date", required=True),
            Column("channel", "text"),
            Column(
                "result",
                "code",
                codes=(
                    "promise",
                    "dispute",
                    "no_answer",
                    "paid",
                    "other",
                ),
            ),
            Column("promised_on", "date"),
            Column("promised_amount", "money"),
        ),
        known_on="contacted_on",
    ),
    Table(
        "ledger_control",
        "the general ledger's own balance, to tie out with",
        (
            Column("balance_on", "date", key=True, required=True),
            Column("region_id", "id", key=True),
            Column("balance", "money", required=True),
        ),
        known_on="balance_on",
    ),
)
