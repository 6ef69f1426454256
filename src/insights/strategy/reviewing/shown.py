"""The tables of a review as a reader sees them."""

from __future__ import annotations

import pandas as pd

from insights.strategy.many.beside import metric_name
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
            _("effect %"): percent(rows.shrunken),
            _("interval %"): spans(rows.low, rows.high),
        }
    ).reset_index(drop=True)


def metrics_shown(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return every metric of every strategy: effect, interval, and how it reads."""
    return pd.DataFrame(
        {
            _("strategy"): metrics.strategy_id,
            _("metric"): metrics.metric.map(metric_name),
            _("decides"): metrics.primary.map({True: _("yes"), False: _("no")}),
            _("effect %"): percent(metrics.relative),
            _("interval %"): spans(metrics.low, metrics.high),
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


def percent(values: pd.Series) -> pd.Series:
    """Return shares as percents for a reader: signed, one decimal, a dash where there is none."""
    rounded = (100 * values.astype(float)).round(1) + 0.0  # no minus before a zero
    return rounded.map(lambda share: "–" if pd.isna(share) else f"{share:+.1f}").astype("str")


def spans(low: pd.Series, high: pd.Series) -> pd.Series:
    """Return the ends of intervals as percents: one column, one dash where there is none."""
    said = percent(low) + _(" to ") + percent(high)
    return said.where(low.notna() & high.notna(), "–")


def amounts(values: pd.Series) -> pd.Series:
    """Return changes in outcome units: signed, whole from a hundred on, three digits below."""
    return values.astype(float).map(_amount).astype("str")


def _amount(value: float) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:+,.0f}" if abs(value) >= 100 else f"{value + 0.0:+.3g}"
