"""Paired surveys: exact tests, ties, few units; what passes for two waves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from insights.params import StrategyParams
from insights.strategy.compare import compared_part
from insights.strategy.designs.paired import paired_fit
from insights.strategy.designs.two_waves import (
    answered_gate,
    complete_pairs,
    first_values_gate,
    unanswered_words,
    waves_gate,
    waves_gates,
)
from insights.strategy.panel.outcomes import read_panel

PARAMS = StrategyParams(two_waves=True)


def scores(seed, n, m):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(1, 6, (2, n + m)).astype(float)
    return first, second, np.arange(n + m) < n


class TestPairedFit:
    def test_by_hand(self):
        first = np.array([1.0, 2, 3, 3, 3, np.nan])
        second = np.array([3.0, 4, 4, 3, 4, 5])
        found = paired_fit(first, second, np.array([1, 1, 1, 0, 0, 1], bool))
        assert found.estimate == pytest.approx(5 / 3 - 1 / 2)
        assert "3 units with the strategy and 2 without" in found.reason
        assert found.unit_gaps[:3] == pytest.approx([1.5, 1.5, 0.5])
        assert np.isnan(found.unit_gaps[3])
        # ten ways to choose three of five: none can be beyond 5 percent
        assert found.p_value >= 0.1
        assert np.isnan([found.low, found.high, found.detectable]).all()

    def test_many_units_are_welchs_test(self):
        first, second, treated = scores(0, 60, 80)
        found = paired_fit(first, second, treated)
        change = second - first
        welch = stats.ttest_ind(change[:60], change[60:], equal_var=False)
        assert found.p_value == pytest.approx(welch.pvalue)
        assert (found.low, found.high) == pytest.approx(tuple(welch.confidence_interval()))

    def test_without_comparison_units(self):
        first, second, _treated = scores(1, 60, 0)
        found = paired_fit(first, second, np.ones(60, bool))
        change = second - first
        assert found.p_value == pytest.approx(stats.ttest_1samp(change, 0).pvalue)
        assert "come back by themselves" in found.reason

    def test_signs_of_six_changes_can_tell_and_of_five_cannot(self):
        found = paired_fit(np.ones(6), np.arange(2.0, 8.0), np.ones(6, bool))
        assert found.p_value == pytest.approx(2 / 64)
        assert found.low > 0
        few = paired_fit(np.ones(5), np.arange(2.0, 7.0), np.ones(5, bool))
        assert few.p_value == pytest.approx(2 / 32)
        assert few.low <= 0 < few.high
        four = paired_fit(np.ones(4), np.arange(2.0, 6.0), np.ones(4, bool))
        assert np.isnan([four.low, four.high]).all()

    def test_everybody_the_same(self):
        found = paired_fit(np.full(8, 3.0), np.full(8, 3.0), np.arange(8) < 4)
        assert (found.estimate, found.p_value) == (0, 1)
        assert np.isnan([found.low, found.high]).all()
        every = paired_fit(np.full(8, 3.0), np.full(8, 4.0), np.ones(8, bool))
        assert every.p_value == pytest.approx(2 / 256)
        assert (every.low, every.high) == (1, 1)

    def test_one_pair_has_no_interval(self):
        found = paired_fit(np.array([3.0]), np.array([4.0]), np.array([True]))
        assert found.estimate == 1
        assert np.isnan([found.low, found.high, found.p_value]).all()

    def test_equal_first_scores(self):
        rng = np.random.default_rng(2)
        first = rng.uniform(1, 5, 80)
        treated = first < 2.5
        second = 3 + 0.5 * (first - 3)
        found = paired_fit(first, second, treated)
        assert found.estimate > 0.5
        assert found.equal_first == pytest.approx(0, abs=1e-9)
        assert "first scores differ" in found.reason

    @pytest.mark.parametrize("sizes", [(5, 12), (10, 10), (12, 0), (20, 40)])
    def test_false_alarms(self, sizes):
        alarms = [paired_fit(*scores(seed, *sizes)).p_value <= 0.05 for seed in range(80)]
        assert np.mean(alarms) <= 0.1

    @given(st.integers(0, 10_000), st.integers(2, 9), st.integers(0, 9), st.booleans())
    @example(2040, 5, 3, True)
    @settings(max_examples=60, deadline=None)
    def test_interval_agrees_with_p(self, seed, n, m, lifted):
        first, second, treated = scores(seed, n, m)
        if lifted:
            second = np.where(treated, 5.0, second)
        found = paired_fit(first, second, treated)
        assert (found.p_value <= 0.05) == (found.low > 0 or found.high < 0)
        order = np.random.default_rng(seed).permutation(n + m)
        again = paired_fit(first[order], second[order], treated[order])
        assert again.estimate == pytest.approx(found.estimate)
        assert again.p_value == pytest.approx(found.p_value, abs=0.02)

    def test_nobody_asked_twice(self):
        with pytest.raises(ValueError, match="no treated unit"):
            paired_fit(np.array([np.nan]), np.ones(1), np.ones(1, bool))


def waves_panel(values, treated, start=1, washout=0):
    units, periods = values.shape
    outcomes = pd.DataFrame(
        {
            "unit_id": np.repeat(np.arange(units), periods),
            "period": np.tile(np.arange(periods), units),
            "value": values.ravel(),
        }
    ).dropna()
    begun = pd.DataFrame({"unit_id": np.arange(treated), "starts_on": start})
    return read_panel(outcomes, begun, washout)


class TestTwoWavesOnly:
    def test_two_waves_pass(self):
        gate = waves_gate(waves_panel(np.ones((4, 2)), 2))
        assert gate.passed

    @pytest.mark.parametrize(
        ("periods", "start", "washout", "said"),
        [(3, 1, 0, "3 periods"), (36, 24, 0, "36 periods"), (2, 0, 0, "on number 1"),
         (2, 1, 1, "without wash-out"), (2, 5, 0, "number")],
    )  # fmt: skip
    def test_nothing_else_passes_for_a_survey(self, periods, start, washout, said):
        gate = waves_gate(waves_panel(np.ones((4, periods)), 2, start, washout))
        assert not gate.passed
        assert said in gate.reason

    def test_gates_only_where_two_waves_are_asked_for(self):
        months, waves = waves_panel(np.ones((4, 36)), 2, 24), waves_panel(np.ones((4, 2)), 2)
        assert waves_gates(months, months, StrategyParams()) == ()
        assert [gate.passed for gate in waves_gates(months, months, PARAMS)] == [False]
        assert len(waves_gates(waves, waves, PARAMS)) == 3

    def test_one_unit_left_out_does_not_block_the_others(self):
        outcomes = pd.DataFrame(
            {"unit_id": np.repeat(np.arange(12), 2), "period": [0, 1] * 12, "value": 3.0}
        )
        begun = pd.DataFrame({"unit_id": np.arange(6), "starts_on": [1, 1, 1, 1, 1, 2]})
        panel = read_panel(outcomes, begun, 0)
        part = compared_part(panel, PARAMS).panel
        assert not waves_gate(panel).passed
        assert all(gate.passed for gate in waves_gates(panel, part, PARAMS))

    @pytest.mark.parametrize(
        ("silent", "said"),
        [((0, 0), ""), ((12, 20), ""), ((12, 0), "did not answer alike (13 of 25 treated"),
         ((0, 16), "alike"), ((13, 18), "only 12 of 25 treated units"),
         ((17, 26), "only 8 of 25 treated, 19 of 45 "),
         ((24, 44), "only 1 of 25 treated, 1 of 45 ")],
    )  # fmt: skip
    def test_who_answers_must_be_half_and_alike(self, silent, said):
        values = np.arange(140.0).reshape(70, 2)
        values[: silent[0], 1] = np.nan
        values[25 : 25 + silent[1], 1] = np.nan
        gate = answered_gate(waves_panel(values, 25), PARAMS)
        assert gate.passed == (not said)
        assert said in gate.reason

    def test_who_answered_once_is_counted_on_each_side(self):
        values = np.arange(20.0).reshape(10, 2)
        values[[0, 5, 6], 1] = np.nan
        panel = waves_panel(values, 4)
        assert len(complete_pairs(panel).unit_ids) == 7
        assert "1 of 4 treated and 2 of 6 comparison" in unanswered_words(panel)[0]
        assert unanswered_words(complete_pairs(panel)) == ()
        assert unanswered_words(waves_panel(np.ones((4, 3)), 2)) == ()

    def test_first_values_apart_are_no_fair_start(self):
        rng = np.random.default_rng(0)
        values = rng.normal(3, 0.5, (60, 2))
        assert first_values_gate(waves_panel(values, 30), PARAMS).passed
        values[:30, 0] -= 0.6
        gate = first_values_gate(waves_panel(values, 30), PARAMS)
        assert not gate.passed
        assert "come back by themselves" in gate.reason
        flat = np.where(np.arange(60) < 30, 2.0, 3.0)[:, None] * np.ones((1, 2))
        assert not first_values_gate(waves_panel(flat, 30), PARAMS).passed
        alone = first_values_gate(waves_panel(values[:30], 30), PARAMS)
        assert alone.passed
        assert alone.value == "not tested"
