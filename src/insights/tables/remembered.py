"""What was reckoned from a file, kept until the file changes: a batch need not read it again.

The answers stand in the cache, one small file each, and name neither paths nor contents.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from insights.files import write_whole
from insights.params import ROOT

# A file changed twice within the clock's step keeps its time: what is this young is not believed.
YOUNG_SECONDS = 3


def remembered(path: Path, question: str, reckon: Callable[[], str]) -> str:
    """Return ``reckon()``, asked once for the same path, size, times and inode of the file.

    A cache that cannot be read or written costs time only.
    """
    state, kept = _state(path), _place(path, question)
    with suppress(OSError, ValueError):
        found = json.loads(kept.read_text(encoding="utf-8"))
        if isinstance(found, dict) and found.get("state") == state:
            return str(found["answer"])
    answer = reckon()
    old = time.time_ns() - max(state[1:3]) > YOUNG_SECONDS * 1_000_000_000
    if old and _state(path) == state:
        with suppress(OSError):
            text = json.dumps({"state": state, "answer": answer})
            write_whole(kept, lambda part: part.write_text(text, encoding="utf-8"))
    return answer


def _state(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev]


def _place(path: Path, question: str) -> Path:
    cache = Path(os.environ.get("INSIGHTS_CACHE", ROOT / ".cache" / "results"))
    name = hashlib.sha256(f"{path.resolve()}|{question}".encode()).hexdigest()[:24]
    return cache / "digests" / f"{name}.json"
