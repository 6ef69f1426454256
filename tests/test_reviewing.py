"""The review: every metric on the same units and windows, figures by period, the trust table."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insights.params import StrategyParams
from insights.strategy import review_strategies
from insights.strategy.comparable.units import Chosen
from insights.strategy.compare import compare_panel, compare_strategy
from insights.strategy.panel.outcomes import OutcomesError, read_panel
from insights.strategy.registered.looks import looks_of
from insights.strategy.reviewing.checks import check_rows
from insights.strategy.reviewing.far import far_checks, far_gate, far_words
from insights.strategy.reviewing.periods import effect_by_period
from insights.strategy.reviewing.same import another_metric, planned_panel
from insights.strategy.reviewing.shown import told
from insights.strategy.reviewing.steps import wait_words
from insights.tables import connect

MONTHS = pd.date_range("2022-01-01", periods=36, freq="MS")
START = 24
LIGHT = StrategyParams(placebo_runs=2)


def outcomes(lift=0.0, n=40, treated=8, months=MONTHS, seed=3, until=None):
    """Steady units; the first ones gain ``lift`` from the start until a month."""
    values = 100 + np.random.default_rng(seed).normal(0, 5, (n, len(months)))
    values[:treated, (months >= MONTHS[START]) & (months < (until or months[-1]))] += lift
    ids = [f"H{i:02d}" for i in range(n)]
    return pd.DataFrame(
        {
            "unit_id": np.repeat(ids, len(months)),
            "period": np.tile(months, n),
            "value": values.ravel(),
        }
    )


def begun(count=8):
    return pd.DataFrame(
        {"unit_id": [f"H{i:02d}" for i in range(count)], "starts_on": MONTHS[START]}
    )


def company(write_source, rollouts=(), **strategy):
    row = {
        "strategy_id": "A", "name": "pilot", "metric": "kpi", "unit_type": "customer",
        "starts_on": MONTHS[START], "min_effect": 0.05, "registered_on": MONTHS[START - 2],
    } | strategy  # fmt: skip
    another = {"strategy_id": "B", "name": "other", "metric": "kpi", "starts_on": MONTHS[26]}
    strategies = pd.DataFrame([row, another] if len(rollouts) else [row])
    other = pd.DataFrame({"strategy_id": "B", "unit_id": list(rollouts), "starts_on": MONTHS[26]})
    rows = outcomes(40.0)
    return connect(
        write_source(
            customers=pd.DataFrame({"customer_id": rows.unit_id.unique(), "region_id": "N"}),
            outcomes=rows.assign(metric="kpi"),
            strategies=strategies,
            strategy_units=pd.concat([begun().assign(strategy_id="A"), other]),
        )
    )


class TestSameUnitsPeriodsAndWindows:
    def chosen(self, **changes):
        return Chosen(outcomes(**changes), begun(), (), ())

    def test_what_happens_beyond_the_span_of_the_first_metric_does_not_count(self):
        first = self.chosen(months=MONTHS[6:30])
        longer = outcomes()
        after_end = (longer.period >= MONTHS[30]) & (longer.unit_id < "H08")
        longer.loc[after_end, "value"] += 500
        found = another_metric(longer, first, LIGHT)
        assert (found.n_before, found.n_after) == (18, 6)
        assert abs(found.relative) < 0.1

    def test_units_are_those_of_the_first_metric(self):
        found = another_metric(outcomes(n=60), self.chosen(), LIGHT)
        assert (found.n_treated, found.n_comparison) == (8, 32)
        assert another_metric(outcomes().query("unit_id > 'H07'"), self.chosen(), LIGHT) is None

    @pytest.mark.parametrize(
        ("change", "shape"),
        [({"cycle": "quarter"}, (8, 4)), ({"equal_windows": True}, (12, 12)),
         ({"same_season": True}, (24, 12))],
    )  # fmt: skip
    def test_windows_are_those_of_the_first_metric(self, change, shape):
        params = StrategyParams(**change)
        own = planned_panel(outcomes(), begun(), params).panel
        first, other = compare_panel(own, params), another_metric(outcomes(), self.chosen(), params)
        assert (first.n_before, first.n_after) == (other.n_before, other.n_after) == shape
        assert other.estimate == pytest.approx(first.estimate)

    def test_a_time_too_short_for_a_cycle_is_said(self):
        short = outcomes(months=MONTHS[:30])
        with pytest.raises(OutcomesError, match="period too short"):
            planned_panel(short, begun(), StrategyParams(cycle="year"))


def test_figures_by_period_are_of_the_units_of_the_headline():
    rows = outcomes(20.0)
    rows = rows[(rows.unit_id != "H00") | (rows.period >= MONTHS[20])]  # hardly a before
    wild = rows.unit_id == "H00"
    rows.loc[wild & (rows.period >= MONTHS[START]), "value"] += 5000
    starts = begun()
    starts.loc[1, "starts_on"] = MONTHS[0]  # no before at all
    panel = read_panel(rows, starts, 0)
    headline = compare_panel(panel, LIGHT)
    table = effect_by_period(panel, LIGHT).set_index("event")
    assert headline.n_treated == table.n_treated[0] == 6
    assert table.effect.loc[0:].mean() == pytest.approx(headline.estimate, abs=3)
    alone = panel.rows(panel.treated | (panel.unit_ids == "H20"))
    assert effect_by_period(alone, LIGHT).empty


class TestFar:
    def found(self, near, leaked, lift=20.0, moved=0.0):
        rows = outcomes(lift)
        rows.loc[rows.unit_id.isin(near) & (rows.period >= MONTHS[START]), "value"] += moved
        chosen = Chosen(rows, begun(), (), (), near_ids=tuple(near), near_ties=("city",),
                        leaked=leaked, near=self.ties(near))  # fmt: skip
        panel = read_panel(rows, begun(), 0)
        gates = far_gate(compare_panel(panel, LIGHT), panel, chosen, LIGHT)
        return gates, far_words(gates, chosen)

    def ties(self, near):
        """Near by city as told, by rep every second unit, by distributor none."""
        ids = [f"H{i:02d}" for i in range(8, 40)]
        flags = {"city": np.isin(ids, list(near)), "rep": np.arange(32) % 2 == 0}
        return pd.DataFrame({"unit_id": ids, **flags, "distributor": False})

    def test_it_stands_beside_the_headline_with_its_interval(self):
        (gate,), words = self.found([f"H{i}" for i in range(10, 20)], False)
        assert gate.passed and words == ()
        assert gate.check == "effect without comparison units that share a city"
        assert gate.check in far_checks() and len(set(far_checks())) == 7
        assert gate.value.startswith("+") and " to +" in gate.value
        assert "without 10 units; 11 of the other 22 share a rep or distributor" in gate.value
        assert gate.bound.startswith("with them +")

    def test_an_effect_outside_the_interval_with_them_is_marked_and_said(self):
        (gate,), words = self.found([f"H{i}" for i in range(10, 20)], False, moved=15.0)
        assert gate.passed and gate.value.startswith("differs: +")
        assert words == (f"{gate.check} with treated ones: {gate.value}",)

    def test_it_fails_where_near_units_moved_and_the_sign_turns(self):
        near = [f"H{i}" for i in range(10, 30)]
        (gate,), words = self.found(near, True, lift=20.0, moved=80.0)
        assert not gate.passed and "may have reached them" in gate.reason
        assert words == ()
        assert self.found(near, False, lift=20.0, moved=80.0)[0][0].passed

    def test_nobody_near_and_hardly_anybody_far(self):
        assert self.found([], False) == ((), ())
        (gate,), words = self.found([f"H{i:02d}" for i in range(8, 38)], True)
        assert gate.value == "not tested" and words == ()
        words = "2 comparison units share no city with treated ones, 5 are needed"
        assert gate.bound == words


def test_a_start_on_the_last_day_of_a_month_means_the_same_everywhere(write_source):
    ends = outcomes(40.0, until=MONTHS[-1]).assign(
        period=lambda rows: rows.period + pd.offsets.MonthEnd(0), metric="kpi"
    )
    last = MONTHS[START] + pd.offsets.MonthEnd(0)
    starts = begun().assign(starts_on=last)
    strategy = {"strategy_id": "A", "name": "pilot", "metric": "kpi", "unit_type": "customer",
                "starts_on": last, "registered_on": MONTHS[0]}  # fmt: skip
    tables = connect(
        write_source(
            customers=pd.DataFrame({"customer_id": ends.unit_id.unique(), "region_id": "N"}),
            outcomes=ends, strategies=pd.DataFrame([strategy]),
            strategy_units=starts.assign(strategy_id="A"),
        )
    )  # fmt: skip
    reviewed = review_strategies(tables, "2024-12-31", LIGHT).effects.iloc[0]
    alone = compare_strategy(ends, starts, LIGHT)
    assert (reviewed.n_before, reviewed.n_after) == (alone.n_before, alone.n_after) == (24, 11)
    assert reviewed.estimate == pytest.approx(alone.estimate)


class TestOverlap:
    def test_units_in_another_strategy_are_left_out_and_the_rest_is_judged(self, write_source):
        review = review_strategies(company(write_source, ["H00", "H01"]), "2024-12-31", LIGHT)
        row = review.effects.set_index("strategy_id").loc["A"]
        assert (row.verdict, row.n_treated) == ("worked", 6)
        assert "2 of 8 treated units were in another strategy" in row.reasons
        shown = review.check().set_index("check").loc["A: treated units left out, in another "
                                                      "strategy too"]  # fmt: skip
        assert (shown.value, shown.verdict) == ("2 of 8", "holds")

    @pytest.mark.parametrize("count", [5, 8])
    def test_an_overlap_that_cannot_be_left_out_fails(self, write_source, count):
        others = [f"H{i:02d}" for i in range(count)]
        review = review_strategies(company(write_source, others), "2024-12-31", LIGHT)
        row = review.effects.set_index("strategy_id").loc["A"]
        assert row.verdict == "cannot_tell" and bool(row.insufficient)
        assert f"{count} of 8 treated units were in another strategy" in row.reasons
        assert "the two effects cannot be told apart" in row.reasons
        checks = review.check()
        first = checks[checks.check.str.startswith("A: ")].iloc[0]
        assert first.check == ("A: plan locked before it began, unchanged" if count == 5 else
                               "A: a comparison could be made")  # fmt: skip
        assert first.verdict.startswith("fails")


def test_a_peek_off_the_plan_shows_figures_but_no_verdict(write_source):
    tables = company(write_source)
    params = StrategyParams(placebo_runs=2, planned_looks=(6, 12))
    said = {
        day: review_strategies(tables, day, params)
        for day in ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31")
    }
    verdicts = [one.effects.verdict[0] for one in said.values()]
    assert verdicts == ["cannot_tell", "worked", "cannot_tell", "worked"]
    peek = said["2024-09-30"]
    assert peek.effects.low[0] > 0
    assert "between planned looks (6, 12): shown, not decided" in peek.effects.reasons[0]
    assert "review as of 2024-06-30" in peek.plans.looks[0]


class TestChecks:
    def rows(self, passed=True, **changes):
        effect = {
            "strategy_id": "A", "confirmatory": True, "placebo_date_p": 0.4, "false_alarms": 0.01,
            "detectable": 0.04, "min_effect": 0.05,
        } | changes  # fmt: skip
        gates = pd.DataFrame(
            [("A", "comparison units", "30", "at least 5", True),
             ("A", "whole months after the start", "0", "at least 1", passed),
             ("A", "treated units left out, in another strategy too", "none", "", True),
             ("A", "price change, treated against comparison", "+1.0% against -1.0%", "", True),
             ("A", "pre-trend", "p = 0.300", "p of at least 0.05", True)],
            columns=["strategy_id", "check", "value", "bound", "passed"],
        )  # fmt: skip
        found = check_rows(SimpleNamespace(**effect), gates, StrategyParams())
        return found.set_index(found.check.str.removeprefix("A: "))

    def test_what_failed_stands_first_then_what_decides(self):
        assert list(self.rows().index) == [
            "plan locked before it began, unchanged", "pre-trend",
            "effect at an earlier date, when nothing was done",
            "price change, treated against comparison", "pretended strategies called worked",
            "smallest effect it would probably find",
        ]  # fmt: skip
        assert set(self.rows().verdict) == {"holds"}
        failed = self.rows(passed=False, false_alarms=0.2, confirmatory=False)
        assert list(failed.verdict[:3]) == ["fails: exploratory", "fails", "fails"]
        assert "whole months after the start" in failed.index[:3]

    def test_figures_carry_their_units(self):
        rows = self.rows(detectable=0.123)
        assert rows.value["pretended strategies called worked"] == "1.0% of 100 draws"
        power = rows.loc["smallest effect it would probably find"]
        assert (
            power.value == "12.3% of expected" and power.verdict == "smaller ones would be missed"
        )

    def test_what_could_not_be_tested_is_said(self):
        nan = float("nan")
        rows = self.rows(placebo_date_p=nan, false_alarms=nan, detectable=nan)
        assert (rows.value == "not tested").sum() == 3
        assert "registered" in self.rows(min_effect=nan).verdict.iloc[-1]


class TestWait:
    def words(self, n_after, planned=(), seed=3):
        rng = np.random.default_rng(seed)
        periods = pd.date_range("2022-01-01", periods=12 + n_after, freq="MS")
        ids = [f"H{i:02d}" for i in range(30)]
        outcomes = pd.DataFrame(
            [(unit, day, rng.normal(100, 5)) for unit in ids for day in periods],
            columns=["unit_id", "period", "value"],
        )
        units = pd.DataFrame({"unit_id": ids[:8], "starts_on": pd.Timestamp("2023-01-01")})
        effect = compare_strategy(outcomes, units)
        looks = looks_of([], periods, 12, StrategyParams(planned_looks=planned))
        return wait_words(effect, looks)

    def test_a_young_strategy_waits_and_is_not_told_to_start_again(self):
        assert self.words(2) == "only 2 periods after the start, 3 are needed"
        assert self.words(6) == ""

    def test_off_the_planned_looks_nothing_is_decided(self):
        assert "between planned looks (3, 9): shown, not decided" in self.words(5, (3, 9))
        assert "that of a review as of 2023-09-30" in self.words(12, (3, 9))
        assert self.words(9, (3, 9)) == ""

    def test_an_exploratory_verdict_says_so_wherever_it_is_told(self):
        rows = pd.DataFrame(
            {"verdict": ["worked", "worked", "cannot_tell"], "confirmatory": [True, False, False],
             "verdict_words": ["worked", "worked", "under observation"]}
        )  # fmt: skip
        assert told(rows).tolist() == ["worked", "worked (exploratory)", "under observation"]
