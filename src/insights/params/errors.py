"""The one error of this room."""

from __future__ import annotations


class ParamsError(ValueError):
    """A yaml file says something that cannot be used: names the file and every key at fault."""
