"""Is a source fit to report on? One reading of everything that is known of its tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from insights.check.columns import content_of
from insights.check.days import (
    FACTS,
    PLANS,
    day_of_report,
    end_of_data,
    last_known,
    rows_a_day,
    source_span,
)
from insights.check.gates import Held, bound_of, held_of_days, missing_tables, refuse_unknown
from insights.check.months import months_of
from insights.check.needs import answers, summed_up
from insights.check.places import with_places
from insights.check.verdict import BASE, Verdict, judge
from insights.ingest import find_faults, unknown_codes
from insights.params import GatesParams
from insights.tables import CANONICAL, EVENTS, Tables

TABLE_COLUMNS = ["table", "rows", "keys", "key", "first", "last", "behind", "bound", "amount"]


@dataclass(frozen=True)
class SourceQuality:
    """What stands in a source and what is wrong with it, as of a day.

    tables: table, rows, keys (distinct), key (its columns), first, last (dates, None where the
        table has none), behind (days from its last known row to as_of), bound (the most that the
        gates allow, None where they do not judge the table), amount (CNY regardless of sign).
    months: ``months_of`` of each table of facts. columns: table, column, type, required, filled.
    faults: a row a rule: table, column, reason, count, amount, listed (the first rows: row, value,
        named, place). codes: ``unknown_codes``.
    needs, answers: what each analysis lacks, a row a need and a row an analysis.
    held: what the gates hold back; verdict: the sum of all this and what to do next.
    """

    source: str
    as_of: dt.date | None
    as_of_is_last: bool
    span: tuple[dt.date, dt.date] | None
    tables: pd.DataFrame = field(repr=False)
    months: pd.DataFrame = field(repr=False)
    columns: pd.DataFrame = field(repr=False)
    faults: pd.DataFrame = field(repr=False)
    codes: pd.DataFrame = field(repr=False)
    needs: pd.DataFrame = field(repr=False)
    answers: pd.DataFrame = field(repr=False)
    held: tuple[Held, ...]
    verdict: Verdict

    def _repr_markdown_(self) -> str:
        return self.verdict.in_markdown(self.source, self.as_of)


def check_quality(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp | None = None,
    params: GatesParams = GatesParams(),  # noqa: B008
    profile: str = BASE,
) -> SourceQuality:
    """Is a source fit to report on, and what will the reports lack?

    ``profile`` is named in the commands that are proposed.
    Without ``as_of`` the tables are held against the last date of the source. Nothing in the tables
    raises; ``ValueError`` when as_of is no date or the params name an unknown table.
    """
    refuse_unknown(params)
    days = {name: rows_a_day(tables, name, dated) for name, dated in _dated(tables).items()}
    facts = {name: found for name, found in days.items() if name in FACTS}
    span = source_span({name: found for name, found in facts.items() if name in EVENTS})
    day = day_of_report(facts, as_of, tables.source) if span or as_of is not None else None
    held = missing_tables(tables, params) + (held_of_days(facts, day, params) if day else ())
    overview, columns = _overview(tables, days, span, day, params)
    needs = answers(columns, frozenset(one.table for one in held))
    found = summed_up(needs)
    faults, codes = with_places(tables, find_faults(tables)), unknown_codes(tables)
    months = _months(facts, span, day, params)
    return SourceQuality(
        tables.source, day, as_of is None, span, overview, months, columns, faults, codes, needs,
        found, held,
        judge(tables.source, day, overview, faults, months, needs, found, held, params, profile),
    )  # fmt: skip


def _dated(tables: Tables) -> dict[str, str]:
    """Return the column that dates each table of the source."""
    named = {name: CANONICAL[name].known_on or PLANS.get(name) for name in CANONICAL}
    return {
        name: dated
        for name, dated in named.items()
        if dated and tables.has(name) and dated in tables.opened.relations[name].columns
    }


def _overview(
    tables: Tables,
    days: dict[str, pd.Series],
    span: tuple[dt.date, dt.date] | None,
    as_of: dt.date | None,
    params: GatesParams,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, columns = [], []
    for name in (name for name in CANONICAL if tables.has(name)):
        held = content_of(tables, name)
        columns.append(held.columns)
        ends = _ends(name, days.get(name), span, as_of)
        bound = _bound(name, days.get(name), as_of, params)
        rows.append([name, held.rows, held.keys, ", ".join(held.key), *ends, bound, held.amount])
    whole = {"behind": "Int64", "bound": "Int64", "amount": "float64"}
    frame = pd.DataFrame(rows, columns=TABLE_COLUMNS).astype(whole)
    return frame, pd.concat(columns, ignore_index=True)


def _bound(
    name: str, days: pd.Series | None, as_of: dt.date | None, params: GatesParams
) -> int | None:
    if name not in params.tables:
        return None
    return (
        params.bound_of(name)
        if days is None or as_of is None
        else bound_of(name, days, as_of, params)
    )


def _ends(
    name: str,
    days: pd.Series | None,
    span: tuple[dt.date, dt.date] | None,
    as_of: dt.date | None,
) -> tuple[dt.date | None, dt.date | None, int | None]:
    """Return the first and last date of a table, and how far its last known one lies behind."""
    if days is None:
        return None, None, None
    dated = days.index[days.index.notna()]
    if name in FACTS and span:
        inside = (dated >= pd.Timestamp(span[0])) & (dated <= pd.Timestamp(span[1]))
        dated = dated[inside] if inside.any() else dated
    if not len(dated):
        return None, None, None
    last = last_known(days, as_of) if as_of and name in FACTS else None
    behind = max((as_of - end_of_data(name, days, last)).days, 0) if as_of and last else None
    return dated.min().date(), dated.max().date(), behind


def _months(
    facts: dict[str, pd.Series],
    span: tuple[dt.date, dt.date] | None,
    as_of: dt.date | None,
    params: GatesParams,
) -> pd.DataFrame:
    day = as_of or dt.date.max
    parts = [months_of(name, found, span, day, params) for name, found in facts.items()]
    empty = pd.DataFrame({"table": [], "month": [], "rows": [], "state": []})
    return pd.concat(parts, ignore_index=True) if parts else empty
