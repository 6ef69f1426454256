"""The first page of a pack: regions x analyses, their sentences and figures."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from insights.report.files import write_whole
from insights.report.manifest import Entry, Manifest
from insights.report.page import environment
from insights.report.rollup import Results, RollUp, roll_up
from insights.report.tasks import Setting
from insights.tables import ALL, region_name
from insights.words import _, short

FIGURES = 3
MILLION = 1e6


@dataclass(frozen=True)
class Cell:
    """One report on the index: how it ended and what it says."""

    analysis: str
    region_name: str = ""
    status: str = "none"
    sentence: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    error: str = ""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def status_words(self) -> str:
        """Return the status as people say it."""
        words = {"ok": _("ok"), "not_enough_data": _("not enough data"), "failed": _("failed")}
        return words.get(self.status, self.status)


@dataclass(frozen=True)
class Line:
    """One region on the index."""

    region: str
    region_name: str
    cells: tuple[Cell, ...]


def write_index(
    pack: Path, manifest: Manifest, setting: Setting, tree: pd.DataFrame, rows: dict[str, int]
) -> RollUp:
    """Write the pack's index from its manifest and the reports' own result.json.

    Returns whether the regions add up to the company, as the index says it.
    """
    analyses = sorted({entry.analysis for entry in manifest.entries.values()})
    results = {key: _result(pack, entry) for key, entry in manifest.entries.items()}
    lines = [_line(manifest, results, one, analyses, tree) for one in _in_order(manifest, tree)]
    cells = [cell for line in lines for cell in line.cells if cell.status != "none"]
    rollup = roll_up(manifest, results, tree)
    page = environment().get_template("index.html.j2")
    html = page.render(
        setting=setting,
        rows=rows,
        analyses=analyses,
        lines=lines,
        counts=_counts(cells),
        failures=[cell for cell in cells if cell.status == "failed"],
        rollup=rollup,
    )
    write_whole(pack / "index.html", html)
    return rollup


def plain_figure(value: float) -> str:
    """Return a headline figure as people write it: 909M, 234,568, 31.3, 0.123 or 0.000012."""
    if abs(value) >= MILLION:
        return short(value)
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    if abs(value) >= 0.001:
        return f"{value:.3g}"
    return f"{value:.6f}"


def _counts(cells: list[Cell]) -> dict[str, int]:
    found = Counter(cell.status for cell in cells)
    return {"total": len(cells), **{s: found[s] for s in ("ok", "not_enough_data", "failed")}}


def _in_order(manifest: Manifest, tree: pd.DataFrame) -> list[str]:
    """Return the pack's regions: all, then groups, then leaves, each by id."""
    groups = set(tree.parent_id.dropna())
    found = {entry.region for entry in manifest.entries.values()}
    return sorted(found, key=lambda one: (one != ALL, one not in groups, one))


def _line(
    manifest: Manifest, results: Results, region: str, analyses: list[str], tree: pd.DataFrame
) -> Line:
    name = region_name(tree, region)
    found = [(analysis, manifest.entries.get((analysis, region))) for analysis in analyses]
    cells = [
        _cell(entry, results[analysis, region], name) if entry else Cell(analysis)
        for analysis, entry in found
    ]
    return Line(region, name, tuple(cells))


def _cell(entry: Entry, result: Mapping[str, object], name: str) -> Cell:
    folder = quote(entry.folder)
    suffixes = {_("report"): "html", _("notebook"): "ipynb", _("workbook"): "xlsx"}
    files = {word: f"{entry.analysis}.{suffix}" for word, suffix in suffixes.items()}
    return Cell(
        analysis=entry.analysis,
        region_name=name,
        status="failed" if entry.error else str(result.get("status", "ok")),
        sentence=str(result.get("sentence", "")),
        figures=_figures(result.get("figures")),
        error=entry.error,
        links=tuple((w, f"{folder}/{quote(f)}") for w, f in files.items() if f in entry.files),
    )


def _result(pack: Path, entry: Entry) -> dict[str, object]:
    """Return what a report's result.json holds; nothing where it failed or cannot be read."""
    path = pack / entry.folder / entry.analysis / "result.json"
    try:
        found = {} if entry.error else json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _figures(found: object) -> tuple[tuple[str, str], ...]:
    """Return the first figures that were estimated, under names that people read."""
    numbers = found if isinstance(found, dict) else {}
    known = [
        (str(name).replace("_", " "), plain_figure(value))
        for name, value in numbers.items()
        if isinstance(value, int | float) and math.isfinite(value)
    ]
    return tuple(known[:FIGURES])
