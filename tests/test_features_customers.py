"""What customer_features says of kinds of goods, their basis, and how steadily they are bought."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from insights import connect
from insights.features import customer_features

D = pd.Timestamp
DAY = D("2024-12-31")


def ago(days):
    return DAY - pd.Timedelta(days=days)


def products():
    return pd.DataFrame(
        {
            "product_id": ["E", "C", "D", "S", "U"],
            "product_line": ["scan", "suture", "heart", "care", None],
            "category": ["equipment", "consumable", "drug", "service", None],
            "list_price": [1000.0, 5.0, 10.0, 50.0, 1.0],
        }
    )


def customers(*ids, **columns):
    return pd.DataFrame({"customer_id": list(ids), "region_id": "east", **columns})


def orders(*rows):
    """Rows of customer, product, days before DAY, amount."""
    frame = pd.DataFrame(rows, columns=["customer_id", "product_id", "age", "amount"])
    return frame.assign(
        order_id=[str(n) for n in range(len(frame))],
        ordered_on=[ago(int(age)) for age in frame.age],
        quantity=1.0,
    ).drop(columns="age")


def flow(*rows):
    """Rows of customer, days before DAY, amount."""
    frame = pd.DataFrame(rows, columns=["customer_id", "age", "amount"])
    return frame.assign(
        flow_id=[str(n) for n in range(len(frame))],
        distributor_id="X",
        product_id="C",
        flowed_on=[ago(age) for age in frame.age],
        quantity=1.0,
    ).drop(columns="age")


@pytest.fixture
def features(write_source):
    def of(day=DAY, folder="source", **frames):
        frames.setdefault("products", products())
        return customer_features(connect(write_source(folder, **frames)), day)

    return of


def test_equipment_stands_apart_from_what_recurs(features):
    bought = orders(
        ("H", "E", 1000, 900_000.0),
        ("H", "E", 40, 1000.0),
        ("H", "E", 30, -200.0),
        ("H", "S", 3, 70.0),
        ("H", "C", 400, 11.0),
        ("H", "C", 45, 20.0),
        ("H", "D", 45, 30.0),
        ("H", "U", 10, 7.0),
        ("H", "C", 5, -4.0),
        ("E1", "E", 700, 1000.0),
    )
    frame = features(customers=customers("E1", "H", "N"), orders=bought)
    h = frame.loc["H"]
    assert h.recurring_recency_days == 10
    assert h.recurring_frequency == 2
    assert h.recurring_value == 20 + 30 + 7 - 4
    assert h.recurring_active_months == 2
    assert h.equipment_recency_days == 40
    assert h.equipment_value == 800
    assert h.monetary_value == h.recurring_value + h.equipment_value + 70
    assert frame.loc["E1", ["recurring_frequency", "equipment_value"]].tolist() == [0, 0]
    assert frame.loc["E1", "equipment_recency_days"] == 700
    assert np.isnan(frame.loc["E1", "recurring_recency_days"])
    assert frame.loc["N", ["recurring_recency_days", "equipment_recency_days"]].isna().all()
    assert frame.loc["N", "recurring_value"] == 0


def test_without_categories_kinds_are_unknown_not_zero(features):
    bought = orders(("H", "E", 40, 1000.0))
    bare = products().drop(columns="category")
    frame = features(customers=customers("H", "N"), orders=bought, products=bare)
    assert frame.loc["H", "recurring_value"] == 1000
    assert frame.loc["N", "recurring_value"] == 0
    assert frame[["equipment_recency_days", "equipment_value"]].isna().all(axis=None)


def test_basis_says_where_the_rows_of_two_windows_come_from(features):
    bought = orders(("B", "C", 5, 1.0), ("O", "C", 729, 1.0), ("Z", "C", 730, 1.0))
    frame = features(
        customers=customers("B", "F", "N", "O", "X", "Z"),
        orders=pd.concat([bought, orders(("X", "C", 3, 9.0))]),
        channel_flow=flow(("B", 700, 1.0), ("F", 0, 1.0), ("O", 730, 1.0), (None, 1, 1.0)),
    )
    assert frame.basis.fillna("-").to_dict() == {
        "B": "both",
        "F": "sell-through",
        "N": "-",
        "O": "shipments",
        "X": "shipments",
        "Z": "-",
    }


def months(customer, amounts, product="C"):
    """One order in the middle of each 30-day month, the latest month first."""
    return [(customer, product, 30 * n + 15, float(a)) for n, a in enumerate(amounts) if a]


def test_variation_by_hand(features):
    amounts = [10, 20, 30, 0, 40, 0, 10, 10, 0, 0, 50, 10]
    rows = [
        *months("H", amounts),
        ("H", "C", 400, 1.0),
        *months("H", [0, 0, 500], "E"),
        *months("K", [33.33] * 12),
        ("K", "C", 359, 1e-2),
        ("K", "C", 359, -1e-2),
    ]
    frame = features(customers=customers("H", "K"), orders=orders(*rows))
    whole = np.array(amounts, float) + np.eye(12)[2] * 500
    assert frame.loc["H", "monthly_variation"] == pytest.approx(whole.std() / whole.mean())
    assert frame.loc["H", "recurring_variation"] == pytest.approx(
        np.std(amounts) / np.mean(amounts)
    )
    assert frame.loc["K", "monthly_variation"] == 0


def test_variation_counts_complete_months_since_the_first_purchase(features):
    rows = [
        ("A", "C", 179, 10.0),
        ("A", "C", 0, 50.0),
        ("B", "C", 178, 10.0),
        ("B", "C", 0, 50.0),
        ("L", "C", 200, 999.0),
        ("L", "C", 170, 60.0),
        ("R", "C", 400, 5.0),
        ("R", "C", 10, -5.0),
        ("Q", "C", 700, 5.0),
    ]
    frame = features(customers=customers(*"ABLQR"), orders=orders(*rows))
    six = np.array([50.0, 0, 0, 0, 0, 10])
    assert frame.loc["A", "monthly_variation"] == pytest.approx(six.std() / six.mean())
    assert np.isnan(frame.loc["B", "monthly_variation"])
    one_of_six = np.array([60.0, 0, 0, 0, 0, 0])
    assert frame.loc["L", "monthly_variation"] == pytest.approx(
        one_of_six.std() / one_of_six.mean()
    )
    assert frame.loc[["Q", "R"], "monthly_variation"].isna().all()


@given(st.lists(st.integers(-999_99, 999_99), min_size=12, max_size=12))
@hypothesis_settings(max_examples=8, deadline=None)
def test_variation_is_numpys_for_any_months_even_with_returns(tmp_path_factory, cents):
    source = tmp_path_factory.mktemp("variation")
    rows = [*months("H", np.array(cents) / 100), ("H", "C", 500, 1.0)]
    orders(*rows).to_parquet(source / "orders.parquet")
    found = customer_features(connect(source), DAY).loc["H", "monthly_variation"]
    amounts = np.array(cents) / 100
    if sum(cents) <= 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(amounts.std() / amounts.mean(), rel=1e-9)


def test_tomorrow_changes_no_variation(features):
    rows = months("H", [10, 20, 30, 0, 40, 0, 10, 10, 0, 0, 50, 10])
    now = features(customers=customers("H"), orders=orders(*rows))
    later = orders(*rows, ("H", "C", -1, 1e6), ("H", "E", -9, 1e6))
    then = features(folder="later", customers=customers("H"), orders=later)
    pd.testing.assert_frame_equal(now, then, check_exact=True)


def test_what_the_master_holds_is_passed_on(features):
    traits = customers(
        "H",
        "N",
        potential=[1_200_000.0, np.nan],
        influence=[4.5, np.nan],
        willingness=[3.0, np.nan],
        relationship_stage=["use", None],
    )
    frame = features(customers=traits, orders=orders(("H", "C", 5, 1.0)))
    numbers = frame[["potential", "influence", "willingness"]]
    assert (numbers.dtypes == "float64").all()
    assert numbers.loc["H"].tolist() == [1_200_000.0, 4.5, 3.0]
    assert frame.relationship_stage.tolist()[0] == "use"
    assert frame.loc["N", ["potential", "relationship_stage"]].isna().all()


def test_a_source_of_orders_alone_has_every_column(write_source):
    source = write_source(orders=orders(("H", "C", 5, 1.0)))
    frame = customer_features(connect(source), DAY)
    assert frame.index.tolist() == ["H"]
    numbers = frame[["potential", "influence", "willingness", "equipment_value"]]
    assert (numbers.dtypes == "float64").all()
    assert numbers.isna().all(axis=None)
    assert frame.loc["H", "basis"] == "shipments"


def test_many_customers_are_summed_in_parts_with_the_same_answer(demo, monkeypatch):
    whole = customer_features(demo, "2025-12-31")
    monkeypatch.setattr("insights.features.behaviour.AT_ONCE", 250)
    pd.testing.assert_frame_equal(customer_features(demo, "2025-12-31"), whole, check_exact=True)
