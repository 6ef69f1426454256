"""How much memory a kernel takes, and an end to one that takes too much."""

from __future__ import annotations

import threading
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
        try:
            kernel = psutil.Process(pid)
            while kernel.is_running() and kernel.status() != psutil.STATUS_ZOMBIE:
                self._look(kernel)
                pause.wait(EVERY_SECONDS)
        except psutil.NoSuchProcess:
            return

    def _look(self, kernel: psutil.Process) -> None:
        family = [kernel, *kernel.children(recursive=True)]
        now = sum(one.memory_info().rss for one in family) // 2**20
        self.peak = max(self.peak, now)
        if self.limit is not None and now > self.limit:
            self.outgrown = True
            for one in family:
                one.kill()
