"""Which payment settled which item? Exact, in whole cents, in the order in which things happened.

Rows that name one item are applied by cumulative sums. Rows that name only an invoice of several
instalments, or only a customer, go to the oldest due item first; what such a row can settle
depends on everything before it, so these customers are walked through in time, one event after
another, with a heap of open items (about a microsecond an event). An allocation once made is
never moved: the ledger of an earlier date is the same whether or not later rows are known.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import defaultdict, deque
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import pandas as pd

ITEM, INVOICE, ACCOUNT, NOWHERE = 1, 2, 3, 4
Event = tuple[int, int, int, int, int]


def allocate(items: pd.DataFrame, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return allocations (item, row, day, cents) and leftovers (row, cents), both in time order.

    ``items``: payer, invoice, day (issue), amount_cents, sorted by the order in which they are
    settled; the position in the frame is the item. ``rows``: scope, item, invoice, payer, day,
    cents, sorted by day. What a row did not settle is its leftover: the two sum to the row.
    """
    by_invoice = items.invoice.isin(rows.invoice[rows.scope == INVOICE])
    queued = set(rows.payer[rows.scope.isin((INVOICE, ACCOUNT))]) | set(items.payer[by_invoice])
    walked = rows.payer.isin(queued) & (rows.scope != NOWHERE)
    direct = _apply_direct(items, rows[(rows.scope == ITEM) & ~walked])
    walk = _walk(items[items.payer.isin(queued)], rows[walked])
    made = pd.concat([direct, walk], ignore_index=True)
    made = made[made.cents != 0].sort_values(["day", "row", "item"], ignore_index=True)
    return made, _leftovers(rows, made)


def _leftovers(rows: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    used = made.groupby("row").cents.sum().reindex(rows.index, fill_value=0)
    rest = (rows.cents - used).rename("cents")
    return rest[rest != 0].rename_axis("row").reset_index()


def _apply_direct(items: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    ordered = rows.sort_values("item", kind="stable")
    paid = ordered.groupby("item").cents.cumsum().to_numpy()
    owed = items.amount_cents.reindex(ordered["item"]).to_numpy()
    before = paid - ordered.cents.to_numpy()
    cents = np.clip(paid, 0, owed) - np.clip(before, 0, owed)
    return pd.DataFrame(
        {
            "item": ordered["item"].to_numpy(),
            "row": ordered.index.to_numpy(),
            "day": ordered.day.to_numpy(),
            "cents": cents,
        }
    ).astype("int64")


@dataclass
class _Account:
    """One customer's state: open items by age, and cash on account that found nothing to settle."""

    heap: list[int] = field(default_factory=list)
    carried: deque[list[int]] = field(default_factory=deque)


@dataclass
class _Book:
    """The running state of all walked customers."""

    amount: dict[int, int]
    payer: dict[int, int]
    invoice: dict[int, int]
    of_invoice: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    applied: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    excess: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    accounts: dict[int, _Account] = field(default_factory=lambda: defaultdict(_Account))
    made: list[tuple[int, int, int, int]] = field(default_factory=list)

    def issue(self, item: int, day: int) -> None:
        account = self.accounts[self.payer[item]]
        heapq.heappush(account.heap, item)
        insort(self.of_invoice[self.invoice[item]], item)
        self.drain(account, day)

    def settle(
        self, targets: list[int], key: tuple[int, int], row: int, day: int, cents: int
    ) -> None:
        """Apply a row that names an item or an invoice; what is over stays with that name."""
        if cents > 0:
            cents = self._against_excess(key, cents)
            for item in targets:
                cents -= self._take(
                    item, row, day, min(cents, self.amount[item] - self.applied[item])
                )
        else:
            cents = self._against_excess(key, cents)
            for item in reversed(targets):
                cents -= self._take(item, row, day, max(cents, -self.applied[item]))
                self.drain(self.accounts[self.payer[item]], day)
        self.excess[key] += cents

    def receive(self, payer: int, row: int, day: int, cents: int) -> None:
        """Take cash on account; a refund first takes back what was carried."""
        account = self.accounts[payer]
        if cents > 0:
            account.carried.append([row, cents])
            self.drain(account, day)
            return
        while cents < 0 and account.carried:
            back = min(-cents, account.carried[-1][1])
            account.carried[-1][1] -= back
            cents += back
            if account.carried[-1][1] == 0:
                account.carried.pop()

    def drain(self, account: _Account, day: int) -> None:
        """Give carried cash to the oldest open items."""
        while account.carried and account.heap:
            item = account.heap[0]
            left = self.amount[item] - self.applied[item]
            if left <= 0:
                heapq.heappop(account.heap)
                continue
            row, cash = account.carried[0]
            taken = self._take(item, row, day, min(cash, left))
            account.carried[0][1] -= taken
            if account.carried[0][1] == 0:
                account.carried.popleft()

    def _against_excess(self, key: tuple[int, int], cents: int) -> int:
        over = self.excess[key]
        if over * cents >= 0:
            return cents
        netted = min(abs(over), abs(cents)) * (1 if cents > 0 else -1)
        self.excess[key] += netted
        return cents - netted

    def _take(self, item: int, row: int, day: int, cents: int) -> int:
        if cents == 0:
            return 0
        self.applied[item] += cents
        self.made.append((item, row, day, cents))
        if cents < 0:
            heapq.heappush(self.accounts[self.payer[item]].heap, item)
        return cents


def _walk(items: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    book = _Book(_by_item(items.amount_cents), _by_item(items.payer), _by_item(items.invoice))
    for day, scope, name, row, cents in _events(items, rows):
        if scope == 0:
            book.issue(name, day)
        elif scope == ITEM:
            book.settle([name], (ITEM, name), row, day, cents)
        elif scope == INVOICE:
            book.settle(book.of_invoice[name], (INVOICE, name), row, day, cents)
        else:
            book.receive(name, row, day, cents)
    return pd.DataFrame(book.made, columns=["item", "row", "day", "cents"]).astype("int64")


def _by_item(values: pd.Series) -> dict[int, int]:
    return dict(zip(values.index.tolist(), values.tolist(), strict=True))


def _events(items: pd.DataFrame, rows: pd.DataFrame) -> list[Event]:
    """Return issues and rows in time order; on one day issues come first, then the named rows."""
    issued = [(day, 0, item, 0, 0) for day, item in zip(items.day, items.index, strict=True)]
    name = np.select(
        [rows.scope == ITEM, rows.scope == INVOICE], [rows["item"], rows.invoice], rows.payer
    )
    settled = zip(rows.day, rows.scope, name.tolist(), rows.index, rows.cents, strict=True)
    return sorted([*issued, *settled], key=itemgetter(0, 1, 3, 2))
