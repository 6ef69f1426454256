"""The receivables ledger as of a date: open items, allocations, ageing, faults."""

from insights.features.ledger.ageing import (
    ageing,
    ageing_since_acceptance,
    bucket_names,
    bucket_numbers,
)
from insights.features.ledger.bills import bills_held
from insights.features.ledger.book import Ledger, open_ledger
from insights.features.ledger.errors import FAULT_COLUMNS, LedgerError
from insights.features.ledger.past import due_at, open_on
from insights.features.ledger.placing import NEVER, dates_of, day_numbers

__all__ = [
    "FAULT_COLUMNS",
    "NEVER",
    "Ledger",
    "LedgerError",
    "ageing",
    "ageing_since_acceptance",
    "bills_held",
    "bucket_names",
    "bucket_numbers",
    "dates_of",
    "day_numbers",
    "due_at",
    "open_ledger",
    "open_on",
]
