"""Headings of the lists that people fill in: in their language, with the name that is read back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from insights.ingest.reading import Sheet
from insights.words import shown_as

# Every name that a list of ours has as a heading, but for the columns of an export beside them.
OURS = frozenset({
    "file", "sheet", "header", "sample 1", "sample 2", "sample 3", "table", "column", "unit",
    "how sure", "note", "row", "reason", "remedy", "name", "place", "region_id", "rows", "amount",
    "status", "answer", "customer_id", "customer_name", "score", "how", "runner_up",
    "runner_up_score",
})  # fmt: skip
WRITTEN = re.compile(r".*（([a-z0-9_ ]+)）")


def heading(name: str) -> str:
    """Return a name of ours as people read it: 文件（file）; any other as it is."""
    words = shown_as("list", name)
    return f"{words}（{name}）" if name in OURS and words != name else name


def plain_heading(text: str) -> str:
    """Return the name that a heading was written for."""
    found = WRITTEN.fullmatch(text)
    return found[1] if found and found[1] in OURS else text


def plain_headings(texts: Iterable[str]) -> list[str]:
    """Return the names of several headings; where two would be one, both stay as they are."""
    texts = list(texts)
    plain = [plain_heading(text) for text in texts]
    return [one if plain.count(one) == 1 else text for one, text in zip(plain, texts, strict=True)]


def with_plain_headings(sheet: Sheet) -> Sheet:
    """Return a sheet of a list under the names that its headings were written for."""
    return replace(sheet, frame=sheet.frame.set_axis(plain_headings(sheet.frame.columns), axis=1))
