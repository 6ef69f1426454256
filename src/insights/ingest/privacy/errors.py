"""What stops the door from opening."""

from __future__ import annotations


class PrivacyError(ValueError):
    """A key that is absent, too short or lies in the open: says why, and what to do."""
