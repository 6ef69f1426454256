"""How distributors buy and sell on: by hand, without their tables, and blind to tomorrow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights import connect
from insights.features import distributor_features
from insights.features.distributors import COLUMNS

D = pd.Timestamp
DAY = D("2024-12-31")
FLOW = ("sell_through", "sell_through_growth", "terminals", "terminals_before", "matched_share")
NEEDS = {
    "orders": ("shipments", "previous_shipments", "growth", "recency_days", "frequency"),
    "channel_flow": (*FLOW, "shipments_to_flow", "months_of_stock"),
    "stock": ("months_of_stock",),
    "distributors": ("grade",),
    "products": ("product_lines", "months_of_stock"),
}


def ago(days):
    return DAY - pd.Timedelta(days=days)


def ordered(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "product_id", "age", "amount"])
    frame["order_id"] = [str(n) for n in range(len(frame))]
    frame["ordered_on"] = [ago(age) for age in frame.pop("age")]
    return frame


def flowed(*rows):
    columns = ["distributor_id", "customer_id", "product_id", "age", "quantity", "amount"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["flow_id"] = [str(n) for n in range(len(frame))]
    frame["flowed_on"] = [ago(age) for age in frame.pop("age")]
    return frame


def counted(*rows):
    frame = pd.DataFrame(rows, columns=["holder_id", "product_id", "age", "quantity"])
    frame["counted_on"] = [ago(age) for age in frame.pop("age")]
    return frame


def trade():
    return {
        "customers": pd.DataFrame(
            {
                "customer_id": ["H1", "H2", "D1", "D2", "D3"],
                "region_id": ["east", "east", "east", "west", "west"],
                "customer_type": ["hospital", "hospital", "distributor", "distributor", None],
            }
        ),
        "distributors": pd.DataFrame(
            {"distributor_id": ["D1", "D4"], "region_id": ["north", None], "grade": ["A", "C"]}
        ),
        "products": pd.DataFrame(
            {
                "product_id": ["P1", "P2"],
                "product_line": ["scan", "suture"],
                "list_price": [100.0, 5.0],
            }
        ),
        "orders": ordered(
            ("D1", "P1", 800, 50.0),
            ("D1", "P2", 500, 300.0),
            ("D1", "P1", 200, 600.0),
            ("D1", "P2", 200, 100.0),
            ("D1", "P2", 20, 300.0),
            ("D1", "P2", 10, -100.0),
            ("H1", "P1", 3, 9999.0),
        ),
        "channel_flow": flowed(
            ("D1", "H1", "P2", 720, 10.0, None),
            ("D1", "H1", "P2", 300, 20.0, None),
            ("D1", "H2", "P2", 60, 40.0, 240.0),
            ("D1", None, "P2", 30, 12.0, 60.0),
            ("D1", "H1", "P2", 20, -2.0, None),
            ("D3", "H2", "P2", 30, 1.0, 7.0),
        ),
        "stock": counted(
            ("D1", "P1", 70, 900.0),
            ("D1", "P1", 31, 1.0),
            ("D1", "P2", 31, 32.0),
            ("D3", "P2", 1, 10.0),
            ("own", "P1", 1, 5.0),
        ),
    }


@pytest.fixture
def features(write_source):
    def of(frames, day=DAY, folder="source"):
        return distributor_features(connect(write_source(folder, **frames)), day)

    return of


def test_distributors_by_hand(features):
    frame = features(trade())
    assert frame.index.tolist() == ["D1", "D2", "D3", "D4"]
    assert frame.index.name == "distributor_id"
    assert tuple(frame.columns) == COLUMNS
    d1 = frame.loc["D1"]
    assert d1.shipments == 600 + 100 + 300 - 100
    assert d1.previous_shipments == 300
    assert d1.growth == pytest.approx((900 - 300) / 1200)
    assert (d1.recency_days, d1.tenure_days) == (20, 800)
    assert (d1.frequency, d1.active_months, d1.product_lines) == (2, 2, 2)
    assert d1.sell_through == 100 + 240 + 60 - 10
    assert d1.sell_through_growth == pytest.approx((390 - 50) / 440)
    assert (d1.terminals, d1.terminals_before) == (2, 1)
    assert d1.matched_share == pytest.approx(340 / 400)
    assert d1.shipments_to_flow == pytest.approx(900 / 390)
    assert d1.months_of_stock == pytest.approx((100 + 160) / ((240 + 60 - 10) / 3))


def test_who_is_a_distributor_and_where(features):
    frame = features(trade())
    assert frame.region_id.fillna("-").tolist() == ["north", "west", "west", "-"]
    assert frame.grade.fillna("-").tolist() == ["A", "-", "-", "C"]


def test_unknown_is_missing_and_none_is_zero(features):
    frame = features(trade())
    assert frame.loc["D2", ["shipments", "frequency"]].tolist() == [0, 0]
    assert frame.loc["D2", [*FLOW, "shipments_to_flow", "months_of_stock"]].isna().all()
    assert frame.loc["D3", "sell_through"] == 7
    assert frame.loc["D3", "shipments_to_flow"] == 0
    assert np.isnan(frame.loc["D3", "months_of_stock"]), "it reports for less than a quarter"


def test_data_that_begin_too_late_make_growth_unknown(features):
    frames = trade()
    frames["orders"] = frames["orders"][frames["orders"].ordered_on > ago(600)]
    frames["channel_flow"] = frames["channel_flow"][frames["channel_flow"].flowed_on > ago(600)]
    d1 = features(frames).loc["D1"]
    unknown = ["growth", "previous_shipments", "sell_through_growth", "terminals_before"]
    assert d1[unknown].isna().all()
    assert d1.shipments == 900
    assert d1.sell_through == 390


@pytest.mark.parametrize("missing", NEEDS)
def test_a_missing_table_costs_only_its_columns(features, missing):
    whole = features(trade())
    part = features({k: v for k, v in trade().items() if k != missing}, folder="part")
    part = part.reindex(whole.index)
    assert part.loc["D1", list(NEEDS[missing])].isna().all()
    kept = [name for name in COLUMNS if name not in (*NEEDS[missing], "region_id")]
    if missing in ("stock", "distributors"):
        pd.testing.assert_frame_equal(part.loc[["D1"], kept], whole.loc[["D1"], kept])
    assert (part.loc["D1", "frequency"] == 2) == (missing != "orders")


def test_flow_and_stock_without_a_price_are_unknown(features):
    frames = trade()
    frames["products"] = frames["products"].assign(list_price=[np.nan, 5.0])
    frames["channel_flow"] = flowed(("D1", "H1", "P1", 100, 1.0, None))
    d1 = features(frames).loc["D1"]
    assert d1.terminals == 1
    assert (
        d1[["sell_through", "matched_share", "shipments_to_flow", "months_of_stock"]].isna().all()
    )


def test_stock_not_counted_for_a_quarter_is_unknown(features):
    frames = trade()
    frames["stock"] = frames["stock"].assign(counted_on=ago(91))
    assert features(frames).months_of_stock.isna().all()


@pytest.mark.parametrize("name", ["channel_flow", "stock", "orders"])
def test_tomorrow_changes_nothing(features, name):
    frames = trade()
    now = features(frames)
    dated = {"channel_flow": "flowed_on", "stock": "counted_on", "orders": "ordered_on"}[name]
    later = frames[name].head(4).assign(**{dated: ago(-1)})
    frames[name] = pd.concat([frames[name], later])
    pd.testing.assert_frame_equal(now, features(frames, folder="later"), check_exact=True)


def test_repeated_masters_and_row_order_change_nothing(features):
    frames = trade()
    now = features(frames)
    for name in ("products", "customers", "distributors"):
        frames[name] = pd.concat([frames[name], frames[name]])
    mixed = {name: frame.sample(frac=1, random_state=1) for name, frame in frames.items()}
    pd.testing.assert_frame_equal(now, features(mixed, folder="mixed"), check_exact=True)


def test_the_demos_distributors(demo):
    frame = distributor_features(demo, "2025-12-31")
    assert len(frame) == 60
    assert frame.matched_share.dropna().between(0.9, 1).all()
    assert frame.months_of_stock.dropna().between(0.5, 6).all()
    assert frame.grade.notna().all()
    assert frame.region_id.notna().all()
