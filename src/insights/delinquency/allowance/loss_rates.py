"""What share of each bucket's balance is lost in the end? Two estimates.

Lost means unpaid ``default_days`` after the clock of the ageing started (see ``clock_days``),
or written off before. Both estimates know nothing after the day on which they are made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.isotonic import isotonic_regression

from insights.delinquency.allowance.rolls import (
    Buckets,
    OpenMoney,
    by_group_and_company,
    clock_ages,
    clock_days,
    history_month_ends,
    latest_months,
    provision_groups,
    usual_days_ahead,
)
from insights.features.ledger import NEVER, Ledger
from insights.params import DelinquencyParams
from insights.tables import ALL

FLOW, COHORT = "flow", "cohort"
MONTH_DAYS = 365 / 12
KEYS = ["group", "place"]


@dataclass(frozen=True)
class LossHistory:
    """A ledger made ready to be followed: month-end ``stocks`` (item, day, cents), groups."""

    ledger: Ledger
    params: DelinquencyParams
    money: OpenMoney
    stocks: pd.DataFrame
    groups: np.ndarray
    buckets: Buckets
    begins: int

    @classmethod
    def of(cls, ledger: Ledger, params: DelinquencyParams) -> LossHistory:
        """Read the ledger once for any number of estimates at any earlier day."""
        money = OpenMoney.of(ledger)
        ends = history_month_ends(ledger)
        groups = provision_groups(ledger.items).to_numpy()
        begins = int(ends.min(initial=ledger.day))
        stocks = money.standing(ends)
        return cls(ledger, params, money, stocks, groups, Buckets.of(params), begins)

    def placed_stocks(self, clock: np.ndarray, day: int) -> pd.DataFrame:
        """Return the month-end balances up to ``day`` with group, place and clock."""
        rows = self.stocks[self.stocks.day <= day]
        own = clock[rows["item"]]
        place = self.buckets.places(clock_ages(own, rows.day.to_numpy()))
        rows = rows.assign(group=self.groups[rows["item"]], place=place, clock=own)
        return rows[(place < self.buckets.before_default) & (own != NEVER)]


Estimate = Callable[[LossHistory, int], pd.DataFrame]


def flow_rates(history: LossHistory, day: int) -> pd.DataFrame:
    """Chain roll rates: what leaves its bucket unpaid x what passes each later bucket unpaid.

    Index (group, place); default_rate, months, items, balance_cents, borrowed. With unequal
    widths the plain product of roll rates overstates: money from a narrow bucket stands in the
    young part of the next, wide one, where more is still paid, while that bucket's rate is an
    average over all of it. So the first factor follows the standing balance to the end of its own
    bucket, and every further one follows money from the day it enters a bucket to the day it
    leaves it, the bucket's width later. The factors then meet exactly, whatever the widths.
    """
    clock = clock_days(history.ledger, day, history.params)
    leaving = _sums(_leaving(history, clock, day))
    passing = _sums(_passing(history, clock, day))
    first = _rates(history, leaving)
    rates = first.rate.unstack("place")
    later = _rates(history, passing)
    passed = later.rate.unstack("place").to_numpy()
    borrowed = first.borrowed.unstack("place").to_numpy()
    lent = later.borrowed.unstack("place").to_numpy()
    chain, from_company = np.ones_like(passed), np.zeros_like(lent)
    for place in range(passed.shape[1] - 2, -1, -1):
        chain[:, place] = chain[:, place + 1] * passed[:, place + 1]
        from_company[:, place] = from_company[:, place + 1] + lent[:, place + 1]
    return first.assign(
        default_rate=(rates.to_numpy() * chain).reshape(-1),
        borrowed=(borrowed + from_company).reshape(-1),
    ).drop(columns="rate")


def cohort_rates(history: LossHistory, day: int) -> pd.DataFrame:
    """Follow each bucket's month-end balances all the way to the loss. Shape as ``flow_rates``.

    Only month ends whose whole bucket could have reached the loss by ``day`` count: nothing is
    chained, but what is learnt is older by up to ``default_days``.
    """
    clock = clock_days(history.ledger, day, history.params)
    rows = history.placed_stocks(clock, day)
    default_days = history.params.default_days
    ahead = usual_days_ahead(clock, rows)
    low = np.where(rows.place == 0, -ahead, history.buckets.lows[rows.place])
    end = rows.clock.to_numpy() + default_days
    seen = (rows.day <= day - (default_days - low)) & (end <= day)
    rows = rows[seen]
    item, start = rows["item"].to_numpy(), rows.day.to_numpy()
    unpaid = history.money.unpaid_after(item, start, np.maximum(end[seen], start))
    counted = latest_months(rows.assign(unpaid=unpaid), history.params.roll_months)
    return _rates(history, _sums(counted)).rename(columns={"rate": "default_rate"})


METHODS: dict[str, Estimate] = {FLOW: flow_rates, COHORT: cohort_rates}


def default_rates(history: LossHistory, method: str, day: int) -> pd.DataFrame:
    """Return a method's rates with every bucket from the default on at 1, never falling with age.

    Columns group, place, default_rate, months, items, balance_cents, borrowed. An older bucket
    that came out below a younger one is pooled with it by money (isotonic regression).
    """
    found = METHODS[method](history, day)
    rising = found.assign(default_rate=_rising(found)).reset_index()
    count = len(history.buckets.names) - 1
    places = range(history.buckets.before_default, count)
    beyond = pd.DataFrame(
        [(group, place, 1.0) for group in rising.group.unique() for place in places],
        columns=[*KEYS, "default_rate"],
    )
    table = pd.concat([rising, beyond], ignore_index=True)
    numbers = ["months", "items", "balance_cents", "borrowed"]
    table[numbers] = table[numbers].fillna(0).astype("int64")
    return table.sort_values(KEYS, ignore_index=True)


def _leaving(history: LossHistory, clock: np.ndarray, day: int) -> pd.DataFrame:
    """Return month-end balances and what of them was unpaid the day after their bucket ended."""
    rows = history.placed_stocks(clock, day)
    buckets = history.buckets
    width = np.append(usual_days_ahead(clock, rows), buckets.widths[1:])
    top = np.append(0, buckets.edges)
    end = rows.clock.to_numpy() + top[rows.place] + 1
    seen = (rows.day + width[rows.place] <= day) & (end <= day)
    rows, end = rows[seen], end[seen.to_numpy()]
    unpaid = history.money.unpaid_after(rows["item"].to_numpy(), rows.day.to_numpy(), end)
    return latest_months(rows.assign(unpaid=unpaid), history.params.roll_months)


def _passing(history: LossHistory, clock: np.ndarray, day: int) -> pd.DataFrame:
    """Return money on the day it entered each bucket and what left the bucket unpaid."""
    buckets, span = history.buckets, int(history.params.roll_months * MONTH_DAYS)
    parts = [
        _passing_one(history, clock, place, (day - int(width) - span, day - int(width)))
        for place, width in enumerate(buckets.widths[: buckets.before_default])
        if place > 0
    ]
    return pd.concat(parts, ignore_index=True)


def _passing_one(
    history: LossHistory, clock: np.ndarray, place: int, window: tuple[int, int]
) -> pd.DataFrame:
    entry = clock + history.buckets.lows[place] + 1
    since = max(window[0], history.begins - 1)
    item = np.flatnonzero((clock != NEVER) & (entry > since) & (entry <= window[1]))
    entry = entry[item]
    width = int(history.buckets.widths[place])
    rows = pd.DataFrame(
        {
            "item": item,
            "day": entry.astype("datetime64[D]").astype("datetime64[M]").astype("int64"),
            "cents": history.money.open_at(item, entry),
            "group": history.groups[item],
            "place": place,
            "unpaid": history.money.unpaid_after(item, entry, entry + width),
        }
    )
    return rows[rows.cents > 0]


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    return by_group_and_company(rows).groupby(KEYS).agg(
        months=("day", "nunique"), items=("item", "nunique"), balance_cents=("cents", "sum"),
        unpaid_cents=("unpaid", "sum"),
    )  # fmt: skip


def _rates(history: LossHistory, table: pd.DataFrame) -> pd.DataFrame:
    """Return rate and what stands behind it, a group's own or the company's.

    Borrowed where too few items were followed, and where none of them was lost though some of the
    company's were: a zero seen in a small group is no measurement of a lifetime loss.
    """
    places = range(history.buckets.before_default)
    grid = pd.MultiIndex.from_product([sorted({*history.groups, ALL}), places], names=KEYS)
    full = table.reindex(grid)
    company = table.reindex([(ALL, place) for _group, place in grid]).set_axis(grid)
    few = full["items"].fillna(0) < history.params.loss_min_items
    few |= (full.unpaid_cents == 0) & (company.unpaid_cents > 0)
    few &= grid.get_level_values("group") != ALL
    used = full.where(~few, company)
    rate = used.unpaid_cents / used.balance_cents.where(used.balance_cents > 0)
    return used.assign(rate=rate, borrowed=few.astype("int64")).drop(columns="unpaid_cents")


def _rising(table: pd.DataFrame) -> np.ndarray:
    """Return the default rates, within each group pooled until none falls with age."""
    rates = table.default_rate.unstack("place").to_numpy(copy=True)
    money = table.balance_cents.unstack("place").to_numpy("float64")
    for row, weight in zip(rates, money, strict=True):
        known = np.isfinite(row)
        if known.sum() > 1:
            weights = np.maximum(weight[known], 1.0)
            row[known] = isotonic_regression(row[known], sample_weight=weights, y_min=0, y_max=1)
    return rates.reshape(-1)
