"""The cache of fitted results, and what a notebook leaves on disk."""

from insights.store.cache import cached, source_key
from insights.store.save import save
from insights.store.whole import write_whole

__all__ = ["cached", "save", "source_key", "write_whole"]
