"""The portrait of newly won customers: how many, of which level, region and need, by period."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.terminals import (
    UNKNOWN,
    empty_faults,
    level_of,
    read_terminals,
    refuse,
    repeated_faults,
    require_columns,
    value_faults,
)
from insights.tables import as_date
from insights.words import _, listing

Grain = Literal["week", "month", "quarter"]
# ISO weeks run from Monday to Sunday.
FREQUENCIES = {"week": "W-SUN", "month": "M", "quarter": "Q-DEC"}
PARTS = ("all", "level", "category", "line", "region")
FIRSTS = ("customer_id", "first_on", "first_category", "first_line", "first_amount", "covered")
COLUMNS = (
    "period",
    "until",
    "complete",
    "current",
    "what",
    "which",
    "customers",
    "share",
    "first_amount",
    "left_out",
)
EVERY, OTHER = "all", "other"


def portrait(
    firsts: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: str | dt.date | pd.Timestamp,
    grain: Grain,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> pd.DataFrame:
    """Whom did we win newly in each of the last periods, and for which need (A16)?

    ``firsts``: a row a customer with its first purchase: customer_id, first_on, first_category,
    first_line, first_amount (CNY of its first days), covered (whether the data reach back far
    enough before it to call it the first). ``customers``: the customers frame. Newly won in a
    period: a terminal of the frame whose covered first purchase lies in it, not after as_of.

    Returns the last ``portrait_periods`` periods up to the one that holds as_of, in order, long:
    ``period`` (first day; weeks are ISO weeks from Monday), ``until`` (last day, at most as_of),
    ``complete`` (the period is over at the end of as_of), ``current`` (it holds as_of), ``what``
    (all/level/category/line/region), ``which``, ``customers``, ``share`` (of the period's newly
    won; NaN where there are none), ``first_amount`` (their CNY), ``left_out``
    (first purchases of the period that do not count: not covered, or not a terminal of the
    frame). Within a period and ``what`` the largest first, ties by amount, then name; the first
    row of what = line or category is the main need. Every period has its row "all", also with 0.

    The cells count institutions, not persons, so ``portrait_min_cell`` is 1 and hides nothing; a
    larger one joins the smaller cells as "other". Raises ``ValueError`` for bad rows.
    """
    periods = _periods(as_date(as_of), grain, params.portrait_periods)
    rows = _read(firsts, customers)
    rows = rows[rows.first_on <= pd.Timestamp(as_date(as_of))]
    rows = rows.assign(period=rows.first_on.dt.to_period(FREQUENCIES[grain]).dt.start_time)
    rows = rows[rows.period.isin(periods.period)]
    won = rows[rows.counted]
    cells = pd.concat([_cells(won, what, params.portrait_min_cell) for what in PARTS])
    left_out = (~rows.counted).groupby(rows.period).sum()
    table = _with_empty(cells, periods).merge(periods, on="period")
    totals = table.customers.where(table.what == EVERY).groupby(table.period).transform("max")
    table["share"] = table.customers / totals.where(totals > 0)
    table["left_out"] = table.period.map(left_out).fillna(0).astype("int64")
    return _ordered(table)


def portrait_sentence(table: pd.DataFrame, grain: Grain) -> str:
    """Say whom the current period of a portrait won: how many, mostly which level, which need."""
    current = table[table.current]
    total = current[current.what == EVERY].iloc[0]
    opening = _openings(bool(total.complete))[grain]
    words = _counted(opening, int(total.customers))
    if total.customers:
        level, need = _first(current, ("level",)), _first(current, ("line", "category"))
        words += _(", {percent:.0f} % of them {level}; most needed {need}").format(
            percent=100 * level.share, level=_level_words(str(level.which)), need=need.which
        )
    if total.left_out:
        words += _(" ({n} more first purchases are not counted)").format(n=total.left_out)
    return words + "."


def _periods(as_of: dt.date, grain: Grain, n: int) -> pd.DataFrame:
    if grain not in FREQUENCIES:
        words = _("grain {grain!r} is unknown; there are {known}")
        raise ValueError(words.format(grain=grain, known=listing(list(FREQUENCIES))))
    spans = pd.period_range(end=pd.Timestamp(as_of), periods=n, freq=FREQUENCIES[grain])
    today = pd.Timestamp(as_of)
    last = spans.end_time.normalize()
    return pd.DataFrame(
        {
            "period": spans.start_time,
            "until": last.where(last <= today, today),
            "complete": last <= today,
            "current": np.arange(n) == n - 1,
        }
    )


def _read(firsts: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the first purchases with the level and region of their customer."""
    terminals = read_terminals(customers, (), ("customer_type", "hospital_level", "region_id"))
    traits = terminals[["region_id"]].assign(level=level_of(terminals))
    rows = _checked(firsts)
    counted = rows.covered & rows.customer_id.isin(terminals.index)
    return rows.assign(counted=counted).join(traits, on="customer_id")


def _checked(firsts: pd.DataFrame) -> pd.DataFrame:
    """Return the first purchases with their types; ``ValueError`` names every fault."""
    require_columns("first_purchases", firsts, FIRSTS)
    day = pd.to_datetime(firsts.first_on, errors="coerce").dt.normalize()
    amount = pd.to_numeric(firsts.first_amount, errors="coerce").astype("float64")
    by_id = firsts.set_index("customer_id")
    refuse(
        "first_purchases",
        empty_faults(firsts, ("customer_id", "first_on", "covered"))
        + repeated_faults(by_id.index)
        + value_faults(by_id.first_amount, amount)
        + _date_faults(by_id.first_on, day),
    )
    typed = firsts[list(FIRSTS)].astype({"customer_id": "str", "covered": "bool"})
    return typed.assign(first_on=day, first_amount=amount)


def _date_faults(given: pd.Series, day: pd.Series) -> list[str]:
    bad = given[given.notna().to_numpy() & day.isna().to_numpy()]
    rows = listing([f"{key} ({value})" for key, value in bad.items()])
    return [_("first_on: not a date for {rows}").format(rows=rows)] if len(bad) else []


def _cells(won: pd.DataFrame, what: str, least: int) -> pd.DataFrame:
    columns = {"category": "first_category", "line": "first_line", "region": "region_id"}
    which = (
        pd.Series(EVERY, won.index, dtype="str")
        if what == EVERY
        else won[columns.get(what, what)].astype("str").fillna(UNKNOWN)
    )
    if what != EVERY:
        sizes = which.groupby([won.period, which]).transform("size")
        which = which.where(sizes >= least, OTHER)
    # Sorted, so that sums of doubles do not depend on the order of the rows.
    sums = won.assign(which=which).sort_values("first_amount").groupby(["period", "which"])
    cells = sums.size().to_frame("customers")
    cells["first_amount"] = sums.first_amount.sum(min_count=1)
    return cells.reset_index().assign(what=what)


def _with_empty(cells: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    empty = periods.loc[~periods.period.isin(cells.period), ["period"]]
    rows = empty.assign(what=EVERY, which=EVERY, customers=0, first_amount=0.0)
    return pd.concat([cells, rows]) if len(cells) else rows


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    keyed = table.assign(part=table.what.map({what: i for i, what in enumerate(PARTS)}))
    ordered = keyed.sort_values(
        ["period", "part", "customers", "first_amount", "which"],
        ascending=[True, True, False, False, True],
    )
    return ordered[list(COLUMNS)].reset_index(drop=True)


def _openings(complete: bool) -> dict[str, str]:
    if complete:
        return {
            "week": _("This week"),
            "month": _("This month"),
            "quarter": _("This quarter"),
        }
    return {
        "week": _("This week so far"),
        "month": _("This month so far"),
        "quarter": _("This quarter so far"),
    }


def _counted(opening: str, n: int) -> str:
    if n == 0:
        return _("{opening} no customer was newly won").format(opening=opening)
    if n == 1:
        return _("{opening} 1 customer was newly won").format(opening=opening)
    return _("{opening} {n} customers were newly won").format(opening=opening, n=n)


def _first(current: pd.DataFrame, parts: tuple[str, ...]) -> pd.Series:
    """Return the largest known cell of the first of ``parts`` that has one, else the largest."""
    rows = [current[current.what == what] for what in parts]
    known = [part[part.which != UNKNOWN] for part in rows]
    return next(part for part in [*known, *rows] if len(part)).iloc[0]


def _level_words(level: str) -> str:
    if level in ("3A", "3B", "2A", "2B"):
        return _("{level} hospitals").format(level=level)
    words = {
        "1": _("level 1 hospitals"),
        "community": _("community hospitals"),
        "none": _("hospitals without a level"),
        UNKNOWN: _("of unknown level"),
        OTHER: _("of other levels"),
    }
    return words.get(level, level)
