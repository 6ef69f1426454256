"""A file's bytes and text, in bounded pieces."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from insights.ingest.reading.encodings import decoded
from insights.ingest.reading.limits import Limits, UnreadableError
from insights.words import _

PIECE = 1 << 20


def first_bytes(path: Path, count: int = 8) -> bytes:
    """Return how a file begins."""
    with path.open("rb") as stream:
        return stream.read(count)


def read_text(path: Path, known: frozenset[str], limits: Limits) -> str:
    """Return a file's text; a line longer than ``limits.line`` stops the reading."""
    return decoded(_bounded_lines(path, limits.line), known)


def _bounded_lines(path: Path, longest: int) -> bytes:
    held, since = bytearray(), 0
    with path.open("rb") as stream:
        for piece in iter(partial(stream.read, PIECE), b""):
            end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
            since = len(held) + end + 1 if end >= 0 else since
            held += piece
            if len(held) - since > longest:
                raise UnreadableError(
                    _("a line does not end within {n} MB: not a table of rows").format(
                        n=round(longest / (1 << 20), 1)
                    ),
                    _("export it again with one row on each line"),
                )
    return bytes(held)
