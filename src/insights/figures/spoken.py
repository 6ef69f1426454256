"""The language a picture speaks: the reader's, or English where no font here writes it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from insights.figures.fonts import writes
from insights.words import SOURCE, _, language, speaking


@contextmanager
def legible() -> Iterator[None]:
    """Draw in words that can be read: in English where no font here has the reader's letters.

    Decorates whatever chooses a picture's words: ``@figures.legible()``. Warns once a process.
    """
    spoken = language()
    if not writes(spoken):
        _warn(spoken)
        spoken = SOURCE
    with speaking(spoken):
        yield


@cache
def _warn(spoken: str) -> None:
    """Say once for each language why pictures speak English, and the remedy."""
    words = _(
        "no font on this machine has the letters of this language ({language}), so pictures speak "
        "English: install one, for example with pip install 'insights[fonts]'"
    )
    warnings.warn(words.format(language=spoken), stacklevel=2)
