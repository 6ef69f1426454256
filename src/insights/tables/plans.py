"""The plan of a strategy as text that can be locked by its hash before the first outcome.

A lock is a row of the table decisions: kind ``plan``, subject the strategy, value the SHA-256 of
the plan and the plan itself. It shows that a plan, or the text of its lock, was edited later. It
cannot show that somebody replaced the whole row: keep the hash where they cannot write (minutes,
an e-mail to the reviewer).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import warnings
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from insights.params import StrategyParams
from insights.tables.dates import as_date
from insights.words import _, listing

DEFAULTS = StrategyParams()
DECISION = (
    "decision_id", "kind", "subject_id", "value", "decided_on", "until_on", "decided_by", "reason",
)  # fmt: skip
# How much is computed, and what the register itself says; every other setting decides the answer.
NOT_PLANNED = frozenset(
    {"permutations", "placebo_runs", "seed", "min_effect", "direction", "washout_periods"}
)
CONTROLS = (
    "units in no strategy, of the treated units' customer types, within size_ratio of their level "
    "before the start"
)
MANY_UNITS = 300  # a longer list would not fit an Excel cell (32,767 characters)
ABSENT = {"unit_type": "customer", "grain": "month", "direction": "up"}
WRITTEN = re.compile(r"\s*([0-9a-fA-F]{64})\s+(\{.*\})\s*", re.DOTALL)


class PlanError(ValueError):
    """A strategy cannot be put down as a plan: says which columns and values are at fault."""


class LateLockWarning(UserWarning):
    """A plan was locked only after its start: its review stays exploratory."""


@dataclass(frozen=True)
class Plan:
    """All that decides what a review of a strategy will answer.

    ``units`` holds (unit_id, ISO day of its start), sorted; ``settings`` (name, value) of the
    params that decide the answer. ``min_effect`` is a share; absent codes stand at their defaults.
    """

    strategy_id: str
    metric: str
    unit_type: str
    grain: str
    direction: str
    starts_on: str
    ends_on: str | None
    min_effect: float | None
    washout_periods: int
    controls: str
    units: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, Any], ...]

    def text(self) -> str:
        """Return the plan as canonical JSON: sorted keys, no spaces, ASCII; many units as a hash.

        Up to ``MANY_UNITS`` units stand with their starts, more as their count and SHA-256.
        """
        content = asdict(self) | {"settings": dict(self.settings)}
        if len(self.units) > MANY_UNITS:
            content["units"] = {"count": len(self.units), "sha256": units_hash(self.units)}
        return _canonical(content)

    def first_start(self) -> dt.date:
        """Return the first day on which an outcome of the strategy could be seen."""
        return dt.date.fromisoformat(min([self.starts_on, *(start for _id, start in self.units)]))


@dataclass(frozen=True)
class LockText:
    """What the value of a lock holds: the hash that it names, its text, and whether they agree."""

    plan_hash: str
    text: str
    intact: bool


def plan_of(strategy_row: Any, unit_rows: pd.DataFrame, params: StrategyParams = DEFAULTS) -> Plan:
    """What is planned for a strategy, as the register and the params say now?

    ``strategy_row`` is a row of strategies (attributes); ``unit_rows`` all rows of strategy_units
    (those of other strategies are left out), also of units that start later: they are part of the
    plan. ``PlanError`` names every column that is missing or cannot be read.
    """
    mine = _own_rows(strategy_row, unit_rows)
    faults = [*_row_faults(strategy_row), *_unit_faults(strategy_row, mine)]
    if faults:
        raise PlanError("; ".join(faults))
    start = _iso(strategy_row.starts_on)
    return Plan(
        strategy_id=str(strategy_row.strategy_id),
        metric=str(strategy_row.metric),
        unit_type=_code(strategy_row, "unit_type"),
        grain=_code(strategy_row, "grain"),
        direction=_code(strategy_row, "direction"),
        starts_on=str(start),
        ends_on=_iso(_value(strategy_row, "ends_on")),
        min_effect=_number(_value(strategy_row, "min_effect")),
        washout_periods=int(_number(_value(strategy_row, "washout_periods")) or 0),
        controls=CONTROLS,
        units=_units(mine, str(start)),
        settings=_settings(params),
    )


def plan_text(strategy_row: Any, unit_rows: pd.DataFrame, params: StrategyParams = DEFAULTS) -> str:
    """Return the canonical text of a strategy's plan; the same plan always gives the same text."""
    return plan_of(strategy_row, unit_rows, params).text()


def plan_hash(text: str) -> str:
    """Return the SHA-256 of a plan's text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def units_hash(units: tuple[tuple[str, str], ...]) -> str:
    """Return the SHA-256 of a list of (unit_id, start), in hex."""
    return plan_hash(_canonical([list(pair) for pair in units]))


def lock_row(
    strategy_row: Any,
    unit_rows: pd.DataFrame,
    locked_on: str | dt.date | pd.Timestamp,
    params: StrategyParams = DEFAULTS,
    decided_by: str | None = None,
    reason: str | None = None,
) -> pd.DataFrame:
    """Return the row of the table decisions that locks a strategy's plan on a day.

    ``locked_on`` is the day on which the row is written into decisions: on or before the first
    start. A later one warns (``LateLockWarning``) and leaves the review exploratory.
    ``decided_by`` is a role, not a person. ``PlanError`` as for ``plan_of``.
    """
    plan, day = plan_of(strategy_row, unit_rows, params), as_date(locked_on)
    if day > plan.first_start():
        warnings.warn(_late_words(plan, day), LateLockWarning, stacklevel=2)
    text = plan.text()
    digest = plan_hash(text)
    row = (
        f"PLAN-{strategy_row.strategy_id}-{day:%Y-%m-%d}-{digest[:12]}", "plan",
        str(strategy_row.strategy_id), f"{digest} {text}", pd.Timestamp(day), pd.NaT,
        decided_by, reason,
    )  # fmt: skip
    return pd.DataFrame([row], columns=list(DECISION))


def _late_words(plan: Plan, day: dt.date) -> str:
    return _(
        "strategy {id} began on {start}; a lock of {day} is {n} days late and leaves its review "
        "exploratory: lock a plan on or before its first start"
    ).format(id=plan.strategy_id, start=plan.first_start(), day=day,
             n=(day - plan.first_start()).days)  # fmt: skip


def read_lock(value: object) -> LockText | None:
    """Return what the value of a decision locks, or None where it is no lock of a plan."""
    found = WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    digest, text = found.group(1).lower(), found.group(2)
    return LockText(digest, text, plan_hash(text) == digest)


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _settings(params: StrategyParams) -> tuple[tuple[str, Any], ...]:
    names = sorted(item.name for item in fields(params) if item.name not in NOT_PLANNED)
    return tuple((name, getattr(params, name)) for name in names)


def _own_rows(strategy_row: Any, unit_rows: pd.DataFrame) -> pd.DataFrame:
    if "strategy_id" not in unit_rows or _value(strategy_row, "strategy_id") is None:
        return unit_rows
    return unit_rows[unit_rows.strategy_id == strategy_row.strategy_id]


def _units(mine: pd.DataFrame, start: str) -> tuple[tuple[str, str], ...]:
    given = list(mine.starts_on) if "starts_on" in mine else [None] * len(mine)
    starts = [start if pd.isna(one) else str(_iso(one)) for one in given]
    return tuple(sorted(zip(mine.unit_id.astype(str), starts, strict=True)))


def _row_faults(row: Any) -> list[str]:
    absent = [n for n in ("strategy_id", "metric", "starts_on") if _value(row, n) is None]
    faults = []
    if absent:
        words = _("strategies: {columns} missing; a plan needs them")
        faults.append(words.format(columns=listing(absent)))
    for name, reader, remedy in (
        ("starts_on", _iso, _("write it as YYYY-MM-DD")),
        ("ends_on", _iso, _("write it as YYYY-MM-DD")),
        ("min_effect", _number, _("give a finite share, e.g. 0.05")),
        ("washout_periods", _whole, _("give a whole number of periods")),
    ):
        value = _value(row, name)
        if not _reads(reader, value):
            words = _("strategies.{column}: {value!r} cannot be read; {remedy}")
            faults.append(words.format(column=name, value=value, remedy=remedy))
    return faults


def _unit_faults(row: Any, mine: pd.DataFrame) -> list[str]:
    if "unit_id" not in mine:
        return [_("strategy_units: no column unit_id")]
    strategy, faults = _value(row, "strategy_id"), []
    if mine.empty:
        words = _("strategy_units: no unit of strategy {id}; a plan names its units")
        faults.append(words.format(id=strategy))
    if mine.unit_id.isna().any():
        words = _("strategy_units.unit_id: {n} rows of strategy {id} name no unit")
        faults.append(words.format(n=int(mine.unit_id.isna().sum()), id=strategy))
    starts = mine.starts_on if "starts_on" in mine else pd.Series(dtype="object")
    wrong = [repr(one) for one in starts if not _reads(_iso, None if pd.isna(one) else one)]
    if wrong:
        words = _("strategy_units.starts_on: {values} cannot be read; write dates as YYYY-MM-DD")
        faults.append(words.format(values=listing(wrong)))
    return faults


def _reads(reader: Any, value: Any) -> bool:
    try:
        reader(value)
    except (TypeError, ValueError):
        return False
    return True


def _value(row: Any, name: str) -> Any:
    value = getattr(row, name, None)
    return None if pd.isna(value) or value == "" else value


def _code(row: Any, name: str) -> str:
    value = _value(row, name)
    return ABSENT[name] if value is None else str(value)


def _iso(value: Any) -> str | None:
    return None if value is None else as_date(value).isoformat()


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    if number - number != 0:
        raise ValueError(value)
    return number


def _whole(value: Any) -> None:
    if value is not None and float(value) != int(value):
        raise ValueError(value)
