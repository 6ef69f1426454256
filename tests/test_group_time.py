"""Group-time effects: known answers by hand, gaps, invariance, bad input; a series on its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from insights.strategy.designs.group_time import group_time
from insights.strategy.designs.interrupted import interrupted_series

# Two starters at 2 (gain 5), one at 3 (gain 2), three never; periods 0..3.
VALUES = np.array(
    [
        [10.0, 11, 18, 18],
        [20.0, 21, 28, 28],
        [30.0, 31, 33, 35],
        [1.0, 2, 4, 4],
        [5.0, 6, 8, 8],
        [9.0, 10, 12, 12],
    ]
)
STARTS = np.array([2, 2, 3, 4, 4, 4])


def panel(seed, n=30, periods=12):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, periods)).cumsum(axis=1) + rng.normal(0, 5, (n, 1))
    starts = np.full(n, periods)
    starts[:10] = rng.integers(4, 9, 10)
    return values, starts


class TestKnownAnswers:
    @pytest.mark.parametrize("base", ["last", "all"])
    def test_by_hand(self, base):
        found = group_time(VALUES, STARTS, base=base)
        assert found.by_group.estimate.tolist() == pytest.approx([5, 2])
        assert found.by_group.n_treated.tolist() == [2, 1]
        assert found.per_unit.estimate == pytest.approx((5 + 5 + 2) / 3)
        assert found.overall.estimate == pytest.approx((4 * 5 + 2) / 5)
        assert found.unit_gaps == pytest.approx([5, 5, 2])
        late = found.by_event[found.by_event.event >= 0]
        assert late.estimate.tolist() == pytest.approx([4, 5])
        early = found.by_event[found.by_event.event < 0]
        assert early.estimate.abs().max() < 1e-9

    def test_one_group_in_two_periods_is_welchs_test(self):
        rng = np.random.default_rng(0)
        values = rng.normal(size=(12, 2))
        starts = np.where(np.arange(12) < 4, 1, 2)
        found = group_time(values, starts).overall
        change = values[:, 1] - values[:, 0]
        welch = stats.ttest_ind(change[:4], change[4:], equal_var=False)
        assert found.p_value == pytest.approx(welch.pvalue)
        assert found.df == pytest.approx(welch.df)
        assert (found.low, found.high) == pytest.approx(tuple(welch.confidence_interval()))

    def test_wash_out_is_neither_before_nor_after(self):
        spoiled = VALUES.copy()
        spoiled[:2, 2] = 1e6
        found = group_time(
            spoiled[[0, 1, 3, 4, 5]], STARTS[[0, 1, 3, 4, 5]], np.array([3, 3, 4, 4, 4])
        )
        assert found.overall.estimate == pytest.approx(5)
        assert found.by_event.event.tolist() == [-1, 0]

    def test_not_yet_treated_units_stand_in(self):
        found = group_time(VALUES[:3], STARTS[:3], against="not_yet")
        assert found.overall.estimate == pytest.approx(5)
        assert found.cells[found.cells.period == 2].n_comparison.tolist() == [1]

    def test_one_treated_unit_is_lent_the_spread_of_the_others(self):
        rng = np.random.default_rng(1)
        values = rng.normal(size=(20, 6))
        found = group_time(values, np.where(np.arange(20) == 0, 3, 6)).overall
        assert found.error > 0.5
        assert found.df > 10

    def test_false_alarms(self):
        p_values = []
        for seed in range(300):
            rng = np.random.default_rng(seed)
            values = rng.normal(size=(30, 12)).cumsum(axis=1)
            starts = np.where(np.arange(30) < 8, rng.integers(5, 9, 30), 12)
            p_values.append(group_time(values, starts, base="all").per_unit.p_value)
        assert 0.02 <= np.mean(np.array(p_values) < 0.05) <= 0.09


class TestLaws:
    @given(st.integers(0, 1000), st.sampled_from(["last", "all"]))
    @settings(max_examples=20, deadline=None)
    def test_unit_and_period_levels_do_not_matter(self, seed, base):
        values, starts = panel(seed)
        rng = np.random.default_rng(seed + 1)
        moved = values + rng.normal(0, 9, (30, 1)) + rng.normal(0, 9, (1, 12))
        first, again = (group_time(one, starts, base=base) for one in (values, moved))
        assert again.overall.estimate == pytest.approx(first.overall.estimate, abs=1e-6)
        assert again.overall.error == pytest.approx(first.overall.error, rel=1e-6)

    def test_order_of_units_does_not_matter(self):
        values, starts = panel(3)
        order = np.random.default_rng(0).permutation(len(values))
        first, again = group_time(values, starts), group_time(values[order], starts[order])
        assert again.overall.estimate == pytest.approx(first.overall.estimate)
        assert again.overall.error == pytest.approx(first.overall.error)
        assert again.by_event.estimate.to_numpy() == pytest.approx(first.by_event.estimate)

    def test_per_unit_is_the_mean_of_the_units(self):
        values, starts = panel(4)
        found = group_time(values, starts)
        assert found.per_unit.estimate == pytest.approx(found.unit_gaps.mean())

    def test_mean_of_all_before_is_less_noisy_without_persistence(self):
        rng = np.random.default_rng(5)
        values, starts = rng.normal(size=(40, 24)), np.where(np.arange(40) < 8, 16, 24)
        last, every = (group_time(values, starts, base=base).overall for base in ("last", "all"))
        assert every.error < 0.7 * last.error


class TestGaps:
    @pytest.mark.parametrize("base", ["last", "all"])
    def test_gaps_are_bridged_by_units_seen_on_both_sides(self, base):
        _values, starts = panel(6)
        exact = np.outer(np.ones(30), np.arange(12.0) ** 2) + np.arange(30.0)[:, None]
        exact = exact + 3.0 * (np.arange(12) >= starts[:, None])
        holes = np.random.default_rng(1).random(exact.shape) < 0.2
        found = group_time(np.where(holes, np.nan, exact), starts, base=base)
        assert found.overall.estimate == pytest.approx(3, abs=1e-6)
        assert np.nanmax(np.abs(found.unit_gaps - 3)) < 1e-6

    def test_a_unit_never_seen_changes_nothing(self):
        values, starts = panel(7)
        more = np.vstack([values, np.full((1, 12), np.nan)])
        first = group_time(values, starts)
        again = group_time(more, np.append(starts, 12))
        assert again.overall.estimate == pytest.approx(first.overall.estimate)

    def test_nothing_to_compare_is_refused(self):
        with pytest.raises(ValueError, match="comparison units"):
            group_time(VALUES[:3], STARTS[:3])
        with pytest.raises(ValueError, match="before"):
            group_time(VALUES, np.array([0, 0, 0, 4, 4, 4]))


class TestInterruptedSeries:
    TIME = np.arange(36)

    def series(self, seed, rho):
        rng = np.random.default_rng([seed, 11])
        noise = np.empty(36)
        noise[0] = rng.normal()
        for k in range(1, 36):
            noise[k] = rho * noise[k - 1] + np.sqrt(1 - rho**2) * rng.normal()
        season = 10 * np.sin(2 * np.pi * (self.TIME / 12 + rng.random()))
        return 100 + 0.3 * self.TIME + season + 10 * noise

    @pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
    def test_false_alarms(self, rho):
        alarms = []
        for seed in range(250):
            found = interrupted_series(self.series(seed, rho), self.TIME < 24, self.TIME >= 24, 12)
            far = abs(found.estimate) / found.error
            alarms.append(2 * stats.t.sf(far, found.df) < 0.05)
        assert np.mean(alarms) <= 0.085

    def test_a_clean_step_is_found_exactly(self):
        series = 50 + 2.0 * self.TIME + 5 * (self.TIME % 12 == 1) + 7.0 * (self.TIME >= 26)
        before, after = self.TIME < 24, self.TIME >= 26
        found = interrupted_series(series, before, after, 12)
        assert found.estimate == pytest.approx(7, abs=1e-6)
        assert found.expected[30] == pytest.approx(series[30] - 7, abs=1e-6)

    def test_gaps_keep_their_distance(self):
        series = self.series(1, 0.5)
        series[[3, 4, 5, 20]] = np.nan
        found = interrupted_series(series, self.TIME < 24, self.TIME >= 24, 12)
        assert np.isfinite(found.error)
        assert found.df == 32 - 14

    def test_too_short_to_tell(self):
        series, time = np.arange(5.0) ** 2, np.arange(5)
        assert np.isnan(interrupted_series(series, time < 3, time >= 3, 1).error)
