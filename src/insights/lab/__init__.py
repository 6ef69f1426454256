"""What a person at JupyterLab needs beside the analyses: a start, plain errors, pages to open.

Names are loaded when they are first asked for: ``python -m insights.lab`` runs before anything is
installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights.lazily import lazily

if TYPE_CHECKING:
    from insights.lab.sentences import open_page, plainly

__all__ = ["open_page", "plainly"]
_HOMES = {"open_page": "sentences", "plainly": "sentences"}
__getattr__, __dir__ = lazily(__name__, _HOMES)
