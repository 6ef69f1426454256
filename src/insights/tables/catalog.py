"""All canonical tables by name."""

from __future__ import annotations

from insights.tables import fieldwork, money, people, reviews, trade
from insights.tables.columns import Table

CANONICAL: dict[str, Table] = {
    table.name: table
    for room in (people, trade, money, fieldwork, reviews)
    for table in room.TABLES
}
