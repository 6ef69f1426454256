"""The words a person reads: every heading, sentence and label passes through ``_``.

English is the source language; a catalog in ``locale/`` translates it.
"""

from __future__ import annotations

import difflib
import gettext
import math
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
_catalog = gettext.translation("insights", LOCALE, languages=["en"], fallback=True)


def _(message: str) -> str:
    """Return ``message`` in the reader's language (the message itself where untranslated)."""
    return _catalog.gettext(message)


class Sentence(str):
    """A sentence that a notebook shows as prose."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def listing(items: list[str], limit: int = 6) -> str:
    """Join names for a sentence, saying how many more there are past ``limit``."""
    shown = ", ".join(str(item) for item in items[:limit])
    more = len(items) - limit
    return shown + (_(" and {n} more").format(n=more) if more > 0 else "")


def meant(name: str, known: list[str]) -> str:
    """Say which known name a mistyped one is nearest to; nothing where none is near."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return _("did you mean {name}?").format(name=close[0]) if close else ""


def short(value: float) -> str:
    """Return a number as a label: 1.2M, 34k, 0.56."""
    if not math.isfinite(value):
        return "–"
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{suffix}"
    return f"{value:.3g}"


def p_words(p_value: float) -> str:
    """Return a p-value for a sentence; what is below a thousandth is not told apart."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def signed(share: float) -> str:
    """Return a share for a sentence, with its sign; what rounds to nothing is no minus."""
    return f"{round(share, 3) + 0.0:+.1%}"


def quantity(value: float) -> str:
    """Return a figure for a sentence: whole from a thousand on, four digits below."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
