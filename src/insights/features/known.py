"""Hide the future: what a table said at the end of as_of."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import Table as Expr

from insights.tables import CANONICAL, Tables


def known(tables: Tables, name: str, as_of: dt.date) -> Expr:
    """Return a table as it stood on as_of.

    Rows dated later are gone; dates entered later into earlier rows (a dispute opened, a need
    closed) are null. Rows without a date stay: nothing says that they were unknown.
    """
    table = CANONICAL[name]
    rows = tables[name]
    if table.known_on is not None:
        dated = rows[table.known_on]
        rows = rows.filter(dated.isnull() | (dated <= as_of))
    hidden = {
        column: ibis.ifelse(rows[column] <= as_of, rows[column], ibis.null("date"))
        for column in table.learnt_later
    }
    return rows.mutate(**hidden) if hidden else rows


def master(tables: Tables, name: str, as_of: dt.date) -> Expr:
    """Return customers, products or reps as they stood on as_of, one row a key.

    A repeated key is a fault that ``insights check`` names; here it must not multiply money.
    """
    return known(tables, name, as_of).distinct(on=list(CANONICAL[name].key), keep="first")
