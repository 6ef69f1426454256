"""Where a sheet's headers are: under title rows, in one row or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insights.ingest.vocabulary import as_compared
from insights.words import _

TITLE_ROWS = 10  # how far down a header row is looked for
Cells = Sequence[str | None]


@dataclass(frozen=True)
class Headers:
    """The headers of a sheet; its data begin at row ``data`` (from 0) of the grid."""

    names: tuple[str, ...]
    data: int
    unnamed: frozenset[str] = frozenset()  # columns that have no header
    repeated: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_headers(top: Sequence[Cells], known: frozenset[str]) -> Headers | None:
    """Return the headers among the first rows of a grid; None where nothing is filled.

    The row with the most known headers; where none has two, the first that is about as wide as
    the widest. A second row of headers (of groups above, of field names below) fills its gaps.
    """
    rows = {n: row for n, row in enumerate(top[: TITLE_ROWS + 1]) if filled(row)}
    if not rows:
        return None
    best = _header_row({n: row for n, row in rows.items() if n < TITLE_ROWS} or rows, known)
    first, last = best, best
    if _is_second(rows.get(best - 1), known) or _fills_gaps(rows.get(best - 1), rows[best], known):
        first = best - 1
    elif _is_second(rows.get(best + 1), known):
        last = best + 1
    upper, lower = rows[first], rows[last]
    titles = _titles(upper, lower, known) if first < last else [(t or "").strip() for t in upper]
    while titles and not titles[-1]:
        titles.pop()
    notes = _said(first, last)
    return named(titles, last + 1, notes)


def filled(row: Cells) -> bool:
    """Say whether a row holds anything."""
    return any(cell and not cell.isspace() for cell in row)


def _said(first: int, last: int) -> tuple[str, ...]:
    if first == last:
        return ()
    return (_("rows {first} to {last} are read as one row of headers").format(
        first=first + 1, last=last + 1),)  # fmt: skip


def _header_row(rows: dict[int, Cells], known: frozenset[str]) -> int:
    hits = {n: _hits(row, known) for n, row in rows.items()}
    best = max(hits, key=lambda n: (hits[n], -n))
    if hits[best] >= 2:
        return best
    widths = {n: sum(bool(cell and cell.strip()) for cell in row) for n, row in rows.items()}
    wide = max(widths.values()) / 2
    return min(n for n, width in widths.items() if width >= wide)


def _hits(row: Cells, known: frozenset[str]) -> int:
    return sum(as_compared(cell or "") in known for cell in row)


def _is_second(row: Cells | None, known: frozenset[str]) -> bool:
    """A row below that is made of known headers, too, is no row of data."""
    if row is None:
        return False
    cells = [cell for cell in row if cell and cell.strip()]
    return _hits(cells, known) >= 2 and 2 * _hits(cells, known) > len(cells)


def _fills_gaps(row: Cells | None, below: Cells, known: frozenset[str]) -> bool:
    """A row above names columns that have no header below: merged cells over two rows."""
    if row is None:
        return False
    lower = _padded(below, len(row))
    return _hits([cell for cell, title in zip(row, lower, strict=False) if not title], known) > 0


def _titles(upper: Cells, lower: Cells, known: frozenset[str]) -> list[str]:
    """Return one header for each column of two rows: below a group's name, the lower one."""
    width = max(len(upper), len(lower)) + 1
    above = [(cell or "").strip() for cell in _padded(upper, width)]
    below = [(cell or "").strip() for cell in _padded(lower, width)]
    titles = []
    for n in range(width - 1):
        is_group = below[n] and not above[n + 1] and below[n + 1]
        taken = above[n] if as_compared(above[n]) in known and not is_group else below[n]
        titles.append(taken or above[n])
    return titles


def _padded(row: Cells, width: int) -> list[str | None]:
    return [*row, *([None] * (width - len(row)))]


def named(titles: Sequence[str], data: int, notes: tuple[str, ...] = ()) -> Headers:
    """Name columns that have no header by position, and number headers that are repeated."""
    seen: dict[str, int] = {}
    names, unnamed = [], []
    for position, title in enumerate(titles, 1):
        named = title or _("(column {n})").format(n=position)
        seen[named] = seen.get(named, 0) + 1
        names.append(named if seen[named] == 1 else f"{named} ({seen[named]})")
        unnamed += [] if title else [names[-1]]
    repeated = tuple(title for title, count in seen.items() if count > 1)
    return Headers(tuple(names), data, frozenset(unnamed), repeated, notes)
