"""House style: one canvas for every picture."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from insights.figures.fonts import families

if TYPE_CHECKING:
    from collections.abc import Iterator

# Okabe and Ito's palette, reordered so that neighbours also differ in grey print.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F", "#F0E442")
GREY = "#8C8C8C"
INK = "#222222"
QUIET = "#C9CED6"


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, leaving the caller's settings alone."""
    settings: Any = {
        "font.family": families(),
        "font.size": 9,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.unicode_minus": False,
        "axes.prop_cycle": cycler(color=COLOURS),
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "legend.frameon": False,
        "figure.dpi": 110,
        "svg.hashsalt": "insights",
    }
    with mpl.rc_context(settings):
        yield


def canvas(title: str, width: float = 7.2, height: float = 3.6) -> tuple[Figure, Axes]:
    """Return an empty figure and its axes, closed, so that a cell shows it exactly once."""
    with house_style():
        figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
        axes.set_title(title)
    plt.close(figure)
    return figure, axes
