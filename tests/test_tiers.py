from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.features import customer_features
from insights.features.approved_tiers import approved_tiers
from insights.params import SegmentationParams
from insights.segmentation.attention import (
    OVER,
    UNDER,
    attention,
    attention_summary,
    policy_scale,
)
from insights.segmentation.tier_table import tier_table
from insights.segmentation.tiers import (
    fit_tier_rule,
    tier_moves,
    tier_path,
    tier_stability,
)

PARAMS = SegmentationParams()
# A month of visits is a month of the window: 12 visits are 1 a month.
YEAR = SegmentationParams(window_days=365)
AS_OF = "2025-12-31"
NAN = float("nan")


def ids(n: int) -> pd.Index:
    return pd.Index([f"c{i:02d}" for i in range(n)], name="customer_id", dtype="str")


def ladder() -> pd.DataFrame:
    """101 customers whose k-th value and potential are exp(k / 10): percentile k is anchor k."""
    amounts = np.exp(np.arange(101) / 10)
    return pd.DataFrame({"monetary_value": amounts, "potential": amounts}, index=ids(101))


def customers(value, potential) -> pd.DataFrame:
    columns = {"monetary_value": value, "potential": potential}
    return pd.DataFrame(columns, index=ids(len(value)), dtype="float64")


def scores(*rows: list[float]) -> pd.DataFrame:
    days = pd.date_range("2024-03-31", periods=len(rows[0]), freq="QE")
    return pd.DataFrame(list(rows), index=ids(len(rows)), columns=days, dtype="float64")


def letters(path: pd.DataFrame) -> list[str]:
    return ["".join(path.fillna("-").loc[row]) for row in path.index]


@pytest.fixture(scope="module")
def rule():
    return fit_tier_rule(ladder(), PARAMS)


# --- the score


def test_points_and_score_by_hand(rule):
    e = np.exp
    frame = customers(
        [e(9.2), e(9.2), NAN, NAN, 0.0, -5.0, e(20), e(-3), e(4.55)],
        [e(7.5), NAN, e(7.5), NAN, e(7.5), NAN, e(20), e(-3), 0.0],
    )
    expected = pd.DataFrame(
        {
            "value_score": [92.0, 92.0, NAN, NAN, 0.0, 0.0, 100.0, 0.0, 45.5],
            "potential_score": [75.0, NAN, 75.0, NAN, 75.0, NAN, 100.0, 0.0, 0.0],
            # 0.6 x 92 + 0.4 x 75 = 85.2; 0.4 x 75 = 30; 0.6 x 45.5 = 27.3
            "score": [85.2, 92.0, 75.0, NAN, 30.0, 0.0, 100.0, 0.0, 27.3],
        },
        index=frame.index,
    )
    pd.testing.assert_frame_equal(rule.score(frame), expected)


def test_the_rule_reads_deciles_of_logs_of_those_with_something(rule):
    with_nothing = pd.concat(
        [ladder(), customers([0.0, NAN, -1.0], [0.0, NAN, 0.0]).rename(index=lambda i: f"x{i}")]
    )
    assert fit_tier_rule(with_nothing, PARAMS) == rule
    assert rule.value.logs == pytest.approx(np.arange(11.0))
    assert rule.value.points == pytest.approx(np.arange(0.0, 101.0, 10.0))


def test_amounts_that_are_mostly_equal_share_an_anchor():
    frame = customers([100.0] * 30 + [50.0, 200.0], [NAN] * 32)
    found = fit_tier_rule(frame, PARAMS).score(customers([49, 50, 100, 200, 201], [NAN] * 5))
    assert found.value_score.to_list() == [0.0, 0.0, 50.0, 100.0, 100.0]


def test_too_few_customers_on_an_axis_leave_it_out_and_say_so():
    frame = ladder().assign(potential=lambda f: f.potential.where(f.potential < np.exp(0.45)))
    rule = fit_tier_rule(frame, PARAMS)
    assert rule.gaps == ("potential: known for 5 customers, too few to anchor a score",)
    found = rule.score(frame)
    assert found.potential_score.isna().all()
    assert found.score.equals(found.value_score)
    assert fit_tier_rule(ladder().iloc[:0], PARAMS).score(ladder()).isna().all(axis=None)


def test_absent_columns_and_empty_frames_are_unknown(rule):
    assert rule.score(ladder()[["monetary_value"]]).potential_score.isna().all()
    assert rule.score(pd.DataFrame(index=ids(3))).isna().all(axis=None)
    assert rule.score(ladder().iloc[:0]).empty
    assert fit_tier_rule(pd.DataFrame(index=ids(0)), PARAMS).gaps != ()


def test_no_weight_on_potential_tiers_by_value_alone():
    rule = fit_tier_rule(ladder(), SegmentationParams(tier_potential_weight=0.0))
    found = rule.score(customers([np.exp(3.0), NAN], [np.exp(9.0), np.exp(9.0)]))
    assert found.score.to_list()[0] == 30.0
    assert np.isnan(found.score.iloc[1])


def test_every_fault_of_the_amounts_is_named_at_once():
    frame = pd.DataFrame(
        {"monetary_value": [np.inf, 1.0, 2.0], "potential": ["many", "3", None]},
        index=pd.Index(["a", "b", "b"], name="customer_id"),
    )
    with pytest.raises(ValueError) as caught:
        fit_tier_rule(frame, PARAMS)
    words = str(caught.value)
    assert "duplicated b" in words
    assert "monetary_value: no finite number for a (inf)" in words
    assert "potential: no finite number for a (many)" in words
    assert "mend the rows" in words


amounts = st.one_of(
    st.just(NAN), st.just(0.0), st.floats(-1e6, 0), st.floats(1e-3, 1e9, allow_subnormal=False)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=30), st.randoms())
def test_one_row_scores_as_the_batch_in_any_order(rows, random):
    rule = fit_tier_rule(ladder(), PARAMS)
    frame = customers(*zip(*rows, strict=True))
    batch = rule.score(frame)
    for row in frame.index:
        pd.testing.assert_frame_equal(rule.score(frame.loc[[row]]), batch.loc[[row]])
    order = random.sample(list(frame.index), len(frame))
    pd.testing.assert_frame_equal(rule.score(frame.loc[order]), batch.loc[order])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.01, 1e9), min_size=20, max_size=60),
    st.lists(st.floats(-10, 1e10), min_size=2, max_size=20),
    st.floats(0.01, 1e9),
)
def test_the_score_never_falls_when_value_or_potential_rises(fitted, asked, other):
    rule = fit_tier_rule(customers(fitted, fitted), PARAMS)
    rising, same = sorted(asked), [other] * len(asked)
    for frame in (customers(rising, same), customers(same, rising)):
        found = rule.score(frame)
        assert found.score.is_monotonic_increasing
        assert found.score.between(0, 100).all()


def test_fitting_does_not_depend_on_row_order():
    frame = ladder().sample(frac=1, random_state=3)
    assert fit_tier_rule(frame, PARAMS) == fit_tier_rule(ladder(), PARAMS)


# --- the path


@pytest.mark.parametrize(
    ("quarters", "tiers"),
    [
        ([80, 79, 75, 74.9, 80, 84.9, 85], "AAABBBA"),  # A holds to 75, B waits for 85
        ([50, 45, 44.9, 50, 54.9, 55], "BBCCCB"),
        ([79.9, 81, 84], "BBB"),  # would be A by plain bounds
        ([40, 82, 82, 90], "CBBA"),  # past the first bound by 32, past the second by 2 only
        ([90, 30], "AC"),
        ([NAN, NAN, 81, NAN, 70], "--AAB"),  # unknown teaches nothing
        ([NAN, NAN], "--"),
        ([0, 100], "CA"),
    ],
)
def test_paths_by_hand(quarters, tiers):
    assert letters(tier_path(scores(quarters), PARAMS)) == [tiers]


def test_a_path_keeps_its_shape_and_is_text():
    given_ = scores([81, 70], [NAN, NAN], [10, 60])
    path = tier_path(given_, PARAMS)
    assert path.columns.equals(given_.columns) and path.index.equals(given_.index)
    assert letters(path) == ["AB", "--", "CB"]
    assert (path.dtypes == "str").all()
    assert tier_path(given_.iloc[:, :0], PARAMS).shape == (3, 0)
    assert tier_path(given_.iloc[:0], PARAMS).shape == (0, 2)


def test_days_that_fall_and_customers_that_stand_twice_are_refused():
    given_ = scores([1, 2], [3, 4]).iloc[:, ::-1].set_axis(["a", "a"])
    with pytest.raises(ValueError, match=r"duplicated a.*days must rise"):
        tier_path(given_, PARAMS)


def test_a_band_written_in_tenths_meets_a_score_in_tenths():
    params = SegmentationParams(tier_bounds=(50.0, 80.0), tier_band=5.1)
    assert letters(tier_path(scores([70, 85.1], [90, 74.9]), params)) == ["BA", "AA"]


walks = st.lists(st.floats(0, 100).map(lambda s: round(s, 1)), min_size=2, max_size=12)


def steps(path: pd.DataFrame) -> int:
    places = path.iloc[0].map({"C": 0, "B": 1, "A": 2}).astype(int)
    return int(places.diff().abs().sum())


@settings(max_examples=80, deadline=None)
@given(walks, st.floats(0, 12).map(lambda b: round(b, 1)))
def test_a_band_never_adds_steps_and_no_band_is_the_plain_bounds(walk, band):
    given_ = scores(walk)
    plain = tier_path(given_, SegmentationParams(tier_band=0.0))
    held = tier_path(given_, SegmentationParams(tier_band=band))
    assert letters(plain) == ["".join("CBA"[(s >= 50) + (s >= 80)] for s in walk)]
    assert steps(held) <= steps(plain)


@settings(max_examples=60, deadline=None)
@given(walks, st.lists(st.floats(75, 84.9), min_size=1, max_size=12), st.booleans())
def test_a_tier_stands_while_the_score_stays_within_the_band(before, within, far):
    start = [*before, 95.0 if far else 60.0]
    path = letters(tier_path(scores([*start, *within]), PARAMS))[0]
    assert set(path[len(start) - 1 :]) == {"A" if far else "B"}


@settings(max_examples=50, deadline=None)
@given(walks)
def test_what_comes_later_changes_no_earlier_tier(walk):
    whole = letters(tier_path(scores(walk), PARAMS))[0]
    assert letters(tier_path(scores(walk[:-1]), PARAMS))[0] == whole[:-1]


# --- moves


def test_moves_by_hand():
    before = pd.Series(["A", "A", "B", "C", None, None], index=list("abcdef"), dtype="str")
    after = pd.Series(["A", "B", "B", None, "C", None], index=list("abcdeg"), dtype="str")
    found = tier_moves(before, after)
    assert found.index.to_list() == ["A", "B", "C", "new"]
    assert found.columns.to_list() == ["A", "B", "C", "gone"]
    assert found.to_numpy().tolist() == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    stayed = tier_stability(before, after)
    assert (stayed.customers, stayed.unchanged) == (3, pytest.approx(2 / 3))


def test_nobody_on_both_days_is_no_stability():
    none = pd.Series([], index=ids(0), dtype="str")
    assert tier_moves(none, none).to_numpy().sum() == 0
    found = tier_stability(none, none)
    assert found.customers == 0 and np.isnan(found.unchanged) and np.isnan(found.adjusted_rand)


def test_moves_refuse_what_is_no_tier():
    before = pd.Series(["A", "VIP"], index=["a", "b"], dtype="str")
    after = pd.Series(["A", "B"], index=["a", "a"], dtype="str")
    with pytest.raises(
        ValueError, match=r"before: tier is not A, B or C for b \(VIP\).*after: .*a"
    ):
        tier_moves(before, after)


# --- approvals


def decision(number: int, subject: str, value, decided="2025-06-01", until=None, **more):
    row = {
        "decision_id": f"D{number:02d}",
        "kind": "tier",
        "subject_id": subject,
        "value": value,
        "decided_on": pd.Timestamp(decided),
        "until_on": pd.Timestamp(until) if until else pd.NaT,
        "decided_by": "大区经理",
        "reason": "重点学科建设",
    }
    return row | more


def test_the_last_valid_decision_wins_and_order_does_not_matter():
    rows = pd.DataFrame(
        [
            decision(1, "c00", "B"),
            decision(2, "c00", "A", "2025-07-01", "2025-12-30"),  # ran out the day before
            decision(3, "c01", "A", "2025-07-01", "2025-12-31"),  # holds on its last day
            decision(4, "c02", "C", "2025-07-01"),
            decision(5, "c02", "A", "2025-07-01"),  # same day: the higher number
            decision(6, "c03", "A", "2026-01-01"),  # not yet decided
            decision(7, "c04", "4 visits a month", kind="plan"),
            decision(8, "c05", "B", "2025-12-31"),
        ]
    )
    found = approved_tiers(rows, ids(9), AS_OF)
    assert found.tiers.tier.to_dict() == {"c00": "B", "c01": "A", "c02": "A", "c05": "B"}
    assert found.faults == ()
    again = approved_tiers(rows.sample(frac=1, random_state=2), ids(9), dt.date(2025, 12, 31))
    pd.testing.assert_frame_equal(again.tiers, found.tiers)


@pytest.mark.parametrize("value", ["A", "a", " tier A ", "Tier a", "A级", "Ａ级", "A 級"])
def test_ways_to_write_a_tier(value):
    found = approved_tiers(pd.DataFrame([decision(1, "c00", value)]), ids(1), AS_OF)
    assert found.tiers.tier.to_list() == ["A"] and found.faults == ()


@pytest.mark.parametrize("value", ["D", "AB", "A or B", "A+", "not A", "1", "", None, NAN])
def test_what_is_no_tier_is_a_fault_in_words(value):
    rows = pd.DataFrame([decision(1, "c00", value), decision(2, "c00", "B", "2025-01-01")])
    found = approved_tiers(rows, ids(1), AS_OF)
    assert found.tiers.tier.to_dict() == {"c00": "B"}
    (fault,) = found.faults
    assert "D01" in fault and "no tier; write A, B or C" in fault and "not applied" in fault


def test_unknown_subjects_and_missing_dates_are_faults():
    rows = pd.DataFrame([decision(2, "z9", "A"), decision(1, "z8", "D", None)])
    found = approved_tiers(rows, ids(1), AS_OF)
    assert found.tiers.empty
    first, second = found.faults
    assert "D01" in first and "'D'" in first and "'z8'" in first and "decided_on" in first
    assert "D02" in second and "'z9' is no customer" in second


def test_an_empty_table_and_absent_columns():
    rows = pd.DataFrame([decision(1, "c00", "A")])
    assert approved_tiers(rows.iloc[:0], ids(1), AS_OF).tiers.empty
    few = approved_tiers(rows.drop(columns=["until_on", "decided_by", "reason"]), ids(1), AS_OF)
    assert few.tiers.tier.to_list() == ["A"]
    with pytest.raises(ValueError, match="decisions: no column value, decided_on"):
        approved_tiers(rows.drop(columns=["value", "decided_on"]), ids(1), AS_OF)


# --- the table


def made_table(*rows: list[float], decisions=(), book=None, params=PARAMS, extra=None):
    """Tier customers whose value and potential stand at the scores of ``rows``."""
    by_day = scores(*rows)
    scored = pd.DataFrame({"value_score": by_day.iloc[:, -1]})
    scored["potential_score"] = scored.value_score if extra is None else extra
    scored["score"] = scored.value_score
    frame = pd.DataFrame(index=by_day.index)
    if book is not None:
        frame["tier"] = book
    approved = approved_tiers(
        pd.DataFrame(list(decisions), columns=list(decision(0, "", ""))), by_day.index, AS_OF
    )
    return tier_table(frame, scored, tier_path(by_day, params), approved, params)


def test_the_table_by_hand():
    found = made_table(
        [60, 86],
        [90, 74],
        [60, 81],
        [90, 78],
        [40, 82],
        [60, 61],
        [NAN, 81],
        [NAN, 20],
        [60, NAN],
        [NAN, NAN],
        book=["A", None, "B", "A", "C", "B", None, "C", "B", None],
    )
    assert found.columns.to_list() == [
        "customer_id",
        "score",
        "value_score",
        "potential_score",
        "tier_kept",
        "tier_computed",
        "tier_before",
        "tier_approved",
        "tier",
        "tier_reason",
    ]
    assert "".join(found.tier.fillna("-")) == "ABBABBACB-"
    assert "".join(found.tier_before.fillna("-")) == "BABACB--B-"
    assert "".join(found.tier_kept.fillna("-")) == "A-BACB-CB-"
    assert found.tier_approved.isna().all()
    assert found.tier_reason.to_list() == [
        "value 86, potential 86; rose from B: 86 is at least 80 + 5",
        "value 74, potential 74; fell from A: 74 is below 80 - 5",
        "value 81, potential 81; stays B with 81; 81 would be A, but a rise needs 85",
        "value 78, potential 78; stays A with 78; 78 would be B, but only below 75 does it fall",
        "value 82, potential 82; rose from C: 82 is at least 50 + 5; "
        "82 would be A, but a rise needs 85",
        "value 61, potential 61; stays B with 61",
        "value 81, potential 81; first placed in A: 81 is at least 80",
        "value 20, potential 20; first placed in C: 20 is below 50",
        "neither value nor potential to score; keeps B until a score is known",
        "neither value nor potential to score; no tier",
    ]


def test_a_missing_axis_is_said():
    found = made_table([90, 90], extra=[NAN])
    assert found.tier_reason[0] == "value 90 alone: no potential to score; stays A with 90"
    assert found.tier_kept.isna().all()


def test_an_approved_tier_stands_beside_the_computed_one():
    found = made_table(
        [60, 60],
        [60, 60],
        [NAN, NAN],
        decisions=[
            decision(1, "c00", "A", "2025-10-26", "2026-10-26"),
            decision(2, "c02", "B", decided_by=None, reason=None),
        ],
    )
    assert found.tier_computed.fillna("-").to_list() == ["B", "B", "-"]
    assert found.tier_approved.fillna("-").to_list() == ["A", "-", "B"]
    assert found.tier.to_list() == ["A", "B", "B"]
    assert found.tier_reason[0] == (
        "approved by 大区经理 until 2026-10-26: 重点学科建设; computed B; "
        "value 60, potential 60; stays B with 60"
    )
    assert found.tier_reason[2].startswith(
        "approved by somebody unnamed without an end; computed nothing; neither value"
    )


def test_one_quarter_has_no_tier_before_and_no_quarter_no_tier():
    found = made_table([85])
    assert found.tier.to_list() == ["A"] and found.tier_before.isna().all()
    frame, scored = pd.DataFrame(index=ids(1)), pd.DataFrame(index=ids(1))
    scored[["value_score", "potential_score", "score"]] = 85.0
    none = approved_tiers(pd.DataFrame([decision(1, "z", "A")]).iloc[:0], ids(1), AS_OF)
    path = pd.DataFrame(index=ids(1))
    assert tier_table(frame, scored, path, none, PARAMS).tier.isna().all()


def test_scores_and_paths_that_do_not_belong_together_are_refused(rule):
    frame = ladder()
    scored = rule.score(frame)
    none = approved_tiers(pd.DataFrame([decision(1, "z", "A")]).iloc[:0], frame.index, AS_OF)
    path = tier_path(pd.DataFrame({1: scored.score}), PARAMS)
    other = tier_path(pd.DataFrame({1: scored.score[::-1].set_axis(scored.index)}), PARAMS)
    with pytest.raises(ValueError, match="the path's last column is not made of these scores"):
        tier_table(frame, scored, other, none, PARAMS)
    with pytest.raises(ValueError, match="scores lack 1 customers: c00; path lack 2 customers"):
        tier_table(frame, scored.iloc[1:], path.iloc[2:], none, PARAMS)


def test_row_order_changes_nothing_and_inputs_stay(rule):
    frame = ladder().assign(tier="B")
    kept = frame.copy()
    none = approved_tiers(pd.DataFrame([decision(1, "c07", "A")]), frame.index, AS_OF)
    by_day = pd.DataFrame({1: rule.score(frame).score - 6, 2: rule.score(frame).score})
    mixed = frame.sample(frac=1, random_state=5)
    first = tier_table(frame, rule.score(frame), tier_path(by_day, PARAMS), none, PARAMS)
    shuffled = tier_path(by_day.sample(frac=1, random_state=6), PARAMS)
    again = tier_table(mixed, rule.score(mixed), shuffled, none, PARAMS)
    pd.testing.assert_frame_equal(
        again.sort_values("customer_id", ignore_index=True),
        first.sort_values("customer_id", ignore_index=True),
    )
    pd.testing.assert_frame_equal(frame, kept)


# --- attention

MONTHS = 365 / 30.4375


def team() -> tuple[pd.DataFrame, pd.Series]:
    """Two A, two B, three C and one without a tier: 2 + 6 + 1 + 5 + 3 + 1 + 0 visits a month."""
    a_month = np.array([2, 6, 1, 5, 3, 1, 0, 2.0])
    frame = pd.DataFrame({"visits": a_month * MONTHS}, index=ids(8))
    return frame, pd.Series([*"AABBCCC", None], index=frame.index, dtype="str")


def test_service_by_hand():
    frame, tier = team()
    found = attention(frame, tier, YEAR)
    assert found.visits_a_month.to_list() == pytest.approx([2, 6, 1, 5, 3, 1, 0, 2])
    assert found.policy_low.to_list()[:7] == [4, 4, 2, 2, 1, 1, 1]
    assert found.policy_high.to_list()[:7] == [8, 8, 4, 4, 2, 2, 2]
    assert found.gap_visits_a_month.to_list()[:7] == pytest.approx([-2, 0, -1, 1, 1, 0, -1])
    assert found.service.to_list()[:7] == [
        "under-served",
        "as policy",
        "under-served",
        "over-served",
        "over-served",
        "as policy",
        "under-served",
    ]
    assert found.service.isna().to_list() == [False] * 7 + [True]
    assert found.reason.to_list() == [""] * 7 + ["no tier, so no policy"]
    # 18 visits lie between the 15 and the 30 of the policy: it stands as it is
    assert policy_scale(found).scale == 1.0
    assert found.service_at_capacity.equals(found.service.rename("service_at_capacity"))


def test_a_small_team_is_measured_against_what_it_can_do():
    frame, tier = team()
    found = attention(frame / 3, tier, YEAR)
    scale = policy_scale(found)
    # 18 / 3 = 6 visits a month against 15 at the lower edge
    assert (scale.customers, scale.low, scale.high) == (7, 15.0, 30.0)
    assert (scale.made, scale.scale) == (pytest.approx(6), pytest.approx(0.4))
    assert str(scale) == (
        "7 customers get 6 visits a month; the policy asks for 15 to 30: "
        "the visits are 40% of its lower edge."
    )
    # at 0.4: A 1.6 to 3.2, B 0.8 to 1.6, C 0.4 to 0.8; made 2/3 2 1/3 5/3 1 1/3 0
    assert found.gap_at_capacity.to_list()[:7] == pytest.approx(
        [2 / 3 - 1.6, 0, 1 / 3 - 0.8, 5 / 3 - 1.6, 0.2, 1 / 3 - 0.4, -0.4]
    )
    assert (found.service == OVER).sum() == 0
    assert (found.service_at_capacity == OVER).to_list() == [False] * 3 + [True] * 2 + [False] * 3


def test_a_large_team_is_measured_against_more_than_the_policy():
    frame, tier = team()
    found = attention(frame * 10, tier, YEAR)
    assert policy_scale(found).scale == pytest.approx(180 / 30)
    assert "600% of its upper edge" in str(policy_scale(found))
    assert found.service_at_capacity.to_list()[:2] == [UNDER, OVER]  # 24 to 48


def test_core_customers_are_seen_weekly():
    frame, tier = team()
    core = pd.Series([True, True, True, False], index=[*frame.index[[0, 4, 7]], "zz"])
    found = attention(frame, tier, YEAR, core=core)
    week = 52 / 12
    low, high = found.policy_low, found.policy_high
    assert (low.iloc[0], high.iloc[0]) == (pytest.approx(week), 8)
    assert (low.iloc[4], high.iloc[4]) == (pytest.approx(week), pytest.approx(week))
    assert low.iloc[7] == pytest.approx(week)  # core without a tier still has the weekly rule
    assert low.iloc[1] == 4 and found.reason.eq("").all()


def test_the_table_of_misallocation_by_hand():
    frame, tier = team()
    value = pd.Series([40.0, 30, 20, 5, 3, 1, 1, 100], index=frame.index)
    found = attention_summary(attention(frame, tier, YEAR), value)
    assert found.index.to_list() == ["A", "B", "C", "no tier", "all"]
    expected = {
        "customers": [2, 2, 3, 1, 8],
        "value_share": [35.0, 12.5, 2.5, 50.0, 100.0],
        "visits_share": [40.0, 30.0, 20.0, 10.0, 100.0],
        "visits_each": [4.0, 3.0, 1.33, 2.0, 2.5],
        "policy": ["4 to 8", "2 to 4", "1 to 2", "", "1 to 8"],
        "visits_made": [8.0, 6.0, 4.0, 2.0, 20.0],
        "policy_needs": [8.0, 4.0, 3.0, NAN, 15.0],
        "under_served": [1, 1, 1, 0, 3],
        "under_served_value": [40.0, 20.0, 1.0, 0.0, 61.0],
        "over_served": [0, 1, 1, 0, 2],
        "short": [2.0, 1.0, 1.0, NAN, 4.0],
        "spare": [0.0, 1.0, 1.0, NAN, 2.0],
        "unknown": [0, 0, 0, 1, 1],
    }
    for column, values in expected.items():
        pd.testing.assert_series_equal(
            found[column],
            pd.Series(values, index=found.index, name=column),
            check_dtype=False,
            check_index_type=False,
            check_names=False,
            obj=column,
        )


@pytest.mark.parametrize("frame", [pd.DataFrame(index=ids(8)), team()[0] * NAN])
def test_without_visits_nothing_is_said_of_service(frame):
    found = attention(frame, team()[1], YEAR)
    assert found.service.isna().all() and found.service_at_capacity.isna().all()
    assert found.reason.eq("visits are not known").all()
    assert np.isnan(policy_scale(found).scale)
    assert str(policy_scale(found)).startswith("No customer has both")
    summary = attention_summary(found, pd.Series(1.0, index=found.index))
    assert summary.visits_share.isna().all() and summary.short.isna().all()
    assert summary.unknown.to_list() == [2, 2, 3, 1, 8]


def test_an_empty_team_and_a_tier_without_customers():
    none = attention(pd.DataFrame({"visits": []}, index=ids(0)), pd.Series(dtype="str"), YEAR)
    assert none.empty
    summary = attention_summary(none, pd.Series(dtype="float64"))
    assert summary.customers.to_list() == [0, 0, 0, 0]
    assert summary.value_share.isna().all()


def test_faults_of_visits_and_tiers_are_named():
    frame, tier = team()
    frame.loc["c00", "visits"] = -1
    tier["c01"] = "VIP"
    with pytest.raises(ValueError, match=r"c01 \(VIP\).*visits below zero for c00 \(-1\)"):
        attention(frame, tier, YEAR)


def test_attention_does_not_depend_on_row_order():
    frame, tier = team()
    mixed = attention(frame.sample(frac=1, random_state=1), tier, YEAR)
    pd.testing.assert_frame_equal(mixed.sort_index(), attention(frame, tier, YEAR))


# --- the demo company


@pytest.fixture(scope="module")
def terminals(demo):
    frame = customer_features(demo, AS_OF).drop(columns=["potential", "tier"], errors="ignore")
    master = demo["customers"].select("customer_id", "potential", "tier").execute()
    frame = frame.join(master.set_index("customer_id").astype({"potential": "float64"}))
    return frame[frame.customer_type != "distributor"]


def test_the_default_bounds_make_sensible_tiers_of_the_demo(terminals):
    scored = fit_tier_rule(terminals, PARAMS).score(terminals)
    tiers = tier_path(scored[["score"]], PARAMS)["score"]
    share = tiers.value_counts(normalize=True)
    assert 0.13 < share["A"] < 0.22
    assert 0.24 < share["B"] < 0.36
    assert tier_stability(tiers, terminals.tier).unchanged > 0.7


def test_the_demo_team_is_too_small_for_the_policy_and_the_table_still_tells(terminals):
    scored = fit_tier_rule(terminals, PARAMS).score(terminals)
    table = attention(terminals, tier_path(scored[["score"]], PARAMS)["score"], PARAMS)
    assert 0.4 < policy_scale(table).scale < 0.9
    summary = attention_summary(table, terminals.monetary_value)
    assert summary.under_served["A"] > 0.9 * summary.customers["A"]
    assert summary.under_served_at_capacity["A"] < 0.75 * summary.customers["A"]
    assert summary.spare_at_capacity["C"] > 5 * summary.spare["C"]
    assert summary.value_share["A"] > summary.visits_share["A"]


def test_contradicting_knobs_are_refused():
    with pytest.raises(ValueError, match=r"tier_bounds must rise within 0\.\.100"):
        SegmentationParams(tier_bounds=(80.0, 50.0))
    with pytest.raises(ValueError, match="policy_visits_b: 0 or more, the lower first"):
        SegmentationParams(policy_visits_b=(4.0, 2.0))
