"""Outcome panels: complete periods, zeros, constant prices, the future hidden, what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insights.features.panels import PanelError, fact_days, recorded, strategy_panel
from insights.tables import connect

ORDERS = [
    # order, customer, rep, product, day, quantity, amount
    ("1", "0012", "R1", "P", "2024-01-05", 10, 100.10),
    ("2", "0012", "R1", "P", "2024-01-25", -1, -10.01),
    ("3", "0012", "R1", "P", "2024-04-10", 10, 50.05),
    ("4", "B", "R2", "P", "2024-02-03", 5, 50.05),
    ("5", "B", "R2", "NEW", "2024-04-30", 2, 60.00),
    ("6", "B", "R2", "P", "2024-05-02", 1, 5.00),
]


def strategy(**changes):
    row = {"metric": "sales", "unit_type": None, "grain": None, "starts_on": "2024-03-01"}
    return SimpleNamespace(**(row | changes))


@pytest.fixture
def company(write_source):
    columns = ["order_id", "customer_id", "rep_id", "product_id", "ordered_on", "quantity"]
    orders = pd.DataFrame(ORDERS, columns=[*columns, "amount"])
    customers = pd.DataFrame(
        {"customer_id": ["0012", "B"], "region_id": ["N", "S"], "city": ["甲", "乙"]}
    )
    feedback = pd.DataFrame(
        {
            "feedback_id": ["1", "2", "3"],
            "customer_id": ["0012", "0012", "B"],
            "given_on": pd.to_datetime(["2024-01-03", "2024-01-09", "2024-03-01"]),
            "score": [3.0, 5.0, 4.0],
        }
    )
    visits = pd.DataFrame(
        {
            "visit_id": ["1", "2", "3"],
            "rep_id": ["R1", "R1", "R2"],
            "customer_id": ["0012", "0012", "B"],
            "department_id": ["D1", "D1", None],
            "visited_on": pd.to_datetime(["2024-01-03", "2024-03-09", "2024-03-01"]),
            "status": ["submitted", "planned", None],
        }
    )
    outcomes = pd.DataFrame(
        {
            "unit_id": ["N", "N", "S", "N"],
            "period": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-01-01", "2024-03-01"]),
            "metric": "kpi",
            "value": [1.0, 2.0, 3.0, 4.0],
        }
    )
    return connect(
        write_source(
            customers=customers,
            orders=orders.assign(ordered_on=pd.to_datetime(orders.ordered_on)),
            products=pd.DataFrame({"product_id": ["P", "NEW"], "list_price": [12.0, 30.0]}),
            reps=pd.DataFrame({"rep_id": ["R1", "R2"], "region_id": ["N", "S"]}),
            departments=pd.DataFrame(
                {"department_id": ["D1"], "customer_id": ["0012"], "department": ["内科"]}
            ),
            feedback=feedback,
            visits=visits,
            outcomes=outcomes,
        )
    )


def values(panel, unit):
    return panel[panel.unit_id == unit].value.round(2).tolist()


def test_money_is_at_the_prices_of_before_and_silence_is_zero(company):
    panel = strategy_panel(company, strategy(), "2024-04-30")
    assert list(panel.columns) == ["unit_id", "period", "value", "region_id", "price_part"]
    assert values(panel, "0012") == [90.09, 0.0, 0.0, 100.1]
    assert panel.price_part.round(2).tolist()[:4] == [0.0, 0.0, 0.0, -50.05]
    assert panel[panel.unit_id == "0012"].region_id.unique().tolist() == ["N"]


def test_a_unit_begins_with_its_first_fact_and_a_new_product_keeps_its_price(company):
    panel = strategy_panel(company, strategy(), "2024-04-30")
    assert values(panel, "B") == [50.05, 0.0, 60.0]
    assert panel[panel.unit_id == "B"].period.min() == pd.Timestamp("2024-02-01")


@pytest.mark.parametrize(
    ("as_of", "last"), [("2024-04-29", "2024-03-01"), ("2024-04-30", "2024-04-01")]
)
def test_a_period_counts_once_it_has_ended(company, as_of, last):
    assert strategy_panel(company, strategy(), as_of).period.max() == pd.Timestamp(last)


def test_quarters_and_years(company):
    panel = strategy_panel(company, strategy(grain="quarter"), "2024-06-30")
    assert values(panel, "0012") == [90.09, 100.1]
    assert strategy_panel(company, strategy(grain="year"), "2024-06-30").empty


def test_weeks_begin_on_mondays_and_count_once_they_have_ended(company):
    panel = strategy_panel(company, strategy(grain="week", metric="quantity"), "2024-02-04")
    own = panel[panel.unit_id == "0012"].set_index("period").value
    assert own.to_dict() == dict(
        zip(pd.date_range("2024-01-01", periods=5, freq="7D"), [10, 0, 0, -1, 0], strict=True)
    )
    assert panel[panel.unit_id == "B"].period.tolist() == [pd.Timestamp("2024-01-29")]
    early = strategy_panel(company, strategy(grain="week", metric="quantity"), "2024-02-03")
    assert early.period.max() == pd.Timestamp("2024-01-22")


@pytest.mark.parametrize(
    ("kind", "units"),
    [
        ("region", ["N", "S"]),
        ("rep", ["R1", "R2"]),
        ("city", ["乙", "甲"]),
        ("customer", ["0012", "B"]),
    ],
)
def test_unit_types(company, kind, units):
    panel = strategy_panel(company, strategy(unit_type=kind), "2024-05-31")
    assert sorted(panel.unit_id.unique()) == sorted(units)
    assert set(panel.region_id) == {"N", "S"}
    assert panel.value.sum() == pytest.approx(90.09 + 100.1 + 50.05 + 60 + 10.01)


def test_planned_visits_do_not_count(company):
    panel = strategy_panel(company, strategy(metric="visits"), "2024-03-31")
    assert panel.value.sum() == 2
    by_department = strategy_panel(
        company, strategy(metric="visits", unit_type="department"), "2024-03-31"
    )
    assert by_department.unit_id.unique().tolist() == ["D1"]
    assert by_department.region_id.unique().tolist() == ["N"]


def test_scores_are_means_and_missing_ones_stay_missing(company):
    panel = strategy_panel(company, strategy(metric="score"), "2024-03-31")
    assert panel[["unit_id", "value"]].values.tolist() == [["0012", 4.0], ["B", 4.0]]


def test_recorded_outcomes_stand_as_they_are(company):
    panel = strategy_panel(company, strategy(metric="kpi", unit_type="region"), "2024-03-30")
    assert values(panel, "N") == [1.0, 2.0]
    assert panel.region_id.tolist() == ["N", "N", "S"]


def test_recorded_outcomes_have_periods_of_their_own(company, write_source):
    monthly = strategy_panel(company, strategy(metric="kpi", unit_type="region"), "2024-03-31")
    for grain in ("week", "fortnight"):
        row = strategy(metric="kpi", unit_type="region", grain=grain)
        pd.testing.assert_frame_equal(strategy_panel(company, row, "2024-03-31"), monthly)
    kept = company["outcomes"].execute()
    ends = kept.assign(period=pd.to_datetime(kept.period) + pd.offsets.MonthEnd(0))
    named = connect(write_source("ends", outcomes=ends, regions=company.regions))
    found = strategy_panel(named, strategy(metric="kpi", unit_type="region"), "2024-03-31")
    assert found.period.tolist() == monthly.period.tolist()
    assert found.value.tolist() == monthly.value.tolist()


def test_dates_that_would_make_a_period_of_their_own_are_named(company, write_source):
    months = pd.date_range("2023-07-01", periods=9, freq="MS")
    strays = [*months[:-2], pd.Timestamp("0020-01-01"), pd.Timestamp("2024-02-15")]
    kept = pd.DataFrame({"unit_id": "N", "period": strays, "metric": "kpi", "value": 1.0})
    orders = company["orders"].execute()
    orders.loc[0, "ordered_on"] = pd.Timestamp("0020-01-05")
    tables = connect(write_source("strays", outcomes=kept, orders=orders))
    with pytest.raises(PanelError, match=r"2 rows.*N 0020-01-01: 1.0, N 2024-02-15: 1.0"):
        strategy_panel(tables, strategy(metric="kpi", unit_type="region"), "2024-04-30")
    with pytest.raises(PanelError, match=r"orders\.ordered_on: 1 rows.*0012 0020-01-01: 10"):
        strategy_panel(tables, strategy(metric="quantity"), "2024-05-31")
    late = kept.assign(period=[*months[:-1], pd.Timestamp("2099-01-01")])
    hidden = connect(write_source("late", outcomes=late))
    found = strategy_panel(hidden, strategy(metric="kpi", unit_type="region"), "2024-04-30")
    assert found.period.tolist() == list(months[:-1])


def test_a_recorded_panel_of_a_metric_goes_before_a_derived_one(company, write_source):
    recorded = company["outcomes"].execute().assign(metric="sales")
    orders = company["orders"].execute()
    tables = connect(write_source("both", outcomes=recorded, orders=orders))
    panel = strategy_panel(tables, strategy(metric="sales", unit_type="region"), "2024-03-30")
    assert (
        panel.groupby("unit_id").value.first().to_dict()
        == recorded.groupby("unit_id").value.first().to_dict()
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metric": "fame"}, "'fame'"),
        ({"metric": "sell_through"}, "channel_flow is missing"),
        ({"unit_type": "department"}, "not recorded by department"),
        ({"grain": "day"}, "'day'"),
    ],
)
def test_what_cannot_be_made_is_said(company, changes, words):
    with pytest.raises(PanelError, match=words):
        strategy_panel(company, strategy(**changes), "2024-05-31")


def test_the_future_is_hidden(demo, write_source):
    day = "2025-03-31"
    row = strategy(metric="sell_through", starts_on="2024-07-01")
    flow = demo["channel_flow"]
    source = write_source(
        customers=demo["customers"].execute(),
        products=demo["products"].execute(),
        channel_flow=flow.filter(flow.flowed_on <= day).execute(),
    )
    expected = strategy_panel(connect(source), row, day)
    pd.testing.assert_frame_equal(strategy_panel(demo, row, day), expected)


def test_price_cut_is_split_from_volume(demo):
    row = strategy(metric="sell_through", starts_on="2024-09-01")
    panel = strategy_panel(demo, row, "2025-12-31")
    before = panel.period < "2024-09-01"
    assert np.isfinite(panel.value).all()
    assert abs(panel.price_part[before].sum() / panel.value[before].sum()) < 0.03
    assert panel.price_part[~before].sum() / panel.value[~before].sum() < -0.03
    assert not panel.duplicated(["unit_id", "period"]).any()


def test_the_days_that_facts_reach_in_each_period(company):
    found = fact_days(company, "sales", "month", "2024-04-29")
    assert found.facts.to_dict() == {
        pd.Timestamp("2024-01-01"): 2,
        pd.Timestamp("2024-02-01"): 1,
        pd.Timestamp("2024-04-01"): 1,
    }
    january = found.loc["2024-01-01"]
    assert (january["first"].day, january["last"].day) == (5, 25)


def test_what_is_read_from_outcomes(company):
    day = pd.Timestamp("2024-04-30").date()
    assert recorded(company, "kpi", day) and recorded(company, "fame", day)
    assert not recorded(company, "sales", day)
