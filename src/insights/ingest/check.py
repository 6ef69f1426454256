"""Every fault of a connected source at once: what ``insights check`` prints."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.ingest.rules import RAW, ROW, Rule, numbered_rows, row_rules
from insights.tables import CANONICAL, EVENTS, Tables, sensible_span
from insights.words import _

COLUMNS = ["table", "row", "column", "value", "reason"]
LISTED = 20
OWN_STOCK = "own"  # a holder of stock that is no customer


def check_source(tables: Tables, limit: int = LISTED) -> pd.DataFrame:
    """What is wrong with the tables of a source? All faults at once; empty when none.

    Returns table, row (as Excel numbers it: the header is row 1), column, value, reason. Looks at
    types, decimals of money, ranges, empty required columns, repeated keys, references that point
    nowhere, dates in the wrong order and far from all others. Lists at most ``limit`` rows for each
    reason, which then says how many there are. Never raises for what stands in the tables.
    """
    found = {name: numbered_rows(tables, name) for name in CANONICAL if tables.has(name)}
    parts = []
    for name, rows in found.items():
        rules = row_rules(rows, CANONICAL[name], tables.opened.relations[name])
        parts += _broken(name, rows, rules, limit)
        parts += _repeated(name, rows, limit)
        parts += _dangling(name, rows, found, limit)
    parts += _early_payments(found, limit) + _undated(found, limit) + _lonely(found, limit)
    parts.append(_circles(found))
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=COLUMNS)


def unknown_codes(tables: Tables) -> pd.DataFrame:
    """Which codes does no table know? They are accepted: table, column, value, rows."""
    parts = []
    for name in (name for name in CANONICAL if tables.has(name)):
        rows = tables[name]
        for column in (c for c in CANONICAL[name].columns if c.codes):
            odd = rows.filter(rows[column.name].notnull() & rows[column.name].notin(column.codes))
            counted = odd.group_by(value=odd[column.name]).aggregate(rows=odd.count())
            parts.append(counted.execute().assign(table=name, column=column.name))
    names = ["table", "column", "value", "rows"]
    filled = [part[names] for part in parts if len(part)]
    frame = pd.concat(filled) if filled else pd.DataFrame(columns=names)
    return frame.sort_values(["table", "column", "value"], ignore_index=True)


def fault_lines(faults: pd.DataFrame) -> list[str]:
    """Return the faults of ``check_source`` as lines to print."""
    line = _("{table}, row {row}, {column}: {reason}: {value}")
    return [
        line.format(
            table=one.table, row=one.row, column=one.column, reason=one.reason, value=one.value
        )
        for one in faults.itertuples()
    ]


def code_lines(codes: pd.DataFrame) -> list[str]:
    """Return the counts of ``unknown_codes`` as lines to print: notes, not faults."""
    line = _("note: {table}.{column}: {value!r} in {rows} rows is no known code; taken as it is")
    return [
        line.format(table=one.table, column=one.column, value=one.value, rows=one.rows)
        for one in codes.itertuples()
    ]


def _broken(name: str, rows: Expr, rules: list[Rule], limit: int) -> list[pd.DataFrame]:
    if not rules:
        return []
    sums = {f"n{i}": rule.fault.fill_null(False).sum() for i, rule in enumerate(rules)}
    counts = rows.aggregate(**sums).execute().iloc[0].fillna(0)
    return [
        _listed(
            name, rule.column, rule.reason, rows.filter(rule.fault), rule.value, limit, int(count)
        )
        for rule, count in zip(rules, counts, strict=True)
        if count
    ]


def _listed(
    table: str,
    column: str,
    reason: str,
    rows: Expr,
    value: ibis.Value | str,
    limit: int,
    count: int | None = None,
) -> pd.DataFrame:
    shown = rows[value] if isinstance(value, str) else value
    total = int(rows.count().execute()) if count is None else count
    if not total:
        return pd.DataFrame(columns=COLUMNS)
    keys = _naming_keys(table, column, rows)
    frame = rows.select(row=rows[ROW], value=shown, **keys).order_by("row").limit(limit).execute()
    if total > limit:
        reason = _("{reason} ({n:,} rows in all, the first {limit} listed)").format(
            reason=reason, n=total, limit=limit
        )
    words = frame.value.astype("str").fillna("")
    named = reason + frame[list(keys)].fillna("").agg(_named, axis=1) if keys else reason
    return frame.assign(table=table, column=column, reason=named, value=words)[COLUMNS]


def _naming_keys(table: str, column: str, rows: Expr) -> dict[str, ibis.Value]:
    """Return the ids that name a row, unless one of them is at fault itself."""
    keys = [one.name for one in CANONICAL[table].columns if one.key and one.type == "id"]
    if column in keys or not set(keys) <= set(rows.columns):
        return {}
    return {f"_{name}": rows[name].cast("string") for name in keys}


def _named(row: pd.Series) -> str:
    return " (" + ", ".join(f"{str(name)[1:]} {value}" for name, value in row.items()) + ")"


def _repeated(name: str, rows: Expr, limit: int) -> list[pd.DataFrame]:
    keys = [key for key in CANONICAL[name].key if key in rows.columns]
    if not keys:
        return []
    text = ibis.literal(", ").join([rows[RAW + key].fill_null("") for key in keys])
    mates = rows.select(ROW, *keys, shown=text).mutate(
        mates=ibis._.count().over(ibis.window(group_by=keys))
    )
    again = mates.filter(mates.mates > 1)
    return [_listed(name, ", ".join(keys), _("several rows of one key"), again, "shown", limit)]


def _dangling(name: str, rows: Expr, found: dict[str, Expr], limit: int) -> list[pd.DataFrame]:
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
        reason = _("points nowhere: {target} has no such {key}").format(target=target, key=key)
        parts.append(_listed(name, column.name, reason, lost, column.name, limit))
    return parts


def _early_payments(found: dict[str, Expr], limit: int) -> list[pd.DataFrame]:
    if not {"payments", "invoices"} <= set(found) or "invoice_id" not in found["payments"].columns:
        return []
    invoices, payments = found["invoices"], found["payments"]
    issued = invoices.group_by(_invoice="invoice_id").aggregate(_issued=invoices.issued_on.min())
    both = payments.inner_join(issued, payments.invoice_id == issued["_invoice"])
    early = both.filter(both.paid_on < both["_issued"])
    reason = _("paid before its invoice was issued")
    return [_listed("payments", "paid_on", reason, early, RAW + "paid_on", limit)]


def _undated(found: dict[str, Expr], limit: int) -> list[pd.DataFrame]:
    """Invoices of which nobody can say when they fall due."""
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
    return [_listed("invoices", "due_on", reason, rows, "invoice_id", limit)]


def _lonely(found: dict[str, Expr], limit: int) -> list[pd.DataFrame]:
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
    return [
        _listed(name, column, reason, far, RAW + column, limit)
        for name, column in dated.items()
        for far in [
            found[name].filter((found[name][column] < first) | (found[name][column] > last))
        ]
    ]


def _circles(found: dict[str, Expr]) -> pd.DataFrame:
    """Regions that are their own group, by however many steps."""
    nothing = pd.DataFrame(columns=COLUMNS)
    if "regions" not in found or "parent_id" not in found["regions"].columns:
        return nothing
    tree = found["regions"].select("region_id", "parent_id", row=ROW).execute()
    parent = tree.dropna().set_index("region_id").parent_id.to_dict()
    rows = [row for row in tree.itertuples() if _circles_back(str(row.region_id), parent)]
    return pd.DataFrame(
        [["regions", row.row, "parent_id", row.parent_id, _("a region within itself")]
         for row in rows], columns=COLUMNS) if rows else nothing  # fmt: skip


def _circles_back(region: str, parent: dict[str, str]) -> bool:
    seen: set[str] = set()
    step = parent.get(region)
    while step is not None and step not in seen:
        if step == region:
            return True
        seen.add(step)
        step = parent.get(step)
    return False
