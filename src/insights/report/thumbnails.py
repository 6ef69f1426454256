"""The first figure of a report, small enough to stand on the index."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup
from PIL import Image

WIDTH, COLOURS = 240, 24
FIRST = re.compile(r"<img\b[^>]*>")
DATA = re.compile(r"data:image/(?:png|jpeg);base64,(.+)", re.DOTALL)


@dataclass(frozen=True)
class Thumbnail:
    """A small picture as a data address, its size in pixels, and what it shows in words."""

    address: str
    width: int
    height: int
    alt: str


def thumbnail(page: Path) -> Thumbnail | None:
    """Return the first figure of a report's page in small; None where the page shows none.

    The page is read rather than the notebook: it is smaller, cleaned, and holds the words for
    those who do not see the figure.
    """
    try:
        tag = FIRST.search(page.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    image = BeautifulSoup(tag[0], "html.parser").img if tag else None
    found = DATA.match(str(image["src"])) if image and image.has_attr("src") else None
    if not image or not found:
        return None
    return _small(base64.b64decode(found[1]), str(image.get("alt", "")))


def _small(data: bytes, alt: str) -> Thumbnail | None:
    try:
        with Image.open(io.BytesIO(data)) as drawn:
            small = drawn.convert("RGB")
    except OSError:  # a figure that no viewer could show either
        return None
    small.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS, reducing_gap=2.0)
    kept = io.BytesIO()
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
    text = base64.b64encode(kept.getvalue()).decode("ascii")
    return Thumbnail(f"data:image/png;base64,{text}", small.width, small.height, alt)
