"""The locks of a strategy's plan in the table decisions, and which of them holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from insights.features import known
from insights.tables import Tables
from insights.tables.plans import read_lock
from insights.words import _, listing


@dataclass(frozen=True)
class Lock:
    """One lock: its row in decisions, the hash it names, its text, and whether the two agree."""

    decision_id: str
    locked_on: dt.date
    locked_by: str
    plan_hash: str
    text: str
    intact: bool


@dataclass(frozen=True)
class Locks:
    """The locks of one strategy.

    ``holding`` are those of the last day on or before the first start (one, or none, or several
    that contradict each other), ``earlier`` those that they replaced, ``later`` those written
    after the start. ``unusable`` says in words which rows lock nothing and why.
    """

    holding: tuple[Lock, ...]
    earlier: tuple[Lock, ...]
    later: tuple[Lock, ...]
    unusable: tuple[str, ...]


def locks_of(tables: Tables, strategy_id: str, first_start: dt.date, as_of: dt.date) -> Locks:
    """Which locks of a strategy's plan are known on as_of, and which holds at its start?

    Of one day, locks of the same plan count once. A lock withdrawn before the start (until_on),
    one without a date and a value that is no lock are told, never applied.
    """
    rows = known(tables, "decisions", as_of)
    mine = rows.filter((rows.kind == "plan") & (rows.subject_id == strategy_id))
    found = list(mine.order_by(["decided_on", "decision_id"]).execute().itertuples(index=False))
    unusable = [_unusable(row, first_start) for row in found]
    locks = [_lock(row) for row, wrong in zip(found, unusable, strict=True) if not wrong]
    before = [one for one in locks if one.locked_on <= first_start]
    last = before[-1].locked_on if before else None
    return Locks(
        holding=_distinct([one for one in before if one.locked_on == last]),
        earlier=tuple(one for one in before if one.locked_on != last),
        later=tuple(one for one in locks if one.locked_on > first_start),
        unusable=tuple(word for word in unusable if word),
    )


def _unusable(row: Any, first_start: dt.date) -> str:
    faults = []
    if read_lock(row.value) is None:
        faults.append(_("its value is no lock (a SHA-256 and the plan's text)"))
    if pd.isna(row.decided_on):
        faults.append(_("decided_on is missing"))
    if pd.notna(row.until_on) and pd.Timestamp(row.until_on) < pd.Timestamp(first_start):
        words = _("withdrawn after {day}, before the start")
        faults.append(words.format(day=pd.Timestamp(row.until_on).date()))
    if not faults:
        return ""
    return _("decisions {decision}: {faults}; it locks nothing").format(
        decision=row.decision_id, faults=listing(faults)
    )


def _lock(row: Any) -> Lock:
    read = read_lock(row.value)
    assert read is not None  # _unusable let it pass
    return Lock(
        decision_id=str(row.decision_id),
        locked_on=pd.Timestamp(row.decided_on).date(),
        locked_by=row.decided_by if isinstance(row.decided_by, str) else "",
        plan_hash=read.plan_hash,
        text=read.text,
        intact=read.intact,
    )


def _distinct(locks: list[Lock]) -> tuple[Lock, ...]:
    """Return one lock a plan: the same plan locked twice on a day is one lock."""
    return tuple({(one.plan_hash, one.text): one for one in locks}.values())
