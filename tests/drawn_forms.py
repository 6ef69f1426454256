"""One picture of each chart form, with names in Chinese, for tests of pictures."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from insights import figures

MONTHS = pd.date_range("2024-01-01", periods=6, freq="MS")
NAMES = ["云岭市第一人民医院 (H1)", "second", "third"]
CHARTS = {
    "bars": lambda: figures.bars(pd.Series([3e6, -2e5, 0], index=NAMES), "应收 open −5", "CNY"),
    "stacked": lambda: figures.stacked(
        pd.DataFrame([[1.0, 2, 0, 1], [5, 0, 0, 1], [1, 1, 1, 1]], NAMES, list("abcd")), "parts"
    ),
    "lines": lambda: figures.lines(
        pd.DataFrame({"treated": [0.0, 1, 5, 3, 4, 2], "otherwise": np.arange(6.0) / 2}, MONTHS),
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
        pd.DataFrame({"x": [1.0, 2, 4], "y": [10.0, 3, 2e4], "g": ["甲", "b", "甲"]}),
        "x", "y", "g", "where", "days", "CNY", log_y=True,
    ),
    "calibration": lambda: figures.calibration(
        pd.DataFrame({"predicted": [0.1, 0.6], "observed": [0.2, 0.5], "n": [3, 10]}), "meant"
    ),
    "message": lambda: figures.message("none", "not enough data: 表缺失"),
}  # fmt: skip


def drawn(figure: Figure) -> bytes:
    """Draw a picture; Matplotlib's warning of a missing glyph is an error."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(buffer, format="png")
    return buffer.getvalue()
