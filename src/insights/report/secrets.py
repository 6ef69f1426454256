"""What an engine quoted of a connection's address, taken out of whatever a report leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import nbformat
from nbformat import NotebookNode

from insights.tables.connections import PREFIX, connection_of
from insights.tables.errors import SourceError
from insights.words import _

Hide = Callable[[str], str]
# Base64: holds no words, and a short password may stand in it by chance.
PICTURES = ("image/png", "image/jpeg")


def words_without_secrets(words: str, source: str) -> str:
    """Return an error's words without the address, user and password of the source they are of.

    Where the source is a connection that cannot be read any more, nothing of them.
    """
    try:
        connection = connection_of(source)
    except SourceError:
        return _withheld(source) if words else words
    return words if connection is None else connection.without_secrets(words)


def notebook_without_secrets(notebook: NotebookNode, source: str) -> NotebookNode:
    """Return a copy whose outputs quote no address or password of its source.

    Nor a user or host, where an output is an error or a warning; of these nothing is left where
    the source is a connection that cannot be read any more.
    """
    copy = nbformat.from_dict(notebook)
    outputs = [output for cell in copy.cells for output in cell.get("outputs", [])]
    told = [one for one in outputs if one.output_type == "error" or one.get("name") == "stderr"]
    try:
        connection = connection_of(source)
    except SourceError:
        _withhold(told, _withheld(source))
        return copy
    if connection is not None:
        for output in outputs:
            _hide_output(output, partial(connection.hidden, names=output in told))
        _hide(copy.metadata, connection.hidden)
    return copy


def _withheld(source: str) -> str:
    words = _("(withheld: the connection {name} cannot be read any more)")
    return words.format(name=source.removeprefix(PREFIX))


def _withhold(outputs: Sequence[NotebookNode], words: str) -> None:
    for output in outputs:
        if output.output_type == "error":
            output.update(evalue=words, traceback=[words])
        else:
            output.text = words + "\n"


def _hide_output(output: NotebookNode, hide: Hide) -> None:
    """Hide in what an output says; of what kind it is stays, for a reader must know it."""
    for name in set(output) - {"output_type", "name"}:
        output[name] = _hide(output[name], hide)


def _hide(held: object, hide: Hide) -> object:
    """Hide within every text below a node; what is no text stays."""
    if isinstance(held, str):
        return hide(held)
    if isinstance(held, list):
        held[:] = [_hide(one, hide) for one in held]
    elif isinstance(held, dict):
        said = {name: one for name, one in held.items()
                if name not in PICTURES or isinstance(one, dict)}  # fmt: skip
        held.update({name: _hide(one, hide) for name, one in said.items()})
    return held
