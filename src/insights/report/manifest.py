"""What a pack holds and from what each report was made, so that a second run does only the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from insights.report.files import write_whole
from insights.report.page import look_key
from insights.report.tasks import Outcome, Report, Task, digest

NAME = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """One report of the pack: ``key`` hashes what it was made from, ``look`` how it is shown."""

    analysis: str
    region: str
    folder: str
    key: str
    setting: str
    look: str
    error: str
    seconds: float
    files: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """The entries of a pack, by analysis and region. Every change returns a new manifest."""

    entries: dict[tuple[str, str], Entry]

    def is_fresh(self, task: Task) -> bool:
        """Say whether the task's report is there, whole, and made from what it asks for."""
        entry = self.entries.get((task.report.analysis, task.report.region))
        if entry is None or entry.error or entry.key != task.key:
            return False
        return all((task.report.folder / name).exists() for name in entry.files)

    def recorded(self, outcome: Outcome) -> Manifest:
        """Return the manifest with one more report."""
        task = outcome.task
        report = task.report
        entry = Entry(
            analysis=report.analysis,
            region=report.region,
            folder=report.folder.name,
            key=task.key,
            setting=task.setting.key,
            look=look_of(report, task.setting.notes),
            error=outcome.error,
            seconds=outcome.seconds,
            files=tuple(path.relative_to(report.folder).as_posix() for path in report.files()),
        )
        return Manifest({**self.entries, (entry.analysis, entry.region): entry})

    def relooked(self, reports: Iterable[Report], notes: tuple[str, ...]) -> Manifest:
        """Return the manifest after some pages were written anew."""
        changed = {
            key: replace(self.entries[key], look=look_of(report, notes))
            for report in reports
            if (key := (report.analysis, report.region)) in self.entries
        }
        return Manifest({**self.entries, **changed})

    def without(self, tasks: Iterable[Task]) -> Manifest:
        """Return the manifest without the reports that are about to be made again."""
        gone = {(task.report.analysis, task.report.region) for task in tasks}
        return Manifest({key: entry for key, entry in self.entries.items() if key not in gone})

    def of_setting(self, setting: str) -> Manifest:
        """Return the entries made from the same data, day and params: the others are not mixed."""
        kept = {key: entry for key, entry in self.entries.items() if entry.setting == setting}
        return Manifest(kept)


def look_of(report: Report, notes: tuple[str, ...]) -> str:
    """Return a hash of what surrounds a report's figures on its page."""
    return digest(look_key(), report.region_name, *report.neighbours, *notes)


def read_manifest(pack: Path) -> Manifest:
    """Return a pack's manifest; empty when there is none or it cannot be read."""
    try:
        rows = json.loads((pack / NAME).read_text(encoding="utf-8"))["reports"]
        entries = [_entry(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest({})
    return Manifest({(entry.analysis, entry.region): entry for entry in entries})


def write_manifest(pack: Path, manifest: Manifest) -> None:
    """Write a pack's manifest, whole."""
    rows = [asdict(manifest.entries[key]) for key in sorted(manifest.entries)]
    write_whole(pack / NAME, json.dumps({"reports": rows}, ensure_ascii=False, indent=1) + "\n")


def _entry(row: dict[str, object]) -> Entry:
    values = {field.name: row[field.name] for field in fields(Entry)}
    files = values.pop("files")
    return Entry(**values, files=tuple(files))  # type: ignore[arg-type]
