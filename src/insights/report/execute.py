"""Run one notebook for one region and leave its files."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.iorw import write_ipynb

from insights.report.errors import one_line
from insights.report.files import remove, saved_since, write_whole
from insights.report.kernel import own_kernel
from insights.report.page import write_page
from insights.report.secrets import notebook_without_secrets, words_without_secrets
from insights.report.tasks import Outcome, Report, Task
from insights.report.usage import Usage
from insights.words import _, speak

KERNEL, ENGINE = "python3", "insights"
PARAMETERS = ("region", "as_of", "source", "profile", "save_to")


class SavesAtItsEnd(NBClientEngine):
    """Saves the notebook once, however it ends; papermill does so twice a cell, or never."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any
    ) -> object:
        """Run the cells; keep what ran where a dead kernel or the time limit ends them."""
        keep = kwargs.pop("keep")
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        except Exception:
            write_ipynb(nb_man.nb, keep)
            raise


papermill_engines.register(ENGINE, SavesAtItsEnd)


def make_report(task: Task) -> Outcome:
    """Run the task's notebook and write its page; a failure becomes the outcome's error."""
    started = time.monotonic()
    speak(task.setting.language)
    clear(task.report)
    usage = Usage(task.setting.memory_limit_mb)
    error = _run_notebook(task, usage)
    write_page(task.report, task.setting, error)
    return Outcome(task, error, round(time.monotonic() - started, 1), usage.peak)


def clear(report: Report) -> None:
    """Remove what an earlier run left, so that nothing stale stands beside a failure.

    A workbook in which people may have answered is kept beside it. The hidden names are those of
    files that were being written when a run was ended.
    """
    _keep_answers(report)
    unfinished = report.folder.glob(f".{report.analysis}.*")
    for path in (report.page, report.notebook, report.workbook, report.tables, *unfinished):
        remove(path)


def _keep_answers(report: Report) -> None:
    """Put a workbook that was saved after its report was made under a name of its own."""
    book = report.workbook
    if saved_since(book):
        names = (f"{report.analysis}-kept-{n}.xlsx" for n in count(1))
        book.rename(next(path for name in names if not (path := report.folder / name).exists()))


def _run_notebook(task: Task, usage: Usage) -> str:
    report = task.report
    report.folder.mkdir(parents=True, exist_ok=True)
    unfinished = report.folder / f".{report.analysis}.part.ipynb"
    error = ""
    try:
        _papermill(task, unfinished, usage)
    except Exception as failure:  # a notebook may end in any way: the batch goes on
        error = _outgrown(usage) if usage.outgrown else _told(failure, task)
    source = task.setting.source
    notebook = notebook_without_secrets(_translated(_executed(task, unfinished)), source)
    write_whole(report.notebook, nbformat.writes(notebook) + "\n")
    remove(unfinished)
    return words_without_secrets(error, source)


def _told(failure: Exception, task: Task) -> str:
    if not isinstance(failure, CellTimeoutError):
        return one_line(failure)
    words = _("a cell timed out: it ran longer than report.cell_timeout_seconds, {limit:,}")
    return words.format(limit=task.setting.cell_timeout_seconds)


def _outgrown(usage: Usage) -> str:
    words = _("ended at {peak:,} MiB of memory: more than report.memory_limit_mb, {limit:,}")
    return words.format(peak=usage.peak, limit=usage.limit)


def _papermill(task: Task, output: Path, usage: Usage) -> None:
    """Run a notebook; once more when its kernel did not start (another took its port)."""
    try:
        _execute(task, output, usage)
    except RuntimeError:
        if _any_cell_ran(output) or usage.outgrown:
            raise
        _execute(task, output, usage)


def _execute(task: Task, output: Path, usage: Usage) -> None:
    papermill.execute_notebook(
        task.notebook,
        output,
        parameters=dict(zip(PARAMETERS, _values(task), strict=True)),
        kernel_name=KERNEL,
        kernel_manager_class=own_kernel(task.setting.modules, usage),
        progress_bar=False,
        engine_name=ENGINE,
        keep=str(output),
        request_save_on_cell_execute=False,
        execution_timeout=task.setting.cell_timeout_seconds,
    )


def _values(task: Task) -> tuple[str, ...]:
    setting = task.setting
    day = setting.as_of.isoformat()
    return task.report.region, day, setting.source, setting.profile, str(task.report.folder)


def _any_cell_ran(notebook: Path) -> bool:
    found = _read(notebook)
    return any(cell.get("execution_count") for cell in found.cells) if found else False


def _read(unfinished: Path) -> NotebookNode | None:
    """Return a notebook as far as it ran; None where nothing of it reached the disk."""
    try:
        return nbformat.read(unfinished, as_version=4)
    except (FileNotFoundError, ValueError):  # no JSON, or cut within a character
        return None


def _executed(task: Task, unfinished: Path) -> NotebookNode:
    """Return the notebook as far as it ran, naming its own files rather than the temporary one."""
    notebook = _read(unfinished) or nbformat.read(task.notebook, as_version=4)
    about = notebook.metadata.get("papermill", {})
    about.update(input_path=task.notebook.name, output_path=task.report.notebook.name)
    notebook.metadata["papermill"] = about
    return notebook


def _translated(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with its narrative in the reader's language; code stays as it ran."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _(cell.source)
    return notebook
