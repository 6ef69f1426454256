"""What must hold in each row of a table, as Ibis conditions that are true where it does not."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, StringValue
from ibis.expr.types import Table as Expr

from insights.tables import ALL, CANONICAL, Column, Table, Tables
from insights.words import _

ROW = "_row"
RAW = "_raw_"
EXACT = "decimal(38, 8)"
NOT_READ = {
    "int": _("not a whole number"),
    "float": _("not a number"),
    "rate": _("not a number"),
    "money": _("not an amount"),
    "date": _("not a date"),
    "time": _("not a time"),
    "bool": _("neither true nor false"),
}
IN_ORDER = (  # table, what comes first, what comes later
    ("invoices", "issued_on", "due_on"),
    ("invoices", "disputed_from_on", "disputed_to_on"),
    ("dunning", "contacted_on", "promised_on"),
    ("distributors", "contract_from_on", "contract_to_on"),
    ("reps", "hired_on", "left_on"),
    ("territories", "from_on", "to_on"),
    ("absences", "from_on", "to_on"),
    ("strategies", "starts_on", "ends_on"),
    ("needs", "opened_on", "closed_on"),
    ("visits", "starts_at", "ends_at"),
    ("decisions", "decided_on", "until_on"),
)


@dataclass(frozen=True)
class Rule:
    """A condition that is true in a faulty row, and what is shown of it."""

    column: str
    fault: BooleanValue
    value: StringValue
    reason: str


def numbered_rows(tables: Tables, name: str) -> Expr:
    """Return a table as it is stored, cast where it can be: nothing raises.

    Adds the row as Excel numbers it (the header is row 1) and each column's text as ``_raw_…``.
    """
    raw = tables.opened.relations[name]
    made: dict[str, ibis.Value] = {ROW: ibis.row_number() + 2}
    for column in CANONICAL[name].columns:
        if column.name not in raw.columns:
            continue
        value = raw[column.name]
        if value.type().is_string():
            value = value.nullif("")
        made[RAW + column.name] = value.cast("string")
        made[column.name] = value.try_cast(column.engine_type)
    return raw.select(**made)


def row_rules(rows: Expr, table: Table, raw: Expr) -> list[Rule]:
    """Return every rule that looks at one row of one table."""
    present = [column for column in table.columns if column.name in rows.columns]
    rules = [rule for column in present for rule in _column_rules(rows, column, raw)]
    for name, first, later in IN_ORDER:
        if name == table.name and {first, later} <= set(rows.columns):
            reason = _("{later} is before {first}").format(later=later, first=first)
            rules.append(Rule(later, rows[later] < rows[first], rows[RAW + later], reason))
    return [*rules, *_special_rules(rows, table)]


def _column_rules(rows: Expr, column: Column, raw: Expr) -> list[Rule]:
    value, text = rows[column.name], rows[RAW + column.name]
    rules = []
    if column.type in NOT_READ:
        unread = value.isnull() & text.notnull()
        rules.append(Rule(column.name, unread, text, NOT_READ[column.type]))
    if column.type == "money" and not raw.schema()[column.name].is_integer():
        exact = text.try_cast(EXACT)
        finer = exact.notnull() & (exact != value.cast(EXACT))
        rules.append(Rule(column.name, finer, text, _("more than two decimals of money")))
    if column.required:
        empty = text.isnull()
        rules.append(Rule(column.name, empty, text, _("empty, but every row needs it")))
    low = 0.0 if column.type == "rate" else column.low
    high = 1.0 if column.type == "rate" else column.high
    if low is not None and high is not None:
        outside = (value < low) | (value > high)
        reason = _("outside {low:g} to {high:g}").format(low=low, high=high)
        rules.append(Rule(column.name, outside, text, reason))
    return rules


def _special_rules(rows: Expr, table: Table) -> list[Rule]:
    rules = []
    if table.name in ("regions", "customers") and "region_id" in rows.columns:
        reserved = rows.region_id == ALL
        rules.append(Rule("region_id", reserved, rows.region_id, _("this id is reserved")))
    if table.name == "invoices" and {"kind", "amount"} <= set(rows.columns):
        signed = (rows.kind == "credit_note") & (rows.amount > 0)
        reason = _("a credit note is negative")
        rules.append(Rule("amount", signed, rows[RAW + "amount"], reason))
    if table.name == "payments" and "invoice_id" in rows.columns:
        payer = rows.customer_id.isnull() if "customer_id" in rows.columns else ibis.literal(True)
        nobody = rows.invoice_id.isnull() & payer
        reason = _("neither an invoice nor a customer")
        rules.append(Rule("invoice_id", nobody, rows[RAW + "invoice_id"], reason))
    return rules
