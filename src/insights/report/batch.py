"""Run notebooks for regions and leave a pack."""

from __future__ import annotations

import datetime as dt
import errno
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from insights.files import BusyError, held_alone
from insights.report.cluster import cluster_outcomes
from insights.report.errors import ReportError
from insights.report.execute import make_report
from insights.report.index import write_index
from insights.report.log import BatchLog
from insights.report.manifest import Manifest, look_of, read_manifest, write_manifest
from insights.report.page import write_page
from insights.report.plan import Plan, Request, make_plan
from insights.report.pool import outcomes
from insights.report.publishing import Publication, publish
from insights.report.tasks import Outcome, Report, Task
from insights.words import _

CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
Run = Callable[[list[Task]], Generator[Outcome]]


@dataclass(frozen=True)
class Batch:
    """What a batch did: the pack it filled, how many reports it made or left, what failed."""

    pack: Path
    as_of: dt.date
    made: int
    unchanged: int
    failures: tuple[Outcome, ...]
    publication: Publication

    @property
    def exit_code(self) -> int:
        """Return 0 when every notebook ran, 3 when some failed."""
        return 3 if self.failures else 0

    def __str__(self) -> str:
        told = _("{made} reports made, {unchanged} unchanged, {failed} failed: {index}").format(
            made=self.made,
            unchanged=self.unchanged,
            failed=len(self.failures),
            index=self.pack / "index.html",
        )
        return "\n".join([*map(_told, self.failures), told, self.publication.words])

    def _repr_markdown_(self) -> str:
        return "\n".join(f"- {line}" for line in str(self).splitlines())


def render(
    notebooks: list[str],
    regions: list[str] | None = None,
    as_of: str | dt.date | pd.Timestamp | None = None,
    source: str = "data/demo",
    profile: str = "base",
    to: Path = Path("reports"),
    jobs: int | None = None,
    pack: str | None = None,
    resume: bool = True,
    accept_stale: bool = False,
    publish_partial: bool = False,
    log: Path | None = None,
    scheduler: str | None = None,
) -> Batch:
    """Run every notebook for every region and leave pages, workbooks, tables and an index.

    ``notebooks`` are names of ``notebooks/`` or paths (empty: every analysis); ``regions`` None
    means ``all`` and every leaf; ``as_of`` None means the last date in the source; ``jobs`` None
    what the profile says. The pack is ``to/<as_of>``, or ``to/<pack>``; one that
    ``params.report.packs`` names has notebooks of its own and lies in ``to/<pack>/<as_of>``. With
    ``resume`` only what is missing or changed is run. Relative paths are read against the
    project's root.

    Raises ``ReportError`` before anything runs when something asked for cannot be had, or when the
    source is stale or half loaded (``params.gates``): with ``accept_stale`` the batch runs on it,
    and every page and the index say so; or when another batch is filling the same pack. A notebook
    that fails is kept with its traceback, listed in ``Batch.failures``, and stops no other.

    A pack without failures that lacks no report of the latest one becomes the latest (``publish``);
    any other with ``publish_partial``. ``log`` grows by a line of JSON an event (``BatchLog``).
    ``scheduler`` is the address of a Dask cluster that runs the notebooks; its workers read the
    same source and write the same pack, on storage they share under the same paths.
    """
    asked = Request(notebooks, regions, as_of, source, profile, to, jobs, pack, accept_stale)
    told = BatchLog(log)
    with told.watching():
        plan = make_plan(asked)
        _say(plan)
        return _alone(plan, resume, publish_partial, told, scheduler)


def _say(plan: Plan) -> None:
    if plan.as_of_is_last:
        told = _("as_of left out: the last date in the source, {day}")
        print(told.format(day=plan.setting.as_of), file=sys.stderr)
    for note in plan.setting.notes:
        print(_("going on although {note}").format(note=note), file=sys.stderr)


def _alone(
    plan: Plan, resume: bool, publish_partial: bool, log: BatchLog, scheduler: str | None
) -> Batch:
    """Fill the pack while no other batch does; ``ReportError`` where that cannot be."""
    try:
        with held_alone(plan.pack):
            run = partial(_outcomes, jobs=plan.jobs, scheduler=scheduler)
            return _filled(plan, resume, publish_partial, log, run)
    except BusyError as error:
        raise ReportError(str(error)) from None
    except OSError as error:
        if error.errno not in CANNOT_WRITE:
            raise
        told = _("{pack} cannot be written: {error}; free space there or make it writable, then "
                 "run the same again: it goes on where it stopped")  # fmt: skip
        raise ReportError(told.format(pack=plan.pack, error=error)) from error


def _outcomes(tasks: list[Task], jobs: int, scheduler: str | None) -> Generator[Outcome]:
    if scheduler:
        return cluster_outcomes(tasks, make_report, scheduler)
    return outcomes(tasks, make_report, jobs)


def _filled(plan: Plan, resume: bool, publish_partial: bool, log: BatchLog, run: Run) -> Batch:
    tasks = plan.tasks()
    before = _same_setting(plan)
    todo = [task for task in tasks if not (resume and before.is_fresh(task))]
    log.began(len(todo), len(tasks) - len(todo))
    ended, manifest = _run(plan, todo, before.without(todo), log, run)
    manifest = _refresh_pages(plan, manifest)
    write_manifest(plan.pack, manifest)
    rollup = write_index(plan.pack, manifest, plan.setting, plan.tree, plan.rows)
    failures = tuple(outcome for outcome in ended if outcome.error)
    made = len(ended) - len(failures)
    public = publish(plan.pack, manifest, plan.keep_packs, publish_partial, rollup.contradicts)
    log.ended(made, len(failures), public.pack is not None, public.why)
    return Batch(plan.pack, plan.setting.as_of, made, len(tasks) - len(todo), failures, public)


def _same_setting(plan: Plan) -> Manifest:
    """Return what the pack holds of the same data, day and params; say what is left out."""
    found = read_manifest(plan.pack)
    kept = found.of_setting(plan.setting.key)
    left = len(found.entries) - len(kept.entries)
    if left:
        told = _("{pack}: {n} reports of other data or params are there and no longer indexed")
        print(told.format(pack=plan.pack, n=left), file=sys.stderr)
    return kept


def _run(
    plan: Plan, todo: list[Task], manifest: Manifest, log: BatchLog, run: Run
) -> tuple[list[Outcome], Manifest]:
    """Run the tasks, writing the manifest after each: whatever stops the batch, it resumes."""
    write_manifest(plan.pack, manifest)
    ended = []
    with closing(run(todo)) as coming:
        for outcome in _with_progress(coming, len(todo)):
            ended.append(outcome)
            log.ended_report(outcome)
            manifest = manifest.recorded(outcome)
            write_manifest(plan.pack, manifest)
    return ended, manifest


def _with_progress(found: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    bar = tqdm(found, total=total, unit=_("report"), file=sys.stderr, mininterval=0.2, disable=None)
    for outcome in bar:
        if outcome.error:
            bar.write(_told(outcome), file=sys.stderr)
        yield outcome


def _refresh_pages(plan: Plan, manifest: Manifest) -> Manifest:
    """Write anew, without running, the pages whose neighbours or look have changed."""
    notes = plan.setting.notes
    placed = [
        (_placed(plan, manifest, entry.analysis, entry.region), entry)
        for entry in manifest.entries.values()
    ]
    stale = [
        (report, entry.error)
        for report, entry in placed
        if look_of(report, notes) != entry.look and report.notebook.exists()
    ]
    for report, error in stale:
        write_page(report, plan.setting, error)
    return manifest.relooked((report for report, _error in stale), notes)


def _placed(plan: Plan, manifest: Manifest, analysis: str, region: str) -> Report:
    beside = sorted(name for name, where in manifest.entries if where == region)
    return plan.report(analysis, region, tuple(beside))


def _told(outcome: Outcome) -> str:
    report = outcome.task.report
    return _("failed: {analysis} · {region}: {error}").format(
        analysis=report.analysis, region=report.region, error=outcome.error
    )
