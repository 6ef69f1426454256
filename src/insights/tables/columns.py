"""What a column and a table are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ENGINE_TYPES = {
    "id": "string",
    "text": "string",
    "code": "string",
    "int": "int64",
    "float": "float64",
    "money": "decimal(18, 2)",
    "rate": "float64",
    "date": "date",
    "time": "timestamp",
    "bool": "boolean",
}


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it must be there, what it points at and may hold."""

    name: str
    type: str
    key: bool = False
    required: bool = False
    references: str | None = None
    codes: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    default: Any = None
    meaning: str = ""

    @property
    def engine_type(self) -> str:
        """Return the engine's type, as Ibis writes it."""
        return ENGINE_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One canonical table. ``known_on`` is the column that dates each of its facts.

    ``learnt_later`` are dates entered into a row after it was written: past as_of they are unknown.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    known_on: str | None = None
    learnt_later: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Return the columns that name a row."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def required(self) -> tuple[str, ...]:
        """Return the columns a source must hold for the table to count as present."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def schema(self) -> dict[str, str]:
        """Return column name -> engine type."""
        return {column.name: column.engine_type for column in self.columns}

    def column(self, name: str) -> Column:
        """Return one column; ``KeyError`` when there is none of that name."""
        return {column.name: column for column in self.columns}[name]
