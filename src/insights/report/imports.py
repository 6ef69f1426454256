"""What notebooks import, so that it is imported once for all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat


def imports_of(notebooks: Iterable[Path]) -> tuple[str, ...]:
    """Return the modules that the code of some notebooks names in import statements, sorted.

    A cell that is no plain Python (a magic command) tells nothing: its kernels import for
    themselves.
    """
    cells = (cell for path in notebooks for cell in nbformat.read(path, 4).cells)
    found = (name for cell in cells if cell.cell_type == "code" for name in _named(cell.source))
    return tuple(sorted(set(found)))


def _named(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
