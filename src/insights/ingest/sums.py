"""How much money was read of each table, and how much of it was accepted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insights.ingest.batches import Batch
from insights.words import _

AMOUNT = "amount"


def money_words(batches: Sequence[Batch]) -> list[str]:
    """Say of each table with amounts: read = accepted + held back + left out (duplicates).

    Rows that were held back or left out before their cells were read are in none of these sums:
    they are counted beside them, as are rows that were added up or split.
    """
    own = [b for b in batches if AMOUNT in b.values and (len(b.values) or any(_not_read(b)))]
    tables = dict.fromkeys(batch.table for batch in own)
    return [_line(table, [b for b in own if b.table == table]) for table in tables]


def _line(table: str, batches: Sequence[Batch]) -> str:
    parts = np.array([_parts(batch) for batch in batches]).sum(axis=0).tolist()
    read, accepted, held, left, unread = parts
    words = _(
        "{table}, amount: {read:,.2f} read = {accepted:,.2f} accepted + {held:,.2f} held back"
        " + {left:,.2f} left out as expected"
    ).format(
        table=table, read=read / 100, accepted=accepted / 100, held=held / 100, left=left / 100
    )
    more = _("; {n:,} rows held back have no amount that can be read").format(n=unread)
    return "".join([words, more if unread else "", _beside(batches)])


def _beside(batches: Sequence[Batch]) -> str:
    """Say which rows the sums leave out, and how many rows are stored where that differs."""
    held, left = np.array([_not_read(batch) for batch in batches]).sum(axis=0).tolist()
    rows = sum(batch.read - batch.faults.position.nunique() for batch in batches)
    stored = sum(int(np.count_nonzero(batch.sound)) for batch in batches)
    parts = [
        (held, _("; {n:,} rows held back were not read for money").format(n=held)),
        (left, _("; {n:,} rows left out by the mapping were not read for money").format(n=left)),
        (rows != stored, _("; {rows:,} rows accepted of the sheets are {stored:,} rows stored"
                           " (lines added up, payments split)").format(rows=rows, stored=stored)),
    ]  # fmt: skip
    return "".join(words for told, words in parts if told)


def _not_read(batch: Batch) -> tuple[int, int]:
    """Return how many rows were held back, and left out by the mapping, before they were read."""
    faults = batch.faults[~batch.faults.position.isin(batch.positions)]
    mapped = faults.expected & faults.remedy.eq(_("left out by the mapping"))
    return faults.position[~faults.expected].nunique(), faults.position[mapped].nunique()


def _parts(batch: Batch) -> tuple[int, int, int, int, int]:
    """Return cents read, accepted, held back and left out, and how many cells could not be read."""
    cents = batch.values[AMOUNT]
    serious = np.isin(batch.positions, batch.faults.position[~batch.faults.expected])
    sound = batch.sound
    masks = (sound | ~sound, sound, serious, ~sound & ~serious)
    sums = [int(cents[mask].sum()) for mask in masks]
    unread = int((cents.isna().to_numpy(bool) & serious).sum())
    return sums[0], sums[1], sums[2], sums[3], unread
