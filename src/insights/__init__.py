"""Analytics for hospital, pharma and medical-device sales teams.

Names are loaded when they are first asked for: not every part needs the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights.lazily import lazily

if TYPE_CHECKING:
    from insights.params import load_params
    from insights.tables import connect

__all__ = ["connect", "load_params"]
__version__ = "0.1.0"
_HOMES = {"connect": "tables", "load_params": "params"}
__getattr__, __dir__ = lazily(__name__, _HOMES)
