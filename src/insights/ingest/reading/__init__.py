"""Files in: CSV, Excel and Parquet as sheets of text, each row with the number a person sees."""

from insights.ingest.reading.files import EXCEL, SUFFIXES, TEXT, read_file
from insights.ingest.reading.limits import LIMITS, Limits, UnreadableError
from insights.ingest.reading.sheets import Sheet

__all__ = [
    "EXCEL",
    "LIMITS",
    "SUFFIXES",
    "TEXT",
    "Limits",
    "Sheet",
    "UnreadableError",
    "read_file",
]
