"""What each scope sold: by complete month, by how far into its month, and so far in this one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from insights.features.working_days import working_days
from insights.tables import Tables

STEPS = 20
AHEAD = 12
KEYS = ["scope", "scope_id"]


@dataclass(frozen=True)
class SalesPanel:
    """Sales of every scope as they stood on ``as_of``, in CNY.

    ``keys``: a row a scope (scope, scope_id). ``months``: first days of the complete months and
    of the twelve after them. ``monthly``: scope x complete month. ``by_share``: scope x complete
    month x step, sold by the time that step / 20 of the month's working days had passed.
    ``running`` is what the month after the complete ones has brought until as_of, ``share`` how
    much of its working days have passed. ``workdays``: of each of ``months``; ``guessed``: years
    without a calendar, whose weekdays were counted.
    """

    keys: pd.DataFrame
    as_of: pd.Timestamp
    months: pd.DatetimeIndex
    monthly: np.ndarray
    by_share: np.ndarray
    running: np.ndarray
    share: float
    workdays: np.ndarray
    guessed: tuple[int, ...] = ()

    @property
    def complete(self) -> int:
        """Return how many months are complete."""
        return self.monthly.shape[1]

    @cached_property
    def kinds(self) -> np.ndarray:
        """Return each row's scope: company, region, …"""
        return self.keys.scope.to_numpy(dtype=object)

    @cached_property
    def begun(self) -> np.ndarray:
        """Return scope x complete month: True from a scope's first sale on."""
        return np.maximum.accumulate(self.monthly != 0, axis=1)

    def sold_by(self, share: float) -> np.ndarray:
        """Return scope x complete month: sold when ``share`` of the working days had passed."""
        place = share * STEPS
        low = min(int(np.floor(place + 1e-9)), STEPS - 1)
        part = min(max(place - low, 0.0), 1.0)
        return (1 - part) * self.by_share[:, :, low] + part * self.by_share[:, :, low + 1]


def working_calendar(tables: Tables, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Which days are worked? Rows of day and is_workday (1, 0, missing where nobody knows).

    From the first day of ``first``'s month, for shares of a month need all of its days.
    """
    days = pd.date_range(pd.Timestamp(first).replace(day=1), last)
    found = working_days(tables, days, days)
    return pd.DataFrame({"day": days, "is_workday": found.working_days.to_numpy()})


def sales_panel(days: pd.DataFrame, calendar: pd.DataFrame, as_of: dt.date) -> SalesPanel:
    """Lay out what each scope sold, as known on as_of.

    ``days``: scope, scope_id, day, amount_cents (several rows a day add up; later rows are not
    read). ``calendar``: day, is_workday; days that it lacks count as worked from Monday to Friday.
    A month is complete when as_of is its last day or later.
    """
    day = pd.Timestamp(as_of)
    known = days[pd.to_datetime(days.day) <= day]
    dates = pd.to_datetime(known.day)
    running = _first(day) if day + pd.Timedelta(days=1) != _next(day) else _next(day)
    first = _first(dates.min()) if len(known) else running
    months = _months(first, running)
    passed, guessed = _passed(calendar, months)
    sums, keys = _sums(known, dates, months, passed.step)
    complete = len(months) - AHEAD
    by_share = np.cumsum(sums, axis=2)
    return SalesPanel(
        keys, day, months, by_share[:, :complete, -1], by_share[:, :complete],
        by_share[:, complete, -1], float(passed.share.get(day, 0.0)) if day >= running else 0.0,
        passed.groupby("month").worked.sum().reindex(months).to_numpy(float), guessed,
    )  # fmt: skip


def _months(first: pd.Timestamp, running: pd.Timestamp) -> pd.DatetimeIndex:
    complete = (running.year - first.year) * 12 + running.month - first.month
    return pd.date_range(first, periods=complete + AHEAD, freq="MS")


def _first(day: pd.Timestamp) -> pd.Timestamp:
    return day.normalize().replace(day=1)


def _next(day: pd.Timestamp) -> pd.Timestamp:
    return _first(day) + pd.offsets.MonthBegin(1)


def _passed(
    calendar: pd.DataFrame, months: pd.DatetimeIndex
) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Return of each day its month, whether worked, the share passed at its end, and its step."""
    days = pd.date_range(months[0], _next(months[-1]) - pd.Timedelta(days=1))
    told = pd.Series(calendar.is_workday.to_numpy(float), pd.DatetimeIndex(calendar.day))
    own = told[~told.index.duplicated()].reindex(days)
    weekday = pd.Series((days.day_of_week < 5).astype(float), days)
    guessed = tuple(sorted(set(days[own.isna()].year)))
    worked = own.fillna(weekday)
    month = pd.Series(days.to_period("M").to_timestamp(), days)
    total = worked.groupby(month).transform("sum")
    by_day = pd.Series(days.day / days.days_in_month, days)
    share = (worked.groupby(month).cumsum() / total.where(total > 0)).fillna(by_day)
    step = np.ceil(share * STEPS - 1e-9).astype("int64")
    frame = pd.DataFrame({"month": month, "worked": worked, "share": share, "step": step})
    return frame, guessed


def _sums(
    known: pd.DataFrame, dates: pd.Series, months: pd.DatetimeIndex, step: pd.Series
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return scope x month x step in CNY, summed in whole cents, and the scopes in order."""
    keys = known[KEYS].drop_duplicates().sort_values(KEYS, ignore_index=True)
    row = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(known[KEYS]))
    month = months.get_indexer(dates.dt.to_period("M").dt.to_timestamp())
    sums = np.zeros((len(keys), len(months) - AHEAD + 1, STEPS + 1), dtype="int64")
    place = (row, month, step.reindex(pd.DatetimeIndex(dates.dt.normalize())).to_numpy())
    np.add.at(sums, place, known.amount_cents.to_numpy("int64"))
    return sums / 100.0, keys
