"""A company of many regions: the demo company again and again, each time under other names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

SHARED = ("calendar", "customer_aliases", "decisions", "products", "strategies")
THEIRS = ("customer_id", "distributor_id", "holder_id", "invoice_id", "scope_id", "unit_id")
OWN = (
    "answers_id", "contact_id", "credits_invoice_id", "customer_id", "department_id",
    "distributor_id", "dunning_id", "feedback_id", "flow_id", "holder_id", "invoice_id",
    "manager_id", "need_id", "order_id", "parent_id", "payment_id", "region_id", "rep_id",
    "scope_id", "unit_id", "visit_id", "writeoff_id",
)  # fmt: skip


def many_regions(source: Path, times: int, to: Path, thin: int = 1) -> Path:
    """Write a source of ``times`` as many regions as a demo company.

    Each copy keeps one in ``thin`` of the customers and all that is theirs, each time others.
    """
    to.mkdir(parents=True, exist_ok=True)
    customers = pd.read_parquet(source / "customers.parquet").customer_id.sort_values()
    kept = [set(customers.iloc[n % thin :: thin]) for n in range(times)]
    left = [set(customers) - own for own in kept]
    bills = pd.read_parquet(source / "invoices.parquet", columns=["invoice_id", "customer_id"])
    for path in sorted(source.glob("*.parquet")):
        table = pd.read_parquet(path)
        if path.stem == "ledger_control" and thin > 1:
            continue  # its sums are the whole company's
        numbers = range(1 if path.stem in SHARED else times)
        copies = [(_thinned(table, left[n], bills), n) for n in numbers]
        pd.concat(_renamed(*copy) for copy in copies).to_parquet(to / path.name, index=False)
    return to


def _thinned(table: pd.DataFrame, left: set[str], bills: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the rows of customers that were left out, or of their invoices."""
    gone = left | set(bills.invoice_id[bills.customer_id.isin(left)])
    told = [column for column in THEIRS if column in table]
    rows = ~table[told].isin(gone).any(axis=1)
    thinned = table[rows]
    if "parent_id" in thinned and "customer_id" in thinned:
        thinned = thinned.assign(parent_id=thinned.parent_id.mask(thinned.parent_id.isin(left)))
    return thinned


def _renamed(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return copy ``n`` of a table: its ids end in the copy's number, but for the first copy's."""
    if not n:
        return table
    own = [column for column in table if column in OWN]
    return table.assign(
        **{one: (table[one].astype("str") + f".{n}").where(table[one].notna()) for one in own}
    )
