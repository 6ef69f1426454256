"""Was this strategy's plan locked before its first outcome, and is it still the same plan?"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from insights.params import StrategyParams
from insights.strategy.registered.changes import plan_changes
from insights.strategy.registered.locks import Lock, Locks, locks_of
from insights.tables import Tables, as_date
from insights.tables.plans import Plan, PlanError, plan_hash, plan_of
from insights.words import Sentence, _, listing

DEFAULTS = StrategyParams()
SHOWN_DIGITS = 12
Status = Literal["locked", "changed", "late", "unlocked"]


@dataclass(frozen=True)
class Registration:
    """How a strategy's plan stands against its lock.

    ``status``: *locked* before the first outcome and unchanged, *changed* since (or the lock was
    tampered with, or two contradict each other), locked too *late*, or *unlocked*. ``plan_hash``
    is that of the plan as it stands now, ``locked_hash`` the one locked. ``changes`` says what
    differs, ``tampered`` names locks whose text no longer has their hash, ``notes`` the rest.
    ``planned_looks`` are those of the lock, for each strategy has its own; of the params where
    nothing intact was locked in time.
    """

    strategy_id: str
    status: Status
    plan_hash: str = ""
    locked_hash: str = ""
    locked_on: dt.date | None = None
    locked_by: str = ""
    reason: str = ""
    changes: tuple[str, ...] = ()
    tampered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    planned_looks: tuple[int, ...] = ()

    @property
    def exploratory(self) -> bool:
        """Say whether the review can only suggest: nothing unchanged was locked beforehand."""
        return self.status != "locked"

    def sentence(self) -> Sentence:
        """Return the sentence for the top of the review."""
        if not self.exploratory:
            words = _("Confirmatory: plan {hash} locked on {day}, unchanged")
            head = words.format(hash=self.locked_hash[:SHOWN_DIGITS], day=self.locked_on)
        else:
            head = _("Exploratory: {reason}").format(reason=self.reason)
        changes = f": {'; '.join(self.changes)}" if self.changes else ""
        return Sentence(" ".join(f"{part}." for part in (head + changes, *self.notes)))


def registration_of(
    tables: Tables,
    strategy_row: Any,
    unit_rows: pd.DataFrame,
    as_of: str | dt.date | pd.Timestamp,
    params: StrategyParams = DEFAULTS,
) -> Registration:
    """Was the plan of a strategy locked before its first outcome, and is it unchanged?

    ``unit_rows``: all rows of strategy_units, also units that start after as_of, for they are in
    the plan. The last lock on or before the first start holds; a later one is late. Locks decided
    after as_of do not exist.
    """
    strategy_id, looks = str(strategy_row.strategy_id), params.planned_looks
    try:
        plan = plan_of(strategy_row, unit_rows, params)
    except PlanError as error:
        return Registration(strategy_id, "unlocked", reason=str(error), planned_looks=looks)
    gap = tables.gap("decisions")
    if gap is not None:
        reason = _("no plan was locked ({gap})").format(gap=gap)
        digest = plan_hash(plan.text())
        return Registration(strategy_id, "unlocked", digest, reason=reason, planned_looks=looks)
    locks = locks_of(tables, strategy_id, plan.first_start(), as_date(as_of))
    looks = _locked_looks(locks, looks)
    plan = plan_of(strategy_row, unit_rows, replace(params, planned_looks=looks))
    return replace(_judged(locks, plan, strategy_row), planned_looks=looks)


def _locked_looks(locks: Locks, otherwise: tuple[int, ...]) -> tuple[int, ...]:
    """Return the looks that the holding lock plans: a profile may not plan them anew."""
    if len(locks.holding) != 1 or not locks.holding[0].intact:
        return otherwise
    settings = json.loads(locks.holding[0].text).get("settings", {})
    return tuple(settings.get("planned_looks", otherwise))


def _judged(locks: Locks, plan: Plan, row: Any) -> Registration:
    if len(locks.holding) > 1:
        return _contradicting(locks, plan)
    if locks.holding:
        return _held(locks, plan)
    if locks.later:
        return _late(locks, plan)
    return Registration(
        plan.strategy_id, "unlocked", plan_hash(plan.text()), reason=_never(row),
        notes=locks.unusable,
    )  # fmt: skip


def _held(locks: Locks, plan: Plan) -> Registration:
    lock, now = locks.holding[0], plan_hash(plan.text())
    changes = () if lock.text == plan.text() else plan_changes(lock.text, plan)
    named = {"hash": lock.plan_hash[:SHOWN_DIGITS], "day": lock.locked_on}
    status: Status = "changed" if changes or not lock.intact else "locked"
    words = _("plan {hash} locked on {day} has changed")
    if not lock.intact:
        words = _("the lock of {day} was tampered with (its text no longer has the hash {hash})")
    return Registration(
        plan.strategy_id, status, now, lock.plan_hash, lock.locked_on, lock.locked_by,
        reason="" if status == "locked" else words.format(**named), changes=changes,
        tampered=_tampered(locks), notes=_notes(locks, lock),
    )  # fmt: skip


def _late(locks: Locks, plan: Plan) -> Registration:
    lock, start = locks.later[0], plan.first_start()
    words = _("the plan was locked on {day}, {n} days after the start on {start}: outcomes could "
              "be seen by then")  # fmt: skip
    return Registration(
        plan.strategy_id, "late", plan_hash(plan.text()), lock.plan_hash, lock.locked_on,
        lock.locked_by,
        reason=words.format(day=lock.locked_on, n=(lock.locked_on - start).days, start=start),
        changes=() if lock.text == plan.text() else plan_changes(lock.text, plan),
        tampered=_tampered(locks), notes=_notes(locks, lock),
    )  # fmt: skip


def _contradicting(locks: Locks, plan: Plan) -> Registration:
    words = _("{n} different plans were locked on {day}: which of them holds cannot be told")
    day = locks.holding[0].locked_on
    return Registration(
        plan.strategy_id, "changed", plan_hash(plan.text()), locked_on=day,
        reason=words.format(n=len(locks.holding), day=day), tampered=_tampered(locks),
        notes=_notes(locks, locks.holding[0]),
    )  # fmt: skip


def _never(row: Any) -> str:
    written = getattr(row, "registered_on", None)
    if pd.isna(written):
        return _("no plan was locked before the first outcome")
    return _(
        "no plan was locked before the first outcome (the register says {day}, but nothing shows "
        "that the plan is the one of that day)"
    ).format(day=pd.Timestamp(written).date())


def _tampered(locks: Locks) -> tuple[str, ...]:
    every = (*locks.earlier, *locks.holding, *locks.later)
    return tuple(one.decision_id for one in every if not one.intact)


def _notes(locks: Locks, shown: Lock) -> tuple[str, ...]:
    later = [one for one in locks.later if one is not shown]
    told = locks.holding[0].decision_id if len(locks.holding) == 1 else ""
    other = [one for one in _tampered(locks) if one != told]
    said = (
        (_("{n} earlier locks were replaced before the start ({names})"), _days(locks.earlier)),
        (_("{n} locks written later, after the start, do not count ({names})"), _days(later)),
        (_("{n} locks were tampered with ({names})"), other),
    )
    counted = [words.format(n=len(names), names=listing(names)) for words, names in said if names]
    return (*counted, *locks.unusable)


def _days(locks: tuple[Lock, ...] | list[Lock]) -> list[str]:
    return [str(one.locked_on) for one in locks]
