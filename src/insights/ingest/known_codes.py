"""Codes that lost their leading zeros, or gained some, found again in the master."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.named_codes import contradicted, master_names
from insights.ingest.recognition import place
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL
from insights.words import _, listing

MASTERS = ("customers", "products", "reps", "regions", "departments", "distributors")
FAMILY = 0.5  # of a master's codes of digits at least have the length that one is taken for
SHOWN = 3


def with_known_codes(
    batches: Sequence[Batch], vocabulary: Vocabulary
) -> tuple[list[Batch], list[str]]:
    """Return batches in which 125 is 000125 where the master knows that one alone, and words.

    Only leading zeros may differ, one code alone may fit, and the zeros make it as long as most of
    the master's codes (or as the master writes it). A code that the master knows stays as it is,
    and so does one beside which the sheet names somebody else: that is told.
    """
    known = {f"{name}.{name[:-1]}_id": _codes(batches, name) for name in MASTERS}
    names = {name: master_names(batches, name) for name in MASTERS}
    made, notes = [], []
    for batch in batches:
        for column in CANONICAL[batch.table].columns if batch.table in CANONICAL else ():
            codes = known.get(column.references or "")
            if codes is not None and len(codes) and column.name in batch.values:
                meant = _meant(batch, column.name, codes)
                table = (column.references or "").partition(".")[0]
                against = contradicted(batch, column.name, meant, names[table], table, vocabulary)
                notes += _left(batch, column.name, meant[against])
                batch, said = _found_again(batch, column.name, meant[~against])
                notes += said
        made.append(batch)
    return made, notes


def _codes(batches: Sequence[Batch], table: str) -> pd.Series:
    """Return a master's codes by what they are without leading zeros; those of one such alone."""
    key = f"{table[:-1]}_id"
    own = [b.values.loc[b.sound, key] for b in batches if b.table == table and key in b.values]
    if not own:
        return pd.Series(dtype="str")
    ids = pd.concat(own).dropna().drop_duplicates().astype("str")
    whole = pd.Series(ids.to_numpy(object), index=ids.str.lstrip("0").to_numpy(object))
    return whole[~whole.index.duplicated(keep=False)]


def _meant(batch: Batch, name: str, codes: pd.Series) -> pd.Series:
    """Return the codes of the master that cells of a column may stand for, by row."""
    ids = batch.values[name].astype("str")
    digits = ids.str.fullmatch("[0-9]+").fillna(False).to_numpy(bool)
    lost = digits & ~ids.isin(codes).to_numpy(bool)
    meant = ids[lost].str.lstrip("0").map(codes)
    return meant[meant.notna() & _of_family(meant, ids[lost], codes)]


def _found_again(batch: Batch, name: str, meant: pd.Series) -> tuple[Batch, list[str]]:
    if not len(meant):
        return batch, []
    ids = batch.values[name].astype("str")
    where = np.isin(ids.index, meant.index)
    values = batch.values.assign(**{name: ids.mask(where, meant.reindex(ids.index))})
    words = _("{place}: {n:,} cells of {column} differ from a known code in leading zeros alone and"
              " are taken for it: {examples}")  # fmt: skip
    return replace(batch, values=values), [_said(words, batch, name, meant)]


def _left(batch: Batch, name: str, meant: pd.Series) -> list[str]:
    if not len(meant):
        return []
    words = _(
        "{place}: {n:,} cells of {column} differ from a known code in leading zeros alone, but"
        " names beside them are not the master's; they stay as they are: {examples}"
    )
    return [_said(words, batch, name, meant)]


def _said(words: str, batch: Batch, name: str, meant: pd.Series) -> str:
    written = batch.values[name].astype("str").reindex(meant.index)
    pairs = dict(zip(written, meant, strict=True))
    examples = listing([f"{cell} = {code}" for cell, code in pairs.items()], SHOWN)
    return words.format(
        place=place(batch.sheet), n=len(meant), column=batch.shown(name), examples=examples
    )


def _of_family(meant: pd.Series, written: pd.Series, codes: pd.Series) -> pd.Series:
    """Say which codes gained zeros up to the usual length, or lost zeros the master has not."""
    digits = pd.Series(codes.to_numpy(object), dtype="str")
    lengths = digits[digits.str.fullmatch("[0-9]+")].str.len()
    share = lengths.value_counts(normalize=True)
    length = meant.astype("str").str.len()
    gained = length > written.reindex(meant.index).str.len()
    return ~gained | (length.map(share).fillna(0.0) >= FAMILY)
