"""Amounts in yuan among others in 万元: ten thousand times too large, and each a number."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from insights.ingest.amounts import HEADER_UNITS, UNITS, plain_numbers
from insights.ingest.making import of_one_cell
from insights.ingest.mapping import TablePlan
from insights.tables import CANONICAL

FEWEST = 10  # other amounts that show what is usual
FAR, BEYOND = 1000, 10  # times the median, and times the largest of the others
NEAR = 100  # times the median, where the row's tax or the like speaks against it too
FEW = 0.1  # of the rows at most: more are no slips
TIGHT = 30  # at most times apart are the ratios of two columns that belong together
MONEY = re.compile("税|额|款|余|金|tax|amount|balance", re.IGNORECASE)  # in headers
OWN_UNIT = "[千万亿元]"
Found = dict[str, tuple[np.ndarray, str]]  # canonical column -> rows, and the unit of its header


def of_another_unit(frame: pd.DataFrame, table: str, plan: TablePlan) -> Found:
    """Which amounts of a column with a unit (万元) were written without it, in yuan?

    They are far beyond all others, and divided by the unit they are as usual; or they are so beside
    a tax (or another amount of the row) that always keeps one proportion and here is out by the
    unit. Nothing is said of few rows, nor where many are so.
    """
    found: Found = {}
    for name in plan.columns:
        how = plan.derivation(name)
        if CANONICAL[table].column(name).type != "money" or how.unit not in HEADER_UNITS:
            continue
        if of_one_cell(how):
            rows = _odd(frame, how.inputs[0], 10.0 ** UNITS[how.unit])
            if rows.any():
                found[name] = rows, how.unit
    return found


def _odd(frame: pd.DataFrame, header: str, factor: float) -> np.ndarray:
    size = _sizes(frame[header])
    filled = size > 0
    nothing = np.zeros(len(size), dtype=bool)
    if filled.sum() <= FEWEST:
        return nothing
    usual = float(np.median(size[filled]))
    odd = _far(size, filled, usual, factor)
    doubted = filled & (size >= NEAR * usual) & ~odd
    for other in frame.columns if doubted.any() or odd.any() else ():
        if other != header and MONEY.search(str(other)):
            odd = odd | (doubted & _out_of_proportion(size, _sizes(frame[other]), factor))
    return odd if 0 < odd.sum() <= FEW * filled.sum() else nothing


def _far(size: np.ndarray, filled: np.ndarray, usual: float, factor: float) -> np.ndarray:
    """Return sizes beyond all others, which divided by the unit lie among them."""
    far = filled & (size >= FAR * usual)
    rest = size[filled & ~far]
    if not far.any() or len(rest) < FEWEST:
        return far & False
    shifted = size / factor
    inside = (shifted >= rest.min()) & (shifted <= rest.max())
    return far & inside & (size >= BEYOND * rest.max())


def _out_of_proportion(size: np.ndarray, other: np.ndarray, factor: float) -> np.ndarray:
    """Return rows whose proportion to another column is out by about the unit, where it is kept."""
    both = (size > 0) & (other > 0)
    ratio = np.divide(size, other, out=np.ones_like(size), where=both)
    usual = float(np.median(ratio[both])) if both.any() else 1.0
    out = both & (ratio / usual >= factor / TIGHT) & (ratio / usual <= factor * TIGHT)
    kept = ratio[both & ~out]
    tight = len(kept) >= FEWEST and kept.max() <= TIGHT * kept.min()
    return out if tight else out & False


def _sizes(cells: pd.Series) -> np.ndarray:
    """Return amounts without sign; 0 where a cell has none, or a unit of its own."""
    alone = cells.mask(cells.str.contains(OWN_UNIT).fillna(False).astype(bool))
    numbers = pd.to_numeric(plain_numbers(alone.str.strip()).astype(object), errors="coerce")
    return np.nan_to_num(np.abs(numbers.to_numpy(np.float64)))
