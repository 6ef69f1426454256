"""What a pack's reports said on an earlier day: the newest earlier pack it can be held against."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from insights.report.made_from import read_object, same_source, source_of
from insights.report.manifest import NAME as MANIFEST
from insights.report.manifest import Entry, Manifest, read_manifest
from insights.report.publishing import PUBLISHED
from insights.report.rollup import Results
from insights.report.tasks import Setting

FAILED = "failed"


@dataclass(frozen=True)
class Then:
    """What one report said on the earlier day: its status and every figure that was estimated."""

    status: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Earlier:
    """The earlier day, the version of insights that wrote it, and its reports."""

    as_of: dt.date
    version: str
    reports: Mapping[tuple[str, str], Then]


def earlier_reports(pack: Path, results: Results, setting: Setting) -> Earlier | None:
    """Return what the newest earlier pack says of the same reports; None where there is none.

    Looked at are the packs beside ``pack`` and the published ones, by their reports' own as_of.
    A pack counts when it was made from the same source, and a report of it when it was made with
    the same params; where a pack does not say from what it was made, it is taken to agree.
    """
    for day, folder in _earlier_packs(pack, setting.as_of):
        entries = read_manifest(folder)
        found = _comparable(folder, entries, day, results)
        if found and same_source(source_of(folder, entries), setting.source):
            then = {key: _then(entries.entries[key], found[key]) for key in found}
            return Earlier(day, _version(found), then)
    return None


def read_result(pack: Path, entry: Entry) -> dict[str, object]:
    """Return what a report's result.json holds; nothing where it failed or cannot be read."""
    return {} if entry.error else read_object(pack / entry.folder / entry.analysis / "result.json")


def known_figures(result: Mapping[str, object]) -> dict[str, float]:
    """Return the headline figures of a result that were estimated."""
    found = result.get("figures")
    numbers = found if isinstance(found, dict) else {}
    return {
        str(name): value
        for name, value in numbers.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def _earlier_packs(pack: Path, as_of: dt.date) -> list[tuple[dt.date, Path]]:
    """Return the packs of earlier days, the newest first, one beside before one published."""
    known = [(day, folder) for folder in _packs(pack) if (day := _day(folder)) and day < as_of]
    return sorted(known, key=lambda one: one[0], reverse=True)


def _packs(pack: Path) -> Iterator[Path]:
    for home in (pack.parent, pack.parent / PUBLISHED):
        for folder in sorted(home.iterdir() if home.is_dir() else (), reverse=True):
            hidden = folder.name.startswith(".") or folder.is_symlink() or folder == pack
            # os.path: a folder that may not be entered (lost+found) holds no pack of ours
            if not hidden and os.path.isfile(folder / MANIFEST):
                yield folder


def _day(pack: Path) -> dt.date | None:
    """Return the day that the first readable report of a pack speaks of."""
    for path in pack.glob("*/*/result.json"):
        if day := _as_of(read_object(path)):
            return day
    return None


def _as_of(result: Mapping[str, object]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(result.get("as_of")))
    except ValueError:
        return None


def _comparable(
    pack: Path, manifest: Manifest, day: dt.date, results: Results
) -> dict[tuple[str, str], dict[str, object]]:
    """Return the reports of that day which ask the same as today's; empty when all had failed."""
    found = {
        key: read_result(pack, entry) for key, entry in manifest.entries.items() if key in results
    }
    kept = {
        key: then
        for key, then in found.items()
        if manifest.entries[key].error or (_as_of(then) == day and _same_params(then, results[key]))
    }
    return kept if any(kept.values()) else {}


def _same_params(then: Mapping[str, object], now: Mapping[str, object]) -> bool:
    keys = {then.get("params_key"), now.get("params_key")} - {None}
    return len(keys) < 2


def _then(entry: Entry, result: Mapping[str, object]) -> Then:
    return Then(FAILED if entry.error else str(result.get("status", "ok")), known_figures(result))


def _version(results: Mapping[tuple[str, str], Mapping[str, object]]) -> str:
    return next((str(one["version"]) for one in results.values() if "version" in one), "")
