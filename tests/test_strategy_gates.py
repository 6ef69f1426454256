"""Gates that need tables: each on figures worked by hand, on what is missing, on the demo."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insights.features.neighbours import TIES, neighbours
from insights.features.panels import strategy_panel
from insights.features.sell_in import distributors_of, sell_in
from insights.features.windows import season_windows
from insights.features.working_days import working_days
from insights.params import StrategyParams
from insights.strategy.comparable.composition import composition_gate, composition_note, turnover
from insights.strategy.comparable.overlap import overlap_gate, overlapping_units
from insights.strategy.comparable.preferred import preferred_metric
from insights.strategy.comparable.seasons import (
    festival_gate,
    filled_gate,
    period_ends,
    working_days_gate,
)
from insights.strategy.comparable.sides import Sides, is_untested
from insights.strategy.comparable.spillover import (
    near_units,
    spillover,
    spillover_gate,
    spillover_note,
)
from insights.strategy.comparable.stuffing import distributor_sides, stuffing_gate
from insights.strategy.comparable.units import begun_rollouts, choose_units
from insights.tables import connect

PARAMS = StrategyParams()
MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")
START = pd.Timestamp("2024-01-01")
DAY = dt.date(2025, 12, 31)


def sides(values, n_treated, periods=MONTHS, start=START):
    """Units U00.. by periods; the first ones treated from the start. NaN: no row."""
    ids = [f"U{i:02d}" for i in range(len(values))]
    rows = pd.DataFrame(
        {
            "unit_id": np.repeat(ids, len(periods)),
            "period": np.tile(periods, len(ids)),
            "value": np.asarray(values, float).ravel(),
            "price_part": 0.0,
        }
    ).dropna(subset=["value"])
    units = pd.DataFrame({"unit_id": ids[:n_treated], "starts_on": start})
    return Sides(rows.reset_index(drop=True), units)


def steady(n, seed=0):
    return 100 + np.random.default_rng(seed).normal(0, 5, (n, len(MONTHS)))


def asked(**changes):
    row = {"strategy_id": "S", "metric": "sales", "unit_type": None, "grain": None}
    row |= {"starts_on": START, "ends_on": pd.NaT}
    return SimpleNamespace(**(row | changes))


@pytest.fixture
def bare(write_source):
    return connect(write_source(customers=pd.DataFrame({"customer_id": ["A"], "region_id": "N"})))


class TestOverlap:
    def rollouts(self, *rows):
        frame = pd.DataFrame(rows, columns=["strategy_id", "unit_id", "starts_on", "ends_on"])
        dated = {c: pd.to_datetime(frame[c]) for c in ("starts_on", "ends_on")}
        return frame.assign(**dated)

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "touches"),
        [
            ("2023-06-01", None, True),
            ("2022-01-01", "2023-06-30", True),  # ended, but within the year before
            ("2020-01-01", "2022-06-30", False),  # ended long before
            ("2024-03-01", None, True),
            ("2025-01-01", None, False),  # began after this one had ended
        ],
    )
    def test_overlap_is_overlap_in_time(self, starts_on, ends_on, touches):
        rollouts = self.rollouts(
            ("S", "A", "2024-01-01", "2024-12-31"), ("T", "A", starts_on, ends_on)
        )
        strategy = asked(ends_on=pd.Timestamp("2024-12-31"))
        found = overlapping_units(rollouts, strategy, DAY, PARAMS.settled_days)
        assert list(found) == (["A"] if touches else [])

    def test_it_holds_while_most_units_remain(self):
        assert overlap_gate(0, 0).passed and overlap_gate(0, 9).value == "none"
        assert overlap_gate(10, 20).passed and overlap_gate(2, 20).value == "2 of 20"
        gate = overlap_gate(11, 20)
        assert not gate.passed and "11 of 20" in gate.reason


class TestComposition:
    def test_units_that_came_and_went_by_hand(self):
        values = steady(4)
        values[0, :5] = 0  # came: nothing in the first third of the twelve months before
        values[1, 20:] = 0  # went: nothing in the last third of those after
        values[2, :12] = np.nan  # only after the start
        treated, comparison = turnover(sides(values, 3))
        assert (treated.units, treated.came, treated.went, treated.entered) == (2, 1, 1, 1)
        assert (comparison.units, comparison.came, comparison.went) == (1, 0, 0)
        said = " ".join(composition_note(treated))
        assert "1 came late" in said and "1 stopped later" in said and "not of them" in said

    def test_a_rare_buyer_has_neither_come_nor_gone(self):
        values = np.zeros((2, len(MONTHS)))
        values[:, [6, 14]] = 100.0
        treated, _comparison = turnover(sides(values, 1))
        assert (treated.units, treated.came, treated.went) == (1, 0, 1)  # 9 silent, longest 7
        values[:, 15], values[:, 14] = 100.0, 0.0
        assert turnover(sides(values, 1))[0].went == 0  # 8 silent, longest 8

    def test_an_uneven_loss_fails_and_a_small_or_chance_one_does_not(self):
        values = steady(40)
        values[:8, 18:] = 0
        gate = composition_gate(*turnover(sides(values, 20)), PARAMS)
        assert not gate.passed and "went 40% against 0%" in gate.reason
        assert composition_gate(*turnover(sides(values[7:], 13)), PARAMS).passed

    def test_both_sides_alike_or_one_side_alone(self):
        values = steady(20)
        values[::2, 18:] = 0
        assert composition_gate(*turnover(sides(values, 10)), PARAMS).passed
        assert is_untested(composition_gate(*turnover(sides(values, 20)), PARAMS))


class TestCalendar:
    def test_the_companys_calendar_goes_before_the_states(self, write_source, bare):
        periods = pd.DatetimeIndex(["2024-02-01", "2024-03-01"])
        known = working_days(bare, periods, period_ends(periods))
        assert known.working_days.tolist() == [18, 21]  # with two make-up days in February
        assert known.festival_days.tolist() == [22, 0] and known.days.tolist() == [29, 31]
        own = pd.DataFrame({"date": pd.date_range("2024-02-01", periods=29), "is_workday": False})
        tables = connect(write_source("own", calendar=own))
        assert working_days(tables, periods, period_ends(periods)).working_days.tolist() == [0, 21]

    def test_years_that_nobody_knows_are_missing(self, bare):
        periods = pd.DatetimeIndex(["2051-01-01"])
        found = working_days(bare, periods, pd.DatetimeIndex(["2051-01-31"]))
        assert found[["working_days", "festival_days"]].isna().all(axis=None)
        two = sides(steady(4), 2, pd.date_range("2050-01-01", periods=24, freq="MS"))
        days = working_days(bare, pd.DatetimeIndex(two.rows.period.unique()), two_ends(two))
        assert is_untested(festival_gate(two, days, PARAMS))
        assert is_untested(working_days_gate(two, days, PARAMS))

    def test_comparison_units_share_the_calendar(self, bare):
        both = sides(steady(20), 10)
        assert festival_gate(both, month_days(bare), PARAMS).passed
        assert working_days_gate(both, month_days(bare), PARAMS).passed

    def test_alone_the_same_months_must_be_compared(self, bare):
        whole = sides(steady(5), 5)
        assert not festival_gate(whole, month_days(bare), PARAMS).passed  # 2 months, then 1
        after = pd.date_range("2024-04-01", periods=21, freq="MS")
        years = sides(steady(5)[:, :21], 5, after, pd.Timestamp("2025-04-01"))
        days = working_days(bare, after, period_ends(after))
        gate = festival_gate(years, days.head(18), PARAMS)
        assert gate.value == "17%, then 0%" and not gate.passed  # no spring after
        gate = working_days_gate(years, days.head(18), PARAMS)
        assert gate.value == "20.8 days, then 21.3" and not gate.passed
        assert not festival_gate(years, days, PARAMS).passed  # 2 of 12 months, 3 of 9
        assert working_days_gate(years, days.tail(18), PARAMS).passed

    def test_an_unlike_response_to_the_festival_fails(self, bare):
        values = steady(30)
        values[:15, :2] *= 0.2  # January and February 2023, when the pause lay in both
        unlike = sides(values, 15)
        gate = festival_gate(unlike, month_days(bare), PARAMS)
        assert not gate.passed and "compare whole years" in gate.reason

    def test_ends_of_weeks_months_and_quarters(self):
        for step, last in (("7D", "2023-01-07"), ("MS", "2023-01-31"), ("QS", "2023-03-31")):
            periods = pd.date_range("2023-01-01", periods=3, freq=step)
            assert period_ends(periods)[0] == pd.Timestamp(last)


def two_ends(both):
    return period_ends(pd.DatetimeIndex(both.rows.period.unique()))


def month_days(tables):
    return working_days(tables, MONTHS, period_ends(MONTHS))


class TestFilled:
    def facts(self, last_share=1.0, count=50):
        first = MONTHS
        last = pd.Series(period_ends(MONTHS))
        length = (last.iloc[-1] - MONTHS[-1]).days
        last.iloc[-1] = MONTHS[-1] + pd.Timedelta(days=round(last_share * length))
        return pd.DataFrame({"first": first, "last": last.to_numpy(), "facts": count}, MONTHS)

    def gate(self, tables, facts):
        reached = working_days(tables, MONTHS, pd.DatetimeIndex(facts["last"]))
        reached = reached.reindex(facts.index)
        return filled_gate(month_days(tables), facts, reached, PARAMS)

    def test_data_that_stop_in_the_last_month(self, bare):
        assert self.gate(bare, self.facts()).passed
        gate = self.gate(bare, self.facts(0.4))
        assert not gate.passed and "2024-12" in gate.reason and gate.value == "23 of 24"

    def test_a_month_without_facts_is_no_zero(self, bare):
        facts = self.facts()
        whole = month_days(bare)
        gate = filled_gate(whole, facts.drop(MONTHS[5]), whole.drop(MONTHS[5]), PARAMS)
        assert not gate.passed and "2023-06" in gate.reason

    def test_few_facts_cannot_tell(self, bare):
        assert is_untested(self.gate(bare, self.facts(0.4, count=3)))


def flows(pushed, n=12, seed=3):
    rng = np.random.default_rng(seed)
    out = rng.uniform(50, 150, n)
    frame = pd.DataFrame({"sell_in_before": out, "sell_out_before": out, "sell_out_after": out})
    after = out * (1 + rng.normal(0, 0.02, n))
    after[: n // 2] *= 1 + pushed
    stock = {"stock_months_before": 1.0, "stock_months_after": 1.0 + 6 * pushed}
    index = pd.Index([f"D{i:02d}" for i in range(n)])
    return frame.assign(sell_in_after=after, **stock).set_index(index)


class TestStuffing:
    def behind(self, n=12):
        return pd.Series(np.arange(n) < n // 2, index=flows(0, n).index)

    def test_shipments_that_outrun_sell_through(self):
        assert stuffing_gate(flows(0), self.behind(), PARAMS).passed
        gate = stuffing_gate(flows(0.4), self.behind(), PARAMS)
        assert not gate.passed
        assert "+39%" in gate.reason and "1.0, then 3.4 months" in gate.reason

    def test_a_strategy_that_wants_less_looks_the_other_way(self):
        down = StrategyParams(direction="down")
        assert stuffing_gate(flows(0.4), self.behind(), down).passed
        assert not stuffing_gate(flows(-0.4), self.behind(), down).passed

    def test_without_comparison_distributors_the_change_stands_alone(self):
        alone = pd.Series(True, index=self.behind().index)
        gate = stuffing_gate(flows(0.4), alone, PARAMS)
        assert not gate.passed and "no comparison distributors" in gate.bound

    def test_without_reported_flow_it_is_not_tested(self):
        unknown = flows(0.4).assign(sell_out_before=np.nan)
        assert is_untested(stuffing_gate(unknown, self.behind(), PARAMS))

    def test_a_distributor_belongs_to_whoever_orders_more_of_it(self):
        ties = pd.DataFrame(
            [("T", "D1", 10.0), ("C", "D1", 30.0), ("T", "D2", 5.0), ("C", "D3", np.nan)],
            columns=["unit_id", "distributor_id", "amount"],
        )
        found = distributor_sides(ties, pd.Index(["T"]))
        assert found.to_dict() == {"D1": False, "D2": True, "D3": False}
        assert distributor_sides(ties.head(0), pd.Index(["T"])).empty


class TestSellIn:
    @pytest.fixture
    def channel(self, write_source):
        def dated(name, rows, columns, day):
            frame = pd.DataFrame(rows, columns=columns)
            return {name: frame.assign(**{day: pd.to_datetime(frame[day])})}

        columns = ["order_id", "customer_id", "product_id", "ordered_on", "quantity", "amount"]
        orders = [
            ("0", "H", "P", "2023-01-01", 1, 1.0),
            ("1", "D", "P", "2023-03-01", 12, 120.0),
            ("2", "D", "P", "2024-03-01", 36, 72.0),  # thrice the goods at a fifth of the price
            ("3", "D", "P", "2024-04-01", -12, -24.0),
            ("4", "H", "P", "2024-03-01", 99, 99.0),
            ("5", "D", "P", "2026-03-01", 99, 99.0),
        ]
        flow = [("1", "D", "H", "P", "2023-05-01", 12, None)]
        flow += [("2", "D", "H", "P", "2024-05-01", 12, 24.0)]
        stock = [("D", "P", "2023-12-31", 4.0), ("D", "P", "2024-12-30", 8.0)]
        ids = ["flow_id", "distributor_id", "customer_id", "product_id", "flowed_on"]
        kinds = ["distributor", "hospital"]
        customers = {"customer_id": ["D", "H"], "region_id": "N", "customer_type": kinds}
        return connect(
            write_source(
                customers=pd.DataFrame(customers),
                products=pd.DataFrame({"product_id": ["P"], "list_price": [10.0]}),
                **dated("orders", orders, columns, "ordered_on"),
                **dated("channel_flow", flow, [*ids, "quantity", "amount"], "flowed_on"),
                **dated("stock", stock, ["holder_id", "product_id", "counted_on", "quantity"],
                        "counted_on"),
            )
        )  # fmt: skip

    def windows(self):
        return season_windows(START.date(), START.date(), dt.date(2023, 1, 1), DAY)

    def test_goods_at_list_prices_a_month(self, channel):
        found = sell_in(channel, self.windows(), DAY).loc["D"]
        assert found.sell_in_after / found.sell_in_before == pytest.approx(2)
        assert found.sell_out_after / found.sell_out_before == pytest.approx(1)
        assert found.sell_out_after == pytest.approx(120 / 12, rel=0.01)
        assert found.stock_months_before == pytest.approx(4, rel=0.01)
        assert found.stock_months_after == pytest.approx(8, rel=0.01)

    def test_the_future_is_hidden_and_who_never_reported_is_unknown(self, channel):
        day = dt.date(2024, 3, 15)
        windows = season_windows(START.date(), START.date(), dt.date(2023, 1, 1), day)
        early = sell_in(channel, windows, day).loc["D"]
        assert early.sell_in_after / early.sell_in_before == pytest.approx(3, rel=0.02)
        assert early.sell_out_after == 0

    def test_only_distributors_stand_behind_units(self, channel):
        ties = distributors_of(channel, "region", self.windows(), DAY)
        assert ties.values.tolist() == [["N", "D", 168.0]]

    def test_what_the_gate_says_when_units_order_for_themselves(self, channel):
        gate = gate_of(channel, asked(), ["H"], "shipments")
        assert gate.passed and gate.value == "holds by construction"

    def test_sell_through_is_preferred_where_it_is_known(self, channel, write_source):
        units = pd.DataFrame({"strategy_id": "S", "unit_id": ["H", "X"]})
        tables = with_tables(channel, write_source, strategy_units=units)
        metric, words = preferred_metric(tables, asked(), DAY)
        assert metric == "sell_through" and "1 of 2 treated units" in words
        assert preferred_metric(tables, asked(), "2023-04-01") == ("sales", "")
        assert preferred_metric(tables, asked(metric="visits")) == ("visits", "")
        assert preferred_metric(tables, asked(unit_type="rep")) == ("sales", "")
        assert preferred_metric(tables, asked(unit_type="region"))[0] == "sales"


def with_tables(tables, write_source, **frames):
    names = ("customers", "products", "orders", "channel_flow", "stock")
    held = {name: tables[name].execute() for name in names}
    return connect(write_source("more", **held, **frames))


def gate_of(tables, strategy, treated, words):
    found = chosen(tables, strategy, treated)
    return next(gate for gate in found.gates if words in gate.check)


def chosen(tables, strategy, treated, day=DAY):
    panel = strategy_panel(tables, strategy, day)
    start = pd.Timestamp(strategy.starts_on)
    rollouts = pd.DataFrame(
        {"strategy_id": "S", "unit_id": treated, "starts_on": start, "ends_on": pd.NaT}
    )
    return choose_units(tables, strategy, panel, rollouts, day, PARAMS)


class TestSpillover:
    def shared(self, n, near):
        """Every unit has a city of its own, but the near ones live in that of a treated unit."""
        ids = [f"U{i:02d}" for i in range(n)]
        city = ["U00" if i in near else name for i, name in enumerate(ids)]
        return pd.DataFrame({"unit_id": ids, "tie": "city", "tie_id": city})

    def leak(self, lift, near=range(10, 20), n=40):
        values = steady(n)
        values[list(near), 12:] *= lift
        return sides(values, 10), self.shared(n, near)

    def test_near_units_that_moved_are_named(self):
        both, shared = self.leak(1.3)
        found = spillover(both, shared, PARAMS)
        assert found.leaked == ("city",) and len(found.near_ids()) == 10 and found.gap > 0.1
        assert found.suspects(5) == ("city",)
        assert "10 comparison units that share a city" in spillover_note(found)[0]

    def test_it_blocks_only_when_the_answer_hangs_on_them(self):
        values = steady(40)
        values[:10, 12:] *= 1.5
        values[10:20, 12:] *= 1.3
        found = spillover(sides(values, 10), self.shared(40, range(10, 20)), PARAMS)
        assert found.leaked and spillover_gate(found, PARAMS, "").passed
        values = steady(40)
        values[:10, 12:] *= 1.1
        values[10:20, 12:] *= 1.6
        found = spillover(sides(values, 10), self.shared(40, range(10, 20)), PARAMS)
        gate = spillover_gate(found, PARAMS, "")
        assert found.estimates[0] < 0 < found.estimates[1]
        assert not gate.passed and "changes its sign" in gate.reason

    def test_it_blocks_when_too_few_are_left(self):
        values = steady(30)
        values[:10, 12:] *= 3
        values[10:26, 12:] *= 1.5
        found = spillover(sides(values, 10), self.shared(30, range(10, 26)), PARAMS)
        gate = spillover_gate(found, PARAMS, "")
        assert not gate.passed and "too few are left" in gate.reason

    def test_no_leak_is_no_word_but_mostly_near_ones_are(self):
        both, shared = self.leak(1.0)
        found = spillover(both, shared, PARAMS)
        assert found.suspects(5) == TIES and found.suspects(21) == ("city",)
        assert spillover_gate(found, PARAMS, "").passed and spillover_note(found) == ()
        both, shared = self.leak(1.0, near=range(10, 38))
        assert "28 of 30" in spillover_note(spillover(both, shared, PARAMS))[0]

    def test_all_near_cannot_be_tested_and_none_near_holds(self):
        both, shared = self.leak(1.0, near=range(10, 40))
        assert is_untested(spillover_gate(spillover(both, shared, PARAMS), PARAMS, ""))
        both, shared = self.leak(1.0, near=range(0))
        gate = spillover_gate(spillover(both, shared, PARAMS), PARAMS, "")
        assert gate.passed and gate.value == "0 of 30"

    def test_a_false_alarm_is_as_rare_as_said(self):
        shared = self.shared(40, range(10, 25))
        alarms = [
            bool(spillover(sides(steady(40, seed), 10), shared, PARAMS).leaked)
            for seed in range(60)
        ]
        assert np.mean(alarms) <= 0.05

    def test_ties_of_tables(self, demo):
        found = neighbours(demo, "customer", dt.date(2024, 7, 1), DAY)
        assert set(found.tie) == {"city", "rep", "distributor"}
        served = found[found.tie == "distributor"]
        assert not served.unit_id.duplicated().any()
        flow = demo["channel_flow"].execute()
        flow = flow[(flow.flowed_on >= "2023-07-02") & (flow.flowed_on < "2024-07-01")]
        one = served.iloc[0]
        own = flow[flow.customer_id == one.unit_id].groupby("distributor_id").amount.sum()
        assert own.astype(float).idxmax() == one.tie_id
        assert neighbours(demo, "region", dt.date(2024, 7, 1), DAY).empty

    def test_row_order_does_not_matter(self):
        both, shared = self.leak(1.3)
        mixed = Sides(both.rows.sample(frac=1, random_state=1), both.units)
        pd.testing.assert_frame_equal(
            near_units(both, shared), near_units(mixed, shared.sample(frac=1, random_state=2))
        )


class TestEveryGate:
    def test_the_demo_companys_strategies(self, demo):
        register = demo["strategies"].order_by("strategy_id").execute()
        rollouts = begun_rollouts(demo, DAY)
        failed = {}
        for row in register.itertuples(index=False):
            panel = strategy_panel(demo, row, DAY)
            found = choose_units(demo, row, panel, rollouts, DAY, PARAMS)
            failed[row.strategy_id] = [gate for gate in found.gates if not gate.passed]
            assert len(found.gates) == 8 and len(found.price_split) == 2
            split = found.price_split
            parts = split.price + split.volume + split.mix
            assert parts.to_numpy() == pytest.approx(split.change.to_numpy())
        assert {name for name, gates in failed.items() if gates} == {"S5"}
        assert "抗感染 on 2024-09-01" in failed["S5"][0].reason

    def test_the_future_is_hidden(self, demo, write_source):
        day = dt.date(2025, 3, 31)
        row = next(demo["strategies"].order_by("strategy_id").execute().itertuples(index=False))
        names = ("customers", "products", "territories", "strategies", "strategy_units")
        held = {name: demo[name].execute() for name in names}
        flow = demo["channel_flow"]
        early = flow.filter(flow.flowed_on <= day).execute()
        cut = connect(write_source(channel_flow=early, **held))
        one, other = (
            choose_units(
                tables, row, strategy_panel(tables, row, day), begun_rollouts(tables, day), day,
                PARAMS,
            )
            for tables in (demo, cut)
        )  # fmt: skip
        assert one.gates == other.gates and one.notes == other.notes

    def test_what_is_missing_is_said(self, write_source):
        rows = [(u, m, 5.0) for u in ("A", "B", "C", "D") for m in MONTHS]
        outcomes = pd.DataFrame(rows, columns=["unit_id", "period", "value"]).assign(metric="kpi")
        tables = connect(write_source(outcomes=outcomes))
        found = chosen(tables, asked(metric="kpi", unit_type="region"), ["A"])
        untold = [gate.check for gate in found.gates if is_untested(gate)]
        assert len(untold) == 3 and "not tested: " in found.notes[-1]
        assert all(check in found.notes[-1] for check in untold)

    def test_no_treated_unit_left(self, demo):
        found = chosen(demo, asked(metric="sell_through"), ["nobody"])
        assert found.units.empty and found.near.empty and "no outcome" in found.notes[0]

    def test_one_treated_unit_and_no_comparison(self, write_source):
        rows = [("A", m, 5.0 + i) for i, m in enumerate(MONTHS)]
        outcomes = pd.DataFrame(rows, columns=["unit_id", "period", "value"]).assign(metric="kpi")
        found = chosen(connect(write_source(outcomes=outcomes)), asked(metric="kpi"), ["A"])
        assert not found.gates[3].passed  # Spring Festival, with nobody to share it
        assert len(found.units) == 1

    def test_a_strategy_that_ends_within_a_month_leaves_that_month(self, demo):
        strategy = asked(metric="sell_through", starts_on="2024-07-01",
                         ends_on=pd.Timestamp("2025-03-15"))  # fmt: skip
        found = chosen(demo, strategy, ["H0003", "H0011", "H0020"])
        assert found.outcomes.period.max() == pd.Timestamp("2025-02-01")
