"""One strategy of the register: its plan, its looks, its comparison, and the verdict it may get."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from insights.features.homes import unit_regions
from insights.features.panels import PanelError, strategy_panel, unit_kind
from insights.features.waves import SECOND_SURVEY, WavesError, survey_periods
from insights.params import StrategyParams
from insights.strategy.comparable.units import Chosen, choose_units, until_end
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
    ended: bool = False


def judge(register: Register, strategy: Any) -> Judgement:
    """Judge one row of the table strategies on what was known on the register's day."""
    plain = _registered_and_signed(register, strategy)
    plan = plain.registration.planned_looks
    own = replace(_own_params(strategy, register.params), planned_looks=plan)
    try:
        chosen, panel, words = _panel(register, strategy, own)
    except (PanelError, WavesError, OutcomesError) as error:
        return replace(plain, reasons=(str(error),))
    looks = _looks(register, plain, panel, own)
    now = replace(own, confidence=looks.now.confidence) if looks.now.decides else own
    found = compare_panel(panel, now, n_aside=chosen.n_aside)
    part = compared_part(panel, now).panel
    far = far_gate(found, panel, chosen, now)
    effect = _with_register(found, strategy, (*chosen.gates, *far), now)
    effect = _held_to_looks(effect, looks.now)
    said = (*effect.reasons, *words, *far_words(far, chosen), *chosen.notes,
            *_end_words(register, plain, looks, now), *_post_hoc(strategy))  # fmt: skip
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
    ended = _ended(strategy, day)
    return Judgement(strategy, plan, signed, None, (), ended=ended)


def _looks(
    register: Register, plain: Judgement, panel: OutcomePanel, params: StrategyParams
) -> Looks:
    """Count looks from the first period after a start that is compared."""
    part = compared_part(panel, params).panel
    first_after = int(part.after[part.treated].min(initial=len(panel.periods)))
    ended = _ended(plain.strategy, register.as_of) and not plain.registration.exploratory
    if plain.strategy.metric == SECOND_SURVEY:
        months = survey_periods(plain.strategy, register.as_of)
        return looks_of(plain.signed.verdicts, months.to_numpy(), 0, params, ended)
    return looks_of(plain.signed.verdicts, panel.periods, first_after, params, ended)


def _ended(strategy: Any, day: dt.date) -> bool:
    return bool(pd.notna(strategy.ends_on) and pd.Timestamp(strategy.ends_on) <= pd.Timestamp(day))


def _end_words(
    register: Register, plain: Judgement, looks: Looks, params: StrategyParams
) -> tuple[str, ...]:
    """Say that planned looks are missed by an end that could have been chosen by the outcomes."""
    missed = [str(look) for look in params.planned_looks if look > looks.seen]
    over = _ended(plain.strategy, register.as_of)
    if not missed or not over or not plain.registration.exploratory:
        return ()
    said = _("it ended on {day}, before the looks planned at {looks} periods, and no unchanged "
             "locked plan names that day: these looks are missed and decide nothing")  # fmt: skip
    day = pd.Timestamp(plain.strategy.ends_on).date()
    return (said.format(day=day, looks=listing(missed, 12)),)


def registered(strategy: Any) -> bool:
    """Say whether the register gives a day of registration that lies before the start."""
    return bool(
        pd.notna(strategy.registered_on)
        and pd.Timestamp(strategy.registered_on) <= pd.Timestamp(strategy.starts_on)
    )


def _own_params(strategy: Any, params: StrategyParams) -> StrategyParams:
    direction: Literal["up", "down"] = "down" if strategy.direction == "down" else "up"
    washout = 0 if pd.isna(strategy.washout_periods) else int(strategy.washout_periods)
    own = replace(
        params, direction=direction, washout_periods=washout, min_effect=None, two_waves=False
    )
    if strategy.metric != SECOND_SURVEY:
        return own
    return replace(own, two_waves=True, cycle=None, same_season=False, equal_windows=False)


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
    """Compare the same units on every other metric the tables can give.

    Each is read by its own params, at the level of today's look.
    """
    own_span = strategy.metric == SECOND_SURVEY
    begun = register.rollouts[register.rollouts.strategy_id == strategy.strategy_id]
    own = begun.loc[begun.unit_id.isin(chosen.units.unit_id), ["unit_id", "starts_on"]]
    chosen = replace(chosen, units=own)
    records = secondary_records(strategy, register.tables, register.as_of)
    return tuple(
        MetricEffect(
            str(strategy.strategy_id), one.metric, False,
            _other(register, one, chosen, params.confidence, own_span),
        )
        for one in records
    )  # fmt: skip


def _other(
    register: Register, record: Any, chosen: Chosen, confidence: float, own_span: bool
) -> StrategyEffect | None:
    own = _own_params(record, register.params)
    params = replace(own, direction="up", confidence=confidence)
    try:
        rows = strategy_panel(register.tables, record, register.as_of)
        return another_metric(until_end(rows, record.ends_on), chosen, params, own_span)
    except (PanelError, OutcomesError):
        return None


def _post_hoc(strategy: Any) -> tuple[str, ...]:
    if registered(strategy):
        return ()
    return (
        _("written down only after it began: metric and units could have been chosen by their "
          "outcome"),
    )  # fmt: skip
