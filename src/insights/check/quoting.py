"""A word of a command as a person types it into the shell of the own system."""

from __future__ import annotations

import os
import shlex
import subprocess


def as_typed(word: str, system: str = os.name) -> str:
    """Return a word quoted for the shell: ``system`` is nt (Windows) or posix, as in os.name."""
    return subprocess.list2cmdline([word]) if system == "nt" else shlex.quote(word)
