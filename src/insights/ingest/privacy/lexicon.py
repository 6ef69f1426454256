"""Words that look like names and are none."""

from __future__ import annotations

from functools import cache
from pathlib import Path

LISTS = ("common_words.txt", "kept_words.txt")


@cache
def common_words() -> frozenset[str]:
    """Return common words, places, brands and medical terms that begin or end like a name."""
    texts = [(Path(__file__).parent / name).read_text(encoding="utf-8") for name in LISTS]
    lines = [line for text in texts for line in text.splitlines() if not line.startswith("#")]
    return frozenset(word for line in lines for word in line.split())
