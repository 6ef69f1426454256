"""The tables of a review as a reader sees them."""

from __future__ import annotations

import pandas as pd

from insights.strategy.many.beside import metric_name
from insights.strategy.many.cells import may_show, other
from insights.words import _

# What is withheld of a unit whose group is too small to show.
OWN = ("effect", "expected", "relative")


def told(effects: pd.DataFrame) -> pd.Series:
    """Return verdicts as a reader sees them: one without a plan locked beforehand says so."""
    words = effects.verdict_words.astype("str")
    loose = (effects.verdict != "cannot_tell") & ~effects.confirmatory.astype("bool")
    exploratory = words.map(lambda word: _("{verdict} (exploratory)").format(verdict=word))
    return words.mask(loose, exploratory)


def worked_by_plan(effects: pd.DataFrame) -> pd.Series:
    """Mark the strategies that worked and whose plan stood before their outcomes."""
    if effects.empty:
        return pd.Series(dtype="bool")
    return (effects.verdict == "worked") & effects.confirmatory.astype("bool")


def counted_words(effects: pd.DataFrame) -> str:
    """Return the words for how many worked; by a plan, where others only look as if."""
    if effects.empty or worked_by_plan(effects).sum() == (effects.verdict == "worked").sum():
        return _("{worked} of {n} strategies worked; company-level verdicts: {verdicts}.")
    return _(
        "{worked} of {n} strategies worked by a plan locked beforehand; company-level verdicts: "
        "{verdicts}."
    )


def plans_shown(plans: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return the question, its lock, the looks and the signed verdict of each strategy."""
    asked = register.set_index("strategy_id").reindex(plans.strategy_id)
    size = asked.min_effect.astype("float64")
    least = size.where(asked.direction != "down", -size)
    return pd.DataFrame(
        {
            _("strategy"): plans.strategy_id,
            _("metric"): asked.metric.map(metric_name, na_action="ignore").array,
            _("starts on"): pd.to_datetime(asked.starts_on).dt.date.array,
            _("smallest effect worth having %"): percent(least).array,
            _("registered before it was seen"): plans.plan,
            _("looks"): plans.looks,
            _("signed verdict"): plans.signed,
        }
    ).set_index(_("strategy"))


def effects_shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what came of each strategy in the whole company."""
    return pd.DataFrame(
        {
            _("strategy"): rows.strategy_id + " " + rows.name.astype("str"),
            _("metric"): rows.metric.map(metric_name, na_action="ignore"),
            _("treated / comparison"): [_pair(*pair) for pair in zip(
                rows.n_treated, rows.n_comparison, strict=True)],
            _("effect %"): percent(rows.relative),
            _("interval %"): spans(rows.relative_low, rows.relative_high),
            _("per unit and period"): amounts(rows.estimate),
            _("if trends go on %"): percent(rows.trend_relative),
            _("verdict"): told(rows),
        }
    )  # fmt: skip


def _pair(treated: float, comparison: float) -> str:
    return "–" if pd.isna(treated) else f"{treated:.0f} / {comparison:.0f}"


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


def units_shown(units: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the units of a region's page; what came of those in a cell not shown is withheld.

    ``units`` as of the review, ``cells`` the rows of ``groups`` for regions.
    """
    keys = ["strategy_id", "group"]
    held = pd.MultiIndex.from_frame(cells.loc[cells.shown.astype("bool"), keys])
    own = pd.MultiIndex.from_arrays([units.strategy_id, units.region_id])
    return units.assign(**{name: units[name].where(own.isin(held)) for name in OWN})


def part_shown(treated: pd.DataFrame, cells: pd.DataFrame, least: int) -> str:
    """Say how many units took part here and how they did, where no small group can be worked out.

    ``treated`` are the units of one strategy here, ``cells`` the rows of ``groups`` for regions. A
    count is withheld like the figure: beside the others it would give the small group's away.
    """
    if treated.empty:
        return _("no unit took part")
    if not may_count(treated, cells):
        return _("fewer than {n} treated here, or in a region beside it: not shown").format(n=least)
    share = percent(pd.Series([_share_here(treated.region_id, cells)]))[0]
    return _("{n} treated, {share} % of expected").format(n=len(treated), share=share)


def may_count(treated: pd.DataFrame, cells: pd.DataFrame) -> bool:
    """Say whether treated units here, of one or more strategies, may be counted."""
    return all(
        not own.empty and may_show(set(rows.region_id), own)
        for strategy_id, rows in treated.groupby("strategy_id", sort=False)
        for own in [cells[cells.strategy_id == strategy_id]]
    )


def _share_here(regions: pd.Series, cells: pd.DataFrame) -> float:
    """Return the effect of regions as a share of what was expected, those put together as one."""
    shown = cells.shown.astype("bool")
    here = cells.group.isin(list(regions))
    together = cells.group == other()
    own = cells[shown & (here | together if (here & ~shown).any() else here)]
    weight = own.weight.astype(float)
    if not weight.sum() > 0:
        return float("nan")
    return float((own.shrunken.astype(float) * weight).sum(skipna=False) / weight.sum())


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
