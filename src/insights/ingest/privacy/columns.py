"""Which canonical columns hold text that may name a person, and how freely it is written.

Every ``text`` column is scrubbed. Names of things (institutions, products, places, words of the
company) are scrubbed of numbers, known names and names with a title only; all other text, which
people write, by every rule. Codes are scrubbed where they are no code of the table: unknown ones
are stored as they came. Ids are never altered (they tie tables together), but ``contact_id``.
"""

from __future__ import annotations

from insights.tables import CANONICAL

CONTACT = "contact_id"
CONTACTS = "contacts"
PRESCRIPTIONS = "prescriptions"
MEASURES = ("scripts", "quantity")  # of a prescription cell; the first decides how small it is
NAMES_OF_THINGS = frozenset(
    {
        ("regions", "region_name"), ("customers", "name"), ("customers", "city"),
        ("customers", "district"), ("customers", "credit_grade"), ("customer_aliases", "alias"),
        ("customer_aliases", "source"), ("departments", "department"), ("products", "name"),
        ("products", "generic_name"), ("products", "product_line"), ("reps", "product_line"),
        ("orders", "channel"), ("channel_flow", "raw_name"), ("invoices", "product_line"),
        ("invoices", "currency"), ("outcomes", "metric"), ("strategies", "metric"),
        ("calendar", "holiday"),
    }
)  # fmt: skip


def written_columns(table: str) -> list[str]:
    """Return the text columns of a table that people write freely."""
    names = [column.name for column in CANONICAL[table].columns if column.type == "text"]
    return [name for name in names if (table, name) not in NAMES_OF_THINGS]


def thing_columns(table: str) -> list[str]:
    """Return the text columns of a table that name things."""
    return [name for owner, name in sorted(NAMES_OF_THINGS) if owner == table]
