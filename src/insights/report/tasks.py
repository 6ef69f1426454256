"""What a batch is made of: the setting its reports share, a report, a task, an outcome."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setting:
    """What all reports of a batch share: the data, the day, the knobs.

    ``notes`` stand on every page: what is stale of a source that is reported on all the same.
    ``modules`` are imported once for all kernels.
    """

    as_of: dt.date
    source: str
    source_name: str
    profile: str
    params_key: str
    data_key: str
    version: str
    cell_timeout_seconds: int
    notes: tuple[str, ...] = ()
    memory_limit_mb: int | None = None
    modules: tuple[str, ...] = ()
    language: str = "en"

    @property
    def key(self) -> str:
        """Return a hash of what decides the figures: reports of one key belong together."""
        return digest(self.as_of.isoformat(), self.params_key, self.data_key)


@dataclass(frozen=True)
class Report:
    """One analysis of one region: where it goes and what lies beside it in the pack."""

    analysis: str
    region: str
    region_name: str
    folder: Path
    neighbours: tuple[str, ...]

    @property
    def page(self) -> Path:
        """Return where its HTML page goes."""
        return self.folder / f"{self.analysis}.html"

    @property
    def notebook(self) -> Path:
        """Return where its executed notebook goes."""
        return self.folder / f"{self.analysis}.ipynb"

    @property
    def tables(self) -> Path:
        """Return the folder of its tables and of result.json."""
        return self.folder / self.analysis

    @property
    def workbook(self) -> Path:
        """Return where its Excel workbook goes."""
        return self.folder / f"{self.analysis}.xlsx"

    def files(self) -> list[Path]:
        """Return the files that are there now."""
        beside = [self.page, self.notebook, self.workbook]
        return [path for path in beside if path.exists()] + sorted(self.tables.glob("*"))


@dataclass(frozen=True)
class Task:
    """A report to be made by running a notebook."""

    report: Report
    notebook: Path
    setting: Setting
    key: str


@dataclass(frozen=True)
class Outcome:
    """How a task ended: ``error`` is its last line, empty when all went well."""

    task: Task
    error: str
    seconds: float
    memory_mb: int = 0


def digest(*parts: str) -> str:
    """Return a short hash of some texts."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
