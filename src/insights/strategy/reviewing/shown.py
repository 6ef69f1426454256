"""The tables of a review as a reader sees them."""

from __future__ import annotations

import pandas as pd

from insights.words import _


def plans_shown(plans: pd.DataFrame) -> pd.DataFrame:
    """Return the plan, the looks and the signed verdict of each strategy."""
    return pd.DataFrame(
        {
            _("strategy"): plans.strategy_id,
            _("registered before it was seen"): plans.plan,
            _("looks"): plans.looks,
            _("signed verdict"): plans.signed,
        }
    ).set_index(_("strategy"))


def groups_shown(groups: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return the shrunken effect of each group, of the strategies that got a verdict."""
    told = effects.strategy_id[effects.verdict != "cannot_tell"]
    rows = groups[groups.strategy_id.isin(told) & groups.shown.astype("bool")]
    return pd.DataFrame(
        {
            _("strategy"): rows.strategy_id,
            _("by"): rows.dimension,
            _("group"): rows.group,
            _("treated units"): rows.n.astype("Int64"),
            _("effect %"): _percent(rows.shrunken),
            _("from %"): _percent(rows.low),
            _("to %"): _percent(rows.high),
        }
    ).reset_index(drop=True)


def metrics_shown(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return every metric of every strategy: effect, interval, and how it reads."""
    return pd.DataFrame(
        {
            _("strategy"): metrics.strategy_id,
            _("metric"): metrics.metric,
            _("decides"): metrics.primary.map({True: _("yes"), False: _("no")}),
            _("effect %"): _percent(metrics.relative),
            _("from %"): _percent(metrics.low),
            _("to %"): _percent(metrics.high),
            _("reading"): metrics.reading.str.replace("_", " "),
        }
    ).reset_index(drop=True)


def lessons_shown(register: pd.DataFrame) -> pd.DataFrame:
    """Return finding, evidence, next step and what the reviewer said of each strategy."""
    return pd.DataFrame(
        {
            _("strategy"): register.strategy_id,
            _("finding"): register.finding,
            _("evidence"): register.evidence,
            _("next step"): register.next_step,
            _("the reviewer said"): register.reviewer_said,
        }
    ).set_index(_("strategy"))


def widened(effects: pd.DataFrame) -> pd.DataFrame:
    """Return effects whose interval holds both answers where the comparison does not hold.

    Nothing then says whether trends of before go on or fall back.
    """
    doubtful = effects.insufficient.astype("bool")
    low = effects[["relative_low", "trend_low"]].astype(float).min(axis=1)
    high = effects[["relative_high", "trend_high"]].astype(float).max(axis=1)
    return effects.assign(
        relative_low=effects.relative_low.where(~doubtful, low),
        relative_high=effects.relative_high.where(~doubtful, high),
    )


def _percent(values: pd.Series) -> pd.Series:
    return (100 * values.astype(float)).round(1)
