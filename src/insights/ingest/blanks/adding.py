"""Lines of one document as one row, or held back together: a part never passes for the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from insights.ingest.blanks.doubled import told_apart
from insights.ingest.blanks.filling import Filled
from insights.ingest.blanks.heads import AMOUNT, Heads, is_blank
from insights.ingest.faults import fault_rows
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL
from insights.words import _, listing

if TYPE_CHECKING:
    from insights.ingest.batches import Batch

PRODUCT_LINE = "product_line"
SUMMED, ASIDE = "invoices", (AMOUNT, PRODUCT_LINE)  # what lines of one invoice may differ in
NUMBERED = {"orders": "line_no"}  # tables whose rows are lines, and the column that counts them


def joined_documents(batch: Batch, filled: Filled, vocabulary: Vocabulary) -> Batch:
    """Return a batch in which the lines of a document are together: added up, counted or held back.

    A line at fault holds back its whole document, as do rows of which nobody can tell whether they
    are lines of it.
    """
    heads, lines = filled.heads, filled.lines
    if heads is None or not heads.amount:
        return batch
    batch = _below_held(batch, filled)
    if lines.unsure.any():
        batch = batch.with_faults([_unsure(batch, heads, lines.unsure)])
    owner, once = lines.owner, np.zeros(len(lines.owner), dtype=bool)
    if batch.table == SUMMED and "instalment_no" not in batch.values:
        owner = _with_repeated(batch, filled, vocabulary)
        batch, once = told_apart(batch, owner, lines.sure, heads.amount)
    if (owner == np.arange(len(owner))).all():
        return batch
    batch = _held_together(_without_copied(batch, heads, lines.sure), owner)
    if batch.table == SUMMED and "instalment_no" not in batch.values:
        return _added_up(_of_one_line(batch, owner), owner, once)
    return _numbered(batch, owner) if batch.table in NUMBERED else _held_all(batch, owner, heads)


def _below_held(batch: Batch, filled: Filled) -> Batch:
    """Hold back what may belong to a row held back above it, and what lacks such a row."""
    gaps = filled.gaps
    if gaps is None or not (filled.orphans.any() or gaps.lacking.any()):
        return batch
    rows = pd.Series(batch.sheet.rows[gaps.after[filled.orphans]]).astype(str)
    reason = _("it stands blank, and row {row} above it is held back or left out: of that one?")
    remedy = _("mend that row, or write into this one whose it is")
    part = _("a line of its document below it is held back")
    whole = _("mend that line: a part of a document never passes for the whole")
    return batch.with_faults([
        fault_rows(batch.positions[filled.orphans],
                   rows.map(lambda row: reason.format(row=row)), remedy),
        fault_rows(batch.positions[gaps.lacking], part, whole),
    ])  # fmt: skip


def _unsure(batch: Batch, heads: Heads, unsure: np.ndarray) -> pd.DataFrame:
    reason = _("a row with an amount and no {headers}: a line of the document above, or none?")
    remedy = _("write {headers} into each line of a document, and take away rows that are none")
    headers = listing(list(heads.needed))
    positions, cells = batch.positions[unsure], batch.sheet.frame[heads.amount]
    return fault_rows(
        positions,
        reason.format(headers=headers),
        remedy.format(headers=headers),
        heads.amount,
        cells.iloc[positions],
    )


def _with_repeated(batch: Batch, filled: Filled, vocabulary: Vocabulary) -> np.ndarray:
    """Return the first line of each row's document, where each line repeats the document's number.

    They stand one below the other, agree in all but the amount, and each says something else of
    what it is about; else they may contradict each other or be there twice.
    """
    owner, key = filled.lines.owner, CANONICAL[batch.table].key[0]
    ids = batch.values[key]
    again = (ids.notna() & (ids == ids.shift())).to_numpy(bool)
    if not filled.lines.item or (again <= filled.lines.sure).all():
        return owner
    rows = np.arange(len(ids))
    first = np.maximum.accumulate(np.where(again, -1, rows))
    among = np.isin(first, first[again & ~filled.lines.sure])
    part = batch.values[among & batch.sound]
    run = pd.Series(first[among & batch.sound], part.index)
    other = part.drop(columns=[name for name in ASIDE if name in part])
    one = (other.groupby(run).nunique(dropna=False) == 1).all(axis=1)
    said = filled.frame.loc[part.index, list(filled.lines.item)]
    items = pd.DataFrame({h: said[h].mask(is_blank(said[h], vocabulary)) for h in said})
    about = (
        items.notna().any(axis=1).groupby(run).all()
        & ~items.assign(_run=run).duplicated(keep=False).groupby(run).any()
    )
    whole = run.groupby(run).size() == pd.Series(first[among]).value_counts().reindex(one.index)
    lines = np.isin(first, one.index[one & about & whole])
    return np.where(lines, first, owner)


def _without_copied(batch: Batch, heads: Heads, copied: np.ndarray) -> Batch:
    """Leave out what is said of cells that were copied from a document's first line."""
    faults = batch.faults
    lines = faults.position.isin(batch.positions[copied])
    own = faults.column.isin([*heads.needed, *heads.customer])
    return replace(batch, faults=faults[~(lines & own)].reset_index(drop=True))


def _held_together(batch: Batch, owner: np.ndarray) -> Batch:
    sound = batch.sound
    torn = np.isin(owner, owner[~sound]) & sound
    if not torn.any():
        return batch
    first = batch.sheet.rows[batch.positions[owner[torn]]]
    rows = pd.Series(first).astype(str)
    reason = _("another line of its document (row {row} on) is held back")
    reasons = rows.map(lambda row: reason.format(row=row))
    remedy = _("mend that line: a part of a document never passes for the whole")
    return batch.with_faults([fault_rows(batch.positions[torn], reasons, remedy)])


def _of_one_line(batch: Batch, owner: np.ndarray) -> Batch:
    """Return the documents without a product line where their lines are of several."""
    if PRODUCT_LINE not in batch.values:
        return batch
    said = batch.values[PRODUCT_LINE]
    pairs = pd.DataFrame({"owner": owner, "said": said})[batch.sound].drop_duplicates()
    several = pairs.owner[pairs.owner.duplicated()].unique()
    if not len(several):
        return batch
    mixed, n = np.isin(owner, several), len(several)
    words = _("{n:,} {table} whose lines are of several product lines have no product line")
    values = batch.values.assign(**{PRODUCT_LINE: said.mask(mixed)})
    note = words.format(n=n, table=batch.table)
    return replace(batch, values=values, notes=(*batch.notes, note))


def _added_up(batch: Batch, owner: np.ndarray, once: np.ndarray) -> Batch:
    """Return the documents with the sum of their lines' amounts, each at its first line.

    ``once`` are lines that repeat the document's sum: there it is the first one's.
    """
    good = batch.sound
    gone = good & (owner != np.arange(len(owner)))
    sums = batch.values[AMOUNT].groupby(owner).transform("sum")
    several = np.isin(owner, owner[gone]) & good
    values = batch.values.assign(**{AMOUNT: batch.values[AMOUNT].mask(several & ~once, sums)})
    lines = pd.Series(batch.lines).groupby(owner).transform("sum").to_numpy()
    words = _("{n:,} rows are lines of {m:,} {table}: their amounts are added up ({sum:,.2f} CNY)")
    added = several & ~once
    money = float(values.loc[added & ~gone, AMOUNT].sum()) / 100
    m = len(np.unique(owner[added]))
    said = words.format(n=int(added.sum()), m=m, table=batch.table, sum=money)
    return replace(
        batch,
        positions=batch.positions[~gone],
        values=values[~gone].reset_index(drop=True),
        lines=np.where(several, lines, batch.lines)[~gone],
        notes=(*batch.notes, *([said] if m else [])),
    )


def _numbered(batch: Batch, owner: np.ndarray) -> Batch:
    name = NUMBERED[batch.table]
    if name in batch.values:
        return batch
    count = pd.Series(owner).groupby(owner).cumcount().to_numpy() + 1
    numbers = pd.Series(count, index=batch.values.index, dtype="Int64")
    return replace(batch, values=batch.values.assign(**{name: numbers}))


def _held_all(batch: Batch, owner: np.ndarray, heads: Heads) -> Batch:
    several = np.isin(owner, owner[owner != np.arange(len(owner))]) & batch.sound
    reason = _("one of several lines of one {key}; {table} has a row a document")
    remedy = _("give each line a {key} of its own, or export the document's sum alone")
    words = reason.format(key=heads.key, table=batch.table)
    positions = batch.positions[several]
    return batch.with_faults([fault_rows(positions, words, remedy.format(key=heads.key))])
