"""What of a plan is no longer as it was locked, field by field, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from insights.params import StrategyParams
from insights.tables.plans import Plan, units_hash
from insights.words import _, listing

FIELDS = (
    "strategy_id", "metric", "unit_type", "grain", "direction", "starts_on", "ends_on",
    "min_effect", "washout_periods", "controls",
)  # fmt: skip
Pairs = tuple[tuple[str, str], ...]


def plan_changes(locked_text: str, plan: Plan) -> tuple[str, ...]:
    """Return in words each difference between a locked text and the plan as it stands now.

    A setting that the lock does not know counts as changed only where it is not at its default:
    it came with a later version. A text that cannot be read is said to be so.
    """
    locked = _read(locked_text)
    if locked is None:
        return (_("its text cannot be read as a plan"),)
    now = asdict(plan)
    plain = [_changed(name, locked.get(name), now[name]) for name in FIELDS]
    others = [*_setting_changes(locked, plan), *_unit_changes(locked.get("units"), plan.units)]
    return tuple(word for word in [*plain, *others] if word)


def _read(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _changed(name: str, was: object, now: object) -> str:
    if was == now:
        return ""
    words = _("{name} was {was} when locked, is {now} now")
    return words.format(name=name, was=_shown(was), now=_shown(now))


def _shown(value: object) -> str:
    if value is None:
        return _("not given")
    if isinstance(value, list | tuple):
        return listing(list(value)) if value else _("empty")
    return str(value)


def _setting_changes(locked: Mapping[str, Any], plan: Plan) -> list[str]:
    defaults = asdict(StrategyParams())
    then = locked.get("settings")
    then = then if isinstance(then, dict) else {}
    now = {name: _plain(value) for name, value in plan.settings}
    found = []
    for name in sorted({*then, *now}):
        if name not in now:
            words = _("{name} was {was} when locked, is no longer a setting")
            found.append(words.format(name=name, was=_shown(then[name])))
        elif name in then:
            found.append(_changed(name, then[name], now[name]))
        elif now[name] != _plain(defaults[name]):
            words = _("{name} is {now} now; the locked plan does not hold it")
            found.append(words.format(name=name, now=_shown(now[name])))
    return found


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))


def _unit_changes(locked: object, now: Pairs) -> list[str]:
    if isinstance(locked, list):
        pairs = [one for one in locked if isinstance(one, list) and len(one) == 2]
        return _listed_changes(tuple((str(unit), str(start)) for unit, start in pairs), now)
    then = locked if isinstance(locked, dict) else {}
    count, digest = then.get("count"), then.get("sha256")
    if digest == units_hash(now):
        return []
    if count != len(now):
        return [_changed(_("number of units"), count, len(now))]
    words = _("the {n} units or their starts are not those locked")
    return [words.format(n=len(now))]


def _listed_changes(locked: Pairs, now: Pairs) -> list[str]:
    then, today = dict(locked), dict(now)
    moved = [
        _("{id} ({was}, now {now})").format(id=unit, was=then[unit], now=today[unit])
        for unit in sorted(then.keys() & today.keys())
        if then[unit] != today[unit]
    ]
    said = (
        (_("{n} units added: {units}"), sorted(today.keys() - then.keys())),
        (_("{n} units removed: {units}"), sorted(then.keys() - today.keys())),
        (_("{n} units start on another day: {units}"), moved),
    )
    return [words.format(n=len(units), units=listing(units)) for words, units in said if units]
