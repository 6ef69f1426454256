"""Run the notebooks, or those named, on the demo company and keep their outputs."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from insights.params import ROOT

PICTURES = ROOT / "docs"


def run(path: Path) -> None:
    """Execute one notebook in its own folder, as nbval does, and write it back whole."""
    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook, timeout=900, kernel_name="python3", record_timing=False, resources=resources
    ).execute()
    notebook.metadata["language_info"] = {"name": "python"}
    _keep_picture(notebook, PICTURES / f"{path.stem}.png")
    part = path.with_suffix(".part")
    nbformat.write(notebook, part)
    os.replace(part, path)


def _keep_picture(notebook: nbformat.NotebookNode, to: Path) -> None:
    """Write the first picture of a notebook, for the README."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    images = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    to.parent.mkdir(exist_ok=True)
    to.write_bytes(base64.b64decode(images[0]))


if __name__ == "__main__":
    for found in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if sys.argv[1:] and found.stem not in sys.argv[1:]:
            continue
        run(found)
