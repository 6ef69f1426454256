from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from insights import connect
from insights.features import customer_features, known, purchases
from insights.tables import CANONICAL

D = pd.Timestamp


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


def test_row_order_changes_nothing(write_source):
    frames = company()
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    first = customer_features(connect(write_source("a", **frames)), "2024-12-31")
    second = customer_features(connect(write_source("b", **shuffled)), "2024-12-31")
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("missing", ["orders", "channel_flow", "products", "visits"])
def test_a_missing_table_costs_only_its_own_features(write_source, missing):
    frames = {name: frame for name, frame in company().items() if name != missing}
    frame = customer_features(connect(write_source(**frames)), "2024-12-31")
    assert frame.index.tolist() == ["D1", "H1", "H2"]
    assert (frame.visits.sum() == 0) == (missing == "visits")


def test_deleting_the_future_changes_nothing(demo, demo_dir, tmp_path):
    for number, day in enumerate(("2023-02-10", "2024-03-31", "2025-07-17")):
        folder = tmp_path / str(number)
        folder.mkdir()
        cut(demo_dir, folder, pd.Timestamp(day))
        pd.testing.assert_frame_equal(
            customer_features(demo, day), customer_features(connect(folder), day)
        )


def test_two_runs_agree_to_the_last_bit(demo):
    first = customer_features(demo, "2025-12-31")
    for _run in range(3):
        pd.testing.assert_frame_equal(
            customer_features(demo, "2025-12-31"), first, check_exact=True
        )


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


def test_a_repeated_key_of_a_master_multiplies_nothing(write_source):
    frames = company()
    first = customer_features(connect(write_source("a", **frames)), "2024-12-31")
    for name in ("products", "customers"):
        frames[name] = pd.concat([frames[name], frames[name].head(2)])
    again = customer_features(connect(write_source("b", **frames)), "2024-12-31")
    pd.testing.assert_frame_equal(first, again)
