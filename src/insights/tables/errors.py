"""The errors of this room."""

from __future__ import annotations


class SourceError(ValueError):
    """A source cannot be opened, or a table in it cannot be used: says which and what to do."""


class RegionError(ValueError):
    """A region that the source does not know, or that is not text."""
