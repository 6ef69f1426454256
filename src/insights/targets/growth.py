"""How did sales move against last year, and against the period before?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from insights.features.sales_cells import Spans
from insights.targets.progress import GRAINS, start_of
from insights.words import _

FESTIVAL = 2  # January and February are one period: Spring Festival moves between them
GROWTH = (
    "metric", "period", "label", "months", "complete", "amount", "amount_before", "growth",
    "growth_per_day", "working_days", "per_day", "per_day_before", "change_per_day", "reason",
)  # fmt: skip
TO_DATE = ("metric", "grain", "period", "amount", "amount_before", "growth", "reason")


def growth_by_month(cells: pd.DataFrame, days: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """How did each month go, against the same one a year before and the one before it?

    ``cells`` are those of the scope company, of any regions; ``days`` as of ``month_days``.
    Columns GROWTH, a row a metric and period. January and February are one period. growth is
    against the same period of last year, of a running month against its same days, growth_per_day
    the same a working day; per_day is a working day, change_per_day against the period before.
    """
    parts = [
        _of_metric(own, days, as_of).assign(metric=metric)
        for metric, own in cells.groupby("metric", sort=True)
    ]
    if not parts:
        return pd.DataFrame(columns=list(GROWTH))
    return pd.concat(parts, ignore_index=True).loc[:, list(GROWTH)]


def growth_to_date(cells: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """How do the running month, quarter and year stand against the same days a year ago?

    Columns TO_DATE. Before the end of February it cannot be said of any of them, for Spring
    Festival may lie on either side; ``reason`` says so.
    """
    rows = []
    for metric, own in cells.groupby("metric", sort=True):
        rows += [_to_date(own, grain, as_of) | {"metric": metric} for grain in GRAINS]
    return pd.DataFrame(rows, columns=list(TO_DATE))


def compared_spans(as_of: dt.date) -> Spans:
    """Return the days that changes are explained over, and the same days a year before.

    The year so far; before the end of February, when Spring Festival may lie on either side, the
    last twelve months.
    """
    today = pd.Timestamp(as_of)
    first = start_of(as_of, "year")
    if not _festival_over(as_of):
        first = _year_before(today) + pd.Timedelta(days=1)
    return Spans(
        before_from=(first - pd.DateOffset(years=1)).date(),
        before_to=_year_before(today).date(),
        after_from=first.date(),
        after_to=as_of,
    )


def _of_metric(cells: pd.DataFrame, days: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    monthly = _monthly(cells, days, as_of)
    joined = _with_festival(monthly, as_of)
    last_year = pd.DatetimeIndex(joined.index) - pd.DateOffset(years=1)
    running = ~joined.complete
    whole = joined.amount.reindex(last_year).to_numpy()
    same_days = joined.to_day.reindex(last_year).to_numpy()
    before = np.where(running, same_days, whole) / 100
    days_before = np.where(
        running, joined.workdays_to_day.reindex(last_year), joined.worked.reindex(last_year)
    )
    known = joined.index >= monthly.index.min() + pd.DateOffset(years=1)
    before = np.where(known, before, np.nan)
    per_day = joined.amount / 100 / joined.worked.where(joined.worked > 0)
    previous = per_day.shift(1)
    found = joined.assign(
        period=joined.index, label=_labels(joined), amount=joined.amount / 100,
        amount_before=before, days_before=days_before, per_day=per_day, per_day_before=previous,
        working_days=joined.worked, months=joined.n,
    )  # fmt: skip
    return _with_rates(found, as_of).reset_index(drop=True)


def _with_rates(rows: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    base = rows.amount_before.where(rows.amount_before > 0)
    early = (pd.DatetimeIndex(rows.index).month == 1) & ~rows.complete
    growth = (rows.amount / base - 1).where(~early)
    level = base / rows.days_before.where(rows.days_before > 0)
    change = rows.per_day / rows.per_day_before.where(rows.per_day_before > 0) - 1
    doubts = [early, rows.amount_before.isna(), rows.amount_before <= 0, rows.per_day.isna()]
    cases = [np.asarray(one, dtype=bool) for one in doubts]
    words = [
        _("January and February are read together, once both are over"),
        _("no sales are known of a year before"), _("nothing was sold a year before"),
        _("no calendar knows these working days"),
    ]  # fmt: skip
    return rows.assign(
        growth=growth,
        growth_per_day=(rows.per_day / level - 1).where(~early),
        change_per_day=change.where(~early),
        reason=np.select(cases, list[Any](words), ""),
    )


def _monthly(cells: pd.DataFrame, days: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    sums = cells.groupby("month")[["cents", "cents_to_day"]].sum()
    months = pd.date_range(sums.index.min(), pd.Timestamp(as_of).replace(day=1), freq="MS")
    full = sums.reindex(months, fill_value=0)
    return pd.DataFrame(
        {"amount": full.cents, "to_day": full.cents_to_day,
         "worked": days.days_worked.reindex(months),
         "workdays_to_day": days.days_to_day.reindex(months)}
    )  # fmt: skip


def _whole_january(monthly: pd.DataFrame) -> pd.DataFrame:
    """Return months whose January counts whole: in February the days to compare begin with it."""
    january = pd.DatetimeIndex(monthly.index).month == 1
    return monthly.assign(
        to_day=monthly.to_day.where(~january, monthly.amount),
        workdays_to_day=monthly.workdays_to_day.where(~january, monthly.worked),
    )


def _with_festival(monthly: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Join January with February; one whose January is not known stands for nothing."""
    first = pd.DatetimeIndex(
        [one.replace(month=1) if one.month <= FESTIVAL else one for one in monthly.index]
    )
    monthly = _whole_january(monthly) if as_of.month == FESTIVAL else monthly
    joined = monthly.assign(n=1).groupby(first).agg(
        amount=("amount", "sum"), to_day=("to_day", "sum"), n=("n", "sum"),
        worked=("worked", _all_known), workdays_to_day=("workdays_to_day", _all_known),
    )  # fmt: skip
    spans = np.where(pd.DatetimeIndex(joined.index).month == 1, FESTIVAL, 1)
    ends = [
        one + pd.DateOffset(months=int(n)) - pd.Timedelta(days=1)
        for one, n in zip(joined.index, spans, strict=True)
    ]
    return joined.assign(complete=np.asarray(ends) <= np.datetime64(pd.Timestamp(as_of)))


def _all_known(days: pd.Series) -> float:
    return float(days.sum(skipna=False))


def _labels(rows: pd.DataFrame) -> list[str]:
    return [f"{one:%Y-%m}" if one.month > 1 else f"{one:%Y}-01/02" for one in rows.index]


def _to_date(cells: pd.DataFrame, grain: str, as_of: dt.date) -> dict[str, object]:
    start = start_of(as_of, grain)
    running = pd.Timestamp(as_of).replace(day=1)
    amount = cells.cents[cells.month >= start].sum() / 100
    back, back_running = (one - pd.DateOffset(years=1) for one in (start, running))
    whole = cells.cents[(cells.month >= back) & (cells.month < back_running)].sum()
    before = (whole + cells.cents_to_day[cells.month == back_running].sum()) / 100
    reason = _why_not(cells, grain, before, as_of)
    growth = float("nan") if reason else amount / before - 1
    return {"grain": grain, "period": start, "amount": amount, "amount_before": before,
            "growth": growth, "reason": reason}  # fmt: skip


def _why_not(cells: pd.DataFrame, grain: str, before: float, as_of: dt.date) -> str:
    start = start_of(as_of, grain)
    if start.month <= FESTIVAL and not _festival_over(as_of):
        return _("January and February are read together, once both are over")
    if grain == "month" and start.month <= FESTIVAL:
        return _("February alone is not read: Spring Festival moves between it and January")
    if cells.month.min() > start - pd.DateOffset(years=1):
        return _("no sales are known of a year before")
    return _("nothing was sold a year before") if before <= 0 else ""


def _festival_over(as_of: dt.date) -> bool:
    return as_of.month > FESTIVAL or (as_of + dt.timedelta(days=1)).month > FESTIVAL


def _year_before(day: pd.Timestamp) -> pd.Timestamp:
    """Return the same day a year before; the end of a month is the end of that month."""
    back = day - pd.DateOffset(years=1)
    return back + pd.offsets.MonthEnd(0) if day.is_month_end else back
