"""Strategy: known answers, false alarms and power, what it refuses to say, bad input."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.params import StrategyParams, load_params
from insights.store import cached
from insights.strategy import OutcomesError, compare_strategy, review_strategies
from insights.strategy.designs.gap import period_effects
from insights.strategy.designs.synthetic import simplex_least_squares, synthetic_did
from insights.tables import RegionError, connect

START = 24
DATES = pd.date_range("2022-01-01", periods=36, freq="MS")


def simulated(seed, n=40, slope_sd=0.25, noise=10.0, rho=0.5, sized=False):
    """Hospitals x months: season, AR(1) noise, unequal trends; and the true trends."""
    rng = np.random.default_rng(seed)
    t = np.arange(36)
    level = 100 * np.exp(rng.normal(0, 0.6, n)) if sized else rng.normal(100, 20, n).clip(40)
    trend = rng.normal(0.3, slope_sd, n)
    shocks = rng.normal(size=(n, 36))
    for k in range(1, 36):
        shocks[:, k] = rho * shocks[:, k - 1] + np.sqrt(1 - rho**2) * shocks[:, k]
    season = 10 * rng.uniform(0.5, 1.5, n)[:, None] * np.sin(2 * np.pi * t / 12)
    moved = trend[:, None] * t + season + noise * shocks
    return level[:, None] + moved * (level[:, None] / 100 if sized else 1), trend, rng


def frames(values, treated, start=START, periods=DATES):
    ids = [f"H{i:03d}" for i in range(len(values))]
    outcomes = pd.DataFrame(
        {
            "unit_id": np.repeat(ids, values.shape[1]),
            "period": np.tile(np.asarray(periods[: values.shape[1]]), len(ids)),
            "value": values.ravel(),
        }
    )
    starts_on = [periods[start]] * len(treated)
    return outcomes, pd.DataFrame({"unit_id": [ids[i] for i in treated], "starts_on": starts_on})


def chosen(kind, values, trend, rng, count):
    if kind == "random":
        return rng.permutation(len(values))[:count]
    if kind == "latent":
        return np.argsort(-trend)[:count]
    growth = values[:, 12:24].mean(axis=1) / values[:, :12].mean(axis=1)
    return np.argsort(-growth)[:count]


def study(kind, count, sims, lift=0.0, **panel):
    effects = []
    for seed in range(sims):
        values, trend, rng = simulated(seed, **panel)
        treated = chosen(kind, values, trend, rng, count)
        changed = values.copy()
        changed[treated, START:] *= 1 + lift
        truth = (changed - values)[treated, START:].mean()
        found = compare_strategy(*frames(changed, treated))
        effects.append((found, truth))
    return effects


def share(effects, word):
    return np.mean([found.verdict == word for found, _truth in effects])


class TestFalseAlarmsAndPower:
    @pytest.mark.parametrize("sized", [False, True])
    def test_random_units_without_effect(self, sized):
        effects = study("random", 8, 60, sized=sized)
        assert share(effects, "worked") <= 0.06
        assert np.mean([found.p_value < 0.05 for found, _t in effects]) <= 0.13

    @pytest.mark.parametrize("kind", ["latent", "measured"])
    def test_units_chosen_for_their_growth(self, kind):
        effects = study(kind, 8, 60)
        assert share(effects, "worked") <= 0.05
        assert share(effects, "cannot_tell") >= 0.9

    def test_weak_growth_that_a_pre_trend_test_misses(self):
        assert share(study("latent", 8, 60, slope_sd=0.12), "worked") <= 0.05

    def test_one_random_unit_without_effect(self):
        assert share(study("random", 1, 30), "worked") <= 0.07

    def test_power_and_coverage_at_ten_percent(self):
        effects = study("random", 8, 60, lift=0.1)
        assert share(effects, "worked") >= 0.6
        covered = [f.interval[0] <= truth <= f.interval[1] for f, truth in effects]
        assert np.mean(covered) >= 0.88


class TestVerdict:
    @pytest.fixture(scope="class")
    @classmethod
    def panel(cls):
        values, _trend, _rng = simulated(3)
        values[:8, START:] += 30
        return values

    def test_worked_and_interval_agrees_with_p(self, panel):
        found = compare_strategy(*frames(panel, range(8)))
        assert found.verdict == "worked"
        assert found.interval[0] > 0
        assert found.p_value < 0.05
        assert found.relative == pytest.approx(found.estimate / found.counterfactual)
        assert found.interval[0] <= 30 <= found.interval[1]

    def test_min_effect_decides_did_not_work(self, panel):
        outcomes, units = frames(panel, range(10, 18))
        assert compare_strategy(outcomes, units).verdict == "cannot_tell"
        found = compare_strategy(outcomes, units, StrategyParams(min_effect=25.0))
        assert found.verdict == "did_not_work"
        assert found.interval[1] < 25

    def test_estimate_below_min_effect_is_not_worked(self, panel):
        found = compare_strategy(*frames(panel, range(8)), StrategyParams(min_effect=60.0))
        assert found.verdict == "did_not_work"

    def test_down_mirrors_up(self, panel):
        outcomes, units = frames(panel, range(8))
        down = StrategyParams(direction="down")
        assert compare_strategy(outcomes, units, down).verdict != "worked"
        fallen = panel.copy()
        fallen[:8, START:] -= 60
        found = compare_strategy(*frames(fallen, range(8)), down)
        assert found.verdict == "worked"
        assert found.estimate < 0

    def test_row_order_and_repeat_do_not_matter(self, panel):
        for treated in (range(8), range(2)):
            outcomes, units = frames(panel, treated)
            first = compare_strategy(outcomes, units)
            again = compare_strategy(outcomes.sample(frac=1, random_state=1), units.iloc[::-1])
            assert again.estimate == pytest.approx(first.estimate, rel=1e-9)
            assert again.interval == pytest.approx(first.interval, rel=1e-9)
            assert again.reasons == first.reasons

    def test_scale_of_outcome_does_not_matter(self, panel):
        outcomes, units = frames(panel, range(8))
        first = compare_strategy(outcomes, units)
        more = compare_strategy(outcomes.assign(value=outcomes.value * 1000), units)
        assert more.estimate == pytest.approx(1000 * first.estimate)
        assert more.verdict == first.verdict

    @pytest.mark.parametrize(
        "periods",
        [DATES.date, pd.period_range("2022-01", periods=36, freq="M"), np.arange(36)],
        ids=["date", "Period", "int"],
    )
    def test_period_kinds_agree(self, panel, periods):
        expected = compare_strategy(*frames(panel, range(8)))
        outcomes, units = frames(panel, range(8), periods=list(periods))
        found = compare_strategy(outcomes, units)
        assert found.estimate == pytest.approx(expected.estimate)
        loose = compare_strategy(outcomes.astype({"period": object}), units)
        assert loose.estimate == pytest.approx(expected.estimate)

    def test_a_start_within_a_period_leaves_it_out(self, panel):
        outcomes, units = frames(panel, range(8))
        found = compare_strategy(outcomes, units.assign(starts_on="2024-01-15"))
        assert (found.n_before, found.n_after) == (24, 11)

    def test_washout_leaves_periods_out(self, panel):
        found = compare_strategy(*frames(panel, range(8)), StrategyParams(washout_periods=3))
        assert (found.n_before, found.n_after) == (24, 9)

    def test_staggered_starts_without_untreated_units(self):
        values, _trend, _rng = simulated(5)
        outcomes, units = frames(values, range(40))
        starts = [DATES[18]] * 12 + [DATES[22]] * 12 + [DATES[30]] * 16
        for i, start in enumerate(starts):
            values[i, DATES.get_loc(start) :] += 40
        outcomes, units = frames(values, range(40))
        found = compare_strategy(outcomes, units.assign(starts_on=starts))
        assert found.n_treated == 24
        assert found.n_comparison == 16
        assert found.interval[0] <= 40 <= found.interval[1]

    def test_result_can_be_pickled_and_read(self, panel):
        found = compare_strategy(*frames(panel, range(8)))
        assert pickle.loads(pickle.dumps(found)).estimate == found.estimate
        assert "Worked" in str(found)
        assert list(found.check().columns) == ["check", "value", "bound", "verdict"]
        assert len(found.summary()) == 8


class TestTwoWaves:
    """One value before, one after: paired surveys."""

    def test_the_known_gap_is_found(self):
        rng = np.random.default_rng(1)
        first = rng.normal(3, 0.5, 40)
        second = first + rng.normal(0, 0.3, 40) + np.where(np.arange(40) < 15, 0.8, 0.0)
        outcomes, units = frames(np.c_[first, second], range(15), start=1)
        found = compare_strategy(outcomes, units, StrategyParams(two_waves=True))
        change = second - first
        assert found.estimate == pytest.approx(change[:15].mean() - change[15:].mean())
        assert found.verdict == "worked"
        assert "no earlier trend" in found.design_reason

    def test_nobody_to_compare_with_cannot_tell(self):
        outcomes, units = frames(np.array([[2.0, 4.0], [3.0, 4.5]] * 5), range(10), start=1)
        found = compare_strategy(outcomes, units, StrategyParams(two_waves=True))
        assert found.verdict == "cannot_tell"
        assert "no comparison units" in found.reasons[0]

    def test_months_put_into_two_periods_are_no_survey(self):
        outcomes, units = frames(np.tile([10.0, 20.0], (20, 1)) + np.eye(20, 2), range(8), start=1)
        found = compare_strategy(outcomes, units)
        assert found.verdict == "cannot_tell"
        assert "only 1 periods before" in found.reasons[0]

    def test_who_did_not_answer_twice_is_nobody_to_compare_with(self):
        values = np.column_stack([np.arange(20.0), np.arange(20.0) + 10 + np.sin(np.arange(20))])
        values[16:, 1] = np.nan
        outcomes, units = frames(values, range(15), start=1)
        found = compare_strategy(outcomes, units, StrategyParams(two_waves=True))
        assert found.verdict == "cannot_tell"
        assert "only 1 of 5 comparison units gave both values" in found.reasons[0]


def test_treated_units_that_had_nothing_before_do_not_crash_the_comparison():
    values, _trend, _rng = simulated(3)
    values[:20] = 0.0
    values[:8, START:] = 30.0
    found = compare_strategy(*frames(values, range(8)))
    assert np.isfinite(found.estimate)
    said = found.estimates.set_index("design").estimate
    assert np.isnan(said["ratio_of_totals"])


def test_few_distinct_groups_give_no_interval():
    values, _trend, _rng = simulated(3, n=7)
    found = compare_strategy(*frames(values, range(2)))
    assert np.isnan(found.interval).all()
    assert found.p_value >= 1 / 11


def test_with_less_better_the_words_show_what_the_outcome_shows():
    values, _trend, _rng = simulated(3)
    values[:8, START:] -= 60
    down = StrategyParams(direction="down")
    found = compare_strategy(*frames(values, range(8)), down)
    low, high = found.interval
    assert found.verdict == "worked"
    assert f"{low:,.1f}"[:4] in found.reasons[0] and f"{high:,.1f}"[:4] in found.reasons[0]


class TestCannotTell:
    @pytest.fixture(scope="class")
    @classmethod
    def values(cls):
        return simulated(3)[0]

    def refused(self, outcomes, units, words):
        found = compare_strategy(outcomes, units)
        assert found.verdict == "cannot_tell"
        assert words in " ".join(found.reasons)
        return found

    def test_treated_from_the_first_period(self, values):
        found = self.refused(*frames(values, range(8), start=0), "no before")
        assert np.isnan(found.estimate)

    def test_start_before_the_data(self, values):
        outcomes, units = frames(values, range(8))
        self.refused(outcomes, units.assign(starts_on="2001-01-01"), "no before")

    def test_no_period_after_the_start(self, values):
        outcomes, units = frames(values, range(8))
        self.refused(outcomes, units.assign(starts_on="2031-01-01"), "no period after")

    def test_one_unit_only(self, values):
        self.refused(*frames(values[:1], [0]), "no comparison units")

    def test_no_comparison_units(self, values):
        found = self.refused(*frames(values[:8], range(8)), "no comparison units")
        assert "interrupted" in found.design
        assert np.isfinite(found.estimate)

    def test_constant_outcome(self, values):
        self.refused(*frames(np.full_like(values, 7.0), range(8)), "never changes")

    def test_too_short(self, values):
        self.refused(*frames(values, range(8), start=4), "only 4 periods before")
        self.refused(*frames(values, range(8), start=34), "only 2 periods after")

    def test_nobody_treated(self, values):
        outcomes, units = frames(values, range(8))
        self.refused(outcomes, units.head(0), "no unit was treated")

    def test_pre_trend(self, values):
        grown = values.copy()
        grown[:8] += 3 * np.arange(36)
        found = self.refused(*frames(grown, range(8)), "another trend before")
        assert found.pre_trend_p < 0.01

    def test_gaps_are_bridged(self):
        values, _trend, rng = simulated(3)
        values[:8, START:] += 30
        values[rng.random(values.shape) < 0.2] = np.nan
        outcomes, units = frames(values, range(8))
        found = compare_strategy(outcomes.dropna(), units)
        assert found.interval[0] <= 30 <= found.interval[1]
        few = compare_strategy(outcomes.dropna(), units.head(2))
        assert np.isfinite(few.estimate)


class TestBadInput:
    @pytest.fixture(scope="class")
    @classmethod
    def good(cls):
        return frames(simulated(3)[0], range(8))

    def test_duplicates_are_named(self, good):
        outcomes, units = good
        twice = pd.concat([outcomes, outcomes.head(1)])
        with pytest.raises(OutcomesError, match="H000 2022-01-01"):
            compare_strategy(twice, units)

    def test_unknown_units_and_words_are_named_together(self, good):
        outcomes, units = good
        wrong = outcomes.astype({"value": object})
        wrong.loc[5, "value"] = "many"
        more = pd.concat([units, units.head(1).assign(unit_id="H999")])
        with pytest.raises(OutcomesError, match=r"(?s)'many'.*H999"):
            compare_strategy(wrong, more)

    def test_missing_columns_dates_and_kinds(self, good):
        outcomes, units = good
        with pytest.raises(OutcomesError, match="no column value"):
            compare_strategy(outcomes.drop(columns="value"), units)
        with pytest.raises(OutcomesError, match="not a date: 'soon'"):
            compare_strategy(outcomes, units.assign(starts_on="soon"))
        with pytest.raises(OutcomesError, match="not of one kind"):
            compare_strategy(outcomes, units.assign(starts_on=3))
        with pytest.raises(OutcomesError, match="no rows"):
            compare_strategy(outcomes.head(0), units.head(0))
        with pytest.raises(OutcomesError, match="more than one start for H000"):
            compare_strategy(outcomes, pd.concat([units, units.head(1)]))

    def test_inputs_are_not_changed(self, good):
        outcomes, units = good[0].copy(), good[1].copy()
        compare_strategy(outcomes, units)
        pd.testing.assert_frame_equal(outcomes, good[0])
        pd.testing.assert_frame_equal(units, good[1])


class TestEstimators:
    def test_simplex_weights_are_optimal(self):
        rng = np.random.default_rng(1)
        rows = rng.normal(size=(30, 12))
        target = rows @ rng.dirichlet(np.ones(12)) + rng.normal(0, 0.1, 30)
        gram, cross = rows.T @ rows, (rows.T @ target)[None]
        found = simplex_least_squares(gram, cross, np.ones((1, 12)), np.zeros(1))[0]
        slope = gram @ found - cross[0]
        assert found.sum() == pytest.approx(1)
        assert (found >= 0).all()
        assert slope[found > 0].max() <= slope.min() + 1e-6

    def test_synthetic_did_finds_an_exact_twin(self):
        rng = np.random.default_rng(2)
        donors = rng.normal(size=(6, 20)).cumsum(axis=1)
        treated = 0.5 * donors[0] + 0.5 * donors[1] + 7
        treated[15:] += 3
        groups = np.array([[0, 0, 0, 0, 0, 0, 1.0]])
        found = synthetic_did(np.vstack([donors, treated]), groups, 1 - groups, 15)
        assert found.effects[0] == pytest.approx(3, abs=1.0)

    def test_period_effects_bridge_gaps(self):
        own, common = np.arange(5.0) * 10, np.sin(np.arange(12))
        values = own[:, None] + common
        values[1, :6] = np.nan
        found = period_effects(values)
        assert np.ptp(found - common) < 1e-6

    def test_geolift(self):
        folder = os.environ.get("INSIGHTS_TRIAL_DATA")
        if not folder:
            pytest.skip("INSIGHTS_TRIAL_DATA is unset: the GeoLift data are not here")
        from insights.strategy.designs.synthetic import synthetic_control

        data = pd.read_csv(Path(folder) / "geolift_test.csv")
        wide = data.pivot(index="location", columns="date", values="Y")
        treated = wide.index.isin(["chicago", "portland"])
        groups = np.where(treated, 0.5, 0.0)[None]
        before = int((wide.columns < "2021-04-01").sum())
        found = synthetic_control(wide.to_numpy(float), groups, 1.0 * ~treated[None], before)
        assert found.effects[0] == pytest.approx(155.556, rel=0.01)


class TestReview:
    @pytest.fixture(scope="class")
    @classmethod
    def review(cls, demo):
        return cached(review_strategies, demo, "2025-12-31", load_params().strategy)

    @pytest.fixture(scope="class")
    @classmethod
    def truth(cls, demo_dir):
        return pd.read_parquet(demo_dir / "truth" / "strategies.parquet").set_index("strategy_id")

    def test_verdicts_against_the_truth(self, review, truth):
        effects = review.effects.set_index("strategy_id")
        said = effects.verdict
        assert said["S1"] == "worked"
        true = truth.effect_per_unit_period["S1"]
        assert effects.low["S1"] <= true <= effects.high["S1"]
        assert (said[["S2", "S3", "S4", "S5"]] != "worked").all()
        assert "trend" in effects.reasons["S3"]
        assert "price" in effects.reasons["S5"]

    def test_result_convention(self, review):
        assert review.status == "ok"
        assert pickle.loads(pickle.dumps(review)).headline() == review.headline()
        assert list(review.check().columns) == ["check", "value", "bound", "verdict"]
        assert len(review.actions()) == 5
        assert len(review.summary()) == 5
        assert review.summary().shape[1] <= 8
        assert review.plot() is not None
        assert review.plot_paths("S2") is not None
        assert {"effects", "register", "panels", "units"} <= set(review.tables())
        assert "S1" in str(review)
        assert review.headline()["worked"] == 1.0

    def test_region_keeps_the_company_verdict(self, review, demo):
        slices = [review.for_region(region) for region in demo.leaves()]
        assert all(one.effects.equals(review.effects) for one in slices)
        treated = sum(one.headline()["treated_units_here"] for one in slices)
        assert treated == review.headline()["treated_units_here"]
        assert "took part" in str(slices[0])
        assert "company-level" in str(slices[0])
        with pytest.raises(RegionError):
            review.for_region("nowhere")

    def test_the_plan_stands_at_the_top(self, review):
        plans = review.plans.set_index("strategy_id")
        assert list(plans.status) == ["locked", "locked", "unlocked", "locked", "locked"]
        assert plans.plan["S3"].startswith("Exploratory")
        assert plans.looks.str.contains("Look 1").all()
        assert review.plan().shape == (5, 6)

    def test_what_else_moved_and_for_whom(self, review):
        own = review.metrics[review.metrics.strategy_id == "S1"].set_index("metric")
        assert list(own.index[own.primary]) == ["sell_through"]
        assert {"visits", "quantity"} <= set(own.index)
        assert len(review.beside()) == len(review.metrics)
        assert set(review.for_whom()["strategy"]) == {"S1"}
        assert review.region_effects.strategy_id.is_unique

    def test_periods_before_lie_around_zero_and_after_above(self, review):
        rows = review.periods[review.periods.strategy_id == "S1"].set_index("event")
        expected = review.effects.set_index("strategy_id").expected["S1"]
        assert (rows.effect / expected).loc[-12:-1].abs().mean() < 0.08
        assert (rows.effect / expected).loc[0:].mean() == pytest.approx(0.18, abs=0.08)
        assert review.plot_periods("S1") is not None

    def test_every_strategy_leaves_a_lesson(self, review):
        assert review.lessons().notna().all(axis=None)
        assert review.register.finding.str.startswith("worked").sum() == 1

    def test_a_look_too_many_decides_nothing(self, demo, write_source):
        names = ("regions", "customers", "products", "strategies", "strategy_units", "channel_flow")
        kept = {name: demo[name].execute() for name in names}
        signed = {
            "decision_id": "V1", "kind": "verdict", "subject_id": "S1", "value": "有效",
            "decided_on": pd.Timestamp("2025-06-30"), "decided_by": "总监", "reason": "达标",
        }  # fmt: skip
        kept["decisions"] = pd.DataFrame([signed])
        kept["strategies"] = kept["strategies"].query("strategy_id == 'S1'")
        source = connect(write_source(**kept))
        review = review_strategies(source, "2025-12-31", StrategyParams(placebo_runs=2))
        assert review.effects.verdict.tolist() == ["cannot_tell"]
        assert "Signed: 有效" in review.plans.signed[0]
        assert "disagree" in review.plans.signed[0]

    def test_nothing_later_than_the_day_is_compared(self, demo):
        review = review_strategies(demo, "2025-03-15", StrategyParams(placebo_runs=2))
        assert list(review.effects.strategy_id) == ["S1", "S2", "S3", "S5"]
        assert review.panels.period.max() == pd.Timestamp("2025-02-01")

    def test_not_enough_data(self, demo):
        review = review_strategies(demo, "2020-01-01")
        for one in (review, review.for_region(demo.leaves()[0])):
            assert one.status == "not_enough_data"
            assert "no strategy had begun" in str(one)
            assert one.check().empty
            assert one.actions().empty
            assert one.plot() is not None
            assert one.plot_paths() is not None
            assert one.summary().shape == (1, 1)
            assert one.headline()["strategies"] == 0

    def test_missing_table(self, demo, write_source):
        source = write_source(customers=demo["customers"].execute())
        review = review_strategies(connect(source), "2025-12-31")
        assert review.status == "not_enough_data"
        assert "strategies" in review.reason


class TestReviewOfOutcomes:
    """A small company whose KPI comes from the table outcomes."""

    def source(self, write_source, **changes):
        values, _trend, _rng = simulated(3)
        values[:8, START:] += 40
        outcomes, units = frames(values, range(8))
        strategy = {
            "strategy_id": "A", "name": "pilot", "metric": "score_card", "unit_type": "customer",
            "starts_on": DATES[START], "min_effect": 0.05, "registered_on": DATES[START - 2],
        } | changes  # fmt: skip
        ids = sorted(outcomes.unit_id.unique())
        homes = np.where(np.arange(40) < 20, "0012", "west")
        extra = pd.DataFrame({"customer_id": ["X"], "region_id": ["empty"]})
        customers = pd.DataFrame({"customer_id": ids, "region_id": homes})
        return connect(
            write_source(
                customers=pd.concat([customers, extra]),
                outcomes=outcomes.assign(metric="score_card"),
                strategies=pd.DataFrame([strategy]),
                strategy_units=units.assign(strategy_id="A"),
            )
        )

    def test_worked_and_regions(self, write_source):
        review = review_strategies(self.source(write_source), "2024-12-31")
        assert review.effects.verdict.tolist() == ["worked"]
        assert "took part" in str(review.for_region("0012"))
        west = review.for_region("west")
        assert west.status == "ok"
        assert "comparison only" in str(west)
        empty = review.for_region("empty")
        assert empty.status == "not_enough_data"
        assert empty.summary().shape == (1, 1)

    def test_post_hoc_is_said(self, write_source):
        late = self.source(write_source, registered_on=DATES[30])
        review = review_strategies(late, "2024-12-31")
        assert not review.effects.registered[0]
        assert "written down only after" in review.effects.reasons[0]
        assert "repeat on new units" in " ".join(review.actions().iloc[0].astype(str))

    def test_unknown_metric_is_data_insufficient(self, write_source):
        review = review_strategies(self.source(write_source, metric="fame"), "2024-12-31")
        assert review.effects.verdict.tolist() == ["cannot_tell"]
        assert "fame" in review.effects.reasons[0]
        assert review.plot() is not None
        assert review.plot_paths() is not None
        assert len(review.actions()) == 1

    def test_without_min_effect_nothing_did_not_work(self, write_source):
        none = self.source(write_source, min_effect=None, direction="down")
        assert review_strategies(none, "2024-12-31").effects.verdict.tolist() == ["cannot_tell"]


def test_params_reach_the_verdict():
    values, _trend, _rng = simulated(3)
    outcomes, units = frames(values, range(8))
    strict = replace(StrategyParams(), min_pre_periods=30)
    found = compare_strategy(outcomes, units, strict)
    assert found.verdict == "cannot_tell"
    assert "only 24 periods before" in found.reasons[0]
