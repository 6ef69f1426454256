"""Judgements as the frames of a review."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from insights.features.waves import SECOND_SURVEY
from insights.params import StrategyParams
from insights.strategy.comparable.prices import SPLIT as SIDES
from insights.strategy.effect import StrategyEffect, verdict_words
from insights.strategy.gates import Gate
from insights.strategy.many.beside import MetricEffect, metric_results
from insights.strategy.many.cells import other, unrecorded
from insights.strategy.many.groups import BY_GROUP, REGION, GroupRules, effects_by_group
from insights.strategy.many.regions import roll_up
from insights.strategy.reviewing.judge import Judgement, registered
from insights.strategy.reviewing.periods import PERIODS
from insights.strategy.reviewing.shown import OWN
from insights.strategy.reviewing.steps import wait_words

EFFECTS = (
    "strategy_id", "name", "metric", "owner", "starts_on", "design", "design_reason", "n_treated",
    "n_comparison", "n_before", "n_after", "estimate", "low", "high", "relative", "relative_low",
    "relative_high", "trend_relative", "trend_low", "trend_high", "p_value", "q", "expected",
    "detectable", "verdict", "verdict_words", "insufficient", "reasons", "pre_trend_p", "trend_p",
    "min_effect", "direction",
    "registered", "confirmatory", "false_alarms", "placebo_date_p", "confidence",
    "wait",
)  # fmt: skip
REGISTER = (
    "strategy_id", "name", "hypothesis", "owner", "metric", "unit_type", "starts_on", "ends_on",
    "grain", "direction", "min_effect", "registered_on", "registered", "verdict",
    "verdict_words", "finding", "evidence", "next_step", "reviewer_said",
)  # fmt: skip
REGISTERED = 12
PANELS = ("strategy_id", "period", "treated", "expected", "after")
BY_PERIOD = ("strategy_id", *PERIODS)
UNITS = ("strategy_id", "unit_id", "region_id", "role", *OWN)
SURVEYED = ("score", SECOND_SURVEY)
GATES = ("strategy_id", "check", "value", "bound", "passed")
PLANS = (
    "strategy_id", "status", "confirmatory", "plan", "locked_on", "looks", "signed", "plan_hash",
    "locked_hash",
)  # fmt: skip
OF_COMPANY = ("relative", "relative_low", "relative_high", "confidence")
REGIONS = ("strategy_id", "regions", "estimate", "low", "high", "between", "words")
GROUPS = ("strategy_id", *BY_GROUP)
SPLIT = ("strategy_id", *SIDES)


def frame(
    found: Sequence[Judgement], row: Callable[[Judgement], pd.DataFrame], columns: tuple[str, ...]
) -> pd.DataFrame:
    """Return what a function says of each judgement, one below the other."""
    filled = [part for one in found if not (part := row(one)).empty]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(filled, ignore_index=True).reindex(columns=list(columns))


def effect_row(one: Judgement) -> pd.DataFrame:
    """Return the row of ``effects``."""
    strategy, effect = one.strategy, one.effect
    base = {
        "strategy_id": strategy.strategy_id,
        "name": strategy.name,
        "metric": strategy.metric,
        "owner": strategy.owner,
        "starts_on": strategy.starts_on,
        "min_effect": strategy.min_effect,
        "direction": "down" if strategy.direction == "down" else "up",
        "registered": registered(strategy),
        "confirmatory": not one.registration.exploratory,
        "reasons": "; ".join(one.reasons),
        "false_alarms": one.false_alarms,
        "placebo_date_p": one.placebo_p,
        "confidence": one.confidence,
        "wait": wait_words(one.effect, one.looks, one.ended),
    }
    if effect is None:
        missing = {"verdict": "cannot_tell", "verdict_words": verdict_words("cannot_tell", True)}
        return pd.DataFrame([base | missing | {"design": "none", "insufficient": True}])
    return pd.DataFrame([base | _figures(effect)])


def _figures(effect: StrategyEffect) -> dict[str, object]:
    expected = effect.counterfactual if effect.counterfactual > 0 else np.nan
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
        "detectable": effect.detectable / expected,
        "pre_trend_p": effect.pre_trend_p,
        "trend_p": effect.trend_p,
        "trend_relative": effect.trend_estimate / expected,
        "trend_low": effect.trend_interval[0] / expected,
        "trend_high": effect.trend_interval[1] / expected,
        "verdict": effect.verdict,
        "verdict_words": verdict_words(effect.verdict, effect.insufficient),
        "insufficient": effect.insufficient,
    }


def register_row(one: Judgement) -> pd.DataFrame:
    """Return what was registered with the verdict beside it."""
    row = {column: getattr(one.strategy, column) for column in REGISTER[:REGISTERED]}
    word = "cannot_tell" if one.effect is None else one.effect.verdict
    insufficient = one.effect is None or one.effect.insufficient
    said = {"verdict": word, "verdict_words": verdict_words(word, insufficient)}
    return pd.DataFrame([row | said | {"registered": registered(one.strategy)}])


def plan_row(one: Judgement) -> pd.DataFrame:
    """Return how the plan stands against its lock, the looks taken, and what people signed."""
    plan, effect, latest = one.registration, one.effect, one.signed.latest
    word = "cannot_tell" if effect is None else effect.verdict
    insufficient = effect is None or effect.insufficient
    faults = "; ".join(one.signed.faults)
    row = {
        "strategy_id": one.strategy.strategy_id,
        "status": plan.status,
        "confirmatory": not plan.exploratory,
        "plan": str(plan.sentence()),
        "locked_on": plan.locked_on,
        "looks": "" if one.looks is None else str(one.looks.sentence()),
        "signed": faults if latest is None else latest.beside(word, insufficient),
        "plan_hash": plan.plan_hash,
        "locked_hash": plan.locked_hash,
    }
    return pd.DataFrame([row])


def paths(one: Judgement) -> pd.DataFrame:
    """Return the treated mean and what was expected by period."""
    if one.effect is None:
        return pd.DataFrame(columns=list(PANELS))
    return one.effect.paths.assign(strategy_id=one.strategy.strategy_id)


def period_rows(one: Judgement) -> pd.DataFrame:
    """Return the effect by period around the start."""
    return one.periods.assign(strategy_id=one.strategy.strategy_id)


def unit_rows(one: Judgement) -> pd.DataFrame:
    """Return each treated unit's own effect, and the comparison units.

    Expected and effect of a survey make up what one customer answered: they are withheld.
    """
    if one.effect is None or one.homes is None:
        return pd.DataFrame(columns=list(UNITS))
    treated = one.effect.units.assign(role="treated")
    if one.strategy.metric in SURVEYED:
        treated = treated.assign(**dict.fromkeys(OWN, np.nan))
    others = pd.DataFrame({"unit_id": list(one.effect.comparison_units), "role": "comparison"})
    rows = pd.concat([treated, others], ignore_index=True)
    return rows.assign(strategy_id=one.strategy.strategy_id, region_id=rows.unit_id.map(one.homes))


def gate_rows(one: Judgement) -> pd.DataFrame:
    """Return every gate of a strategy."""
    gates: tuple[Gate, ...] = () if one.effect is None else one.effect.gates
    rows = [(one.strategy.strategy_id, g.check, g.value, g.bound, g.passed) for g in gates]
    return pd.DataFrame(rows, columns=list(GATES))


def split_rows(one: Judgement) -> pd.DataFrame:
    """Return price, volume and mix of each side."""
    return one.price_split.assign(strategy_id=one.strategy.strategy_id)


def beside_rows(found: Sequence[Judgement], params: StrategyParams) -> pd.DataFrame:
    """Return every metric of every strategy, corrected for their number."""
    every = [
        metric
        for one in found
        for metric in (
            MetricEffect(str(one.strategy.strategy_id), one.strategy.metric, True, one.effect,
                         "down" if one.strategy.direction == "down" else "up", _decides(one)),
            *one.beside,
        )
    ]  # fmt: skip
    return metric_results(every, params.false_discovery_rate)


def _decides(one: Judgement) -> bool:
    """Say whether this look may decide; without a comparison there is nothing to withhold."""
    return one.looks is None or one.looks.now.decides


def group_rows(one: Judgement, groups: pd.DataFrame, params: StrategyParams) -> pd.DataFrame:
    """Return the effect by tier, level, region and type, shrunken towards the strategy's own."""
    effect = one.effect
    if effect is None or not np.isfinite(effect.relative):
        return pd.DataFrame(columns=list(GROUPS))
    low, high = effect.relative_interval
    quantile = float(stats.norm.ppf((1 + one.confidence) / 2))
    rules = GroupRules(
        least=params.min_group_units,
        confidence=one.confidence,
        better=-1.0 if one.strategy.direction == "down" else 1.0,
        overall=effect.relative,
        overall_error=(high - low) / (2 * quantile) if high > low else None,
        interval=effect.relative_interval,
        seed=params.seed,
    )
    found = effects_by_group(effect.units, _with_homes(groups, one.homes), rules)
    return found.assign(strategy_id=one.strategy.strategy_id)


def _with_homes(groups: pd.DataFrame, homes: pd.Series | None) -> pd.DataFrame:
    """Take the region of each unit from its own kind (a rep, a department), not a customer's."""
    if homes is None:
        return groups
    region = pd.DataFrame({"unit_id": homes.index, "dimension": REGION, "group": homes.array})
    return pd.concat([groups[groups.dimension != REGION], region], ignore_index=True)


def region_rows(
    groups: pd.DataFrame, effects: pd.DataFrame, params: StrategyParams
) -> pd.DataFrame:
    """Return each strategy's effect rolled up over regions that may differ (random effects).

    Regions share their comparison units, whose error their own errors leave out: an interval is
    never narrower than the company's, and stands at the same confidence. Regions put together
    (``cells.published``) are none of them.
    """
    company = effects.assign(confidence=effects.confidence.fillna(params.confidence))
    company = company.set_index("strategy_id")[list(OF_COMPANY)].astype(float)
    own = groups[(groups.dimension == REGION) & groups.shown.astype("bool")]
    rows = [
        (strategy_id, *_rolled_up(part, *company.loc[strategy_id]))
        for strategy_id, part in own.groupby("strategy_id", sort=True)
        if not part.group.isin([other(), unrecorded()]).all()
    ]
    return pd.DataFrame(rows, columns=list(REGIONS))


def _rolled_up(
    cells: pd.DataFrame, relative: float, low: float, high: float, confidence: float
) -> tuple[object, ...]:
    """Return the row of ``region_effects``; one region of all units has the company's own."""
    by_region = cells[~cells.group.isin([other(), unrecorded()])].set_index("group")
    whole = roll_up(by_region.raw, by_region.error, confidence)
    said = (whole.tau, "; ".join(whole.words))
    if len(cells) == 1:
        return 1, relative, low, high, *said
    half = np.fmax((whole.interval[1] - whole.interval[0]) / 2, (high - low) / 2)
    return len(whole.weights), whole.estimate, whole.estimate - half, whole.estimate + half, *said
