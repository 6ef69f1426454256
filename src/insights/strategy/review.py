"""Every strategy of the register, judged on the outcomes known on as_of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from insights.features.panels import PanelError, strategy_panel, unit_kind, unit_regions
from insights.params import StrategyParams
from insights.strategy.comparable.units import Chosen, begun_rollouts, choose_units
from insights.strategy.compare import compare_panel, judged
from insights.strategy.effect import StrategyEffect, verdict_words
from insights.strategy.gates import Gate
from insights.strategy.panel.outcomes import OutcomesError, read_panel
from insights.strategy.result import EFFECTS, GATES, PANELS, REGISTER, UNITS, StrategyReview
from insights.strategy.trust.alarms import false_alarm_share, placebo_date_p
from insights.tables import Tables, as_date
from insights.words import _

DEFAULTS = StrategyParams()


@dataclass(frozen=True)
class Judgement:
    """One strategy and what was found of it; ``effect`` is None where no panel could be made."""

    strategy: Any
    effect: StrategyEffect | None
    reasons: tuple[str, ...]
    false_alarms: float = float("nan")
    placebo_p: float = float("nan")
    homes: pd.Series | None = None


def review_strategies(
    tables: Tables, as_of: str | dt.date | pd.Timestamp, params: StrategyParams = DEFAULTS
) -> StrategyReview:
    """Which of our strategies worked? Every strategy of the register that began by as_of.

    Metric, direction, wash-out and smallest effect come from the register (its min_effect is a
    share, converted with the outcome expected without the strategy); ``params`` says the rest.
    """
    day = as_date(as_of)
    reason = _why_not(tables)
    if reason:
        return _empty(tables, day, params, reason)
    register = tables["strategies"].order_by("strategy_id").execute()
    begun = register[pd.to_datetime(register.starts_on) <= pd.Timestamp(day)]
    if begun.empty:
        return _empty(tables, day, params, _("no strategy had begun by {day}").format(day=day))
    rollouts = begun_rollouts(tables, day)
    with threadpool_limits(1):
        found = [
            _judge(tables, row, rollouts, day, params) for row in begun.itertuples(index=False)
        ]
    return StrategyReview(
        effects=_frame([_effect_row(one) for one in found], EFFECTS),
        register=_frame([_register_row(one) for one in found], REGISTER),
        panels=_frame([_paths(one) for one in found], PANELS),
        units=_frame([_units(one) for one in found], UNITS),
        gates=_frame([_gates(one) for one in found], GATES),
        regions=tables.regions,
        params=params,
        as_of=day,
    )


def _why_not(tables: Tables) -> str:
    gaps = [gap for name in ("strategies", "strategy_units") if (gap := tables.gap(name))]
    return "; ".join(gaps)


def _judge(
    tables: Tables, strategy: Any, rollouts: pd.DataFrame, day: dt.date, params: StrategyParams
) -> Judgement:
    own = _own_params(strategy, params)
    try:
        panel = strategy_panel(tables, strategy, day)
        chosen = choose_units(tables, strategy, panel, rollouts, day, own)
        if chosen.units.empty:
            raise OutcomesError(_("none of its units has an outcome by {day}").format(day=day))
        read = read_panel(
            chosen.outcomes[["unit_id", "period", "value"]], chosen.units, own.washout_periods
        )
    except (PanelError, OutcomesError) as error:
        return Judgement(strategy, None, (str(error),))
    effect = _with_register(compare_panel(read, own), strategy, chosen, own)
    reasons = (*effect.reasons, *chosen.notes, *_post_hoc(strategy))
    homes = unit_regions(tables, unit_kind(strategy), day)
    alarms, placebo_p = false_alarm_share(read, own), placebo_date_p(read, own)
    return Judgement(strategy, effect, reasons, alarms, placebo_p, homes)


def _own_params(strategy: Any, params: StrategyParams) -> StrategyParams:
    direction: Literal["up", "down"] = "down" if strategy.direction == "down" else "up"
    washout = 0 if pd.isna(strategy.washout_periods) else int(strategy.washout_periods)
    return replace(params, direction=direction, washout_periods=washout, min_effect=None)


def _with_register(
    effect: StrategyEffect, strategy: Any, chosen: Chosen, params: StrategyParams
) -> StrategyEffect:
    share = strategy.min_effect
    least = None if pd.isna(share) else float(share) * effect.counterfactual
    least = None if least is None or not np.isfinite(least) else least
    return judged(effect, replace(params, min_effect=least), chosen.gates)


def _registered(strategy: Any) -> bool:
    return bool(
        pd.notna(strategy.registered_on)
        and pd.Timestamp(strategy.registered_on) <= pd.Timestamp(strategy.starts_on)
    )


def _post_hoc(strategy: Any) -> tuple[str, ...]:
    if _registered(strategy):
        return ()
    return (
        _("written down only after it began: metric and units could have been chosen by their "
          "outcome"),
    )  # fmt: skip


def _effect_row(one: Judgement) -> pd.DataFrame:
    strategy, effect = one.strategy, one.effect
    base = {
        "strategy_id": strategy.strategy_id,
        "name": strategy.name,
        "metric": strategy.metric,
        "owner": strategy.owner,
        "starts_on": strategy.starts_on,
        "min_effect": strategy.min_effect,
        "registered": _registered(strategy),
        "reasons": "; ".join(one.reasons),
        "false_alarms": one.false_alarms,
        "placebo_date_p": one.placebo_p,
    }
    if effect is None:
        missing = {"verdict": "cannot_tell", "verdict_words": verdict_words("cannot_tell", True)}
        return pd.DataFrame([base | missing | {"design": _("none"), "insufficient": True}])
    return pd.DataFrame([base | _figures(effect)])


def _figures(effect: StrategyEffect) -> dict[str, object]:
    return {
        "design": effect.design,
        "design_reason": effect.design_reason,
        "n_treated": effect.n_treated,
        "n_comparison": effect.n_comparison,
        "n_before": effect.n_before,
        "n_after": effect.n_after,
        "estimate": effect.estimate,
        "low": effect.interval[0],
        "high": effect.interval[1],
        "relative": effect.relative,
        "relative_low": effect.relative_interval[0],
        "relative_high": effect.relative_interval[1],
        "p_value": effect.p_value,
        "expected": effect.counterfactual,
        "detectable": effect.detectable / (effect.counterfactual or np.nan),
        "pre_trend_p": effect.pre_trend_p,
        "trend_p": effect.trend_p,
        "verdict": effect.verdict,
        "verdict_words": verdict_words(effect.verdict, effect.insufficient),
        "insufficient": effect.insufficient,
    }


def _register_row(one: Judgement) -> pd.DataFrame:
    row = {column: getattr(one.strategy, column) for column in REGISTER[:12]}
    word = "cannot_tell" if one.effect is None else one.effect.verdict
    insufficient = one.effect is None or one.effect.insufficient
    said = {"verdict": word, "verdict_words": verdict_words(word, insufficient)}
    return pd.DataFrame(
        [row | said | {"registered": _registered(one.strategy), "finding": "; ".join(one.reasons)}]
    )


def _paths(one: Judgement) -> pd.DataFrame:
    if one.effect is None:
        return pd.DataFrame(columns=list(PANELS))
    return one.effect.paths.assign(strategy_id=one.strategy.strategy_id)


def _units(one: Judgement) -> pd.DataFrame:
    if one.effect is None or one.homes is None:
        return pd.DataFrame(columns=list(UNITS))
    treated = one.effect.units.assign(role="treated")
    others = pd.DataFrame({"unit_id": list(one.effect.comparison_units), "role": "comparison"})
    rows = pd.concat([treated, others], ignore_index=True)
    return rows.assign(strategy_id=one.strategy.strategy_id, region_id=rows.unit_id.map(one.homes))


def _gates(one: Judgement) -> pd.DataFrame:
    gates: tuple[Gate, ...] = () if one.effect is None else one.effect.gates
    rows = [(one.strategy.strategy_id, g.check, g.value, g.bound, g.passed) for g in gates]
    return pd.DataFrame(rows, columns=list(GATES))


def _frame(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [part for part in parts if not part.empty]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(filled, ignore_index=True).reindex(columns=list(columns))


def _empty(tables: Tables, day: dt.date, params: StrategyParams, reason: str) -> StrategyReview:
    return StrategyReview(
        effects=_frame([], EFFECTS),
        register=_frame([], REGISTER),
        panels=_frame([], PANELS),
        units=_frame([], UNITS),
        gates=_frame([], GATES),
        regions=tables.regions,
        params=params,
        as_of=day,
        status="not_enough_data",
        reason=reason,
    )
