"""Every fault of a connected source at once."""

from __future__ import annotations

import pandas as pd

from insights.ingest.across import doubts
from insights.ingest.checking.between import dangling, early_payments, lonely, undated
from insights.ingest.checking.finding import COLUMNS, LISTED, Finding, find, findings
from insights.ingest.checking.within import broken, circles, repeated
from insights.ingest.rules import numbered_rows, row_rules
from insights.tables import CANONICAL, Tables
from insights.words import _


def check_source(tables: Tables, limit: int = LISTED) -> pd.DataFrame:
    """What is wrong with the tables of a source? All faults at once; empty when none.

    Returns table, row (as Excel numbers it: the header is row 1), column, value, reason. Looks at
    types, decimals of money, ranges, empty required columns, repeated keys, references that point
    nowhere, dates in the wrong order and far from all others. Lists at most ``limit`` rows for each
    reason, which then says how many there are. Never raises for what stands in the tables.
    """
    parts = [one.listed() for one in find_faults(tables, limit)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def find_faults(tables: Tables, limit: int = LISTED) -> list[Finding]:
    """Return the faults of ``check_source`` rule by rule, with counts and amounts."""
    found = {name: numbered_rows(tables, name) for name in CANONICAL if tables.has(name)}
    parts = []
    for name, rows in found.items():
        rules = row_rules(rows, CANONICAL[name], tables.opened.relations[name])
        parts.append(broken(name, rows, rules, limit))
        parts.append(repeated(name, rows, limit))
        parts.append(dangling(name, rows, found, limit))
    across = [early_payments(found, limit), undated(found, limit), lonely(found, limit)]
    doubted = [
        find(one.table, one.column, one.reason, one.rows, one.value, limit) for one in doubts(found)
    ]
    return findings([*parts, *across, *doubted, circles(found)])


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
