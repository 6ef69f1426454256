from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from insights.params import SegmentationParams
from insights.segmentation.model import Fit, fit_segments
from insights.segmentation.sensitivity import most_decisive, sensitivity

COLUMNS = ["check", "what", "ari", "same_segment_share", "same_name_share", "k", "verdict"]
QUICK = SegmentationParams(
    bootstraps=3, max_segments=2, min_jaccard=0.0, restarts=3, categorical_weight=0.1
)


def clouds(n: int = 200) -> pd.DataFrame:
    """Two groups told apart by frequency alone; value, visits and level follow chance."""
    rng = np.random.default_rng(6)
    group = np.arange(n) % 2
    return pd.DataFrame(
        {
            "monetary_value": np.exp(8 + rng.normal(size=n)),
            "frequency": 30.0 * group + rng.normal(size=n),
            "visits": rng.normal(size=n),
            "hospital_level": np.where(rng.random(n) < 0.5, "3A", "2A"),
        },
        index=pd.Index([f"c{i:03d}" for i in range(n)], name="customer_id"),
    )


@pytest.fixture(scope="module")
def asked() -> tuple[pd.DataFrame, Fit, pd.DataFrame]:
    features = clouds()
    fit = fit_segments(features, QUICK)
    return features, fit, sensitivity(features, fit, QUICK)


def test_every_choice_is_changed_alone(asked):
    _features, _fit, table = asked
    assert list(table.columns) == COLUMNS
    assert table.check.value_counts(sort=False).to_dict() == {
        "another seed": 3,
        "number of segments": 2,
        "weight of text features": 2,
        "left out": 4,
        "winsorised share": 1,
    }
    assert table.what.tolist()[3:] == [
        "1",
        "3",
        "0.05",
        "0.2",
        "monetary_value",
        "frequency",
        "visits",
        "hospital_level",
        "0.01",
    ]
    made = table[table.what != "1"]
    assert made[COLUMNS[2:6]].notna().all(axis=None)
    assert made[["same_segment_share", "same_name_share"]].stack().between(0, 1).all()


def test_k_is_held_where_the_question_is_not_k(asked):
    _features, _fit, table = asked
    other = table.check == "number of segments"
    assert table.k[other].tolist() == [pd.NA, 3]
    assert (table.k[~other] == 2).all()


def test_the_feature_that_makes_the_groups_is_the_most_decisive(asked):
    _features, _fit, table = asked
    left_out = table[table.check == "left out"].set_index("what").ari
    assert left_out.idxmin() == "frequency"
    assert left_out["frequency"] < 0.3
    assert table.set_index("what").verdict["frequency"] == "other segments: read with care"
    assert most_decisive(table).startswith("The most decisive feature is frequency: without it")


def test_same_answers_in_any_order_of_rows(asked):
    features, fit, table = asked
    again = sensitivity(features.sample(frac=1, random_state=1), fit, QUICK)
    pd.testing.assert_frame_equal(again, table)


def test_what_is_drawn_is_said_and_bounded():
    features = clouds()
    fit = fit_segments(features, QUICK)
    params = replace(QUICK, sensitivity_rows=100, sensitivity_seeds=1)
    table = sensitivity(features, fit, params)
    assert table.loc[0, ["check", "what"]].tolist() == ["same settings", "100 customers drawn"]
    pd.testing.assert_frame_equal(sensitivity(features, fit, params), table)


def test_two_segments_without_text_and_one_feature_say_what_cannot_be_asked():
    features = clouds()[["frequency"]]
    table = sensitivity(features, fit_segments(features, QUICK), QUICK)
    reasons = table[table.ari.isna()]
    assert reasons[["check", "what", "verdict"]].to_numpy().tolist() == [
        ["number of segments", "1", "two segments are the fewest"],
        ["weight of text features", "0.05", "no text feature has a weight"],
        ["weight of text features", "0.2", "no text feature has a weight"],
        ["left out", "frequency", "no other feature is left"],
    ]
    assert table.k[table.ari.isna()].isna().all()
    assert most_decisive(table) == "No feature could be left out and the segments compared."


def test_no_feature_decides_where_chance_moves_as_much():
    table = pd.DataFrame(
        [
            ("another seed", "1", 0.7, 0.9, 0.9, 3, ""),
            ("left out", "visits", 0.8, 0.9, 0.9, 3, ""),
        ],
        columns=COLUMNS,
    )
    assert most_decisive(table) == (
        "No single feature decides: leaving out visits changes the segments no more (adjusted "
        "Rand 0.80) than another seed or sample does (0.70)."
    )


def test_inputs_are_left_as_they_were(asked):
    features, _fit, _table = asked
    pd.testing.assert_frame_equal(features, clouds())


def test_bounds_must_rise():
    with pytest.raises(ValueError, match="sensitivity_bounds must rise"):
        SegmentationParams(sensitivity_bounds=(0.9, 0.8, 0.95))
