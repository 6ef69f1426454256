"""Rows by month of many tables as one picture: a strip a table, all on the same months."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from insights.check.lines import shown_months
from insights.words import _

MOST = 60
LEFT, RIGHT, TOP = 132, 8, 22
WIDTH, HEIGHT, STEP = 1040, 22, 30
KINDS = {"none": "none", "few": "few", "running": "running", "after as_of": "later"}


@dataclass(frozen=True)
class Bar:
    """A month of a table: its place and height in the picture, its kind, its words."""

    x: float
    height: float
    kind: str
    words: str


@dataclass(frozen=True)
class Strip:
    """A table in the picture: the y of its foot, its bars, rows in its largest month."""

    table: str
    foot: float
    bars: tuple[Bar, ...]
    most: int


@dataclass(frozen=True)
class Picture:
    """The strips, the years with their x, the x where the day of the report lies (or None)."""

    strips: tuple[Strip, ...]
    years: tuple[tuple[float, str], ...]
    bar: float
    day: float | None
    width: int
    height: int
    earlier: int


def picture(months: pd.DataFrame, tables: pd.DataFrame, as_of: dt.date | None) -> Picture | None:
    """Return the picture of ``months``; None without any month. At most five years are shown."""
    shown = shown_months(months, MOST)
    if not len(shown):
        return None
    step = (WIDTH - LEFT - RIGHT) / len(shown)
    names = [name for name in tables.table if (months.table == name).any()]
    strips = tuple(
        _strip(name, months[months.table == name], shown, step, n) for n, name in enumerate(names)
    )
    every = len(shown_months(months, 10**6))
    years = [(LEFT + n * step, f"{month:%Y}") for n, month in enumerate(shown)
             if month.month == 1 or n == 0]  # fmt: skip
    if len(years) > 1 and years[1][0] - years[0][0] < 36:
        years.pop(0)
    return Picture(strips, tuple(years), max(step - 1.5, 1.0), _day_x(shown, step, as_of), WIDTH,
                   TOP + STEP * len(strips) + 4, every - len(shown))  # fmt: skip


def _strip(name: str, own: pd.DataFrame, shown: pd.DatetimeIndex, step: float, n: int) -> Strip:
    inside = own[own.month.isin(shown)].set_index("month")
    most = max(int(inside.rows.max()), 1) if len(inside) else 1
    bars = [
        _bar(LEFT + place * step, month, int(inside.rows[month]), inside.state[month], most)
        for place, month in enumerate(shown)
        if month in inside.index
    ]
    return Strip(name, TOP + STEP * n + HEIGHT + 2.0, tuple(bars), most)


def _bar(x: float, month: pd.Timestamp, rows: int, state: str, most: int) -> Bar:
    words = _("{month}: {rows:,} rows").format(month=f"{month:%Y-%m}", rows=rows)
    return Bar(round(x, 1), round(max(HEIGHT * rows / most, 1.0), 1), KINDS.get(state, ""), words)


def _day_x(shown: pd.DatetimeIndex, step: float, as_of: dt.date | None) -> float | None:
    if as_of is None:
        return None
    day = pd.Timestamp(as_of)
    month = day.to_period("M").to_timestamp()
    if month not in shown:
        return None
    place = float(shown.searchsorted(month)) + day.day / day.days_in_month
    return round(LEFT + place * step, 1)
