"""Analytics for hospital, pharma and medical-device sales teams."""

from insights.params import load_params
from insights.tables import connect

__all__ = ["connect", "load_params"]
__version__ = "0.1.0"
