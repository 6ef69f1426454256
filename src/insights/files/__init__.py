"""Files and folders that are whole or not there, and written by one run at a time."""

from insights.files.switching import BusyError, held_alone, is_mark_of, leftovers, switched_in
from insights.files.whole import write_whole

__all__ = ["BusyError", "held_alone", "is_mark_of", "leftovers", "switched_in", "write_whole"]
