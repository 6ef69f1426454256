"""Scorecards: figures by hand, what may be chance is no strength, what the law lets be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.params import TargetsParams
from insights.targets.measures import _growth, peers_of
from insights.targets.scorecards import (
    CALLS,
    CARDS,
    DEVICE_REP,
    DRUG_REP,
    FALLING,
    RISING,
    SCORES,
    STRENGTH,
    TOO_FEW,
    USUAL,
    WEAKNESS,
    scorecards,
)

PARAMS = TargetsParams()
MONTHS = pd.date_range("2025-01-01", periods=12, freq="MS")
REPS = pd.DataFrame(
    [("R1", "drug"), ("R2", "device"), ("R3", None)], columns=["rep_id", "line_type"]
)


def _figures(
    values: dict[str, np.ndarray], figure: str = "attainment", kind: str = "region",
    size: float = 1000.0, months: pd.DatetimeIndex = MONTHS,
) -> pd.DataFrame:  # fmt: skip
    parts = [
        pd.DataFrame(
            {
                "kind": kind, "unit_id": unit, "figure": figure, "month": months,
                "numerator": size * ratios, "denominator": size,
            }
        )
        for unit, ratios in values.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _even(*levels: float) -> dict[str, np.ndarray]:
    return {f"u{k}": np.full(12, level) for k, level in enumerate(levels)}


def _cards(figures: pd.DataFrame) -> pd.DataFrame:
    return scorecards(figures, REPS, PARAMS).cards.set_index("unit_id")


def test_value_is_the_ratio_of_sums_by_hand() -> None:
    figures = _figures(_even(0.9, 0.9, 0.9, 0.9, 0.9))
    uneven = figures.assign(
        denominator=np.where(figures.month < "2025-07-01", 1000.0, 3000.0),
        numerator=np.where(figures.month < "2025-07-01", 500.0, 3000.0),
    )
    card = _cards(uneven).loc["u0"]
    assert card.value == (6 * 500 + 6 * 3000) / (6 * 1000 + 6 * 3000)
    assert (card.months, card.denominator, card.peers) == (12, 24000.0, 4)


def test_z_against_peers_by_hand_where_nothing_is_chance() -> None:
    cards = _cards(_figures(_even(0.8, 0.9, 1.0, 1.1, 1.4)))
    spread = 1.4826 * 0.1
    assert cards.peer_median.tolist() == pytest.approx([1.0] * 5)
    assert cards.z.tolist() == pytest.approx(
        [-0.2 / spread, -0.1 / spread, 0, 0.1 / spread, 0.4 / spread]
    )
    assert cards.standing.tolist() == [WEAKNESS, USUAL, USUAL, USUAL, STRENGTH]


def test_differences_that_may_be_chance_are_no_strength() -> None:
    called = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        loud = {f"u{k}": 1 + rng.normal(0, 0.3, 12) for k in range(12)}
        called.append((_cards(_figures(loud)).standing != USUAL).mean())
    assert np.mean(called) <= 0.06  # nobody differs
    real = {**loud, "u0": loud["u0"] + 0.8}
    assert _cards(_figures(real)).standing["u0"] == STRENGTH


def test_trend_is_robust_and_needs_months() -> None:
    slopes = {
        "up": 1 + 0.02 * np.arange(12.0), "down": 1 - 0.02 * np.arange(12.0),
        "spike": np.where(np.arange(12) == 11, 9.0, 1.0 + 0.001 * (np.arange(12) % 2)),
    }  # fmt: skip
    cards = _cards(_figures(slopes))
    assert cards.slope[["up", "down"]].tolist() == pytest.approx([0.02, -0.02])
    assert cards.trend[["up", "down", "spike"]].tolist() == [RISING, FALLING, "steady"]
    short = _cards(_figures({"u": np.ones(2)}, months=MONTHS[:2]))
    assert short.trend["u"] == TOO_FEW and "no trend: 2 months, 3 are needed" in short.reason["u"]


def test_too_few_peers_are_said_and_give_no_score() -> None:
    found = scorecards(_figures(_even(0.8, 0.9, 1.0, 1.4)), REPS, PARAMS)
    assert found.cards.z.isna().all() and (found.cards.standing == TOO_FEW).all()
    assert found.cards.reason.str.contains("fewer than 5 of its kind").all()
    assert found.scores.score.isna().all() and (found.scores.reason != "").all()
    alike = scorecards(_figures(_even(1, 1, 1, 1, 1)), REPS, PARAMS)
    assert alike.cards.z.isna().all()


def test_score_is_the_weighted_mean_and_says_what_it_lacks() -> None:
    first = _figures(_even(0.8, 0.9, 1.0, 1.1, 1.4))
    second = _figures(_even(0.2, 0.3, 0.4, 0.5, 0.8), figure="coverage")
    second = second[second.unit_id != "u4"]
    more = pd.concat([first, second, _figures({"u9": np.full(12, 0.4)}, figure="coverage")])
    found = scorecards(more, REPS, PARAMS)
    weights = dict(PARAMS.score_weights)
    z = found.cards.set_index(["unit_id", "figure"]).z
    score = found.scores.set_index("unit_id")
    a, c = weights["attainment"], weights["coverage"]
    assert score.score["u0"] == pytest.approx(
        (a * z["u0", "attainment"] + c * z["u0", "coverage"]) / (a + c)
    )
    assert score.score["u4"] == pytest.approx(z["u4", "attainment"])
    assert score.weight_known["u4"] == pytest.approx(a / (a + c))
    assert score.weight_known["u0"] == 1 and score["rank"]["u4"] == 1
    assert found.weights.set_index("figure").weight.to_dict() == weights
    assert list(found.cards.columns) == list(CARDS) and list(found.scores.columns) == list(SCORES)


def test_no_sales_of_a_drug_representative_are_told_whoever_sends_them() -> None:
    parts = [
        _figures({one: np.ones(12) for one in ("R1", "R2", "R3")}, figure, kind)
        for figure in ("attainment", "growth", "coverage")
        for kind in (DRUG_REP, DEVICE_REP, "rep")
    ]
    found = scorecards(pd.concat(parts), REPS, PARAMS)
    told = found.cards[~found.cards.figure.isin(CALLS)]
    assert set(told.unit_id) == {"R2"}  # whatever kind they were sent as; unknown lines too
    assert found.withheld == 2 * 2 * 3 * 12
    assert "144 sales figures of drug representatives" in found.notes[0]
    assert set(found.cards[found.cards.figure == "coverage"].unit_id) == {"R1", "R2", "R3"}


def test_denominators_of_zero_are_said() -> None:
    figures = _figures(_even(0.8, 0.9, 1.0, 1.1, 1.4))
    none = figures.assign(denominator=figures.denominator.where(figures.unit_id != "u1", 0.0))
    card = _cards(none).loc["u1"]
    assert np.isnan(card.value) and "denominator is 0" in card.reason
    assert _cards(none).peers["u0"] == 3


def test_only_the_last_months_count_and_rows_may_come_in_any_order() -> None:
    figures = _figures(_even(0.8, 0.9, 1.0, 1.1, 1.4))
    old = figures.assign(month=figures.month - pd.DateOffset(years=1), numerator=0.0)
    both = pd.concat([old, figures]).sample(frac=1, random_state=4)
    left, right = (scorecards(one, REPS, PARAMS) for one in (both, figures))
    pd.testing.assert_frame_equal(left.cards, right.cards)
    pd.testing.assert_frame_equal(left.scores, right.scores)
    empty = scorecards(figures.head(0), REPS, PARAMS)
    assert empty.cards.empty and empty.scores.empty


def test_a_month_without_a_sale_counts_in_growth() -> None:
    last_year = pd.date_range("2024-01-01", "2024-12-01", freq="MS")
    this_year = pd.to_datetime(["2025-03-01", "2025-06-01", "2025-12-01"])
    units = pd.DataFrame(
        {"kind": "rep", "unit_id": "R2", "month": [*last_year, *this_year],
         "cents": [10_000] * 12 + [20_000] * 3}
    )  # fmt: skip
    rows = _growth(units)
    assert rows.numerator.sum() / rows.denominator.sum() == pytest.approx(600 / 1200)


def test_drug_and_device_representatives_are_not_each_others_peers() -> None:
    figures = _figures({one: np.ones(12) for one in ("R1", "R2", "R3")}, "coverage", "rep")
    people = pd.DataFrame({"rep_id": ["R1", "R2", "R3"], "line_type": ["drug", "device", None]})
    both = pd.concat([figures, figures.assign(kind="region")], ignore_index=True)
    told = peers_of(both, people)
    of_people = both[both.kind == "rep"].assign(told=told).groupby("unit_id").told.unique()
    assert {name: list(kinds) for name, kinds in of_people.items()} == {
        "R1": [DRUG_REP], "R2": [DEVICE_REP], "R3": ["rep"],
    }  # fmt: skip
    assert set(told[both.kind == "region"]) == {"region"}
