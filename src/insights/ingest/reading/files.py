"""One file as its sheets, whatever its name says it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from insights.ingest.reading.delimited import read_delimited
from insights.ingest.reading.disguised import read_disguised
from insights.ingest.reading.excel import read_workbook
from insights.ingest.reading.limits import LIMITS, Limits, UnreadableError
from insights.ingest.reading.parquet import read_parquet
from insights.ingest.reading.pieces import first_bytes, read_text
from insights.ingest.reading.sheets import Sheet
from insights.words import _

TEXT = (".csv", ".tsv")
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb")
SUFFIXES = (*TEXT, *EXCEL, ".parquet")
ZIP, OLE, PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
Reader = Callable[[Path, str, frozenset[str], Limits], list[Sheet]]


def read_file(path: Path, file: str, known: frozenset[str], limits: Limits = LIMITS) -> list[Sheet]:
    """Return the sheets of a file that hold a header; ``UnreadableError`` when it cannot be read.

    ``known`` are headers that some table knows: they tell a header from title rows above it, and
    confirm an encoding. The content decides what a file is, not its name: a web page or text
    called .xls and a workbook called .csv are read as what they are, and ``Sheet.notes`` say so.
    """
    try:
        read = _reader(path.suffix.lower(), first_bytes(path))
        return read(path, file, known, limits)
    except UnreadableError:
        raise
    except PermissionError:
        raise UnreadableError(
            _("there is no permission to read it, or another program holds it"),
            _("close it elsewhere, or allow reading"),
        ) from None
    except (OSError, pa.ArrowException) as error:
        raise UnreadableError(_("not readable: {error}").format(error=error)) from None
    except MemoryError:
        raise UnreadableError(
            _("too large for this computer's memory"), _("split it, or save it as Parquet")
        ) from None


def _reader(suffix: str, head: bytes) -> Reader:
    if not head:
        return _nothing
    if head.startswith(PARQUET) or suffix == ".parquet":
        return read_parquet
    if head.startswith((ZIP, OLE)):
        return read_workbook
    return _text if suffix in TEXT else read_disguised


def _nothing(path: Path, file: str, known: frozenset[str], limits: Limits) -> list[Sheet]:
    raise UnreadableError(_("the file is empty"), _("export it again, or take it away"))


def _text(path: Path, file: str, known: frozenset[str], limits: Limits) -> list[Sheet]:
    return read_delimited(read_text(path, known, limits), file, known)
