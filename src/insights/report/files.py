"""Names that every file system takes, and files that are whole or not there."""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from insights import files

LONGEST = 60
SAVED_SECONDS = 2.0  # a report writes its result right after its workbook
UNSAFE = re.compile(r"[^\w.\-]+")
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "index.html", "manifest.json"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)


def folder_names(ids: Iterable[str]) -> dict[str, str]:
    """Return a folder name for each region id: safe on every system, distinct ids distinct.

    An id that is safe already keeps its name. One that is not (separators, ``..``, a device name of
    Windows, a twin that differs only in case) gets a short hash of the id behind it.
    """
    ids = list(ids)
    plain = {one: _plain(one) for one in ids}
    shared = Counter(_folded(name) for name in plain.values())
    return {
        one: name
        if name == one and (shared[_folded(name)] == 1 or one == "all")
        else f"{name}-{_short_hash(one)}"
        for one, name in plain.items()
    }


def is_safe(name: str) -> bool:
    """Say whether a name can be a folder's as it stands."""
    return _plain(name) == name


def write_whole(path: Path, text: str) -> None:
    """Write a text so that a reader never sees half of it."""
    files.write_whole(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))


def saved_since(workbook: Path) -> bool:
    """Say whether a report's workbook was saved after the report was made: it may hold answers."""
    made = workbook.parent / workbook.stem / "result.json"
    if not (workbook.exists() and made.exists()):
        return False
    return workbook.stat().st_mtime > made.stat().st_mtime + SAVED_SECONDS


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _plain(name: str) -> str:
    text = UNSAFE.sub("_", name)[:LONGEST].strip(".")
    if not text or text.split(".")[0].casefold() in RESERVED or text.casefold() in RESERVED:
        return f"_{text}"
    return text


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
