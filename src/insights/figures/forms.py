"""The chart forms: a table in, a figure out, every number direct-labelled or on an axis."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from insights.figures.fonts import drawable, make_drawable
from insights.figures.names import name_lines
from insights.figures.style import (
    COLOURS,
    GREY,
    HATCHES,
    INK,
    MARKERS,
    QUIET,
    STROKES,
    canvas,
    house_style,
    number,
    number_ticks,
)
from insights.words import _, with_minus


@dataclass(frozen=True)
class Kind:
    """How one kind of row is told from the others without its colour: shape, fill, line."""

    marker: str
    colour: str
    filled: bool
    line: str

    def point(self) -> PointStyle:
        """Return the marker's settings for matplotlib."""
        return {
            "marker": self.marker,
            "color": self.colour,
            "markersize": 8,
            "markeredgewidth": 1.8,
            "markerfacecolor": self.colour if self.filled else "white",
        }


class PointStyle(TypedDict):
    """Settings of a marker, by matplotlib's names."""

    marker: str
    color: str
    markersize: float
    markeredgewidth: float
    markerfacecolor: str


KINDS = (
    Kind("o", COLOURS[0], True, "-"),
    Kind("X", COLOURS[4], True, "-"),
    Kind("D", COLOURS[2], False, "-"),
    Kind("v", GREY, False, "--"),
)


def bars(
    values: pd.Series, title: str, unit: str = "", highlight: Collection[Hashable] = ()
) -> Figure:
    """How large is each? Horizontal bars, one a row of ``values``, largest label room kept."""
    figure, axes = canvas(title, height=_height(len(values)))
    with house_style():
        colours = [COLOURS[1] if label in highlight else COLOURS[0] for label in values.index]
        drawn = axes.barh(range(len(values)), values.to_numpy(float), color=colours, height=0.68)
        axes.bar_label(drawn, labels=[number(v) for v in values], padding=3, fontsize=8)
        _name_rows(axes, values.index, unit)
        axes.margins(x=0.12)
    return make_drawable(figure)


def stacked(frame: pd.DataFrame, title: str, unit: str = "") -> Figure:
    """How is each divided? A bar a row of ``frame``, a part a column."""
    figure, axes = canvas(title, height=_height(len(frame)) + 0.5)
    with house_style():
        left = np.zeros(len(frame))
        for place, column in enumerate(frame.columns):
            part = frame[column].to_numpy(float)
            axes.barh(
                range(len(frame)), part, left=left, height=0.68, label=str(column),
                color=COLOURS[place % len(COLOURS)], hatch=HATCHES[place % len(HATCHES)],
                edgecolor="white", linewidth=0.6,
            )  # fmt: skip
            left = left + part
        for row, total in enumerate(left):
            axes.annotate(number(total), (total, row), xytext=(4, 0), textcoords="offset points",
                          va="center", fontsize=8)  # fmt: skip
        _name_rows(axes, frame.index, unit)
        axes.margins(x=0.1)
        figure.legend(loc="outside lower center", ncols=min(len(frame.columns), 5), fontsize=8)
    return make_drawable(figure)


def lines(
    frame: pd.DataFrame,
    title: str,
    unit: str = "",
    mark: Hashable | None = None,
    mark_label: str = "",
    band: pd.DataFrame | None = None,
    x_label: str = "",
    reference: float | None = None,
    limits: tuple[float | None, float | None] = (None, None),
) -> Figure:
    """How did it move? A line a column of ``frame`` over its index; ``band`` holds low and high.

    A level line is drawn at ``reference``, an upright one at ``mark``; ``limits`` bound the height.
    """
    figure, axes = canvas(title)
    with house_style():
        if reference is not None:
            axes.axhline(reference, color=GREY, linewidth=1)
        if band is not None:
            axes.fill_between(band.index, band.low, band.high, color=QUIET, alpha=0.6, linewidth=0)
        drawn = [_line(axes, frame[column], place) for place, column in enumerate(frame.columns)]
        if mark is not None:
            axes.axvline(mark, color=GREY, linewidth=1)  # type: ignore[arg-type]
            axes.annotate(
                mark_label,
                (mark, 1),
                xycoords=("data", "axes fraction"),
                xytext=(4, -10),
                textcoords="offset points",
                fontsize=8,
                color=GREY,
            )
        axes.set_ylabel(unit)
        axes.set_xlabel(x_label)
        if pd.api.types.is_numeric_dtype(frame.index):
            axes.xaxis.set_major_formatter(number_ticks())
        axes.yaxis.set_major_formatter(number_ticks())
        axes.set_ylim(*limits)
        name_lines(figure, axes, drawn)
    return make_drawable(figure)


def _line(axes: Axes, values: pd.Series, place: int) -> Line2D:
    """Draw one line, told from the others by colour, stroke and marker."""
    [line] = axes.plot(
        values.index,
        values,
        label=str(values.name),
        linewidth=1.8,
        color=COLOURS[place % len(COLOURS)],
        linestyle=STROKES[place % len(STROKES)],
        marker="" if place < len(STROKES) else MARKERS[place % len(MARKERS)],
        markevery=max(len(values) // 8, 1),
    )
    return line


def intervals(
    frame: pd.DataFrame,
    title: str,
    unit: str = "",
    reference: float = 0.0,
    label: str = "{:.3g}",
) -> Figure:
    """How sure is each? Estimate with its low and high, one a row, against a reference line.

    ``label`` formats the estimates. An optional column ``kind`` (a categorical of at most four)
    marks the rows by shape, fill and colour, in the order of its categories, and makes the legend.
    """
    figure, axes = canvas(title, height=_height(len(frame)) + ("kind" in frame) * 0.3)
    with house_style():
        axes.axvline(reference, color=GREY, linewidth=1)
        kinds = frame["kind"].cat.codes if "kind" in frame else pd.Series(0, index=frame.index)
        values = frame[["estimate", "low", "high"]].to_numpy(float)
        for row, ((estimate, low, high), kind) in enumerate(zip(values, kinds, strict=True)):
            drawn = KINDS[kind]
            axes.plot([low, high], [row, row], color=drawn.colour, linewidth=2.2, ls=drawn.line)
            axes.plot([estimate], [row], **drawn.point())
            if np.isfinite(estimate):
                axes.annotate(
                    with_minus(label.format(estimate)), (estimate, row), xytext=(0, 8), ha="center",
                    textcoords="offset points", fontsize=8,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                )  # fmt: skip
        _name_rows(axes, frame.index, unit)
        axes.margins(y=0.15)
        if "kind" in frame:
            _name_kinds(figure, frame["kind"])
    return make_drawable(figure)


def _name_kinds(figure: Figure, kind: pd.Series) -> None:
    told = [(place, name) for place, name in enumerate(kind.cat.categories) if name in set(kind)]
    handles = [
        Line2D([], [], label=str(name), linewidth=2.2, ls=KINDS[place].line,
               **KINDS[place].point())
        for place, name in told
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=len(told), fontsize=8)


def scatter(
    frame: pd.DataFrame,
    x: str,
    y: str,
    group: str,
    title: str,
    x_label: str,
    y_label: str,
    log_y: bool = False,
) -> Figure:
    """Where does each stand? A point a row, coloured and shaped by ``group``."""
    figure, axes = canvas(title, height=4.4)
    with house_style():
        for place, (name, part) in enumerate(frame.groupby(group, sort=False, observed=True)):
            axes.scatter(
                part[x],
                part[y],
                s=26,
                alpha=0.75,
                label=str(name),
                linewidths=0,
                marker=MARKERS[place % len(MARKERS)],
                color=COLOURS[place % len(COLOURS)],
            )
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        if log_y:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(number_ticks())
        figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    return make_drawable(figure)


def calibration(frame: pd.DataFrame, title: str) -> Figure:
    """Does a probability mean what it says? Observed against predicted rate, with group sizes."""
    figure, axes = canvas(title, width=4.8, height=4.2)
    with house_style():
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
        size = 20 + 180 * frame.n / max(frame.n.max(), 1)
        axes.scatter(frame.predicted, frame.observed, s=size, color=COLOURS[0], alpha=0.8)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=_("predicted"), ylabel=_("observed"))
    return make_drawable(figure)


def message(title: str, text: str) -> Figure:
    """Say in words why there is no picture."""
    figure, axes = canvas(title, height=1.6)
    with house_style():
        axes.axis("off")
        axes.text(0.0, 0.5, text, wrap=True, va="center", transform=axes.transAxes, fontsize=10)
    return make_drawable(figure)


def _height(rows: int) -> float:
    return 1.3 + 0.3 * max(rows, 2)


def _name_rows(axes: Axes, labels: Collection[Hashable], unit: str) -> None:
    axes.set_yticks(range(len(labels)), [drawable(str(label)) for label in labels])
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(number_ticks())
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_color(INK)
