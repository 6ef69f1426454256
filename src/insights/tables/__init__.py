"""What each canonical table looks like, and the only way in to stored tables."""

from insights.tables.catalog import CANONICAL
from insights.tables.columns import Column, Table
from insights.tables.connect import EVENTS, Tables, connect
from insights.tables.dates import as_date, sensible_span
from insights.tables.dictionary import data_dictionary
from insights.tables.errors import RegionError, SourceError
from insights.tables.regions import ALL, leaves, members, region_name

__all__ = [
    "ALL",
    "CANONICAL",
    "EVENTS",
    "Column",
    "RegionError",
    "SourceError",
    "Table",
    "Tables",
    "as_date",
    "connect",
    "data_dictionary",
    "leaves",
    "members",
    "region_name",
    "sensible_span",
]
