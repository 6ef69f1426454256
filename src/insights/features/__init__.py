"""Time: what was known on as_of, as Ibis expressions over the canonical tables."""

from insights.features.customers import customer_features
from insights.features.known import known
from insights.features.purchases import purchases

__all__ = ["customer_features", "known", "purchases"]
