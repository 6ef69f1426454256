"""What a reader of a strategy review sees: formats, pictures, and nothing of a small group."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insights.params import StrategyParams
from insights.strategy.effect import StrategyEffect
from insights.strategy.reviewing import rows
from insights.strategy.reviewing.pictures import draw_effects, draw_paths, draw_periods
from insights.strategy.reviewing.result import StrategyReview
from insights.strategy.reviewing.shown import amounts, percent, plans_shown, spans

MONTHS = pd.date_range("2024-01-01", periods=6, freq="MS")
WORDS = ("worked", "did not work", "under observation", "data insufficient")


def effects():
    low, high = np.array([0.05, -0.2, -0.1, 0.1]), np.array([0.15, 0.0, 0.1, 0.3])
    table = pd.DataFrame(index=range(4), columns=list(rows.EFFECTS))
    return table.assign(
        strategy_id=["S1", "S2", "S3", "S4"], name="重点科室", metric="sell_through",
        relative=(low + high) / 2, relative_low=low, relative_high=high, trend_relative=-0.0004,
        trend_low=-0.3, trend_high=0.4, n_treated=6.0, n_comparison=9.0, p_value=0.01,
        verdict=["worked", "did_not_work", "cannot_tell", "cannot_tell"], verdict_words=WORDS,
        insufficient=[False, False, False, True],
    )  # fmt: skip


def panels(periods=MONTHS):
    after = np.arange(len(periods)) >= 3
    return pd.DataFrame(
        {"strategy_id": "S1", "period": periods, "treated": 5.0 + after, "expected": 5.0,
         "after": after}
    )  # fmt: skip


def by_period(**changes):
    table = pd.DataFrame(
        {"strategy_id": "S1", "event": range(-3, 3), "effect": [0.0] * 3 + [9] * 3}
    )
    return table.assign(**({"low": table.effect - 1, "high": table.effect + 1} | changes))


def test_percents_are_signed_with_one_decimal():
    said = percent(pd.Series([0.13431, -0.0004, np.nan, -1.468, 0.5]))
    assert said.tolist() == ["+13.4", "+0.0", "–", "-146.8", "+50.0"]
    ends = spans(pd.Series([0.072, np.nan]), pd.Series([0.196, 0.1]))
    assert ends.tolist() == ["+7.2 to +19.6", "–"]


def test_amounts_are_whole_where_they_are_large():
    said = amounts(pd.Series([16388.36, -580.17, 0.3456, -9.118, np.nan]))
    assert said.tolist() == ["+16,388", "-580", "+0.346", "-9.12", "–"]


def test_verdicts_are_told_apart_by_shape_and_named_once():
    figure = draw_effects(effects(), "")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(WORDS)
    points = [line for line in figure.axes[0].lines if line.get_marker() in "oXDv"]
    assert [line.get_marker() for line in points] == ["o", "X", "D", "v"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["+10.0", "−10.0", "+0.0", "+20.0"]
    bars = [line.get_xdata() for line in figure.axes[0].lines if len(line.get_xdata()) == 2][1:]
    np.testing.assert_allclose(bars[3], [-30, 40])
    np.testing.assert_allclose(bars[0], [5, 15])


def test_pictures_of_one_strategy_say_units_periods_and_the_start():
    path = draw_paths(panels(), "S1 重点科室", "sell_through").axes[0]
    assert path.get_ylabel() == "sell-through, CNY per unit and month"
    by_event = draw_periods(by_period(), panels(), "S1 重点科室", "visits").axes[0]
    assert by_event.get_xlabel() == "months from the start (0 is the first that counts)"
    assert by_event.get_ylabel() == "visits per unit and month"
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in by_event.lines]
    assert ([0, 1], [0.0, 0.0]) in drawn
    assert ([-0.5, -0.5], [0, 1]) in drawn
    few = draw_periods(by_period(low=np.nan, high=np.nan), panels(), "S1", "visits")
    assert "too few units" in few.legends[0].get_texts()[0].get_text()


@pytest.mark.parametrize(
    ("freq", "name"), [("W", "period"), ("MS", "month"), ("QS", "quarter"), ("YS", "year")]
)
def test_periods_are_called_by_their_length(freq, name):
    path = panels(pd.date_range("2020-01-01", periods=6, freq=freq))
    assert draw_paths(path, "S1", "kpi").axes[0].get_ylabel() == f"kpi per unit and {name}"


class TestRegions:
    """Three regions of 1, 5 and 6 treated units below two groups."""

    def review(self):
        units = pd.DataFrame(
            {"strategy_id": "S1", "unit_id": [f"u{i}" for i in range(12)], "role": "treated",
             "region_id": ["a"] + ["b"] * 5 + ["c"] * 6, "effect": 2.0, "expected": 10.0,
             "relative": 0.2}
        )  # fmt: skip
        groups = pd.DataFrame(
            {"strategy_id": "S1", "dimension": "region", "group": ["a", "b", "c", "(other)"],
             "shown": [False, False, True, True], "shrunken": [np.nan, np.nan, 0.19, 0.21],
             "weight": [np.nan, np.nan, 0.25, 0.75]}
        )  # fmt: skip
        regions = pd.DataFrame(
            {"region_id": ["a", "b", "c", "ab", "top"], "region_name": list("abcde"),
             "parent_id": ["ab", "ab", "top", "top", None]}
        )  # fmt: skip
        empty = {name: pd.DataFrame(columns=list(columns)) for name, columns in (
            ("register", rows.REGISTER), ("panels", rows.PANELS), ("periods", rows.BY_PERIOD),
            ("gates", rows.GATES), ("plans", rows.PLANS), ("region_effects", rows.REGIONS),
            ("metrics", ("strategy_id",)), ("price_split", rows.SPLIT), ("surveys", ("by",)),
        )}  # fmt: skip
        return StrategyReview(
            effects=effects().head(1), units=units, groups=groups, regions=regions, **empty
        )

    def here(self, region):
        return self.review().for_region(region).summary()["here"].iloc[0]

    def test_a_region_shows_the_figure_of_the_table_of_groups(self):
        assert self.here("c") == "6 treated, +19.0 % of expected"

    def test_a_small_region_and_the_one_that_hides_it_show_neither_figure_nor_count(self):
        hidden = "fewer than 3 treated here, or in a region beside it: not shown"
        assert self.here("a") == self.here("b") == hidden
        assert str(self.review().for_region("b")).startswith("Units of b took part, in S1.")
        assert str(self.review().for_region("c")).startswith("6 units of c took part, in S1.")

    def test_regions_put_together_are_shown_together(self):
        assert self.here("ab") == "6 treated, +21.0 % of expected"
        assert self.here("top") == "12 treated, +20.5 % of expected"

    @pytest.mark.parametrize(
        ("region", "told"), [("a", ""), ("b", ""), ("ab", ""), ("c", "c"), ("top", "c")]
    )
    def test_the_units_of_a_hidden_region_say_nothing_of_themselves(self, region, told):
        units = self.review().for_region(region).tables()["units"]
        figures = units[["effect", "expected"]]
        assert (figures.notna().all(axis=1) == (units.region_id == told)).all()
        assert figures[units.region_id != told].isna().all(axis=None)
        assert units.unit_id.notna().all()

    def test_without_cells_nothing_is_shown(self):
        bare = self.review()
        bare = replace(bare, groups=bare.groups.head(0)).for_region("c")
        assert bare.units.effect.isna().all()
        assert "not shown" in bare.summary()["here"].iloc[0]


@pytest.mark.parametrize(("metric", "told"), [("score", 0), ("second_survey", 0), ("sales", 2)])
def test_the_score_of_one_customer_is_nowhere(metric, told):
    own = pd.DataFrame({"unit_id": ["u", "v"], "effect": 1.0, "expected": 3.0, "relative": 1 / 3})
    effect = StrategyEffect("", "", 2, 0, 1, 1, (), own)
    strategy = SimpleNamespace(strategy_id="S1", metric=metric)
    homes = pd.Series({"u": "a", "v": "a"})
    table = rows.unit_rows(SimpleNamespace(effect=effect, homes=homes, strategy=strategy))
    assert table.unit_id.tolist() == ["u", "v"]
    assert (table[["effect", "expected", "relative"]].notna().sum() == told).all()


def judged(decides=True, interval=(0.05, 0.15), confidence=0.99, groups=("x", "y"), **changes):
    """A judgement of twelve treated units in regions of four."""
    rng = np.random.default_rng(5)
    ids = [f"u{i:02d}" for i in range(12)]
    own = pd.DataFrame({"unit_id": ids, "effect": 10 + rng.normal(0, 5, 12), "expected": 100.0})
    effect = StrategyEffect(
        "difference", "", 12, 30, 24, 12, (), own, relative=0.1, relative_interval=interval,
        interval=tuple(100 * end for end in interval), p_value=0.03, counterfactual=100.0,
        estimate=10.0,
    )  # fmt: skip
    strategy = {"strategy_id": "S1", "metric": "sales", "direction": None} | changes
    looks = SimpleNamespace(now=SimpleNamespace(decides=decides))
    return SimpleNamespace(
        strategy=SimpleNamespace(**strategy), effect=effect, looks=looks, confidence=confidence,
        beside=(), homes=pd.Series(np.resize(groups, 12), index=ids),
    )  # fmt: skip


NO_GROUPS = pd.DataFrame(columns=["unit_id", "dimension", "group"])


class TestLevelOfTheLook:
    @pytest.mark.parametrize(
        ("changes", "reading"),
        [
            ({}, "higher"),
            ({"decides": False}, "not_decided"),
            ({"interval": (-0.01, 0.21)}, "no_clear_change"),
            ({"interval": (np.nan, np.nan)}, "cannot_tell"),
        ],
    )
    def test_the_deciding_metric_reads_as_its_interval(self, changes, reading):
        table = rows.beside_rows([judged(**changes)], StrategyParams())
        assert table.reading.tolist() == [reading]

    def test_a_group_of_all_units_has_the_interval_of_the_headline(self):
        one = judged(groups=("x",), interval=(0.02, 0.31))
        table = rows.group_rows(one, NO_GROUPS, StrategyParams())
        assert table[["shrunken", "low", "high"]].values.tolist() == [[0.1, 0.02, 0.31]]
        effects = pd.DataFrame({"strategy_id": ["S1"], "relative": 0.1, "relative_low": 0.02,
                                "relative_high": 0.31, "confidence": 0.99})  # fmt: skip
        whole = rows.region_rows(table, effects, StrategyParams())
        assert whole[["estimate", "low", "high"]].values.tolist() == [[0.1, 0.02, 0.31]]

    def test_intervals_of_groups_stand_at_the_confidence_of_the_look(self):
        usual, sure = (
            rows.group_rows(judged(confidence=level), NO_GROUPS, StrategyParams())
            for level in (0.95, 0.999)
        )
        assert (sure.high - sure.low > 1.2 * (usual.high - usual.low)).all()
        assert usual.weight.tolist() == [0.5, 0.5]

    def test_other_dimensions_have_no_weight_that_would_give_a_unit_away(self):
        tiers = pd.DataFrame({"unit_id": [f"u{i:02d}" for i in range(12)], "dimension": "tier",
                              "group": ["A", "B", "B"] * 4})  # fmt: skip
        table = rows.group_rows(judged(), tiers, StrategyParams()).set_index("dimension")
        assert table.weight["tier"].isna().all() and table.shown["tier"].all()


@pytest.mark.parametrize("kept", [2, 0])
def test_a_region_may_have_no_strategy(kept):
    text = pd.DataFrame({"strategy_id": ["S1", "S2"], "direction": ["down", None],
                         "metric": ["net_sales"] * 2}, dtype="str")  # fmt: skip
    register = text.assign(min_effect=[0.05, 0.1], starts_on=MONTHS[:2]).iloc[:kept]
    plans = text[["strategy_id"]].assign(plan="", looks="", signed="").iloc[:kept]
    found = plans_shown(plans, register)["smallest effect worth having %"]
    assert found.astype("float64").tolist() == [-5.0, 10.0][:kept]
