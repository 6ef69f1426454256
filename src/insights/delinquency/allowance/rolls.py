"""How much of the money in an ageing bucket is still unpaid one bucket later? Invoices followed.

Money that was written off meanwhile was not paid: it rolls on. What a credit note took back was
never owed: it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.ledger import (
    NEVER,
    Ledger,
    bucket_names,
    bucket_numbers,
    dates_of,
    day_numbers,
    due_at,
)
from insights.features.running import RunningSums
from insights.params import DelinquencyParams
from insights.tables import ALL
from insights.words import _

UNKNOWN = "unknown"
USUAL_SHARE = 0.8
ROLL_COLUMNS = [
    "group", "bucket", "lag_days", "months", "items", "balance_cents", "rolled_cents", "roll_rate",
    "lowest_rate", "highest_rate", "reason",
]  # fmt: skip


@dataclass(frozen=True)
class OpenMoney:
    """What was open and unpaid of each item at the end of any day up to as_of, in cents.

    ``amount``, ``issued``, ``last_moved``, ``open_now``: arrays by item. ``sums``: all
    settlements and, beside them, the write-offs.
    """

    amount: np.ndarray
    issued: np.ndarray
    last_moved: np.ndarray
    open_now: np.ndarray
    sums: RunningSums

    @classmethod
    def of(cls, ledger: Ledger) -> OpenMoney:
        """Read a ledger once; its items' index is their position."""
        items, made = ledger.items, ledger.allocations
        place, day = made["item"].to_numpy("int64"), made.day.to_numpy("int64")
        lost = np.where(made.source == "writeoff", made.cents, 0)
        moved = np.full(len(items), -1, dtype="int64")
        np.maximum.at(moved, place, day)
        return cls(
            items.amount_cents.to_numpy("int64"),
            day_numbers(items.issued_on),
            moved,
            items.open_cents.to_numpy("int64"),
            RunningSums.of(place, day, made.cents.to_numpy("int64"), lost),
        )

    def open_at(self, item: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return what was open of each item on its day; nothing before it was issued."""
        reduced, _lost = self.sums.upto(item, day)
        cents = self.amount[item] - reduced.astype("int64")
        return np.where(self.issued[item] <= day, cents, 0)

    def unpaid_after(self, item: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Of what was open on ``start``, return what neither cash nor credit settled by ``end``.

        Written off in between counts as unpaid; what was written off before ``start`` does not
        count, nor does its recovery.
        """
        _settled, lost_before = self.sums.upto(item, start)
        _settled, lost_after = self.sums.upto(item, end)
        lost = np.maximum(lost_after - lost_before, 0).astype("int64")
        base = self.open_at(item, start)
        return np.clip(self.open_at(item, end) + lost, 0, np.maximum(base, 0))

    def standing(self, days: np.ndarray) -> pd.DataFrame:
        """Return item, day, cents of everything open at the end of each day."""
        parts = [self._standing_on(int(day)) for day in days]
        blank = pd.DataFrame({"item": [], "day": [], "cents": []}, dtype="int64")
        return pd.concat([blank, *parts], ignore_index=True)

    def _standing_on(self, day: int) -> pd.DataFrame:
        alive = (self.issued <= day) & ((self.last_moved > day) | (self.open_now > 0))
        item = np.flatnonzero(alive)
        cents = self.open_at(item, np.full(len(item), day))
        rows = pd.DataFrame({"item": item, "day": day, "cents": cents})
        return rows[rows.cents > 0]


@dataclass(frozen=True)
class Buckets:
    """The ageing buckets of the provision: ``edges`` in days; ``default_days`` is one of them.

    Bucket 0 is not yet due; bucket k > 0 holds ages above ``lows[k]`` up to ``highs[k]``.
    """

    edges: tuple[int, ...]
    default_days: int

    @classmethod
    def of(cls, params: DelinquencyParams) -> Buckets:
        """Take the report's buckets; a default inside one cuts it in two, policy rates or not."""
        edges = tuple(sorted({edge for edge in params.buckets if edge > 0}))
        if params.provision_rates is None:
            edges = tuple(sorted({*edges, params.default_days}))
        return cls(edges, params.default_days)

    @property
    def names(self) -> list[str]:
        """Return the names, the oldest and ``no due date`` last."""
        return bucket_names(self.edges)

    @property
    def lows(self) -> np.ndarray:
        """Return the age above which each dated bucket begins; not yet due has none (0)."""
        return np.array([0, 0, *self.edges], dtype="int64")

    @property
    def widths(self) -> np.ndarray:
        """Return the days that money takes through each bucket; 0 for not yet due."""
        return np.diff(np.array([0, 0, *self.edges], dtype="int64"))

    @property
    def before_default(self) -> int:
        """Return how many buckets, from not yet due on, lie before the default."""
        return int(np.searchsorted(self.edges, self.default_days)) + 2

    def places(self, age: np.ndarray) -> np.ndarray:
        """Return the bucket of each age in days, missing ages in the last."""
        return bucket_numbers(pd.Series(age, dtype="float64"), self.edges)


def provision_groups(items: pd.DataFrame) -> pd.Series:
    """Return each item's group: hospitals by ownership ("public hospital"), others by type."""
    kind = items.customer_type.astype("str").fillna(UNKNOWN)
    owner = items.ownership.astype("str").fillna(UNKNOWN)
    return kind.where(kind != "hospital", owner + " hospital").rename("group")


def clock_days(ledger: Ledger, day: int, params: DelinquencyParams) -> np.ndarray:
    """Return the day from which each item's age counts, as it was known on ``day``.

    By due date: the due day, so that the day after is day 1. By invoice date: the eve of the
    issue, so that nothing is ever "not yet due". ``NEVER`` without a due date.
    """
    if params.provision_basis == "invoice_date":
        return day_numbers(ledger.items.issued_on) - 1
    return due_at(ledger.items, np.full(len(ledger.items), day))


def clock_ages(clock: np.ndarray, day: np.ndarray | int) -> np.ndarray:
    """Return the age in days on each day, missing where the clock never starts."""
    return np.where(clock == NEVER, np.nan, day - clock.astype("float64"))


def history_month_ends(ledger: Ledger) -> np.ndarray:
    """Return the calendar month ends, as day numbers, from the first settlement to as_of.

    Before the first settlement the books show only what was still open when they began.
    """
    made = ledger.allocations
    issued = day_numbers(ledger.items.issued_on)
    begins = made.day.min() if len(made) else issued.min(initial=ledger.day)
    first, last = dates_of(np.array([min(int(begins), ledger.day), ledger.day]))
    return pd.date_range(first, last, freq="ME").to_numpy("datetime64[D]").astype("int64")


def latest_months(rows: pd.DataFrame, months: int) -> pd.DataFrame:
    """Keep each bucket's last ``months`` month ends of rows with ``place`` and ``day``."""
    rank = rows.groupby("place").day.rank(method="dense", ascending=False)
    return rows[rank <= months]


def by_group_and_company(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each group and once more as the group ``all``."""
    return pd.concat([rows, rows.assign(group=ALL)], ignore_index=True)


def usual_days_ahead(clock: np.ndarray, stocks: pd.DataFrame) -> int:
    """Return the days within which four in five not-yet-due balances fall due."""
    ahead = (clock[stocks["item"]] - stocks.day)[clock[stocks["item"]] != NEVER]
    ahead = ahead[ahead >= 0]
    return int(ahead.quantile(USUAL_SHARE)) + 1 if len(ahead) else 1


def roll_rates(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """Of the balance in bucket b, what share stood in an older bucket one bucket width later?

    A row a group ("all" is the company) and bucket: ROLL_COLUMNS, money in cents. The lag is the
    bucket's own width (not yet due: each item's own days to its due day), so that every item has
    left its bucket when it is looked at again, however unequal the widths are; money that passed
    a narrower bucket on the way has rolled. Month ends are pooled by money: the last
    ``roll_months`` whose lag had passed by as_of, ``lowest_rate`` and ``highest_rate`` being
    single months. Missing, with the reason, where no balance was followed; the oldest bucket has
    nothing to roll to. Source: roll-rate (migration) analysis as in Oracle Loan Loss Forecasting;
    CAS 22 practice computes it from balances, here the invoices themselves are followed.
    """
    buckets = Buckets.of(params)
    rows = _followed(ledger, buckets, params)
    pooled = by_group_and_company(rows)
    monthly = pooled.groupby(["group", "place", "day"])[["cents", "rolled"]].sum()
    keys = ["group", "place"]
    table = pooled.groupby(keys).agg(
        months=("day", "nunique"), items=("item", "nunique"),
        balance_cents=("cents", "sum"), rolled_cents=("rolled", "sum"),
    )  # fmt: skip
    rate = (monthly.rolled / monthly.cents).groupby(keys).agg(["min", "max"])
    table = table.assign(
        roll_rate=table.rolled_cents / table.balance_cents,
        lowest_rate=rate["min"],
        highest_rate=rate["max"],
    )
    return _full_grid(table, provision_groups(ledger.items), buckets)


def _followed(ledger: Ledger, buckets: Buckets, params: DelinquencyParams) -> pd.DataFrame:
    """Return item, day, cents, place, group, rolled: month-end balances and what rolled of them."""
    money = OpenMoney.of(ledger)
    clock = clock_days(ledger, ledger.day, params)
    rows = money.standing(history_month_ends(ledger))
    item, day = rows["item"].to_numpy(), rows.day.to_numpy()
    place = buckets.places(clock_ages(clock[item], day))
    lag = np.where(place == 0, clock[item] + 1 - day, _lags(buckets)[place])
    seen = (lag > 0) & (day + lag <= ledger.day)
    rows = rows.assign(
        place=place,
        group=provision_groups(ledger.items).to_numpy()[item],
        rolled=money.unpaid_after(item, day, np.minimum(day + lag, ledger.day)),
    )
    return latest_months(rows[seen], params.roll_months)


def _lags(buckets: Buckets) -> np.ndarray:
    """Return the lag of each bucket by its number; 0 where nothing older follows."""
    return np.append(buckets.widths, [0, 0])


def _full_grid(table: pd.DataFrame, groups: pd.Series, buckets: Buckets) -> pd.DataFrame:
    names = np.array(buckets.names)
    wanted = pd.MultiIndex.from_product(
        [[*sorted(groups.unique()), ALL], range(len(names))], names=["group", "place"]
    )
    full = table.reindex(wanted).reset_index()
    counts = ["months", "items", "balance_cents", "rolled_cents"]
    full[counts] = full[counts].fillna(0).astype("int64")
    lag = _lags(buckets)[full.place].astype("float64")
    ends = full.place >= len(names) - 2
    why = np.select(
        [ends, full.balance_cents == 0],
        [_("nothing older to roll to"), _("no balance could be followed for a whole lag")],
        "",
    )
    full = full.assign(
        bucket=names[full.place], lag_days=np.where(lag > 0, lag, np.nan), reason=why
    )
    return full[ROLL_COLUMNS]
