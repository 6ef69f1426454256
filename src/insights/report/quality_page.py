"""The quality of a source as one page that fetches nothing, opens offline and prints."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from insights import __version__
from insights.check import SourceQuality
from insights.check.lines import shown_months
from insights.report.files import write_whole
from insights.report.page import environment
from insights.report.strips import picture
from insights.words import _

RECENT = 13  # a year, and the month it is held against
FIRST_ROWS = 5
COMMAND = re.compile(r"`([^`]+)`")
Row = dict[Hashable, Any]


@dataclass(frozen=True)
class Months:
    """Rows by month as a table: a heading a month, a line a table; marked cells are gaps."""

    months: tuple[str, ...]
    lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def write_quality_page(found: SourceQuality, path: Path) -> None:
    """Write what ``check_quality`` found as one HTML page; ``OSError`` where that cannot be."""
    if not path.parent.is_dir():
        raise FileNotFoundError(_("{folder}: no such folder").format(folder=path.parent))
    write_whole(path, quality_page(found))


def quality_page(found: SourceQuality) -> str:
    """Return the page's HTML. The same finding gives the same text."""
    page = environment().get_template("quality.html.j2")
    return page.render(
        found=found,
        name=Path(found.source).name or found.source,
        version=__version__,
        picture=picture(found.months, found.tables, found.as_of),
        recent=_recent(found.months),
        tables=[_table(found, one) for one in found.tables.to_dict("records")],
        analyses=[_analysis(found, one) for one in found.answers.to_dict("records")],
        rules=[_rule(found, one) for one in found.faults.to_dict("records")],
        codes=found.codes.to_dict("records"),
        steps=[_with_code(step) for step in found.verdict.steps],
        first_rows=FIRST_ROWS,
    )


def _with_code(text: str) -> Markup:
    """Return an escaped text whose `commands` are set as code."""
    return Markup(COMMAND.sub(r"<code>\1</code>", str(escape(text))))


def _recent(months: pd.DataFrame) -> Months:
    """Return the rows of the last thirteen months that hold any, a line a table."""
    shown = shown_months(months, RECENT)
    lines = []
    for table, own in months.groupby("table", sort=False):
        by_month = own.dropna(subset="month").set_index("month")
        cells = [
            (f"{by_month.rows[month]:,}", str(by_month.state[month]))
            if month in by_month.index
            else ("", "")
            for month in shown
        ]
        lines.append((str(table), tuple(cells)))
    return Months(tuple(f"{month:%Y-%m}" for month in shown), tuple(lines))


def _table(found: SourceQuality, one: Row) -> Row:
    """Return a table's line with its columns, and how many of its rows are in no month."""
    columns = found.columns[found.columns.table == one["table"]]
    own = found.months[found.months.table == one["table"]]
    odd = own[own.state.isin(["no date", "outside", "after as_of"]) & own.rows.gt(0)]
    words = {"no date": _("{n:,} rows without a date"), "outside": _("{n:,} far from all others"),
             "after as_of": _("{n:,} after the day of the report")}  # fmt: skip
    notes = [words[state].format(n=n) for state, n in odd.groupby("state").rows.sum().items()]
    late: bool = (
        not pd.isna(one["behind"]) and not pd.isna(one["bound"]) and one["behind"] > one["bound"]
    )
    plain = {key: None if pd.isna(value) else value for key, value in one.items()}
    return {**plain, "columns": columns.to_dict("records"), "notes": notes, "stale": late}


def _analysis(found: SourceQuality, one: Row) -> Row:
    needs = found.needs[found.needs.analysis == one["analysis"]]
    lacking = needs[needs.state != "there"]
    return {
        **one,
        "lacking": lacking[lacking.weight != "extra"].to_dict("records"),
        "extra": lacking[lacking.weight == "extra"].to_dict("records"),
        "there": [
            one
            for one in needs.needs[needs.state == "there"].drop_duplicates()
            if _(" or ") not in one
        ],
    }


def _rule(found: SourceQuality, one: Row) -> Row:
    """Return a broken rule with its share of the table's money."""
    whole = found.tables.set_index("table").amount[one["table"]]
    told: bool = not pd.isna(one["amount"]) and not pd.isna(whole) and whole > 0
    share = ""
    if told:
        part = one["amount"] / whole
        shown = f"{part:.1%}" if part >= 0.001 else "< 0.1%"
        share = _("{share} of the table's amount").format(share=shown)
    return {**one, "amount": None if pd.isna(one["amount"]) else one["amount"], "share": share,
            "listed": one["listed"].to_dict("records"),
            "placed": bool(one["listed"].place.astype(bool).any())}  # fmt: skip
