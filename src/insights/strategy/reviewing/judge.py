"""One strategy of the register: its plan, its looks, its comparison, and the verdict it may get."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from insights.features.panels import PanelError, strategy_panel, unit_kind, unit_regions
from insights.params import StrategyParams
from insights.strategy.comparable.units import Chosen, choose_units
from insights.strategy.compare import compare_panel, judged
from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import Gate
from insights.strategy.many.beside import MetricEffect
from insights.strategy.many.metrics import secondary_records
from insights.strategy.panel.outcomes import OutcomePanel, OutcomesError, read_panel
from insights.strategy.panel.windows import windows
from insights.strategy.registered.looks import Look, Looks, looks_of
from insights.strategy.registered.registration import Registration, registration_of
from insights.strategy.registered.signed import SignOff, sign_off
from insights.strategy.reviewing.periods import effect_by_period
from insights.strategy.trust.alarms import false_alarm_share, placebo_date_p
from insights.tables import Tables
from insights.words import _, listing, quantity

PANEL = ["unit_id", "period", "value"]


@dataclass(frozen=True)
class Register:
    """What all strategies share: the tables, the day, who was in which strategy, the params."""

    tables: Tables
    as_of: dt.date
    rollouts: pd.DataFrame
    units: pd.DataFrame
    params: StrategyParams


@dataclass(frozen=True)
class Judgement:
    """One strategy and what was found of it; ``effect`` is None where no panel could be made."""

    strategy: Any
    registration: Registration
    signed: SignOff
    effect: StrategyEffect | None
    reasons: tuple[str, ...]
    looks: Looks | None = None
    confidence: float = float("nan")
    false_alarms: float = float("nan")
    placebo_p: float = float("nan")
    homes: pd.Series | None = None
    beside: tuple[MetricEffect, ...] = ()
    price_split: pd.DataFrame = field(default_factory=pd.DataFrame)
    periods: pd.DataFrame = field(default_factory=pd.DataFrame)


def judge(register: Register, strategy: Any) -> Judgement:
    """Judge one row of the table strategies on what was known on the register's day."""
    tables, day = register.tables, register.as_of
    own = _own_params(strategy, register.params)
    units = register.units[register.units.strategy_id == strategy.strategy_id]
    plan = registration_of(tables, strategy, units, day, register.params)
    signed = sign_off(tables, str(strategy.strategy_id), day)
    try:
        chosen, panel, words = _panel(register, strategy, own)
    except (PanelError, OutcomesError) as error:
        return Judgement(strategy, plan, signed, None, (str(error),))
    looks = looks_of(signed.verdicts, panel.periods, int(panel.after[panel.treated].min()), own)
    now = replace(own, confidence=looks.now.confidence) if looks.now.decides else own
    effect = _with_register(compare_panel(panel, now), strategy, chosen, now)
    effect = _held_to_looks(effect, looks.now)
    said = (*effect.reasons, *words, *_without_near(panel, chosen, now), *chosen.notes,
            *_post_hoc(strategy))  # fmt: skip
    return Judgement(
        strategy, plan, signed, effect, said, looks, now.confidence,
        false_alarm_share(panel, now), placebo_date_p(panel, now),
        unit_regions(tables, unit_kind(strategy), day),
        _beside(register, strategy, chosen, own), chosen.price_split,
        effect_by_period(panel, now),
    )  # fmt: skip


def registered(strategy: Any) -> bool:
    """Say whether the register gives a day of registration that lies before the start."""
    return bool(
        pd.notna(strategy.registered_on)
        and pd.Timestamp(strategy.registered_on) <= pd.Timestamp(strategy.starts_on)
    )


def _own_params(strategy: Any, params: StrategyParams) -> StrategyParams:
    direction: Literal["up", "down"] = "down" if strategy.direction == "down" else "up"
    washout = 0 if pd.isna(strategy.washout_periods) else int(strategy.washout_periods)
    return replace(params, direction=direction, washout_periods=washout, min_effect=None)


def _panel(
    register: Register, strategy: Any, params: StrategyParams
) -> tuple[Chosen, OutcomePanel, tuple[str, ...]]:
    tables, day = register.tables, register.as_of
    _refuse_faults(register, strategy)
    rows = strategy_panel(tables, strategy, day)
    chosen = choose_units(tables, strategy, rows, register.rollouts, day, params)
    if chosen.units.empty:
        raise OutcomesError(_("none of its units has an outcome by {day}").format(day=day))
    panel = read_panel(chosen.outcomes[PANEL], chosen.units, params.washout_periods)
    if params.cycle is None and not params.same_season:
        return chosen, panel, ()
    whole = windows(panel, params.cycle, params.same_season)
    if not whole.panel.treated.any():
        raise OutcomesError("; ".join(gate.reason for gate in whole.gates if not gate.passed))
    return replace(chosen, gates=(*chosen.gates, *whole.gates)), whole.panel, whole.words


def _refuse_faults(register: Register, strategy: Any) -> None:
    if not isinstance(strategy.metric, str):
        raise PanelError(_("strategies.metric: empty; name the metric"))
    own = register.rollouts[register.rollouts.strategy_id == strategy.strategy_id].unit_id
    if own.isna().any():
        raise OutcomesError(_("strategy_units.unit_id: {n} rows without a unit; name it").format(
            n=int(own.isna().sum())))  # fmt: skip
    twice = own[own.duplicated()].unique()
    if len(twice):
        raise OutcomesError(
            _("strategy_units: more than one row for {units}; keep one row per unit (and one "
              "strategy per strategy_id)").format(units=listing(list(twice)))
        )  # fmt: skip


def _with_register(
    effect: StrategyEffect, strategy: Any, chosen: Chosen, params: StrategyParams
) -> StrategyEffect:
    share = strategy.min_effect
    least = None if pd.isna(share) else float(share) * effect.counterfactual
    least = None if least is None or not np.isfinite(least) else least
    sensible = Gate(
        _("smallest effect worth having, per unit and period"),
        "–" if least is None else quantity(least), _("above zero"), least is None or least > 0,
        _("strategies.min_effect {share} of an expected {expected} is no smallest effect: it must "
          "be a positive share of a positive outcome").format(
              share=share, expected=quantity(effect.counterfactual)),
    )  # fmt: skip
    return judged(effect, replace(params, min_effect=least), (*chosen.gates, sensible))


def _held_to_looks(effect: StrategyEffect, look: Look) -> StrategyEffect:
    """Withhold a verdict at a look that may not spend any of the error rate."""
    if look.decides or effect.verdict == "cannot_tell":
        return effect
    return replace(effect, verdict="cannot_tell", reasons=(look.words, *effect.notes))


def _without_near(panel: OutcomePanel, chosen: Chosen, params: StrategyParams) -> tuple[str, ...]:
    """Say what is found without comparison units that the strategy may have reached."""
    if not chosen.near_ids:
        return ()
    far = panel.rows(~np.isin(panel.unit_ids, list(chosen.near_ids)))
    found = compare_panel(far, params)
    return (
        _("without the {n} comparison units near treated ones: {share:+.1%}").format(
            n=len(chosen.near_ids), share=found.relative
        ),
    )


def _beside(
    register: Register, strategy: Any, chosen: Chosen, params: StrategyParams
) -> tuple[MetricEffect, ...]:
    """Compare the same units on every other metric the tables can give."""
    upward = replace(params, direction="up")
    records = secondary_records(strategy, register.tables, register.as_of)
    return tuple(
        MetricEffect(
            str(strategy.strategy_id), one.metric, False,
            _other(register, one, chosen, upward),
        )
        for one in records
    )  # fmt: skip


def _other(
    register: Register, record: Any, chosen: Chosen, params: StrategyParams
) -> StrategyEffect | None:
    try:
        rows = strategy_panel(register.tables, record, register.as_of)
        rows = rows[rows.unit_id.isin(chosen.outcomes.unit_id)]
        units = chosen.units[chosen.units.unit_id.isin(rows.unit_id)]
        if units.empty:
            return None
        return compare_panel(read_panel(rows[PANEL], units, params.washout_periods), params)
    except (PanelError, OutcomesError):
        return None


def _post_hoc(strategy: Any) -> tuple[str, ...]:
    if registered(strategy):
        return ()
    return (
        _("written down only after it began: metric and units could have been chosen by their "
          "outcome"),
    )  # fmt: skip
