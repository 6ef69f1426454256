"""What a sheet must give to be a table: its required columns, but for an id that can be made."""

from __future__ import annotations

from insights.tables import CANONICAL

MADE = {
    "visits": "visit_id",
    "needs": "need_id",
    "feedback": "feedback_id",
    "dunning": "dunning_id",
}
PLAIN = ("visits",)  # whose other columns no other table has


def needed(table: str, told: bool = True) -> list[str]:
    """Return the columns that a sheet must give.

    An id that only numbers rows is made where a mapping or the sheet's name tells the table, or
    its other columns leave no doubt.
    """
    made = MADE.get(table) if told or table in PLAIN else None
    return [name for name in CANONICAL[table].required if name != made]
