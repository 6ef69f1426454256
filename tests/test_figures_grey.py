"""Printed in grey, series are still told apart: by shade, hatch, marker or stroke."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from insights import figures
from insights.figures.forms import KINDS
from insights.figures.style import COLOURS, HATCHES

SHADES = np.array([0.299, 0.587, 0.114])  # what a grey printer makes of red, green and blue
SEEN = 0.04  # root mean square of differences, black to white being 1
NAMES = list("ABCDEFGH")
MANY = pd.DataFrame(np.arange(1.0, 33).reshape(4, 8) % 7 + 1, list("wxyz"), NAMES)
LEGENDS = {
    "stacked": lambda: figures.stacked(MANY, "t"),
    "lines": lambda: figures.lines(MANY.reset_index(drop=True), "t"),
    "scatter": lambda: figures.scatter(
        pd.DataFrame({"x": range(8), "y": range(8), "g": NAMES}), "x", "y", "g", "t", "x", "y"
    ),
    "intervals": lambda: figures.intervals(
        pd.DataFrame(
            {"estimate": 1.0, "low": 0.0, "high": 2.0,
             "kind": pd.Categorical(NAMES[:4], NAMES[:4])}, NAMES[:4]
        ), "t",
    ),
}  # fmt: skip


def in_grey(figure: Figure) -> np.ndarray:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3] / 255 @ SHADES


def middle(handle: Artist, figure: Figure) -> tuple[float, float]:
    if isinstance(handle, PathCollection):
        return tuple(handle.get_offset_transform().transform(handle.get_offsets())[0])
    box = handle.get_window_extent(figure.canvas.get_renderer())
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def keys(figure: Figure) -> dict[str, np.ndarray]:
    """Return each key of the legend as it looks in grey, cut out around its middle."""
    shades = in_grey(figure)
    legend = figure.legends[0]
    names = [text.get_text() for text in legend.get_texts()]
    cut = {}
    for name, handle in zip(names, legend.legend_handles, strict=True):
        x, y = middle(handle, figure)
        up = round(shades.shape[0] - y)
        cut[name] = shades[up - 6 : up + 7, round(x) - 12 : round(x) + 13]
    return cut


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return how much two keys differ, laid upon each other as well as they go."""
    rows, columns = one.shape[0] - 6, one.shape[1] - 6
    moved = [other[up : up + rows, left : left + columns] for up in range(7) for left in range(7)]
    inner = one[3 : 3 + rows, 3 : 3 + columns]
    return min(float(np.sqrt(np.mean((inner - each) ** 2))) for each in moved)


@pytest.mark.parametrize("form", LEGENDS)
def test_no_two_series_look_alike_in_grey(form):
    found = keys(LEGENDS[form]())
    assert len(found) >= 4
    alike = {
        (a, b): round(difference(found[a], found[b]), 3)
        for a, b in combinations(found, 2)
        if difference(found[a], found[b]) < SEEN
    }
    assert alike == {}


def test_the_check_finds_series_that_look_alike(monkeypatch):
    alike = ("#CC79A7", "#56B4E9", *COLOURS[2:])
    monkeypatch.setattr(figures.forms, "COLOURS", alike)
    monkeypatch.setattr(figures.forms, "HATCHES", ("",) * 8)
    found = keys(LEGENDS["stacked"]())
    assert difference(found["A"], found["B"]) < SEEN


def test_neighbours_differ_in_shade_and_others_in_shade_or_hatch():
    shades = [float(np.dot(to_rgb(colour), SHADES)) for colour in COLOURS]
    assert min(abs(a - b) for a, b in pairwise(shades)) > 0.1
    for a, b in combinations(range(len(COLOURS)), 2):
        assert abs(shades[a] - shades[b]) > 0.1 or HATCHES[a] != HATCHES[b]


def test_highlighted_bars_differ_in_shade():
    axes = figures.bars(pd.Series([1.0, 2], ["a", "b"]), "t", highlight=["b"]).axes[0]
    plain, marked = (float(np.dot(bar.get_facecolor()[:3], SHADES)) for bar in axes.patches)
    assert abs(plain - marked) > 0.1


def test_kinds_are_told_apart_without_colour():
    assert len({(kind.marker, kind.filled) for kind in KINDS}) == len(KINDS) == 4
