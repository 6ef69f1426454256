"""What was known of an invoice and its payer on a day, and what became of it."""

from insights.features.invoices.known_then import invoice_features
from insights.features.invoices.outcomes import outcomes, outcomes_by_horizon

__all__ = ["invoice_features", "outcomes", "outcomes_by_horizon"]
