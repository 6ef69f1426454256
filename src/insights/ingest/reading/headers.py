"""Where a sheet's headers are: under title rows, in one row or two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from insights.ingest.vocabulary import INVISIBLE, as_compared
from insights.words import _

UNIT = re.compile(r"[(（\[【](?:千元?|万元?|亿元?)[)）\]】]$")  # of money
ANY_UNIT = re.compile(r"[(（\[【][^()（）\[\]【】]{1,4}[)）\]】]$")
MONEY = re.compile("额|款|amount|balance", re.IGNORECASE)  # in headers
INVISIBLE_LETTERS = re.compile(INVISIBLE)
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
    data = [row for n, row in rows.items() if n > best]
    if _is_upper(rows.get(best - 1), rows[best], data, known):
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
    return sum(_is_known(cell or "", known) for cell in row)


def _is_known(cell: str, known: frozenset[str]) -> bool:
    return as_compared(cell) in known or as_compared(ANY_UNIT.sub("", cell)) in known


def _is_second(row: Cells | None, known: frozenset[str]) -> bool:
    """A row below that is made of known headers, too, is no row of data."""
    if row is None:
        return False
    cells = [cell for cell in row if cell and cell.strip()]
    return _hits(cells, known) >= 2 and 2 * _hits(cells, known) > len(cells)


def _is_upper(
    row: Cells | None, below: Cells, data: Sequence[Cells], known: frozenset[str]
) -> bool:
    """A row above is made of known headers, or names columns that have none below: merged cells.

    Each of its cells stands above an empty one, or is a group's name or a known header. A line of
    query conditions (区域, 华东, 日期, 2025-01) has others, or only counted rows have no header.
    """
    if row is None:
        return False
    above, lower = _even(row, below)
    gaps = [n for n, cell in enumerate(above) if _is_known(cell, known) and not lower[n]]
    merged = [n for n, cell in enumerate(above) if cell and cell == lower[n]]
    over = [
        n
        for n, cell in enumerate(above)
        if cell and lower[n] and n not in merged and not _groups(above, lower, n)
    ]
    if merged:
        return not over
    if _is_second(row, known):
        over = [n for n in over if not _is_known(above[n], known)]
    elif all(_counts(data, n) for n in gaps) or any(cell.endswith((":", "：")) for cell in above):
        return False
    return not over


def _counts(data: Sequence[Cells], n: int) -> bool:
    """Say whether a column counts the rows: 1, 2, 3 below no header."""
    cells = [row[n] if n < len(row) else None for row in data]
    return bool(cells) and cells == [str(count) for count in range(1, len(cells) + 1)]


def _even(upper: Cells, lower: Cells) -> tuple[list[str], list[str]]:
    """Return two rows without blanks around their cells and of one width, one cell wider."""
    width = max(len(upper), len(lower)) + 1
    above, below = (
        [(cell or "").strip() for cell in _padded(row, width)] for row in (upper, lower)
    )
    return above, below


def _groups(above: list[str], below: list[str], n: int) -> bool:
    """Say whether an upper cell is the name of several columns: none stands beside it."""
    return bool(n + 1 < len(above) and below[n] and not above[n + 1] and below[n + 1])


def _titles(upper: Cells, lower: Cells, known: frozenset[str]) -> list[str]:
    """Return one header for each column of two rows: the lower one where it is known, or below a
    group's name. A unit of money that stands above it only, (万元), is kept, and so is a group's
    name without which no table knows the column: 编码 below 客户.
    """
    above, below = _even(upper, lower)
    units = _units(above, below)
    titles, group = [], ""
    for n in range(len(above) - 1):
        lower_wins = _is_known(below[n], known) or _groups(above, below, n)
        group = above[n] or (group if below[n] and n and below[n - 1] else "")
        if group and not _is_known(below[n], known) and as_compared(group + below[n]) in known:
            titles.append(group + below[n])
            continue
        taken = above[n] if _is_known(above[n], known) and not lower_wins else below[n]
        titles.append(taken + units[n] if taken == below[n] and taken else taken or above[n])
    return titles


def _units(above: list[str], below: list[str]) -> list[str]:
    """Return the unit of money that each lower header lacks: of the cell above, or of its group,
    of which only columns of money have it.
    """
    units, group = [], ""
    for n, cell in enumerate(above):
        group = cell or (group if below[n] else "")
        found = UNIT.search(group)
        alone = bool(cell) and not _groups(above, below, n)
        lacks = found and not ANY_UNIT.search(below[n]) and (alone or MONEY.search(below[n]))
        units.append(found[0] if found and lacks else "")
    return units


def _padded(row: Cells, width: int) -> list[str | None]:
    return [*row, *([None] * (width - len(row)))]


def named(titles: Sequence[str], data: int, notes: tuple[str, ...] = ()) -> Headers:
    """Name columns that have no header by position, and number headers that are repeated."""
    seen: dict[str, int] = {}
    names, unnamed = [], []
    seen_letters = [INVISIBLE_LETTERS.sub("", title).strip() for title in titles]
    for position, title in enumerate(seen_letters, 1):
        named = title or _("(column {n})").format(n=position)
        seen[named] = seen.get(named, 0) + 1
        names.append(named if seen[named] == 1 else f"{named} ({seen[named]})")
        unnamed += [] if title else [names[-1]]
    repeated = tuple(title for title, count in seen.items() if count > 1)
    return Headers(tuple(names), data, frozenset(unnamed), repeated, notes)
