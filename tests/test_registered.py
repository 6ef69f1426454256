"""Registered before it is seen: plans and their locks, looks and what they spend, signatures."""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from scipy.stats import norm

from insights.params import ParamsError, StrategyParams, load_params
from insights.strategy.registered.looks import looks_of, spent
from insights.strategy.registered.registration import registration_of
from insights.strategy.registered.signed import VOCABULARY, SignedVerdict, sign_off
from insights.strategy.registered.spending import boundaries, obrien_fleming
from insights.tables import CANONICAL, connect
from insights.tables.plans import (
    MANY_UNITS,
    NOT_PLANNED,
    LateLockWarning,
    PlanError,
    lock_row,
    plan_hash,
    plan_of,
    plan_text,
    read_lock,
)

pytestmark = pytest.mark.filterwarnings("ignore::insights.tables.plans.LateLockWarning")
AS_OF = "2025-06-30"
START = "2024-07-01"
TEXT = (
    '{"controls":"units in no strategy, of the treated units\' customer types, within size_ratio '
    'of their level before the start","direction":"up","ends_on":null,"grain":"month",'
    '"metric":"sell_through","min_effect":0.05,"settings":%s,"starts_on":"2024-07-01",'
    '"strategy_id":"S1","unit_type":"customer",'
    '"units":[["0012","2024-07-01"],["B","2024-09-01"]],"washout_periods":0}'
)


def strategy(**changes):
    row = {
        "strategy_id": "S1", "metric": "sell_through", "unit_type": "customer", "grain": "month",
        "direction": "up", "starts_on": pd.Timestamp(START), "ends_on": pd.NaT,
        "min_effect": 0.05, "washout_periods": 0, "registered_on": pd.NaT,
    }  # fmt: skip
    return SimpleNamespace(**(row | changes))


def units(*more):
    rows = [("S1", "B", "2024-09-01"), ("S1", "0012", None), ("S2", "C", "2024-01-01"), *more]
    frame = pd.DataFrame(rows, columns=["strategy_id", "unit_id", "starts_on"])
    return frame.assign(starts_on=pd.to_datetime(frame.starts_on))


def lock(day="2024-05-20", row=None, rows=None, params=None, **changes):
    made = lock_row(row or strategy(), units() if rows is None else rows, day,
                    params or StrategyParams())  # fmt: skip
    return made.assign(**changes)


def decided(*rows):
    """Return decisions given as (decision_id, kind, subject_id, value, decided_on)."""
    names = ["decision_id", "kind", "subject_id", "value", "decided_on"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(
        decided_on=pd.to_datetime(frame.decided_on), until_on=pd.NaT, decided_by="总监", reason=None
    )


@pytest.fixture
def registered(write_source):
    """Return a function that writes locks to a source and gives S1's registration."""

    def judge(*decisions, row=None, rows=None, as_of=AS_OF, params=None):
        regions = pd.DataFrame({"region_id": ["N"], "region_name": ["North"]})
        frames = {"regions": regions}
        if decisions:
            frames["decisions"] = pd.concat(decisions, ignore_index=True)
        tables = connect(write_source(**frames))
        return registration_of(
            tables, row or strategy(), units() if rows is None else rows, as_of,
            params or StrategyParams(),
        )  # fmt: skip

    return judge


class TestPlan:
    def test_the_text_is_canonical(self):
        text = plan_text(strategy(), units())
        planned = {
            item.name: getattr(StrategyParams(), item.name)
            for item in fields(StrategyParams)
            if item.name not in NOT_PLANNED
        }
        written = json.dumps(planned, sort_keys=True, separators=(",", ":"))
        assert text == TEXT % written
        assert text.isascii() and json.loads(text)["settings"]["confidence"] == 0.95
        assert plan_hash(text) == hashlib.sha256(text.encode()).hexdigest()

    def test_the_same_plan_has_the_same_text_however_it_is_stored(self):
        wanted = plan_text(strategy(), units())
        loose = strategy(
            starts_on=START, ends_on=None, unit_type=None, grain=np.nan, direction=None,
            washout_periods=np.nan, min_effect=np.float64(0.05),
        )  # fmt: skip
        mixed = units().iloc[::-1].astype({"starts_on": object})
        mixed.loc[mixed.unit_id == "B", "starts_on"] = "2024-09-01"
        assert plan_text(loose, mixed) == wanted
        own = units().query("strategy_id == 'S1'")
        assert plan_text(strategy(), own.drop(columns="strategy_id")) == wanted

    @pytest.mark.parametrize(
        "change",
        [
            {"metric": "sales"}, {"unit_type": "rep"}, {"grain": "quarter"}, {"direction": "down"},
            {"starts_on": "2024-07-02"}, {"ends_on": "2025-01-01"}, {"min_effect": 0.050001},
            {"min_effect": None}, {"washout_periods": 1}, {"strategy_id": "S2"},
        ],
    )  # fmt: skip
    def test_whatever_decides_the_answer_is_in_it(self, change):
        assert plan_text(strategy(**change), units()) != plan_text(strategy(), units())

    def test_settings_that_decide_are_in_it_and_effort_is_not(self):
        wanted = plan_text(strategy(), units())
        for change in ({"confidence": 0.9}, {"size_ratio": 3.0}, {"planned_looks": (6, 12)}):
            assert plan_text(strategy(), units(), StrategyParams(**change)) != wanted
        effort = StrategyParams(permutations=7, placebo_runs=7, seed=7, min_effect=3.0)
        assert plan_text(strategy(), units(), effort) == wanted
        assert {item.name for item in fields(StrategyParams)} >= NOT_PLANNED

    def test_many_units_stand_as_a_hash_that_any_of_them_changes(self):
        many = pd.DataFrame({"unit_id": [f"H{i:05d}" for i in range(MANY_UNITS + 1)]})
        text = plan_text(strategy(), many)
        assert json.loads(text)["units"]["count"] == MANY_UNITS + 1 and len(text) < 2000
        assert plan_text(strategy(), many.sample(frac=1, random_state=1)) == text
        assert plan_text(strategy(), many.replace("H00007", "X")) != text
        long = many.head(MANY_UNITS).assign(unit_id=lambda f: f.unit_id.str.pad(60, fillchar="x"))
        assert len(lock_row(strategy(), long, START).value[0]) < 32_767

    def test_every_fault_is_named_at_once(self):
        wrong = strategy(metric=None, starts_on="soon", min_effect="much", washout_periods=0.5)
        rows = pd.DataFrame({"unit_id": ["A", None], "starts_on": ["2024-01-01", "later"]})
        with pytest.raises(PlanError) as caught:
            plan_of(wrong, rows)
        for words in ("metric missing", "starts_on: 'soon'", "min_effect: 'much'", "later",
                      "washout_periods: 0.5", "1 rows of strategy S1 name no unit"):  # fmt: skip
            assert words in str(caught.value)
        with pytest.raises(PlanError, match="no unit of strategy S9"):
            plan_of(strategy(strategy_id="S9"), units())
        with pytest.raises(PlanError, match="no column unit_id"):
            plan_of(strategy(), pd.DataFrame({"unit": ["A"]}))
        with pytest.raises(PlanError, match="min_effect: inf"):
            plan_of(strategy(min_effect=np.inf), units())

    def test_a_lock_is_a_row_of_decisions(self):
        row = lock().iloc[0]
        assert list(lock().columns) == list(CANONICAL["decisions"].schema)
        digest = plan_hash(plan_text(strategy(), units()))
        assert row.decision_id == f"PLAN-S1-2024-05-20-{digest[:12]}"
        assert (row.kind, row.subject_id) == ("plan", "S1")
        read = read_lock(row.value)
        assert read.intact and read.plan_hash == digest
        assert read.text == plan_text(strategy(), units())
        assert read_lock("4 visits a month") is None and read_lock(None) is None
        assert not read_lock(row.value.replace("0.05", "0.01")).intact

    def test_a_lock_after_the_first_start_warns(self):
        early = units(("S1", "D", "2024-05-01"))
        with pytest.warns(LateLockWarning, match="began on 2024-05-01; a lock of 2024-05-20 is 19"):
            lock(rows=early)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            lock(START)


class TestRegistration:
    def test_an_unchanged_plan_locked_before_the_start_is_confirmatory(self, registered):
        found = registered(lock())
        assert (found.status, found.exploratory) == ("locked", False)
        assert found.locked_hash == found.plan_hash and str(found.locked_on) == "2024-05-20"
        words = f"Confirmatory: plan {found.plan_hash[:12]} locked on 2024-05-20, unchanged."
        assert found.sentence() == words

    def test_it_may_be_locked_on_the_day_of_the_start_but_not_a_day_later(self, registered):
        assert registered(lock(START)).status == "locked"
        late = registered(lock("2024-07-02"))
        assert (late.status, late.exploratory) == ("late", True)
        assert "locked on 2024-07-02, 1 days after the start on 2024-07-01" in late.sentence()
        early = units(("S1", "D", "2024-05-01"))
        found = registered(lock(START, rows=early), rows=early)
        assert found.status == "late" and "start on 2024-05-01" in found.sentence()

    def test_changes_are_said_field_by_field(self, registered):
        rows = units(("S1", "D", None), ("S1", "E", None))
        rows = rows[rows.unit_id != "0012"].assign(
            starts_on=lambda f: f.starts_on.mask(f.unit_id == "B", pd.Timestamp("2024-10-01"))
        )
        found = registered(
            lock(), row=strategy(min_effect=0.03, ends_on=pd.Timestamp("2025-03-31")), rows=rows,
            params=StrategyParams(size_ratio=3.0, planned_looks=(6, 12)),
        )  # fmt: skip
        assert (found.status, found.exploratory) == ("changed", True)
        assert set(found.changes) == {
            "min_effect was 0.05 when locked, is 0.03 now",
            "ends_on was not given when locked, is 2025-03-31 now",
            "size_ratio was 5.0 when locked, is 3.0 now",
            "2 units added: D, E",
            "1 units removed: 0012",
            "1 units start on another day: B (2024-09-01, now 2024-10-01)",
        }
        assert found.sentence().startswith("Exploratory: plan ")
        assert "locked on 2024-05-20 has changed: " in found.sentence()

    def test_each_strategy_keeps_the_looks_of_its_own_lock(self, registered):
        planned = StrategyParams(planned_looks=(3, 6))
        found = registered(lock(params=planned))
        assert (found.status, found.planned_looks) == ("locked", (3, 6))
        other = registered(lock(), params=planned)
        assert (other.status, other.planned_looks) == ("locked", ())
        late = registered(lock("2024-07-02"), params=planned)
        assert (late.status, late.planned_looks) == ("late", (3, 6))

    def test_many_units_are_compared_by_count_and_hash(self, registered):
        many = pd.DataFrame({"unit_id": [f"H{i:05d}" for i in range(MANY_UNITS + 9)]})
        assert registered(lock(rows=many), rows=many).status == "locked"
        fewer = registered(lock(rows=many), rows=many.head(MANY_UNITS + 1))
        assert fewer.changes == ("number of units was 309 when locked, is 301 now",)
        other = registered(lock(rows=many), rows=many.replace("H00003", "X"))
        assert other.changes == ("the 309 units or their starts are not those locked",)

    def test_a_setting_of_a_later_version_counts_only_off_its_default(self, registered):
        content = json.loads(plan_text(strategy(), units()))
        del content["settings"]["price_bound"]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        old = lock(value=f"{plan_hash(text)} {text}")
        assert registered(old).status == "locked"
        moved = registered(old, params=StrategyParams(price_bound=0.2))
        assert moved.changes == ("price_bound is 0.2 now; the locked plan does not hold it",)
        content["settings"]["gone"] = 3
        text = json.dumps(content)
        gone = registered(lock(value=f"{plan_hash(text)} {text}"))
        assert gone.changes == ("gone was 3 when locked, is no longer a setting",)

    def test_the_last_lock_before_the_start_holds(self, registered):
        first = lock("2024-05-01", row=strategy(min_effect=0.2))
        found = registered(lock("2024-06-01"), first, lock("2024-05-20", params=StrategyParams(
            confidence=0.9)))  # fmt: skip
        assert found.status == "locked" and str(found.locked_on) == "2024-06-01"
        assert "2 earlier locks were replaced before the start" in found.sentence()
        assert registered(lock("2024-05-01"), lock("2024-06-01", row=strategy(min_effect=0.2))
                          ).status == "changed"  # fmt: skip

    def test_a_lock_after_the_start_changes_nothing(self, registered):
        later = lock("2025-01-01", row=strategy(min_effect=0.01))
        assert registered(lock(), later).status == "locked"
        found = registered(lock(), later, row=strategy(min_effect=0.01))
        assert found.status == "changed"
        assert "1 locks written later, after the start, do not count (2025-01-01)" in (
            found.sentence()
        )

    def test_a_tampered_lock_is_named(self, registered):
        value = lock().value[0].replace('"min_effect":0.05', '"min_effect":0.01')
        found = registered(lock(value=value), row=strategy(min_effect=0.01))
        assert found.status == "changed" and found.tampered == (lock().decision_id[0],)
        assert "the lock of 2024-05-20 was tampered with" in found.sentence()
        for broken in ('{"units":[3,["A"]],"settings":7}', "{not json}", "{}"):
            assert registered(lock(value=f"{'0' * 64} {broken}")).status == "changed"
        earlier = registered(lock(value=value), lock("2024-06-01"))
        assert earlier.status == "locked" and "1 locks were tampered with" in earlier.sentence()
        late = registered(lock("2024-08-01", value=value))
        assert late.status == "late" and "tampered" in late.sentence()

    def test_two_plans_of_one_day_hold_neither(self, registered):
        other = lock(row=strategy(min_effect=0.2))
        found = registered(lock(), other)
        assert found.status == "changed" and "2 different plans" in found.sentence()
        assert registered(lock(), lock(decision_id="again")).status == "locked"
        assert registered(lock(), other, lock("2024-06-01")).status == "locked"

    def test_the_future_is_hidden(self, registered):
        rows = (lock(), lock("2025-01-01", row=strategy(min_effect=0.01)))
        assert registered(*rows, as_of="2024-12-31") == registered(lock(), as_of="2024-12-31")
        assert registered(*rows, as_of="2024-05-19").status == "unlocked"
        assert registered(*rows, as_of="2024-05-20").status == "locked"

    def test_without_a_lock_it_is_exploratory_and_says_why(self, registered):
        assert "table decisions is missing" in registered().sentence()
        other = lock(subject_id="S2")
        assert registered(other).status == "unlocked"
        claimed = registered(other, row=strategy(registered_on=pd.Timestamp("2024-06-03")))
        assert "the register says 2024-06-03, but nothing shows" in claimed.sentence()
        none = registered(lock(), row=strategy(strategy_id="S9"))
        assert none.status == "unlocked" and "no unit of strategy S9" in none.sentence()

    def test_rows_that_lock_nothing_are_told(self, registered):
        calls = decided(("D1", "plan", "S1", "4 visits a month", "2024-05-01"))
        undated = lock(decided_on=pd.NaT, decision_id="D2")
        gone = lock(until_on=pd.Timestamp("2024-06-01"), decision_id="D3")
        found = registered(calls, undated, gone)
        assert found.status == "unlocked" and len(found.notes) == 3
        for words in ("D1: its value is no lock", "D2: decided_on is missing",
                      "D3: withdrawn after 2024-06-01"):  # fmt: skip
            assert words in found.sentence()

    def test_the_order_of_rows_does_not_matter(self, registered):
        rows = [lock("2024-05-01", row=strategy(min_effect=0.2)), lock(), lock("2024-09-01")]
        assert registered(*rows) == registered(*rows[::-1], rows=units().iloc[::-1])


def evenly(share):
    """Spend 0.05 evenly (Pocock type): another function for the same boundaries."""
    return 0.05 * np.log1p((np.e - 1) * share)


class TestSpending:
    def test_published_boundaries(self):
        shares = np.arange(1, 6) / 5
        late = [4.877, 3.357, 2.680, 2.290, 2.031]
        even = [2.438, 2.427, 2.410, 2.397, 2.386]
        assert boundaries(shares, obrien_fleming(shares, 0.05)) == pytest.approx(late, abs=6e-4)
        assert boundaries(shares, evenly(shares)) == pytest.approx(even, abs=6e-4)

    def test_it_spends_all_at_the_end_and_never_falls(self):
        spending = obrien_fleming(np.linspace(0, 1, 101), 0.05)
        assert spending[0] == pytest.approx(0) and spending[-1] == pytest.approx(0.05)
        assert (np.diff(spending) >= 0).all()

    @pytest.mark.parametrize("looks", [(6, 12), (3, 6, 9, 12), (2, 3, 12), (5, 12, 18)])
    def test_the_overall_error_is_alpha(self, looks):
        rng = np.random.default_rng(5)
        scores = np.cumsum(rng.normal(size=(200_000, max(looks))), axis=1)
        seen = np.array(looks)
        z = np.abs(scores[:, seen - 1]) / np.sqrt(seen)
        rates = np.array(spent(looks, 12, 0.05))
        assert (2 * norm.sf(z) < rates).any(axis=1).mean() == pytest.approx(0.05, abs=0.002)

    @profile(max_examples=25, deadline=None)
    @given(
        st.lists(st.integers(1, 36), min_size=1, max_size=8, unique=True).map(sorted),
        st.integers(1, 36),
        st.sampled_from([0.01, 0.05, 0.2]),
    )
    def test_no_look_costs_more_than_alpha_and_a_look_never_helps_later_ones(
        self, looks, horizon, alpha
    ):
        rates = spent(looks, horizon, alpha)
        assert all(0 <= rate <= alpha * (1 + 1e-6) for rate in rates)
        assert rates[-1] <= spent(looks[-1:], horizon, alpha)[0] * (1 + 1e-6)
        assert sum(rates) >= min(1, looks[-1] / horizon) // 1 * alpha * (1 - 1e-6)

    def test_information_in_another_unit_gives_the_same_bounds(self):
        shares = np.array([0.3, 0.5, 1.0])
        spending = obrien_fleming(shares, 0.05)
        assert boundaries(shares, spending) == pytest.approx(boundaries(36 * shares, spending))

    def test_many_periods_and_small_steps_are_integrated_finely_enough(self):
        info = np.array([100.0, 101.0, 102.0, 120.0])
        rates = evenly(info / 120)
        rng = np.random.default_rng(1)
        steps = rng.normal(size=(400_000, 4)) * np.sqrt(np.diff(info, prepend=0))
        z = np.abs(np.cumsum(steps, axis=1)) / np.sqrt(info)
        crossed = (z > boundaries(info, rates)).any(axis=1).mean()
        assert crossed == pytest.approx(0.05, abs=0.0015)

    @pytest.mark.parametrize(
        ("information", "rates"),
        [([1, 1], [0.01, 0.02]), ([0, 1], [0.01, 0.02]), ([1, 2], [0.02, 0.01]), ([1], [0.1, 0.2])],
    )
    def test_disorder_is_refused(self, information, rates):
        with pytest.raises(ValueError, match="must"):
            boundaries(information, rates)


MONTHS = pd.date_range("2023-07-01", "2025-06-01", freq="MS")  # 12 before, 12 after


def signed(*days):
    return [SignedVerdict(f"D{i}", "worked", "worked", pd.Timestamp(day).date())
            for i, day in enumerate(days)]  # fmt: skip


class TestLooks:
    def test_one_look_without_a_plan_spends_everything_and_says_so(self):
        found = looks_of([], MONTHS, 12, StrategyParams())
        assert (found.seen, found.due, found.taken) == (12, (), ())
        now = found.now
        assert (now.number, now.of_planned, now.planned) == (1, 0, False)
        assert now.alpha == pytest.approx(0.05) and now.confidence == 0.95 and now.decides
        assert "spends the whole error rate" in now.words

    def test_planned_looks_share_the_error_rate(self):
        params = StrategyParams(planned_looks=(6, 12))
        first = looks_of([], MONTHS[:18], 12, params)
        assert (first.now.number, first.now.of_planned, first.now.planned) == (1, 2, True)
        assert first.now.alpha == pytest.approx(0.00305, abs=2e-5)  # z 2.963
        second = looks_of(signed("2025-01-10"), MONTHS, 12, params)
        assert (second.taken, second.due, second.missed) == ((6,), (6, 12), ())
        assert (second.now.number, second.now.planned) == (2, True)
        assert second.now.alpha == pytest.approx(0.0490, abs=1e-4)  # z 1.969
        assert second.now.confidence == pytest.approx(1 - second.now.alpha)

    def test_periods_seen_are_those_complete_on_the_day_of_signing(self):
        params = StrategyParams(planned_looks=(1, 6, 12))
        days = {"2024-07-30": (), "2024-07-31": (1,), "2024-12-30": (5,), "2024-12-31": (6,)}
        for day, taken in days.items():
            assert looks_of(signed(day), MONTHS, 12, params).taken == taken
        weeks = pd.date_range("2024-01-01", periods=10, freq="7D")
        assert looks_of(signed("2024-02-11"), weeks, 4, params).taken == (2,)
        assert looks_of(signed("2024-03-10"), weeks, 4, params).taken == ()

    def test_unplanned_signatures_are_counted_and_cost_a_plan_nothing(self):
        params = StrategyParams(planned_looks=(6, 12))
        often = looks_of(signed("2024-10-31", "2025-01-01", "2025-03-31"), MONTHS, 12, params)
        assert (often.taken, often.unplanned) == ((4, 6, 9), (4, 9))
        planned = looks_of(signed("2025-01-01"), MONTHS, 12, params)
        assert often.now == planned.now
        assert "2 signed looks were not planned (at 4, 9 periods)" in often.sentence()
        assert "nothing could be decided at them" in often.sentence()

    @pytest.mark.parametrize(
        ("seen", "where"), [(3, "before the first"), (9, "between"), (18, "past the last")]
    )
    def test_off_the_plan_it_is_shown_not_decided(self, seen, where):
        months = pd.date_range(MONTHS[0], periods=12 + seen, freq="MS")
        found = looks_of([], months, 12, StrategyParams(planned_looks=(6, 12)))
        assert (found.now.alpha, found.now.decides, found.now.planned) == (0.0, False, False)
        assert where in found.now.words and "shown, not decided" in found.now.words
        last = {3: None, 9: "2024-12-31", 18: "2025-06-30"}[seen]
        assert last is None or f"review as of {last}" in found.now.words

    def test_a_look_planned_for_after_the_end_is_taken_at_the_end(self):
        params = StrategyParams(planned_looks=(6, 24))
        assert not looks_of([], MONTHS, 12, params).now.decides
        last = looks_of([], MONTHS, 12, params, ended=True).now
        wanted = looks_of([], MONTHS, 12, StrategyParams(planned_looks=(6, 12))).now
        assert (last.number, last.alpha) == (wanted.number, wanted.alpha) and last.decides
        assert "where the locked plan ends before its last look (6, 24)" in last.words

    def test_an_unsigned_look_is_not_free(self):
        params = StrategyParams(planned_looks=(6, 12))
        unsigned = looks_of([], MONTHS, 12, params)
        assert unsigned.now.alpha == looks_of(signed("2025-01-10"), MONTHS, 12, params).now.alpha
        assert "came due and nobody signed (at 6 periods): they count" in unsigned.sentence()

    def test_whoever_peeks_every_month_is_wrong_no_more_often_than_alpha(self):
        params = StrategyParams(planned_looks=(6, 9, 12))
        months = [pd.date_range(MONTHS[0], periods=12 + seen, freq="MS") for seen in range(1, 19)]
        rates = np.array([looks_of([], one, 12, params).now.alpha for one in months])
        walks = np.cumsum(np.random.default_rng(8).normal(size=(100_000, 18)), axis=1)
        z = np.abs(walks) / np.sqrt(np.arange(1, 19))
        alarms = (2 * norm.sf(z) < rates).any(axis=1).mean()
        assert alarms == pytest.approx(0.05, abs=0.0025)

    def test_what_is_spent_is_spent(self):
        found = looks_of(signed("2025-01-01"), MONTHS, 12, StrategyParams()).now
        assert (found.alpha, found.confidence) == (0.0, 1.0)
        assert not found.decides and "was spent on the looks at 6" in found.words

    def test_the_same_data_signed_twice_are_one_look(self):
        params = StrategyParams(planned_looks=(6, 12))
        once = looks_of(signed("2025-01-01"), MONTHS, 12, params)
        assert looks_of(signed("2025-01-01", "2025-01-20"), MONTHS, 12, params) == once
        again = looks_of(signed("2025-06-30"), MONTHS, 12, params)
        assert again == looks_of([], MONTHS, 12, params)

    def test_too_early_a_look_decides_nothing(self):
        params = StrategyParams(planned_looks=(1, 36))
        found = looks_of([], MONTHS[:13], 12, params).now
        assert (found.alpha, found.confidence) == (0.0, 1.0) and "too early" in found.words
        none = looks_of([], MONTHS[:12], 12, params)
        assert (none.seen, none.now.number, none.now.alpha) == (0, 0, 0.0)
        assert looks_of([], MONTHS[:0], 0, params).seen == 0

    def test_looks_that_do_not_rise_are_refused(self, tmp_path):
        path = tmp_path / "p.yaml"
        for text in ("[6, 6]", "[12, 6]"):
            path.write_text(f"strategy: {{planned_looks: {text}}}\n")
            with pytest.raises(ParamsError, match="planned_looks must rise"):
                load_params(path)
        path.write_text("strategy: {planned_looks: [0, 6]}\n")
        with pytest.raises(ParamsError, match="planned_looks"):
            load_params(path)
        path.write_text("strategy: {planned_looks: [6, 12]}\n")
        assert load_params(path).strategy.planned_looks == (6, 12)
        with pytest.raises(ValueError, match="must rise"):
            replace(StrategyParams(), planned_looks=(3, 2))


@pytest.fixture
def signatures(write_source):
    def read(*rows, as_of=AS_OF):
        made = [(f"V{i}", "verdict", "S1", value, day) for i, (value, day) in enumerate(rows)]
        tables = connect(write_source(decisions=pd.concat([decided(*made), lock()])))
        return sign_off(tables, "S1", as_of)

    return read


class TestSignOff:
    def test_the_latest_by_as_of_is_shown(self, signatures):
        rows = [("待观察", "2025-01-10"), ("有效", "2025-05-01"), ("无效", "2025-07-01")]
        found = signatures(*rows)
        assert [one.value for one in found.verdicts] == ["待观察", "有效"]
        assert (found.latest.verdict, found.latest.decided_by) == ("worked", "总监")
        assert signatures(*rows, as_of="2025-01-09").latest is None
        assert signatures(*rows[::-1], as_of="2026-01-01").latest.value == "无效"

    def test_every_word_of_the_vocabulary_is_understood(self, signatures):
        for word, verdict in VOCABULARY.items():
            assert signatures((word, "2025-01-01")).latest.verdict == verdict
        for word in (" Did not work ", "DID_NOT_WORK", "did-not-work"):
            assert signatures((word, "2025-01-01")).latest.verdict == "did_not_work"

    def test_agreement_and_disagreement_are_said(self, signatures):
        one = signatures(("有效", "2025-05-01")).latest
        assert not one.disagrees("worked") and "the same" in one.beside("worked", False)
        words = one.beside("cannot_tell", True)
        assert words == ("Signed: 有效 on 2025-05-01 by 总监; computed: data insufficient; the two "
                         "disagree.")  # fmt: skip

    def test_an_unknown_value_is_named_not_dropped(self, signatures):
        found = signatures(("有效", "2025-01-01"), ("maybe", "2025-05-01"), ("", "2025-06-01"))
        assert [one.verdict for one in found.verdicts] == ["worked", "", ""]
        words = found.verdicts[1].beside("worked", False)
        assert "maybe" in words and "no verdict" in words and "有效" in words

    def test_a_verdict_without_a_date_is_a_fault(self, signatures):
        found = signatures(("有效", None))
        assert found.latest is None and "V0: decided_on is missing" in found.faults[0]


class TestDemo:
    def test_all_plans_but_one_are_locked(self, demo):
        rows = demo["strategy_units"].execute()
        found = {
            row.strategy_id: registration_of(demo, row, rows, "2025-12-31")
            for row in demo["strategies"].execute().itertuples(index=False)
        }
        assert {key: one.status for key, one in found.items()} == {
            "S1": "locked", "S2": "locked", "S3": "unlocked", "S4": "locked", "S5": "locked",
        }  # fmt: skip
        assert found["S1"].sentence().endswith("locked on 2024-05-20, unchanged.")

    def test_another_profile_is_another_plan(self, demo):
        row = next(demo["strategies"].order_by("strategy_id").execute().itertuples(index=False))
        cautious = load_params("cautious").strategy
        found = registration_of(demo, row, demo["strategy_units"].execute(), "2025-12-31", cautious)
        assert found.changes == ("confidence was 0.95 when locked, is 0.99 now",)
