"""Every strategy of the register, judged on the outcomes known on as_of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
from threadpoolctl import threadpool_limits

from insights.features import known
from insights.params import StrategyParams
from insights.strategy.comparable.units import begun_rollouts
from insights.strategy.many.beside import RESULTS, beside_words
from insights.strategy.many.discovery import held_to_discovery
from insights.strategy.many.groups import REGION, unit_groups
from insights.strategy.many.lessons import lessons
from insights.strategy.reviewing import rows
from insights.strategy.reviewing.elsewhere import homes_of
from insights.strategy.reviewing.judge import Judgement, Register, judge
from insights.strategy.reviewing.result import StrategyReview
from insights.strategy.reviewing.surveys import survey_rows
from insights.tables import Tables, as_date
from insights.words import _

DEFAULTS = StrategyParams()


def review_strategies(
    tables: Tables, as_of: str | dt.date | pd.Timestamp, params: StrategyParams = DEFAULTS
) -> StrategyReview:
    """Which of our strategies worked? Every strategy of the register that began by as_of.

    Metric, direction, wash-out and smallest effect come from the register (its min_effect is a
    share, converted with the outcome expected without the strategy); ``params`` says the rest.
    A plan locked in ``decisions`` before the start makes a review confirmatory.
    """
    day = as_date(as_of)
    reason = _why_not(tables)
    if reason:
        return _nothing(tables, day, params, reason)
    table = tables["strategies"].order_by("strategy_id").execute()
    begun = table[pd.to_datetime(table.starts_on) <= pd.Timestamp(day)]
    if begun.empty:
        return _nothing(tables, day, params, _("no strategy had begun by {day}").format(day=day))
    units = tables["strategy_units"].execute()
    register = Register(tables, day, begun_rollouts(tables, day), units, params)
    with threadpool_limits(1):
        found = [judge(register, row) for row in begun.itertuples(index=False)]
    metrics = rows.beside_rows(found, params)
    return _reviewed(register, _held_to_number(found, metrics, params), metrics)


def _why_not(tables: Tables) -> str:
    gaps = [gap for name in ("strategies", "strategy_units") if (gap := tables.gap(name))]
    return "; ".join(gaps)


def _held_to_number(
    found: list[Judgement], metrics: pd.DataFrame, params: StrategyParams
) -> list[Judgement]:
    """Hold every ``worked`` to the number of strategies that were judged together."""
    primary = metrics[metrics.primary].set_index("strategy_id")
    q_values, tests = primary.q.to_dict(), primary.tests.to_dict()
    held = []
    for one in found:
        key = str(one.strategy.strategy_id)
        if one.effect is None or one.effect.verdict != "worked":
            held.append(one)
            continue
        effect = held_to_discovery(
            one.effect, q_values[key], tests[key], params.false_discovery_rate
        )
        fell = effect.verdict != one.effect.verdict
        reasons = (*effect.reasons, *one.reasons) if fell else one.reasons
        held.append(replace(one, effect=effect, reasons=reasons))
    return held


def _reviewed(register: Register, found: list[Judgement], metrics: pd.DataFrame) -> StrategyReview:
    params = register.params
    q_values = metrics[metrics.primary].set_index("strategy_id").q
    effects = rows.frame(found, rows.effect_row, rows.EFFECTS)
    effects = effects.assign(q=effects.strategy_id.astype(str).map(q_values))
    gates = rows.frame(found, rows.gate_rows, rows.GATES)
    plans = rows.frame(found, rows.plan_row, rows.PLANS)
    by_kind = unit_groups(register.tables, register.as_of)
    groups = rows.frame(found, lambda one: rows.group_rows(one, by_kind, params), rows.GROUPS)
    learnt, apart = (
        _learnt(found, lessons(effects, gates, part if len(part) else None, beside_words(metrics),
                               _signed(register)))
        for part in (groups, groups[groups.dimension != REGION])
    )  # fmt: skip
    return StrategyReview(
        effects=effects[list(rows.EFFECTS)],
        register=learnt,
        panels=rows.frame(found, rows.paths, rows.PANELS),
        periods=rows.frame(found, rows.period_rows, rows.BY_PERIOD),
        units=rows.frame(found, rows.unit_rows, rows.UNITS),
        gates=gates,
        plans=plans,
        groups=groups,
        region_effects=rows.region_rows(groups, effects, params),
        metrics=metrics,
        price_split=rows.frame(found, rows.split_rows, rows.SPLIT),
        surveys=survey_rows(register.tables, register.as_of, params),
        regions=register.tables.regions,
        homes=homes_of(register.tables, [one.strategy for one in found], register.as_of),
        register_apart=apart,
        params=params,
        as_of=register.as_of,
    )


def _learnt(found: list[Judgement], learnt: pd.DataFrame) -> pd.DataFrame:
    """Return what was registered with what was learnt beside it."""
    registered = rows.frame(found, rows.register_row, rows.REGISTER[:-4])
    return registered.merge(learnt, on="strategy_id", how="left")


def _signed(register: Register) -> pd.DataFrame:
    decisions = known(register.tables, "decisions", register.as_of)
    return decisions.filter(decisions.kind == "verdict").execute()


def _nothing(tables: Tables, day: dt.date, params: StrategyParams, reason: str) -> StrategyReview:
    def empty(columns: tuple[str, ...]) -> pd.DataFrame:
        return pd.DataFrame(columns=list(columns))

    return StrategyReview(
        effects=empty(rows.EFFECTS),
        register=empty(rows.REGISTER),
        panels=empty(rows.PANELS),
        periods=empty(rows.BY_PERIOD),
        units=empty(rows.UNITS),
        gates=empty(rows.GATES),
        plans=empty(rows.PLANS),
        groups=empty(rows.GROUPS),
        region_effects=empty(rows.REGIONS),
        metrics=empty(RESULTS),
        price_split=empty(rows.SPLIT),
        surveys=survey_rows(tables, day, params),
        regions=tables.regions,
        params=params,
        as_of=day,
        status="not_enough_data",
        reason=reason,
    )
