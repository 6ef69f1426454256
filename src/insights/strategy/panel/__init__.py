"""Outcomes by unit and period, read and checked, and what their shape allows."""
