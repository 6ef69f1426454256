from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from insights import connect
from insights.features import (
    customer_features,
    distributor_features,
    first_purchases,
    known,
    line_purchases,
    purchases,
    terminals,
)
from insights.tables import CANONICAL

D = pd.Timestamp
ANSWERS = (customer_features, distributor_features, first_purchases, line_purchases)


def company():
    return {
        "customers": pd.DataFrame(
            {
                "customer_id": ["H1", "H2", "D1", "H3"],
                "region_id": "east",
                "customer_type": ["hospital", "hospital", "distributor", "hospital"],
                "first_deal_on": [D("2023-01-01"), None, D("2023-01-01"), D("2025-06-01")],
            }
        ),
        "products": pd.DataFrame(
            {
                "product_id": ["P1", "P2"],
                "product_line": ["scan", "suture"],
                "category": ["equipment", "consumable"],
                "list_price": [1000.0, 5.0],
            }
        ),
        "orders": pd.DataFrame(
            {
                "order_id": ["0", "1", "2", "3", "4"],
                "customer_id": ["D1", "H1", "H1", "D1", "H1"],
                "product_id": ["P2", "P1", "P2", "P2", "P2"],
                "ordered_on": [
                    D("2023-01-02"),
                    D("2023-06-01"),
                    D("2024-11-01"),
                    D("2024-12-01"),
                    D("2024-12-31"),
                ],
                "quantity": [1.0, 1.0, 20.0, 100.0, -4.0],
                "amount": [5.0, 1000.0, 100.0, 500.0, -20.0],
            }
        ),
        "channel_flow": pd.DataFrame(
            {
                "flow_id": ["f1", "f2", "f3"],
                "distributor_id": "D1",
                "customer_id": ["H1", "H1", None],
                "product_id": "P2",
                "flowed_on": [D("2024-12-15"), D("2025-01-15"), D("2024-12-15")],
                "quantity": [10.0, 10.0, 10.0],
            }
        ),
        "visits": pd.DataFrame(
            {
                "visit_id": ["v1", "v2"],
                "rep_id": "R",
                "customer_id": "H1",
                "visited_on": [D("2024-12-30"), D("2024-12-31")],
                "status": ["submitted", "planned"],
            }
        ),
    }


def test_features_by_hand(write_source):
    frame = customer_features(connect(write_source(**company())), "2024-12-31")
    assert frame.index.tolist() == ["D1", "H1", "H2"]
    h1 = frame.loc["H1"]
    assert h1.recency_days == 16
    assert h1.tenure_days == (dt.date(2024, 12, 31) - dt.date(2023, 6, 1)).days
    assert h1.frequency == 2
    assert h1.monetary_value == 100 - 20 + 10 * 5
    assert h1.previous_value == 1000
    assert h1.growth == pytest.approx((130 - 1000) / 1130)
    assert h1.equipment_share == pytest.approx(1000 / 1150)
    assert h1.return_share == pytest.approx(20 / 1150)
    assert h1.visits == 1
    assert frame.loc["D1", "monetary_value"] == 500
    assert np.isnan(frame.loc["H2", "recency_days"])
    assert frame.loc["H2", "monetary_value"] == 0


def test_growth_is_unknown_where_the_data_begin_too_late(write_source):
    frames = company()
    late = frames["orders"].ordered_on > D("2023-12-31")
    frames["orders"] = frames["orders"][late]
    frame = customer_features(connect(write_source(**frames)), "2024-12-31")
    assert frame[["growth", "momentum", "previous_value"]].isna().all(axis=None)


def test_a_fact_of_the_day_itself_is_known(write_source):
    tables = connect(write_source(**company()))
    assert customer_features(tables, "2024-12-14").loc["H1", "recency_days"] == 43
    assert customer_features(tables, "2024-12-15").loc["H1", "recency_days"] == 0


def test_a_date_entered_later_is_hidden(write_source):
    invoices = pd.DataFrame(
        {
            "invoice_id": ["1"],
            "customer_id": "H1",
            "issued_on": D("2024-01-01"),
            "amount": 5.0,
            "disputed_from_on": D("2024-03-01"),
        }
    )
    tables = connect(write_source(invoices=invoices))
    before = known(tables, "invoices", dt.date(2024, 2, 28)).execute()
    after = known(tables, "invoices", dt.date(2024, 3, 1)).execute()
    assert before.disputed_from_on.isna().all()
    assert after.disputed_from_on.notna().all()


@pytest.mark.parametrize("answer", ANSWERS)
def test_row_order_changes_nothing(write_source, answer):
    frames = company()
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    first = answer(connect(write_source("a", **frames)), "2024-12-31")
    second = answer(connect(write_source("b", **shuffled)), "2024-12-31")
    pd.testing.assert_frame_equal(first, second, check_exact=True)


@pytest.mark.parametrize("missing", ["orders", "channel_flow", "products", "visits"])
def test_a_missing_table_costs_only_its_own_features(write_source, missing):
    frames = {name: frame for name, frame in company().items() if name != missing}
    frame = customer_features(connect(write_source(**frames)), "2024-12-31")
    assert frame.index.tolist() == ["D1", "H1", "H2"]
    assert (frame.visits.sum() == 0) == (missing == "visits")


def test_deleting_the_future_changes_nothing(demo, demo_dir, tmp_path):
    for number, day in enumerate(("2023-02-10", "2025-07-17")):
        folder = tmp_path / str(number)
        folder.mkdir()
        cut(demo_dir, folder, pd.Timestamp(day))
        past = connect(folder)
        for answer in ANSWERS if number == 1 else ANSWERS[:1]:
            pd.testing.assert_frame_equal(answer(demo, day), answer(past, day), check_exact=True)


@pytest.mark.parametrize("answer", ANSWERS)
def test_two_runs_agree_to_the_last_bit(demo, answer):
    first = answer(demo, "2025-12-31")
    pd.testing.assert_frame_equal(answer(demo, "2025-12-31"), first, check_exact=True)


@pytest.mark.parametrize("answer", [first_purchases, line_purchases])
def test_the_day_may_be_text_a_date_or_a_timestamp(write_source, answer):
    tables = connect(write_source(**company()))
    pd.testing.assert_frame_equal(answer(tables, D("2024-12-31")), answer(tables, "2024-12-31"))


def test_terminals_and_distributors_share_nobody(demo):
    day = dt.date(2025, 12, 31)
    sold_to = set(terminals(demo, day).execute().customer_id)
    agents = set(distributor_features(demo, day).index)
    everybody = set(customer_features(demo, day).index)
    assert not sold_to & agents
    assert sold_to | agents == everybody
    assert set(first_purchases(demo, day).customer_id) <= sold_to
    assert set(line_purchases(demo, day).customer_id) <= sold_to


def test_money_adds_up_over_lines_and_kinds(demo):
    features = customer_features(demo, "2025-12-31")
    lines = line_purchases(demo, "2025-12-31").groupby("customer_id").amount.sum()
    value = features.monetary_value.drop(distributor_features(demo, "2025-12-31").index)
    np.testing.assert_allclose(lines.reindex(value.index, fill_value=0.0), value, atol=1e-6)
    by_kind = features.recurring_value + features.equipment_value
    np.testing.assert_allclose(by_kind, features.monetary_value, atol=1e-6)


def test_purchases_of_the_demo_are_its_orders_and_matched_flow(demo):
    day = dt.date(2024, 6, 30)
    bought = purchases(demo, day).amount.sum().execute()
    orders = known(demo, "orders", day).amount.sum().execute()
    flow = known(demo, "channel_flow", day)
    assert bought == orders + flow.filter(flow.customer_id.notnull()).amount.sum().execute()


def cut(source, target, day):
    """Copy a source without any row dated after ``day``."""
    for path in source.glob("*.parquet"):
        frame = pd.read_parquet(path)
        dated = CANONICAL[path.stem].known_on
        if dated is not None:
            days = pd.to_datetime(frame[dated])
            frame = frame[days.isna() | (days <= day)]
        frame.to_parquet(target / path.name, index=False)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_repeated_key_of_a_master_multiplies_nothing(write_source, answer):
    frames = company()
    first = answer(connect(write_source("a", **frames)), "2024-12-31")
    for name in ("products", "customers"):
        frames[name] = pd.concat([frames[name], frames[name].head(2)])
    again = answer(connect(write_source("b", **frames)), "2024-12-31")
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize("answer", ANSWERS)
def test_tables_without_rows_give_an_answer_without_rows(write_source, answer):
    full = answer(connect(write_source("a", **company())), "2024-12-31")
    nothing = {name: frame.head(0) for name, frame in company().items()}
    empty = answer(connect(write_source("b", **nothing)), "2024-12-31")
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)


@pytest.mark.parametrize("answer", [customer_features, distributor_features])
def test_before_the_first_fact_nothing_is_known(write_source, answer):
    frame = answer(connect(write_source(**company())), "2022-12-31")
    money = frame.filter(["monetary_value", "recurring_value", "shipments", "sell_through"])
    assert (money.fillna(0.0) == 0).all(axis=None)


@pytest.mark.parametrize("answer", [customer_features, distributor_features])
def test_customers_without_a_region_count_like_others(write_source, answer):
    frames = company()
    first = answer(connect(write_source("a", **frames)), "2024-12-31")
    frames["customers"] = frames["customers"].assign(region_id=pd.Series([None] * 4, dtype="str"))
    second = answer(connect(write_source("b", **frames)), "2024-12-31")
    pd.testing.assert_frame_equal(
        first.drop(columns="region_id", errors="ignore"),
        second.drop(columns="region_id", errors="ignore"),
    )
