"""The cache of fitted results, and what a notebook leaves on disk."""

from insights.store.cache import cached, source_key
from insights.store.save import save

__all__ = ["cached", "save", "source_key"]
