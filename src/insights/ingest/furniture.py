"""Rows of a printed report that are no data: sums, headers repeated on each page, footers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.vocabulary import Vocabulary, as_compared
from insights.words import _

FOOTER_SHARE = 0.5  # of the cells at most are filled in a footer
SUBTOTAL_SHARE = 0.5  # of the cells at most are filled in a subtotal of a sheet without codes


@dataclass(frozen=True)
class Furniture:
    """Which rows of a sheet are of one kind that is no data, and what is said of them."""

    where: np.ndarray
    reason: str
    remedy: str


def subtotal_reason() -> str:
    """Return what is said of a row of sums."""
    return _("a subtotal row")


def furniture(
    frame: pd.DataFrame,
    vocabulary: Vocabulary,
    ids: Sequence[str] = (),
    needed: Sequence[str] = (),
) -> tuple[Furniture, ...]:
    """Which rows of a sheet are no data of any table? Subtotals, repeated headers, page footers.

    ``ids`` are the headers of codes, ``needed`` those of them that each row of data has.
    """
    nothing = _("nothing to do: it is no row of data")
    first = _first_cells(frame)
    odd = _begin_with(first, f"{vocabulary.subtotal}|{vocabulary.footer}")
    return (
        Furniture(
            _subtotals(frame, first, odd, vocabulary, ids, needed),
            subtotal_reason(),
            _("nothing to do: it repeats other rows"),
        ),
        Furniture(_repeated_headers(frame), _("the header row once more"), nothing),
        Furniture(
            _footers(frame, first, odd, vocabulary), _("a footer of the printed page"), nothing
        ),
    )


def _subtotals(
    frame: pd.DataFrame,
    first: pd.Series,
    odd: np.ndarray,
    vocabulary: Vocabulary,
    ids: Sequence[str],
    needed: Sequence[str],
) -> np.ndarray:
    """Return rows whose first filled cell or any code is a word such as 小计, or that begin with a
    name and such a word (华东小计) and are no row of data: 市立合计 beside a code is a customer.
    """
    hits = _begin_with(first, vocabulary.subtotal, odd)
    named = hits & ~_begin_with(first, vocabulary.sum_word, hits)
    if named.any():
        rows = frame.loc[named].replace(list(vocabulary.blanks), None)
        hits[named] = _lacking(rows, first[named], ids, needed)
    for name in ids:
        hits |= _begin_with(frame[name], vocabulary.sum_word)
    return hits


def _lacking(
    rows: pd.DataFrame, first: pd.Series, ids: Sequence[str], needed: Sequence[str]
) -> np.ndarray:
    """Return rows without a code that each row has, or whose own code is their first cell; where
    no code is known, rows of few filled cells.
    """
    filled = _filled(rows)
    if not needed:
        few = filled.to_numpy().sum(axis=1) <= SUBTOTAL_SHARE * len(rows.columns)
    else:
        few = ~filled[list(needed)].to_numpy().all(axis=1)
    begins = [(rows[name] == first).fillna(False).to_numpy(bool) for name in ids]
    return np.logical_or.reduce([few, *begins])


def _footers(
    frame: pd.DataFrame, first: pd.Series, odd: np.ndarray, vocabulary: Vocabulary
) -> np.ndarray:
    """Return rows that begin with a word such as 打印日期, fill half of the cells at most, and hold
    no more than one other cell for each such word: a remark in the first column of data has more.
    """
    hits = _begin_with(first, vocabulary.footer, odd)
    if hits.any():
        rows = frame.loc[hits]
        filled = _filled(rows).to_numpy().sum(axis=1)
        words = sum(_begin_with(rows[name], vocabulary.footer).astype(int) for name in rows)
        few = (filled <= FOOTER_SHARE * len(frame.columns)) | (filled == 1)
        hits[hits] = few & (2 * words >= filled)
    return hits


def _repeated_headers(frame: pd.DataFrame) -> np.ndarray:
    """Return rows that say the column's own header in most of their filled cells, in two at least.

    Headers of one column only, or a value that happens to be its header, are data.
    """
    hits = np.zeros(len(frame), dtype=bool)
    for name in frame.columns:
        found = pc.equal(pa.array(frame[name]), pa.scalar(str(name), pa.large_string()))
        if pc.any(found).as_py():
            hits |= found.fill_null(False).to_numpy(zero_copy_only=False)
    if hits.any():
        rows = frame.loc[hits]
        same = sum(rows[name].map(as_compared, na_action="ignore") == as_compared(name)
                   for name in frame.columns)  # fmt: skip
        filled = _filled(rows).sum(axis=1)
        hits[hits] = ((same >= 2) & (same * 2 > filled)).to_numpy(bool)
    return hits


def _first_cells(frame: pd.DataFrame) -> pd.Series:
    """Return the first filled cell of each row: nearly always that of the first column."""
    first = pd.Series(None, index=frame.index, dtype="str")
    for number, name in enumerate(frame.columns):
        first = first.fillna(frame[name]) if number else frame[name]
        blank = (first.str.strip() == "").to_numpy(bool)
        first = first.mask(blank) if blank.any() else first
        if not first.hasnans:
            break
    return first


def _begin_with(first: pd.Series, pattern: str, among: np.ndarray | None = None) -> np.ndarray:
    """Return which cells fit a pattern, looked for ``among`` some of them only."""
    hits = np.ones(len(first), dtype=bool) if among is None else among.copy()
    cells = pa.array(first[hits], pa.large_string())
    found = pc.match_substring_regex(cells, pattern).fill_null(False)
    hits[hits] = found.to_numpy(zero_copy_only=False)
    return hits


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.apply(lambda cells: cells.notna() & (cells.str.strip() != ""))
