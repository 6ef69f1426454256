"""Errors as sentences, and pages opened, for who has never seen a traceback or a terminal."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from types import TracebackType

import duckdb
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Markdown, display

from insights.params import ROOT
from insights.words import Sentence, _

TOLD = (ValueError, OSError, duckdb.Error)


def plainly() -> None:
    """Tell errors of data, params and files in one sentence, in this notebook from here on.

    The cell still counts as failed, so that Run All stops there; ``%tb`` shows where it happened.
    Errors of any other kind keep their traceback. Outside of a notebook nothing changes.
    """
    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc(TOLD, _told)


def open_page(page: str | Path) -> Sentence:
    """Open a page in the browser of this machine; return a sentence that says where it lies.

    A relative path is read against the project's root. ``FileNotFoundError`` where no page is.
    """
    path = Path(ROOT / page).resolve()
    if not path.is_file():
        raise FileNotFoundError(_("{page}: no such page").format(page=path))
    if webbrowser.open(path.as_uri()):
        return Sentence(_("Opened in your browser: `{page}`").format(page=path))
    return Sentence(_("No browser could be opened here; open it yourself: `{page}`").format(
        page=path))  # fmt: skip


def _told(
    _shell: InteractiveShell,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Show the words of an error in place of its traceback, which stays at hand for ``%tb``."""
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    words = " ".join(str(error).split()) or kind.__name__
    said = _("This could not be done: {words}").format(words=words)
    display(Markdown(f"**{said}**\n\n" + _("(`%tb` in a new cell shows where it happened.)")))
