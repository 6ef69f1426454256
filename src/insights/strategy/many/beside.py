"""All metrics of all strategies in one table, and what the others say beside the registered one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from insights.strategy.effect import StrategyEffect
from insights.strategy.many.discovery import Dependence, with_q
from insights.strategy.many.faults import missing_columns, refuse, repeated
from insights.words import _

RESULTS = (
    "strategy_id", "metric", "primary", "relative", "low", "high", "p", "q", "tests",
    "direction", "reading",
)  # fmt: skip
HIGHER, LOWER, UNCHANGED, UNTOLD = "higher", "lower", "no_clear_change", "cannot_tell"
UNDECIDED = "not_decided"


@dataclass(frozen=True)
class MetricEffect:
    """What one comparison found of one metric of one strategy; None where none could be made.

    ``decides``: whether the look it was made at may decide on the primary metric.
    """

    strategy_id: str
    metric: str
    primary: bool
    effect: StrategyEffect | None
    direction: Literal["up", "down"] = "up"
    decides: bool = True


def metric_results(
    found: Sequence[MetricEffect],
    alpha: float,
    dependence: Dependence = "positive",
    apart: bool = True,
) -> pd.DataFrame:
    """Return one row a strategy and metric, the registered metric of each strategy first.

    ``relative``, ``low``, ``high`` are shares of what was expected; ``q`` is corrected over the
    primary metrics and over the others apart (or over all, ``apart=False``). ``reading`` says of
    every row: higher, lower, no_clear_change (q above alpha), cannot_tell (a gate failed). The
    primary metric's is higher or lower only where its interval, at the level of its look, says so
    too, and not_decided where its look may not decide.
    """
    columns = [*RESULTS[:7], "direction", "held", "decides"]
    rows = pd.DataFrame([_row(one) for one in found], columns=columns)
    keys = rows.strategy_id.astype(str) + " " + rows.metric.astype(str)
    refuse(repeated(keys, "results"))
    rows = rows.astype({"primary": bool})
    rows = with_q(rows, dependence, family="primary" if apart else None)
    rows = rows.assign(reading=[_reading(row, alpha) for row in rows.itertuples()])
    rows = rows.sort_values(["strategy_id", "primary", "metric"], ascending=[True, False, True])
    return rows.loc[:, list(RESULTS)].reset_index(drop=True)


def beside_words(results: pd.DataFrame) -> pd.DataFrame:
    """Say for each strategy what its other metrics add: strategy_id, reading (a sentence or "").

    ``results`` is the table of ``metric_results``.
    """
    refuse(missing_columns(results, "results", RESULTS))
    rows = [
        (strategy_id, "; ".join(_said(own)))
        for strategy_id, own in results.groupby("strategy_id", sort=True)
    ]
    return pd.DataFrame(rows, columns=["strategy_id", "reading"])


def _row(one: MetricEffect) -> tuple[object, ...]:
    nan, effect = float("nan"), one.effect
    named = (one.strategy_id, one.metric, one.primary)
    if effect is None:
        return (*named, nan, nan, nan, nan, one.direction, False, one.decides)
    held = all(gate.passed for gate in effect.gates)
    return (
        *named, effect.relative, *effect.relative_interval, effect.p_value, one.direction, held,
        one.decides,
    )  # fmt: skip


def _reading(row: Any, alpha: float) -> str:
    if not row.held or pd.isna(row.q) or pd.isna(row.relative):
        return UNTOLD
    if row.primary and not row.decides:
        return UNDECIDED
    if row.primary and (pd.isna(row.low) or pd.isna(row.high)):
        return UNTOLD
    clear = not row.primary or row.low > 0 or row.high < 0
    if row.q > alpha or row.relative == 0 or not clear:
        return UNCHANGED
    return HIGHER if row.relative > 0 else LOWER


def _said(own: pd.DataFrame) -> list[str]:
    said = own.set_index("metric")
    pairs = [*_channel(said), *_mix(said), *_effort(said), *_satisfaction(said)]
    return pairs + _not_told(said)


def _channel(said: pd.DataFrame) -> list[str]:
    if not {"sales", "sell_through"} <= set(said.index):
        return []
    shipped, used = said.reading["sales"], said.reading["sell_through"]
    if shipped == HIGHER and _lags(said, "sell_through", "sales"):
        return [
            _("{sales}, but {use}: it may have filled the channel, not reached patients").format(
                sales=_moved(said, "sales"), use=_moved(said, "sell_through"))
        ]  # fmt: skip
    if used == HIGHER and _lags(said, "sales", "sell_through"):
        return [
            _("{use}, but {sales}: what was used may have come out of stock").format(
                sales=_moved(said, "sales"), use=_moved(said, "sell_through"))
        ]  # fmt: skip
    if shipped == HIGHER and used == HIGHER:
        return [_("sales and sell-through both rose")]
    return []


def _lags(said: pd.DataFrame, slow: str, ahead: str) -> bool:
    """Say whether one metric fell, or stayed clearly behind another that rose."""
    row = said.loc[slow]
    behind = row.reading == UNCHANGED and row.high < said.relative[ahead]
    return bool(row.reading == LOWER or behind)


def _mix(said: pd.DataFrame) -> list[str]:
    if not {"sales", "quantity"} <= set(said.index):
        return []
    if said.reading["sales"] == HIGHER and said.reading["quantity"] in (UNCHANGED, LOWER):
        return [
            _("{sales}, but {quantity}: dearer products rather than more of them").format(
                sales=_moved(said, "sales"), quantity=_moved(said, "quantity"))
        ]  # fmt: skip
    return []


def _effort(said: pd.DataFrame) -> list[str]:
    """Hold visits, which are effort, against the registered outcome."""
    first = said.index[said.primary & (said.index != "visits")]
    if "visits" not in said.index or not len(first):
        return []
    outcome, visits = said.reading[first[0]], said.reading["visits"]
    better = LOWER if said.direction[first[0]] == "down" else HIGHER
    parts = {"visits": _moved(said, "visits"), "outcome": _moved(said, first[0])}
    if visits == HIGHER and outcome not in (better, UNTOLD, UNDECIDED):
        return [_("more effort without more result: {visits}, but {outcome}").format(**parts)]
    if visits == HIGHER and outcome == better:
        return [_("the result came with more effort: {visits}").format(**parts)]
    if visits in (UNCHANGED, LOWER) and outcome == better:
        return [_("the result came without more effort being shown: {visits}").format(**parts)]
    return []


def _satisfaction(said: pd.DataFrame) -> list[str]:
    if "score" not in said.index or said.primary["score"]:
        return []
    if said.reading["score"] in (HIGHER, LOWER):
        return [_("satisfaction: {score}").format(score=_moved(said, "score"))]
    return []


def _not_told(said: pd.DataFrame) -> list[str]:
    names = [metric_name(one) for one in said.index[~said.primary & (said.reading == UNTOLD)]]
    if not names:
        return []
    return [_("nothing can be said of {metrics}").format(metrics=", ".join(names))]


def _moved(said: pd.DataFrame, metric: str) -> str:
    row, name = said.loc[metric], metric_name(metric)
    if row.reading == UNCHANGED:
        return _("no clear change of {name} ({low:+.1%} to {high:+.1%})").format(
            name=name, low=row.low, high=row.high
        )
    word = (
        _("{name} rose by {share:.1%}")
        if row.reading == HIGHER
        else _("{name} fell by {share:.1%}")
    )
    return word.format(name=name, share=abs(row.relative))


def metric_name(metric: str) -> str:
    """Return a metric's name for a reader; one of the company's own keeps its name."""
    known = {
        "sales": _("sales"),
        "sell_through": _("sell-through"),
        "quantity": _("quantity"),
        "visits": _("visits"),
        "score": _("satisfaction score"),
    }
    return known.get(metric, metric)
