"""Rows of one key across all files of a table: exact duplicates and contradictions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch, joined_text
from insights.ingest.contradictions import without_contradictions
from insights.ingest.copies import BESIDE, surplus_copies
from insights.ingest.faults import Texts, fault_rows, no_faults
from insights.tables import CANONICAL, Table
from insights.words import _, listing

OWNER, PLACE = "_batch", "_position"


def hold_back_repeats(batches: list[Batch]) -> list[Batch]:
    """Hold back what one table's batches say twice.

    Equal rows of a key: the first stays, the rest are expected faults. Different rows of a key: all
    are held back, because nobody can tell which is true; each says what differs, and from where.
    """
    if not batches:
        return []
    table = CANONICAL[batches[0].table]
    rows = _repeated(table, batches)
    if rows.empty:
        return batches
    content = [name for name in rows.columns if name not in (OWNER, PLACE)]
    again = rows.duplicated(content).to_numpy(bool)
    first = rows[~again]
    torn = first[first.duplicated(list(table.key), keep=False)]
    copies = surplus_copies(torn, table, (OWNER, PLACE)).dropna()
    left, torn = torn.loc[copies.index], torn[~torn.index.isin([*copies.index, *copies])]
    kept = _kept(rows, content, again, batches)
    instead = _places(rows.loc[copies], batches).set_axis(copies.index)
    mates, differing = _mates(torn, table, batches), _differing(torn, table)
    return [
        batch.with_faults(
            [
                _duplicates(batch, table, rows[again & (rows[OWNER] == i)], kept),
                _copies(batch, table, left[left[OWNER] == i], instead),
                _torn(batch, table, torn[torn[OWNER] == i], mates, differing),
            ]
        )
        for i, batch in enumerate(batches)
    ]


def _kept(
    rows: pd.DataFrame, content: list[str], again: np.ndarray, batches: list[Batch]
) -> pd.Series:
    """Return for each row where the first one that says the same stands."""
    group = rows.groupby(content, sort=False, dropna=False).ngroup()
    places = _places(rows[~again], batches)
    return group.map(pd.Series(places.to_numpy(object), group[~again])).astype("str")


def _mates(torn: pd.DataFrame, table: Table, batches: list[Batch]) -> pd.Series:
    """Return for each row where the next one of its key stands, for the last one the first."""
    places = _places(torn, batches)
    group = torn.groupby(list(table.key), sort=False, dropna=False).ngroup()
    following = places.groupby(group).shift(-1)
    return following.fillna(places.groupby(group).transform("first"))


def _places(rows: pd.DataFrame, batches: list[Batch]) -> pd.Series:
    """Return file, sheet and row of each row, as a person names them."""
    made = pd.Series("", index=rows.index, dtype="str")
    for i, batch in enumerate(batches):
        own = (rows[OWNER] == i).to_numpy(bool)
        sheet = f" [{batch.sheet.name}]" if batch.sheet.name else ""
        head = _("{file}{sheet} row").format(file=batch.sheet.file, sheet=sheet)
        numbers = batch.sheet.rows[rows[PLACE].to_numpy(np.int64)[own]].astype(str)
        made[own] = pd.Series(numbers, dtype="str").radd(head + " ").to_numpy(object)
    return made


def _differing(torn: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return for each row which columns differ within its key."""
    content = [name for name in torn.columns if name not in (OWNER, PLACE, *table.key)]
    group = torn.groupby(list(table.key), sort=False, dropna=False).ngroup()
    several = torn[content].groupby(group).nunique(dropna=False) > 1
    return several.reindex(group).set_axis(torn.index)


def _duplicates(batch: Batch, table: Table, rows: pd.DataFrame, kept: pd.Series) -> pd.DataFrame:
    if rows.empty:
        return no_faults()
    found = _faults(batch, table, rows, _("an exact duplicate"), expected=True)
    remedy = _("nothing to do: {place} is kept")
    return found.assign(remedy=[remedy.format(place=place) for place in kept[rows.index]])


def _copies(batch: Batch, table: Table, rows: pd.DataFrame, kept: pd.Series) -> pd.DataFrame:
    if rows.empty:
        return no_faults()
    names = listing([batch.shown(name) for name in BESIDE[table.name] if name in batch.values])
    reason = _("there twice, and the two differ in {columns} alone").format(columns=names)
    remedy = _("{place} is kept; correct it there if the other one was right")
    found = _faults(batch, table, rows, reason, expected=True)
    return found.assign(remedy=[remedy.format(place=place) for place in kept[rows.index]])


def _torn(
    batch: Batch, table: Table, rows: pd.DataFrame, mates: pd.Series, differing: pd.DataFrame
) -> pd.DataFrame:
    if rows.empty:
        return no_faults()
    own = differing.loc[rows.index]
    names = [name for name in own.columns if own[name].any()]
    words = pd.Series("", index=rows.index, dtype="str")
    for pattern, part in own[names].groupby(names) if names else ():
        flags = pattern if isinstance(pattern, tuple) else (pattern,)
        shown = [batch.shown(name) for name, flag in zip(names, flags, strict=True) if flag]
        reason = _("same key, different content: {columns}")
        words[part.index] = reason.format(columns=", ".join(shown))
    remedy = _("correct the key, leave one row, or number a document's lines; compare {place}")
    found = _faults(batch, table, rows, words, expected=False)
    return found.assign(remedy=[remedy.format(place=place) for place in mates[rows.index]])


def _repeated(table: Table, batches: list[Batch]) -> pd.DataFrame:
    """Return the sound rows that share their key with another; only these are put together."""
    sound = [np.flatnonzero(batch.sound) for batch in batches]
    keys = pd.concat(
        [batch.values.reindex(columns=list(table.key)).iloc[rows]
         for batch, rows in zip(batches, sound, strict=True)], ignore_index=True,
    )  # fmt: skip
    shared = with_key(table, keys)[list(table.key)].duplicated(keep=False).to_numpy(bool)
    ends = np.cumsum([len(rows) for rows in sound])
    parts = [
        batch.values.iloc[own].assign(**{OWNER: i, PLACE: batch.positions[own]})
        for i, (batch, rows, end) in enumerate(zip(batches, sound, ends, strict=True))
        for own in [rows[shared[end - len(rows) : end]]]
    ]
    return with_key(table, pd.concat(parts, ignore_index=True))


def with_key(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with their key columns at their default where they are absent or empty."""
    filled = rows.assign(**{key: None for key in table.key if key not in rows})
    for key in table.key:
        default = table.column(key).default
        if default is not None:
            filled[key] = filled[key].fillna(default)
    return filled


def _faults(
    batch: Batch, table: Table, rows: pd.DataFrame, reason: Texts, expected: bool
) -> pd.DataFrame:
    keys = [key for key in table.key if key in batch.values]
    value = joined_text(rows, keys)
    shown = ", ".join(batch.shown(key) for key in keys)
    places = rows[PLACE].to_numpy(np.int64)
    return fault_rows(places, reason, "", shown, value, expected)


def without_repeats(batches: list[Batch]) -> list[Batch]:
    """Hold back contradictions and repeated rows of every table, over all its batches, in order."""
    made = [without_contradictions(batch) for batch in batches]
    filled = [n for n, batch in enumerate(made) if len(batch.values.columns)]
    for table in dict.fromkeys(made[n].table for n in filled):
        own = [n for n in filled if made[n].table == table]
        for n, after in zip(own, hold_back_repeats([made[n] for n in own]), strict=True):
            made[n] = after
    return made
