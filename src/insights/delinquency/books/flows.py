"""What was owed, sold and collected in a period, by slice of the ledger: sums that add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.ledger import NEVER, Ledger, day_numbers, due_at, open_on
from insights.features.ledger.past import reductions
from insights.features.running import RunningSums

STOCKS = ["ar_cents", "overdue_cents", "undated_cents", "brought_forward_cents"]
FLOWS = ["sales_cents", "cash_cents", "opening_ar_cents", "opening_overdue_cents",
         "falling_due_cents"]  # fmt: skip
PAID, CREDITED = "payment", "credit_note"
EVENTS = ["group", "day", "cents"]


@dataclass(frozen=True)
class Slices:
    """The parts of a ledger that are reported on: ``members`` is slices x groups, 0 or 1.

    ``group``: each item's group, the last being of no group. ``sales`` and ``cash`` are sums by
    group and day; ``monthly``: groups x months of net credit sales, from ``first_month`` on.
    """

    ledger: Ledger
    names: list[str]
    members: np.ndarray
    group: np.ndarray
    reduced: RunningSums
    sales: RunningSums
    cash: RunningSums
    monthly: np.ndarray
    first_month: int

    @classmethod
    def of(cls, ledger: Ledger, labels: pd.Series, slices: list[tuple[str, list[str]]]) -> Slices:
        """Divide the items by their labels; a slice without labels holds every item."""
        code, found = pd.factorize(labels)
        group = np.where(code < 0, len(found), code)
        known = [*found, None]
        members = [[not held or label in held for label in known] for _name, held in slices]
        sold, paid = _sold(ledger, group, len(found)), _settling(ledger, group, len(found), PAID)
        monthly, first = _by_month(sold, len(known))
        return cls(
            ledger=ledger,
            names=[name for name, _held in slices],
            members=np.array(members, "int64").reshape(len(slices), len(known)),
            group=group,
            reduced=reductions(ledger),
            sales=RunningSums.of(*sold[EVENTS].to_numpy("int64").T),
            cash=RunningSums.of(*paid[EVENTS].to_numpy("int64").T),
            monthly=monthly,
            first_month=first,
        )

    def open_at(self, day: int) -> pd.DataFrame:
        """Return what was open at the end of a day, an item a row (``open_on``)."""
        return open_on(self.ledger, day, self.reduced)

    def amounts(self, opens: int, ends: int, at_end: pd.DataFrame) -> pd.DataFrame:
        """Return cents a slice: stocks on the day ``ends``, flows from the day after ``opens``.

        Overdue at the opening is what was due by the day ``opens`` and still open; what falls due
        in the period counts with what was open of it then, or at issue where that came later.
        """
        groups = np.arange(self.members.shape[1])
        at_open = self.open_at(opens)
        forward = (self.ledger.items.kind == "opening").loc[at_end.index]
        cents = {
            "ar_cents": self._sum(at_end.open_cents),
            "overdue_cents": self._sum(at_end.open_cents[at_end.days_past_due > 0]),
            "undated_cents": self._sum(at_end.open_cents[at_end.days_past_due.isna()]),
            "brought_forward_cents": self._sum(at_end.open_cents[forward]),
            "sales_cents": _between(self.sales, groups, opens, ends),
            "cash_cents": _between(self.cash, groups, opens, ends),
            "opening_ar_cents": self._sum(at_open.open_cents),
            "opening_overdue_cents": self._sum(at_open.open_cents[at_open.days_past_due >= 0]),
            "falling_due_cents": self._sum(self._falling_due(at_open, opens, ends)),
        }
        rows = {name: self.members @ cents[name].astype("int64") for name in [*STOCKS, *FLOWS]}
        return pd.DataFrame(rows, index=pd.Index(self.names, name="region_id"))

    def sales_by_month(self, ends: int) -> tuple[np.ndarray, np.ndarray]:
        """Return net credit sales (slices x months up to the day ``ends``) and days a month."""
        last = months_of(np.array([ends]))[0]
        n = max(last - self.first_month + 1, 0)
        starts = (self.first_month + np.arange(n + 1)).astype("datetime64[M]")
        days = np.minimum(starts.astype("datetime64[D]").astype("int64"), ends + 1)
        return self.members @ _padded(self.monthly, n), np.diff(days)

    def weighted_age(self, ends: int, at_end: pd.DataFrame) -> np.ndarray:
        """Return sum(age x open cents) by slice and month of issue; brought forward left out."""
        items, rows = self.ledger.items, at_end
        rows = rows[(items.kind.loc[rows.index] != "opening").to_numpy()]
        issued = day_numbers(items.issued_on.loc[rows.index])
        rows, issued = rows[issued <= ends], issued[issued <= ends]
        months = months_of(issued) - self.first_month
        shape = (self.members.shape[1], self.sales_by_month(ends)[0].shape[1])
        table = np.zeros(shape)
        np.add.at(table, (self.group[rows.index], months), (ends - issued) * rows.open_cents)
        return self.members @ table

    def _sum(self, cents: pd.Series) -> np.ndarray:
        groups = self.group[cents.index.to_numpy("int64")]
        return np.bincount(groups, cents.to_numpy("float64"), self.members.shape[1])

    def _falling_due(self, at_open: pd.DataFrame, opens: int, ends: int) -> pd.Series:
        items = self.ledger.items
        due = due_at(items, np.full(len(items), ends))
        before = day_numbers(items.issued_on) <= opens
        there = at_open.open_cents.reindex(items.index, fill_value=0)
        cents = there.where(before, items.amount_cents)
        already = items.index.isin(at_open.index[at_open.days_past_due >= 0])
        in_time = (day_numbers(items.issued_on) <= ends) & (due <= ends)
        return cents[in_time & ~already]


def months_of(days: np.ndarray) -> np.ndarray:
    """Return the months since 1970 of day numbers."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")


def _between(sums: RunningSums, groups: np.ndarray, opens: int, ends: int) -> np.ndarray:
    (till,) = sums.upto(groups, np.full(len(groups), ends))
    (before,) = sums.upto(groups, np.full(len(groups), opens))
    return till - before


def _sold(ledger: Ledger, group: np.ndarray, nowhere: int) -> pd.DataFrame:
    """Return invoices on the day of issue and credit notes on their own, as group, day, cents."""
    items = ledger.items.assign(group=group, day=day_numbers(ledger.items.issued_on))
    issued = items[(items.kind != "opening") & (items.day != NEVER)]
    issued = issued.rename(columns={"amount_cents": "cents"})[EVENTS]
    credited = _settling(ledger, group, nowhere, CREDITED)
    return pd.concat([issued, credited.assign(cents=-credited.cents)], ignore_index=True)


def _settling(ledger: Ledger, group: np.ndarray, nowhere: int, source: str) -> pd.DataFrame:
    """Return all rows of a source by their own day, allocated or not: group, day, cents."""
    made, loose = ledger.allocations, ledger.unallocated
    used = made[made.source == source]
    used = used.assign(group=group[used["item"]], day=used.dated)[EVENTS]
    rest = loose[(loose.source == source) & loose.settled_on.notna()]
    home = pd.Series(group, ledger.items.customer_id.to_numpy())
    home = home[home.index.notna() & ~home.index.duplicated()]
    there = home.reindex(rest.customer_id).fillna(nowhere).to_numpy("int64")
    rest = rest.assign(group=there, day=day_numbers(rest.settled_on))[EVENTS]
    return pd.concat([used, rest], ignore_index=True)


def _by_month(sold: pd.DataFrame, groups: int) -> tuple[np.ndarray, int]:
    """Return groups x months of net sales, and the first month."""
    if sold.empty:
        return np.zeros((groups, 0), "int64"), 0
    month = months_of(sold.day.to_numpy("int64"))
    first = int(month.min())
    table = np.zeros((groups, int(month.max()) - first + 1), "int64")
    np.add.at(table, (sold.group.to_numpy("int64"), month - first), sold.cents.to_numpy("int64"))
    return table, first


def _padded(table: np.ndarray, n: int) -> np.ndarray:
    """Return the first n columns, zeros where there are fewer."""
    return np.pad(table, ((0, 0), (0, max(n - table.shape[1], 0))))[:, :n]
