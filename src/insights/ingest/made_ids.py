"""Ids that only number the rows of a table: where an export has none, the row's content is one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
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
    is still told as a duplicate. Equal rows are numbered over all batches of a table where each is
    its own: answers of a survey, and rows whose cells differ that are no content (two doctors seen
    on one day). Those cells themselves are in no id.
    """
    made = list(batches)
    lacking = [n for n, batch in enumerate(batches) if _lacks_id(batch)]
    for table in dict.fromkeys(batches[n].table for n in lacking):
        own = [n for n in lacking if batches[n].table == table]
        for n, batch in zip(own, _with_ids([batches[n] for n in own]), strict=True):
            made[n] = batch
    return made


def made_words(table: str, place: str) -> str:
    """Say that an id was made, and what that means."""
    words = _(
        "{place}: no column for {column}, which only numbers the rows: made of each row's content"
        " (two rows that say the same, in every cell but a running number's, are one)"
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


def _with_ids(batches: Sequence[Batch]) -> list[Batch]:
    """Return batches of one table with ids of their rows' content and number among equal ones."""
    table, made = batches[0].table, []
    contents = [content for batch in batches for content in _contents(batch)]
    beside = [cells for batch in batches for cells in _beside(batch)]
    rows = pd.DataFrame({"content": contents, "beside": beside})
    equal = rows.groupby("content", sort=False)
    again = equal.cumcount() if table in ALIKE else equal.beside.rank("dense").astype("int64") - 1
    number = again.to_numpy(np.int64)
    ids = [_id(content, int(n), table) for content, n in zip(contents, number, strict=True)]
    for batch in batches:
        own, ids = ids[: len(batch.values)], ids[len(batch.values) :]
        column = pd.Series(own, batch.values.index, "str")
        made.append(replace(batch, values=batch.values.assign(**{MADE[table]: column})))
    return made


def _contents(batch: Batch) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return for each row the names of its columns, and its cells as they were read."""
    own = batch.values.drop(columns=[one for one in NOT_CONTENT if one in batch.values])
    names = tuple(sorted(map(str, own)))
    texts = pd.DataFrame({one: own[one].astype("str").fillna("").str.strip() for one in names})
    return [(names, tuple(row)) for row in texts.itertuples(index=False, name=None)]


def _beside(batch: Batch) -> list[str]:
    """Return the cells of each row that its content is not made of, but for running numbers."""
    plan, frame = batch.plan, batch.sheet.frame
    content = [name for name in plan.columns if name not in NOT_CONTENT]
    used = {header for name in content for header in plan.derivation(name).inputs}
    cells = frame[sorted(set(frame.columns) - used)].fillna("").astype("str")
    cells = cells.apply(lambda one: one.str.replace(r"\s+", "", regex=True))
    told = [name for name in cells if not _counts(cells[name])]
    rows = cells[told].iloc[batch.positions].to_numpy(object)
    return [
        SEPARATOR.join(f"{name}={cell}" for name, cell in zip(told, row, strict=True) if cell)
        for row in rows
    ]


def _counts(cells: pd.Series) -> bool:
    """Say whether a column numbers the rows of its sheet: rising whole numbers, one each."""
    filled = cells[cells != ""]
    if not len(filled) or not filled.str.fullmatch("[0-9]{1,9}").all():
        return False
    steps = filled.astype("int64").diff().dropna()
    return bool((steps == 1).all())


def _id(content: tuple[tuple[str, ...], tuple[str, ...]], number: int, table: str) -> str:
    names, row = content
    if number == 0 and table not in ALIKE:
        return _hashed([*names, *row])
    return _hashed([*names, "again", *row, str(number)])


def _hashed(parts: Sequence[str]) -> str:
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()[:ID_LENGTH]
