"""Time: what was known on as_of, as Ibis expressions over the canonical tables."""

from insights.features.known import known

__all__ = ["known"]
