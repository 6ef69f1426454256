"""Rows of a sheet that were held back: what stands below one is not filled from above it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest.blanks.heads import Heads, is_blank
from insights.ingest.furniture import SUBTOTAL
from insights.ingest.vocabulary import Vocabulary
from insights.words import _


@dataclass(frozen=True)
class Gaps:
    """Where the rows that were kept do not follow one another in the sheet.

    ``sums`` numbers them between two rows of sums, ``parts`` also between rows held back.
    ``after``: the held back row (its position) that a part begins after, else -1. ``lacking``: rows
    below which a line of their own document is held back.
    """

    sums: np.ndarray
    parts: np.ndarray
    after: np.ndarray
    lacking: np.ndarray

    def orphans(self, blank: np.ndarray, above: np.ndarray) -> np.ndarray:
        """Return which blank rows belong to a row that may be the one held back above them.

        ``above`` is the last row that is not blank, or -1.
        """
        return blank & (self.after >= 0) & ((above < 0) | (self.parts[above] != self.parts))


def gaps_of(
    sheet: pd.DataFrame,
    held: pd.DataFrame,
    kept: np.ndarray,
    heads: Heads,
    item: tuple[str, ...],
    vocabulary: Vocabulary,
) -> Gaps:
    """Return where rows are missing. A repeated header or a footer of a page parts nothing, nor
    does a line that the mapping leaves out: it is of the document above it.
    """
    sums = (held.column.eq("") & held.reason.eq(_(SUBTOTAL))).to_numpy(bool)
    page = (held.column.eq("") & held.expected).to_numpy(bool) & ~sums
    positions, serious = held.position.to_numpy(np.int64), ~held.expected.to_numpy(bool)
    rows = sheet.iloc[positions]
    whose = dict.fromkeys(name for name in (heads.key, *heads.needed, *heads.customer) if name)
    bare = np.logical_and.reduce(
        [np.ones(len(held), bool), *(is_blank(rows[name], vocabulary) for name in whose)]
    )
    cut = sums | serious | (~page & ~bare)
    cuts, at = positions[cut], np.searchsorted(positions[cut], kept)
    begins = np.concatenate([[-1], np.where(sums[cut], -1, cuts)])
    about = [~is_blank(rows[name], vocabulary) for name in item]
    line = serious & bare & np.logical_or.reduce([np.zeros(len(held), bool), *about])
    return Gaps(
        np.searchsorted(positions[sums], kept),
        at,
        begins[at],
        _lacking(positions[line], cuts, kept),
    )


def _lacking(lines: np.ndarray, cuts: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the rows right above a line held back, with nothing held back in between."""
    found = np.zeros(len(kept), dtype=bool)
    above = np.searchsorted(kept, lines) - 1
    lines, above = lines[above >= 0], above[above >= 0]
    between = np.searchsorted(cuts, lines) > np.searchsorted(cuts, kept[above])
    found[above[~between]] = True
    return found
