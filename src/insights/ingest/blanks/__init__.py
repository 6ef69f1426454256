"""Cells left blank because a person sees above or beside them what belongs there."""

from insights.ingest.blanks.adding import joined_documents
from insights.ingest.blanks.filling import Around, Filled, fill_blanks

__all__ = ["Around", "Filled", "fill_blanks", "joined_documents"]
