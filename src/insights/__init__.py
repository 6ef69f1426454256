"""Analytics for hospital, pharma and medical-device sales teams.

Names are loaded when they are first asked for: not every part needs the tables.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insights.params import load_params
    from insights.tables import connect

__all__ = ["connect", "load_params"]
__version__ = "0.1.0"
_HOMES = {"connect": "tables", "load_params": "params"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
