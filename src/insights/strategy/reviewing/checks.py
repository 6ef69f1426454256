"""How far to trust a verdict: the gates that matter most, and what placebos say."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.params import StrategyParams
from insights.strategy.gates import outcome
from insights.words import _, p_words

ALARM_BOUND = 0.05
Row = tuple[str, str, str, str]


def check_rows(effect: Any, gates: pd.DataFrame, params: StrategyParams) -> pd.DataFrame:
    """Return the checks of one strategy (a row of ``effects``): check, value, bound, verdict."""
    own = gates[gates.strategy_id == effect.strategy_id]
    shown = own[own.check.isin(_always_shown()) | ~own.passed.astype(bool)]
    rows: list[Row] = [
        (gate.check, gate.value, gate.bound, outcome(gate.value, gate.passed))
        for gate in shown.itertuples()
    ]
    rows += [_placebo_date(effect.placebo_date_p, params), _alarms(effect.false_alarms)]
    if not effect.confirmatory:
        rows.append(_registered())
    named = [(f"{effect.strategy_id}: {check}", *rest) for check, *rest in rows]
    return pd.DataFrame(named, columns=["check", "value", "bound", "verdict"])


def _always_shown() -> tuple[str, ...]:
    return _("comparison units"), _("pre-trend")


def _placebo_date(p_value: float, params: StrategyParams) -> Row:
    name = _("effect at an earlier date, when nothing was done")
    bound = _("p of at least {alpha:g}").format(alpha=params.pre_trend_alpha)
    if pd.isna(p_value):
        return name, _("not tested"), bound, _("the time before is too short to part")
    holds = p_value >= params.pre_trend_alpha
    return name, p_words(p_value), bound, _("holds") if holds else _("fails: not comparable")


def _alarms(share: float) -> Row:
    name = _("pretended strategies called worked")
    bound = _("at most {bound:.0%}").format(bound=ALARM_BOUND)
    if pd.isna(share):
        return name, _("not tested"), bound, _("too few comparison units to pretend with")
    return name, f"{share:.1%}", bound, _("holds") if share <= ALARM_BOUND else _("fails")


def _registered() -> Row:
    return (
        _("plan locked before it began, unchanged"), _("no"), _("yes"),
        _("written down afterwards: exploratory"),
    )  # fmt: skip
