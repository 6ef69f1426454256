"""Counts and zeros: ratio of ratios by hand, laws, false alarms, gaps, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.strategy.designs.counts import count_fit


def simulated(seed, n=40, periods=36, treated=8, start=24, gain=1.0, zero=0.5):
    rng = np.random.default_rng([seed, 3])
    level = np.exp(rng.normal(np.log(5), 0.6, n))[:, None]
    noise = np.zeros((n, periods))
    for k in range(1, periods):
        noise[:, k] = 0.5 * noise[:, k - 1] + 0.25 * rng.normal(size=n)
    mean = level * (1 + 0.2 * np.sin(2 * np.pi * np.arange(periods) / 12)) * np.exp(noise)
    who = np.zeros(n, bool)
    who[rng.permutation(n)[:treated]] = True
    expected = mean[who, start:].mean()
    mean[who, start:] *= gain
    values = rng.poisson(rng.gamma(2, mean / 2 / (1 - zero))) * (rng.random(mean.shape) > zero)
    return values.astype(float), np.where(who, start, periods), (gain - 1) * expected


def fit(values, starts):
    return count_fit(values, starts, starts)


class TestKnownAnswers:
    def test_ratio_of_ratios_by_hand(self):
        values = np.array([[4.0, 0, 9, 3], [0, 2, 6, 0], [10, 10, 30, 10], [0, 20, 10, 10]])
        found = fit(values, np.array([2, 2, 4, 4]))
        treated, comparison = 18 / 6, 60 / 40
        assert found.ratio == pytest.approx(treated / comparison)
        assert found.estimate == pytest.approx((18 - 6 * comparison) / 4)
        assert found.expected[:, 2:].sum() == pytest.approx(9)
        assert found.unit_gaps.mean() == pytest.approx(found.estimate)
        assert found.zero_share == pytest.approx(4 / 16)

    def test_the_same_as_poisson_regression(self):
        sm = pytest.importorskip("statsmodels.api")
        values, starts, _truth = simulated(1)
        unit, period = np.indices(values.shape)
        on = (period >= starts[:, None]).astype(float)
        rows = np.column_stack(
            [
                *(unit.ravel() == one for one in range(len(values))),
                *(period.ravel() == one for one in range(1, values.shape[1])),
                on.ravel(),
            ]
        ).astype(float)
        family = sm.families.Poisson()
        peer = sm.GLM(values.ravel(), rows, family=family).fit(tol=1e-12, maxiter=100)
        assert np.log(fit(values, starts).ratio) == pytest.approx(peer.params[-1], abs=1e-8)

    def test_staggered_starts_and_gaps_without_noise(self):
        rng = np.random.default_rng(0)
        values = np.outer(rng.uniform(1, 9, 20), rng.uniform(1, 3, 12))
        starts = np.r_[np.full(4, 5), np.full(4, 8), np.full(12, 12)]
        values = np.where(np.arange(12) >= starts[:, None], 1.5 * values, values)
        values[rng.random(values.shape) < 0.15] = np.nan
        found = fit(values, starts)
        assert found.ratio == pytest.approx(1.5, abs=1e-6)

    def test_silent_units_are_said(self):
        values, starts, _truth = simulated(2)
        first = int(np.flatnonzero(starts < 36)[0])
        values[first, :24] = 0
        found = fit(values, starts)
        assert found.n_silent == 1
        assert "nothing before" in found.reason


class TestInference:
    @pytest.mark.parametrize("treated", [3, 8])
    def test_false_alarms(self, treated):
        alarms = [fit(*simulated(seed, treated=treated)[:2]).p_value < 0.05 for seed in range(300)]
        assert np.mean(alarms) <= 0.085

    def test_coverage_under_an_effect(self):
        covered = []
        for seed in range(200):
            values, starts, truth = simulated(seed, gain=1.5)
            found = fit(values, starts)
            covered.append(found.low <= truth <= found.high)
        assert np.mean(covered) >= 0.92

    @given(st.integers(0, 500))
    @settings(max_examples=20, deadline=None)
    def test_scale_order_and_agreement_of_p_with_intervals(self, seed):
        values, starts, _truth = simulated(seed, gain=1.3)
        found = fit(values, starts)
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
        assert (found.p_value < 0.05) == (found.ratio_low > 1 or found.ratio_high < 1)
        order = np.random.default_rng(seed).permutation(len(values))
        again = fit(1000 * values[order], starts[order])
        assert again.ratio == pytest.approx(found.ratio)
        assert again.log_error == pytest.approx(found.log_error)
        assert again.estimate == pytest.approx(1000 * found.estimate)


class TestEdges:
    def test_one_treated_unit(self):
        found = fit(*simulated(4, treated=1)[:2])
        assert np.isfinite([found.low, found.high]).all()

    def test_one_comparison_unit_gives_no_interval(self):
        values, starts, _truth = simulated(5)
        keep = (starts < 36) | (np.arange(40) == np.flatnonzero(starts == 36)[0])
        found = fit(values[keep], starts[keep])
        assert np.isnan(found.low) and np.isnan(found.p_value)

    def test_nothing_sold_after(self):
        values, starts, _truth = simulated(6)
        values[(starts < 36)[:, None] & (np.arange(36) >= 24)] = 0
        found = fit(values, starts)
        assert found.ratio == 0
        assert found.estimate < 0
        assert np.isnan(found.low)

    def test_faults_are_named_together(self):
        values = -np.ones((3, 4))
        with pytest.raises(ValueError, match=r"12 negative.*comparison"):
            fit(values, np.full(3, 2))
        with pytest.raises(ValueError, match="nothing before"):
            fit(np.array([[0.0, 0, 1, 1], [1, 1, 1, 1]]), np.array([2, 4]))
