"""Paired surveys: exact tests, bounds, ties, few units; two waves read from the table feedback."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from insights.features.waves import WavesError, loop_funnel, survey_waves, wave_scores
from insights.strategy.designs.paired import difference_of_means, paired_fit
from insights.tables import connect

SCALE = (1.0, 5.0)


def scores(seed, n, m):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(1, 6, (2, n + m)).astype(float)
    return first, second, np.arange(n + m) < n


class TestPairedFit:
    def test_by_hand(self):
        first = np.array([1.0, 2, 3, 3, 3, np.nan])
        second = np.array([3.0, 4, 4, 3, 4, 5])
        found = paired_fit(first, second, np.array([1, 1, 1, 0, 0, 1], bool), SCALE)
        assert found.estimate == pytest.approx(5 / 3 - 1 / 2)
        assert (found.n_pairs, found.n_comparison_pairs, found.n_unanswered) == (3, 2, 1)
        assert (found.n_better, found.n_worse, found.n_same) == (3, 0, 0)
        assert found.unit_gaps[:3] == pytest.approx([1.5, 1.5, 0.5])
        assert np.isnan(found.unit_gaps[3])
        # ten ways to choose three of five: none can be beyond 5 percent
        assert found.p_value >= 0.1
        assert (found.low, found.high) == pytest.approx((11 / 3 - 5, 11 / 3 - 1))

    def test_many_units_are_welchs_test(self):
        first, second, treated = scores(0, 60, 80)
        found = paired_fit(first, second, treated, SCALE)
        change = second - first
        welch = stats.ttest_ind(change[:60], change[60:], equal_var=False)
        assert found.p_value == pytest.approx(welch.pvalue)
        assert (found.low, found.high) == pytest.approx(tuple(welch.confidence_interval()))

    def test_without_comparison_units(self):
        first, second, _treated = scores(1, 60, 0)
        found = paired_fit(first, second, np.ones(60, bool), SCALE)
        change = second - first
        assert found.p_value == pytest.approx(stats.ttest_1samp(change, 0).pvalue)
        assert found.effect_size == pytest.approx(change.mean() / change.std(ddof=1))
        assert found.rank_p == pytest.approx(stats.wilcoxon(change, method="asymptotic").pvalue)
        assert "come back by themselves" in found.reason

    def test_signs_of_six_changes(self):
        found = paired_fit(np.ones(6), np.arange(2.0, 8.0), np.ones(6, bool))
        assert found.p_value == pytest.approx(2 / 64)
        assert found.low > 0
        few = paired_fit(np.ones(5), np.arange(2.0, 7.0), np.ones(5, bool), (1.0, 7.0))
        assert few.p_value == pytest.approx(2 / 32)
        assert few.low <= 0

    def test_everybody_the_same(self):
        found = paired_fit(np.full(8, 3.0), np.full(8, 3.0), np.arange(8) < 4, SCALE)
        assert (found.estimate, found.p_value) == (0, 1)
        assert (found.low, found.high) == (-2, 2)
        assert np.isnan(found.effect_size)
        every = paired_fit(np.full(8, 3.0), np.full(8, 4.0), np.ones(8, bool), SCALE)
        assert every.p_value == pytest.approx(2 / 256)

    def test_one_pair_has_no_interval(self):
        found = paired_fit(np.array([3.0]), np.array([4.0]), np.array([True]), SCALE)
        assert found.estimate == 1
        assert np.isnan([found.low, found.high, found.p_value]).all()

    def test_equal_first_scores(self):
        rng = np.random.default_rng(2)
        first = rng.uniform(1, 5, 80)
        treated = first < 2.5
        second = 3 + 0.5 * (first - 3)
        found = paired_fit(first, second, treated)
        assert found.estimates["difference_of_changes"] > 0.5
        assert found.estimates["equal_first_scores"] == pytest.approx(0, abs=1e-9)
        assert "first scores differ" in found.reason

    @pytest.mark.parametrize("sizes", [(5, 12), (10, 10), (12, 0), (20, 40)])
    def test_false_alarms(self, sizes):
        alarms = [paired_fit(*scores(seed, *sizes), SCALE).p_value <= 0.05 for seed in range(150)]
        assert np.mean(alarms) <= 0.1

    @given(st.integers(0, 10_000), st.integers(2, 9), st.integers(0, 9), st.booleans())
    @settings(max_examples=60, deadline=None)
    def test_interval_agrees_with_p_and_stays_on_the_scale(self, seed, n, m, lifted):
        first, second, treated = scores(seed, n, m)
        if lifted:
            second = np.where(treated, 5.0, second)
        found = paired_fit(first, second, treated, SCALE)
        assert (found.p_value <= 0.05) == (not found.low <= 0 <= found.high)
        seen = second[treated].mean()
        assert seen - 5 - 1e-9 <= found.low <= found.high <= seen - 1 + 1e-9
        order = np.random.default_rng(seed).permutation(n + m)
        again = paired_fit(first[order], second[order], treated[order], SCALE)
        assert again.estimate == pytest.approx(found.estimate)
        assert again.p_value == pytest.approx(found.p_value, abs=0.02)

    def test_bad_input(self):
        with pytest.raises(ValueError, match="2 outside 1 to 5, such as 9"):
            paired_fit(np.array([9.0, 0.0]), np.ones(2), np.ones(2, bool), SCALE)
        with pytest.raises(ValueError, match="no treated unit"):
            paired_fit(np.array([np.nan]), np.ones(1), np.ones(1, bool), SCALE)

    def test_difference_of_means_is_welchs(self):
        rng = np.random.default_rng(3)
        values, treated = rng.normal(size=30), np.arange(30) < 9
        found = difference_of_means(values, treated)
        welch = stats.ttest_ind(values[:9], values[9:], equal_var=False)
        assert found.p_value == pytest.approx(welch.pvalue)
        assert np.isnan(difference_of_means(values, np.arange(30) < 1).p_value)


FEEDBACK = [
    # id, customer, day, kind, dimension, score, wave, answers
    ("1", "A", "2024-01-05", "product", "x", 2.0, 1, None),
    ("2", "A", "2024-02-05", "service", None, 3.0, 1, None),
    ("3", "B", "2024-02-10", None, None, 2.0, None, None),
    ("1-2", "A", "2024-03-01", "product", "x", 4.0, 2, "1"),
    ("1-3", "A", "2024-06-01", "product", "x", 1.0, 2, "1"),
    ("3-2", "B", "2024-05-01", None, None, 2.0, None, "3"),
    ("9", "B", "2024-05-02", None, None, 2.0, 2, None),
    ("10", "B", "2024-05-03", None, None, 2.0, 2, "77"),
    ("11", "B", "2024-05-04", None, None, 5.0, 2, "2"),
    ("12", "A", "2024-01-15", None, None, 5.0, 2, "2"),
]


class TestWaves:
    @pytest.fixture
    def source(self, write_source):
        columns = ["feedback_id", "customer_id", "given_on", "kind", "dimension", "score"]
        rows = pd.DataFrame(FEEDBACK, columns=[*columns, "wave", "answers_id"])
        rows = rows.assign(given_on=pd.to_datetime(rows.given_on), wave=rows.wave.astype("Int64"))
        return lambda order=rows.index: connect(write_source(feedback=rows.loc[order]))

    def test_pairs_and_unmatched(self, source):
        waves = survey_waves(source(), "2024-05-31")
        pairs = waves.pairs.set_index("feedback_id")
        assert pairs.index.tolist() == ["1", "2", "3"]
        assert pairs.change.tolist()[::2] == [2.0, 0.0]
        assert pairs.verified.tolist()[::2] == [1.0, 0.0]
        assert waves.n_unanswered == 1
        assert waves.unmatched.feedback_id.tolist() == ["10", "11", "12", "9"]
        assert waves.unmatched.reason.nunique() == 4

    def test_the_future_is_hidden_and_the_latest_answer_counts(self, source):
        tables = source()
        by_day = {
            day: survey_waves(tables, day).pairs.set_index("feedback_id").change.get("1")
            for day in ("2024-02-28", "2024-03-01", "2024-06-01")
        }
        assert np.isnan(by_day["2024-02-28"])
        assert by_day["2024-03-01"] == 2
        assert by_day["2024-06-01"] == -1
        assert survey_waves(tables, "2023-01-01").pairs.empty
        assert loop_funnel(survey_waves(tables, "2023-01-01"), "kind", 5).empty

    def test_funnel(self, source):
        waves = survey_waves(source(), "2024-05-31")
        row = loop_funnel(waves, None, 1).iloc[0]
        steps = ["collected", "analysed", "improved", "scored_twice", "verified", "unanswered"]
        assert row[steps].tolist() == [3, 2, 2, 2, 1, 1]
        assert (row.mean_change, row.share_verified) == (1.0, 0.5)
        by = loop_funnel(waves, "kind", 1)
        assert by.collected.sum() == 3
        small = loop_funnel(waves, "kind", 2)
        assert small.collected.tolist() == [3]
        assert loop_funnel(waves, "kind", 4).drop(columns="kind").isna().all(axis=None)

    def test_row_order_does_not_matter(self, source, write_source):
        first = survey_waves(source(), "2024-05-31")
        again = survey_waves(source(list(reversed(range(len(FEEDBACK))))), "2024-05-31")
        pd.testing.assert_frame_equal(first.pairs, again.pairs)
        pd.testing.assert_frame_equal(first.unmatched, again.unmatched)

    def test_scores_by_customer(self, source):
        waves = survey_waves(source(), "2024-05-31")
        found = wave_scores(waves)
        assert found.customer_id.tolist() == ["A", "B"]
        assert found["first"].tolist() == [2.0, 2.0]
        assert found.second.tolist() == [4.0, 2.0]
        later = wave_scores(waves, "2024-04-01")
        assert later.second.isna().tolist() == [True, False]
        assert later.n_first.tolist() == [2, 1]

    def test_without_the_table(self, write_source):
        customers = pd.DataFrame({"customer_id": ["A"], "region_id": ["N"]})
        with pytest.raises(WavesError, match="feedback"):
            survey_waves(connect(write_source(customers=customers)), "2024-05-31")

    def test_the_demo_company(self, demo):
        waves = survey_waves(demo, "2025-12-31")
        both = wave_scores(waves)
        found = paired_fit(
            both["first"].to_numpy(), both.second.to_numpy(), np.ones(len(both), bool), SCALE
        )
        assert found.low > 0
        assert found.n_unanswered == both.second.isna().sum()
