"""What others would say of the study panels: estimate, interval and p-value of each method.

Simple designs are written out, all runs at once (fixed effects have diff-diff's and statsmodels'
estimates to 1e-9, and a standard error between theirs: they count parameters differently);
synthetic and group-time designs are those of diff-diff and synthdid-py; the structural time-series
impact model is statsmodels' UnobservedComponents with the comparison mean as regressor.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.strategy_panels import PERIODS, START, UNITS, Panels, Scenario

COLUMNS = ["estimate", "low", "high", "p_value"]
CONFIDENCE = 0.95
SWEEPS = 60
PLACEBOS = 50
DRAWS = 400


@dataclass(frozen=True)
class Peer:
    """A method: its answers for stacked panels, how many runs it gets at most, where it applies."""

    answer: Callable[[Panels], pd.DataFrame]
    most_runs: int
    applies: Callable[[Scenario], bool]


def before_after(panels: Panels) -> pd.DataFrame:
    """Paired t-test, the year after against the year before: over units, for one over months."""
    early, late = panels.values[:, :, START - 12 : START], panels.values[:, :, START : START + 12]
    rows = []
    for run, treated in enumerate(panels.treated):
        by_month = treated.sum() == 1
        pairs = (late - early)[run, treated]
        change = pairs[0] if by_month else np.nanmean(pairs, axis=1)
        rows.append(_by_t(np.nanmean(change), stats.sem(change), len(change) - 1))
    return pd.DataFrame(rows, columns=COLUMNS)


def difference_in_differences(panels: Panels) -> pd.DataFrame:
    """Difference of unit means after and before; Welch's test, pooled where one is treated."""
    late = np.arange(PERIODS) >= START
    change = np.nanmean(panels.values[:, :, late], 2) - np.nanmean(panels.values[:, :, ~late], 2)
    rows = []
    for row, treated in zip(change, panels.treated, strict=True):
        alike = bool(treated.sum() == 1)
        test = stats.ttest_ind(row[treated], row[~treated], equal_var=alike)
        gap = row[treated].mean() - row[~treated].mean()
        rows.append((gap, *test.confidence_interval(CONFIDENCE), test.pvalue))
    return pd.DataFrame(rows, columns=COLUMNS)


def fixed_effects(panels: Panels) -> pd.DataFrame:
    """Two-way fixed effects, standard errors clustered by unit."""
    return _clustered(panels, trends=False)


def unit_trends(panels: Panels) -> pd.DataFrame:
    """Two-way fixed effects with a straight line for each unit, clustered by unit."""
    return _clustered(panels, trends=True)


def interrupted(panels: Panels) -> pd.DataFrame:
    """The treated mean on its own trend, two season waves and a step; Newey-West, three lags."""
    time = np.arange(PERIODS)
    waves = [f(2 * np.pi * k * time / 12) for k in (1, 2) for f in (np.sin, np.cos)]
    rows = np.column_stack([np.ones(PERIODS), time, *waves, time >= START])
    inverse = np.linalg.inv(rows.T @ rows)
    answers = []
    for series in _treated_mean(panels):
        found = inverse @ rows.T @ series
        scores = rows * (series - rows @ found)[:, None]
        meat = scores.T @ scores
        for lag in (1, 2, 3):
            cross = scores[lag:].T @ scores[:-lag]
            meat += (1 - lag / 4) * (cross + cross.T)
        rest = PERIODS - rows.shape[1]
        error = np.sqrt((inverse @ meat @ inverse)[-1, -1] * PERIODS / rest)
        answers.append(_by_t(found[-1], error, rest))
    return pd.DataFrame(answers, columns=COLUMNS)


def structural_impact(panels: Panels) -> pd.DataFrame:
    """A local level with the comparison mean and a season, fitted before, carried on after."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    control = np.nanmean(np.where(panels.treated[:, :, None], np.nan, panels.values), axis=1)
    rows = []
    for run, (series, other) in enumerate(zip(_treated_mean(panels), control, strict=True)):
        exog = (other - other[:START].mean())[:, None]
        model = UnobservedComponents(
            series[:START], "llevel", exog=exog[:START],
            freq_seasonal=[{"period": 12, "harmonics": 1}], stochastic_freq_seasonal=[False],
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = model.fit(disp=False, maxiter=50)
            paths = fit.simulate(
                PERIODS - START, anchor="end", repetitions=DRAWS, exog=exog[START:],
                rng=np.random.default_rng(run),
            )  # fmt: skip
        gap = series[START:].mean() - np.asarray(paths).reshape(PERIODS - START, -1).mean(axis=0)
        low, high = np.quantile(gap, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
        p_value = 2 * min((gap > 0).mean(), (gap < 0).mean())
        rows.append((gap.mean(), low, high, p_value))
    return pd.DataFrame(rows, columns=COLUMNS)


def synthetic_did(panels: Panels) -> pd.DataFrame:
    """diff-diff's synthetic difference-in-differences, placebo standard error."""
    from diff_diff import SyntheticDiD

    def answer(long: pd.DataFrame) -> tuple[float, ...]:
        found = SyntheticDiD(n_bootstrap=PLACEBOS, seed=1).fit(
            long, "value", "treat", "unit", "time", post_periods=list(range(START, PERIODS))
        )
        return (found.att, *found.conf_int, found.p_value)

    return _each(panels, answer)


def synthetic_control(panels: Panels) -> pd.DataFrame:
    """synthdid-py's synthetic control (no intercept): an estimate; its placebos cost too much."""
    from synthdid import sc_estimate

    rows = []
    for values, treated in zip(panels.values, panels.treated, strict=True):
        ordered = np.vstack([values[~treated], values[treated]])
        estimate = float(sc_estimate(ordered, int((~treated).sum()), START))
        rows.append((estimate, np.nan, np.nan, np.nan))
    return pd.DataFrame(rows, columns=COLUMNS)


def callaway_santanna(panels: Panels) -> pd.DataFrame:
    """diff-diff's group-time effects averaged over treated cells, never treated as comparison."""
    from diff_diff import CallawaySantAnna

    def answer(long: pd.DataFrame) -> tuple[float, ...]:
        found = CallawaySantAnna(base_period="universal").fit(
            long, "value", "unit", "time", "first"
        )
        return (found.overall_att, *found.overall_conf_int, found.overall_p_value)

    return _each(panels, answer)


def _each(panels: Panels, answer: Callable[[pd.DataFrame], tuple[float, ...]]) -> pd.DataFrame:
    rows = []
    for values, starts in zip(panels.values, panels.starts, strict=True):
        long = pd.DataFrame(
            {
                "unit": np.repeat(np.arange(UNITS), PERIODS),
                "time": np.tile(np.arange(PERIODS), UNITS),
                "value": values.ravel(),
                "first": np.repeat(np.where(starts < PERIODS, starts, 0), PERIODS),
            }
        )
        long["treat"] = (long["first"] > 0).astype(int)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows.append(answer(long))
    return pd.DataFrame(rows, columns=COLUMNS).astype(float)


def _treated_mean(panels: Panels) -> np.ndarray:
    mine = np.where(panels.treated[:, :, None], panels.values, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        series = np.nanmean(mine, axis=1)
    return pd.DataFrame(series).interpolate(axis=1, limit_direction="both").to_numpy()


def _clustered(panels: Panels, trends: bool) -> pd.DataFrame:
    held = ~np.isnan(panels.values)
    rest = _within(np.where(held, panels.after, 0.0), held, trends)
    seen = _within(np.where(held, panels.values, 0.0), held, trends)
    power = (rest**2).sum(axis=(1, 2))
    slope = (rest * seen).sum(axis=(1, 2)) / power
    scores = (rest * (seen - slope[:, None, None] * rest)).sum(axis=2)
    cells = held.sum(axis=(1, 2))
    # Unit effects are nested in the clusters and not counted, as fixest does.
    count = PERIODS + (UNITS if trends else 0)
    small = UNITS / (UNITS - 1) * (cells - 1) / (cells - count)
    error = np.sqrt(small * (scores**2).sum(axis=1)) / power
    return pd.DataFrame(
        [_by_t(*pair, UNITS - 1) for pair in zip(slope, error, strict=True)], columns=COLUMNS
    )


def _within(values: np.ndarray, held: np.ndarray, trends: bool) -> np.ndarray:
    """Take out unit and period effects (and unit lines) by turns; one turn on a whole panel."""
    rest, count = values, np.maximum(held.sum(axis=2, keepdims=True), 1)
    time = np.where(held, np.arange(PERIODS), 0.0)
    time = np.where(held, time - time.sum(axis=2, keepdims=True) / count, 0.0)
    spread = np.maximum((time**2).sum(axis=2, keepdims=True), 1e-12)
    for _sweep in range(1 if held.all() else SWEEPS):
        rest = np.where(held, rest - rest.sum(axis=2, keepdims=True) / count, 0.0)
        if trends:
            rest = rest - time * (time * rest).sum(axis=2, keepdims=True) / spread
        by_period = rest.sum(axis=1, keepdims=True) / held.sum(axis=1, keepdims=True)
        rest = np.where(held, rest - by_period, 0.0)
    return rest


def _by_t(estimate: float, error: float, df: float) -> tuple[float, float, float, float]:
    half = stats.t.ppf((1 + CONFIDENCE) / 2, df) * error
    p_value = 2 * stats.t.sf(abs(estimate) / error, df)
    return float(estimate), float(estimate - half), float(estimate + half), float(p_value)


def _together(scenario: Scenario) -> bool:
    return len(scenario.starts) == 1


def _whole(scenario: Scenario) -> bool:
    return _together(scenario) and scenario.missing == 0


def _several(scenario: Scenario) -> bool:
    return scenario.treated > 1 and scenario.missing == 0


PEERS = {
    "before_after": Peer(before_after, 1000, _together),
    "difference_in_differences": Peer(difference_in_differences, 1000, _together),
    "fixed_effects": Peer(fixed_effects, 1000, lambda _scenario: True),
    "unit_trends": Peer(unit_trends, 1000, lambda _scenario: True),
    "interrupted": Peer(interrupted, 1000, _together),
    "callaway_santanna": Peer(callaway_santanna, 300, _several),
    "synthetic_did": Peer(synthetic_did, 200, _whole),
    "synthetic_control": Peer(synthetic_control, 100, _whole),
    "structural_impact": Peer(structural_impact, 100, _together),
}
