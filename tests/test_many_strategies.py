"""Many strategies x metrics: false discoveries, other metrics, groups, regions, lessons."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from insights.params import load_params
from insights.store import cached
from insights.strategy import review_strategies
from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import Gate
from insights.strategy.many.beside import MetricEffect, beside_words, metric_results
from insights.strategy.many.between import between_variance
from insights.strategy.many.cells import may_show, published
from insights.strategy.many.discovery import held_to_discovery, with_q
from insights.strategy.many.faults import ResultsError
from insights.strategy.many.groups import GroupRules, effects_by_group, unit_groups
from insights.strategy.many.lessons import lessons
from insights.strategy.many.metrics import (
    metrics_at_hand,
    other_metrics,
    secondary_records,
    with_metric,
)
from insights.strategy.many.regions import roll_up
from insights.strategy.many.shrinkage import Groups, shrink
from insights.tables import connect

HOLDS = Gate("pre-trend", "p = 0.500", "p of at least 0.05", True)
FAILS = Gate("pre-trend", "p = 0.010", "p of at least 0.05", False, "another trend")
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def effect(relative=0.1, p_value=0.001, verdict="worked", gates=(HOLDS,), half=0.05):
    return StrategyEffect(
        "difference", "many treated", 8, 30, 24, 12, gates, pd.DataFrame(), 10 * relative,
        (10 * (relative - half), 10 * (relative + half)), p_value, relative,
        (relative - half, relative + half), 10.0, verdict=verdict, reasons=("the interval",),
    )  # fmt: skip


class TestDiscovery:
    def test_known_answer_with_a_missing_p_value(self):
        # Benjamini and Hochberg by hand: p * m / rank, made monotone from the largest.
        table = pd.DataFrame({"p": [0.01, np.nan, 0.04, 0.03, 0.5]}, index=list("abcde"))
        found = with_q(table)
        np.testing.assert_allclose(found.q, [0.04, np.nan, 0.16 / 3, 0.16 / 3, 0.5])
        assert (found.tests == 4).all()
        assert list(table.columns) == ["p"]
        harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4
        assert with_q(table, "unknown").q["a"] == pytest.approx(0.04 * harmonic)

    @given(P_VALUES)
    def test_equals_scipy_is_monotone_and_never_below_p(self, p_values):
        p = np.array(p_values)
        q = with_q(pd.DataFrame({"p": p})).q.to_numpy()
        np.testing.assert_array_equal(q, stats.false_discovery_control(p))
        assert (np.diff(q[np.argsort(p)]) >= 0).all()
        assert (q >= p - 1e-15).all()
        assert (with_q(pd.DataFrame({"p": p}), "unknown").q >= q - 1e-15).all()

    def test_families_and_row_order(self):
        table = pd.DataFrame({"p": [0.01, 0.02, 0.9], "primary": [True, False, False]})
        assert with_q(table, family="primary").q.tolist() == [0.01, 0.04, 0.9]
        turned = with_q(table.iloc[::-1], family="primary").sort_index()
        pd.testing.assert_frame_equal(turned, with_q(table, family="primary"))
        assert with_q(table.head(0)).empty

    def test_only_worked_falls(self):
        held = held_to_discovery(effect(), 0.2, 12, 0.05)
        assert held.verdict == "cannot_tell"
        assert not held.insufficient
        assert "12 comparisons" in held.reasons[0]
        assert held_to_discovery(effect(), 0.05, 12, 0.05).verdict == "worked"
        assert held_to_discovery(effect(), float("nan"), 12, 0.05).verdict == "cannot_tell"
        no = held_to_discovery(effect(verdict="did_not_work"), 0.9, 12, 0.05)
        assert no.verdict == "did_not_work"
        assert len(no.gates) == 2

    def test_bad_input(self):
        with pytest.raises(ResultsError, match=r"row 1: p-value 1\.5.*row 2: p-value -0\.1"):
            with_q(pd.DataFrame({"p": [0.1, 1.5, -0.1]}))
        with pytest.raises(ResultsError, match="no column p"):
            with_q(pd.DataFrame({"q": [0.1]}))


class TestMetrics:
    @pytest.fixture
    def company(self, write_source):
        day = pd.to_datetime(["2024-01-05", "2024-06-05"])
        return connect(
            write_source(
                customers=pd.DataFrame({"customer_id": ["A"], "region_id": ["N"]}),
                orders=pd.DataFrame(
                    {"order_id": ["1", "2"], "customer_id": "A", "product_id": "P",
                     "ordered_on": day, "quantity": [1, 2], "amount": [1.0, 2.0]}
                ),
                visits=pd.DataFrame(
                    {"visit_id": ["1"], "rep_id": "R", "customer_id": "A",
                     "visited_on": day[1:], "status": "submitted"}
                ),
                strategy_units=pd.DataFrame({"strategy_id": ["S"], "unit_id": ["A"]}),
            )
        )  # fmt: skip

    def strategy(self, **changes):
        row = {"strategy_id": "S", "metric": "sales", "unit_type": None, "min_effect": 0.05}
        return SimpleNamespace(**(row | {"direction": "down"} | changes))

    def test_what_the_tables_can_give(self, company):
        assert other_metrics(self.strategy(), company, "2024-12-31") == ("quantity", "visits")
        reasons = metrics_at_hand(self.strategy(), company, "2024-12-31").set_index("metric").reason
        assert "channel_flow is missing" in reasons["sell_through"]
        by_department = self.strategy(unit_type="department")
        found = metrics_at_hand(by_department, company, "2024-12-31").set_index("metric")
        assert "not recorded by department" in found.reason["quantity"]
        assert not found.given["visits"]

    def test_the_future_is_hidden(self, company):
        assert other_metrics(self.strategy(), company, "2024-03-31") == ("quantity",)

    def test_recorded_outcomes_count_when_they_hold_its_units(self, company, write_source):
        kept = {name: company[name].execute() for name in ("customers", "strategy_units")}
        rows = pd.DataFrame(
            {"unit_id": ["A", "Z"], "period": pd.to_datetime(["2024-01-01"] * 2),
             "metric": ["score", "visits"], "value": 1.0}
        )  # fmt: skip
        tables = connect(write_source("recorded", outcomes=rows, **kept))
        assert other_metrics(self.strategy(), tables, "2024-12-31") == ("score",)
        assert other_metrics(self.strategy(), tables, "2023-12-31") == ()

    def test_a_secondary_record_has_neither_registration_nor_smallest_effect(self, company):
        strategy = self.strategy(registered_on=pd.Timestamp("2024-01-01"))
        one, two = secondary_records(strategy, company, "2024-12-31")
        assert (one.metric, two.metric, one.strategy_id) == ("quantity", "visits", "S")
        assert pd.isna(one.min_effect) and pd.isna(one.registered_on) and one.direction == "up"
        assert strategy.metric == "sales"
        row = next(pd.DataFrame([vars(strategy)]).itertuples(index=False))
        assert with_metric(row, "visits").metric == "visits"

    def test_demo(self, demo):
        for row in demo["strategies"].execute().itertuples(index=False):
            found = other_metrics(row, demo, "2025-12-31")
            assert row.metric not in found
            assert {"sales", "visits"} - {row.metric} <= set(found)


class TestBeside:
    def results(self, **readings):
        found = [MetricEffect("A", "sell_through", True, effect(p_value=0.8, relative=0.01,
                              verdict="cannot_tell"))]  # fmt: skip
        found += [MetricEffect("A", name, False, one) for name, one in readings.items()]
        return metric_results(found, 0.05)

    def test_sales_without_sell_through_and_effort_without_result(self):
        lost = effect(gates=(FAILS,))
        table = self.results(sales=effect(), visits=effect(0.3), score=lost)
        assert table.reading.tolist() == ["no_clear_change", "higher", "cannot_tell", "higher"]
        assert table.primary.tolist() == [True, False, False, False]
        said = beside_words(table).reading[0]
        assert "filled the channel" in said
        assert "more effort without more result" in said
        assert "nothing can be said of satisfaction score" in said

    def test_a_strategy_that_wants_less(self):
        less = MetricEffect("A", "kpi", True, effect(-0.2), direction="down")
        more = MetricEffect("A", "visits", False, effect(0.3))
        assert (
            "came with more effort" in beside_words(metric_results([less, more], 0.05)).reading[0]
        )

    def test_a_look_that_may_not_decide_says_nothing_of_effort(self):
        first = MetricEffect("A", "sell_through", True, effect(0.2), decides=False)
        others = [MetricEffect("A", one, False, effect()) for one in ("sales", "visits")]
        table = metric_results([first, *others], 0.05)
        assert table.reading.tolist() == ["not_decided", "higher", "higher"]
        assert beside_words(table).reading.tolist() == [""]

    def test_no_comparison_and_no_strategy(self):
        table = metric_results([MetricEffect("A", "sales", True, None)], 0.05)
        assert table.reading.tolist() == ["cannot_tell"]
        assert table.q.isna().all()
        assert beside_words(table).reading.tolist() == [""]
        assert metric_results([], 0.05).empty
        assert beside_words(metric_results([], 0.05)).empty

    def test_order_and_repetition(self):
        found = [MetricEffect("B", "sales", True, effect()), MetricEffect("A", "sales", True, None)]
        forth, back = metric_results(found, 0.05), metric_results(found[::-1], 0.05)
        pd.testing.assert_frame_equal(forth, back)
        with pytest.raises(ResultsError, match="more than one row for B sales"):
            metric_results([found[0], found[0]], 0.05)


def grouped(seed, spread, sizes, noise=0.1):
    """Units of unequal size in groups whose true shares differ by ``spread``."""
    rng = np.random.default_rng(seed)
    truth = 0.05 + spread * rng.standard_normal(len(sizes))
    group = np.repeat(np.arange(len(sizes)), sizes)
    size = 100 * np.exp(rng.normal(0, 0.5, len(group)))
    moved = size * (truth[group] + noise * rng.standard_normal(len(group)))
    ids = [f"u{i}" for i in range(len(group))]
    units = pd.DataFrame({"unit_id": ids, "effect": moved, "expected": size})
    names = pd.DataFrame({"unit_id": ids, "dimension": "tier", "group": [f"g{i}" for i in group]})
    return units, names, truth


class TestGroups:
    SIZES = (3, 4, 6, 10, 20)

    @pytest.mark.parametrize("spread", [0.0, 0.04, 0.08])
    def test_shrunken_beats_raw_and_intervals_cover(self, spread):
        raw, shrunken, covered = [], [], []
        for seed in range(40):
            units, names, truth = grouped(seed, spread, self.SIZES)
            table = effects_by_group(units, names)
            raw.append(table.raw - truth)
            shrunken.append(table.shrunken - truth)
            covered.append((table.low <= truth) & (truth <= table.high))
        assert np.mean(np.square(shrunken)) < np.mean(np.square(raw))
        assert 0.92 <= np.mean(covered) <= 0.99

    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0.01, 0.5)), min_size=2, max_size=6),
        st.floats(1, 60),
    )
    def test_shrunken_make_up_the_whole_and_spread_less(self, pairs, freedom):
        y, s = np.array(pairs).T
        weights = s / s.sum()
        found = shrink(Groups(y, s, weights, 0.03), freedom, 0.0, 0.95, 1.0, 1)
        assert weights @ found.estimates == pytest.approx(0.03)
        spread = weights @ (found.estimates - 0.03) ** 2
        assert spread <= weights @ (y - weights @ y) ** 2 + 1e-12
        assert found.best.sum() == pytest.approx(1)
        assert ((found.low < found.estimates) & (found.estimates < found.high)).all()

    def test_every_dimension_makes_up_the_headline(self):
        units, names, _truth = grouped(8, 0.1, (5, 9, 30))
        other_way = names.assign(dimension="level", group=["x", "y"] * 22)
        table = effects_by_group(
            units, pd.concat([names, other_way]), GroupRules(overall=0.07, overall_error=0.02)
        )
        sizes = pd.concat([names, other_way]).merge(units).groupby(["dimension", "group"]).expected
        weighted = table.merge(sizes.sum().reset_index(), on=["dimension", "group"])
        made = (weighted.shrunken * weighted.expected).groupby(weighted.dimension).sum()
        np.testing.assert_allclose(made / units.expected.sum(), 0.07)
        assert (table.overall == 0.07).all()

    def test_groups_that_do_not_differ_have_the_interval_of_the_whole(self):
        units, names, _truth = grouped(9, 0.0, (40, 40))
        whole = units.effect.sum() / units.expected.sum()
        alike = units.assign(effect=units.effect + 1e-9)
        table = effects_by_group(alike, names, GroupRules(overall_error=0.1))
        half = (table.high - table.low) / 2
        assert (half > 1.9 * 0.1).all()
        assert (half < 2.6 * 0.1).all()
        assert (table.shrunken - whole).abs().max() < 0.05

    def test_raw_is_effects_over_expected(self):
        units, names, _truth = grouped(1, 0.05, (3, 5))
        first = units[names.group == "g0"]
        table = effects_by_group(units, names)
        assert table.raw[0] == pytest.approx(first.effect.sum() / first.expected.sum())
        assert table.n.tolist() == [3, 5]
        assert table.best.sum() == pytest.approx(1)

    def test_the_common_error_widens_every_interval(self):
        units, names, _truth = grouped(2, 0.0, (4, 6))
        wider = effects_by_group(units, names, GroupRules(overall_error=0.2))
        plain = effects_by_group(units, names)
        assert (wider.high - wider.low > plain.high - plain.low).all()
        assert wider.shrunken.tolist() == plain.shrunken.tolist()

    def test_better_is_down(self):
        units, names, _truth = grouped(3, 0.3, (8, 8))
        up, down = effects_by_group(units, names), effects_by_group(
            units, names, GroupRules(better=-1.0)
        )  # fmt: skip
        assert up.best.idxmax() != down.best.idxmax()

    def test_small_cells_are_withheld_and_put_together(self):
        units, names, _truth = grouped(4, 0.05, (1, 2, 8, 9))
        table = effects_by_group(units, names).set_index("group")
        assert table.index[~table.shown].tolist() == ["g0", "g1"]
        figures = ["n", "raw", "shrunken", "low", "high", "best"]
        assert table.loc[["g0", "g1"], figures].isna().all(axis=None)
        assert table.n["(other)"] == 3
        assert table.words["g0"].startswith("in (other)")
        assert "under 3 units" in table.words["(other)"]

    def test_one_small_cell_takes_a_second_with_it(self):
        units, names, _truth = grouped(4, 0.05, (1, 8, 9))
        table = effects_by_group(units, names).set_index("group")
        assert table.index[table.shown].tolist() == ["g2", "(other)"]
        assert table.n["(other)"] == 9
        two = effects_by_group(units.head(9), names)
        assert not two.shown.any()
        assert two.words.str.contains("could be worked out").all()

    def test_units_without_a_group_are_a_group(self):
        units, names, _truth = grouped(4, 0.05, (9, 6))
        table = effects_by_group(units, names.drop(index=[0, 1, 2, 3])).set_index("group")
        assert table.n.to_dict() == {"g0": 5, "g1": 6, "(not recorded)": 4}

    @given(
        st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 3), st.integers(2, 5)
    )
    def test_no_small_cell_can_be_worked_out(self, sizes, missing, least):
        groups = pd.Series([f"g{i}" for i, n in enumerate(sizes) for _ in range(n)])
        groups = pd.concat([groups, pd.Series([None] * missing, dtype=object)], ignore_index=True)
        cells = published(groups, least)
        names = groups.fillna("(not recorded)")
        # What a reader knows: the whole, and each shown cell. Any group that a sum or difference
        # of these gives is of at least ``least`` units, unless it is the whole itself.
        known = [np.ones(len(groups)), *((cells == one) * 1.0 for one in cells.dropna().unique())]
        span = np.array(known)
        for name in names.unique():
            row = (names == name).to_numpy(float)
            rank = np.linalg.matrix_rank
            told = rank(np.vstack([span, row])) == rank(span)
            assert not told or row.sum() >= least or row.all()
        shown = cells.value_counts()
        assert (shown >= least).all()
        assert not len(shown) or cells.notna().all()

    def test_a_region_is_shown_only_where_it_is_made_of_shown_cells(self):
        cells = pd.DataFrame(
            {"group": ["a", "b", "c", "(other)"], "shown": [True, False, False, True]}
        )
        assert may_show({"a"}, cells)
        assert may_show({"a", "b", "c"}, cells)
        assert not may_show({"b"}, cells)
        assert not may_show({"a", "b"}, cells)
        assert not may_show({"b", "c"}, cells.head(3))

    def test_edges(self):
        units, names, _truth = grouped(5, 0.05, (6,))
        alone = effects_by_group(units, names)
        assert alone.shrunken.equals(alone.raw)
        assert "only group" in alone.words[0]
        assert not effects_by_group(units.head(2), names).shown.any()
        assert effects_by_group(units.head(0), names).empty
        rules = GroupRules(overall=0.1, interval=(0.02, 0.2))
        whole = effects_by_group(units.assign(effect=0.1 * units.expected), names, rules)
        assert whole[["shrunken", "low", "high"]].values.tolist() == [[0.1, 0.02, 0.2]]
        assert whole.error.isna().all()
        alike = effects_by_group(units.assign(effect=0.1 * units.expected), names)
        assert "cannot be told" in alike.words[0]
        assert alike.shrunken.isna().all()

    def test_row_order_does_not_matter(self):
        units, names, _truth = grouped(6, 0.05, self.SIZES)
        turned = effects_by_group(units.iloc[::-1], names.sample(frac=1, random_state=1))
        pd.testing.assert_frame_equal(turned, effects_by_group(units, names))

    def test_bad_input_names_all_faults(self):
        units, names, _truth = grouped(7, 0.05, (3, 3))
        twice = pd.concat([units, units.head(1)]).assign(effect=np.inf)
        with pytest.raises(ResultsError, match=r"not a finite number.*more than one row for u0"):
            effects_by_group(twice, names)
        with pytest.raises(ResultsError, match="groups: no column dimension"):
            effects_by_group(units, names.drop(columns="dimension"))

    def test_groups_of_the_demo(self, demo):
        groups = unit_groups(demo, "2025-12-31")
        assert set(groups.dimension) == {"tier", "level", "region", "type"}
        assert not groups.duplicated(["unit_id", "dimension"]).any()


# Colditz et al. 1994, BCG vaccine: vaccinated cases, others, control cases, others (metafor's
# dat.bcg). Answers: metafor's rma(yi, vi, test="knha") on log relative risks.
BCG = np.array([
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
])  # fmt: skip


def bcg():
    a, b, c, d = BCG.T
    names = [f"trial {i}" for i in range(len(BCG))]
    y = np.log(a / (a + b)) - np.log(c / (c + d))
    return pd.Series(y, names), pd.Series(np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)), names)


class TestRegions:
    def test_published_meta_analysis(self):
        found = roll_up(*bcg())
        assert found.estimate == pytest.approx(-0.7145, abs=5e-5)
        assert found.tau**2 == pytest.approx(0.3132, abs=5e-5)
        assert found.interval == pytest.approx((-1.1084, -0.3206), abs=5e-5)
        assert found.i2 == pytest.approx(0.9222, abs=5e-5)
        assert found.prediction_interval[0] < found.interval[0]

    def test_paule_mandel_solves_its_equation(self):
        y, s = (one.to_numpy() for one in bcg())
        weights = 1 / (s**2 + between_variance(y, s, "paule_mandel"))
        centre = (weights @ y) / weights.sum()
        assert weights @ (y - centre) ** 2 == pytest.approx(len(y) - 1)

    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 1)), min_size=2, max_size=8),
        st.randoms(use_true_random=False),
    )
    def test_order_does_not_matter_and_weights_sum_to_one(self, pairs, random):
        regions = [f"r{i}" for i in range(len(pairs))]
        table = pd.DataFrame(pairs, index=regions, columns=["y", "s"])
        turned = table.loc[random.sample(regions, len(regions))]
        one, other = roll_up(table.y, table.s), roll_up(turned.y, turned.s)
        assert one.tau == other.tau
        assert one.estimate == pytest.approx(other.estimate)
        assert one.weights.sum() == pytest.approx(1)
        assert (one.weights >= 0).all()
        assert table.y.min() - 1e-9 <= one.estimate <= table.y.max() + 1e-9

    def test_equal_estimates_have_no_spread_but_an_interval(self):
        found = roll_up(pd.Series([0.1] * 4, list("abcd")), pd.Series([0.02] * 4, list("abcd")))
        assert (found.estimate, found.tau, found.i2) == (pytest.approx(0.1), 0, 0)
        half = stats.t.ppf(0.975, 3) * 0.02 / 2
        assert found.interval == pytest.approx((0.1 - half, 0.1 + half))

    def test_one_region_two_regions_and_none(self):
        one = roll_up(pd.Series({"N": 0.1, "S": np.nan}), pd.Series({"N": 0.05, "S": 0.1}))
        assert one.interval == pytest.approx((0.1 - 1.96 * 0.05, 0.1 + 1.96 * 0.05), abs=1e-4)
        assert np.isnan(one.tau)
        assert "left out: S" in str(one)
        assert "one region only (N)" in str(one)
        two = roll_up(pd.Series({"N": 0.1, "S": 0.2}), pd.Series({"N": 0.05, "S": 0.1}))
        assert np.isnan(two.prediction_interval).all()
        assert "two regions" in str(two)
        none = roll_up(pd.Series(dtype=float), pd.Series(dtype=float))
        assert "no region" in str(none)

    def test_bad_input_names_all_faults(self):
        errors = pd.Series({"N": 0.0, "W": 1.0})
        with pytest.raises(ResultsError, match=r"without an estimate: W.*not above zero: N: 0"):
            roll_up(pd.Series({"N": 0.1}), errors)


class TestLessons:
    @pytest.fixture(scope="class")
    @classmethod
    def review(cls, demo):
        return cached(review_strategies, demo, "2025-12-31", load_params().strategy)

    def test_every_verdict_has_its_lesson(self, review):
        table = lessons(review.effects, review.gates).set_index("strategy_id")
        assert list(table.index) == list(review.effects.strategy_id)
        assert (table[["finding", "evidence", "next_step"]] != "").all(axis=None)
        assert table.finding["S1"].startswith("worked: +")
        assert "checks" in table.evidence["S1"]
        assert (table.reviewer_said == "").all()

    @pytest.mark.parametrize(
        ("verdict", "insufficient", "words"),
        [
            ("worked", False, "worked: +10.0% of what was expected without it"),
            ("did_not_work", False, "did not work: at best +15.0%, and 5.0% was worth having"),
            ("cannot_tell", False, "under observation: the interval"),
            ("cannot_tell", True, "data insufficient: the interval"),
        ],
    )
    def test_words_by_verdict(self, verdict, insufficient, words):
        table = lessons(one_effect(verdict, insufficient), gate_rows(not insufficient))
        assert table.finding[0] == words
        expected = "1 of 1 checks fail: pre-trend" if insufficient else "all 1 checks hold"
        assert expected in table.evidence[0]
        assert table.next_step[0]

    def test_an_interval_beside_a_p_value_says_its_level(self):
        table = lessons(one_effect("worked", False).assign(confidence=0.9945), gate_rows(True))
        assert table.evidence[0].startswith("+10.0% (+5.0% to +15.0% at 99.45 %), p = 0.001;")

    def test_nothing_could_be_compared(self):
        bare = one_effect("cannot_tell", True)
        figures = ["relative", "relative_low", "relative_high", "p_value", "n_treated", "estimate"]
        bare[figures] = np.nan
        table = lessons(bare, gate_rows(True).head(0))
        assert table.evidence[0] == "no check could be made"
        assert lessons(bare.head(0), gate_rows(True)).empty

    def test_groups_other_metrics_registration_and_the_reviewer(self):
        groups = pd.DataFrame({
            "strategy_id": "A", "dimension": "tier", "group": ["A", "B", "C"], "n": [9, 9, np.nan],
            "shrunken": [0.2, 0.01, np.nan], "low": [0.1, -0.05, np.nan],
            "high": [0.3, 0.07, np.nan], "best": [0.97, 0.03, np.nan],
            "shown": [True, True, False],
        })  # fmt: skip
        beside = pd.DataFrame({"strategy_id": ["A"], "reading": ["satisfaction fell"]})
        decided = pd.DataFrame({
            "kind": ["verdict", "verdict", "tier"], "subject_id": "A",
            "value": ["wait", "extend", "B"], "reason": ["too early", "audited", "x"],
            "decided_on": pd.to_datetime(["2025-01-01", "2025-03-01", "2025-04-01"]),
            "decided_by": ["head of sales", None, "x"],
        })  # fmt: skip
        late = one_effect("worked", False).assign(confirmatory=False)
        row = lessons(late, gate_rows(True), groups, beside, decided).loc[0]
        assert row.finding.startswith("exploratory; worked")
        assert "best in tier A (+20.0%" in row.finding
        assert row.finding.endswith("satisfaction fell")
        assert "begin with tier A" in row.next_step
        assert "not shown yet for tier B" in row.next_step
        assert "tier C" not in " ".join(row)
        assert row.reviewer_said == "extend: audited (reviewer not named, 2025-03-01)"

    def test_bad_input(self):
        with pytest.raises(ResultsError, match=r"effects: no column reasons.*gates: no column"):
            lessons(one_effect("worked", False).drop(columns="reasons"), pd.DataFrame())


def one_effect(verdict, insufficient):
    row = {
        "strategy_id": "A", "name": "pilot", "owner": None, "verdict": verdict,
        "verdict_words": verdict, "insufficient": insufficient, "relative": 0.1,
        "relative_low": 0.05, "relative_high": 0.15, "p_value": 0.001, "n_treated": 8.0,
        "n_comparison": 30.0, "n_before": 24.0, "n_after": 12.0, "expected": 100.0,
        "estimate": 10.0, "detectable": 0.05, "min_effect": 0.05, "confirmatory": True, "wait": "",
        "reasons": "the interval",
    }  # fmt: skip
    return pd.DataFrame([row])


def gate_rows(passed):
    gate = HOLDS if passed else FAILS
    columns = ["strategy_id", "check", "value", "bound", "passed"]
    return pd.DataFrame([("A", gate.check, gate.value, gate.bound, passed)], columns=columns)
