"""What is out of line today, and who does what about it? The first lines of every question."""

from insights.exceptions.gather import Source, gather_exceptions
from insights.exceptions.result import Exceptions

__all__ = ["Exceptions", "Source", "gather_exceptions"]
