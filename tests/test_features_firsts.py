"""When and with what terminals began, and what they buy by product line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights import connect
from insights.features import first_purchases, line_purchases

D = pd.Timestamp
DAY = D("2024-12-31")


def ago(days):
    return DAY - pd.Timedelta(days=days)


def company():
    orders = pd.DataFrame(
        [
            ("D1", "C", 1500, 100.0),
            ("H1", "E", 900, 500.0),
            ("H1", "C", 880, 300.0),
            ("H1", "R", 871, 201.0),
            ("H1", "E", 870, 9999.0),
            ("H2", "C", 10, 40.0),
            ("H2", "R", 9, 40.0),
            ("H3", "C", 1135, 5.0),
            ("H4", "C", 50, -5.0),
            ("H4", "U", 40, 8.0),
            ("H4", "U", 30, -3.0),
            ("H5", "C", 4, -3.0),
            ("nobody", "C", 4, 3.0),
        ],
        columns=["customer_id", "product_id", "age", "amount"],
    )
    flow = pd.DataFrame(
        [("H3", 1300, 7.0), ("H6", 1000, 7.0), ("H7", 900, 7.0), (None, 900, 7.0)],
        columns=["customer_id", "age", "amount"],
    )
    return {
        "customers": pd.DataFrame(
            {
                "customer_id": ["D1", "D2", *(f"H{n}" for n in range(1, 9))],
                "region_id": "east",
                "customer_type": ["distributor", None, *["hospital"] * 8],
            }
        ),
        "distributors": pd.DataFrame({"distributor_id": ["D2"]}),
        "products": pd.DataFrame(
            {
                "product_id": ["E", "C", "R", "U"],
                "product_line": ["scan", "suture", "suture", None],
                "category": ["equipment", "consumable", "reagent", None],
            }
        ),
        "orders": orders.assign(
            order_id=orders.index.astype("str"), ordered_on=[ago(a) for a in orders.age]
        ).drop(columns="age"),
        "channel_flow": flow.assign(
            flow_id=flow.index.astype("str"),
            distributor_id="D2",
            product_id="C",
            quantity=1.0,
            flowed_on=[ago(a) for a in flow.age],
        ).drop(columns="age"),
    }


@pytest.fixture
def source(write_source):
    def of(folder="source", **frames):
        return connect(write_source(folder, **{**company(), **frames}))

    return of


def test_first_purchases_by_hand(source):
    frame = first_purchases(source(), DAY)
    assert frame.customer_id.tolist() == ["H1", "H2", "H3", "H4", "H6", "H7"]
    rows = frame.set_index("customer_id")
    assert rows.loc["H1"].tolist() == [ago(900), "equipment", "suture", 1001.0, True]
    assert rows.loc["H2"].tolist() == [ago(10), "consumable", "suture", 80.0, True]
    assert rows.loc["H3"].tolist() == [ago(1300), "consumable", "suture", 7.0, False]
    assert rows.loc["H4", "first_on"] == ago(40)
    assert rows.loc["H4", "first_amount"] == 5
    assert rows.loc["H4", ["first_category", "first_line"]].isna().all()


def test_new_is_judged_by_the_table_that_shows_it(source):
    covered = first_purchases(source(), DAY).set_index("customer_id").covered
    assert covered.dtype == bool
    assert not covered["H6"], "channel_flow began 300 days before, orders 500"
    assert covered["H7"], "channel_flow began 400 days before"


def test_exactly_a_year_of_data_before_covers(source):
    for age, expected in ((1136, False), (1135, True)):
        orders = company()["orders"]
        orders = orders[orders.customer_id.isin(["D1"])]
        one = orders.assign(customer_id="H8", order_id="x", ordered_on=ago(age))
        frame = first_purchases(source(str(age), orders=pd.concat([orders, one])), DAY).set_index(
            "customer_id"
        )
        assert frame.loc["H8", "covered"] == expected


def test_the_first_days_end_with_as_of(source):
    early = first_purchases(source(), ago(885)).set_index("customer_id").loc["H1"]
    assert early.tolist() == [ago(900), "equipment", "scan", 500.0, True]
    assert first_purchases(source("again"), ago(901)).customer_id.tolist() == ["H3", "H6"]


@pytest.mark.parametrize("answer", [first_purchases, line_purchases])
def test_tomorrow_changes_nothing(source, answer):
    frames = company()
    late_orders = frames["orders"].assign(ordered_on=ago(-1), amount=1e6)
    late_flow = frames["channel_flow"].assign(flowed_on=ago(-1), amount=1e6)
    later = source(
        "later",
        orders=pd.concat([frames["orders"], late_orders]),
        channel_flow=pd.concat([frames["channel_flow"], late_flow]),
    )
    pd.testing.assert_frame_equal(answer(source(), DAY), answer(later, DAY), check_exact=True)


@pytest.mark.parametrize("missing", ["customers", "products", "channel_flow", "orders"])
@pytest.mark.parametrize("answer", [first_purchases, line_purchases])
def test_a_missing_table_costs_only_what_needs_it(write_source, answer, missing):
    frames = {name: frame for name, frame in company().items() if name != missing}
    frame = answer(connect(write_source(**frames)), DAY)
    ids = set(frame.customer_id)
    assert not ids & {"D2"}
    assert ("nobody" in ids) == (missing == "customers")
    if missing == "products":
        assert frame.filter(like="line").isna().all(axis=None)


def test_line_purchases_by_hand(source):
    frame = line_purchases(source(), DAY)
    assert frame.columns.tolist() == ["customer_id", "product_line", "amount"]
    assert frame.fillna("-").to_numpy().tolist() == [
        ["H2", "suture", 80.0],
        ["H4", "suture", -5.0],
        ["H4", "-", 5.0],
        ["H5", "suture", -3.0],
    ]
    assert frame.amount.dtype == np.float64


def test_the_window_of_lines_is_open_at_its_far_end(source):
    early = line_purchases(source(), DAY, 871).set_index(["customer_id", "product_line"])
    assert ("H1", "suture") not in early.index
    assert early.loc[("H1", "scan"), "amount"] == 9999
    lines = line_purchases(source("again"), DAY, 872).set_index(["customer_id", "product_line"])
    assert lines.loc[("H1", "suture"), "amount"] == 201


def test_most_of_the_demos_customers_were_there_before_its_data(demo):
    frame = first_purchases(demo, "2025-12-31")
    assert frame.customer_id.is_unique
    assert frame.customer_id.is_monotonic_increasing
    assert 0 < frame.covered.mean() < 0.3
    assert (frame.first_on[frame.covered] >= D("2024-01-03")).all()
