"""Is a source too old or half loaded to report on?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from insights.check.days import (
    FACTS,
    day_of_report,
    end_of_data,
    fact_days,
    last_known,
    source_span,
)
from insights.check.months import last_full_month, usual_rows
from insights.params import GatesParams
from insights.tables import CANONICAL, Tables
from insights.words import _, listing, meant

MISSING, STALE, HALF_LOADED = "missing", "stale", "half loaded"


@dataclass(frozen=True)
class Held:
    """One table that a gate holds back: kind is missing, stale or half loaded; words say it."""

    table: str
    kind: str
    words: str


def held_back(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp | None = None,
    params: GatesParams = GatesParams(),  # noqa: B008
) -> tuple[Held, ...]:
    """Which tables of a source are missing, stale or half loaded as of a day? Empty: none.

    A table is stale when its last row up to as_of lies further back than ``params.stale_days``, and
    half loaded when its last full month has less than ``params.least_rows_share`` of the rows of a
    usual month. Without as_of the tables are held against the last date of the source. The whole
    source is looked at, never a region. ``ValueError`` when the params name an unknown table.
    """
    refuse_unknown(params)
    absent = missing_tables(tables, params)
    days = fact_days(tables, params.tables if as_of is not None else (*FACTS, *params.tables))
    if source_span(days) is None:
        return absent
    return (*absent, *held_of_days(days, day_of_report(days, as_of, tables.source), params))


def held_of_days(
    days: dict[str, pd.Series], as_of: dt.date, params: GatesParams
) -> tuple[Held, ...]:
    """Return ``held_back`` of rows by day that were read already; required tables left out."""
    found = [
        _stale(name, days[name], as_of, params) or _half_loaded(name, days[name], as_of, params)
        for name in params.tables
        if name in days
    ]
    return tuple(one for one in found if one)


def missing_tables(tables: Tables, params: GatesParams) -> tuple[Held, ...]:
    """Return the tables that the params require and the source has not, or has without rows."""
    return tuple(_missing(name) for name in params.required if not tables.has(name))


def _missing(name: str) -> Held:
    words = _("{table} is missing, and gates.required names it").format(table=name)
    return Held(name, MISSING, words)


def _stale(name: str, days: pd.Series, as_of: dt.date, params: GatesParams) -> Held | None:
    last = last_known(days, as_of)
    if last is None:
        return None
    behind = (as_of - end_of_data(name, last)).days
    bound = params.bound_of(name)
    if behind <= bound:
        return None
    words = _("{table} ends on {last}, {n} days before {day} (at most {bound})")
    said = words.format(table=name, last=last, n=behind, day=as_of, bound=bound)
    return Held(name, STALE, said)


def _half_loaded(name: str, days: pd.Series, as_of: dt.date, params: GatesParams) -> Held | None:
    """A table that may end later than the others is judged by a month that much older."""
    late = max(params.bound_of(name) - params.stale_days, 0)
    day = as_of - dt.timedelta(days=late)
    usual = usual_rows(days, day, params.usual_months)
    if usual is None or usual < params.least_usual_rows:
        return None
    month = last_full_month(day)
    ending = month + pd.offsets.MonthEnd(1)
    rows = int(days[(days.index >= month) & (days.index <= ending)].sum())
    if rows >= params.least_rows_share * usual:
        return None
    words = _("{table}: {month} has {rows:,} rows, {share:.0%} of a usual month ({usual:,.0f})")
    said = words.format(
        table=name, month=f"{month:%Y-%m}", rows=rows, share=rows / usual, usual=usual
    )
    return Held(name, HALF_LOADED, said)


def refuse_unknown(params: GatesParams) -> None:
    """Raise ``ValueError`` where the params name a table that is none, or none of dated facts."""
    named = (*params.tables, *params.required, *(name for name, _days in params.stale_days_of))
    unknown = [name for name in dict.fromkeys(named) if name not in CANONICAL]
    undated = [name for name in params.tables if name in CANONICAL and not CANONICAL[name].known_on]
    if unknown:
        hint = meant(unknown[0], list(CANONICAL))
        words = _("gates: no such table: {names} {hint}")
        raise ValueError(words.format(names=listing(unknown), hint=hint).strip())
    if undated:
        words = _("gates.tables: {names} hold no dated facts")
        raise ValueError(words.format(names=listing(undated)))
