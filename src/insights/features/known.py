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
    return tables.once(("known", name, as_of), lambda: _known(tables, name, as_of))


def _known(tables: Tables, name: str, as_of: dt.date) -> Expr:
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
    rows, key = known(tables, name, as_of), CANONICAL[name].key
    return tables.once(("master", name, as_of), lambda: one_a_key(rows, *key))


def one_a_key(rows: Expr, *key: str) -> Expr:
    """Return one whole row a key: of several the first by its other columns, on every engine."""
    others = [rows[column].asc() for column in rows.columns if column not in key]
    place = ibis.row_number().over(group_by=list(key), order_by=others)
    ranked = rows.mutate(place_of_key=place)
    return ranked.filter(ranked.place_of_key == 0).drop("place_of_key")


def among(rows: Expr, ids: Expr, column: str) -> Expr:
    """Return the rows whose ``column`` stands in ``ids``, which holds each of them once.

    No semi-join: where one expression holds it twice, PostgreSQL is sent what it cannot read.
    """
    return rows.inner_join(ids.select(column), column)


def not_among(rows: Expr, ids: Expr, column: str) -> Expr:
    """Return the rows whose ``column`` does not stand in ``ids``, which holds each of them once."""
    listed = ids.select(listed_id=column)
    found = rows.left_join(listed, rows[column] == listed.listed_id)
    return found.filter(found.listed_id.isnull()).drop("listed_id")
