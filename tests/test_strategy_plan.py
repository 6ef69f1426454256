"""Before the pilot: power, its shortcut against the whole procedure, who is drawn, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from pydantic import ValidationError
from scipy import stats

from insights.features.panels import PanelError
from insights.params import StrategyParams, StrategyPlanParams
from insights.store import save
from insights.strategy import OutcomesError
from insights.strategy.planning import PilotQuestion, plan_of_company, plan_pilot, plan_strategy
from insights.strategy.planning.curves import crossing, wilson
from insights.strategy.planning.draw import drawn, matched_sets
from insights.strategy.planning.history import read_history
from insights.strategy.planning.simulation import (
    Cell,
    first_true,
    history_windows,
    judged_pilot,
    pilot_panel,
    pilot_starts,
    pretended_pilots,
    reaches_least,
)
from insights.tables import RegionError, connect

DATES = pd.date_range("2022-01-01", periods=36, freq="MS")
LIFTS = (0.05, 0.1, 0.2, 0.4, 0.8)
SMALL = StrategyPlanParams(unit_counts=(8,), durations=(6,), lifts=LIFTS, runs=12)
RULES = StrategyParams()


def outcomes_of(values, periods=DATES):
    n_units, length = values.shape
    return pd.DataFrame(
        {
            "unit_id": np.repeat([f"H{i:03d}" for i in range(n_units)], length),
            "period": np.tile(np.asarray(periods[:length]), n_units),
            "value": values.ravel(),
        }
    )


def noisy(seed=0, n=40, length=36, noise=10.0, trend=0.0):
    """Units of one level and independent noise, so that the error of an effect is known."""
    rng = np.random.default_rng(seed)
    slopes = trend * rng.normal(size=n)
    return 100 + slopes[:, None] * np.arange(length) + noise * rng.normal(size=(n, length))


@pytest.fixture(scope="module")
def plan():
    return plan_strategy(outcomes_of(noisy(1)), SMALL)


class TestPower:
    def test_the_false_alarm_share_is_the_power_at_no_effect(self, plan):
        history, cell = read_history(outcomes_of(noisy(1)), None), Cell(8, 6)
        alone = pretended_pilots(history, cell, np.array([0.0]), SMALL.runs, SMALL, RULES)
        at_zero = plan.power[(plan.power.lift == 0) & (plan.power.units == 8)].power.item()
        assert at_zero == np.mean(alone.worked == 0) == plan.cell.false_alarms

    @pytest.mark.parametrize(
        ("units", "changes", "noise", "trend"),
        [
            (8, {}, 10.0, 0.0),
            (8, {}, 30.0, 1.0),
            (8, {"direction": "down"}, 20.0, 0.0),
            (2, {"permutations": 20}, 20.0, 0.0),
            (8, {"metric": "score", "min_effect": 0.3}, 20.0, 0.0),
        ],
    )
    def test_the_search_over_lifts_equals_the_whole_procedure_at_each(
        self, units, changes, noise, trend
    ):
        values = noisy(5, n=24, noise=noise, trend=trend)
        values[0, :5] = np.nan
        params = replace(SMALL, **changes)
        history, cell = read_history(outcomes_of(values), None), Cell(units, 6)
        lifts, runs = np.array([0.0, *LIFTS]), 6
        found = pretended_pilots(history, cell, lifts, runs, params, RULES)
        windows = history_windows(history, cell, params, RULES)
        rng = np.random.default_rng([params.seed, units, 6])
        for run in range(runs):
            window = windows[run % len(windows)]
            panel = pilot_panel(window, drawn(window.ordered, units, rng), RULES)
            effects = [judged_pilot(panel, lift, params, RULES) for lift in lifts]
            worked = [effect.verdict == "worked" for effect in effects]
            reached = [reaches_least(effect, params, RULES) for effect in effects]
            places = np.arange(len(lifts))
            assert (places >= found.worked[run]).tolist() == worked
            assert (places >= found.reached[run]).tolist() == reached

    def test_it_rises_with_lift_units_and_duration(self):
        lifts = (0.04, 0.08, 0.12, 0.16)
        params = replace(SMALL, unit_counts=(6, 18), durations=(3, 12), lifts=lifts, runs=24)
        power = plan_strategy(outcomes_of(noisy(7, n=60, noise=20)), params).power
        for _cell, rows in power.groupby(["units", "periods"]):
            assert rows.power.is_monotonic_increasing
        mean = power[power.lift > 0].groupby(["units", "periods"]).power.mean()
        assert mean[18, 3] > mean[6, 3]
        assert mean[18, 12] > mean[6, 12]
        assert mean[18, 12] > mean[18, 3]

    def test_known_noise_gives_the_closed_form(self):
        """MDE = (t.975 + t.8) sigma sqrt((1/before + 1/after) (1/treated + 1/comparison))."""
        rules = replace(RULES, pre_trend_alpha=0.0, trend_alpha=1.0)
        lifts = tuple(np.linspace(0.02, 0.16, 8).round(3).tolist())
        params = StrategyPlanParams(
            unit_counts=(20,), durations=(6,), lifts=lifts, runs=80, windows=1
        )
        found = plan_strategy(outcomes_of(noisy(11, n=60, noise=10)), params, rules).cell
        error = 10 * np.sqrt((1 / 30 + 1 / 6) * (1 / 20 + 1 / 40))
        exact = (stats.t.ppf(0.975, 57) + stats.t.ppf(0.8, 57)) * error / 100
        assert found.mde_low * 0.9 <= exact <= found.mde_high * 1.1
        assert found.false_alarms <= 0.08

    def test_a_pilot_that_cannot_tell_is_too_small(self):
        found = plan_strategy(outcomes_of(noisy(2, noise=400)), SMALL)
        assert np.isnan(found.mde.loc[8, 6])
        assert "too small to tell" in str(found)
        assert "cannot tell even an effect of 80%" in str(found)
        assert found.summary().iloc[0, 0] == "too small to tell"
        assert "even 15 customers for 12 months could not tell an effect of 80%" in str(found)
        assert found.actions().shape[0] == 1
        assert "do not register it" in found.terms()

    def test_what_even_the_most_that_the_data_allow_could_see_is_said(self):
        found = plan_strategy(outcomes_of(noisy(2, noise=30)), replace(SMALL, min_effect=0.01))
        assert found.cells[["units", "periods", "largest"]].values.tolist() == [
            [8, 6, False], [20, 12, True],
        ]  # fmt: skip
        assert (found.units, found.periods) == (8, 6)
        assert "even with 20 customers for 12 months the smallest effect" in str(found)
        assert found.actions().iloc[1, 1].startswith("start 8 customers for 6 months only if ")
        assert "only if" in found.terms() and "do not register" not in found.terms()
        assert "not tried" in found.summary().values

    def test_every_duration_has_as_long_a_before_or_it_is_said(self):
        params = replace(SMALL, runs=2, unit_counts=(8,), durations=(3, 6, 12))
        level = plan_strategy(outcomes_of(noisy(1)), params)
        assert set(level.cells.before) == {24}
        assert list(level.summary().columns) == ["3 months", "6 months", "12 months"]
        numbered = outcomes_of(noisy(1), np.arange(36))
        uneven = plan_strategy(numbered, params)
        assert "6 months, pretended with 30 months before" in uneven.summary().columns

    @pytest.mark.parametrize(
        ("length", "periods", "starts"),
        [(36, 6, [24]), (36, 12, [24]), (60, 12, [48, 36]), (20, 6, [14]), (12, 6, []),
         (36, 18, [18])],
    )  # fmt: skip
    def test_pilots_are_pretended_in_the_season_of_the_real_one(self, length, periods, starts):
        dates = pd.date_range("2020-01-01", periods=length, freq="MS")
        history = read_history(outcomes_of(noisy(length=length), dates), None)
        assert pilot_starts(history, Cell(8, periods), SMALL, RULES) == starts

    def test_one_that_would_do_is_named_and_one_asked_for_is_held_against_it(self):
        params = replace(SMALL, unit_counts=(6, 18), pilot_units=6, min_effect=0.044)
        values = outcomes_of(noisy(3, n=60, noise=10))
        asked = plan_strategy(values, params)
        free = plan_strategy(values, replace(params, pilot_units=None))
        assert (asked.units, free.units) == (6, 18)
        assert "too small to tell. 18 customers for 6 months would do" in str(asked)
        assert "large enough" in str(free)
        assert asked.actions().iloc[0, 1] == "enlarge it to 18 customers for 6 months"
        assert "do not register it" in asked.terms()
        assert "lock the plan" in free.actions().iloc[0, 1] and "lock the plan" in free.terms()
        assert free.cell.worked_from > 0.044 > free.cell.mde

    def test_fewer_runs_where_the_budget_is_small(self):
        found = plan_strategy(outcomes_of(noisy()), replace(SMALL, max_runs=10))
        assert set(found.cells.runs) == {5}
        said = found.check().set_index("check").verdict
        assert "fewer than asked for" in said["pretended pilots a size, in all"]

    def test_wilson_by_hand_and_crossing_between_grid_points(self):
        low, high = wilson(np.array([8.0]), 10, 0.95)
        assert (low[0], high[0]) == pytest.approx((0.4902, 0.9433), abs=1e-4)
        lifts = np.array([0.0, 0.1, 0.2])
        assert crossing(lifts, np.array([0.0, 0.6, 1.0]), 0.8) == pytest.approx(0.15)
        assert np.isnan(crossing(lifts, np.array([0.0, 0.6, 0.7]), 0.8))

    @given(st.integers(1, 30), st.data())
    def test_first_true_is_the_first(self, count, data):
        answer = data.draw(st.integers(0, count))
        guess = data.draw(st.integers(0, count))
        assert first_true(lambda one: one >= answer, count, guess) == answer


class TestUnits:
    @given(st.integers(1, 60), st.data())
    def test_one_is_drawn_from_each_set(self, n, data):
        count = data.draw(st.integers(1, n))
        ordered = np.random.default_rng(n).permutation(n)
        picked = drawn(ordered, count, np.random.default_rng(count))
        sets = dict(zip(ordered, matched_sets(ordered, count), strict=True))
        assert sorted(sets[one] for one in picked) == list(range(1, count + 1))

    def test_levels_and_trends_are_alike(self):
        rng = np.random.default_rng(4)
        level = np.exp(rng.normal(5, 1, 80))[:, None]
        values = level * (1 + 0.02 * rng.normal(size=(80, 1)) * np.arange(36) / 36)
        found = plan_strategy(outcomes_of(values + rng.normal(size=values.shape)), SMALL)
        assert found.balance.difference.abs().max() < 0.5
        assert set(found.choice.role) == {"treated", "comparison"}
        assert (found.choice.role == "treated").sum() == 8
        assert found.choice[found.choice.role == "treated"].stratum.tolist() == list(range(1, 9))

    def test_regions_are_drawn_evenly_when_wanted(self):
        rows = outcomes_of(noisy())
        rows["region_id"] = np.where(rows.unit_id < "H020", "N", "S")
        found = plan_strategy(rows, replace(SMALL, within_region=True))
        treated = found.choice[found.choice.role == "treated"]
        assert treated.region.value_counts().to_dict() == {"N": 4, "S": 4}

    def test_only_those_allowed_are_treated_and_all_are_compared(self):
        allowed = [f"H{i:03d}" for i in range(10)]
        found = plan_strategy(outcomes_of(noisy()), SMALL, among=allowed)
        treated = found.choice[found.choice.role == "treated"]
        assert set(treated.unit_id) <= set(allowed)
        assert len(found.choice) == 40

    def test_too_few_periods_and_next_to_nothing_are_named(self):
        values = noisy()
        values[0, :30] = np.nan
        values[1] *= 0.001
        found = plan_strategy(outcomes_of(values), SMALL)
        assert found.excluded.unit_id.tolist() == ["H000", "H001"]
        assert found.excluded.reason.tolist() == [
            "seen in 6 of 36 periods; 18 are needed", "next to nothing in the last year",
        ]  # fmt: skip
        assert not found.choice.unit_id.isin(["H000", "H001"]).any()

    def test_seeds_and_row_order(self, plan):
        rows = outcomes_of(noisy(1))
        again = plan_strategy(rows.sample(frac=1, random_state=3), SMALL)
        pd.testing.assert_frame_equal(again.choice, plan.choice)
        pd.testing.assert_frame_equal(again.power, plan.power)
        other = plan_strategy(rows, replace(SMALL, seed=1))
        assert other.choice.unit_id[:8].tolist() != plan.choice.unit_id[:8].tolist()

    def test_a_cell_does_not_depend_on_the_grid_around_it(self, plan):
        wider = plan_strategy(outcomes_of(noisy(1)), replace(SMALL, unit_counts=(8, 10)))
        own, alone = (one.power[one.power.units == 8] for one in (wider, plan))
        pd.testing.assert_frame_equal(own.reset_index(drop=True), alone.reset_index(drop=True))


class TestNotEnough:
    def test_one_unit(self):
        found = plan_strategy(outcomes_of(noisy(n=1)), SMALL)
        assert found.status == "not_enough_data"
        assert "only 1 units may be treated" in str(found)

    def test_no_history(self):
        found = plan_strategy(outcomes_of(noisy(length=10)), SMALL)
        assert "10 periods of history leave fewer than 8 before it" in found.reason
        with pytest.raises(OutcomesError, match="no rows"):
            plan_strategy(outcomes_of(noisy()).head(0), SMALL)

    def test_an_outcome_that_never_changes(self):
        found = plan_strategy(outcomes_of(np.full((20, 36), 7.0)), SMALL)
        assert "never changes" in found.reason
        assert isinstance(found.plot(), Figure)
        assert found.check().empty and found.actions().empty and found.strategy_rows().empty

    def test_a_duration_shorter_than_the_wash_out_can_never_work(self):
        rules = StrategyParams(washout_periods=6)
        found = plan_strategy(outcomes_of(noisy()), replace(SMALL, runs=2), rules)
        assert (found.power[found.power.periods == 6].power == 0).all()

    def test_too_few_left_to_compare_with_is_power_of_nothing(self):
        found = plan_strategy(outcomes_of(noisy(n=10)), replace(SMALL, runs=2))
        assert (found.power[found.power.periods == 6].power == 0).all()
        assert "cannot tell" in str(found)

    @pytest.mark.parametrize(
        "changes",
        [
            {"lifts": (0.2, 0.1)}, {"unit_counts": ()}, {"min_effect": 0.0}, {"power": 1.0},
            {"durations": (0,)}, {"direction": "down", "lifts": (0.5, 1.5)}, {"runs": 0},
        ],
    )  # fmt: skip
    def test_bad_params_are_refused(self, changes):
        with pytest.raises(ValidationError):
            StrategyPlanParams(**changes)

    def test_every_fault_of_the_outcomes_is_named(self):
        rows = outcomes_of(noisy())
        rows.loc[0, "value"] = np.inf
        with pytest.raises(OutcomesError, match=r"not a finite number.*more than one row"):
            plan_strategy(pd.concat([rows, rows.tail(1)]), SMALL)


REGIONS = pd.DataFrame(
    {"region_id": ["N", "S", "W"], "region_name": ["北", "南", "西"], "parent_id": [None] * 3}
)


def company(write_source, folder="source", cut=None, **more):
    ids = [f"H{i:03d}" for i in range(30)]
    rows = outcomes_of(noisy(6, n=30), DATES).rename(
        columns={"unit_id": "customer_id", "period": "ordered_on", "value": "quantity"}
    )
    rows = rows.assign(order_id=[str(i) for i in range(len(rows))], product_id="P")
    rows = rows.assign(quantity=rows.quantity.round(), amount=10 * rows.quantity.round())
    customers = pd.DataFrame(
        {"customer_id": ids, "region_id": ["N"] * 14 + ["S"] * 16, "customer_type": "hospital"}
    )
    strategies = pd.DataFrame(
        {"strategy_id": ["S1"], "name": ["一"], "metric": ["sales"],
         "starts_on": pd.to_datetime(["2023-01-01"])}
    )  # fmt: skip
    units = pd.DataFrame({"strategy_id": ["S1", "S1"], "unit_id": ["H000", "H029"]})
    units["starts_on"] = pd.NaT
    frames = {"orders": rows if cut is None else rows[rows.ordered_on < cut],
              "customers": customers, "regions": REGIONS, "strategies": strategies,
              "strategy_units": units} | more  # fmt: skip
    return connect(write_source(folder, **frames))


class TestCompany:
    @pytest.fixture
    def tables(self, write_source):
        return company(write_source)

    def test_sales_stand_in_for_sell_through_and_it_is_said(self, tables):
        found = plan_of_company(tables, "2024-12-31", replace(SMALL, runs=2))
        assert "table channel_flow is missing: sales stand in" in str(found).lower()
        assert found.metric == "sales" == found.strategy_rows().metric.item()

    def test_units_of_begun_strategies_take_no_part(self, tables):
        found = plan_of_company(tables, "2024-12-31", replace(SMALL, runs=2))
        assert found.excluded.values.tolist() == [
            ["H000", "in strategy S1"], ["H029", "in strategy S1"],
        ]  # fmt: skip
        assert not found.choice.unit_id.isin(["H000", "H029"]).any()

    def test_a_region_treats_its_own_and_compares_with_all(self, tables):
        question = PilotQuestion(replace(SMALL, runs=2), RULES, "N")
        found = plan_pilot(tables, "2024-12-31", question)
        treated = found.choice[found.choice.role == "treated"]
        assert set(treated.region) == {"N"}
        assert set(found.choice.region) == {"N", "S"}
        assert str(found).startswith("北: 8 customers for 6 months")
        part = found.for_region("S")
        assert "of the units here, 0 are treated and 15 kept aside" in str(part).lower()

    def test_regions_without_units_and_unknown_ones(self, tables):
        found = plan_of_company(tables, "2024-12-31", replace(SMALL, runs=2), RULES, "W")
        assert found.status == "not_enough_data"
        assert "no unit of W" in str(found)
        whole = plan_of_company(tables, "2024-12-31", replace(SMALL, runs=2))
        assert whole.for_region("W").status == "not_enough_data"
        with pytest.raises(RegionError):
            plan_of_company(tables, "2024-12-31", SMALL, RULES, "nowhere")

    def test_the_future_is_hidden(self, tables, write_source):
        earlier = company(write_source, "cut", cut="2024-07-01")
        params = replace(SMALL, runs=2)
        first, second = (plan_of_company(one, "2024-06-30", params) for one in (tables, earlier))
        pd.testing.assert_frame_equal(first.choice, second.choice)
        pd.testing.assert_frame_equal(first.power, second.power)

    def test_before_the_data_is_stated(self, tables):
        assert "2019-01-01" in str(plan_of_company(tables, "2019-01-01", SMALL))

    def test_a_slip_of_the_pen_is_no_lack_of_data(self, tables):
        with pytest.raises(PanelError, match=r"'sels' is not known; known: sales, .*mean sales"):
            plan_of_company(tables, "2024-12-31", replace(SMALL, metric="sels"))
        with pytest.raises(PanelError, match=r"sales is not recorded by 'department'; known: cust"):
            wrong = replace(SMALL, metric="sales", unit_type="department")
            plan_of_company(tables, "2024-12-31", wrong)
        with pytest.raises(ValidationError, match=r"'month', 'quarter' or 'year'.*'mounth'"):
            replace(SMALL, grain="mounth")

    def test_rows_to_register_and_everything_is_saved(self, tables, tmp_path):
        params = replace(SMALL, runs=2)
        found = plan_of_company(tables, "2024-12-31", params)
        row, units = found.strategy_rows().iloc[0], found.strategy_unit_rows()
        assert (row.starts_on, row.ends_on) == (
            pd.Timestamp("2025-01-01"), pd.Timestamp("2025-06-30"),
        )  # fmt: skip
        assert row.registered_on < row.starts_on
        assert units.strategy_id.unique().tolist() == [row.strategy_id]
        assert len(units) == 8
        save(found, str(tmp_path), tables, params)
        assert (tmp_path / "strategy_plan" / "strategies.parquet").exists()
        assert isinstance(found.plot(), Figure)
        assert list(found.check().columns) == ["check", "value", "bound", "verdict"]
