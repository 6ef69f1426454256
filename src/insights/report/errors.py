"""The error of this room, and how another's error is told in one line."""

from __future__ import annotations

from papermill.exceptions import PapermillExecutionError


class ReportError(ValueError):
    """A batch cannot start: says everything that is wrong with what was asked, at once."""


def one_line(failure: BaseException) -> str:
    """Return the kind of an error and its words: of a notebook's error the last line."""
    if isinstance(failure, PapermillExecutionError):
        lines = [line.strip() for line in failure.evalue.splitlines() if line.strip()]
        return f"{failure.ename}: {lines[-1]}" if lines else failure.ename
    first = str(failure).strip().partition("\n")[0]
    return f"{type(failure).__name__}: {first}" if first else type(failure).__name__
