"""Company-level fits, computed once and kept on disk under a key that cannot go stale."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import pandas as pd

import insights
from insights.files.whole import write_whole
from insights.params import ROOT, params_key
from insights.tables import Tables, as_date
from insights.words import language, words_key

KEPT = 60
PACKAGES = ("duckdb", "ibis-framework", "numpy", "pandas", "scikit-learn", "scipy")
AsOf = str | dt.date | pd.Timestamp
P = TypeVar("P")
R = TypeVar("R")


def cached(verb: Callable[[Tables, AsOf, P], R], tables: Tables, as_of: AsOf, params: P) -> R:
    """Return ``verb(tables, as_of, params)``, computed once for the same code, data and params.

    The key hashes the package's source, the lock file, the content of the tables, as_of, the
    params and the language, so that a changed helper is never answered with yesterday's result.
    """
    path = _folder() / f"{verb.__name__}-{_key(verb, tables, as_of, params)}.pickle"
    found = _read(path)
    if found is not None:
        return found  # type: ignore[return-value]
    result = verb(tables, as_of, params)
    _write(path, result)
    return result


@cache
def source_key() -> str:
    """Return a hash of the package's own source, the lock file and what is installed."""
    digest = hashlib.sha256()
    home = Path(insights.__file__).parent
    for package in PACKAGES:
        digest.update(f"{package}={version(package)}".encode())
    digest.update(sys.version.encode())
    for path in [*sorted(home.rglob("*.py")), ROOT / "requirements.lock"]:
        if path.exists():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _key(verb: Callable[..., object], tables: Tables, as_of: AsOf, params: object) -> str:
    parts = (
        source_key(),
        verb.__module__,
        verb.__qualname__,
        tables.data_key,
        as_date(as_of).isoformat(),
        params_key(params),
        words_key(language()),
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def _folder() -> Path:
    folder = Path(os.environ.get("INSIGHTS_CACHE", ROOT / ".cache" / "results"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read(path: Path) -> object | None:
    """Return a kept result; a file cut short by a crash counts as absent and is replaced."""
    if not path.exists():
        return None
    try:
        found = pickle.loads(path.read_bytes())
    except (EOFError, pickle.UnpicklingError, AttributeError, ImportError):
        path.unlink(missing_ok=True)
        return None
    path.touch()
    return found


def _write(path: Path, result: object) -> None:
    write_whole(path, lambda part: part.write_bytes(pickle.dumps(result)))
    _prune(path.parent)


def _prune(folder: Path) -> None:
    """Keep the most recently used results only."""
    newest = sorted(folder.glob("[!.]*.pickle"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in newest[KEPT:]:
        with suppress(PermissionError):  # another process reads it (Windows): it goes next time
            path.unlink(missing_ok=True)
