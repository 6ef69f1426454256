"""What a batch does, as lines of JSON for a scheduler: no path, no address, no row of data."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from insights.report.errors import one_line
from insights.report.tasks import Outcome


@dataclass(frozen=True)
class BatchLog:
    """A file that grows by one line an event; None writes nothing.

    Every line holds ``at`` (UTC, ISO) and ``event``; a report's also analysis, region, outcome
    (made or failed), seconds, memory_mb (the most its kernel took) and error. The first event is
    batch_began or batch_refused (with its error), the last batch_ended or batch_stopped.
    """

    path: Path | None

    def began(self, to_do: int, unchanged: int) -> None:
        """Say how many reports are to be made and how many are there already."""
        self._write("batch_began", to_do=to_do, unchanged=unchanged)

    def ended_report(self, outcome: Outcome) -> None:
        """Say how one report ended."""
        report = outcome.task.report
        self._write(
            "report",
            analysis=report.analysis,
            region=report.region,
            outcome="failed" if outcome.error else "made",
            seconds=outcome.seconds,
            memory_mb=outcome.memory_mb,
            error=outcome.error,
        )

    def ended(self, made: int, failed: int, published: bool, why: str) -> None:
        """Say how the batch ended, and where nothing was published, ``why``."""
        self._write("batch_ended", made=made, failed=failed, published=published, why=why)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Say of a batch that could not run why, and of one that was stopped that it was."""
        try:
            yield
        except Exception as error:
            self._write("batch_refused", error=one_line(error))
            raise
        except BaseException:
            self._write("batch_stopped")
            raise

    def _write(self, event: str, **facts: object) -> None:
        if self.path is None:
            return
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": now, "event": event, **facts}, ensure_ascii=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(line + "\n")
