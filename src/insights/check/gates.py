"""Is a source too old or half loaded to report on?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.check.days import (
    FACTS,
    day_of_report,
    end_of_data,
    fact_days,
    last_known,
    source_span,
)
from insights.check.pace import LastMonth, last_month
from insights.params import GatesParams
from insights.tables import CANONICAL, Tables
from insights.words import _, listing, meant

MISSING, STALE, HALF_LOADED = "missing", "stale", "half loaded"
DAYS_A_MONTH = 365.25 / 12
USUAL_GAP = 0.9  # quantile of the gaps between a table's days: bursts with pauses are usual too


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

    A table is stale when its last row up to as_of lies further back than ``params.stale_days``
    (where it has few rows: also than twice its usual gap), and half loaded when its last full month
    has less than ``params.least_rows_share`` of the rows of a usual month, also a working day, and
    of the same month a year earlier (without one: of the least of the three before). Without
    as_of the tables are held against the last date of the source. The whole source is looked at,
    never a region. ``ValueError`` when the params name an unknown table.
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


def bound_of(name: str, days: pd.Series, as_of: dt.date, params: GatesParams) -> int | None:
    """Return how many days behind as_of a table may end; None where its rows are too few to tell.

    A table with fewer rows a month than ``params.least_usual_rows`` may end twice its usual gap
    behind.
    """
    bound = params.bound_of(name)
    known = days[days.index.notna() & (days.index <= pd.Timestamp(as_of)) & days.gt(0)]
    if not len(known):
        return bound
    dated = pd.DatetimeIndex(known.index.unique()).sort_values()
    months = max((dated[-1] - dated[0]).days / DAYS_A_MONTH, 1.0)
    if known.sum() / months >= params.least_usual_rows:
        return bound
    if len(dated) < 3:
        return None
    gaps = np.diff(dated.to_numpy()) / np.timedelta64(1, "D")
    return max(bound, int(np.ceil(2 * np.quantile(gaps, USUAL_GAP))))


def _stale(name: str, days: pd.Series, as_of: dt.date, params: GatesParams) -> Held | None:
    last, bound = last_known(days, as_of), bound_of(name, days, as_of, params)
    if last is None or bound is None:
        return None
    behind = (as_of - end_of_data(name, days, last)).days
    if behind <= bound:
        return None
    words = _("{table} ends on {last}, {n} days before {day} (at most {bound})")
    said = words.format(table=name, last=last, n=behind, day=as_of, bound=bound)
    return Held(name, STALE, said)


def _half_loaded(name: str, days: pd.Series, as_of: dt.date, params: GatesParams) -> Held | None:
    """A table that may end later than the others is judged by a month that much older."""
    late = max(params.bound_of(name) - params.stale_days, 0)
    found = last_month(days, as_of - dt.timedelta(days=late), params)
    if found is None:
        return None
    shares = (found.rows / found.usual, found.share_of_usual, found.share_of_compared)
    if max(shares) >= params.least_rows_share:
        return None
    return Held(name, HALF_LOADED, _half_loaded_words(name, found))


def _half_loaded_words(name: str, found: LastMonth) -> str:
    words = _("{table}: {month} has {rows:,} rows, {share:.0%} of a usual month ({usual:,.0f})")
    earlier = _("; {month} had {rows:,}")
    least = _("; the least of the three months before, {month}, had {rows:,}")
    said = words.format(table=name, month=f"{found.month:%Y-%m}", rows=found.rows,
                        share=found.rows / found.usual, usual=found.usual)  # fmt: skip
    like = (earlier if found.a_year_before else least).format(
        month=f"{found.compared:%Y-%m}", rows=found.compared_rows
    )
    return said + like


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
