"""Rows by month: which months are missing, which hold far fewer rows than usual."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.params import GatesParams

COLUMNS = ["table", "month", "rows", "state"]
NO_DATE, OUTSIDE, LATER, RUNNING = "no date", "outside", "after as_of", "running"
NONE, FEW, OPENING, USUAL = "none", "few", "opening", ""


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
    ``params.least_rows_share`` of the usual month) are gaps; opening (before the first month of
    usual size) and running need not be whole; no date, outside (far from all other dates) and
    after as_of are not part of the history.
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


def usual_rows(days: pd.Series, as_of: dt.date, months: int) -> float | None:
    """Return the rows of a usual month: the median of the full months before the last full one.

    None with fewer than three such months after the first month with rows, which may be a part.
    """
    by_month = days[days.index.notna()].groupby(lambda day: day.to_period("M").to_timestamp()).sum()
    last = last_full_month(as_of)
    if by_month.empty:
        return None
    start = max(
        by_month.index.min() + pd.offsets.MonthBegin(1), last - pd.DateOffset(months=months)
    )
    before = pd.date_range(start, last - pd.offsets.MonthBegin(1), freq="MS")
    return float(by_month.reindex(before, fill_value=0).median()) if len(before) >= 3 else None


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
    state = state.mask(frame.rows == 0, NONE)
    begun = month[inside & frame.rows.ge(params.least_rows_share * usual)].min()
    state = state.mask(inside & (month < begun), OPENING)
    state = state.mask(~ended & (state != NONE), RUNNING)
    state = state.mask(month > pd.Timestamp(as_of), LATER)
    state = state.mask(~inside, OUTSIDE)
    return state.mask(month.isna(), NO_DATE)
