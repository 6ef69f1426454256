"""How many days past due the payer held its items, those still open counted up to the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insights.features.invoices.outcomes import standing_due
from insights.features.invoices.points import Points
from insights.features.ledger import NEVER, Ledger, day_numbers
from insights.features.running import RunningSums

EARLIEST, LONGEST = -30, 120
WINDOWS = (365, 120)


def past_delays(ledger: Ledger, at: Points, prior: float) -> dict[str, np.ndarray]:
    """Return mean days past due of the payer's items due before the day.

    An open item counts with its days so far, none with more than ``LONGEST``: nothing has to be
    paid first to be seen. All time, last year, last four months; drawn towards the company's.
    """
    held = _Held.of(ledger)
    everybody = np.zeros_like(at.payer_of)
    base = _mean(held.upto(everybody, np.zeros_like(at.payer), at.day), 0.0, prior)
    whole = held.upto(at.payer_of, at.payer, at.day)
    mean = _mean(whole, base, prior)
    found = [mean]
    for days in WINDOWS:
        n, total = held.ended(at.payer_of, at.payer, at.day - days)
        found.append(_mean((whole[0] - n, whole[1] - total), found[-1], prior))
    return dict(zip(("mean_delay", "recent_delay", "latest_delay"), found, strict=True))


@dataclass(frozen=True)
class _Held:
    """Items with a due date: its day, the day they stopped counting, and their days at the end."""

    item: np.ndarray
    due: np.ndarray
    end: np.ndarray
    days: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger) -> _Held:
        items = ledger.items
        due = standing_due(items, 0)
        credited = (items.settled_by == "credit_note").to_numpy()
        item = np.flatnonzero((due != NEVER) & ~credited & (items.kind != "opening").to_numpy())
        due = due[item]
        end = np.minimum(day_numbers(items.settled_on)[item], due + LONGEST)
        return cls(item, due, np.maximum(end, due + 1), np.maximum(end - due, EARLIEST))

    def upto(self, codes: np.ndarray, keys: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the number of items due before the day, and their days up to it."""
        code, one, none = codes[self.item], np.ones(len(self.item)), np.zeros(len(self.item))
        sums = RunningSums.of(
            np.concatenate([code, code]),
            np.concatenate([self.due + 1, self.end]),
            np.concatenate([one, none]),
            np.concatenate([one, -one]),
            np.concatenate([self.due, -self.due]),
            np.concatenate([none, self.days]),
        )
        n, still, since, closed = sums.upto(keys, day)
        return n, closed + still * day - since

    def ended(self, codes: np.ndarray, keys: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return number and days of items due before a day so far back that all have ended."""
        sums = RunningSums.of(codes[self.item], self.due + 1, np.ones(len(self.item)), self.days)
        return sums.upto(keys, day)


def _mean(
    counted: tuple[np.ndarray, ...], towards: np.ndarray | float, weight: float
) -> np.ndarray:
    n, total = counted
    return (total + weight * towards) / (n + weight)
