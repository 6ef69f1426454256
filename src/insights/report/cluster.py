"""The tasks of a batch on a Dask cluster, whose workers share the storage of sources and packs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from insights.report.errors import ReportError, one_line
from insights.report.kernel import one_thread_each
from insights.report.tasks import Outcome, Task
from insights.store import source_key
from insights.words import _

SECONDS_TO_ANSWER = 30
RETRIES = 1  # on another worker, when the one that ran it was lost
Work = Callable[[Task], Outcome]


def cluster_outcomes(tasks: Sequence[Task], work: Work, address: str) -> Generator[Outcome]:
    """Run ``work`` on every task on the workers of a scheduler; yield outcomes as they come.

    The first task of an analysis goes before the others of it: it fills the cache that they share.
    ``ReportError`` when the scheduler does not answer or the library is not installed.
    """
    with _client(address) as client:
        yield from _as_they_come(client, [_Line(work, own) for own in _by_analysis(tasks)])


class _Line:
    """The tasks of one analysis: the first alone, the others once it has ended."""

    def __init__(self, work: Work, tasks: list[Task]) -> None:
        self.work, self.first, self.others = work, tasks[:1], tasks[1:]

    def start(self, client: Any, tasks: list[Task]) -> dict[Any, tuple[Task, _Line]]:
        run = partial(_on_worker, self.work, source_key())
        return {
            client.submit(run, task, pure=False, retries=RETRIES): (task, self) for task in tasks
        }


def _as_they_come(client: Any, lines: list[_Line]) -> Generator[Outcome]:
    from distributed import as_completed

    running: dict[Any, tuple[Task, _Line]] = {}
    for line in lines:
        running |= line.start(client, line.first)
    ended = as_completed(list(running))
    for future in ended:
        task, line = running.pop(future)
        more = line.start(client, line.others)
        line.others = []
        running |= more
        for one in more:
            ended.add(one)
        failure = future.exception()
        yield Outcome(task, one_line(failure), 0.0) if failure else future.result()


def _on_worker(work: Work, code: str, task: Task) -> Outcome:
    if source_key() != code:
        words = _("this worker runs other code than the batch: install the same on both, then "
                  "start the worker anew")  # fmt: skip
        raise ReportError(words)
    one_thread_each()
    return work(task)


def _by_analysis(tasks: Sequence[Task]) -> list[list[Task]]:
    name = lambda task: task.report.analysis  # noqa: E731
    return [list(own) for _name, own in groupby(sorted(tasks, key=name), key=name)]


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        words = _("--scheduler needs Dask: pip install 'insights[cluster]'")
        raise ReportError(words) from None
    try:
        return Client(address, timeout=SECONDS_TO_ANSWER)
    except (OSError, ValueError) as error:
        words = _("the scheduler at {address} does not answer: {error}")
        raise ReportError(words.format(address=address, error=one_line(error))) from None
