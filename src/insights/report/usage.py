"""How much memory a kernel takes, and an end to one that takes too much."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass

import psutil

EVERY_SECONDS = 0.2


@dataclass
class Usage:
    """The most memory seen, in MiB, and the limit it may not pass (None: none)."""

    limit: int | None = None
    peak: int = 0
    outgrown: bool = False

    def watch(self, pid: int) -> None:
        """Look at a process and its children until it ends; end them where they pass the limit."""
        threading.Thread(target=self._watch, args=(pid,), daemon=True).start()

    def _watch(self, pid: int) -> None:
        pause = threading.Event()
        with suppress(psutil.Error):  # it has ended; Windows may then refuse to look at it
            kernel = psutil.Process(pid)
            while kernel.is_running() and kernel.status() != psutil.STATUS_ZOMBIE:
                self._look([kernel, *kernel.children(recursive=True)])
                pause.wait(EVERY_SECONDS)

    def _look(self, family: list[psutil.Process]) -> None:
        now = sum(map(_held, family)) // 2**20
        self.peak = max(self.peak, now)
        if self.limit is not None and now > self.limit:
            self.outgrown = True
            for one in family:
                with suppress(psutil.Error):  # it has ended, or is ending
                    one.kill()


def _held(process: psutil.Process) -> int:
    """Return the bytes a process holds; a child may have ended since it was counted."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
