"""The designs a panel's shape allows, and what each finds. Arrays in, one ``Fit`` out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from insights.params import StrategyParams
from insights.strategy.designs.counts import count_gap
from insights.strategy.designs.gap import POWER, Gap, adjusted_gap, period_effects
from insights.strategy.designs.interrupted import interrupted_series
from insights.strategy.designs.placebo import PlaceboFit, placebo_fit, without_gaps
from insights.strategy.panel.outcomes import Floats, OutcomePanel
from insights.strategy.panel.shape import cohorts, levels, season_of
from insights.words import _

MANY_CONTROLS = 10
MANY_ZEROS = 0.2


@dataclass(frozen=True)
class Fit:
    """What a design finds, in outcome units per treated unit and period.

    ``trend_p`` is the one-sided p-value for the better with earlier trends carried on, ``trend``
    that effect with its interval at twice trend_alpha;
    ``unit_gaps`` are the treated units' own effects in panel order; ``expected`` their path
    without the strategy (treated units x periods); ``estimates`` what other designs say;
    ``comparison_units`` the ids of those it used, None where it used all.
    """

    design: str
    reason: str
    estimate: float
    low: float
    high: float
    p_value: float
    trend_p: float
    trend: tuple[float, float, float]
    pre_trend_p: float
    detectable: float
    unit_gaps: Floats
    expected: Floats
    estimates: dict[str, float]
    comparison_units: tuple[object, ...] | None = None


def difference_fit(panel: OutcomePanel, params: StrategyParams) -> Fit:
    """Many treated units: difference in differences at equal earlier slope; detrended beside it.

    Units chosen at random, or for what could be seen of them before the start, are comparable at
    equal earlier slope. Where earlier trends differ for another reason they may go on in full:
    ``trend_p`` holds that against the answer, and the pre-trend gate withholds the verdict.
    """
    level = levels(panel)
    groups = cohorts(panel, level)
    early = int(panel.starts[panel.treated].min())
    adjustable = early >= 4 and int((~panel.treated).sum()) >= MANY_CONTROLS
    main = adjusted_gap(groups, "change", "slope" if adjustable else None)
    trend = adjusted_gap(groups, "detrended", None)
    slopes = adjusted_gap(groups, "slope", None)
    pre_trend_p = _two_sided(slopes)
    gaps = main.unit_gaps[_cohort_order(panel)]
    name, why = _difference_words(len(groups), adjustable, bool((level != 1).any()))
    return Fit(
        name, why, main.estimate, *_interval(main, params.confidence),
        _two_sided(main), _one_sided(trend, params.direction),
        (trend.estimate, *_interval(trend, 1 - 2 * params.trend_alpha)), pre_trend_p,
        _detectable(main, params.confidence), gaps, _expected(panel, level, gaps),
        {"adjusted_difference": main.estimate, "detrended": trend.estimate, **_counted(panel)},
    )  # fmt: skip


def _counted(panel: OutcomePanel) -> dict[str, float]:
    """Return what a ratio of totals says of counts and of sales with many zeros."""
    known = panel.values[~np.isnan(panel.values)]
    if (known < 0).any() or np.mean(known == 0) < MANY_ZEROS:
        return {}
    return {"ratio_of_totals": count_gap(panel.values, panel.starts, panel.after)}


def placebo_design(panel: OutcomePanel, params: StrategyParams) -> Fit:
    """Few treated units: the design with the smallest error on pretended treatments."""
    level = levels(panel)
    panel, level = _nearest_donors(panel, level, params.max_donors)
    start, after = int(panel.starts[panel.treated][0]), int(panel.after[panel.treated][0])
    used = np.r_[0:start, after : panel.values.shape[1]]
    values = without_gaps(panel.values[:, used] / level[:, None], ~panel.treated, start)
    fit = placebo_fit(
        values, panel.treated, level, start, params.permutations, params.seed,
        -1.0 if params.direction == "down" else 1.0,
    )  # fmt: skip
    scale = float(level[panel.treated].mean())
    half = fit.half_width(params.confidence)
    gaps = _placebo_gaps(fit, values, panel, level, start)
    spread = np.quantile(np.abs(fit.placebos), POWER) if len(fit.placebos) else np.nan
    words = _placebo_words(fit, int(panel.treated.sum()), int((~panel.treated).sum()))
    trend = fit.trend(1 - 2 * params.trend_alpha)
    return Fit(
        *words, fit.effect * scale, (fit.effect - half) * scale, (fit.effect + half) * scale,
        fit.p_value(), fit.trend_p, _scaled(trend, scale), fit.slope_p,
        float((half + spread) * scale), gaps, _expected(panel, level, gaps),
        {name: effect * scale for name, effect in fit.effects.items()},
        tuple(panel.unit_ids[~panel.treated]),
    )  # fmt: skip


def interrupted_fit(panel: OutcomePanel, params: StrategyParams) -> Fit:
    """No comparison units: the treated series against its own trend and season."""
    rows = panel.rows(panel.treated)
    start, after = int(np.median(rows.starts)), int(np.median(rows.after))
    series = np.nanmean(rows.values, axis=0)
    time = np.arange(len(series))
    step = interrupted_series(series, time < start, time >= after, season_of(panel.periods))
    quantile = stats.t.ppf((1 + params.confidence) / 2, step.df)
    p_value = float(2 * stats.t.sf(abs(step.estimate) / max(step.error, 1e-300), step.df))
    gaps = np.full(len(rows.values), step.estimate)
    return Fit(
        _("interrupted time series"),
        _("there is nobody to compare with: the treated series is held against its own trend and "
          "season, with autocorrelated errors"),
        step.estimate, step.estimate - quantile * step.error,
        step.estimate + quantile * step.error, p_value, float("nan"), (float("nan"),) * 3,
        float("nan"),
        float((quantile + stats.t.ppf(POWER, step.df)) * step.error), gaps,
        np.repeat(step.expected[None, :], len(rows.values), axis=0),
        {"interrupted": step.estimate}, (),
    )  # fmt: skip


def _interval(gap: Gap, confidence: float) -> tuple[float, float]:
    half = stats.t.ppf((1 + confidence) / 2, gap.df) * gap.error
    return float(gap.estimate - half), float(gap.estimate + half)


def _scaled(figures: tuple[float, float, float], scale: float) -> tuple[float, float, float]:
    estimate, low, high = figures
    return estimate * scale, low * scale, high * scale


def _two_sided(gap: Gap) -> float:
    if gap.error == 0:
        return 1.0 if gap.estimate == 0 else 0.0
    return float(2 * stats.t.sf(abs(gap.estimate) / gap.error, gap.df))


def _one_sided(gap: Gap, direction: str) -> float:
    better = -gap.estimate if direction == "down" else gap.estimate
    if gap.error == 0:
        return 0.0 if better > 0 else 1.0
    return float(stats.t.sf(better / gap.error, gap.df))


def _detectable(gap: Gap, confidence: float) -> float:
    quantiles = stats.t.ppf((1 + confidence) / 2, gap.df) + stats.t.ppf(POWER, gap.df)
    return float(quantiles * gap.error)


def _cohort_order(panel: OutcomePanel) -> np.ndarray:
    """Return where each treated unit stands in the cohorts' order."""
    keys = list(zip(panel.starts[panel.treated], panel.after[panel.treated], strict=True))
    return np.argsort(sorted(range(len(keys)), key=lambda i: (*keys[i], i)))


def _nearest_donors(panel: OutcomePanel, level: Floats, most: int) -> tuple[OutcomePanel, Floats]:
    """Keep the comparison units nearest in earlier level, at most ``most``."""
    if (~panel.treated).sum() <= most:
        return panel, level
    start = int(panel.starts[panel.treated].min())
    size = np.nanmean(panel.values[:, :start], axis=1)
    distance = np.abs(size - size[panel.treated].mean())
    bound = np.sort(distance[~panel.treated])[most - 1]
    keep = panel.treated | (distance <= bound)
    return panel.rows(keep), level[keep]


def _placebo_gaps(
    fit: PlaceboFit, values: Floats, panel: OutcomePanel, level: Floats, start: int
) -> Floats:
    """Return each treated unit's own effect; weighted by level they average to the estimate."""
    change = values[:, start:].mean(axis=1) - values[:, :start] @ fit.time_weights
    own = (change - fit.unit_weights @ change)[panel.treated]
    share = level[panel.treated] / level[panel.treated].sum()
    return (own + fit.effect - share @ own) * level[panel.treated]


def _expected(panel: OutcomePanel, level: Floats, gaps: Floats) -> Floats:
    """Return treated units x periods without the strategy: comparison path, moved to the fit."""
    common = period_effects(panel.values[~panel.treated] / level[~panel.treated][:, None])
    rows = np.flatnonzero(panel.treated)
    time = np.arange(panel.values.shape[1])
    seen = panel.values[rows]
    before = time < panel.starts[rows][:, None]
    after = time >= panel.after[rows][:, None]
    path = level[rows][:, None] * common[None, :]
    path = path + _mean_where(seen - path, before)[:, None]
    return path + after * (_mean_where(seen - path, after) - gaps)[:, None]


def _mean_where(values: Floats, where: np.ndarray) -> Floats:
    return np.nanmean(np.where(where, values, np.nan), axis=1)


def _difference_words(n_cohorts: int, adjusted: bool, scaled: bool) -> tuple[str, str]:
    if n_cohorts > 1:
        name = _("staggered difference-in-differences")
        why = _("units started at different times: each start is compared on its own dates")
    else:
        name = _("difference-in-differences")
        why = _("enough treated and comparison units started at one date")
    if adjusted:
        why += _("; units are compared at equal earlier slope")
    if scaled:
        why += _("; in shares of each unit's level, because larger units vary more")
    return name, why


def _placebo_words(fit: PlaceboFit, n_treated: int, n_comparison: int) -> tuple[str, str]:
    names = {
        "synthetic_did": _("synthetic difference-in-differences"),
        "synthetic_control": _("demeaned synthetic control"),
        "difference": _("difference-in-differences, permutation"),
        "adjusted": _("difference-in-differences at equal earlier slope, permutation"),
        "detrended": _("detrended difference-in-differences, permutation"),
    }
    why = _("only {n} treated units: each of {m} comparison units takes a turn as if treated, and "
            "this design had the smallest error at dates before the start")  # fmt: skip
    why = why.format(n=n_treated, m=n_comparison)
    return names[fit.design], why
