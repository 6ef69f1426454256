"""What an engine quoted of a connection's address, taken out of whatever a report leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import nbformat
from nbformat import NotebookNode

from insights.tables.connections import connection_of

Hide = Callable[[str], str]


def words_without_secrets(words: str, source: str) -> str:
    """Return an error's words without the address, user and password of the source they are of."""
    connection = connection_of(source)
    return words if connection is None else connection.without_secrets(words)


def notebook_without_secrets(notebook: NotebookNode, source: str) -> NotebookNode:
    """Return a copy whose outputs quote no address or password of its source.

    Nor a user or host, where an output is an error or a warning.
    """
    connection = connection_of(source)
    if connection is None:
        return notebook
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        for output in cell.get("outputs", []):
            told = output.output_type == "error" or output.get("name") == "stderr"
            _hide(output, partial(connection.hidden, names=told))
    _hide(copy.metadata, connection.hidden)
    return copy


def _hide(held: object, hide: Hide) -> object:
    """Hide within every text below a node; what is no text stays."""
    if isinstance(held, str):
        return hide(held)
    if isinstance(held, list):
        held[:] = [_hide(one, hide) for one in held]
    elif isinstance(held, dict):
        held.update({name: _hide(one, hide) for name, one in held.items()})
    return held
