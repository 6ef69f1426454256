"""An invoice's sum on each of its lines is no amount of the line: it is never added up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from insights.ingest.blanks.heads import AMOUNT
from insights.ingest.faults import fault_rows
from insights.words import _

if TYPE_CHECKING:
    from insights.ingest.batches import Batch

FEWEST, NEARLY, VARIED = 5, 0.9, 0.5  # documents, of all documents, and different sums among them


def told_apart(
    batch: Batch, owner: np.ndarray, copied: np.ndarray, header: str
) -> tuple[Batch, np.ndarray]:
    """Return a batch without documents whose amounts may be sums or parts, and the lines with sums.

    ``owner`` is each line's first one, ``copied`` are lines that left their document's number out:
    those are parts. Where lines of nearly all documents agree in the amount and the documents do
    not, each line has the document's sum. Else those that agree are doubtful; so are, among sums,
    those that do not.
    """
    run, agree = _runs(batch, owner, copied)
    nothing = np.zeros(len(owner), dtype=bool)
    if not agree.any():
        return batch, nothing
    sums = _are_sums(batch, agree)
    doubted = np.isin(owner, agree.index[agree != sums]) & run
    once = np.isin(owner, agree.index[agree]) & run if sums else nothing
    if doubted.any():
        batch = batch.with_faults([_doubted(batch, doubted, header, sums)])
    return _noted(batch, once, owner), once


def _runs(batch: Batch, owner: np.ndarray, copied: np.ndarray) -> tuple[np.ndarray, pd.Series]:
    """Return the lines of documents that repeat their number, and whose lines agree in the amount.

    Lines of nothing tell nothing: their sum is the same.
    """
    rows = np.arange(len(owner))
    own = np.isin(owner, owner[(owner != rows) & ~copied]) & batch.sound
    amounts = batch.values[AMOUNT][own].groupby(owner[own])
    agree = amounts.nunique() == 1
    return own, agree[~agree | (amounts.first() != 0)]


def _are_sums(batch: Batch, agree: pd.Series) -> bool:
    sums = batch.values[AMOUNT].loc[agree.index[agree]]
    enough = len(sums) >= max(FEWEST, NEARLY * len(agree))
    return bool(enough and sums.nunique() >= VARIED * len(sums))


def _doubted(batch: Batch, where: np.ndarray, header: str, sums: bool) -> pd.DataFrame:
    reason = (
        _("lines of one document with amounts of their own, where others repeat its sum")
        if sums
        else _("lines of one document with the same amount: its sum on each line, or its parts?")
    )
    remedy = _("leave one row of the document, with its sum")
    positions = batch.positions[where]
    cells = batch.sheet.frame[header].iloc[positions]
    return fault_rows(positions, reason, remedy, header, cells)


def _noted(batch: Batch, once: np.ndarray, owner: np.ndarray) -> Batch:
    if not once.any():
        return batch
    words = _(
        "{n:,} lines repeat the sum of their {m:,} {table}: it is taken once ({sum:,.2f} CNY)"
    )
    m = np.unique(owner[once])
    money = float(batch.values[AMOUNT].loc[m].sum()) / 100
    said = words.format(n=int(once.sum()), m=len(m), table=batch.table, sum=money)
    return replace(batch, notes=(*batch.notes, said))
