"""Dates that name the periods of a panel: by which day, and which cannot be one of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.words import _, listing

Bools = NDArray[np.bool_]

# A gap of both this many days and this many usual steps parts a mistyped year (2099, 0020, 1900)
# from a panel; years without a record, as in a census, stay within so many of its own steps.
FAR_DAYS, FAR_STEPS = 5 * 365, 5
# Months are the rule where so many periods, and such a share of them, begin (or end) with one.
# Half-months, weeks and survey dates do so too seldom to be taken for months.
FEWEST_MONTHS, MONTH_SHARE = 6, 2 / 3


def stray_periods(periods: pd.Series) -> Bools:
    """Which rows bear a date that makes a period of its own by mistake?

    ``periods`` holds the timestamp of each row, none missing. Marked are dates far from the others
    and days within a month where periods are months by their first or by their last days. Weeks,
    half-months, quarters and irregular dates pass.
    """
    far = far_periods(periods)
    days = pd.DatetimeIndex(periods[~far].unique())
    return np.asarray(far | periods.isin(days[_within_months(days)]))


def far_periods(periods: pd.Series) -> Bools:
    """Which rows bear a date that a gap of years parts from the block that most rows are in?"""
    counts = periods.value_counts().sort_index()
    days = pd.DatetimeIndex(counts.index)
    if len(days) < 3:
        return np.zeros(len(periods), dtype=bool)
    gaps = np.diff(days.to_numpy()) / np.timedelta64(1, "D")
    usual = np.sort(gaps)[(len(gaps) - 1) // 2]
    block = np.r_[0, np.cumsum(gaps > max(FAR_DAYS, FAR_STEPS * usual))]
    main = np.bincount(block, weights=np.asarray(counts)).argmax()
    return np.asarray(periods.isin(days[block != main]))


def stray_words(rows: pd.DataFrame, column: str) -> str:
    """Name rows (unit_id, period, value) whose dates would each make a period of its own."""
    return _(
        "{column}: {n} rows are years away from all others, or within a month where periods are "
        "whole months: {rows}; correct these dates or leave the rows out"
    ).format(column=column, n=len(rows), rows=named_rows(rows))


def named_rows(rows: pd.DataFrame) -> str:
    """Name rows of outcomes by unit, period and value."""
    held = zip(rows.unit_id, rows.period.map(str), rows.value, strict=True)
    named = [f"{unit} {day.removesuffix(' 00:00:00')}: {value!r}" for unit, day, value in held]
    return listing(named)


def first_days(periods: pd.Series) -> pd.Series:
    """Name periods by their first days where all are named by the last days of months.

    Months, quarters and years by the step between them. Two dates are two waves, and stay.
    """
    names = pd.DatetimeIndex(periods.unique()).sort_values()
    if len(names) < 3 or not _month_ends(names).all():
        return periods
    step = int(np.gcd.reduce(np.diff(names.year * 12 + names.month)))
    firsts = names + pd.Timedelta(days=1) - pd.DateOffset(months=step)
    return periods.map(pd.Series(firsts, index=names))


def _month_ends(days: pd.DatetimeIndex) -> Bools:
    return np.asarray(days.is_month_end & (days == days.normalize()))


def _within_months(days: pd.DatetimeIndex) -> Bools:
    firsts = np.asarray(days.is_month_start & (days == days.normalize()))
    for rule in (firsts, _month_ends(days)):
        if rule.sum() >= max(FEWEST_MONTHS, MONTH_SHARE * len(days)):
            return ~rule
    return np.zeros(len(days), dtype=bool)
