"""The mapping as an Excel sheet: drafted from unknown exports, corrected by a person, read back."""

from insights.ingest.drafting.book import draft_book
from insights.ingest.drafting.proposing import propose, with_gaps
from insights.ingest.drafting.reading_back import (
    as_named,
    draft_rows,
    load_mapping,
    mapping_of,
    names_people,
    unread_rows,
)
from insights.ingest.drafting.samples import sampled

__all__ = [
    "as_named",
    "draft_book",
    "draft_rows",
    "load_mapping",
    "mapping_of",
    "names_people",
    "propose",
    "sampled",
    "unread_rows",
    "with_gaps",
]
