"""Dirty exports in, canonical tables out; and the checker of a source."""

from insights.ingest.check import check_source, code_lines, fault_lines, unknown_codes
from insights.ingest.folder import ingest_folder
from insights.ingest.mapping import Mapping, load_mapping
from insights.ingest.outcome import IngestReport

__all__ = [
    "IngestReport",
    "Mapping",
    "check_source",
    "code_lines",
    "fault_lines",
    "ingest_folder",
    "load_mapping",
    "unknown_codes",
]
