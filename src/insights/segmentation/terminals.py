"""The customers frame as the schemes read it: typed, sorted by id, every fault named at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from insights.words import _, listing

LEVELS = ("3A", "3B", "2A", "2B", "1", "community", "none")
UNKNOWN = "unknown"
# What a figure of the customers frame can be at all; CNY values may be negative by returns.
RANGES = {
    "potential": (0.0, np.inf),
    "influence": (0.0, 5.0),
    "active_months": (0.0, 13.0),
    "events_attended": (0.0, np.inf),
    "events_invited": (0.0, np.inf),
}


def read_terminals(
    customers: pd.DataFrame, numbers: Sequence[str] = (), texts: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the named columns sorted by customer_id: float64, or str with NaN for missing.

    A column that is absent is all missing. Raises ``ValueError`` naming every fault: ids that are
    missing or stand twice, text where a number belongs, infinities and values out of range.
    """
    faults = _key_faults(customers)
    present = [name for name in numbers if name in customers.columns]
    read = {name: pd.to_numeric(customers[name], errors="coerce") for name in present}
    for name in present:
        faults += value_faults(customers[name], read[name])
    refuse("customers", faults)
    frame = pd.DataFrame(index=customers.index.astype("str").rename("customer_id"))
    for name in numbers:
        frame[name] = read[name].to_numpy("float64", na_value=np.nan) if name in read else np.nan
    for name in texts:
        frame[name] = _text(customers, name)
    return frame.sort_index()


def require_columns(table: str, rows: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise ``ValueError`` naming the columns that a frame does not have."""
    absent = [name for name in columns if name not in rows.columns]
    if absent:
        refuse(table, [_("no column {names}").format(names=listing(absent))])


def empty_faults(rows: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Say in how many rows each column that must be filled is empty."""
    return [
        _("{column}: empty in {n} rows").format(column=name, n=int(rows[name].isna().sum()))
        for name in columns
        if rows[name].isna().any()
    ]


def repeated_faults(ids: pd.Index) -> list[str]:
    """Say which customers stand twice where they may stand once."""
    known = ids[~pd.isna(ids)]
    repeated = known[known.duplicated()].unique()
    words = _("customer_id: duplicated {ids}").format(ids=listing(list(repeated)))
    return [words] if len(repeated) else []


def value_faults(given: pd.Series, read: pd.Series) -> list[str]:
    """Say which values of a column, indexed by customer_id, are no number or out of range."""
    low, high = RANGES.get(str(given.name), (-np.inf, np.inf))
    values = read.to_numpy("float64", na_value=np.nan)
    kinds = (
        (given.notna().to_numpy() & np.isnan(values), _("not a number")),
        (np.isinf(values), _("infinite")),
        (np.isfinite(values) & (values < low), _("below {low:g}").format(low=low)),
        (np.isfinite(values) & (values > high), _("above {high:g}").format(high=high)),
    )
    return [
        _("{column}: {fault} for {rows}").format(
            column=given.name,
            fault=fault,
            rows=listing([f"{key} ({value})" for key, value in given[bad].items()]),
        )
        for bad, fault in kinds
        if bad.any()
    ]


def refuse(table: str, faults: Sequence[str]) -> None:
    """Raise ``ValueError`` with every fault of a table, if there is one."""
    if faults:
        raise ValueError(
            _("{table}: {faults}; mend the rows and run again").format(
                table=table, faults="; ".join(faults)
            )
        )


def level_of(terminals: pd.DataFrame) -> pd.Series:
    """Return each terminal's group: its hospital level, else its type (a pharmacy), else unknown.

    A code that the data dictionary does not know is kept as it is, a group of its own.
    """
    kind = terminals.customer_type.where(terminals.customer_type != "hospital")
    return terminals.hospital_level.fillna(kind).fillna(UNKNOWN).rename("level")


def in_level_order(levels: Sequence[str]) -> list[str]:
    """Return the distinct groups: the known levels from the highest, then the others by name."""
    others = sorted(set(levels) - set(LEVELS))
    return [level for level in LEVELS if level in set(levels)] + others


def said(conditions: Sequence[tuple[np.ndarray | pd.Series, str]]) -> np.ndarray:
    """Return for each row the phrases whose condition holds, joined; empty where none does."""
    if not len(conditions[0][0]):
        return np.array([], dtype=object)
    masks = np.column_stack([np.asarray(mask, dtype=bool) for mask, _phrase in conditions])
    phrases = [phrase for _mask, phrase in conditions]
    patterns, which = np.unique(masks, axis=0, return_inverse=True)
    joined = ["; ".join(np.array(phrases, dtype=object)[row]) for row in patterns]
    return np.array(joined, dtype=object)[which.reshape(-1)]


def _key_faults(customers: pd.DataFrame) -> list[str]:
    faults = repeated_faults(customers.index)
    missing = int(np.sum(pd.isna(customers.index)))
    if missing:
        faults.append(_("customer_id: missing in {n} rows").format(n=missing))
    twice = customers.columns[customers.columns.duplicated()].unique()
    if len(twice):
        refuse("customers", [*faults, _("{names} stands twice").format(names=listing(list(twice)))])
    return faults


def _text(customers: pd.DataFrame, name: str) -> pd.Series:
    missing = pd.Series(np.nan, index=customers.index)
    return customers.get(name, missing).astype("str").set_axis(customers.index.astype("str"))
