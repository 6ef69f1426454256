"""How far to trust a verdict: what failed first, then what matters most to a reviewer."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.params import StrategyParams
from insights.strategy.comparable.overlap import no_overlap, overlap_check
from insights.strategy.comparable.prices import price_check
from insights.strategy.gates import outcome
from insights.strategy.reviewing.far import far_checks
from insights.words import N_, _, p_words

ALARM_BOUND = 0.05
CHECK = ("check", "value", "bound", "verdict")
Row = tuple[str, str, str, str, bool]


def check_rows(effect: Any, gates: pd.DataFrame, params: StrategyParams) -> pd.DataFrame:
    """Return the checks of one strategy (a row of ``effects``): check, value, bound, verdict.

    Failed checks stand first. Of the gates that held, only those are shown that a reviewer asks
    for whatever came out: trend and prices, other strategies, spillover.
    """
    own = gates[gates.strategy_id == effect.strategy_id]
    rows = [
        *([_nothing(effect.reasons)] if own.empty else []),
        _plan(bool(effect.confirmatory)),
        *_gates(own, (_("pre-trend"),)),
        _placebo_date(effect.placebo_date_p, params),
        *_gates(own, (price_check(), overlap_check(), *far_checks())),
        *_failed_others(own),
        _alarms(effect.false_alarms, params.placebo_runs),
        _power(effect.detectable, effect.min_effect),
    ]
    ordered = sorted(rows, key=lambda row: not row[4])
    named = [(f"{effect.strategy_id}: {check}", *rest[:3]) for check, *rest in ordered]
    return pd.DataFrame(named, columns=list(CHECK))


def _shown() -> tuple[str, ...]:
    return (
        _("pre-trend"), price_check(), overlap_check(), *far_checks(),
    )  # fmt: skip


def _gates(own: pd.DataFrame, names: tuple[str, ...]) -> list[Row]:
    found = own[own.check.isin(names) & (own.value != no_overlap())]
    order = found.check.map({name: place for place, name in enumerate(names)})
    return [_gate(gate) for gate in found.loc[order.sort_values().index].itertuples()]


def _failed_others(own: pd.DataFrame) -> list[Row]:
    others = own[~own.passed.astype(bool) & ~own.check.isin(_shown())]
    return [_gate(gate) for gate in others.itertuples()]


def _gate(gate: Any) -> Row:
    said = outcome(gate.value, bool(gate.passed))
    return gate.check, gate.value, gate.bound, said, not gate.passed


def _nothing(reasons: str) -> Row:
    """Say why no comparison was made at all."""
    return (
        _("a comparison could be made"), _("no"), _("yes"),
        _("fails: {reasons}").format(reasons=reasons), True,
    )  # fmt: skip


def _plan(confirmatory: bool) -> Row:
    return (
        _("plan locked before it began, unchanged"), _("yes") if confirmatory else _("no"),
        _("yes"), _("holds") if confirmatory else _("fails: exploratory"), not confirmatory,
    )  # fmt: skip


def _placebo_date(p_value: float, params: StrategyParams) -> Row:
    name = _("effect at an earlier date, when nothing was done")
    bound = _("p of at least {alpha:g}").format(alpha=params.pre_trend_alpha)
    if pd.isna(p_value):
        return name, N_("not tested"), bound, _("the time before is too short to part"), False
    failed = p_value < params.pre_trend_alpha
    said = _("fails: not comparable") if failed else _("holds")
    return name, p_words(p_value), bound, said, bool(failed)


def _alarms(share: float, runs: int) -> Row:
    name = _("pretended strategies called worked")
    bound = _("at most {bound:.0%}").format(bound=ALARM_BOUND)
    if pd.isna(share):
        said = _("too few comparison units to pretend with")
        return name, N_("not tested"), bound, said, False
    failed = share > ALARM_BOUND
    value = _("{share:.1%} of {n} draws").format(share=share, n=runs)
    return name, value, bound, _("fails") if failed else _("holds"), bool(failed)


def _power(detectable: float, least: float) -> Row:
    """Say how small an effect could be told: an effect missed is no effect shown to be absent."""
    name = _("smallest effect it would probably find")
    if pd.isna(detectable):
        return name, N_("not tested"), "–", _("cannot be told as a share of expected"), False
    value = _("{share:.1%} of expected").format(share=detectable)
    if pd.isna(least):
        return name, value, "–", _("no smallest effect worth having was registered"), False
    bound = _("at most {share:.1%}, the smallest worth having").format(share=least)
    said = _("holds") if detectable <= least else _("smaller ones would be missed")
    return name, value, bound, said, False
