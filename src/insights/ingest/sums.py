"""How much money was read of each table, and how much of it was accepted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insights.ingest.batches import Batch
from insights.words import _

AMOUNT = "amount"


def money_words(batches: Sequence[Batch]) -> list[str]:
    """Say of each table with amounts: read = accepted + held back + left out (duplicates)."""
    own = [b for b in batches if AMOUNT in b.values and len(b.values)]
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
    return words + (more if unread else "")


def _parts(batch: Batch) -> tuple[int, int, int, int, int]:
    """Return cents read, accepted, held back and left out, and how many cells could not be read."""
    cents = batch.values[AMOUNT]
    serious = np.isin(batch.positions, batch.faults.position[~batch.faults.expected])
    sound = batch.sound
    masks = (sound | ~sound, sound, serious, ~sound & ~serious)
    sums = [int(cents[mask].sum()) for mask in masks]
    unread = int((cents.isna().to_numpy(bool) & serious).sum())
    return sums[0], sums[1], sums[2], sums[3], unread
