"""What is asked of a batch, checked whole before anything runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

from insights import __version__
from insights.check import held_back
from insights.check.quoting import as_typed
from insights.params import ROOT, Params, ReportParams, load_params, params_key
from insights.report.errors import ReportError
from insights.report.execute import PARAMETERS
from insights.report.files import folder_names, is_safe
from insights.report.imports import imports_of
from insights.report.notebooks import FOLDER, find_notebooks
from insights.report.tasks import Report, Setting, Task, digest
from insights.store import source_key
from insights.tables import ALL, Tables, as_date, connect, region_name
from insights.words import _, listing, words_key

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """What is asked of a batch, unchecked: see ``render``."""

    notebooks: list[str]
    regions: list[str] | None
    as_of: str | dt.date | pd.Timestamp | None
    source: str
    profile: str
    to: Path
    jobs: int | None
    pack: str | None
    accept_stale: bool = False


@dataclass(frozen=True)
class Plan:
    """A batch that can run: its notebooks and regions, the pack it fills, what its reports share.

    ``as_of_is_last``: as_of was left out, and is the last date in the source.
    """

    notebooks: tuple[Path, ...]
    regions: tuple[str, ...]
    tree: pd.DataFrame
    pack: Path
    jobs: int
    setting: Setting
    rows: dict[str, int]
    as_of_is_last: bool
    keep_packs: int

    def tasks(self) -> list[Task]:
        """Return every notebook x region, ``all`` first."""
        return [self._task(path, region) for region in self.regions for path in self.notebooks]

    def report(self, analysis: str, region: str, neighbours: tuple[str, ...]) -> Report:
        """Return where one report of this pack goes and what lies beside it."""
        folder = self.pack / folder_names([ALL, *self.tree.region_id])[region]
        return Report(analysis, region, region_name(self.tree, region), folder, neighbours)

    def _task(self, path: Path, region: str) -> Task:
        names = tuple(sorted(one.stem for one in self.notebooks))
        key = digest(_hash(path), region, self.setting.key, *_code(self.setting))
        return Task(self.report(path.stem, region, names), path, self.setting, key)


def make_plan(request: Request) -> Plan:
    """Check everything that is asked. ``ReportError`` says all that is wrong, in words."""
    faults = _odd_numbers(request)
    params = _try(lambda: load_params(request.profile), faults)
    named = dict(params.report.packs) if params else {}
    wanted = request.notebooks or [*named.get(request.pack or "", ())]
    paths = _try(lambda: find_notebooks(wanted, PARAMETERS), faults)
    tables = _try(lambda: connect(request.source), faults)
    regions = _try(lambda: _regions(tables, request.regions), faults) if tables else None
    day = _try(lambda: _day(tables, request.as_of), faults)
    notes = _try(lambda: _notes(request, tables, params, day), faults)
    if faults or not (paths and params and tables and regions and day):
        raise ReportError("; ".join(faults))
    return Plan(
        notebooks=paths,
        regions=regions,
        tree=tables.regions,
        pack=ROOT / request.to / _pack(request.pack, day, named),
        jobs=request.jobs or params.report.jobs,
        setting=replace(
            _setting(request, tables, params, day, notes or ()), modules=imports_of(paths)
        ),
        rows=_rows(tables),
        as_of_is_last=request.as_of is None,
        keep_packs=params.report.keep_packs,
    )


def _pack(asked: str | None, day: dt.date, named: Collection[str]) -> Path:
    """Return a pack's folder; one that params name has a pack a day, and a latest of its own."""
    if asked in named:
        return Path(str(asked), day.isoformat())
    return Path(asked or day.isoformat())


def _try(read: Callable[[], T], faults: list[str]) -> T | None:
    try:
        return read()
    except ValueError as error:
        faults.append(str(error))
        return None


def _regions(tables: Tables, regions: list[str] | None) -> tuple[str, ...]:
    """Return the regions asked for, once each and ``all`` first; all the unknown ones at once."""
    if not regions:
        return (ALL, *tables.leaves())
    faults: list[str] = []
    for region in dict.fromkeys(regions):
        _try(lambda region=region: tables.leaves(region), faults)  # type: ignore[misc]
    if faults:
        raise ReportError("; ".join([*faults, *_misplaced(regions)]))
    return tuple(sorted(dict.fromkeys(regions), key=lambda one: one != ALL))


def _misplaced(regions: list[str]) -> list[str]:
    """Say which names after --region are notebooks."""
    names = [one for one in dict.fromkeys(regions) if (FOLDER / f"{one}.ipynb").is_file()]
    words = _("{names}: notebooks, not regions; write them before --region")
    return [words.format(names=listing(names))] if names else []


def _day(tables: Tables | None, as_of: str | dt.date | pd.Timestamp | None) -> dt.date | None:
    if as_of is not None:
        return as_date(as_of)
    return tables.span()[1] if tables else None


def _notes(
    request: Request, tables: Tables | None, params: Params | None, day: dt.date | None
) -> tuple[str, ...]:
    """Return what is stale of the whole source; ``ReportError`` unless told to go on with it."""
    if not (tables and params and day):
        return ()
    held = tuple(one.words for one in held_back(tables, day, params.gates))
    if not held or request.accept_stale or params.gates.when_held == "say":
        return held
    told = _("the source is not ready for {day}: {held}. Load what is missing (`insights check "
             "--source {source}` shows it), or report on what is there with --accept-stale (in a "
             "profile: gates: when_held: say)")  # fmt: skip
    source = as_typed(request.source)
    raise ReportError(told.format(day=day, held="; ".join(held), source=source))


def _odd_numbers(request: Request) -> list[str]:
    faults = []
    if request.jobs is not None and request.jobs < 1:
        told = _("jobs: {jobs} is not a number of processes; give 1 or more")
        faults.append(told.format(jobs=request.jobs))
    if request.pack is not None and not is_safe(request.pack):
        told = _("pack: {pack!r} cannot be a folder's name; use letters, digits, - and _")
        faults.append(told.format(pack=request.pack))
    return faults


def _setting(
    request: Request, tables: Tables, params: Params, day: dt.date, notes: tuple[str, ...]
) -> Setting:
    return Setting(
        as_of=day,
        source=str(request.source),
        source_name=Path(request.source).name,
        profile=str(request.profile),
        params_key=params_key(replace(params, report=ReportParams())),
        data_key=tables.data_key,
        version=__version__,
        cell_timeout_seconds=params.report.cell_timeout_seconds,
        memory_limit_mb=params.report.memory_limit_mb,
        notes=notes,
        language=params.reading.language,
    )


def _rows(tables: Tables) -> dict[str, int]:
    """Return how many rows each table of the source holds."""
    names = sorted(tables.opened.relations)
    return {name: int(tables[name].count().execute()) for name in names}


def _code(setting: Setting) -> tuple[str, str]:
    return source_key(), words_key(setting.language)


def _hash(path: Path) -> str:
    return digest(path.read_bytes().hex())
