"""Time: what was known on as_of, as Ibis expressions over the canonical tables."""

from insights.features.customers import customer_features, customer_values, terminals
from insights.features.distributors import distributor_features, distributor_ids
from insights.features.firsts import first_purchases
from insights.features.known import known, master
from insights.features.lines import line_purchases
from insights.features.purchases import purchases, purchases_of_nobody

__all__ = [
    "customer_features",
    "customer_values",
    "distributor_features",
    "distributor_ids",
    "first_purchases",
    "known",
    "line_purchases",
    "master",
    "purchases",
    "purchases_of_nobody",
    "terminals",
]
