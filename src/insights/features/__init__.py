"""Time: what was known on as_of, as Ibis expressions over the canonical tables."""

from insights.features.customers import customer_features
from insights.features.known import known, master
from insights.features.purchases import purchases, purchases_of_nobody

__all__ = ["customer_features", "known", "master", "purchases", "purchases_of_nobody"]
