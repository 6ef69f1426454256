"""What a picture shows, in words: the alt text of a figure, read from what is drawn on it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateFormatter, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from insights.figures import drawn
from insights.figures.drawn import Cells, Drawn, Interval, Numbers, Segment, Straight
from insights.words import _, listing, quantity, with_minus

MOST = 5
ENDS = (".", "?", "!", "。", "？", "！")
DATES = (AutoDateFormatter, ConciseDateFormatter, DateFormatter)
WRITES = (FuncFormatter, PercentFormatter, StrCategoryFormatter)


def describe(figure: Figure) -> str:
    """Say in one to three short sentences what a figure shows, for who cannot see it.

    Read from axes and artists themselves, so it tells what is drawn: titles, what the axes
    measure, and of lines, bars, intervals, points and cells their ends and extremes. Empty for a
    figure without axes.
    """
    told = [words for axes in figure.axes for words in _axes_words(axes)]
    return " ".join([figure.get_suptitle(), *told, *_legend(figure)]).strip()


def _axes_words(axes: Axes) -> list[str]:
    """Return a sentence of what is drawn over which axes, and one of its figures."""
    head = _head(axes)
    facts = [
        *_bars(axes), *_intervals(axes), *_lines(axes), *_points(axes), *_bands(axes),
        *_cells(axes), *_straights(axes), *drawn.prose(axes),
    ]  # fmt: skip
    told = _("; ").join(facts)
    return [_sentence(one) for one in (head, told) if one]


def _sentence(words: str) -> str:
    return words if words.endswith(ENDS) else _("{words}.").format(words=words)


def _head(axes: Axes) -> str:
    titles = [axes.get_title(loc) for loc in ("left", "center", "right")]
    title = " ".join(one for one in titles if one)
    measured = [
        pattern.format(label=_scaled(label, scale))
        for pattern, label, scale in (
            (_("across: {label}"), axes.get_xlabel(), axes.get_xscale()),
            (_("up: {label}"), axes.get_ylabel(), axes.get_yscale()),
        )
        if label
    ]
    if not (title and measured):
        return title or _("; ").join(measured)
    return _("{title} ({axes})").format(title=title, axes=_("; ").join(measured))


def _scaled(label: str, scale: str) -> str:
    return _("{label}, on a logarithmic scale").format(label=label) if scale == "log" else label


def _legend(figure: Figure) -> list[str]:
    """Return the names of legends that no bars, lines or points bear."""
    legends = [*figure.legends, *[one for axes in figure.axes if (one := axes.get_legend())]]
    names = [text.get_text() for legend in legends for text in legend.get_texts()]
    borne = {
        one.name
        for axes in figure.axes
        for one in (*drawn.bars(axes), *drawn.lines(axes), *drawn.clouds(axes))
    }
    left = [name for name in names if name not in borne]
    return [_("Marked apart: {names}.").format(names=listing(left))] if left else []


def _bars(axes: Axes) -> list[str]:
    found = drawn.bars(axes)
    if _stacked(found):
        return [_stack(axes, found)]
    return [_of(one.name, _set_of_bars(axes, one)) for one in found]


def _stacked(found: list[Drawn]) -> bool:
    same = [np.array_equal(one.positions, found[0].positions) for one in found]
    return len(found) > 1 and all(same)


def _stack(axes: Axes, found: list[Drawn]) -> str:
    sums = np.nansum([one.values for one in found], axis=0)
    whole = Drawn("", found[0].positions, sums, found[0].upright)
    parts = sorted(found, key=lambda one: -np.nansum(one.values))
    return _("{bars}; parts, largest first: {parts}").format(
        bars=_set_of_bars(axes, whole), parts=listing([one.name for one in parts])
    )


def _set_of_bars(axes: Axes, bars: Drawn) -> str:
    n = len(bars.values)
    known = np.flatnonzero(np.isfinite(bars.values))
    if not known.size:
        return _("bars: {n}, none with a figure").format(n=n)
    high, low = _extremes(axes, bars)
    told = _("bars: {n}, largest {high}, smallest {low}").format(n=n, high=high, low=low)
    empty = n - known.size
    return told + (_(", without a figure {n}").format(n=empty) if empty else "")


def _lines(axes: Axes) -> list[str]:
    found = drawn.lines(axes)
    told = [_of(one.name, _line(axes, one)) for one in found[:MOST]]
    more = len(found) - MOST
    return [*told, *([_("more lines: {n}").format(n=more)] if more > 0 else [])]


def _line(axes: Axes, line: Drawn) -> str:
    known = np.flatnonzero(np.isfinite(line.values) & np.isfinite(line.positions))
    if not known.size:
        return _("no figures")
    high, low = _extremes(axes, line)
    return _("from {first} to {last}, highest {high}, lowest {low}").format(
        first=_place(axes, line, known[0]), last=_place(axes, line, known[-1]), high=high, low=low
    )


def _extremes(axes: Axes, values: Drawn) -> tuple[str, str]:
    """Return the largest and the smallest value, each with its place."""
    highest, lowest = int(np.nanargmax(values.values)), int(np.nanargmin(values.values))
    return _place(axes, values, highest), _place(axes, values, lowest)


def _place(axes: Axes, values: Drawn, n: int | np.intp) -> str:
    where, what = (axes.xaxis, axes.yaxis) if values.upright else (axes.yaxis, axes.xaxis)
    return _("{value} ({where})").format(
        value=_said(what, values.values[n]), where=_said(where, values.positions[n])
    )


def _intervals(axes: Axes) -> list[str]:
    found = drawn.intervals(axes)
    if not found:
        return []
    known = [one for one in found if np.isfinite([one.low, one.high]).all()]
    missing = [_said(_axis(axes, one.upright), one.position) for one in found if one not in known]
    order = sorted(known, key=lambda one: -np.nan_to_num(one.estimate, nan=one.high))
    told = known if len(known) <= MOST else [order[0], order[-1]]
    counted = _("intervals: {n}").format(n=len(known))
    few = [] if len(known) <= MOST else [_("the highest and the lowest of them")]
    none = [_("without an interval: {names}").format(names=listing(missing))] if missing else []
    return [counted, *few, *[_interval(axes, one) for one in told], *_apart(axes, known), *none]


def _interval(axes: Axes, one: Interval) -> str:
    where, what = _axis(axes, one.upright), _axis(axes, not one.upright)
    span = _("{low} to {high}").format(low=_said(what, one.low), high=_said(what, one.high))
    if np.isfinite(one.estimate):
        span = _("{estimate}, interval {span}").format(
            estimate=_said(what, one.estimate), span=span
        )
    return _of(_said(where, one.position), span)


def _apart(axes: Axes, known: list[Interval]) -> list[str]:
    """Say how many intervals lie wholly to one side of each line they are held against."""
    words = _("wholly to one side of {reference}: {n}")
    return [
        words.format(
            reference=_said(_axis(axes, one.upright), one.at),
            n=sum(each.low > one.at or each.high < one.at for each in known),
        )
        for one in _references(axes)
    ]


def _references(axes: Axes) -> list[Straight]:
    """Return the lines across the intervals of these axes; none where it holds no intervals."""
    ways = {one.upright for one in drawn.intervals(axes)}
    return [one for one in drawn.straights(axes) if ways and one.upright not in ways]


def _points(axes: Axes) -> list[str]:
    found = drawn.clouds(axes)
    if not found:
        return []
    named = [_("{name} {n}").format(name=one.name, n=len(one.values)) for one in found if one.name]
    counted = _("points: {n}").format(n=sum(len(one.values) for one in found))
    groups = _(" ({groups})").format(groups=listing(named, MOST)) if named else ""
    across = _span(axes.xaxis, np.concatenate([one.positions for one in found]))
    up = _span(axes.yaxis, np.concatenate([one.values for one in found]))
    ranges = [_("across from {span}").format(span=across), _("up from {span}").format(span=up)]
    return [counted + groups, *(ranges if across and up else [])]


def _span(axis: Axis, values: Numbers) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return ""
    return _("{low} to {high}").format(low=_said(axis, known.min()), high=_said(axis, known.max()))


def _bands(axes: Axes) -> list[str]:
    words = _("shaded band, at its end {span} ({where})")
    return [
        words.format(
            span=_span(axes.yaxis, np.array([one.low, one.high])),
            where=_said(axes.xaxis, one.position),
        )
        for one in drawn.bands(axes)
    ]


def _cells(axes: Axes) -> list[str]:
    return [_grid(axes, one) for one in drawn.cells(axes) if np.isfinite(one.values).any()]


def _grid(axes: Axes, grid: Cells) -> str:
    ends = [
        np.unravel_index(int(at), grid.values.shape)
        for at in (np.nanargmax(grid.values), np.nanargmin(grid.values))
    ]
    high, low = (
        _("{value} ({row}, {column})").format(
            value=_plain(grid.values[at]), row=_said(axes.yaxis, grid.up[at[0]]),
            column=_said(axes.xaxis, grid.across[at[1]]),
        )
        for at in ends
    )  # fmt: skip
    return _("cells: {n}, highest {high}, lowest {low}").format(
        n=grid.values.size, high=high, low=low
    )


def _straights(axes: Axes) -> list[str]:
    told = _references(axes)
    return [
        *[_straight(axes, one) for one in drawn.straights(axes) if one not in told],
        *[_slant(axes, one) for one in drawn.slants(axes)],
    ]


def _straight(axes: Axes, one: Straight) -> str:
    pattern = _("upright line at {at}") if one.upright else _("level line at {at}")
    return _of(one.name, pattern.format(at=_said(_axis(axes, one.upright), one.at)))


def _slant(axes: Axes, one: Segment) -> str:
    (x0, x1), (y0, y1) = (
        [_said(axis, value) for value in values]
        for axis, values in ((axes.xaxis, one.x), (axes.yaxis, one.y))
    )
    return _("straight line from ({x0}, {y0}) to ({x1}, {y1})").format(x0=x0, y0=y0, x1=x1, y1=y1)


def _of(name: str, words: str) -> str:
    return _("{name}: {words}").format(name=name, words=words) if name else words


def _axis(axes: Axes, across: bool) -> Axis:
    return axes.xaxis if across else axes.yaxis


def _said(axis: Axis, value: float) -> str:
    """Say a value as its axis writes it: a day, a category, a short number."""
    formatter = axis.get_major_formatter()
    if isinstance(formatter, DATES):
        return f"{num2date(value):%Y-%m-%d}"
    written = formatter(value, None) if isinstance(formatter, WRITES) else ""
    return written or _plain(value)


def _plain(value: float) -> str:
    return with_minus(quantity(value))
