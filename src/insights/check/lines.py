"""The quality of a source as lines for a terminal."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd

from insights.check.months import FEW, NO_DATE, NONE, OUTSIDE
from insights.check.needs import EXTRA, IN_PART, NO, THERE, YES
from insights.check.quality import SourceQuality
from insights.ingest import code_lines
from insights.words import _

BARS = "▁▂▃▄▅▆▇█"
EMPTY, FEWER = "·", "!"
MONTHS_SHOWN = 36
Row = dict[Any, Any]


def quality_lines(found: SourceQuality) -> list[str]:
    """Return the verdict, what to do next, each table, what can be said, codes and all faults."""
    return [
        *verdict_lines(found),
        "",
        *table_lines(found),
        "",
        *answer_lines(found),
        *code_lines(found.codes),
        *fault_lines(found),
    ]


def verdict_lines(found: SourceQuality) -> list[str]:
    """Return the verdict with its reasons, then the numbered steps."""
    day = _(" as of {day}").format(day=found.as_of) if found.as_of else ""
    last = _(" (the last date in the source)") if found.as_of and found.as_of_is_last else ""
    head = _("{source}{day}{last}: {verdict}").format(
        source=found.source, day=day, last=last, verdict=found.verdict.words
    )
    reasons = [f"  - {reason}" for reason in found.verdict.reasons]
    steps = [f"  {n}. {step}" for n, step in enumerate(found.verdict.steps, start=1)]
    return [head, *reasons, _("What to do next:"), *steps]


def table_lines(found: SourceQuality) -> list[str]:
    """Return a line a table: rows, first and last date, days behind, rows by month as bars."""
    shown = shown_months(found.months, MONTHS_SHOWN)
    rows = [[_("table"), _("rows"), _("from"), _("to"), _("behind"), _months_heading(shown)]]
    for one in found.tables.to_dict("records"):
        bars = _bars(found.months[found.months.table == one["table"]], shown)
        ends = [_text(one["first"]), _text(one["last"]), _behind(one)]
        rows.append([one["table"], f"{one['rows']:,}", *ends, bars])
    return _aligned(rows, numbers=(1, 4))


def answer_lines(found: SourceQuality) -> list[str]:
    """Return a line an analysis, then what it lacks and what is lost by it."""
    heads = {
        YES: _("{analysis} can answer in full"),
        IN_PART: _("{analysis} can answer in part"),
        NO: _("{analysis} cannot answer"),
    }
    lines = []
    for one in found.answers.to_dict("records"):
        lines.append(heads[one["answer"]].format(analysis=one["analysis"]))
        lines += _lacking_lines(found.needs[found.needs.analysis == one["analysis"]])
    return lines


def fault_lines(found: SourceQuality) -> list[str]:
    """Return the first rows of each fault, with their place in the exports where it is known."""
    if found.faults.empty:
        return [_("{source}: no faults").format(source=found.source)]
    return [
        _fault_line(rule, one)
        for rule in found.faults.to_dict("records")
        for one in rule["listed"].to_dict("records")
    ]


def shown_months(months: pd.DataFrame, most: int) -> pd.DatetimeIndex:
    """Return the last months, ``most`` of them, between the first and last with rows anywhere."""
    dated = months.month[~months.state.isin([NO_DATE, OUTSIDE])]
    if dated.empty:
        return pd.DatetimeIndex([])
    return pd.date_range(dated.min(), dated.max(), freq="MS")[-most:]


def _lacking_lines(needs: pd.DataFrame) -> list[str]:
    line = _("  - {needs} ({state}); lost: {lost}")
    lacking = needs[(needs.state != THERE) & (needs.weight != EXTRA)]
    return [
        line.format(needs=need["needs"], state=need["words"], lost=need["lost"])
        for need in lacking.to_dict("records")
    ]


def _fault_line(rule: Row, one: Row) -> str:
    said = _("{table}, row {row}, {column}: {reason}: {value}").format(
        table=rule["table"], row=one["row"], column=rule["column"],
        reason=f"{_reason(rule)}{one['named']}", value=one["value"],
    )  # fmt: skip
    return f"{said} [{one['place']}]" if one["place"] else said


def _reason(rule: Row) -> str:
    listed = len(rule["listed"])
    if rule["count"] <= listed:
        return str(rule["reason"])
    words = _("{reason} ({n:,} rows in all, the first {limit} listed)")
    return words.format(reason=rule["reason"], n=rule["count"], limit=listed)


def _months_heading(shown: pd.DatetimeIndex) -> str:
    if not len(shown):
        return ""
    return _("{first} to {last} ({none} none, {few} far fewer than usual)").format(
        first=f"{shown[0]:%Y-%m}", last=f"{shown[-1]:%Y-%m}", none=EMPTY, few=FEWER
    )


def _bars(months: pd.DataFrame, shown: pd.DatetimeIndex) -> str:
    """Return a character a month, as high as its rows against the table's largest month."""
    own = months[~months.state.isin([NO_DATE, OUTSIDE])].set_index("month")
    most = max(int(own.rows.max()), 1) if len(own) else 1
    return "".join(_bar(own, month, most) for month in shown).rstrip()


def _bar(own: pd.DataFrame, month: pd.Timestamp, most: int) -> str:
    if month not in own.index:
        return " "
    if own.state[month] in (NONE, FEW):
        return EMPTY if own.state[month] == NONE else FEWER
    return BARS[min(int(own.rows[month] / most * len(BARS)), len(BARS) - 1)]


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _behind(table: Row) -> str:
    """Return the days behind, marked where the gates allow fewer."""
    told: bool = not pd.isna(table["behind"]) and not pd.isna(table["bound"])
    return _text(table["behind"]) + (FEWER if told and table["behind"] > table["bound"] else "")


def _aligned(rows: list[list[str]], numbers: tuple[int, ...]) -> list[str]:
    """Return rows as columns that line up; numbers to the right, Chinese two places wide."""
    widths = [max(_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = []
    for row in rows:
        pads = [" " * (widths[n] - _width(cell)) for n, cell in enumerate(row)]
        cells = [
            pad + cell if n in numbers else cell + pad
            for n, (cell, pad) in enumerate(zip(row, pads, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
