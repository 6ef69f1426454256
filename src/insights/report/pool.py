"""A bounded pool of processes in which one task's end, however abrupt, leaves the others alone."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for

from insights.report.errors import one_line
from insights.report.kernel import one_thread_each
from insights.report.tasks import Outcome, Task
from insights.words import _

TRIES = 2
Work = Callable[[Task], Outcome]


@dataclass
class _Queue:
    """Tasks in order. The first of an analysis goes before the others: it fills their cache.

    A task that was running when a worker died is tried again with no other beside it, so that a
    second death is its own.
    """

    waiting: list[Task]
    led: set[str] = field(default_factory=set)
    running: dict[Future[Outcome], Task] = field(default_factory=dict)
    tries: Counter[Task] = field(default_factory=Counter)

    def startable(self) -> Task | None:
        leading = {task.report.analysis for task in self.running.values()}
        if any(self.tries[task] for task in self.running.values()):
            return None
        for task in self.waiting:
            if self.tries[task] and self.running:
                return None
            if task.report.analysis in self.led or task.report.analysis not in leading:
                return task
        return None

    def start(self, pool: ProcessPoolExecutor, work: Work, jobs: int) -> None:
        while len(self.running) < jobs and (task := self.startable()):
            future = pool.submit(work, task)
            self.waiting.remove(task)
            self.running[future] = task

    def finish(self, future: Future[Outcome]) -> Outcome:
        failure = future.exception()
        if isinstance(failure, BrokenProcessPool):
            raise failure
        task = self.running.pop(future)
        self.led.add(task.report.analysis)
        return Outcome(task, one_line(failure), 0.0) if failure else future.result()

    def give_back(self) -> list[Outcome]:
        """Put what was running when a worker died back in the queue; give up at the last try."""
        interrupted = list(self.running.values())
        self.running.clear()
        self.tries.update(interrupted)
        again = [task for task in interrupted if self.tries[task] < TRIES]
        self.waiting[:0] = again
        reason = _("the worker process ended abruptly, twice")
        return [Outcome(task, reason, 0.0) for task in interrupted if task not in again]


def outcomes(tasks: Sequence[Task], work: Work, jobs: int) -> Generator[Outcome]:
    """Run ``work`` on every task in at most ``jobs`` processes; yield outcomes as they come.

    Whatever ends the caller, even abruptly, ends the processes and what they started too.
    """
    queue = _Queue(list(tasks))
    while queue.waiting:
        leash, held = Pipe(duplex=False)
        pool = ProcessPoolExecutor(jobs, get_context("spawn"), _settle, (leash,))
        try:
            yield from _drain(queue, pool, work, jobs)
        except BrokenProcessPool:
            yield from queue.give_back()
        except BaseException:  # the caller was stopped, or wants no more outcomes
            held.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            held.close()
            leash.close()


def _settle(leash: Connection) -> None:
    """Make a worker ready: one thread a kernel, garbage looked for among its tasks' own only."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all: the caller ends us
    threading.Thread(target=_end_with_caller, args=(leash,), daemon=True).start()
    one_thread_each()
    gc.freeze()


def _end_with_caller(leash: Connection) -> None:
    """End this process when the other end of the leash is closed, by the caller or by its death."""
    wait_for([leash])
    os._exit(1)


def _drain(queue: _Queue, pool: ProcessPoolExecutor, work: Work, jobs: int) -> Generator[Outcome]:
    queue.start(pool, work, jobs)
    while queue.running:
        done, _rest = wait(queue.running, return_when=FIRST_COMPLETED)
        for future in done:
            yield queue.finish(future)
        queue.start(pool, work, jobs)
