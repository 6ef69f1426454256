"""Dirty exports in, canonical tables out; and the checker of a source."""

from insights.ingest.check import (
    check_source,
    code_lines,
    fault_lines,
    find_faults,
    unknown_codes,
)
from insights.ingest.checking.finding import Finding
from insights.ingest.drafting import load_mapping
from insights.ingest.folder import draft_mapping, ingest_folder
from insights.ingest.mapping import Mapping
from insights.ingest.outcome import IngestReport
from insights.ingest.rules import NOT_READ

__all__ = [
    "NOT_READ",
    "Finding",
    "IngestReport",
    "Mapping",
    "check_source",
    "code_lines",
    "draft_mapping",
    "fault_lines",
    "find_faults",
    "ingest_folder",
    "load_mapping",
    "unknown_codes",
]
