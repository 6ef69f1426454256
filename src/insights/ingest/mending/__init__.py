"""Rows held back, mended in Excel and fed back: each takes the place of its original row."""

from insights.ingest.mending.book import mending_book
from insights.ingest.mending.held import Page, held_pages
from insights.ingest.mending.lines import (
    Line,
    book_name,
    is_quarantine,
    read_lines,
    speak_of_people,
    unread_lines,
)
from insights.ingest.mending.notes import mended_notes
from insights.ingest.mending.putting_back import PutBack, put_back

__all__ = [
    "Line",
    "Page",
    "PutBack",
    "book_name",
    "held_pages",
    "is_quarantine",
    "mended_notes",
    "mending_book",
    "put_back",
    "read_lines",
    "speak_of_people",
    "unread_lines",
]
