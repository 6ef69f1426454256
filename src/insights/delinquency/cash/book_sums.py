"""Sums over the books of many days: a few days' open items are in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from insights.delinquency.cash.hazard import CashHazard, Lessons
from insights.delinquency.cash.open_book import open_book, owed_on_days, sampled, settled_weekly
from insights.delinquency.cash.slices import RegionSlices
from insights.features.ledger import Ledger, day_numbers
from insights.features.ledger.past import reductions
from insights.features.running import RunningSums
from insights.params import DelinquencyParams

LEARNT_EVERY = 28
LEARNT_A_DAY = 400
# An item of a day's book takes about 2 KB while its features and weeks are worked out.
ITEMS_AT_ONCE = 400_000


@dataclass(frozen=True)
class BookSums:
    """Sums over the open items, in cents: origins x leaves x weeks (``opened``: one column).

    ``expected`` and ``paid``: cash as forecast and as it came. ``alone``: variance if every item
    were paid for itself; ``shared``: what it would gain if a payer paid everything on one day;
    ``surprise``: squared errors by payer beyond ``alone``.
    """

    expected: np.ndarray
    alone: np.ndarray
    shared: np.ndarray
    paid: np.ndarray
    surprise: np.ndarray
    opened: np.ndarray


def sums_of_books(
    ledger: Ledger, slices: RegionSlices, days: list[int], params: DelinquencyParams, weeks: int
) -> BookSums:
    """What was owed on each day (rising), what cash was expected of it, and what came?

    The model is learnt anew at quarter's ends and on the last day; a day uses that of the last
    quarter's end before it. Memory grows with the items of a few days, not with those of all.
    """
    reduced = reductions(ledger)
    points = _sampled_points(ledger, reduced, params)
    lessons = Lessons.of(ledger, open_book(ledger, points, params), weeks)
    hazards = _Hazards(lessons, _learnt_days(days))
    parts = []
    for run in _runs(ledger, days):
        book = open_book(ledger, owed_on_days(ledger, run, reduced), params)
        parts.append(_added_up(ledger, slices, book, run, hazards.shares(book, weeks)))
    names = [part.name for part in fields(BookSums)]
    return BookSums(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _runs(ledger: Ledger, days: list[int]) -> list[list[int]]:
    """Return the days in runs whose books hold about ``ITEMS_AT_ONCE`` together, or one day."""
    items = ledger.items
    issued, settled = (np.sort(day_numbers(at)) for at in (items.issued_on, items.settled_on))
    held = np.searchsorted(issued, days, "right") - np.searchsorted(settled, days, "right")
    run = np.cumsum(held) // ITEMS_AT_ONCE
    return [np.array(days)[run == number].tolist() for number in np.unique(run)]


def _sampled_points(
    ledger: Ledger, reduced: RunningSums, params: DelinquencyParams
) -> pd.DataFrame:
    first = int(ledger.allocations.day.min())
    last = ledger.day - ledger.day % LEARNT_EVERY
    marks = list(range(last, first, -LEARNT_EVERY))[::-1]
    parts = [
        sampled(owed_on_days(ledger, run, reduced), LEARNT_A_DAY, params.seed)
        for run in _runs(ledger, marks)
    ]
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def _learnt_days(days: list[int]) -> list[int]:
    """Return the first and the last of the days, and quarter's ends between."""
    months = np.array(days).astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    closes = [day for day, month in zip(days, months, strict=True) if month % 3 == 2]
    return sorted({days[0], days[-1], *closes})


class _Hazards:
    """The models of the days on which one is learnt, each fitted when first asked for."""

    def __init__(self, lessons: Lessons, learnt: list[int]) -> None:
        self._lessons = lessons
        self._learnt = learnt
        self._fitted: dict[int, CashHazard] = {}

    def shares(self, book: pd.DataFrame, weeks: int) -> np.ndarray:
        """Return the share of each item's open money expected as cash a week: items x weeks."""
        used = np.searchsorted(self._learnt, book.day.to_numpy("int64"), side="right") - 1
        shares = np.zeros((len(book), weeks))
        for number in np.unique(used):
            mine = used == number
            shares[mine] = self._of(self._learnt[number]).shares(book[mine], weeks)
        return shares

    def _of(self, day: int) -> CashHazard:
        if day not in self._fitted:
            self._fitted[day] = self._lessons.fit(day)
        return self._fitted[day]


def _added_up(
    ledger: Ledger, slices: RegionSlices, book: pd.DataFrame, days: list[int], shares: np.ndarray
) -> BookSums:
    """Add up items by payer first: what a payer's items share is seen there."""
    item = book["item"].to_numpy("int64")
    place = np.searchsorted(days, book.day.to_numpy("int64"))
    payer = pd.factorize(ledger.items.customer_id, use_na_sentinel=False)[0][item]
    keys = pd.DataFrame({"place": place, "leaf": slices.code[item], "payer": payer})
    group = keys.groupby(list(keys)).ngroup().to_numpy()
    where = keys.groupby(list(keys)).size().index.to_frame()[["place", "leaf"]].to_numpy().T
    owed = book.open_cents.to_numpy("float64")[:, None]
    paid, _other = settled_weekly(ledger, book, shares.shape[1])
    apart = owed**2 * shares * (1 - shares)

    def by_payer(values: np.ndarray) -> np.ndarray:
        return _added(values, (group,), (where.shape[1],))

    def cube(values: np.ndarray) -> np.ndarray:
        return _added(values, tuple(where), (len(days), slices.member.shape[1]))

    expected, alone, came = (by_payer(part) for part in (owed * shares, apart, paid))
    shared = by_payer(np.sqrt(apart)) ** 2 - alone
    surprise = (came - expected) ** 2 - alone
    parts = (expected, alone, shared, came, surprise, by_payer(owed))
    return BookSums(*(cube(part) for part in parts))


def _added(values: np.ndarray, place: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
    """Add rows of equal place up: places x weeks."""
    flat = np.ravel_multi_index(place, shape)
    size = int(np.prod(shape))
    columns = [np.bincount(flat, column, size) for column in values.T]
    return np.stack(columns, axis=-1).reshape(*shape, values.shape[1])
