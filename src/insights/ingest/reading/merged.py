"""Merged cells: one value that a person sees beside several rows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insights.ingest.amounts import plain_numbers
from insights.words import _, listing

Area = tuple[tuple[int, int], tuple[int, int]]  # first and last (row, column), from 0
Grid = list[list[str | None]]
SHOWN = 5


def with_merged(grid: Grid, areas: Sequence[Area]) -> tuple[Grid, list[str]]:
    """Return the grid with words and codes repeated in each row of their merged cells, and notes.

    An amount is never repeated, because that would count it again: it stays in the first row.
    Cells merged across columns only (titles) stay as they are.
    """
    tall = [area for area in areas if area[1][0] > area[0][0] and area[0][0] < len(grid)]
    texts = {area: _first(grid, area) for area in tall}
    amounts = _amounts([text for text in texts.values() if text])
    made = [list(row) for row in grid] if tall else grid
    for area, text in texts.items():
        if text and text not in amounts:
            _repeat(made, area, text)
    left = [area for area, text in texts.items() if text in amounts]
    return made, _notes([area for area in tall if texts[area] and area not in left], left)


def _first(grid: Grid, area: Area) -> str | None:
    (row, column), _last = area
    return grid[row][column] if column < len(grid[row]) else None


def _amounts(texts: list[str]) -> set[str]:
    """Return which texts are numbers; with a leading zero one is a code."""
    numbers = plain_numbers(pd.Series(texts, dtype="str"))
    read = [text for text, number in zip(texts, numbers, strict=True) if isinstance(number, str)]
    return {text for text in read if not (text.startswith("0") and "." not in text and text != "0")}


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
