"""What is refused before it fills the memory, and how a refusal is said."""

from __future__ import annotations

from dataclasses import dataclass

from insights.words import _


class UnreadableError(ValueError):
    """A file that cannot be read at all: ``reason`` says why, ``remedy`` what to do."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        self.reason, self.remedy = reason, remedy or _("mend the file, or take it away")
        super().__init__(f"{reason}; {remedy}" if remedy else reason)


@dataclass(frozen=True)
class Limits:
    """Bounds of a file: bytes of one line, unpacked bytes of a workbook, cells of one sheet."""

    line: int = 16 << 20  # Excel's widest row: 16,384 cells; ERP lines have a few hundred bytes
    unpacked: int = 4 << 30  # a million rows of twenty columns unpack to about 1.2 GB of XML
    cells: int = 60_000_000  # of a sheet's rectangle: a stray cell in its last corner makes 17e9


LIMITS = Limits()
