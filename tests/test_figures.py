from __future__ import annotations

import io
import warnings

import numpy as np
import pandas as pd
import pytest

from insights import figures
from insights.figures import fonts
from insights.words import short

MONTHS = pd.date_range("2024-01-01", periods=6, freq="MS")
NAMES = ["云岭市第一人民医院 (H1)", "second", "third"]
CHARTS = {
    "bars": lambda: figures.bars(pd.Series([3e6, -2e5, 0], index=NAMES), "应收 open −5", "CNY"),
    "stacked": lambda: figures.stacked(pd.DataFrame(np.ones((3, 4)), NAMES, list("abcd")), "parts"),
    "lines": lambda: figures.lines(
        pd.DataFrame({"treated": np.arange(6.0), "otherwise": np.arange(6.0) / 2}, MONTHS),
        "path", "CNY", mark=MONTHS[3], mark_label="start",
        band=pd.DataFrame({"low": np.arange(6.0) - 1, "high": np.arange(6.0) + 1}, MONTHS),
    ),
    "intervals": lambda: figures.intervals(
        pd.DataFrame([[0.1, 0.0, 0.3], [np.nan] * 3], NAMES[:2], ["estimate", "low", "high"]),
        "effects",
    ),
    "intervals by kind": lambda: figures.intervals(
        pd.DataFrame(
            {"estimate": [0.5, -1.26, np.nan], "low": -2.0, "high": 2.0,
             "kind": pd.Categorical(["有效", "c", "有效"], ["有效", "b", "c", "d"])}, NAMES
        ),
        "effects", label="{:+.1f}",
    ),
    "scatter": lambda: figures.scatter(
        pd.DataFrame({"x": [1.0, 2], "y": [1.0, 3], "g": NAMES[:2]}), "x", "y", "g", "t", "x", "y"
    ),
    "calibration": lambda: figures.calibration(
        pd.DataFrame({"predicted": [0.1, 0.6], "observed": [0.2, 0.5], "n": [3, 10]}), "t"
    ),
    "message": lambda: figures.message("t", "not enough data: 表缺失"),
}  # fmt: skip


def drawn(figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


@pytest.mark.parametrize("name", CHARTS)
def test_every_form_draws_chinese_names_without_a_warning(name):
    assert drawn(CHARTS[name]()).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", CHARTS)
def test_without_a_chinese_font_no_box_is_drawn(name, monkeypatch):
    monkeypatch.setattr(fonts, "CJK", ())
    for cached in (fonts.families, fonts._glyphs):
        cached.cache_clear()
    try:
        figure = CHARTS[name]()
        words = "".join(text.get_text() for text in figure.findobj(fonts.Text))
        assert not any("\u4e00" <= char <= "\u9fff" for char in words)
        assert drawn(figure).startswith(b"\x89PNG")
        assert fonts.drawable("云岭市第一人民医院 (H1)") == "… (H1)"
    finally:
        for cached in (fonts.families, fonts._glyphs):
            cached.cache_clear()


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
def test_numbers_are_short(value, label):
    assert short(value) == label


def test_kinds_are_told_apart_without_colour_and_labels_share_one_format():
    axes = CHARTS["intervals by kind"]().axes[0]
    points = [line for line in axes.lines if line.get_marker() not in ("", "None", None)]
    styles = {(line.get_marker(), line.get_markerfacecolor() == "white") for line in points}
    assert len(styles) == 2
    assert [text.get_text() for text in axes.texts] == ["+0.5", "-1.3"]
    kinds = figures.forms.KINDS
    assert len({(kind.marker, kind.filled) for kind in kinds}) == len(kinds) == 4


def test_a_line_at_zero_and_the_name_of_the_x_axis():
    frame = pd.DataFrame({"effect": [1.0, 2.0]}, [-1, 0])
    axes = figures.lines(frame, "t", mark=-0.5, reference=0.0, x_label="months").axes[0]
    assert axes.get_xlabel() == "months"
    assert [0.0, 0.0] in [list(line.get_ydata()) for line in axes.lines]
