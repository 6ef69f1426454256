"""House style: one canvas for every picture."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from insights.figures.alt import describe
from insights.figures.fonts import families
from insights.words import SOURCE, language, short, speaking, with_minus

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

# Okabe and Ito's palette, reordered so that neighbours also differ in grey print.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#7F7F7F", "#F0E442")
# Colours that look alike in grey differ in their hatch.
HATCHES = ("", "", "////", "....", "", "////", "xxxx", "")
STROKES = ("-", "--", ":", "-.")
MARKERS = "os^Dv<>Pp*Xh"
GREY = "#8C8C8C"
INK = "#222222"
QUIET = "#C9CED6"


class Picture(Figure):
    """A figure that says what it shows: a notebook keeps the words as its image's alt text."""

    language = SOURCE

    def __repr__(self) -> str:
        """Return what Matplotlib's own figures say, which committed outputs hold."""
        return super().__repr__().replace(type(self).__name__, Figure.__name__, 1)

    def describe(self) -> str:
        """Say in a few sentences what is drawn, in the language it was drawn in."""
        with speaking(self.language):
            return describe(self)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Return the words alone: IPython's own formatter draws the image they belong to."""
        return {}, {"image/png": {"alt": self.describe()}}


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
        "axes.prop_cycle": cycler(color=COLOURS),
        "hatch.linewidth": 0.7,
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
        figure, axes = plt.subplots(
            figsize=(width, height), layout="constrained", FigureClass=Picture
        )
        cast(Picture, figure).language = language()
        axes.set_title(title)
        # Ticks made while drawing would take the fonts of whoever draws.
        axes.tick_params(which="both", labelfontfamily=families())
    plt.close(figure)
    return figure, axes


def number(value: float) -> str:
    """Return a number as a label, with a true minus sign."""
    return with_minus(short(value))


def number_ticks() -> FuncFormatter:
    """Return tick labels in the language of now: they are written when the picture is drawn."""
    spoken = language()

    def written(value: float, _position: int | None) -> str:
        with speaking(spoken):
            return number(value)

    return FuncFormatter(written)
