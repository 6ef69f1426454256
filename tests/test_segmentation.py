from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from insights import connect, load_params
from insights.features import customer_features
from insights.params import SegmentationParams
from insights.segmentation import review_customers, segment_customers
from insights.store import cached
from insights.tables import RegionError

D = pd.Timestamp
COLUMNS = ["customer_id", "segment", "confidence", "closest_second", "typical"]


def planted(n: int = 900, groups: int = 5, seed: int = 4) -> tuple[pd.DataFrame, np.ndarray]:
    """Mixed types and heavy tails around planted centres."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, groups, n)
    centres = rng.normal(0, 3.5, (groups, 4))
    x = centres[truth] + rng.normal(size=(n, 4))
    frame = pd.DataFrame(
        {
            "monetary_value": np.exp(8 + x[:, 0]),
            "frequency": np.exp(2 + 0.5 * x[:, 1]),
            "recency_days": np.exp(3 + 0.5 * x[:, 2]),
            "growth": np.tanh(0.3 * x[:, 3]),
            "hospital_level": np.where(rng.random(n) < 0.8, np.array(["3A", "2A"])[truth % 2], "1"),
        },
        index=pd.Index([f"c{i:04d}" for i in range(n)], name="customer_id"),
    )
    return frame, truth


@pytest.fixture(scope="module")
def fitted():
    frame, truth = planted()
    return frame, truth, segment_customers(frame)


@pytest.fixture(scope="module")
def reviewed(demo):
    return cached(review_customers, demo, "2025-12-31", load_params().segmentation)


def test_planted_groups_are_found_and_counted(fitted):
    _frame, truth, result = fitted
    assert result.n_segments == 5
    assert adjusted_rand_score(truth, result.assignments.segment) > 0.9


def test_assignments_hold_to_the_contract(fitted):
    frame, _truth, result = fitted
    rows = result.assignments
    assert list(rows.columns[:5]) == COLUMNS
    assert rows.customer_id.tolist() == frame.index.tolist()
    assert rows.confidence.between(0.5, 1).all()
    assert (rows.segment != rows.closest_second).all()
    assert rows.segment.nunique() == result.n_segments
    pd.testing.assert_frame_equal(result.assign(frame), rows)


def test_one_row_is_placed_as_in_a_batch(fitted):
    frame, _truth, result = fitted
    batch = result.assign(frame)
    for row in range(0, len(frame), 37):
        one = result.assign(frame.iloc[[row]]).iloc[0]
        assert one.equals(batch.iloc[row])


def test_row_order_changes_nothing(fitted):
    frame, _truth, result = fitted
    again = segment_customers(frame.sample(frac=1, random_state=9))
    both = again.assignments.set_index("customer_id").loc[frame.index, ["segment", "confidence"]]
    pd.testing.assert_frame_equal(
        both, result.assignments.set_index("customer_id")[["segment", "confidence"]]
    )


def test_another_seed_finds_the_same_segments(fitted):
    frame, _truth, result = fitted
    again = segment_customers(frame, SegmentationParams(seed=7))
    assert (again.assignments.segment == result.assignments.segment).mean() > 0.99


def test_inputs_are_left_alone(fitted):
    frame, _truth, _result = fitted
    before = frame.copy(deep=True)
    segment_customers(frame, SegmentationParams(bootstraps=2, max_segments=3))
    pd.testing.assert_frame_equal(frame, before)


def test_new_customers_with_gaps_and_unseen_levels_are_placed(fitted):
    frame, _truth, result = fitted
    new = frame.head(2).assign(hospital_level="never seen", growth=np.nan)
    assert result.assign(new).segment.isin(result.fit.model.names).all()
    assert result.assign(new.drop(columns="growth")).equals(result.assign(new))


def test_two_groups_are_reported_as_two():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(400, 4)) + 4 * rng.integers(0, 2, 400)[:, None]
    ids = [f"c{i}" for i in range(400)]
    result = segment_customers(pd.DataFrame(points, index=ids, columns=list("abcd")))
    assert result.n_segments == 2
    assert "two segments only" in result.fit.how


def test_no_structure_falls_back_to_a_stated_grid():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        rng.random((600, 6)), index=[f"c{i}" for i in range(600)], columns=list("abcdef")
    )
    result = segment_customers(frame, SegmentationParams(min_jaccard=0.99))
    assert "rule grid" in result.fit.how
    assert result.n_segments == 4


def test_faults_are_named_together():
    frame, _truth = planted(60)
    bad = pd.concat([frame, frame.head(1)]).assign(growth=np.inf)
    with pytest.raises(ValueError, match=r"duplicated c0000.*growth: infinite for c0000"):
        segment_customers(bad)
    with pytest.raises(ValueError, match="no column nonsense"):
        segment_customers(frame, SegmentationParams(features=("nonsense",)))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.0]}, index=["c"]),
        pd.DataFrame({"a": np.ones(100)}, index=[f"c{i}" for i in range(100)]),
        pd.DataFrame({"a": np.full(100, np.nan)}, index=[f"c{i}" for i in range(100)]),
        pd.DataFrame({"a": []}),
    ],
    ids=["one customer", "constant", "all missing", "nobody"],
)
def test_too_little_is_a_stated_result(frame):
    result = segment_customers(frame)
    assert result.status == "not_enough_data"
    assert result.reason in str(result)
    assert result.assignments.empty and list(result.assignments.columns) == COLUMNS
    assert result.reason in result.summary().iloc[0, 0]
    assert result.actions().empty
    result.plot()
    result.plot_customers()
    with pytest.raises(ValueError, match="no segments"):
        result.assign(frame)


def test_the_demo_companys_segments_are_recovered(demo, demo_dir, reviewed):
    truth = (
        pd.read_parquet(demo_dir / "truth" / "customers.parquet").set_index("customer_id").segment
    )
    rows = reviewed.assignments[reviewed.assignments.confidence.notna()].set_index("customer_id")
    score = adjusted_rand_score(truth.loc[rows.index], rows.segment)
    print(f"adjusted Rand {score:.3f}: {len(rows)} customers, {reviewed.n_segments} segments")
    assert score > 0.7


def test_the_whole_feature_frame_can_be_segmented_too(demo):
    result = segment_customers(
        customer_features(demo, "2025-12-31"), SegmentationParams(bootstraps=5)
    )
    assert result.n_segments >= 2
    assert not result.assignments.customer_id.duplicated().any()


def test_regions_add_up_to_the_company(demo, reviewed):
    parts = [reviewed.for_region(region) for region in demo.leaves()]
    assert sum(len(part.assignments) for part in parts) == len(reviewed.assignments)
    assert sum(part.headline()["value_last_year"] for part in parts) == pytest.approx(
        reviewed.headline()["value_last_year"]
    )
    group = reviewed.for_region("cn-north")
    assert set(group.assignments.region_id) == set(demo.leaves("cn-north"))
    with pytest.raises(RegionError):
        reviewed.for_region("nowhere")


def test_actions_name_money_and_an_owner(reviewed):
    actions = reviewed.tables()["actions"]
    assert len(reviewed.actions()) == 15
    assert actions.money_at_stake.is_monotonic_decreasing
    assert (actions.money_at_stake >= 0).all()
    assert actions.owner.ne("").all() and actions.why.ne("").all()
    assert actions.action.nunique() >= 3


def test_a_region_without_customers_says_so(write_source):
    frame, _truth = planted(80)
    regions = pd.DataFrame({"region_id": ["0012", "empty"], "region_name": ["twelve", "void"]})
    customers = pd.DataFrame({"customer_id": frame.index, "region_id": "0012"})
    orders = pd.DataFrame(
        {
            "order_id": np.arange(80).astype(str),
            "customer_id": frame.index,
            "ordered_on": pd.Timestamp("2024-05-01") - pd.to_timedelta(np.arange(80) * 3, unit="D"),
            "amount": frame.monetary_value.round(2).to_numpy(),
        }
    )
    tables = connect(write_source(regions=regions, customers=customers, orders=orders))
    result = review_customers(tables, "2024-06-30")
    empty = result.for_region("empty")
    assert empty.status == "not_enough_data" and "has no customers" in str(empty)
    assert len(result.for_region("0012").assignments) == 80
    early = review_customers(tables, "2020-01-01")
    assert early.status == "not_enough_data"
    assert "nothing was bought on or before 2020-01-01" in str(early.for_region("0012"))
    without = connect(write_source("bare", regions=regions, customers=customers))
    assert "table orders is missing" in str(review_customers(without, "2024-06-30"))


def test_without_customers_or_purchases_every_picture_and_table_still_answers(write_source):
    orders = pd.DataFrame(
        {"order_id": ["1"], "customer_id": "H1", "ordered_on": D("2024-01-01"), "amount": 5.0}
    )
    nobody = review_customers(connect(write_source(orders=orders)), "2024-06-30")
    customers = pd.DataFrame({"customer_id": ["H1"], "region_id": "east"})
    early = review_customers(
        connect(write_source("early", orders=orders, customers=customers)), "2020-01-01"
    )
    for result in (nobody, early, early.for_region("east")):
        assert result.status == "not_enough_data"
        assert result.reason in result.summary().to_string()
        result.plot(), result.plot_customers(), result.check(), result.actions(), result.tables()


def test_purchases_of_nobody_are_said(write_source):
    customers = pd.DataFrame({"customer_id": ["H1"], "region_id": "east"})
    orders = pd.DataFrame(
        {
            "order_id": ["1", "2"],
            "customer_id": ["H1", "15"],
            "ordered_on": D("2024-01-01"),
            "amount": [5.0, 1234.5],
        }
    )
    result = review_customers(
        connect(write_source(customers=customers, orders=orders)), "2024-06-30"
    )
    assert "1 purchases, 1,234 CNY, belong to no customer" in result.check().to_string()


def test_customers_without_a_region_are_said(write_source):
    customers = pd.DataFrame({"customer_id": ["H1", "H2"], "region_id": ["east", None]})
    result = review_customers(connect(write_source(customers=customers)), "2024-06-30")
    assert "1 customers have no region" in result.check().to_string()


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"growth": list("ab") * 40, "x": range(80)}),
        pd.DataFrame({0: range(80), 1: [1.0, 9.0] * 40}),
        pd.DataFrame({"x": range(80)}, index=[*range(40), *(f"c{i}" for i in range(40))]),
        pd.DataFrame({"flag": [True, False] * 40, "n": [1, 9] * 40}),
    ],
    ids=["text growth", "numbered columns", "mixed index", "flags and integers"],
)
def test_any_frame_can_be_segmented_and_assigned_again(frame):
    result = segment_customers(frame, SegmentationParams(bootstraps=3))
    assert result.status == "ok"
    pd.testing.assert_frame_equal(result.assign(frame), result.assignments)
    result.summary(), result.plot(), result.plot_customers(), result.check(), str(result)


def test_the_whole_demo_frame_is_assigned_as_it_was_fitted(demo):
    features = customer_features(demo, "2025-12-31")
    result = segment_customers(features, SegmentationParams(bootstraps=2, max_segments=3))
    pd.testing.assert_frame_equal(result.assign(features), result.assignments)


def test_unique_texts_tell_nobody_apart_and_twin_columns_are_named():
    ids = [f"c{i}" for i in range(120)]
    names = pd.DataFrame({"name": [f"L{i}" for i in range(120)]}, index=ids)
    assert segment_customers(names).status == "not_enough_data"
    twins = pd.DataFrame(np.ones((120, 2)), index=ids, columns=["a", "a"])
    with pytest.raises(ValueError, match="column a stands twice"):
        segment_customers(twins)


def test_a_source_without_a_master_still_has_customers(write_source):
    orders = pd.DataFrame(
        {"order_id": ["1", "2"], "customer_id": ["H1", "H2"], "ordered_on": D("2024-01-01"),
         "amount": [5.0, 7.0]}
    )  # fmt: skip
    frame = customer_features(connect(write_source(orders=orders)), "2024-06-30")
    assert frame.monetary_value.to_dict() == {"H1": 5.0, "H2": 7.0}


def test_negative_amounts_are_figures_like_others():
    frame, truth = planted(300)
    owed = frame.assign(monetary_value=np.where(truth == 0, -1.0, 1.0) * frame.monetary_value)
    result = segment_customers(owed, SegmentationParams(bootstraps=10, restarts=8))
    assert result.status == "ok"
    rows = result.assignments
    assert rows.segment[truth == 0].mode()[0] not in set(rows.segment[truth != 0].mode())
    pd.testing.assert_frame_equal(result.assign(owed), rows)


def test_fewer_customers_than_segments_fall_back_to_the_grid():
    frame, _truth = planted(45)
    result = segment_customers(frame, SegmentationParams(min_segments=50, max_segments=60))
    assert "rule grid" in result.fit.how and result.n_segments == 4
