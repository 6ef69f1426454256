"""Chinese names in pictures: find a font that has the glyphs, and never draw a box."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, files

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

LATIN = "DejaVu Sans"
CJK = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "DengXian",
    "SimHei",
    "Heiti SC",
    "STHeiti",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
    "Arial Unicode MS",
    "SimSun",
)
# Distributions that bring such a font; only their files are read, nothing of them is imported.
PACKAGES = ("noto-cjk-sans-otc", "mplfonts")
FONT_FILES = (".otf", ".ttc", ".ttf")
# Simplified forms that Japanese and Traditional fonts lack.
SAMPLES = {"zh": "应收账款医院药品销售额万亿"}

log = logging.getLogger(__name__)


@cache
def families() -> list[str]:
    """Return the font families to draw with: Latin first, then the first Chinese one there is.

    A font of the system, else one of a package of ``PACKAGES``.
    """
    if not _chinese():
        _add(_new_to_matplotlib())
    if not _chinese():
        _add(_packaged())
    return [LATIN, *_chinese()[:1]]


def writes(language: str) -> bool:
    """Say whether the fonts have the letters of a language."""
    sample = SAMPLES.get(language, "")
    return drawable(sample) == sample


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


def _chinese() -> list[str]:
    """Return the families of ``CJK`` that are here and have simplified Chinese, best first."""
    here = set(font_manager.fontManager.get_font_names())
    letters = set(map(ord, SAMPLES["zh"]))
    return [name for name in CJK if name in here and letters <= _letters(name)]


def _new_to_matplotlib() -> list[str]:
    """Return fonts installed since Matplotlib last listed them: it keeps its list on disk."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    return sorted(set(font_manager.findSystemFonts()) - known)


def _packaged() -> Iterator[str]:
    """Yield the font files of those of ``PACKAGES`` that are installed."""
    for name in PACKAGES:
        try:
            held = files(name) or []
        except PackageNotFoundError:
            continue
        yield from (str(one.locate()) for one in held if one.suffix.lower() in FONT_FILES)


def _add(paths: Iterator[str] | list[str]) -> None:
    for path in paths:
        try:
            font_manager.fontManager.addfont(path)
        except Exception as failure:  # Matplotlib passes over files it cannot read, too
            log.info("%s is no font that Matplotlib reads: %s", path, failure)


@cache
def _letters(family: str) -> frozenset[int]:
    found = font_manager.findfont(family, fallback_to_default=False)
    return frozenset(FT2Font(found, face_index=found.face_index).get_charmap())


@cache
def _glyphs() -> frozenset[int]:
    none: frozenset[int] = frozenset()
    return none.union(*map(_letters, families()))
