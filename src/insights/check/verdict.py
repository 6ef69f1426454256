"""The verdict on a source in plain words, and what to do next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.check.gates import MISSING, Held
from insights.check.months import FEW, NONE
from insights.check.needs import ESSENTIAL, NO, YES
from insights.check.quoting import as_typed
from insights.ingest import NOT_READ
from insights.params import GatesParams
from insights.words import _, listing, with_code

BASE = "base"
HEAVY = 0.05  # of a table's rows or money
USABLE, GAPS, NOT_USABLE = "usable", "usable with gaps", "not usable"


@dataclass(frozen=True)
class Verdict:
    """usable, usable with gaps or not usable; the reasons, the worst first; the steps to take."""

    kind: str
    reasons: tuple[str, ...]
    steps: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return the kind as people say it."""
        said = {USABLE: _("Usable"), GAPS: _("Usable with gaps"), NOT_USABLE: _("Not usable")}
        return said[self.kind]

    def in_markdown(self, source: str, as_of: dt.date | None) -> str:
        """Return the verdict on a source, its reasons and the steps, as a notebook shows them."""
        day = _(" as of {day}").format(day=as_of) if as_of else ""
        reasons = [f"- {reason}" for reason in self.reasons]
        steps = [f"{n}. {step}" for n, step in enumerate(self.steps, start=1)]
        head = f"**{self.words}**: `{source}`{day}"
        return "\n".join([head, "", *reasons, "", _("What to do next:"), "", *steps])


def judge(
    source: str,
    as_of: dt.date | None,
    tables: pd.DataFrame,
    faults: pd.DataFrame,
    months: pd.DataFrame,
    needs: pd.DataFrame,
    answers: pd.DataFrame,
    held: tuple[Held, ...],
    params: GatesParams,
    profile: str = BASE,
) -> Verdict:
    """Say whether a source can be reported on: see ``check_quality`` for the frames."""
    unread = _unread(faults)
    stops = held if params.when_held == "stop" else ()
    silent = bool((answers.answer == NO).all())
    worst = [*_unread_words(unread), *(one.words for one in stops), *_silent_words(silent)]
    others = [
        *(one.words for one in held if one not in stops),
        *_heavy_words(faults, tables),
        *_fault_words(faults, unread),
        *_month_words(months, params),
        *_answer_words(answers),
    ]
    kind = NOT_USABLE if worst else GAPS if others else USABLE
    steps = [
        *_mending(faults),
        *_loading(held, as_of),
        *_wanted(needs),
        *_going_on(kind, source, as_of, stops, profile),
    ]
    return Verdict(kind, (*worst, *others), tuple(steps))


def _unread(faults: pd.DataFrame) -> pd.DataFrame:
    return faults[faults.reason.isin(list(NOT_READ.values()))]


def _unread_words(unread: pd.DataFrame) -> list[str]:
    if unread.empty:
        return []
    words = _("{n:,} cells cannot be read ({where}): every report that touches them fails")
    where = listing(sorted(set(unread.table + "." + unread.column)))
    return [words.format(n=int(unread["count"].sum()), where=where)]


def _silent_words(silent: bool) -> list[str]:
    return [_("no analysis can say anything with these tables")] if silent else []


def _heavy_words(faults: pd.DataFrame, tables: pd.DataFrame) -> list[str]:
    """Name the faults that touch so much of a table that its sums mislead, the worst first."""
    whole = faults[["table"]].merge(tables, on="table", how="left")
    rows = faults["count"].to_numpy(float) / whole.rows.to_numpy(float)
    money = faults.amount.to_numpy(float) / whole.amount.to_numpy(float)
    told = faults.assign(share=np.fmax(rows, money)).sort_values("share", ascending=False)
    words = _("{share:.0%} of {table} are at fault: {column}: {reason}")
    return [
        words.format(share=one["share"], table=with_code(str(one["table"])),
                     column=one["column"], reason=one["reason"])
        for one in told[told.share >= HEAVY].to_dict("records")
    ]  # fmt: skip


def _fault_words(faults: pd.DataFrame, unread: pd.DataFrame) -> list[str]:
    others = faults.drop(unread.index)
    if others.empty:
        return []
    words = _("{n:,} faults of {rules} rules in {tables}")
    names = listing(list(dict.fromkeys(others.table)))
    return [words.format(n=int(others["count"].sum()), rules=len(others), tables=names)]


def _month_words(months: pd.DataFrame, params: GatesParams) -> list[str]:
    """Say which months are gaps; those at a table's end are what the gates speak of."""
    words = _("{table}: few or no rows in {months}")
    said = []
    for table, own in months[months.table.isin(params.tables)].groupby("table", sort=False):
        gap = own.state.isin([NONE, FEW])
        inner = own.month[gap & (own.month < own.month[~gap].max())]
        named = listing([f"{month:%Y-%m}" for month in inner])
        said += [words.format(table=table, months=named)] if len(inner) else []
    return said


def _answer_words(answers: pd.DataFrame) -> list[str]:
    lacking = answers[answers.answer != YES]
    none, part = _("{analysis} cannot be answered (lacks {names})"), _("{analysis} lacks {names}")
    return [
        (none if one["answer"] == NO else part).format(
            analysis=one["analysis"], names=listing(one["lacking"])
        )
        for one in lacking.to_dict("records")
    ]


def _mending(faults: pd.DataFrame) -> list[str]:
    if faults.empty:
        return []
    return [
        _("Mend the faults below where they arose (ERP, CRM or the exported file), put the exports "
          "into your raw folder and run `insights ingest` again.")
    ]  # fmt: skip


def _loading(held: tuple[Held, ...], as_of: dt.date | None) -> list[str]:
    late = list(dict.fromkeys(one.table for one in held if one.kind != MISSING))
    if not late:
        return []
    words = _("Export {tables} again up to {day} and run `insights ingest`.")
    return [words.format(tables=listing(late), day=as_of)]


def _wanted(needs: pd.DataFrame) -> list[str]:
    lacking = needs[(needs.state == "missing") & (needs.weight == ESSENTIAL)]
    words = _("For {analysis} add {names}.")
    return [
        words.format(analysis=analysis, names=listing(rows.needs.tolist()))
        for analysis, rows in lacking.groupby("analysis", sort=False)
    ]


def _going_on(
    kind: str, source: str, as_of: dt.date | None, stops: tuple[Held, ...], profile: str
) -> list[str]:
    command = f"insights report --source {as_typed(source)}"
    command += f" --as-of {as_of}" if as_of else ""
    command += f" --profile {as_typed(profile)}" if profile != BASE else ""
    if stops:
        words = _("To report on what is there all the same: `{command} --accept-stale`; every page "
                  "then says so.")  # fmt: skip
        return [words.format(command=command)]
    return [] if kind == NOT_USABLE else [_("Report: `{command}`.").format(command=command)]
