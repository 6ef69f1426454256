"""What is drawn on axes, read back from its artists as numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
NOTHING = ("None", "none", " ", "", None)  # Matplotlib's words for no stroke and no marker


@dataclass(frozen=True)
class Drawn:
    """Values over positions: a line, points, or bars (``upright``: the values go up)."""

    name: str
    positions: Numbers
    values: Numbers
    upright: bool = True


@dataclass(frozen=True)
class Interval:
    """A bar from ``low`` to ``high`` at a position, with the estimate on it."""

    position: float
    low: float
    high: float
    estimate: float
    upright: bool


@dataclass(frozen=True)
class Straight:
    """A line across the axes: ``upright`` at a horizontal place, or level at a height."""

    at: float
    upright: bool
    name: str


@dataclass(frozen=True)
class Cells:
    """A grid of values; ``across`` and ``up`` hold the middle of each column and row."""

    across: Numbers
    up: Numbers
    values: Numbers


@dataclass(frozen=True)
class Segment:
    """A piece of a straight line."""

    x: Numbers
    y: Numbers


def bars(axes: Axes) -> list[Drawn]:
    """Return each set of bars: lengths over the middles of the bars."""
    found = [one for one in axes.containers if isinstance(one, BarContainer)]
    return [
        Drawn(
            own_name(str(one.get_label())),
            np.array([_middle(bar, one.orientation != "horizontal") for bar in one.patches]),
            np.asarray(one.datavalues, float),
            one.orientation != "horizontal",
        )
        for one in found
    ]


def lines(axes: Axes) -> list[Drawn]:
    """Return the lines over data: those that are named or have three points at least."""
    found = [line for line in axes.lines if _in_data(line, axes) == (True, True)]
    return [
        Drawn(own_name(str(line.get_label())), *_points(line))
        for line in found
        if own_name(str(line.get_label()))
        or (len(_points(line)[0]) > 2 and line.get_linestyle() not in NOTHING)
    ]


def slants(axes: Axes) -> list[Segment]:
    """Return unnamed straight lines over data that are neither level nor upright."""
    return [one for one in _segments(axes) if one.x[0] != one.x[1] and one.y[0] != one.y[1]]


def intervals(axes: Axes) -> list[Interval]:
    """Return unnamed level or upright pieces of line, with the point drawn on each."""
    points = _marked_points(axes)
    found = [one for one in _segments(axes) if one.x[0] == one.x[1] or one.y[0] == one.y[1]]
    return [_interval(one, points) for one in found]


def clouds(axes: Axes) -> list[Drawn]:
    """Return each set of scattered points."""
    found = [one for one in axes.collections if isinstance(one, PathCollection)]
    offsets = [_plain(one.get_offsets()) for one in found]
    return [
        Drawn(own_name(str(one.get_label())), at[:, 0], at[:, 1])
        for one, at in zip(found, offsets, strict=True)
        if len(at)
    ]


def bands(axes: Axes) -> list[Interval]:
    """Return what each shaded band spans where it ends, on the right."""
    found = [one for one in axes.collections if isinstance(one, PolyCollection)]
    outlines = [
        np.vstack([np.asarray(path.vertices) for path in one.get_paths()])
        for one in found
        if one.get_paths()
    ]
    return [_right_edge(outline) for outline in outlines]


def cells(axes: Axes) -> list[Cells]:
    """Return each image or mesh of coloured cells."""
    images = [_image_cells(one.get_extent(), one.get_array()) for one in axes.images]
    meshes = [one for one in axes.collections if isinstance(one, QuadMesh)]
    return [*images, *[_mesh_cells(one) for one in meshes]]


def straights(axes: Axes) -> list[Straight]:
    """Return the lines right across the axes, with the name that is written at each."""
    across = [(line, _in_data(line, axes)) for line in axes.lines]
    upright = [(_points(line)[0][0], True) for line, way in across if way == (True, False)]
    level = [(_points(line)[1][0], False) for line, way in across if way == (False, True)]
    return [Straight(at, way, _named(axes, at, way)) for at, way in [*upright, *level]]


def prose(axes: Axes) -> list[str]:
    """Return the texts that stand on the axes by themselves, labelling nothing."""
    return [
        one.get_text() for one in axes.texts if not isinstance(one, Annotation) and one.get_text()
    ]


def own_name(label: str) -> str:
    """Return a label, or nothing where it is one that Matplotlib made."""
    return "" if label.startswith("_") else label


def _in_data(line: Line2D, axes: Axes) -> tuple[bool, bool]:
    """Say for across and up whether a line's places are data or shares of the axes."""
    across, up = line.get_transform().contains_branch_separately(axes.transData)
    return bool(across), bool(up)


def _plain(values: object) -> Numbers:
    """Return numbers with NaN for what is masked."""
    found: Numbers = np.ma.filled(np.ma.asarray(values, float), np.nan)
    return found


def _points(line: Line2D) -> tuple[Numbers, Numbers]:
    return _plain(line.get_xdata(False)), _plain(line.get_ydata(False))


def _middle(bar: Rectangle, upright: bool) -> float:
    start, width = (bar.get_x(), bar.get_width()) if upright else (bar.get_y(), bar.get_height())
    return round(start + width / 2, 9)


def _segments(axes: Axes) -> list[Segment]:
    unnamed: list[tuple[Numbers, Numbers]] = [
        _points(line)
        for line in axes.lines
        if _in_data(line, axes) == (True, True)
        and not own_name(str(line.get_label()))
        and line.get_linestyle() not in NOTHING
    ]
    pieces: list[tuple[Numbers, Numbers]] = [
        (np.asarray(piece, float)[:, 0], np.asarray(piece, float)[:, 1])
        for one in axes.collections
        if isinstance(one, LineCollection)
        for piece in one.get_segments()
    ]
    return [Segment(x, y) for x, y in [*unnamed, *pieces] if len(x) == 2]


def _marked_points(axes: Axes) -> list[tuple[float, float]]:
    """Return the places of markers on lines over data."""
    found: list[tuple[Numbers, Numbers]] = [
        _points(line)
        for line in axes.lines
        if _in_data(line, axes) == (True, True) and line.get_marker() not in NOTHING
    ]
    return [place for x, y in found for place in zip(x.tolist(), y.tolist(), strict=True)]


def _interval(piece: Segment, points: Iterable[tuple[float, float]]) -> Interval:
    upright = bool(piece.x[0] == piece.x[1])
    ends, position = (piece.y, piece.x[0]) if upright else (piece.x, piece.y[0])
    on_it = [(y if upright else x) for x, y in points if (x if upright else y) == position]
    estimate = on_it[0] if on_it else np.nan
    return Interval(float(position), float(min(ends)), float(max(ends)), float(estimate), upright)


def _right_edge(outline: Numbers) -> Interval:
    held = outline[np.isfinite(outline).all(axis=1)]
    at = held[:, 0].max()
    edge = held[held[:, 0] == at, 1]
    return Interval(float(at), float(edge.min()), float(edge.max()), np.nan, True)


def _image_cells(extent: tuple[float, float, float, float], array: object) -> Cells:
    values = _plain(array)
    left, right, bottom, top = extent
    rows, columns = values.shape[:2]
    first, last = (top, bottom) if top < bottom else (bottom, top)
    return Cells(_middles(left, right, columns), _middles(first, last, rows), values)


def _mesh_cells(mesh: QuadMesh) -> Cells:
    corners = np.asarray(mesh.get_coordinates(), float)
    values = _plain(mesh.get_array())
    x, y = corners[0, :, 0], corners[:, 0, 1]
    shape = (len(y) - 1, len(x) - 1)
    return Cells((x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2, values.reshape(shape))


def _middles(start: float, end: float, n: int) -> Numbers:
    edges = np.linspace(start, end, n + 1)
    return (edges[:-1] + edges[1:]) / 2


def _named(axes: Axes, at: float, upright: bool) -> str:
    """Return the note that is anchored at a place across the axes."""
    axis, part = (axes.xaxis, 0) if upright else (axes.yaxis, 1)
    notes = [one for one in axes.texts if isinstance(one, Annotation)]
    here = [one.get_text() for one in notes if axis.convert_units(one.xy[part]) == at]
    return here[0] if here else ""
