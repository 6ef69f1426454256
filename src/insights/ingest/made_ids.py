"""Ids that only number the rows of a table: where an export has none, the row's content is one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.required import MADE
from insights.words import _

ID_LENGTH = 16  # hex digits, as in a mapping's hash
SEPARATOR = "\x1f"
NOT_CONTENT = ("contact_id",)  # kept, hashed or dropped by the params: the row is the same
ALIKE = ("feedback",)  # two equal rows are two answers, not one that stands there twice


def with_made_ids(batches: Sequence[Batch]) -> list[Batch]:
    """Return batches whose rows have an id: of their content as read, where no column gives one.

    The same content has the same id in every run and order, so that a row that stands there twice
    is still told as a duplicate; equal answers of a survey are numbered, for each is its own.
    """
    return [_with_ids(batch) if _lacks_id(batch) else batch for batch in batches]


def made_words(table: str, place: str) -> str:
    """Say that an id was made, and what that means."""
    words = _(
        "{place}: no column for {column}, which only numbers the rows: made of each row's content"
        " (two rows that say the same are one)"
    )
    if table in ALIKE:
        words = _(
            "{place}: no column for {column}, which only numbers the rows: made of each row's"
            " content and its place among equal ones"
        )
    return words.format(place=place, column=MADE[table])


def _lacks_id(batch: Batch) -> bool:
    made = MADE.get(batch.table)
    return made is not None and made not in batch.values and bool(len(batch.values.columns))


def _with_ids(batch: Batch) -> Batch:
    values, name = batch.values, MADE[batch.table]
    own = values.drop(columns=[one for one in NOT_CONTENT if one in values])
    names = sorted(map(str, own))
    names = sorted(map(str, own))
    texts = pd.DataFrame({one: own[one].astype("str").fillna("").str.strip() for one in names})
    if batch.table in ALIKE:
        texts["again"] = texts.groupby(list(texts), sort=False).cumcount().astype("str")
    rows = texts.itertuples(index=False, name=None)
    ids = [_hashed([*texts.columns, *row]) for row in rows]
    return replace(batch, values=values.assign(**{name: pd.Series(ids, values.index, "str")}))


def _hashed(parts: Sequence[str]) -> str:
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()[:ID_LENGTH]
