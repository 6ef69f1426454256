"""Rows by month: which months are missing, which hold far fewer rows than usual."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import numpy as np
import pandas as pd

from insights.params import GatesParams

COLUMNS = ["table", "month", "rows", "state"]
NO_DATE, OUTSIDE, LATER, RUNNING = "no date", "outside", "after as_of", "running"
NONE, FEW, OPENING, USUAL = "none", "few", "opening", ""
LEAST_FOR_NONE = 0.25  # of least_usual_rows: a Poisson month of 5 is empty in 7 of 1,000


def months_of(
    name: str,
    days: pd.Series,
    span: tuple[dt.date, dt.date] | None,
    as_of: dt.date,
    params: GatesParams,
) -> pd.DataFrame:
    """How many rows does each month hold? table, month (its first day), rows, state.

    Every month between the first and the last with rows stands there (for a gated table up to the
    end of the source); the rows add up to those of the table. State: none or few (under
    ``params.least_rows_share`` of the usual month) are gaps where the table has rows enough to
    tell; opening (before the first month of usual size) and running need not be whole; no date,
    outside (far from all other dates) and after as_of are not part of the history.
    """
    by_month = days.groupby(_month(pd.DatetimeIndex(days.index)), dropna=False).sum()
    dated = by_month[by_month.index.notna()]
    until = min(span[1], as_of) if span and name in params.tables else None
    frame = pd.concat([_undated(by_month), _filled(dated, span, until)])
    state = _states(frame, span, as_of, params)
    return frame.assign(table=name, state=state).reset_index(drop=True)[COLUMNS]


def last_full_month(as_of: dt.date) -> pd.Timestamp:
    """Return the first day of the last month that has ended by as_of."""
    day = pd.Timestamp(as_of)
    return (day + pd.Timedelta(days=1)).to_period("M").to_timestamp() - pd.offsets.MonthBegin(1)


def rows_a_month(days: pd.Series) -> pd.Series:
    """Return the rows of each month that has any, by its first day; undated rows left out."""
    dated = days[days.index.notna()]
    return dated.groupby(_month(pd.DatetimeIndex(dated.index))).sum()


def usual_months(rows: pd.Series, last: pd.Timestamp, months: int) -> pd.Series | None:
    """Return the rows of the up to ``months`` full months before ``last``: of usual months.

    None with fewer than three such months after the first month with rows, which may be a part.
    """
    if rows.empty:
        return None
    start = max(rows.index.min() + pd.offsets.MonthBegin(1), last - pd.DateOffset(months=months))
    before = pd.date_range(start, last - pd.offsets.MonthBegin(1), freq="MS")
    return rows.reindex(before, fill_value=0) if len(before) >= 3 else None


def working_days(months: pd.DatetimeIndex) -> np.ndarray:
    """Return how many days of each month (given by its first day) people work in China.

    Of the State Council's calendar as in the package chinesecalendar (make-up workdays included);
    Monday to Friday in years that it does not know.
    """
    known = {day.year for day in chinese_calendar.holidays}
    return np.array([_working(month, month.year in known) for month in months], dtype="int64")


def _working(month: pd.Timestamp, known: bool) -> int:
    days = pd.date_range(month, month + pd.offsets.MonthEnd(1))
    if not known:
        return int((days.day_of_week < 5).sum())
    return sum(bool(chinese_calendar.is_workday(day.date())) for day in days)


def _month(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.to_period("M").to_timestamp())


def _undated(by_month: pd.Series) -> pd.DataFrame:
    found = by_month[by_month.index.isna()]
    return pd.DataFrame({"month": found.index, "rows": found.to_numpy("int64")})


def _filled(
    dated: pd.Series, span: tuple[dt.date, dt.date] | None, until: dt.date | None
) -> pd.DataFrame:
    """Return the months with rows, and the empty ones between them in the span, or up to a day."""
    inside = dated
    if span:
        first, last = pd.Timestamp(span[0]).replace(day=1), pd.Timestamp(span[1])
        inside = dated[(dated.index >= first) & (dated.index <= last)]
    every = dated.index
    if len(inside):
        last = max(inside.index.max(), pd.Timestamp(until)) if until else inside.index.max()
        every = every.union(pd.date_range(inside.index.min(), last, freq="MS"))
    rows = dated.reindex(every, fill_value=0)
    return pd.DataFrame({"month": rows.index, "rows": rows.to_numpy("int64")})


def _states(
    frame: pd.DataFrame,
    span: tuple[dt.date, dt.date] | None,
    as_of: dt.date,
    params: GatesParams,
) -> pd.Series:
    state = pd.Series(USUAL, index=frame.index, dtype="str")
    month = frame.month
    low = pd.Timestamp(span[0]).replace(day=1) if span else month.min()
    high = pd.Timestamp(span[1]) if span else month.max()
    inside = (month >= low) & (month <= high)
    ended = month <= last_full_month(as_of)
    filled = frame.rows[inside & ended & frame.rows.gt(0)]
    usual = filled.median() if len(filled) else 0.0
    if usual >= params.least_usual_rows:
        state = state.mask(frame.rows < params.least_rows_share * usual, FEW)
    if usual >= LEAST_FOR_NONE * params.least_usual_rows:
        state = state.mask(frame.rows == 0, NONE)
    begun = month[inside & frame.rows.ge(params.least_rows_share * usual)].min()
    state = state.mask(inside & (month < begun), OPENING)
    state = state.mask(~ended & (state != NONE), RUNNING)
    state = state.mask(month > pd.Timestamp(as_of), LATER)
    state = state.mask(~inside, OUTSIDE)
    return state.mask(month.isna(), NO_DATE)
