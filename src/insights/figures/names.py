"""The names of lines: at their ends where these lie apart, else in a legend."""

from __future__ import annotations

import textwrap
import unicodedata
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

SIZE = 8  # points
ROOM = 1.35 * SIZE  # between the middles of two names of one row
BROAD, LONGEST = 18, 36  # columns of a terminal: a Chinese character takes two
BESIDE = 2, 5  # one line needs no name at its end, more would crowd the margin


def name_lines(figure: Figure, axes: Axes, drawn: list[Line2D]) -> None:
    """Name lines where the eye ends: at their last points; by a legend where names would meet."""
    axes.autoscale_view()  # else heights are those of an empty picture
    ends = [_end(axes, line) for line in drawn]
    rows = [_rows(str(line.get_label())) for line in drawn]
    if not _apart(ends, rows):
        figure.legend(loc="outside lower center", ncols=min(len(drawn), 4), fontsize=SIZE)
        return
    for line, words in zip(drawn, rows, strict=True):
        known = np.flatnonzero(np.isfinite(np.asarray(line.get_ydata(), dtype=float)))[-1]
        x, y = np.asarray(line.get_xdata())[known], np.asarray(line.get_ydata())[known]
        axes.annotate(
            "\n".join(words), (x, y), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize=SIZE, annotation_clip=False,
        )  # fmt: skip


def _end(axes: Axes, line: Line2D) -> float:
    """Return how high a line ends, in points; not a number where it has no point."""
    values = np.asarray(line.get_ydata(), dtype=float)
    known = values[np.isfinite(values)]
    if not known.size:
        return float("nan")
    height = axes.transData.transform((0, known[-1]))[1]
    return float(height) * 72 / axes.get_figure(root=True).dpi  # type: ignore[union-attr]


def _apart(ends: list[float], rows: list[list[str]]) -> bool:
    """Say whether names at the ends would stand clear of each other."""
    few = BESIDE[0] <= len(ends) <= BESIDE[1]
    if not few or not np.isfinite(ends).all() or max(map(len, rows)) > 2:
        return False
    order = sorted(zip(ends, rows, strict=True), key=lambda pair: pair[0])
    return all(
        high - low >= ROOM * (len(under) + len(over)) / 2
        for (low, under), (high, over) in pairwise(order)
    )


def _rows(name: str) -> list[str]:
    """Return a name in rows that leave the picture its room; three rows where it is too long."""
    broad = sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in name)
    if broad > LONGEST:
        return [name] * 3
    if broad <= BROAD:
        return [name]
    wide = broad > len(name)
    return [name[: len(name) // 2], name[len(name) // 2 :]] if wide else textwrap.wrap(name, BROAD)
