"""How many rows a table has on each day: the one thing read for spans, months and gates."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.ingest.rules import numbered_rows
from insights.tables import CANONICAL, EVENTS, SourceError, Tables, as_date, sensible_span
from insights.words import _

FACTS = (*EVENTS, "prescriptions", "ledger_control", "needs")  # what happens month after month
OF_A_MONTH = ("prescriptions", "outcomes")  # dated by the first day whatever the rows
PLANS = {"call_plans": "period", "targets": "period", "absences": "from_on", "calendar": "date"}


def rows_a_day(tables: Tables, name: str, column: str) -> pd.Series:
    """Return how many rows of a table each day has; a day that cannot be read counts as NaT."""
    rows = numbered_rows(tables, name)
    if column not in rows.columns:
        return pd.Series([int(rows.count().execute())], index=pd.DatetimeIndex([pd.NaT]), name="n")
    counted = rows.group_by(day=rows[column].cast("date")).aggregate(n=rows.count()).execute()
    days = pd.to_datetime(counted.day)
    return pd.Series(
        counted.n.to_numpy("int64"), index=pd.DatetimeIndex(days), name="n"
    ).sort_index()


def fact_days(tables: Tables, names: tuple[str, ...] = FACTS) -> dict[str, pd.Series]:
    """Return ``rows_a_day`` of each table of facts that the source holds."""
    return {
        name: rows_a_day(tables, name, str(CANONICAL[name].known_on))
        for name in names
        if tables.has(name)
    }


def source_span(days: dict[str, pd.Series]) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day of all facts, mistyped dates left out; None without any."""
    dated = [found[found.index.notna()] for found in days.values()]
    filled = [found for found in dated if len(found)]
    if not filled:
        return None
    return sensible_span(pd.concat(filled).groupby(level=0).sum())


def last_known(found: pd.Series, as_of: dt.date) -> dt.date | None:
    """Return the last day with rows up to as_of."""
    known = found.index[found.index.notna() & (found.index <= pd.Timestamp(as_of))]
    return known.max().date() if len(known) else None


def end_of_data(name: str, found: pd.Series, last: dt.date) -> dt.date:
    """Return the last day that a table speaks of when its last row is of ``last``.

    Rows that are all dated by the first day of a month hold the whole month.
    """
    if name not in OF_A_MONTH and not _of_first_days(found):
        return last
    return (pd.Timestamp(last) + pd.offsets.MonthEnd(0)).date()


def _of_first_days(found: pd.Series) -> bool:
    days = pd.DatetimeIndex(found.index.dropna())
    return days.nunique() > 1 and bool((days.day == 1).all())


def day_of_report(
    days: dict[str, pd.Series], as_of: str | dt.date | pd.Timestamp | None, source: str
) -> dt.date:
    """Return as_of, or the last day of the source where it is left out."""
    if as_of is not None:
        return as_date(as_of)
    span = source_span({name: found for name, found in days.items() if name in EVENTS})
    if span is None:
        raise SourceError(_("{source}: no dated rows").format(source=source))
    return span[1]
