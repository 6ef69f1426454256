"""One comparison: did the treated units change by more than they would have anyway?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from threadpoolctl import ThreadpoolController

from insights.params import StrategyParams
from insights.strategy.designs.fits import Fit, difference_fit, interrupted_fit, placebo_design
from insights.strategy.designs.two_waves import (
    complete_pairs,
    two_waves,
    two_waves_fit,
    unanswered_words,
    waves_gates,
)
from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import (
    Evidence,
    Gate,
    compared_gate,
    early_gate,
    pre_trend_gate,
    short_gate,
    size_gates,
    values_gate,
    varies_gate,
    verdict,
)
from insights.strategy.panel.left_out import left_out, unused, valueless
from insights.strategy.panel.outcomes import OutcomePanel, read_panel
from insights.strategy.panel.shape import Comparison, comparable_part
from insights.words import _

FEWEST_DONORS = 3
DEFAULTS = StrategyParams()


def compare_strategy(
    outcomes: pd.DataFrame, units: pd.DataFrame, params: StrategyParams = DEFAULTS
) -> StrategyEffect:
    """Did a strategy work? Compare treated with untreated units, before with after.

    ``outcomes`` holds unit_id, period, value (one row per unit and period; period a date, Period,
    datetime or int); ``units`` holds unit_id, starts_on of the treated. ``params.min_effect`` is
    in outcome units. The design follows from the panel's shape and is said with its reason;
    ``cannot_tell`` always comes with its reasons. Units without a before or an after, and rows
    without a value, are left out and counted in ``notes``. ``OutcomesError`` names every fault of
    the input, ``TypeError`` what is no DataFrame or no StrategyParams.
    """
    if not isinstance(params, StrategyParams):
        words = _("params: {kind} given; give StrategyParams, such as load_params(...).strategy")
        raise TypeError(words.format(kind=type(params).__name__))
    panel = read_panel(outcomes, units, params.washout_periods)
    return compare_panel(panel, params, valueless(outcomes))


def compare_panel(
    panel: OutcomePanel, params: StrategyParams, notes: tuple[str, ...] = (), n_aside: int = 0
) -> StrategyEffect:
    """Compare a panel that has been read already; ``notes`` is what to say of its reading.

    ``n_aside``: how many registered units were set aside before the panel was read.
    """
    part = compared_part(panel, params)
    gates = _shape_gates(panel, part, params, n_aside)
    notes = (*notes, *left_out(part))
    if not _estimable(part.panel, params):
        return judged(_nothing(panel, part, gates, notes), params, ())
    with _threads().limit(limits=1):
        fit = _fit(part.panel, params)
    if not np.isnan(fit.pre_trend_p):
        gates = (*gates, pre_trend_gate(fit.pre_trend_p, params.pre_trend_alpha))
    return judged(_effect(part, fit, gates, notes), params, ())


@cache
def _threads() -> ThreadpoolController:
    """Return the thread pools of this process; looking them up costs as much as a comparison."""
    return ThreadpoolController()


def compared_part(panel: OutcomePanel, params: StrategyParams) -> Comparison:
    """Which units can be compared, on which periods? In two waves only those that gave both."""
    surveyed = params.two_waves and panel.values.shape[1] == 2
    part = comparable_part(
        panel, params.min_comparison_units, params.min_post_periods, gaps=surveyed
    )
    if not surveyed:
        return part
    return replace(part, panel=complete_pairs(part.panel), words=unanswered_words(part.panel))


def _shape_gates(
    panel: OutcomePanel, part: Comparison, params: StrategyParams, n_aside: int
) -> tuple[Gate, ...]:
    waves = waves_gates(panel, part.panel, params)
    if waves and not (waves[0].passed and part.panel.treated.any()):
        return waves
    early = early_gate(len(part.early), int(panel.treated.sum()))
    known = panel.values[~np.isnan(panel.values)]
    varies = varies_gate(bool(known.size and known.max() > known.min()))
    if part.early and not (part.panel.treated.any() or part.brief or part.late or part.sparse):
        return (early, varies)
    if _waves(part.panel, params):
        params = replace(params, min_pre_periods=1, min_post_periods=1)
    size = size_gates(*_counts(panel, part), params)
    remaining = () if waves else _remaining(panel, part, n_aside)
    return (*waves, *size, early, *remaining, varies)


def _remaining(panel: OutcomePanel, part: Comparison, n_aside: int) -> tuple[Gate, ...]:
    """Hold those compared against those registered that began within the periods."""
    begun = panel.unit_ids[panel.treated & (panel.starts < panel.values.shape[1])]
    n_compared = int(pd.Series(begun).isin(part.panel.unit_ids).sum())
    if n_compared:
        return (compared_gate(n_compared, len(begun) + n_aside),)
    return (values_gate(len(part.sparse), len(begun)),) if part.sparse else ()


def _counts(panel: OutcomePanel, part: Comparison) -> tuple[int, int, int, int]:
    """Return treated and comparison units, periods before and after.

    Where no treated unit is left, those of the units left out for them, which are the reason.
    """
    n_comparison = int((~part.panel.treated).sum())
    if not part.panel.treated.any():
        placed = [*part.early, *part.brief, *part.late, *part.sparse]
        part = replace(part, panel=panel.rows(pd.Series(panel.unit_ids).isin(placed).to_numpy()))
    return int(part.panel.treated.sum()), n_comparison, part.n_before(), part.n_after()


def _waves(panel: OutcomePanel, params: StrategyParams) -> bool:
    return params.two_waves and two_waves(panel)


def _estimable(panel: OutcomePanel, params: StrategyParams) -> bool:
    if not panel.treated.any() or np.nanmax(panel.values) == np.nanmin(panel.values):
        return False
    return bool(panel.values.shape[1] > 2 or _waves(panel, params))


def _fit(panel: OutcomePanel, params: StrategyParams) -> Fit:
    n_treated, n_comparison = int(panel.treated.sum()), int((~panel.treated).sum())
    if _waves(panel, params):
        return two_waves_fit(panel, params)
    if n_comparison < FEWEST_DONORS:
        return interrupted_fit(panel, params)
    together = (
        len({*zip(panel.starts[panel.treated], panel.after[panel.treated], strict=True)}) == 1
    )
    if n_treated <= params.few_treated and together and n_comparison > n_treated:
        return placebo_design(panel, params)
    return difference_fit(panel, params)


def judged(
    effect: StrategyEffect, params: StrategyParams, gates: tuple[Gate, ...]
) -> StrategyEffect:
    """Return the effect with its verdict under these params and further gates."""
    better = -1.0 if params.direction == "down" else 1.0
    low, high = sorted(better * bound for bound in effect.interval)
    trend_high = max(better * bound for bound in effect.trend_interval)
    evidence = Evidence(
        better * effect.estimate, low, high, effect.trend_p, trend_high, effect.detectable, better,
        effect.counterfactual,
    )  # fmt: skip
    every = (*effect.gates, *gates)
    word, reasons = verdict(evidence, every, params)
    insufficient = any(not gate.passed for gate in every)
    return replace(
        effect, verdict=word, reasons=(*reasons, *effect.notes), insufficient=insufficient,
        gates=every,
    )  # fmt: skip


def _effect(
    part: Comparison, fit: Fit, gates: tuple[Gate, ...], notes: tuple[str, ...]
) -> StrategyEffect:
    panel, rows = part.panel, part.panel.treated
    others = tuple(panel.unit_ids[~rows])
    used = others if fit.comparison_units is None else fit.comparison_units
    seen = _after_means(panel)
    expected = float(np.mean(seen - fit.unit_gaps))
    share = expected if expected > 0 else float("nan")
    return StrategyEffect(
        estimate=fit.estimate,
        interval=(fit.low, fit.high),
        p_value=fit.p_value,
        relative=fit.estimate / share,
        relative_interval=(fit.low / share, fit.high / share),
        design=fit.design,
        design_reason=fit.reason,
        counterfactual=expected,
        detectable=fit.detectable,
        pre_trend_p=fit.pre_trend_p,
        trend_p=fit.trend_p,
        trend_estimate=fit.trend[0],
        trend_interval=fit.trend[1:],
        n_treated=int(rows.sum()),
        n_comparison=len(used),
        n_before=part.n_before(),
        n_after=part.n_after(),
        gates=gates,
        notes=(*notes, *unused(len(others), len(used))),
        paths=_paths(panel, fit),
        units=_unit_effects(panel, fit, seen),
        comparison_units=used,
        estimates=pd.DataFrame(
            {"design": list(fit.estimates), "estimate": list(fit.estimates.values())}
        ),
    )


def _nothing(
    panel: OutcomePanel, part: Comparison, gates: tuple[Gate, ...], notes: tuple[str, ...]
) -> StrategyEffect:
    nan, treated_ids = float("nan"), panel.unit_ids[panel.treated]
    _treated, n_comparison, n_before, n_after = _counts(panel, part)
    if all(gate.passed for gate in gates):
        gates = (*gates, short_gate())
    return StrategyEffect(
        design=_("none"),
        design_reason=_("nothing can be compared"),
        n_treated=len(treated_ids),
        n_comparison=n_comparison,
        n_before=n_before,
        n_after=n_after,
        gates=gates,
        notes=notes,
        units=pd.DataFrame(
            {"unit_id": treated_ids, "effect": nan, "expected": nan, "relative": nan}
        ),
        comparison_units=tuple(part.panel.unit_ids[~part.panel.treated]),
    )


def _after_means(panel: OutcomePanel) -> np.ndarray:
    rows = np.flatnonzero(panel.treated)
    after = np.arange(panel.values.shape[1]) >= panel.after[rows][:, None]
    return np.nanmean(np.where(after, panel.values[rows], np.nan), axis=1)


def _paths(panel: OutcomePanel, fit: Fit) -> pd.DataFrame:
    rows = np.flatnonzero(panel.treated)
    seen = panel.values[rows]
    expected = np.where(np.isnan(seen), np.nan, fit.expected)
    started = np.arange(seen.shape[1]) >= panel.after[rows][:, None]
    return pd.DataFrame(
        {
            "period": panel.periods,
            "treated": _column_mean(seen),
            "expected": _column_mean(expected),
            "after": started.any(axis=0),
        }
    )


def _column_mean(values: np.ndarray) -> np.ndarray:
    held = ~np.isnan(values)
    count = held.sum(axis=0)
    return np.where(count > 0, np.nansum(values, axis=0) / np.maximum(count, 1), np.nan)


def _unit_effects(panel: OutcomePanel, fit: Fit, seen: np.ndarray) -> pd.DataFrame:
    expected = seen - fit.unit_gaps
    return pd.DataFrame(
        {
            "unit_id": panel.unit_ids[panel.treated],
            "effect": fit.unit_gaps,
            "expected": expected,
            "relative": fit.unit_gaps / np.where(expected > 0, expected, np.nan),
        }
    )
