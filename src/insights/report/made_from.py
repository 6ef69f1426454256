"""What a pack was made from, as its notebooks keep it in their parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from insights.params import ROOT
from insights.report.manifest import Manifest


def source_of(pack: Path, manifest: Manifest) -> str:
    """Return the source of a pack's first notebook that names one; empty where none does."""
    for entry in manifest.entries.values():
        if found := _source(read_object(pack / entry.folder / f"{entry.analysis}.ipynb")):
            return found
    return ""


def same_source(one: str, other: str) -> bool:
    """Say whether two sources are one; a pack that does not say its own is taken to agree."""
    return not (one and other) or (ROOT / one).resolve() == (ROOT / other).resolve()


def read_object(path: Path) -> dict[str, object]:
    """Return a JSON file's object; nothing where it is not there or cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _source(notebook: Mapping[str, object]) -> str:
    found: object = notebook
    for name in ("metadata", "papermill", "parameters", "source"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
