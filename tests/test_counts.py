"""Counts and zeros: the ratio of totals by hand, by Poisson regression, with gaps, at its edges."""

from __future__ import annotations

import numpy as np
import pytest

from insights.strategy.designs.counts import count_gap
from insights.strategy.designs.gap import adjusted_gap
from insights.strategy.panel.outcomes import OutcomePanel
from insights.strategy.panel.shape import cohorts

START, PERIODS = 24, 36


def simulated(seed, n=40, treated=8, zero=0.5):
    rng = np.random.default_rng([seed, 3])
    level = np.exp(rng.normal(np.log(5), 0.6, n))[:, None]
    mean = level * (1 + 0.2 * np.sin(2 * np.pi * np.arange(PERIODS) / 12))
    values = rng.poisson(rng.gamma(2, mean / 2 / (1 - zero))) * (rng.random(mean.shape) > zero)
    return values.astype(float), np.where(np.arange(n) < treated, START, PERIODS)


def test_ratio_of_ratios_by_hand():
    values = np.array([[4.0, 0, 9, 3], [0, 2, 6, 0], [10, 10, 30, 10], [0, 20, 10, 10]])
    starts = np.array([2, 2, 4, 4])
    assert count_gap(values, starts, starts) == pytest.approx((18 - 6 * 60 / 40) / 4)
    late = np.array([3, 3, 4, 4])
    assert count_gap(values, starts, late) == pytest.approx((3 - 6 * 20 / 40) / 2, abs=1e-9)


def test_the_same_as_poisson_regression_where_nobody_was_treated():
    sm = pytest.importorskip("statsmodels.api")
    values, starts = simulated(1)
    unit, period = np.indices(values.shape)
    columns = [unit.ravel() == one for one in range(len(values))]
    columns += [period.ravel() == one for one in range(1, PERIODS)]
    rows, on = np.column_stack(columns).astype(float), (period >= starts[:, None]).ravel()
    peer = sm.GLM(values.ravel()[~on], rows[~on], family=sm.families.Poisson()).fit(tol=1e-12)
    expected = peer.predict(rows[on])
    found = count_gap(values, starts, starts)
    assert found == pytest.approx(np.mean(values.ravel()[on] - expected), abs=1e-6)


def test_with_one_start_and_no_gaps_it_is_the_difference_in_shares_of_level():
    values, starts = simulated(2)
    ids, treated = np.arange(40, dtype=object), starts < PERIODS
    panel = OutcomePanel(ids, np.arange(PERIODS), values, starts, starts, treated)
    level = values[:, :START].mean(axis=1)
    shares = adjusted_gap(cohorts(panel, level), "change", None)
    assert count_gap(values, starts, starts) == pytest.approx(shares.estimate)


def test_staggered_starts_and_gaps_without_noise():
    rng = np.random.default_rng(0)
    expected = np.outer(rng.uniform(1, 9, 20), rng.uniform(1, 3, 12))
    starts = np.r_[np.full(4, 5), np.full(4, 8), np.full(12, 12)]
    after = np.arange(12) >= starts[:, None]
    seen = rng.random(expected.shape) >= 0.15
    values = np.where(seen, np.where(after, 1.5, 1.0) * expected, np.nan)
    found = count_gap(values, starts, starts)
    assert found == pytest.approx(0.5 * expected[after & seen].mean(), abs=1e-6)
    order = rng.permutation(20)
    again = count_gap(1000 * values[order], starts[order], starts[order])
    assert again == pytest.approx(1000 * found)


def test_treated_with_nothing_before_or_nothing_after_give_no_figure():
    values, starts = simulated(3)
    silent = np.where((np.arange(40) < 8)[:, None] & (np.arange(PERIODS) < START), 0.0, values)
    assert np.isnan(count_gap(silent, starts, starts))
    assert np.isnan(count_gap(values, starts, np.full(40, PERIODS)))
    one = silent.copy()
    one[0] = values[0]
    assert np.isfinite(count_gap(one, starts, starts))
