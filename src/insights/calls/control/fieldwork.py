"""What the control of calls reads of a company: visits, plans, accounts and people on a day."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

import pandas as pd

from insights.features import customer_values, known
from insights.features.reception import reception_of
from insights.features.visits import (
    coverage_of,
    field_customers,
    plans_of,
    rep_days,
    staff,
    territory_runs,
    unknown_years,
    visits_known,
    workdays,
)
from insights.params import CallsParams
from insights.tables import Tables

DAYS_A_YEAR = 365
AHEAD_DAYS = 28  # the longest pause of a Spring Festival leaves an open day of each weekday
VISIT_DATES = {"visited_on": "datetime64[s]", "planned_on": "datetime64[s]"}


@dataclass(frozen=True)
class Fieldwork:
    """The frames that control computes from, as known on ``as_of``.

    ``visits`` holds made visits and days planned for (column ``done``), ``customers`` is indexed by
    customer_id, ``people`` by rep_id; ``free_days`` and ``worked`` reach from the start of the
    months looked at to the end of the month of as_of, ``ahead`` holds the next working days.
    """

    as_of: pd.Timestamp
    month: pd.Timestamp
    month_end: pd.Timestamp
    begins: pd.Timestamp
    visits: pd.DataFrame
    last_visits: pd.DataFrame
    plans: pd.DataFrame
    customers: pd.DataFrame
    coverage: pd.DataFrame
    runs: pd.DataFrame
    people: pd.DataFrame
    free_days: pd.DataFrame
    worked: pd.DatetimeIndex
    ahead: pd.DatetimeIndex
    needs: pd.DataFrame
    faults: tuple[str, ...]

    @property
    def done(self) -> pd.DataFrame:
        """Return the visits made."""
        return self.visits[self.visits.done.astype(bool)]

    def since(self, days: int) -> pd.Timestamp:
        """Return the first of the last ``days`` days, as_of the last of them."""
        return self.as_of - pd.Timedelta(days=days - 1)


def read_fieldwork(tables: Tables, as_of: dt.date, params: CallsParams) -> Fieldwork:
    """Read what is known on as_of of everything that calls are judged by."""
    day = pd.Timestamp(as_of)
    month = day.replace(day=1)
    month_end = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    first = _first(day, month, params)
    customers, faults = _customers(tables, as_of, params)
    span = (first.date(), month_end.date())
    ahead = (as_of + dt.timedelta(days=1), as_of + dt.timedelta(days=AHEAD_DAYS))
    return Fieldwork(
        as_of=day, month=month, month_end=month_end,
        begins=_begins(tables, as_of), visits=_visits(tables, as_of, first),
        last_visits=_last_visits(tables, as_of), plans=_plans(tables, span),
        customers=customers, coverage=coverage_of(tables, as_of),
        runs=territory_runs(tables, as_of), people=staff(tables, as_of),
        free_days=rep_days(tables, *span, as_of), worked=workdays(tables, *span),
        ahead=workdays(tables, *ahead),
        needs=_needs(tables, as_of),
        faults=(*faults, *unknown_years(tables, first.date(), ahead[1])),
    )  # fmt: skip


def months_back(month: pd.Timestamp, count: int) -> pd.Timestamp:
    """Return the first day of the month ``count`` months before."""
    return (month.to_period("M") - count).to_timestamp()


def _first(day: pd.Timestamp, month: pd.Timestamp, params: CallsParams) -> pd.Timestamp:
    """Return the first day of which visits are read one by one."""
    days = max(params.window_days, params.stalled_days, params.first_visit_days,
               7 * (params.core_weeks + 1))  # fmt: skip
    return min(day - pd.Timedelta(days=days), months_back(month, params.trend_months - 1))


def _visits(tables: Tables, as_of: dt.date, first: pd.Timestamp) -> pd.DataFrame:
    rows = visits_known(tables, as_of).drop("department_id", "next_on")
    frame = rows.filter(rows.visited_on >= first.date()).order_by("visit_id").execute()
    return frame.astype(VISIT_DATES)


def _begins(tables: Tables, as_of: dt.date) -> pd.Timestamp:
    """Return the first day on which a visit was recorded, NaT without any."""
    rows = visits_known(tables, as_of)
    return pd.Timestamp(rows.filter(rows.done).visited_on.min().execute())


def _last_visits(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Return first and last visit of every customer ever seen, by customer_id."""
    rows = visits_known(tables, as_of)
    made = rows.filter(rows.done).group_by("customer_id")
    found = made.aggregate(first_on=rows.visited_on.min(), last_on=rows.visited_on.max())
    frame = found.order_by("customer_id").execute().set_index("customer_id")
    return frame.astype("datetime64[s]")


def _plans(tables: Tables, span: tuple[dt.date, dt.date]) -> pd.DataFrame:
    rows = plans_of(tables, *span).order_by("period", "rep_id", "customer_id", "visit_type")
    frame = rows.drop("objective").execute()
    whole = frame.astype({"period": "datetime64[s]", "goal": "float64", "maximum": "float64"})
    monthly = whole.assign(
        period=whole.period.dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")
    )
    keys = [name for name in monthly.columns if name not in ("goal", "maximum")]
    if not monthly.duplicated(keys).any():
        return monthly
    # Plans dated within a month are parts of that month's plan.
    return monthly.groupby(keys, dropna=False, as_index=False).sum(min_count=1)[monthly.columns]


def _needs(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    frame = known(tables, "needs", as_of).distinct().order_by("need_id").execute()
    return frame.astype({"opened_on": "datetime64[s]", "closed_on": "datetime64[s]"})


def _customers(
    tables: Tables, as_of: dt.date, params: CallsParams
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = field_customers(tables, as_of)
    days, faults = reception_of(rows.reception)
    then = as_of - dt.timedelta(days=DAYS_A_YEAR)
    return rows.assign(
        receives=days,
        value=customer_values(tables, as_of, params.value_days).reindex(rows.index).fillna(0.0),
        bought=customer_values(tables, as_of, params.stalled_days).reindex(rows.index),
        bought_before=customer_values(tables, then, params.stalled_days).reindex(rows.index),
    ), faults
