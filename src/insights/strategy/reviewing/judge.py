"""One strategy of the register: its plan, its looks, its comparison, and the verdict it may get."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from insights.features.panels import PanelError, strategy_panel, unit_kind, unit_regions
from insights.features.waves import SECOND_SURVEY, WavesError
from insights.params import StrategyParams
from insights.strategy.comparable.units import Chosen, choose_units
from insights.strategy.compare import compare_panel, compared_part, judged
from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import Gate
from insights.strategy.many.beside import MetricEffect
from insights.strategy.many.metrics import secondary_records
from insights.strategy.panel.outcomes import OutcomePanel, OutcomesError
from insights.strategy.registered.looks import Look, Looks, looks_of
from insights.strategy.registered.registration import Registration, registration_of
from insights.strategy.registered.signed import SignOff, sign_off
from insights.strategy.reviewing.far import far_gate, far_words
from insights.strategy.reviewing.periods import effect_by_period
from insights.strategy.reviewing.same import another_metric, planned_panel
from insights.strategy.trust.alarms import false_alarm_share, placebo_date_p
from insights.tables import Tables
from insights.words import _, listing, quantity


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
    own = _own_params(strategy, register.params)
    plain = _registered_and_signed(register, strategy)
    try:
        chosen, panel, words = _panel(register, strategy, own)
    except (PanelError, WavesError, OutcomesError) as error:
        return replace(plain, reasons=(str(error),))
    looks = _looks(register, strategy, panel, plain.signed, own)
    now = replace(own, confidence=looks.now.confidence) if looks.now.decides else own
    found = compare_panel(panel, now)
    part = compared_part(panel, now).panel
    far = far_gate(found, panel, chosen, now)
    effect = _with_register(found, strategy, (*chosen.gates, *far), now)
    effect = _held_to_looks(effect, looks.now)
    said = (*effect.reasons, *words, *far_words(far, chosen), *chosen.notes,
            *_post_hoc(strategy))  # fmt: skip
    return replace(
        plain, effect=effect, reasons=said, looks=looks, confidence=now.confidence,
        false_alarms=false_alarm_share(part, now), placebo_p=placebo_date_p(part, now),
        homes=unit_regions(register.tables, unit_kind(strategy), register.as_of),
        beside=_beside(register, strategy, chosen, now), price_split=chosen.price_split,
        periods=effect_by_period(panel, now),
    )  # fmt: skip


def _registered_and_signed(register: Register, strategy: Any) -> Judgement:
    """Return what people wrote down: the plan against its lock, the verdicts signed."""
    tables, day = register.tables, register.as_of
    units = register.units[register.units.strategy_id == strategy.strategy_id]
    plan = registration_of(tables, strategy, units, day, register.params)
    signed = sign_off(tables, str(strategy.strategy_id), day)
    return Judgement(strategy, plan, signed, None, ())


def _looks(
    register: Register, strategy: Any, panel: OutcomePanel, signed: SignOff, params: StrategyParams
) -> Looks:
    first_after = int(panel.after[panel.treated].min())
    ended = _ended(strategy, register.as_of)
    return looks_of(signed.verdicts, panel.periods, first_after, params, ended)


def _ended(strategy: Any, day: dt.date) -> bool:
    return bool(pd.notna(strategy.ends_on) and pd.Timestamp(strategy.ends_on) <= pd.Timestamp(day))


def registered(strategy: Any) -> bool:
    """Say whether the register gives a day of registration that lies before the start."""
    return bool(
        pd.notna(strategy.registered_on)
        and pd.Timestamp(strategy.registered_on) <= pd.Timestamp(strategy.starts_on)
    )


def _own_params(strategy: Any, params: StrategyParams) -> StrategyParams:
    direction: Literal["up", "down"] = "down" if strategy.direction == "down" else "up"
    washout = 0 if pd.isna(strategy.washout_periods) else int(strategy.washout_periods)
    return replace(
        params, direction=direction, washout_periods=washout, min_effect=None,
        two_waves=params.two_waves or strategy.metric == SECOND_SURVEY,
    )  # fmt: skip


def _panel(
    register: Register, strategy: Any, params: StrategyParams
) -> tuple[Chosen, OutcomePanel, tuple[str, ...]]:
    tables, day = register.tables, register.as_of
    _refuse_faults(register, strategy)
    rows = strategy_panel(tables, strategy, day)
    chosen = choose_units(tables, strategy, rows, register.rollouts, day, params)
    if chosen.units.empty:
        failed = [gate.reason for gate in chosen.gates if not gate.passed]
        none = _("none of its units has an outcome by {day}").format(day=day)
        raise OutcomesError("; ".join([*(failed or [none]), *chosen.notes]))
    whole = planned_panel(chosen.outcomes, chosen.units, params)
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
    effect: StrategyEffect, strategy: Any, gates: tuple[Gate, ...], params: StrategyParams
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
    return judged(effect, replace(params, min_effect=least), (*gates, sensible))


def _held_to_looks(effect: StrategyEffect, look: Look) -> StrategyEffect:
    """Withhold a verdict at a look that may not spend any of the error rate."""
    if look.decides or effect.verdict == "cannot_tell":
        return effect
    return replace(effect, verdict="cannot_tell", reasons=(look.words, *effect.notes))


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
        return another_metric(rows, chosen, params)
    except (PanelError, OutcomesError):
        return None


def _post_hoc(strategy: Any) -> tuple[str, ...]:
    if registered(strategy):
        return ()
    return (
        _("written down only after it began: metric and units could have been chosen by their "
          "outcome"),
    )  # fmt: skip
