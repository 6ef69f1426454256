"""A review of the customers: slices, schemes side by side, names and rules over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights import connect, load_params
from insights.params import SegmentationParams
from insights.segmentation import review_customers
from insights.store import cached
from insights.tables import RegionError

D = pd.Timestamp
AS_OF = "2025-12-31"
QUICK = {"sensitivity_seeds": 1, "bootstraps": 20, "restarts": 8}
FROZEN = SegmentationParams(**QUICK, fit_as_of="2024-12-31", migration_quarters=1)


@pytest.fixture(scope="module")
def reviewed(demo):
    return cached(review_customers, demo, AS_OF, load_params().segmentation)


def test_regions_add_up_to_the_company_in_every_table(demo, reviewed):
    parts = [reviewed.for_region(region) for region in demo.leaves()]
    tables, slices = reviewed.tables(), [part.tables() for part in parts]
    for name in ("assignments", "actions", "white_space", "distributors", "development"):
        whole = tables[name]
        rows = pd.concat([one[name] for one in slices], ignore_index=True)
        keys = [key for key in ("customer_id", "product_line") if key in whole]
        assert sorted(map(tuple, rows[keys].to_numpy())) == sorted(
            map(tuple, whole[keys].to_numpy())
        ), name
    value = sum(part.headline()["value_last_year"] for part in parts)
    assert value == pytest.approx(reviewed.headline()["value_last_year"])
    with pytest.raises(RegionError):
        reviewed.for_region("nowhere")


def test_every_view_answers_for_every_region(demo, reviewed):
    for region in (*demo.leaves(), "cn-north", "all"):
        part = reviewed.for_region(region)
        for view in ("summary", "tiers", "schemes", "tier_changes", "migration", "development",
                     "newly_won", "distributors_summary", "check", "actions"):  # fmt: skip
            assert len(getattr(part, view)()), (region, view)
        assert str(part.movement()) and str(part.newly_won_sentence())
    for picture in ("plot", "plot_customers", "plot_quarters", "plot_tiers"):
        assert getattr(reviewed.for_region("east"), picture)().axes


def test_four_schemes_stay_four_columns(reviewed):
    rows = reviewed.customers[reviewed.customers.developed.notna()]
    assert set(rows.tier.dropna()) == {"A", "B", "C"}
    assert set(rows.standing) == {"core", "potential", "ordinary"}
    assert set(rows.abc) == {"A", "B", "C", "none"}
    assert rows.segment.nunique() > 3
    agents = reviewed.customers[reviewed.customers.segment == "distributors"]
    assert agents[["tier", "standing", "abc"]].isna().all(axis=None)
    assert (
        pytest.approx(0.8 * rows.monetary_value.sum(), rel=0.01)
        == rows.groupby("abc").monetary_value.sum().A
    )


def test_an_approved_tier_stands_beside_the_computed_one(demo, reviewed):
    decided = demo["decisions"].execute().query("kind == 'tier'").set_index("subject_id")
    rows = reviewed.customers.set_index("customer_id").loc[decided.index]
    assert (rows.tier == decided.value).all()
    assert (rows.tier_computed != rows.tier).any() and rows.tier_computed.notna().all()
    assert rows.tier_reason.str.contains("approved by").all()
    moved = reviewed.tier_changes()
    assert moved["people approved"].sum() == len(decided)
    assert moved["company's book says"].sum() == reviewed.customers.tier_kept.notna().sum()


def test_migration_counts_every_customer_once(reviewed):
    table = reviewed.migration()
    days = list(reviewed.paths.day.cat.categories)
    before = reviewed.paths[reviewed.paths.day == days[-2]]
    assert (
        table.to_numpy().sum()
        == reviewed.paths[reviewed.paths.day.isin(days[-2:])]["customer_id"].nunique()
    )
    known = table.drop(index="not yet buying", errors="ignore").sum(axis=1)
    assert known.to_dict() == before.segment.value_counts().loc[known.index].to_dict()
    moved = reviewed.tables()["moves"]
    last = moved[moved.day == days[-1]]
    off = table.to_numpy().sum() - sum(
        table.loc[name, name] for name in table.index if name in table.columns
    )
    assert len(last) == off


@pytest.fixture(scope="module")
def small(small_demo_dir):
    return connect(small_demo_dir)


def test_a_frozen_model_is_that_of_its_day_and_names_do_not_change(small):
    then = review_customers(small, "2025-06-30", SegmentationParams(**QUICK))
    now = review_customers(small, AS_OF, SegmentationParams(**QUICK, fit_as_of="2025-06-30"))
    np.testing.assert_array_equal(now.fit.model.mixture.centres, then.fit.model.mixture.centres)
    assert now.fit.candidates.equals(then.fit.candidates)
    assert now.fit.model.names == then.fit.model.names
    path = now.paths[now.paths.day == D("2025-06-30")].set_index("customer_id").segment
    same = then.customers.set_index("customer_id").segment.loc[path.index]
    assert (same == path.astype("str")).all()
    assert "For the frozen rules:" in now.movement() and "frozen" not in then.movement()
    assert now.drifted is not None and "2025-06-30" in str(now.drifted)
    with pytest.raises(ValueError, match="would know the future"):
        review_customers(small, "2025-03-31", SegmentationParams(fit_as_of="2025-06-30"))


def test_most_customers_keep_their_segments_name_from_report_to_report(demo):
    params = SegmentationParams(**QUICK, migration_quarters=1)
    days = ("2025-06-30", "2025-09-30")
    one, two = (
        review_customers(demo, day, params).customers.set_index("customer_id").segment
        for day in days
    )
    same = (one == two.reindex(one.index)).mean()
    print(f"{same:.3f} keep their segment's name from {days[0]} to {days[1]}")
    assert same > 0.8


@pytest.fixture(scope="module")
def frozen(small):
    return review_customers(small, AS_OF, FROZEN)


def test_a_frozen_fit_knows_nothing_of_later_distributors(small_demo_dir, tmp_path, frozen):
    for path in small_demo_dir.glob("*.parquet"):
        (tmp_path / path.name).symlink_to(path)
    flow = pd.read_parquet(small_demo_dir / "channel_flow.parquet")
    late = (
        flow.tail(3)
        .assign(flow_id=["x1", "x2", "x3"], distributor_id=["H0001", "H0002", "H0003"])
        .assign(flowed_on=pd.Timestamp("2025-12-20").date())
    )
    (tmp_path / "channel_flow.parquet").unlink()
    pd.concat([flow, late]).to_parquet(tmp_path / "channel_flow.parquet", index=False)
    with_late = review_customers(connect(tmp_path), AS_OF, FROZEN)
    np.testing.assert_array_equal(
        frozen.fit.model.mixture.centres, with_late.fit.model.mixture.centres
    )


def test_last_quarters_tier_is_the_same_in_this_quarters_report(small, frozen):
    then = review_customers(small, "2025-09-30", FROZEN).customers.set_index("customer_id")
    now = frozen.customers.set_index("customer_id")
    known = then.tier_computed.dropna().index
    pd.testing.assert_series_equal(
        then.tier_computed[known], now.tier_before[known], check_names=False
    )


def test_equipment_does_not_hide_that_nothing_else_is_bought(write_source):
    n = 60
    ids = [f"H{i:02d}" for i in range(n)]
    products = pd.DataFrame({"product_id": ["m", "c"], "category": ["equipment", "consumable"]})
    monthly = pd.DataFrame(
        {
            "customer_id": np.repeat(ids, 12),
            "product_id": "c",
            "ordered_on": np.tile(pd.date_range("2024-01-05", periods=12, freq="30D"), n),
            "amount": 1000.0 + np.arange(12 * n),
        }
    )
    silent = monthly.customer_id.isin(ids[:30]) & (monthly.ordered_on > D("2024-05-01"))
    machine = pd.DataFrame(
        {"customer_id": ids[:30], "product_id": "m", "ordered_on": D("2024-12-20"), "amount": 9e5}
    )
    orders = pd.concat([monthly[~silent], machine], ignore_index=True)
    orders = orders.assign(order_id=[f"o{i}" for i in range(len(orders))])
    customers = pd.DataFrame({"customer_id": ids, "region_id": "east"})
    source = write_source(customers=customers, orders=orders, products=products)
    result = review_customers(connect(source), "2024-12-31", SegmentationParams(**QUICK))
    assert result.status == "ok", result.reason
    place = [scale.column for scale in result.fit.model.preparation.scales]
    assert "recurring_recency_days" in place and "recency_days" not in place
    segment = result.customers.set_index("customer_id").segment
    assert set(segment[:30]).isdisjoint(set(segment[30:]))
    assert set(result.customers.basis) == {"shipments"}
    assert result.distributors.status == "not_enough_data"


def test_small_companies_and_missing_tables_say_what_they_lack(write_source):
    orders = pd.DataFrame(
        {"order_id": ["1"], "customer_id": "H1", "ordered_on": D("2024-01-01"), "amount": 5.0}
    )
    customers = pd.DataFrame({"customer_id": ["H1"], "region_id": "east"})
    result = review_customers(
        connect(write_source(customers=customers, orders=orders)), "2024-06-30"
    )
    assert result.status == "not_enough_data" and "1 customers are too few" in str(result)
    assert result.reason in result.migration().to_string()
    assert "no distributor" in result.distributors_summary().to_string()
    assert result.movement() == result.reason
    assert result.for_region("east").customers.segment.tolist() == ["not segmented"]
    result.plot_quarters(), result.plot_tiers(), result.plot_customers()


def test_a_company_too_small_for_segments_still_has_the_other_schemes(demo_dir, tmp_path):
    few = pd.read_parquet(demo_dir / "customers.parquet")
    buys = pd.read_parquet(demo_dir / "orders.parquet", columns=["customer_id"]).customer_id
    hospitals = few[few.customer_id.isin(buys) & (few.customer_type == "hospital")].head(30)
    for path in demo_dir.glob("*.parquet"):
        if path.stem not in ("customers", "channel_flow", "distributors"):
            (tmp_path / path.name).symlink_to(path)
    hospitals.to_parquet(tmp_path / "customers.parquet", index=False)
    result = review_customers(connect(tmp_path), AS_OF, SegmentationParams(**QUICK))
    assert result.status == "not_enough_data" and "too few" in str(result)
    buying = result.customers[result.customers.segment == "not segmented"]
    assert len(buying) == 30
    assert buying.tier.notna().all() and buying.abc.notna().any()
    assert buying.priority_score.notna().all() and buying.standing.notna().all()
    assert "A" in result.tiers().to_string() and len(result.tables()["newly_won"])
    assert "too few" in result.check().to_string() and len(result.actions())


def test_a_decision_that_cannot_be_read_is_named(small_demo_dir, tmp_path):
    for path in small_demo_dir.glob("*.parquet"):
        (tmp_path / path.name).symlink_to(path)
    decisions = pd.read_parquet(small_demo_dir / "decisions.parquet")
    decisions.loc[decisions.kind.eq("tier").idxmax(), "value"] = "gold"
    (tmp_path / "decisions.parquet").unlink()
    decisions.to_parquet(tmp_path / "decisions.parquet", index=False)
    result = review_customers(connect(tmp_path), AS_OF, SegmentationParams(**QUICK))
    assert "gold" in result.check().to_string()
