"""Units set aside: they move no window, no level, no look; too many of them and nothing is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insights.features.panels import strategy_panel
from insights.features.windows import Windows
from insights.params import StrategyParams
from insights.strategy import compare_strategy, review_strategies
from insights.strategy.comparable.examine import Question
from insights.strategy.comparable.prices import SoldBySide, price_gate
from insights.strategy.comparable.set_aside import set_aside
from insights.strategy.comparable.sides import Sides, is_untested
from insights.strategy.comparable.units import begun_rollouts, choose_units
from insights.strategy.compare import compare_panel
from insights.strategy.panel.outcomes import OutcomesError, read_panel
from insights.strategy.panel.windows import planned_windows
from insights.strategy.reviewing.judge import _own_params
from insights.strategy.reviewing.same import planned_panel
from insights.tables import connect
from insights.tables.plans import lock_row
from test_reviewing import MONTHS, START, begun, outcomes

LIGHT = StrategyParams(placebo_runs=1)
DAY = dt.date(2024, 12, 31)


@pytest.fixture
def reviewed(write_source):
    def run(starts, params=LIGHT, as_of=DAY, values=None, lock=False, **changes):
        """Review one strategy whose units start on these days."""
        rows = outcomes(40.0) if values is None else values
        units = pd.DataFrame(
            {"strategy_id": "A", "unit_id": [f"H{i:02d}" for i in range(len(starts))],
             "starts_on": pd.to_datetime(starts)}
        )  # fmt: skip
        strategies = pd.DataFrame([{
            "strategy_id": "A", "name": "pilot", "metric": "kpi", "unit_type": "customer",
            "starts_on": MONTHS[START], "min_effect": 0.05, "registered_on": MONTHS[START - 2],
        } | changes])  # fmt: skip
        customers = pd.DataFrame({"customer_id": rows.unit_id.unique(), "region_id": "N"})
        more = {}
        if lock:
            plan = lock_row(next(strategies.itertuples()), units, "2023-12-01", params)
            more = {"decisions": plan}
        source = write_source(
            customers=customers, outcomes=rows.assign(metric="kpi"), strategies=strategies,
            strategy_units=units, **more,
        )  # fmt: skip
        return review_strategies(connect(source), as_of, params)

    return run


def first(review):
    return next(review.effects.itertuples())


class TestOneUnitMovesNothing:
    @pytest.mark.parametrize("day", [MONTHS[0] - pd.Timedelta(days=90), MONTHS[1]])
    def test_an_early_or_brief_unit(self, reviewed, day):
        params = replace(LIGHT, planned_looks=(12,))
        found = reviewed([MONTHS[START]] * 7 + [day], params)
        row = first(found)
        assert (row.verdict, row.n_treated, row.n_comparison) == ("worked", 7, 32)
        assert "came only after the start" not in row.reasons and "H07" in row.reasons
        assert "Look 1, at 12 periods" in found.plans.looks[0]
        assert (row.n_before, row.n_after) == (24, 12)

    @pytest.mark.parametrize("change", [{"cycle": "quarter"}, {"equal_windows": True}])
    def test_an_early_unit_and_planned_windows(self, reviewed, change):
        params = replace(LIGHT, **change)
        early = first(reviewed([MONTHS[START]] * 7 + [MONTHS[1]], params))
        rows = outcomes(40.0)
        alone = planned_panel(rows[rows.unit_id != "H07"], begun(7), params).panel
        rest = compare_panel(alone, params)
        assert early.estimate == pytest.approx(rest.estimate)
        assert (early.n_before, early.n_after) == (rest.n_before, rest.n_after)

    @pytest.mark.parametrize("day", ["2025-09-30"])
    def test_a_unit_that_has_just_begun_leaves_a_price_event_in_sight(self, demo, day):
        as_of = dt.date.fromisoformat(day)
        row = next(
            one for one in demo["strategies"].execute().itertuples() if one.strategy_id == "S5"
        )
        rollouts = begun_rollouts(demo, as_of)
        free = demo["customers"].filter(lambda t: t.customer_type == "hospital").execute()
        free = free[~free.customer_id.isin(rollouts.unit_id)].customer_id.min()
        late = pd.DataFrame({"strategy_id": ["S5"], "unit_id": [free], "starts_on": [as_of]})
        late = pd.concat([rollouts, late.assign(starts_on=pd.Timestamp(as_of))])
        found = choose_units(demo, row, strategy_panel(demo, row, as_of), late, as_of, LIGHT)
        gate = next(one for one in found.gates if "price" in one.check)
        assert not gate.passed and "-45.7% against" in gate.value
        assert found.n_aside == 1 and free not in set(found.outcomes.unit_id)
        assert any(free in note for note in found.notes)

    def test_faults_are_left_to_the_comparison_which_names_them_all(self):
        rows = outcomes()
        twice = pd.concat([rows, rows[rows.unit_id.isin(["H00", "H30"])]])
        assert len(set_aside(twice, begun(), LIGHT).unit_ids) == 0
        with pytest.raises(OutcomesError, match="and 66 more"):
            planned_panel(twice, begun(), LIGHT)

    def test_gaps_outside_the_planned_windows_do_not_count(self):
        rows = outcomes()
        thin = rows[(rows.unit_id != "H00") | (rows.period >= MONTHS[12])]
        bare = rows[(rows.unit_id != "H00") | (rows.period >= MONTHS[14])]
        equal = replace(LIGHT, equal_windows=True)
        assert list(set_aside(bare, begun(), LIGHT).unit_ids) == ["H00"]
        assert len(set_aside(thin, begun(), equal).unit_ids) == 0
        assert set_aside(bare, begun(), equal).words == ()


class TestHowManyMayGo:
    FAST = replace(LIGHT, few_treated=1)

    @pytest.mark.parametrize(("n_late", "said"), [(4, "worked"), (5, "cannot_tell")])
    def test_half_must_remain(self, reviewed, n_late, said):
        starts = [MONTHS[START]] * (8 - n_late) + [MONTHS[35] + pd.Timedelta(days=9)] * n_late
        found = reviewed(starts, self.FAST)
        assert first(found).verdict == said
        gate = found.gates[found.gates.check.str.contains("of those registered")].iloc[0]
        assert gate.value == f"{8 - n_late} of 8" and gate.passed == (said == "worked")

    def test_gaps_after_the_start_count_too(self, reviewed):
        rows = outcomes(40.0)
        silent = rows.unit_id.isin([f"H{i:02d}" for i in range(3, 8)]) & (
            rows.period >= MONTHS[START]
        )
        row = first(reviewed([MONTHS[START]] * 8, self.FAST, values=rows[~silent]))
        assert row.verdict == "cannot_tell"
        assert "only 3 of 8 treated units could be compared" in row.reasons
        assert "5 treated units with too many gaps" in row.reasons

    def test_units_without_any_outcome_count_too(self, reviewed):
        rows = outcomes(40.0)
        row = first(reviewed([MONTHS[START]] * 8, self.FAST, values=rows[rows.unit_id > "H04"]))
        assert row.verdict == "cannot_tell" and "only 3 of 8 treated units" in row.reasons

    def test_a_unit_still_to_start_is_no_loss(self):
        units = pd.concat(
            [begun(), begun(20).tail(12).assign(starts_on=pd.Timestamp("2031-01-01"))]
        )
        assert compare_strategy(outcomes(40.0), units, LIGHT).verdict == "worked"

    def test_all_with_too_few_values_is_the_reason(self):
        rows = outcomes(40.0)
        rows.loc[(rows.unit_id < "H08") & (rows.period >= MONTHS[START]), "value"] = np.nan
        found = compare_strategy(rows, begun(), LIGHT)
        assert "8 of 8 treated units have too few values" in found.reasons[0]
        failed = [gate.check for gate in found.gates if not gate.passed]
        assert failed == ["treated units with enough values"]


class TestLooksOfAReview:
    def test_an_end_written_on_the_day_makes_no_look(self, reviewed):
        params = replace(LIGHT, planned_looks=(12,))
        day = dt.date(2024, 5, 31)
        found = reviewed([MONTHS[START]] * 8, params, day, ends_on=pd.Timestamp(day))
        row = first(found)
        assert row.verdict == "cannot_tell"
        assert "it ended on 2024-05-31, before the looks planned at 12 periods" in row.reasons
        assert "before the first planned look (12)" in found.plans.looks[0]

    def test_an_end_of_the_locked_plan_does(self, reviewed):
        params = replace(LIGHT, planned_looks=(12,))
        day = dt.date(2024, 5, 31)
        found = reviewed([MONTHS[START]] * 8, params, day, lock=True, ends_on=pd.Timestamp(day))
        assert first(found).verdict == "worked" and "(12)" in found.plans.looks[0]
        assert "as planned (5)" not in found.plans.looks[0]

    def test_a_look_that_equal_windows_never_reach_is_said(self):
        panel = read_panel(outcomes(months=MONTHS[15:]), begun(), 0)
        params = StrategyParams(equal_windows=True, planned_looks=(6, 18))
        (said,) = [one for one in planned_windows(panel, params).words if "never" in one]
        assert "planned at 18 periods" in said and "at most 9 periods" in said
        reached = replace(params, planned_looks=(6, 9))
        assert not any("never" in one for one in planned_windows(panel, reached).words)


class TestParamsOfEachMetric:
    @pytest.mark.parametrize(("metric", "twice"), [("kpi", False), ("second_survey", True)])
    def test_waves_and_windows_follow_the_metric(self, metric, twice):
        row = SimpleNamespace(metric=metric, direction="up", washout_periods=0)
        asked = StrategyParams(two_waves=not twice, cycle="quarter", equal_windows=True)
        own = _own_params(row, asked)
        assert own.two_waves == twice
        assert (own.cycle is None) == (not own.equal_windows) == twice

    def test_other_metrics_of_a_second_survey_are_read_on_their_own_months(self, write_source):
        ids = [f"H{i:02d}" for i in range(40)]
        scores = np.arange(40) % 4 + 1.0
        gain = np.where(np.arange(40) < 8, 1.0, 0.0)
        first_wave = pd.DataFrame({
            "feedback_id": [f"F{i}" for i in ids], "customer_id": ids, "score": scores,
            "given_on": MONTHS[START - 1], "wave": 1, "answers_id": None})  # fmt: skip
        again = first_wave.assign(
            feedback_id=[f"G{i}" for i in ids], answers_id=first_wave.feedback_id, wave=2,
            given_on=MONTHS[START + 2], score=scores + gain,
        )  # fmt: skip
        feedback = pd.concat([first_wave, again]).assign(kind="service")
        strategy = pd.DataFrame([{
            "strategy_id": "A", "name": "pilot", "metric": "second_survey",
            "unit_type": "customer", "starts_on": MONTHS[START], "min_effect": 0.05,
            "registered_on": MONTHS[START - 2]}])  # fmt: skip
        source = write_source(
            customers=pd.DataFrame({"customer_id": ids, "region_id": "N"}),
            outcomes=outcomes(40.0).assign(metric="sell_through"), feedback=feedback,
            strategies=strategy,
            strategy_units=begun().assign(strategy_id="A"),
        )  # fmt: skip
        found = review_strategies(connect(source), DAY, LIGHT).metrics.set_index("metric")
        assert found.relative["sell_through"] == pytest.approx(0.4, abs=0.06)


class TestGatesOfAFewDays:
    def question(self, starts, as_of):
        units = begun(len(starts)).assign(starts_on=pd.to_datetime(starts))
        rows = outcomes().assign(price_part=0.0)
        row = pd.Series({"ends_on": pd.NaT})
        return Question(None, row, Sides(rows, units), pd.Timestamp(as_of).date(), LIGHT)

    def test_days_after_are_those_of_a_start_that_left_enough(self):
        alone = self.question([MONTHS[START]] * 8, DAY).windows()
        found = self.question([MONTHS[START]] * 7 + ["2024-12-20"], DAY).windows()
        assert found == alone
        assert self.question(["2024-12-20"] * 8, DAY).windows() is None
        assert self.question(["2024-12-04"] * 8, DAY).windows().after_days == 28

    def test_all_money_gone_is_no_price(self):
        sold = pd.DataFrame({
            "product_id": ["P"], "product_line": ["L"], "vbp_on": [pd.NaT],
            "list_price": [10.0], "amount_before": [100.0], "amount_after": [0.0],
            "quantity_before": [10.0], "quantity_after": [10.0], "loose_before": [0.0],
            "loose_after": [0.0]})  # fmt: skip
        days = Windows(dt.date(2023, 1, 1), dt.date(2024, 1, 1), dt.date(2024, 1, 1),
                       dt.date(2024, 12, 31), True)  # fmt: skip
        assert is_untested(price_gate(SoldBySide(sold, sold), "", days, LIGHT))
