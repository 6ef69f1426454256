"""Forecasts of cash made on many days, each from what was known on its day, beside what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insights.delinquency.cash.book_sums import sums_of_books
from insights.delinquency.cash.newly_issued import Issuing
from insights.delinquency.cash.pay_weeks import WEEK
from insights.delinquency.cash.slices import RegionSlices
from insights.features.ledger import Ledger
from insights.features.running import RunningSums
from insights.params import DelinquencyParams

ISSUED, ALL_CASH = "issued", "all_cash"
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
    sums = sums_of_books(ledger, slices, days, params, weeks)
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


def _with_sum(cube: np.ndarray) -> np.ndarray:
    """Add the sum of the weeks behind them."""
    return np.concatenate([cube, cube.sum(axis=2, keepdims=True)], axis=2)
