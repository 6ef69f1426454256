"""A table that cannot be read as results: every fault named at once."""

from __future__ import annotations

import pandas as pd

from insights.words import _, listing


class ResultsError(ValueError):
    """A table of results, unit effects or groups is at fault: says table, column, rows, remedy."""


def refuse(faults: list[str]) -> None:
    """Raise every fault found, if any."""
    if faults:
        raise ResultsError("; ".join(faults))


def missing_columns(frame: pd.DataFrame, name: str, columns: tuple[str, ...]) -> list[str]:
    """Say which of the columns a table lacks."""
    absent = [column for column in columns if column not in frame.columns]
    if not absent:
        return []
    return [
        _("{name}: no column {columns}; it needs {needed}").format(
            name=name, columns=listing(absent), needed=", ".join(columns)
        )
    ]


def not_numbers(values: pd.Series, name: str) -> list[str]:
    """Say which values of a column are neither missing nor finite numbers."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    wrong = values[(numbers.isna() & values.notna()) | numbers.isin([float("inf"), -float("inf")])]
    if wrong.empty:
        return []
    return [
        _("{name}: not a finite number: {rows}; correct it or leave it empty").format(
            name=name, rows=listing([f"{row}: {value!r}" for row, value in wrong.items()])
        )
    ]


def repeated(keys: pd.Series, name: str) -> list[str]:
    """Say which keys of a table stand in more than one row."""
    again = sorted({str(key) for key in keys[keys.duplicated()]})
    if not again:
        return []
    return [
        _("{name}: more than one row for {keys}; keep one").format(name=name, keys=listing(again))
    ]
