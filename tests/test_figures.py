from __future__ import annotations

import ast

import numpy as np
import pandas as pd
import pytest

from drawn_forms import CHARTS
from insights import figures
from insights.figures.style import number
from insights.params import ROOT
from insights.words import short

ROOMS = ("segmentation", "delinquency", "strategy", "targets", "calls", "exceptions")


def test_a_figure_is_drawn_from_the_values_it_is_given():
    figure = figures.bars(pd.Series([1.0, 2.5], index=["a", "b"]), "t")
    assert [bar.get_width() for bar in figure.axes[0].patches] == [1.0, 2.5]


def test_a_figure_is_closed_so_that_a_cell_shows_it_once():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    CHARTS["bars"]()
    assert plt.get_fignums() == before


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (1234567, "1.23M"),
        (-4500, "-4.5k"),
        (0.5678, "0.568"),
        (0, "0"),
        (np.nan, "–"),
        (2.1e9, "2.1G"),
    ],
)
def test_numbers_are_short_and_pictures_have_true_minus_signs(value, label):
    assert short(value) == label
    assert number(value) == label.replace("-", "\N{MINUS SIGN}")


def test_a_line_at_zero_and_the_name_of_the_x_axis():
    frame = pd.DataFrame({"effect": [1.0, 2.0]}, [-1, 0])
    axes = figures.lines(frame, "t", mark=-0.5, reference=0.0, x_label="months").axes[0]
    assert axes.get_xlabel() == "months"
    assert [0.0, 0.0] in [list(line.get_ydata()) for line in axes.lines]


def drawers() -> list[tuple[str, ast.FunctionDef]]:
    """Return the functions of analyses that return a figure and choose its words."""
    files = [path for room in ROOMS for path in (ROOT / "src/insights" / room).rglob("*.py")]
    found = [
        (path.name, node)
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and ast.unparse(node.returns or node) == "Figure"
    ]
    return [(name, node) for name, node in found if "_(" in ast.unparse(node)]


def test_whoever_chooses_words_of_a_picture_falls_back_where_no_font_writes_them():
    found = drawers()
    assert len(found) >= 10
    wrong = [
        f"{name}: {node.name}"
        for name, node in found
        if "figures.legible()" not in map(ast.unparse, node.decorator_list)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("ends", "in_legend"),
    [((1.0, 9.0), []), ((5.0, 5.1), ["a", "b"]), ((np.nan, 9.0), [])],
    ids=["apart", "meeting", "one breaks off"],
)
def test_lines_are_named_where_they_end_unless_the_names_would_meet(ends, in_legend):
    frame = pd.DataFrame({"a": [0.0, 5.0, ends[0]], "b": [10.0, 8.0, ends[1]]})
    drawn = figures.lines(frame, "t")
    told = [text.get_text() for legend in drawn.legends for text in legend.get_texts()]
    assert told == in_legend
    beside = {text.get_text(): text.xy for text in drawn.axes[0].texts}
    assert set(beside) == {"a", "b"} - set(in_legend)
    if not in_legend:
        assert beside["a"][1] == pytest.approx(frame.a.dropna().iloc[-1])


def test_one_line_and_long_names_stay_in_a_legend():
    one = figures.lines(pd.DataFrame({"a": [1.0, 2.0]}), "t")
    long = figures.lines(pd.DataFrame({"a" * 60: [1.0, 2.0], "b": [5.0, 9.0]}), "t")
    assert len(one.legends) == len(long.legends) == 1
