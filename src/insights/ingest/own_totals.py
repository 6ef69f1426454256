"""The totals that a sheet states itself (小计, 合计), against the rows that were read of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest.amounts import UNITS
from insights.ingest.batches import Batch
from insights.ingest.derivation import derive
from insights.ingest.furniture import SUBTOTAL
from insights.ingest.mapping import Derivation
from insights.ingest.recognition import place
from insights.ingest.values import read_values
from insights.ingest.vocabulary import Vocabulary
from insights.tables import CANONICAL
from insights.words import _

SHOWN = 3  # totals that differ, printed for a column
OF_ALL = re.compile(r"总\s*计|累\s*计|总合计|grand", re.IGNORECASE)
OF_GROUP = re.compile(r"小\s*计|sub", re.IGNORECASE)
IN_CELL = re.compile(r"(?:\.(?P<decimals>\d+))?\s*(?P<unit>百万|千万|千|万|亿)?\s*元?\s*$")


@dataclass(frozen=True)
class Stated:
    """One total of a sheet in cents: its row, what it says, and what its rows come to.

    ``allowed`` is how far apart they may be: half of the last digit that is written. ``accepted``
    is the part of ``found`` that is stored, ``unread`` how many of the rows have no readable money.
    """

    row: int
    said: int
    allowed: float
    found: int
    accepted: int
    unread: int

    @property
    def agrees(self) -> bool:
        """Say whether the rows come to the total, as finely as it is written."""
        return abs(self.said - self.found) <= self.allowed


@dataclass(frozen=True)
class _Sums:
    """Sums of a column up to each position of its sheet: all rows, without those left out, …"""

    whole: np.ndarray
    without: np.ndarray
    accepted: np.ndarray
    unread: np.ndarray

    def of(self, which: np.ndarray, start: int, stop: int) -> int:
        """Return the sum of the rows from ``start`` up to ``stop``, exclusive."""
        return int(which[stop] - which[start])


def total_words(batches: Sequence[Batch], vocabulary: Vocabulary) -> list[str]:
    """Say of each sheet whether its own totals agree with the rows; what differs first."""
    found = [
        (batch, column, stated)
        for batch in batches
        for column in _money(batch)
        if (stated := stated_totals(batch, column, vocabulary))
    ]
    differ = [_differing(*one) for one in found if not all(total.agrees for total in one[2])]
    agree = [_agreeing(*one) for one in found if all(total.agrees for total in one[2])]
    return list(dict.fromkeys([*differ, *agree]))


def stated_totals(batch: Batch, column: str, vocabulary: Vocabulary) -> list[Stated]:
    """Return the totals that a sheet states of a column, each beside what its rows come to."""
    faults, how = batch.faults, batch.plan.derivation(column)
    at = np.unique(faults.position[faults.reason == _(SUBTOTAL)].to_numpy(np.int64))
    texts = batch.sheet.frame[[str(how.column)]].iloc[at]
    made = derive(texts, how, vocabulary).values
    said = read_values(made, CANONICAL[batch.table].column(column), vocabulary, True).values
    kept = said.notna().to_numpy(bool)
    sums, grain = _sums(batch, column), _grain(batch.values[column], how)
    ends = at[kept].tolist()
    if not ends:
        return []
    words = batch.sheet.frame.iloc[ends].fillna("").agg("".join, axis=1)
    cells = [(str(text), int(cents), str(word)) for text, cents, word in zip(
        texts.iloc[kept, 0], said[kept], words, strict=True)]  # fmt: skip
    return [
        _stated(batch, how, sums, grain, ends[: n + 1], *cell, last=n == len(ends) - 1)
        for n, cell in enumerate(cells)
    ]


def _stated(
    batch: Batch, how: Derivation, sums: _Sums, grain: float, ends: list[int],
    text: str, cents: int, word: str, last: bool,
) -> Stated:  # fmt: skip
    """Return a total beside the rows it is of: from the sheet's begin or any total above it.

    Where none of them gives it, the word and the place tell: 小计 is of the rows since the total
    before it, 总计 and the last one of a sheet of all.
    """
    stop, starts = ends[-1], [0, *(end + 1 for end in ends[:-1])]
    rows = max(1, stop)
    allowed = _half_digit(text, how) + grain * np.sqrt(rows)
    for start in reversed(starts):
        for which in (sums.without, sums.whole):
            if abs(sums.of(which, start, stop) - cents) <= allowed:
                return _beside(batch, sums, which, start, stop, cents, allowed)
    of_all = OF_ALL.search(word) or (last and not OF_GROUP.search(word)) or starts[-1] == stop
    start = 0 if of_all else starts[-1]
    return _beside(batch, sums, sums.without, start, stop, cents, allowed)


def _beside(
    batch: Batch, sums: _Sums, which: np.ndarray, start: int, stop: int, cents: int, allowed: float
) -> Stated:  # fmt: skip
    return Stated(
        int(batch.sheet.rows[stop]), cents, allowed, sums.of(which, start, stop),
        sums.of(sums.accepted, start, stop), sums.of(sums.unread, start, stop),
    )  # fmt: skip


def _money(batch: Batch) -> list[str]:
    """Return the columns of money that are made of one column of the sheet, line by line."""
    if batch.table not in CANONICAL or batch.plan.distinct or not len(batch.values):
        return []
    hows = {
        name: batch.plan.derivation(name) for name in batch.plan.columns if name in batch.values
    }
    return [
        name
        for name, how in hows.items()
        if CANONICAL[batch.table].column(name).type == "money"
        and how.column in batch.sheet.frame.columns
    ]


def _sums(batch: Batch, column: str) -> _Sums:
    """Rows that are left out as expected (exact duplicates) may be in a total or not."""
    expected = set(batch.faults.position[batch.faults.expected])
    serious = set(batch.faults.position[~batch.faults.expected])
    left = np.isin(batch.positions, sorted(expected - serious))
    cents = batch.values[column].fillna(0).to_numpy(np.int64)
    empty = batch.values[column].isna().to_numpy(bool) & ~left
    parts = (cents, cents * ~left, cents * batch.sound, empty.astype(np.int64))
    return _Sums(*(_running(batch, part) for part in parts))


def _running(batch: Batch, amounts: np.ndarray) -> np.ndarray:
    at = np.zeros(len(batch.sheet.rows) + 1, dtype=np.int64)
    np.add.at(at, batch.positions + 1, amounts)
    return np.cumsum(at)


def _grain(cents: pd.Series, how: Derivation) -> float:
    """Return half of the last digit of amounts written in 万 and rounded there; else nothing."""
    digits = UNITS.get(how.unit, 0) + 2 if how.unit else 0
    rounded = [n for n in range(3, digits + 1) if not (cents.dropna() % 10**n).any()]
    return 10 ** max(rounded) / 2 if rounded else 0.0


def _half_digit(text: str, how: Derivation) -> float:
    """Return half of the last digit of a written total, in cents."""
    found = IN_CELL.search(text)
    decimals = len(found["decimals"] or "") if found else 0
    unit = UNITS.get((found["unit"] if found else "") or how.unit or "", 0)
    return float(10.0 ** (unit - decimals + 2) / 2)


def _differing(batch: Batch, column: str, stated: list[Stated]) -> str:
    wrong = [one for one in stated if not one.agrees]
    shown = [wrong[-1], *wrong[: SHOWN - 1]] if len(wrong) >= SHOWN else wrong[::-1]
    head = _("{place} {header}: {n} of the sheet's own {m} totals differ from the rows read: ")
    words = head.format(
        place=place(batch.sheet), header=batch.shown(column), n=len(wrong), m=len(stated)
    )
    more = " …" if len(wrong) > len(shown) else ""
    return words + "; ".join(_difference(one) for one in shown) + more


def _difference(one: Stated) -> str:
    words = _(
        "row {row} says {said:,.2f}, its rows come to {found:,.2f} ({gap:+,.2f}), of which"
        " {accepted:,.2f} are accepted"
    ).format(
        row=one.row, said=one.said / 100, found=one.found / 100,
        gap=(one.found - one.said) / 100, accepted=one.accepted / 100,
    )  # fmt: skip
    unread = _(", {n} rows without an amount that can be read").format(n=one.unread)
    return words + (unread if one.unread else "")


def _agreeing(batch: Batch, column: str, stated: list[Stated]) -> str:
    last = stated[-1]
    words = _(
        "{place} {header}: the sheet's own {n} totals agree with the rows read; the last, row"
        " {row}, is {said:,.2f}, of which {accepted:,.2f} are accepted"
    )
    return words.format(
        place=place(batch.sheet), header=batch.shown(column), n=len(stated), row=last.row,
        said=last.said / 100, accepted=last.accepted / 100,
    )  # fmt: skip
