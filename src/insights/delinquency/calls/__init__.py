"""Whom to call about which items, when, and how long a claim still stands."""
