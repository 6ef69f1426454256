"""What a batch does, as lines of JSON for a scheduler: no path, no address, no row of data."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from insights.report.tasks import Outcome


@dataclass(frozen=True)
class BatchLog:
    """A file that grows by one line an event; None writes nothing.

    Every line holds ``at`` (UTC, ISO) and ``event``; a report's also analysis, region, outcome
    (made or failed), seconds, memory_mb (the most its kernel took) and error.
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

    def ended(self, made: int, failed: int, published: bool) -> None:
        """Say how the batch ended."""
        self._write("batch_ended", made=made, failed=failed, published=published)

    def _write(self, event: str, **facts: object) -> None:
        if self.path is None:
            return
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": now, "event": event, **facts}, ensure_ascii=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(line + "\n")
