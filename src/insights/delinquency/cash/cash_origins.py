"""Forecasts of cash made on many days, each from what was known on its day, beside what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.delinquency.cash.hazard import Lessons
from insights.delinquency.cash.newly_issued import Issuing
from insights.delinquency.cash.open_book import open_book, owed_on_days, sampled, settled_weekly
from insights.delinquency.cash.pay_weeks import WEEK
from insights.delinquency.cash.slices import RegionSlices
from insights.features.ledger import Ledger
from insights.features.running import RunningSums
from insights.params import DelinquencyParams

ISSUED, ALL_CASH = "issued", "all_cash"
LEARNT_EVERY = 28
LEARNT_A_DAY = 400
FIRST_AFTER = 182
LONGEST_BACK = 36
YEAR_DAYS, QUARTER_DAYS, RECENT_WEEKS = 364, 91, 8


@dataclass(frozen=True)
class Outlook:
    """Cents by origin, slice and week (the last "week" is the sum of all), and who made them.

    ``alone``: variance if every item were paid for itself; ``shared``: what it would gain if a
    payer paid everything on one day; ``issuing``: variance from what is not yet issued.
    ``surprise``: origins x weeks, squared payer errors beyond ``alone``, over the company.
    """

    days: np.ndarray
    slices: RegionSlices
    issued: np.ndarray
    new: np.ndarray
    alone: np.ndarray
    shared: np.ndarray
    issuing: np.ndarray
    came_issued: np.ndarray
    came: np.ndarray
    surprise: np.ndarray
    opened: np.ndarray

    @property
    def weeks(self) -> int:
        """Return the number of weeks ahead."""
        return self.issued.shape[2] - 1


def month_ends_before(first: int, last: int) -> list[int]:
    """Return the last days of the months within [first, last), as day numbers."""
    months = np.arange(
        np.datetime64(first, "D").astype("datetime64[M]"),
        np.datetime64(last, "D").astype("datetime64[M]") + 1,
    )
    ends = (months + 1).astype("datetime64[D]").astype("int64") - 1
    return [int(day) for day in ends if first <= day < last]


def origins(ledger: Ledger, first: int) -> list[int]:
    """Return the forecasts' days: month's ends from half a year after ``first``, and as_of."""
    return [*month_ends_before(first + FIRST_AFTER, ledger.day)[-LONGEST_BACK:], ledger.day]


def look_ahead(
    ledger: Ledger, slices: RegionSlices, days: list[int], params: DelinquencyParams, weeks: int
) -> Outlook:
    """Forecast on every day (rising). The model is learnt anew at quarter's ends and on the last.

    A day uses the model of the last quarter's end before it; nothing after a day enters.
    """
    book = open_book(ledger, owed_on_days(ledger, days), params)
    shares = _expected_shares(ledger, book, days, params, weeks)
    sums = _BookSums.of(ledger, slices, book, days, shares)
    issuing = Issuing.of(ledger, slices)
    new = [issuing.expected(day, weeks) for day in days]

    def in_slices(by_leaf: np.ndarray) -> np.ndarray:
        return _with_sum(slices.sums(by_leaf))

    return Outlook(
        np.array(days),
        slices,
        issued=in_slices(sums.expected),
        new=in_slices(np.array([cash for cash, _spread in new])),
        alone=in_slices(sums.alone),
        shared=in_slices(sums.shared),
        issuing=in_slices(np.array([spread**2 for _cash, spread in new])),
        came_issued=in_slices(sums.paid),
        came=in_slices(cash_of(ledger, slices, np.array(days), weeks)),
        surprise=sums.surprise.sum(axis=1),
        opened=slices.sums(sums.opened)[..., 0],
    )


def cash_of(ledger: Ledger, slices: RegionSlices, days: np.ndarray, weeks: int) -> np.ndarray:
    """Return the cash received in each of the weeks after each day: days x leaves x weeks."""
    made = ledger.allocations[ledger.allocations.source == "payment"]
    leaf = slices.code[made["item"].to_numpy("int64")]
    sums = RunningSums.of(leaf, made.day.to_numpy(), made.cents.to_numpy())
    n = slices.member.shape[1]
    ends = days[:, None, None] + WEEK * np.arange(weeks + 1) + np.zeros((1, n, 1), "int64")
    keys = np.broadcast_to(np.arange(n)[None, :, None], ends.shape)
    (upto,) = sums.upto(keys.ravel(), ends.ravel())
    return np.diff(upto.reshape(ends.shape), axis=2)


def _expected_shares(
    ledger: Ledger, book: pd.DataFrame, days: list[int], params: DelinquencyParams, weeks: int
) -> np.ndarray:
    learnt = _learnt_days(days)
    first = int(ledger.allocations.day.min())
    last = ledger.day - ledger.day % LEARNT_EVERY
    marks = list(range(last, first, -LEARNT_EVERY))[::-1]
    points = sampled(owed_on_days(ledger, marks), LEARNT_A_DAY, params.seed)
    lessons = Lessons.of(ledger, open_book(ledger, points, params), weeks)
    used = np.searchsorted(learnt, book.day.to_numpy("int64"), side="right") - 1
    shares = np.zeros((len(book), weeks))
    for number, day in enumerate(learnt):
        mine = used == number
        if mine.any():
            shares[mine] = lessons.fit(day).shares(book[mine], weeks)
    return shares


def _learnt_days(days: list[int]) -> list[int]:
    """Return the first and the last of the days, and quarter's ends between."""
    months = np.array(days).astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    closes = [day for day, month in zip(days, months, strict=True) if month % 3 == 2]
    return sorted({days[0], days[-1], *closes})


@dataclass(frozen=True)
class _BookSums:
    """Sums over the open items by origin, leaf and week (``opened``: one column)."""

    expected: np.ndarray
    alone: np.ndarray
    shared: np.ndarray
    paid: np.ndarray
    surprise: np.ndarray
    opened: np.ndarray

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        slices: RegionSlices,
        book: pd.DataFrame,
        days: list[int],
        shares: np.ndarray,
    ) -> _BookSums:
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
        return cls(*(cube(part) for part in parts))


def _added(values: np.ndarray, place: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
    """Add rows of equal place up: places x weeks."""
    flat = np.ravel_multi_index(place, shape)
    size = int(np.prod(shape))
    columns = [np.bincount(flat, column, size) for column in np.ascontiguousarray(values.T)]
    return np.stack(columns, axis=-1).reshape(*shape, values.shape[1])


def _with_sum(cube: np.ndarray) -> np.ndarray:
    """Add the sum of the weeks behind them."""
    return np.concatenate([cube, cube.sum(axis=2, keepdims=True)], axis=2)
