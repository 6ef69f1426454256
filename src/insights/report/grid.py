"""Regions x analyses: what the index shows of each report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from insights.report.changes import FAILED, Earlier, Then, known_figures
from insights.report.manifest import Entry, Manifest
from insights.report.rollup import Results
from insights.report.thumbnails import Thumbnail, thumbnail
from insights.tables import ALL, region_name
from insights.words import _, punctuated, readable_name, short

FIGURES, FEWER = 3, 2  # of each analysis; of more than MANY fewer, or the page grows too broad
MANY, SHARE_BOUND = 4, 10
SHARES = frozenset({"share", "rate", "attainment", "growth", "progress", "passed", "weekly"})
MILLION = 1e6
MOST_THUMBNAILS = 48  # a larger pack shows them for all and groups alone, or nobody could mail it
NOT_RUN = "none"
RANKS = {FAILED: 0, "not_enough_data": 1, "ok": 2}


@dataclass(frozen=True)
class Figure:
    """A headline figure of a report: its number, where estimated, and its change in words."""

    label: str
    value: float | None = None
    change: str = ""
    is_share: bool = False

    @property
    def shown(self) -> str:
        """Return the number as people write it."""
        if self.value is None:
            return "–"
        return f"{self.value:.1%}" if self.is_share else plain_figure(self.value)


@dataclass(frozen=True)
class Cell:
    """One report on the index: how it ended, what it says, and its status ``before``."""

    analysis: str
    figures: tuple[Figure, ...]
    region_name: str = ""
    status: str = NOT_RUN
    before: str = ""
    sentence: str = ""
    error: str = ""
    links: tuple[tuple[str, str], ...] = ()
    thumbnail: Thumbnail | None = None

    @property
    def title(self) -> str:
        """Return what the analysis is called."""
        return title(self.analysis)

    @property
    def status_words(self) -> str:
        """Return the status as people say it."""
        return status_words(self.status)

    @property
    def was(self) -> str:
        """Return the earlier status as people say it; nothing where it is the same or unknown."""
        return status_words(self.before) if self.before not in ("", self.status) else ""

    @property
    def rank(self) -> int | str:
        """Return the place of the status when sorted: the worst first, what was not run last."""
        return "" if self.status == NOT_RUN else RANKS.get(self.status, 1)


@dataclass(frozen=True)
class Line:
    """One region on the index; ``level`` is 0 for all, 1 for a group, 2 for a leaf."""

    region: str
    region_name: str
    level: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Question:
    """One analysis on the index, and the headline figures that stand in its columns."""

    analysis: str
    figures: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return what the analysis is called."""
        return title(self.analysis)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the names of the figures as people read them."""
        return tuple(map(readable_name, self.figures))


@dataclass(frozen=True)
class Pack:
    """What a pack holds: its folder, its reports, the analyses of its columns, an earlier day."""

    folder: Path
    manifest: Manifest
    results: Results
    tree: pd.DataFrame
    questions: tuple[Question, ...]
    earlier: Earlier | None

    @property
    def groups(self) -> set[str]:
        """Return the regions that have others below them."""
        return set(self.tree.parent_id.dropna())


def plain_figure(value: float) -> str:
    """Return a headline figure as people write it: 909M, 234,568, 31.3, 0.123 or 0.000012."""
    if abs(value) >= MILLION:
        return short(value)
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    if abs(value) >= 0.001:
        return f"{value:.3g}"
    return f"{value:.6f}"


def is_share(name: str, value: float) -> bool:
    """Say whether a figure is a share of something, by its name and size."""
    return bool(SHARES & set(name.split("_"))) and abs(value) < SHARE_BOUND


def plain_change(now: float, then: float, share: bool = False) -> str:
    """Return how a figure has moved, with its sign; what would be written as 0 is no change.

    A share moves by percentage points.
    """
    moved = f"{100 * abs(now - then):.1f}" if share else plain_figure(abs(now - then))
    if not moved.strip("0."):
        return _("unchanged")
    signed = f"{'+' if now > then else '−'}{moved}"
    return _("{change} points").format(change=signed) if share else signed


def title(code: str) -> str:
    """Return a name as a heading: ``Strategy plan``."""
    words = readable_name(code)
    return words[:1].upper() + words[1:]


def status_words(status: str) -> str:
    """Return a status as people say it."""
    words = {
        "ok": _("ok"), "not_enough_data": _("not enough data"), FAILED: _("failed"),
        NOT_RUN: _("not run"),
    }  # fmt: skip
    return words.get(status, readable_name(status))


def questions_of(results: Results) -> tuple[Question, ...]:
    """Return the analyses with the first figures that were estimated, of the company if it can."""
    found = []
    for analysis in sorted({analysis for analysis, _region in results}):
        regions = sorted((one for name, one in results if name == analysis), key=_all_first)
        names = [name for one in regions for name in known_figures(results[analysis, one])]
        found.append(Question(analysis, tuple(dict.fromkeys(names))))
    most = FEWER if len(found) > MANY else FIGURES
    return tuple(replace(one, figures=one.figures[:most]) for one in found)


def _all_first(region: str) -> tuple[bool, str]:
    return region != ALL, region


def lines_of(pack: Pack) -> list[Line]:
    """Return the pack's regions: all, then groups, then leaves, each by id."""
    found = {entry.region for entry in pack.manifest.entries.values()}
    in_order = sorted(found, key=lambda one: (_level(one, pack.groups), one))
    return [_line(pack, region) for region in in_order]


def _level(region: str, groups: set[str]) -> int:
    return 0 if region == ALL else 1 if region in groups else 2


def _line(pack: Pack, region: str) -> Line:
    cells = tuple(_cell(pack, question, region) for question in pack.questions)
    return Line(region, region_name(pack.tree, region), _level(region, pack.groups), cells)


def _cell(pack: Pack, question: Question, region: str) -> Cell:
    key = question.analysis, region
    entry = pack.manifest.entries.get(key)
    if entry is None:
        return Cell(question.analysis, tuple(map(Figure, question.labels)))
    result = pack.results[key]
    then = pack.earlier.reports.get(key) if pack.earlier else None
    return Cell(
        analysis=question.analysis,
        figures=_figures(question, known_figures(result), then),
        region_name=region_name(pack.tree, region),
        status=FAILED if entry.error else str(result.get("status", "ok")),
        before=then.status if then else "",
        sentence=punctuated(str(result.get("sentence", ""))),
        error=entry.error,
        links=_links(entry),
        thumbnail=_thumbnail(pack, entry),
    )


def _figures(question: Question, now: Mapping[str, float], then: Then | None) -> tuple[Figure, ...]:
    before = then.figures if then else {}
    return tuple(
        _figure(name, label, now.get(name), before.get(name))
        for name, label in zip(question.figures, question.labels, strict=True)
    )


def _figure(name: str, label: str, now: float | None, then: float | None) -> Figure:
    share = now is not None and is_share(name, now)
    moved = "" if now is None or then is None else plain_change(now, then, share)
    return Figure(label, now, moved, share)


def _links(entry: Entry) -> tuple[tuple[str, str], ...]:
    suffixes = {_("report"): "html", _("notebook"): "ipynb", _("workbook"): "xlsx"}
    files = {word: f"{entry.analysis}.{suffix}" for word, suffix in suffixes.items()}
    folder = quote(entry.folder)
    return tuple((w, f"{folder}/{quote(f)}") for w, f in files.items() if f in entry.files)


def _thumbnail(pack: Pack, entry: Entry) -> Thumbnail | None:
    """Return the first figure of a report; of a large pack's leaf regions none."""
    large = len(pack.manifest.entries) > MOST_THUMBNAILS
    if entry.error or (large and _level(entry.region, pack.groups) == 2):
        return None
    return thumbnail(pack.folder / entry.folder / f"{entry.analysis}.html")
