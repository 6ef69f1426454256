"""ABC by contribution, and core/potential/ordinary: hand-computed tables and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.params import SegmentationParams
from insights.segmentation.contribution import contribution, contribution_summary
from insights.segmentation.standing import (
    Anchors,
    StandingRule,
    fit_standing_rule,
    standing,
)

NAN = float("nan")
AMOUNTS = st.one_of(st.just(NAN), st.just(0.0), st.floats(-1e9, 1e9))
# Anchors of round numbers, so that scores are read off by eye.
RULE = StandingRule(Anchors((100.0, 200.0), (0.0, 100.0)), Anchors((100.0, 200.0), (0.0, 100.0)))


def frame(rows: dict[str, tuple[object, ...]], *columns: str) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(columns))
    return table.rename_axis("customer_id")


def drawn(values: list[float]) -> pd.DataFrame:
    ids = [f"c{i:03d}" for i in range(len(values))]
    return pd.DataFrame({"monetary_value": values}, index=pd.Index(ids, name="customer_id"))


@pytest.fixture
def customers() -> pd.DataFrame:
    return frame(
        {
            "c1": (50.0, 40.0, 0.25, 12.0, 3.0, 4.0),
            "c2": (30.0, 60.0, 1.40, 6.0, 0.0, 2.0),
            "c3": (15.0, 0.0, NAN, 3.0, NAN, NAN),
            "c4": (5.0, NAN, 0.50, 13.0, 1.0, 0.0),
            "c5": (0.0, 10.0, NAN, 0.0, NAN, NAN),
            "c6": (-3.0, 20.0, -2.0, 1.0, NAN, NAN),
            "c7": (NAN, 5.0, NAN, NAN, NAN, NAN),
        },
        "monetary_value",
        "previous_value",
        "monthly_variation",
        "active_months",
        "events_attended",
        "events_invited",
    )


def test_contribution_by_hand(customers):
    table = contribution(customers)
    assert table.index.tolist() == [f"c{i}" for i in range(1, 8)]
    assert table.abc.tolist() == ["A", "A", "B", "C", "none", "none", "none"]
    wanted = {
        "share_of_value": [0.5, 0.3, 0.15, 0.05, NAN, NAN, NAN],
        "cumulative_share": [0.5, 0.8, 0.95, 1.0, NAN, NAN, NAN],
        "growth_percent": [25.0, -50.0, NAN, NAN, -100.0, -115.0, NAN],
        "stability": [0.75, 0.0, NAN, 0.5, NAN, NAN, NAN],
        "active_share": [1.0, 0.5, 0.25, 1.0, 0.0, 1 / 12, NAN],
        "participation": [0.75, 0.0, NAN, NAN, NAN, NAN, NAN],
    }
    for column, values in wanted.items():
        np.testing.assert_allclose(table[column], values, err_msg=column)


def test_contribution_says_what_is_not_known(customers):
    words = contribution(customers).missing
    assert words["c1"] == ""
    assert words["c3"] == (
        "growth: nothing bought, or nothing known, the year before; stability: no monthly amounts; "
        "participation: no invitation known"
    )
    assert words["c5"].startswith("bought nothing, net of returns")
    assert words["c7"].startswith("value not known")
    bare = contribution(customers[["monetary_value"]])
    assert bare.missing.str.contains("participation: no events table", regex=False).all()


def test_contribution_summary_by_hand(customers):
    summary = contribution_summary(contribution(customers))
    assert summary.index.tolist() == ["A", "B", "C", "none"]
    assert summary.customers.tolist() == [2, 1, 1, 3]
    np.testing.assert_allclose(summary.value, [80.0, 15.0, 5.0, -3.0])
    np.testing.assert_allclose(summary["share"], [0.8, 0.15, 0.05, 0.0])
    # A: 80 on 100; B: 15 on 0; C: the year before unknown; none: 0 and -3 on 10 and 20.
    np.testing.assert_allclose(summary.growth, [-20.0, NAN, NAN, -110.0])
    np.testing.assert_allclose(summary.stability, [0.375, NAN, 0.5, NAN])
    np.testing.assert_allclose(summary.participation, [0.375, NAN, NAN, NAN])


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([90.0, 9.0, 1.0], "ACC"),  # the largest is A though it crosses 80 %; 99 % is past 95 %
        ([79.0, 17.0, 4.0], "ACC"),  # who crosses a bound belongs below it
        ([0.7, 0.1, 0.1, 0.1], "AABC"),  # 0.7 + 0.1 is a digit off 0.8
        ([7.0], "A"),
        ([10.0] * 10, "AAAAAAAABC"),  # ties by id
        ([1e12, 1e-6], "AC"),  # a share that vanishes in the sum is not the largest
    ],
)
def test_bounds_and_ties(values, classes):
    assert "".join(contribution(drawn(values)).abc) == classes


@given(st.lists(AMOUNTS, min_size=1, max_size=40), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_laws_of_contribution(values, random):
    customers = drawn(values)
    table = contribution(customers)
    positive = table[table.monetary_value > 0]
    assert (table.abc == "none").sum() == len(table) - len(positive)
    if len(positive):
        assert positive.share_of_value.sum() == pytest.approx(1)
        assert positive.cumulative_share.max() == pytest.approx(1)
        ordered = positive.sort_values(["monetary_value", "abc"], ascending=[False, True])
        assert ordered.abc.is_monotonic_increasing
        assert ordered.abc.iloc[0] == "A"
    mixed = random.sample(customers.index.tolist(), len(customers))
    pd.testing.assert_frame_equal(contribution(customers.loc[mixed]), table)


def test_standing_by_hand():
    customers = frame(
        {
            "c1": (200.0, 200.0, 5.0, NAN),  # 100, 100, 100
            "c2": (150.0, 400.0, 2.5, -0.2),  # 50, 100, 50: 65, below half of its potential
            "c3": (150.0, 200.0, NAN, 0.1),  # (25 + 30) / 0.8 = 68.75, growing
            "c4": (110.0, 150.0, 0.0, 0.3),  # 10, 50, 0: 20, growing but not in the middle
            "c5": (NAN, NAN, 5.0, NAN),  # influence alone makes nobody core
            "c6": (NAN, NAN, NAN, NAN),
            "c7": (0.0, 200.0, 5.0, NAN),  # 0, 100, 100: 50
            "c8": (NAN, 300.0, 5.0, NAN),  # potential and influence carry half of the weight
            "c9": (180.0, 170.0, 0.0, 0.5),  # 80, 70, 0: 61; buys more than its potential
        },
        "monetary_value",
        "potential",
        "influence",
        "growth",
    )
    table = standing(customers, rule=RULE)
    core, potential, ordinary = "core", "potential", "ordinary"
    assert table.standing.tolist() == [
        core, potential, potential, ordinary, ordinary, ordinary, ordinary, core, potential
    ]  # fmt: skip
    np.testing.assert_allclose(
        table.score, [100.0, 65.0, 68.75, 20.0, 100.0, NAN, 50.0, 100.0, 61.0]
    )
    np.testing.assert_allclose(
        table.known_weight, [1.0, 1.0, 0.8, 1.0, 0.2, 0.0, 1.0, 0.5, 1.0], atol=1e-12
    )
    np.testing.assert_allclose(table.gap, [0.0, 250.0, 50.0, 40.0, NAN, NAN, 200.0, NAN, 0.0])
    np.testing.assert_allclose(
        table.volume_score, [100.0, 50.0, 50.0, 10.0, NAN, NAN, 0.0, NAN, 80.0]
    )


def test_standing_says_why():
    customers = frame(
        {
            "c1": (150.0, 200.0, NAN, 0.1),
            "c2": (110.0, 150.0, 0.0, 0.3),
            "c3": (NAN, NAN, NAN, NAN),
            "c4": (0.0, 200.0, 5.0, NAN),
            "c5": (NAN, NAN, 5.0, NAN),
        },
        "monetary_value",
        "potential",
        "influence",
        "growth",
    )
    words = standing(customers, rule=RULE).standing_reason
    assert words["c1"] == (
        "middle volume and growing; score 69 of 100 (volume 50, potential 100), "
        "influence not known: the others' weights rescaled"
    )
    assert words["c2"].startswith("standard service, low-touch: phone and digital channels first")
    assert words["c3"] == "nothing known of it; standard service, low-touch until it is"
    assert words["c4"].startswith("buys nothing: its development priority decides")
    assert words["c5"].startswith("value not known; standard service, low-touch")


def test_anchors_are_percentiles_of_what_is_bought():
    customers = drawn([0.0, NAN, -4.0, *range(1, 102)])
    volume = fit_standing_rule(customers).volume
    assert volume.amounts[:3] == (1.0, 6.0, 11.0) and volume.scores[:3] == (0.0, 5.0, 10.0)
    scores = volume.score(pd.Series([NAN, -1.0, 0.0, 0.5, 51.0, 101.0, 999.0]))
    np.testing.assert_allclose(scores, [NAN, 0.0, 0.0, 0.0, 50.0, 100.0, 100.0])


def test_amounts_of_many_take_the_middle_of_their_percentiles():
    volume = fit_standing_rule(drawn([5.0] * 9)).volume
    assert volume == Anchors((5.0,), (50.0,))
    np.testing.assert_allclose(volume.score(pd.Series([4.0, 5.0, 6.0])), [0.0, 50.0, 100.0])


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=25))
@settings(max_examples=30, deadline=None)
def test_laws_of_standing(pairs):
    customers = drawn([value for value, _potential in pairs])
    customers["potential"] = [abs(potential) for _value, potential in pairs]
    rule = fit_standing_rule(customers)
    table = standing(customers, rule=rule)
    pd.testing.assert_frame_equal(standing(customers), table)
    pd.testing.assert_frame_equal(standing(customers[::-1]), table)
    for position in range(0, len(customers), 7):
        one = standing(customers.iloc[[position]], rule=rule)
        pd.testing.assert_frame_equal(one, table.iloc[[position]])
    assert table.score.dropna().between(0, 100).all()
    assert not (table.gap < 0).any()
    by_value = table.assign(value=customers.monetary_value).dropna(subset=["value"])
    assert by_value.sort_values("value").volume_score.is_monotonic_increasing


def test_nobody_bought_and_no_potential_at_all():
    customers = drawn([0.0, 0.0])
    assert standing(customers).standing.tolist() == ["ordinary"] * 2
    assert standing(customers).score.tolist() == [0.0, 0.0]
    summary = contribution_summary(contribution(customers))
    assert summary.customers.tolist() == [0, 0, 0, 2]
    assert summary["share"].isna().all() and summary.growth.isna().all()


def test_empty_frames_keep_their_columns(customers):
    empty = customers.iloc[:0]
    assert list(contribution(empty).columns) == list(contribution(customers).columns)
    assert len(contribution_summary(contribution(empty))) == 4
    assert list(standing(empty).columns) == list(standing(customers).columns)


def test_inputs_are_not_changed(customers):
    before = customers.copy(deep=True)
    contribution(customers)
    standing(customers)
    pd.testing.assert_frame_equal(customers, before)


@pytest.mark.parametrize("verb", [contribution, standing])
def test_every_fault_is_named_at_once(verb):
    customers = pd.DataFrame(
        {"monetary_value": [1.0, np.inf, "many", 2.0], "active_months": 40.0, "potential": -5.0},
        index=["a", "b", "c", "a"],
    )
    with pytest.raises(ValueError) as caught:
        verb(customers)
    words = str(caught.value)
    assert words.startswith("customers: customer_id: duplicated a")
    assert "monetary_value: not a number for c (many)" in words
    assert "monetary_value: infinite for b (inf)" in words
    column = "active_months: above 13" if verb is contribution else "potential: below 0"
    assert column in words and words.endswith("mend the rows and run again")


def test_missing_ids_and_doubled_columns_are_refused():
    with pytest.raises(ValueError, match="customer_id: missing in 1 rows"):
        contribution(pd.DataFrame({"monetary_value": [1.0, 2.0]}, index=["a", None]))
    twice = pd.DataFrame([[1.0, 2.0]], columns=["potential", "potential"], index=["a"])
    with pytest.raises(ValueError, match="potential stands twice"):
        standing(twice)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"abc_bounds": (0.95, 0.8)}, "abc_bounds must rise"),
        ({"core_weights": (0.0, 0.0, 0.0)}, "core_weights are all zero"),
        ({"priority_levels": (("3A", 1.0), ("3A", 0.5))}, "names a level twice"),
    ],
)
def test_knobs_that_contradict_are_refused(knobs, words):
    with pytest.raises(ValueError, match=words):
        SegmentationParams(**knobs)
