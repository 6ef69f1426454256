"""Lines of a document below its first one, whose number, day and customer are left blank."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest.amounts import plain_numbers
from insights.ingest.blanks.gaps import Gaps
from insights.ingest.blanks.heads import Heads, is_blank
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL

ITEM = re.compile(
    "存货|物料|商品|产品|货品|品名|品种|规格|型号|批号|行号|分录|服务|项目|明细|item|sku|product|line|material",
    re.IGNORECASE,
)  # in headers of what a line is about
MEASURES = ("money", "float", "int", "rate")
SAME = 0.005  # CNY: sums of floats are not exact


@dataclass(frozen=True)
class Lines:
    """``owner``: for each row the first line of its document, for any other row itself.

    ``sure``: which rows are lines below their first one; ``unsure``: first ones and rows below them
    of which nobody can tell. ``item``: the headers that say what a line is about. ``orphans``: rows
    that may be lines of a document held back.
    """

    owner: np.ndarray
    sure: np.ndarray
    unsure: np.ndarray
    item: tuple[str, ...]
    orphans: np.ndarray


def item_headers(frame: pd.DataFrame, heads: Heads) -> tuple[str, ...]:
    """Return the headers of what a line is about."""
    taken = {*heads.needed, *heads.customer, heads.amount}
    return tuple(h for h in frame.columns if h not in taken and ITEM.search(str(h)))


def find_lines(frame: pd.DataFrame, heads: Heads, gaps: Gaps, vocabulary: Vocabulary) -> Lines:
    """Which rows are lines of the document above them?

    Their number, day and customer are all blank and their amount is not; no sum and no row held
    back stands between.
    Sure where the line and the first one both say what they are about; a row of nothing but numbers
    is a sum without its word, and no line.
    """
    rows = np.arange(len(frame))
    item = item_headers(frame, heads)
    nothing = np.zeros(len(frame), dtype=bool)
    below = _below(frame, heads, vocabulary)
    if not below.any():
        return Lines(rows, nothing, nothing, item, nothing)
    above = np.maximum.accumulate(np.where(below, -1, rows))
    owner = np.where(above >= 0, above, rows)
    orphans = gaps.orphans(below, above)
    has = ~is_blank(frame[heads.key], vocabulary)
    below &= (above >= 0) & has[owner] & (gaps.parts[owner] == gaps.parts)
    below &= _worded(frame, below, vocabulary)
    told = np.logical_or.reduce([nothing, *(~is_blank(frame[h], vocabulary) for h in item)])
    doubted = below & ~(told & told[owner])
    unsure = np.isin(owner, owner[doubted]) & (below | np.isin(rows, owner[doubted]))
    return Lines(np.where(below, owner, rows), below & ~unsure, unsure, item, orphans)


def filled_down(
    frame: pd.DataFrame, table: str, heads: Heads, lines: Lines, vocabulary: Vocabulary
) -> pd.DataFrame:
    """Return the rows with what a document's first line says in each of its lines.

    Beside what every document has, that is what none of the lines says for itself.
    """
    types = {column.name: column.type for column in CANONICAL[table].columns}
    read = [header for name, header in heads.columns.items() if types[name] not in MEASURES]
    alone = [h for h in read if is_blank(frame[h][lines.sure], vocabulary).all()]
    headers = dict.fromkeys([*heads.needed, *heads.customer, *alone])
    return frame.assign(
        **{h: frame[h].where(~lines.sure, frame[h].iloc[lines.owner].to_numpy()) for h in headers}
    )


def _below(frame: pd.DataFrame, heads: Heads, vocabulary: Vocabulary) -> np.ndarray:
    found = is_blank(frame[heads.key], vocabulary)
    for header in (*heads.needed, *heads.customer):
        if not found.any():
            break
        found = found & is_blank(frame[header], vocabulary)
    return found & ~is_blank(frame[heads.amount], vocabulary)


def _worded(frame: pd.DataFrame, among: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """Return which rows hold anything but numbers."""
    found = np.zeros(len(frame), dtype=bool)
    some = frame[among]
    for header in frame.columns:
        cells = some[header]
        found[among] |= (
            ~is_blank(cells, vocabulary) & plain_numbers(cells.str.strip()).isna().to_numpy()
        )
    return found
