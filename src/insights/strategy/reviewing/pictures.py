"""The pictures of a review: all effects, one strategy's path, its effect by period."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.features.panels import MONEY
from insights.strategy.effect import verdict_words
from insights.strategy.many.beside import metric_name
from insights.words import _

# The mean length of a period in days from which it is called so.
QUARTER, MONTH = 80, 27


@figures.legible()
def draw_effects(effects: pd.DataFrame, reason: str) -> Figure:
    """Draw each strategy's effect with its interval, marked by its verdict.

    Where the comparison does not hold, the interval also reaches to the effect if earlier trends
    went on: nothing then says whether they do or fall back.
    """
    title = _("Effect of each strategy, % of what was expected without it")
    known = _widened(effects[effects.relative.notna()])
    if known.empty:
        return figures.message(title, reason or _("no effect could be estimated"))
    words = [verdict_words("worked", False), verdict_words("did_not_work", False),
             verdict_words("cannot_tell", False), verdict_words("cannot_tell", True)]  # fmt: skip
    columns = {"estimate": "relative", "low": "relative_low", "high": "relative_high"}
    percent = {name: 100 * known[column].astype(float) for name, column in columns.items()}
    lacking = known.insufficient.astype("bool")
    said = [verdict_words(*one) for one in zip(known.verdict, lacking, strict=True)]
    frame = pd.DataFrame(percent).assign(kind=pd.Categorical(said, words))
    loose = (known.verdict != "cannot_tell") & ~known.confirmatory.astype("bool")
    mark = loose.map({True: _(" (exploratory)"), False: ""})
    frame.index = pd.Index(known.strategy_id + " " + known.name.astype("str") + mark)
    return figures.intervals(frame, title, _("% of what was expected"), label="{:+.1f}")


@figures.legible()
def draw_paths(rows: pd.DataFrame, name: str, metric: str) -> Figure:
    """Draw the treated mean and what was expected, period by period (a strategy's ``panels``)."""
    frame = rows.set_index("period")[["treated", "expected"]].astype(float)
    frame.columns = [_("treated units"), _("expected without the strategy")]
    return figures.lines(
        frame, _("{name}: treated units and what was expected").format(name=name),
        _unit(metric, rows.period), mark=rows.period[rows.after.astype(bool)].min(),
        mark_label=_("start"),
    )  # fmt: skip


@figures.legible()
def draw_periods(rows: pd.DataFrame, path: pd.DataFrame, name: str, metric: str) -> Figure:
    """Draw the effect by period around the start (a strategy's ``periods`` and ``panels``)."""
    shown = rows.set_index("event").sort_index().astype({"effect": float})
    band = shown[["low", "high"]].astype(float)
    told = bool(band.notna().all(axis=None))
    label = _("effect, with its interval") if told else _("effect; too few units for an interval")
    return figures.lines(
        shown[["effect"]].rename(columns={"effect": label}),
        _("{name}: effect by period").format(name=name), _unit(metric, path.period),
        mark=-0.5, mark_label=_("start"), band=band if told else None, reference=0.0,
        x_label=_("{step}s from the start (0 is the first that counts)").format(
            step=_step(path.period)),
    )  # fmt: skip


def _unit(metric: str, periods: pd.Series) -> str:
    pattern = (
        _("{metric}, CNY per unit and {step}")
        if metric in MONEY
        else _("{metric} per unit and {step}")
    )
    return pattern.format(metric=metric_name(metric), step=_step(periods))


def _step(periods: pd.Series) -> str:
    """Return what one period is called, by the days from one to the next."""
    days = pd.to_datetime(periods.drop_duplicates().sort_values()).diff().dt.days.median()
    if not days >= MONTH:
        return _("period")
    if days >= 4 * QUARTER:
        return _("year")
    return _("quarter") if days >= QUARTER else _("month")


def _widened(effects: pd.DataFrame) -> pd.DataFrame:
    doubtful = effects.insufficient.astype("bool")
    low = effects[["relative_low", "trend_low"]].astype(float).min(axis=1)
    high = effects[["relative_high", "trend_high"]].astype(float).max(axis=1)
    return effects.assign(
        relative_low=effects.relative_low.where(~doubtful, low),
        relative_high=effects.relative_high.where(~doubtful, high),
    )
