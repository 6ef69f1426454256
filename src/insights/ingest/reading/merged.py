"""Merged cells: one value that a person sees beside several rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from insights.ingest.amounts import plain_numbers
from insights.words import _, listing

Area = tuple[tuple[int, int], tuple[int, int]]  # first and last (row, column), from 0
Grid = list[list[str | None]]
SHOWN = 5
HEADER_ROWS = 11
CODES = ("编码", "代码", "编号")  # at the end of a header of codes
ZEROS = re.compile("[0０][0-9０-９]+")


def with_merged(grid: Grid, areas: Sequence[Area]) -> tuple[Grid, list[str]]:
    """Return the grid with words and codes repeated in each row of their merged cells, and notes.

    An amount is never repeated, because that would count it again: it stays in the first row.
    Cells merged across columns only (titles) stay as they are.
    """
    tall = [area for area in areas if area[1][0] > area[0][0] and area[0][0] < len(grid)]
    texts = {area: _first(grid, area) for area in tall}
    numbers = _amounts([text for text in texts.values() if text])
    codes = _of_codes(grid, texts, numbers)
    left = [area for area, text in texts.items() if text in numbers and area[0][1] not in codes]
    made = [list(row) for row in grid] if tall else grid
    for area, text in texts.items():
        if text and area not in left:
            _repeat(made, area, text)
    return made, _notes([area for area in tall if texts[area] and area not in left], left)


def _first(grid: Grid, area: Area) -> str | None:
    (row, column), _last = area
    return grid[row][column] if column < len(grid[row]) else None


def _amounts(texts: list[str]) -> set[str]:
    """Return which texts are numbers; with a leading zero one is a code."""
    numbers = plain_numbers(pd.Series(texts, dtype="str"))
    read = [text for text, number in zip(texts, numbers, strict=True) if isinstance(number, str)]
    return {text for text in read if not (text.startswith("0") and "." not in text and text != "0")}


def _of_codes(grid: Grid, texts: Mapping[Area, str | None], numbers: set[str]) -> set[int]:
    """Return the columns whose merged cells hold codes: most are no numbers, or a header says so.

    A code such as 000125 that Excel took for a number, 125, is still one.
    """
    columns = {column for (_row, column), _last in texts}
    found = {c for c in columns if any(_is_code(row, c) for row in grid[:HEADER_ROWS])}
    for column in columns - found:
        own = [text for ((_row, at), _last), text in texts.items() if text and at == column]
        zeros = [text for text in own if ZEROS.fullmatch(text)]
        words = [text for text in own if text not in numbers]
        if zeros and 2 * len(words) > len(own):
            found.add(column)
    return found


def _is_code(row: Sequence[str | None], column: int) -> bool:
    text = (row[column] if column < len(row) else None) or ""
    return text.strip().casefold().endswith(CODES)


def _repeat(grid: Grid, area: Area, text: str) -> None:
    (top, column), (bottom, _right) = area
    for row in grid[top + 1 : bottom + 1]:
        row += [None] * (column + 1 - len(row))
        row[column] = row[column] or text


def _notes(repeated: list[Area], left: list[Area]) -> list[str]:
    notes = []
    if repeated:
        words = _("merged cells: the text stands in each of their rows ({places})")
        notes.append(words.format(places=listing([_place(a) for a in repeated], SHOWN)))
    if left:
        words = _(
            "merged cells: a number stays in the first row alone ({places}); unmerge them in "
            "Excel and fill the rows where each has it"
        )
        notes.append(words.format(places=listing([_place(area) for area in left], SHOWN)))
    return notes


def _place(area: Area) -> str:
    (top, left), (bottom, right) = area
    return f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"


def _letters(column: int) -> str:
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
