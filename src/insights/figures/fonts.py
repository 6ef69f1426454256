"""Chinese names in pictures: find a font that has the glyphs, and never draw a box."""

from __future__ import annotations

from functools import cache

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

LATIN = "DejaVu Sans"
CJK = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)


@cache
def families() -> list[str]:
    """Return the font families to draw with: Latin first, then the first Chinese one there is."""
    installed = set(font_manager.fontManager.get_font_names())
    return [LATIN, *[name for name in CJK if name in installed][:1]]


def drawable(text: str) -> str:
    """Return ``text`` with every run of characters that no font has replaced by an ellipsis."""
    kept = "".join(char if char.isspace() or ord(char) in _glyphs() else "\0" for char in text)
    while "\0\0" in kept:
        kept = kept.replace("\0\0", "\0")
    return kept.replace("\0", "…")


def make_drawable(figure: Figure) -> Figure:
    """Rewrite every text of a figure so that no glyph box can appear; return the figure."""
    for text in figure.findobj(Text):
        text.set_text(drawable(text.get_text()))
    return figure


@cache
def _glyphs() -> frozenset[int]:
    found: set[int] = set()
    for name in families():
        path = font_manager.findfont(name, fallback_to_default=False)
        found |= set(FT2Font(path).get_charmap())
    return frozenset(found)
