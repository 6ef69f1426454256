"""The split of a target: adds up to the cent, keeps bounds and what was approved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.params import TargetsParams
from insights.targets.split import APPROVED, CAPPED, NO_BASE, SplitError, split_target
from insights.targets.split_cents import place_cents, share_cents
from insights.targets.split_units import split_base, split_to_reps

PARAMS = TargetsParams()
EVEN = pd.DataFrame({"month": range(1, 13), "weight": 1.0})
KEYS = ["region_id", "product_line"]


def _base(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*KEYS, "history", "previous", "potential"])


NONE = float("nan")
PLAIN = _base(("east", "a", 600.0, 600.0, NONE), ("east", "b", 300.0, 300.0, NONE),
              ("west", "a", 100.0, 100.0, NONE))  # fmt: skip


def _of(split: object, region: str, line: str) -> int:
    rows = split.units.set_index(KEYS)  # type: ignore[attr-defined]
    return int(rows.target_cents[region, line])


def test_history_alone_by_hand() -> None:
    split = split_target(1100.0, PLAIN, EVEN, PARAMS)
    assert [_of(split, *key) for key in (("east", "a"), ("east", "b"), ("west", "a"))] == [
        66000, 33000, 11000,
    ]  # fmt: skip
    assert split.units.growth.tolist() == pytest.approx([0.1, 0.1, 0.1])
    assert split.months.target_cents.unique().tolist() == [5500, 2750, 917, 916]
    assert split.unplaced_cents == 0
    assert split.notes == ("potential is not known of every unit: split by history alone",)


def test_growth_and_potential_by_hand() -> None:
    base = _base(("e", "a", 120.0, 100.0, 300.0), ("w", "a", 100.0, 100.0, 100.0))
    split = split_target(250.0, base, EVEN, PARAMS)
    expected = np.array([120 * 1.1, 100.0])  # half of a growth of 20 %
    weight = 0.8 * expected / expected.sum() + 0.2 * np.array([0.75, 0.25])
    assert split.units.weight.tolist() == pytest.approx(weight.tolist())
    assert split.units.target_cents.tolist() == np.round(25000 * weight).astype(int).tolist()
    assert split.notes == ()


def test_nobody_grows_beyond_the_bound_and_what_is_left_is_said() -> None:
    split = split_target(1600.0, PLAIN, EVEN, PARAMS)
    assert split.units.target_cents.tolist() == [90000, 45000, 15000]
    assert (split.units.bound == CAPPED).all()
    assert split.unplaced_cents == 10000
    assert split.notes[0].startswith("6.2% of the target found no room")
    slow = PLAIN.assign(previous=[300.0, 300.0, 1000.0])  # east a grew fast, west a fell
    bound = split_target(1400.0, slow, EVEN, PARAMS)
    assert _of(bound, "east", "a") == 90000 and bound.units.bound[0] == CAPPED
    assert bound.units.target_cents.sum() == 140000


def test_what_was_approved_is_kept() -> None:
    approved = pd.DataFrame(
        [
            {"region_id": "east", "product_line": None, "target": 500.0},
            {"region_id": "east", "product_line": "b", "target": 250.01},
        ]
    )
    split = split_target(700.0, PLAIN, EVEN, PARAMS, approved=approved)
    assert _of(split, "east", "b") == 25001
    assert _of(split, "east", "a") == 24999
    assert split.units.bound.tolist() == [APPROVED, APPROVED, CAPPED]
    assert _of(split, "west", "a") == 15000 and split.unplaced_cents == 5000


def test_what_approved_parts_ask_of_the_others_is_said() -> None:
    approved = pd.DataFrame([{"region_id": "east", "product_line": None, "target": 900.0}])
    split = split_target(950.0, PLAIN, EVEN, PARAMS, approved=approved)
    words = "what was approved leaves the others -50.0% on their last twelve months, where all"
    assert PLAIN.history.tolist() == [600.0, 300.0, 100.0]
    assert split.notes[0] == f"{words} together are asked for -5.0%"
    assert "approved" not in str(split_target(950.0, PLAIN, EVEN, PARAMS).notes)
    whole = approved.assign(region_id="west", target=100.0)
    both = pd.concat([approved.assign(target=850.0), whole])
    assert "approved" not in str(split_target(950.0, PLAIN, EVEN, PARAMS, approved=both).notes)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("east", None, 800.0)], "more was approved than there is"),
        ([("east", None, 100.0), ("east", "a", 101.0)], "more was approved than there is"),
        ([("south", None, 1.0)], "unknown unit"),
        ([(None, "a", 1.0)], "not understood"),
        ([("east", "a", -1.0)], "not understood"),
        ([("east", "a", NONE)], "not understood"),
    ],
)
def test_what_cannot_be_kept_is_refused(rows: list[tuple[object, ...]], words: str) -> None:
    approved = pd.DataFrame(rows, columns=[*KEYS, "target"])
    with pytest.raises(SplitError, match=words):
        split_target(700.0, PLAIN, EVEN, PARAMS, approved=approved)


@pytest.mark.parametrize("total", [0.0, -5.0, NONE, float("inf")])
def test_a_total_that_is_none_is_refused(total: float) -> None:
    with pytest.raises(SplitError, match="cannot be split"):
        split_target(total, PLAIN, EVEN, PARAMS)


def test_no_unit_and_units_twice_are_refused() -> None:
    with pytest.raises(SplitError, match="no unit"):
        split_target(1.0, PLAIN.head(0), EVEN, PARAMS)
    with pytest.raises(SplitError, match="twice"):
        split_target(1.0, pd.concat([PLAIN, PLAIN]), EVEN, PARAMS)


def test_units_without_history_or_potential_get_none_and_are_named() -> None:
    base = pd.concat([PLAIN, _base(("west", "new", 0.0, 0.0, NONE))])
    split = split_target(1000.0, base, EVEN, PARAMS)
    assert _of(split, "west", "new") == 0
    assert split.units.set_index(KEYS).bound["west", "new"] == NO_BASE
    assert any("no target for west · new" in note for note in split.notes)
    known = base.assign(potential=[10.0, 10.0, 10.0, 30.0])
    assert _of(split_target(1000.0, known, EVEN, PARAMS), "west", "new") == 10000  # 0.2 x 1/2


def test_months_follow_the_line_s_own_season() -> None:
    season = pd.concat(
        [
            EVEN.assign(product_line="a", weight=np.r_[0.0, np.ones(11)]),
            EVEN.assign(product_line="b", weight=np.r_[1.0, np.zeros(11)]),
        ]
    )
    months = split_target(1000.0, PLAIN, season, PARAMS).months
    assert months[(months.product_line == "a") & (months.month == 1)].target_cents.sum() == 0
    assert months[(months.product_line == "b") & (months.month > 1)].target_cents.sum() == 0


@settings(max_examples=40)
@given(
    total=st.integers(1, 10**12),
    history=st.lists(st.integers(0, 10**10), min_size=1, max_size=9),
    weights=st.lists(st.integers(0, 20), min_size=12, max_size=12),
)
def test_every_level_adds_up_to_the_cent(
    total: int, history: list[int], weights: list[int]
) -> None:
    base = pd.DataFrame(
        {
            "region_id": [f"r{k % 3}" for k in range(len(history))],
            "product_line": [f"l{k}" for k in range(len(history))],
            "history": np.array(history) / 100,
        }
    )
    season = EVEN.assign(weight=[float(one) for one in weights])
    split = split_target(total / 100, base, season, PARAMS)
    assert split.units.target_cents.sum() + split.unplaced_cents == total
    assert (split.units.target_cents >= 0).all() and split.unplaced_cents >= 0
    assert (split.units.target_cents <= split.units.cap_cents).all()
    months = split.months.groupby(KEYS).target_cents.sum()
    assert (months == split.units.set_index(KEYS).target_cents).all()
    assert split.by("region_id").target_cents.sum() == split.by("month").target_cents.sum()
    mixed = split_target(total / 100, base.sample(frac=1, random_state=0), season, PARAMS)
    pd.testing.assert_frame_equal(mixed.months, split.months)


@settings(max_examples=150)
@given(
    cents=st.integers(0, 10**13),
    parts=st.lists(
        st.tuples(st.floats(0, 1e6), st.one_of(st.integers(0, 10**12), st.just(float("inf")))),
        min_size=1, max_size=12,
    ),
)  # fmt: skip
def test_cents_are_placed_whole_and_under_their_caps(
    cents: int, parts: list[tuple[float, float]]
) -> None:
    weights, caps = (np.array(part, dtype=float) for part in zip(*parts, strict=True))
    placed, left = place_cents(cents, weights, caps)
    assert int(placed.sum()) + left == cents and left >= 0
    assert (placed >= 0).all() and (placed <= caps).all()
    assert (placed[weights == 0] == 0).all()
    if left:
        assert (placed[weights > 0] == caps[weights > 0]).all()  # no room was overlooked


def test_odd_cents_go_to_the_largest_remainder_and_the_first_of_equals() -> None:
    assert share_cents(100, np.array([1.0, 1.0, 1.0])).tolist() == [34, 33, 33]
    assert share_cents(10, np.array([0.26, 0.26, 0.48])).tolist() == [3, 2, 5]
    assert share_cents(5, np.zeros(2)).tolist() == [3, 2]


def test_base_sums_the_last_twelve_complete_months() -> None:
    months = pd.date_range("2023-01-01", "2025-03-01", freq="MS")
    sold = pd.DataFrame(
        {"region_id": "e", "product_line": "a", "month": months, "cents": range(len(months))}
    )
    base = split_base(sold, pd.Timestamp("2025-03-15"))  # March 2025 is not complete
    assert base.history.tolist() == [sum(range(14, 26)) / 100]
    assert base.previous.tolist() == [sum(range(2, 14)) / 100]
    short = split_base(sold[sold.month >= "2024-01-01"], pd.Timestamp("2025-03-31"))
    assert short.history.tolist() == [sum(range(15, 27)) / 100] and short.previous.isna().all()
    rich = pd.DataFrame({"region_id": ["e"], "potential": [7.0]})
    assert split_base(sold, pd.Timestamp("2025-03-15"), rich).potential.tolist() == [7.0]


def test_representatives_take_over_what_they_sold_and_the_rest_is_nobody_s() -> None:
    split = split_target(1000.0, PLAIN, EVEN, PARAMS)
    reps = pd.DataFrame(
        [("R1", "east", "a", 200.0), ("R2", "east", "a", 100.0), ("R9", "north", "a", 5.0)],
        columns=["rep_id", *KEYS, "history"],
    )
    found = split_to_reps(split, reps)
    year = found.groupby("rep_id").target_cents.sum()
    assert set(year.index) == {"", "R1", "R2"}
    assert year["R1"] == pytest.approx(20000, abs=12) and year[""] == pytest.approx(30000, abs=12)
    whole = split.months.set_index([*KEYS, "month"]).target_cents
    cells = found.groupby([*KEYS, "month"]).target_cents.sum()
    assert (cells == whole.loc[cells.index]).all() and set(found.product_line) == {"a"}
    assert split_to_reps(split, reps.head(0)).empty
