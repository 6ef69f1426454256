"""The list to work down: every open item with its next step, and customers on hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pandas as pd

from insights.delinquency.calls.actions import actions_of, left_out
from insights.delinquency.calls.contacts import contacts_of
from insights.delinquency.calls.credit_hold import orders_to_hold
from insights.delinquency.calls.limitation import limitation_list
from insights.delinquency.calls.promises import BROKEN, PENDING
from insights.delinquency.calls.worklist import item_list
from insights.delinquency.shown import of_regions, whole
from insights.features.ledger import Ledger
from insights.params import DelinquencyParams
from insights.tables import ALL, Tables
from insights.words import _

PROMISE_COLUMNS = [
    "promise", "promised_on", "promised_amount", "customer_id", "name", "region_id", "owner",
    "invoice_id", "instalment_no", "exposure", "days_past_due", "promise_made_on", "last_channel",
    "promises_broken", "step", "next_on",
]  # fmt: skip


@dataclass(frozen=True)
class CallList:
    """``items``: a row an open item with its next step; ``unallocated``: cash to set off first.

    ``holds``: customers over their limit with something overdue; ``faults``: contacts that name
    nothing in the ledger.
    """

    items: pd.DataFrame
    holds: pd.DataFrame
    unallocated: pd.DataFrame
    faults: pd.DataFrame
    gap: str
    params: DelinquencyParams
    as_of: dt.date

    def for_region(self, region: str, kept: list[str]) -> CallList:
        """Return the slice of a region; ``kept`` are it and all below it."""
        if region == ALL:
            return self
        return replace(
            self,
            items=of_regions(self.items, kept),
            holds=of_regions(self.holds, kept),
            unallocated=of_regions(self.unallocated, kept),
        )

    def actions(self) -> pd.DataFrame:
        """Return a row an action, the most money first."""
        return actions_of(self.items, self.unallocated, self.params, self.as_of)

    def shown(self, rows: int) -> pd.DataFrame:
        """Return the first actions as a person reads them."""
        found = self.actions().head(rows)
        table = pd.DataFrame(
            {
                _("customer"): found.customer_id,
                _("name"): found["name"],
                _("next step"): found.step,
                _("items"): found["items"],
                _("open, CNY"): whole(found.amount_open),
                _("expected loss, CNY"): whole(found.expected_loss),
                _("oldest, days past due"): found.oldest_days.astype("Int64"),
                _("last promise"): found.promise,
                _("step due since, days"): found.step_overdue_days.astype("Int64"),
                _("why"): found.why,
                _("owner"): found.owner,
            }
        )
        return table.set_axis(pd.RangeIndex(1, len(table) + 1))

    def left_out(self) -> str:
        """Say what is not on the list, and why."""
        return left_out(self.items, self.params, self.as_of) if len(self.items) else ""

    def n_left_out(self) -> int:
        """Return how many open items no action names."""
        return len(self.items) - int(self.actions()["items"].sum())

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the full tables by name."""
        return {
            "worklist": self.actions(),
            "items": self.items.drop(columns="open_cents"),
            "limitation": limitation_list(self.items, self.params),
            "over_credit_limit": self.holds,
            "promises": self._promises(),
        }

    def _promises(self) -> pd.DataFrame:
        """Return the items with a promise that is pending or was broken, the next day first."""
        rows = self.items[self.items.promise.isin((PENDING, BROKEN))]
        order = ["promise", "promised_on", "customer_id", "invoice_id", "instalment_no"]
        rows = rows.sort_values(order, ascending=[False, True, True, True, True])
        return rows[[name for name in PROMISE_COLUMNS if name in rows]]


def read_call_list(
    tables: Tables,
    ledger: Ledger,
    invoices: pd.DataFrame,
    unallocated: pd.DataFrame,
    params: DelinquencyParams,
) -> CallList:
    """Find the next step of every open item. ``invoices``: the company's open items, scored."""
    contacts = contacts_of(tables, ledger, params.promise_grace_days)
    return CallList(
        items=item_list(invoices, ledger, contacts, params),
        holds=orders_to_hold(ledger),
        unallocated=unallocated,
        faults=contacts.faults,
        gap=contacts.gap or "",
        params=params,
        as_of=ledger.as_of,
    )
