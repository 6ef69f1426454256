"""What must hold in each row of a table, as Ibis conditions that are true where it does not."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, StringValue
from ibis.expr.types import Table as Expr

from insights.ingest.contradictions import Contradiction, contradictions
from insights.tables import CANONICAL, Column, Table, Tables
from insights.words import N_, _

ROW = "_row"
RAW = "_raw_"
EXACT = "decimal(38, 8)"
NOT_READ = {
    "int": N_("not a whole number"),
    "float": N_("not a number"),
    "rate": N_("not a number"),
    "money": N_("not an amount"),
    "date": N_("not a date"),
    "time": N_("not a time"),
    "bool": N_("neither true nor false"),
}
PRICE_TOLERANCE = 0.2  # of the greater: taxes (3 to 13 %) and usual discounts stay within


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
    """Return every rule that looks at one row of one table.

    Beside what keeps a row from being stored (types, ranges, contradictions) these are doubts that
    only a person can settle: a row that points at itself, a price that does not give the amount, a
    visit reported before it took place.
    """
    present = [column for column in table.columns if column.name in rows.columns]
    rules = [rule for column in present for rule in _column_rules(rows, column, raw)]
    found = [one for one in contradictions(table.name) if one.applies(rows.columns)]
    rules += [_contradicted(rows, one) for one in found]
    return [*rules, *_doubts(rows, table)]


def _contradicted(rows: Expr, one: Contradiction) -> Rule:
    """Return a contradiction as a rule; an optional column the source has not counts as empty."""
    cells: dict[str, ibis.Value] = {name: rows[name] for name in rows.columns}
    text = rows[ROW].cast("string")
    absent = {name: text.nullif(text) for name in one.optional if name not in cells}
    shown = rows[RAW + one.column] if RAW + one.column in rows.columns else ibis.literal("")
    return Rule(one.column, one.broken({**cells, **absent}), shown, one.reason)


def _column_rules(rows: Expr, column: Column, raw: Expr) -> list[Rule]:
    value, text = rows[column.name], rows[RAW + column.name]
    rules = []
    if column.type in NOT_READ:
        unread = value.isnull() & text.notnull()
        rules.append(Rule(column.name, unread, text, _(NOT_READ[column.type])))
    if column.type == "money" and not _holds_cents(raw.schema()[column.name]):
        exact = text.try_cast(EXACT)
        finer = exact.notnull() & (exact != value.cast(EXACT))
        rules.append(Rule(column.name, finer, text, _("more than two decimals of money")))
    if column.required:
        empty = text.isnull()
        rules.append(Rule(column.name, empty, text, _("empty, but every row needs it")))
    return rules + _range_rules(rows, column)


def _range_rules(rows: Expr, column: Column) -> list[Rule]:
    value, text = rows[column.name], rows[RAW + column.name]
    low = 0.0 if column.type == "rate" else column.low
    high = 1.0 if column.type == "rate" else column.high
    if low is None or high is None:
        return []
    reason = _("outside {low:g} to {high:g}").format(low=low, high=high)
    return [Rule(column.name, (value < low) | (value > high), text, reason)]


def _doubts(rows: Expr, table: Table) -> list[Rule]:
    return [*_own_parents(rows, table), *_odd_amounts(rows, table), *_early_reports(rows, table)]


def _own_parents(rows: Expr, table: Table) -> list[Rule]:
    """A region within itself is told with the circles of regions."""
    key = f"{table.name}.{table.key[0]}"
    names = [c.name for c in table.columns if c.references == key and c.name in rows.columns]
    return [
        Rule(name, rows[name] == rows[table.key[0]], rows[RAW + name], _("points at itself"))
        for name in names
        if table.name != "regions" and table.key[0] in rows.columns
    ]


def _odd_amounts(rows: Expr, table: Table) -> list[Rule]:
    if table.name != "orders" or not {"quantity", "unit_price", "amount"} <= set(rows.columns):
        return []
    made = rows.quantity.cast("float64") * rows.unit_price.cast("float64")
    amount = rows.amount.cast("float64")
    allowed = ibis.greatest(made.abs(), amount.abs()) * PRICE_TOLERANCE + 1
    reason = _("more than {share:.0%} away from quantity x unit_price").format(
        share=PRICE_TOLERANCE
    )
    return [Rule("amount", (made - amount).abs() > allowed, rows[RAW + "amount"], reason)]


def _early_reports(rows: Expr, table: Table) -> list[Rule]:
    """A visit that was handed in on a day before it took place."""
    if table.name != "visits" or not {"entered_at", "visited_on", "status"} <= set(rows.columns):
        return []
    early = (rows.status == "submitted") & (rows.entered_at.date() < rows.visited_on)
    reason = _("submitted before the visit")
    return [Rule("entered_at", early, rows[RAW + "entered_at"], reason)]


def _holds_cents(kind: ibis.expr.datatypes.DataType) -> bool:
    """Say whether a stored type cannot hold more than two decimals: nothing to look for there."""
    return kind.is_integer() or (kind.is_decimal() and kind.scale is not None and kind.scale <= 2)
