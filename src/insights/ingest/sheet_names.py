"""What the name of a sheet, or of its file, says of what it holds."""

from __future__ import annotations

import re
from pathlib import Path

from insights.ingest.reading import Sheet
from insights.ingest.vocabulary import Vocabulary

NAMELESS = re.compile(r"(?i)(?:sheet|工作表|表)\s*\d*|")
SCALE = re.compile(r"[(（\[]\s*(?:金额)?(?:单位)?[:：]?\s*(?P<scale>[千万亿])元?\s*[)）\]]"
                   r"|单位[:：_]?(?P<unit>[千万亿])元")  # fmt: skip


def speaks_of(file: str, name: str, table: str, vocabulary: Vocabulary) -> bool:
    """Say whether a sheet's name speaks of a table; where it has none, its file's.

    A word within a longer one that speaks of another table does not count: 拜访 in 拜访计划. Nor
    does any word in the name of a document of the other side: 采购发票.
    """
    text = Path(file).stem if NAMELESS.fullmatch(name) else name
    if any(word in text for word in vocabulary.elsewhere):
        return False
    longer = [word for own, words in vocabulary.files.items() if own != table
              for word in words if word in text]  # fmt: skip
    for word in longer:
        text = text.replace(word, " ") if _covers(word, table, vocabulary) else text
    return any(word in text for word in vocabulary.files[table])


def _covers(word: str, table: str, vocabulary: Vocabulary) -> bool:
    return any(own in word and own != word for own in vocabulary.files[table])


def scale_of_sheet(sheet: Sheet) -> str:
    """Return the unit of money, 千, 万 or 亿, that the name of a sheet or of its file says."""
    for text in (sheet.name, Path(sheet.file).stem):
        found = SCALE.search(text)
        if found:
            return found["scale"] or found["unit"]
    return ""
