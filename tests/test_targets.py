"""Targets by hand: attainment, growth, derived targets, new customers, reorders; time, order."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.features.cycles import purchase_cycles
from insights.features.price_volume_mix import SOLD
from insights.features.sales import sales_history
from insights.features.sales_cells import traded_products
from insights.features.stocking import shipped_and_sold_on
from insights.params import TargetsParams
from insights.tables import connect
from insights.targets import review_targets
from insights.targets.checks import reorder_row
from insights.targets.customers_won import newly_won, read_firsts
from insights.targets.decomposition import contributions, price_parts
from insights.targets.goals import fault_words, read_goals
from insights.targets.growth import compared_spans, growth_by_month, growth_to_date
from insights.targets.progress import time_progress
from insights.targets.reorders import Alarms
from insights.targets.shipped import PILING, PUSHED, stuffed_distributors
from insights.targets.slices import _among
from small_company import written

AS_OF = "2025-09-17"
PARAMS = TargetsParams()
DAY = dt.date(2025, 9, 17)
CUSTOMERS = pd.DataFrame(
    {"customer_id": ["H1", "H2", "D1"], "region_id": ["0012", "east", "east"],
     "name": ["One", "Two", "Dealer"], "customer_type": ["hospital", "hospital", "distributor"]}
)  # fmt: skip
REGIONS = pd.DataFrame(
    {"region_id": ["0012", "east", "bare", "china"], "region_name": ["South", "East", "Bare", "CN"],
     "parent_id": ["china", "china", None, None]}
)  # fmt: skip
PRODUCTS = pd.DataFrame(
    {"product_id": ["P1", "P2", "P3"], "product_line": ["stent", "stent", "pill"],
     "category": ["consumable", "consumable", "drug"], "list_price": [100.0, 200.0, 10.0],
     "vbp_on": [None, None, "2025-01-01"]}
).astype({"vbp_on": "datetime64[us]"})  # fmt: skip
REPS = pd.DataFrame(
    {"rep_id": ["R1", "R2", "R9"], "region_id": ["0012", "east", "east"],
     "product_line": ["stent", "stent", "pill"], "line_type": ["device", "device", "drug"],
     "manager_id": [None, None, None]}
).astype({"manager_id": "str"})  # fmt: skip
TERRITORIES = pd.DataFrame(
    {"rep_id": ["R1", "R2"], "customer_id": ["H1", "H1"],
     "from_on": pd.to_datetime(["2024-01-01", "2025-09-11"]),
     "to_on": pd.to_datetime(["2025-09-10", None])}
)  # fmt: skip


def orders(rows: list[tuple[str, str, str, float, str | None]]) -> pd.DataFrame:
    """Return order lines of (day, customer, product, amount, rep), quantity at list price."""
    price = PRODUCTS.set_index("product_id").list_price
    return pd.DataFrame(
        {
            "order_id": [f"O{n}" for n in range(len(rows))],
            "customer_id": [row[1] for row in rows],
            "product_id": [row[2] for row in rows],
            "rep_id": pd.Series([row[4] for row in rows], dtype="str"),
            "ordered_on": pd.to_datetime([row[0] for row in rows]),
            "quantity": [row[3] / price[row[2]] for row in rows],
            "amount": [row[3] for row in rows],
            "channel": "direct",
        }
    )


SALES = orders(
    [
        ("2024-09-02", "H1", "P1", 800.0, "R1"), ("2024-09-20", "H1", "P1", 500.0, "R1"),
        ("2025-01-10", "H2", "P3", 100.0, "R9"), ("2025-02-10", "H2", "P3", 300.0, "R9"),
        ("2025-08-04", "H1", "P1", 1000.0, "R1"), ("2025-09-05", "H1", "P1", 400.0, "R1"),
        ("2025-09-10", "H1", "P2", 200.0, None), ("2025-09-12", "H1", "P2", 600.0, None),
        ("2025-09-15", "H2", "P3", 50.5, "R9"),
    ]
)  # fmt: skip
FLOW = pd.DataFrame(
    {"flow_id": ["F1", "F2"], "distributor_id": "D1", "customer_id": ["H2", None],
     "product_id": "P3", "flowed_on": pd.to_datetime(["2025-09-03", "2025-09-04"]),
     "quantity": [3.0, 2.0], "amount": [30.0, None]}
)  # fmt: skip


def target(period, grain, scope, scope_id, value, metric="sales"):
    return {"period": pd.Timestamp(period), "grain": grain, "scope": scope, "scope_id": scope_id,
            "metric": metric, "target": float(value)}  # fmt: skip


TARGETS = pd.DataFrame(
    [
        target("2025-09-01", "month", "company", "company", 2500),
        *[target(f"2025-{m:02d}-01", "month", "region", "0012", 1000) for m in (7, 8, 9)],
        target("2025-09-01", "month", "region", "east", 0),
        target("2025-09-01", "month", "product_line", "pill", -5),
        target("2025-09-01", "month", "rep", "R1", 1200),
        target("2025-09-01", "month", "rep", "R9", 9999),
        target("2025-08-01", "month", "customer", "H1", 500),
        target("2025-09-01", "month", "customer", "H1", 500),
        target("2025-01-01", "year", "region", "0012", 9000),
    ]
)


def source(write_source, folder="source", **changed):
    frames = {
        "customers": CUSTOMERS, "regions": REGIONS, "products": PRODUCTS, "reps": REPS,
        "territories": TERRITORIES, "orders": SALES, "channel_flow": FLOW, "targets": TARGETS,
    }  # fmt: skip
    kept = {name: frame for name, frame in {**frames, **changed}.items() if frame is not None}
    return connect(write_source(folder, **kept))


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    def write(folder, **frames):
        return written(tmp_path_factory.mktemp("targets") / folder, frames)

    return source(write)


@pytest.fixture(scope="module")
def review(tables):
    return review_targets(tables, AS_OF)


def one(review, grain, scope, scope_id, metric="sales"):
    rows = review.attainment
    rows = rows[(rows.grain == grain) & (rows.scope == scope) & (rows.scope_id == scope_id)]
    return rows[rows.current & (rows.metric == metric)].iloc[0]


def test_attainment_against_working_time_by_hand(review):
    """September 2025: 23 working days with Sunday the 28th, 13 of them by the 17th."""
    row = one(review, "month", "company", "company")
    assert (row.working_days, row.days_worked, row.remaining_days) == (23, 13, 10)
    assert row.actual == 1250.5
    assert row.attainment == pytest.approx(1250.5 / 2500)
    assert row.gap == pytest.approx(1250.5 / 2500 - 13 / 23)
    assert row.run_rate == pytest.approx(1250.5 / 13)
    assert row.required_rate == pytest.approx((2500 - 1250.5) / 10)
    assert row.sell_through == 50.0  # the row without an amount counts at list price
    assert row.sell_through_attainment == pytest.approx(50 / 2500)


def test_quarters_come_from_whole_months_and_nothing_counts_twice(review):
    quarter, year = (one(review, grain, "region", "0012") for grain in ("quarter", "year"))
    assert (quarter.target, quarter.source) == (3000, "sum of months")
    assert (year.target, year.source) == (9000, "given")
    half = one(review, "quarter", "customer", "H1")
    assert np.isnan(half.target) and np.isnan(half.attainment)
    assert half.reason == "only 2 of 3 parts of the period have a target"
    group = one(review, "month", "region", "china")
    assert (group.target, group.source) == (1000, "sum of its regions")
    assert group.actual == 1250.5


def test_targets_of_zero_or_less_attain_nothing(review):
    zero = one(review, "month", "region", "east")
    assert np.isnan(zero.attainment) and zero.reason == "the target is zero"
    negative = one(review, "month", "product_line", "pill")
    assert np.isnan(negative.attainment) and negative.reason == "the target is negative"
    bare = one(review, "month", "product_line", "stent")
    assert np.isnan(bare.target) and bare.reason == "no target is set"


def test_no_drug_representative_carries_sales(tables, review):
    assert set(review.attainment.scope_id[review.attainment.scope == "rep"]) <= {"R1", "R2"}
    assert "R9" not in set(sales_history(tables, AS_OF).scope_id)
    assert any("drug representatives" in fault for fault in review.faults)


def test_a_change_of_territory_within_a_month_splits_sales_by_day(review):
    """H1 was R1's until the 10th: 400 by name and 200 by territory; then R2's: 600."""
    assert one(review, "month", "rep", "R1").actual == 600
    assert one(review, "month", "rep", "R2").actual == 600


def test_history_fills_months_and_adds_up_to_the_cent(tables):
    history = sales_history(tables, AS_OF)
    company = history[history.scope == "company"]
    assert len(company) == 13
    assert company.amount_cents.sum() == 395050
    assert list(company.days_worked.tail(2)) == [21, 13]
    sums = history.groupby("scope").amount_cents.sum()
    assert sums.region == sums.product_line == sums.channel == sums.company


def test_january_and_february_are_one_period(review):
    rows = review.growth_by_month()
    joint = rows[(rows.metric == "sales") & (rows.label == "2025-01/02")].iloc[0]
    assert joint.amount == 400 and joint.months == 2 and joint.complete
    assert "2025-02" not in set(rows.label)


def cells(amounts: dict[str, int]) -> pd.DataFrame:
    month = pd.to_datetime(list(amounts))
    return pd.DataFrame({"metric": "sales", "month": month, "cents": list(amounts.values()),
                         "cents_to_day": [one // 2 for one in amounts.values()]})  # fmt: skip


def test_a_running_month_meets_the_same_days_of_last_year():
    found = growth_to_date(cells({"2024-08-01": 100, "2024-09-01": 200, "2025-08-01": 150,
                                  "2025-09-01": 120}), DAY)  # fmt: skip
    by_grain = found.set_index("grain")
    assert by_grain.growth.month == pytest.approx(120 / 100 - 1)
    assert by_grain.growth.quarter != by_grain.growth.quarter  # July 2024 is not known
    assert "not" not in by_grain.reason.month and by_grain.reason.quarter


@pytest.mark.parametrize("day", [dt.date(2025, 1, 20), dt.date(2025, 2, 10)])
def test_before_the_end_of_february_no_growth_is_said(day):
    months = {"2024-01-01": 100, "2024-02-01": 100, "2025-01-01": 90, "2025-02-01": 20}
    found = growth_to_date(cells(months), day)
    assert found.growth.isna().all()
    assert found.reason.str.contains("read together").all()
    assert compared_spans(day).after_from == (day.replace(year=2024) + dt.timedelta(days=1))


def test_in_february_january_counts_whole_a_year_before():
    months = {"2024-01-01": 100, "2024-02-01": 40, "2025-01-01": 90, "2025-02-01": 10}
    days = pd.DataFrame({"working_days": 20.0, "days_worked": 20.0, "days_to_day": 10.0},
                        index=pd.date_range("2024-01-01", "2025-02-01", freq="MS"))  # fmt: skip
    found = growth_by_month(cells(months), days, dt.date(2025, 2, 14))
    assert found.amount_before.iloc[-1] * 100 == 100 + 40 // 2


def test_change_a_working_day_reads_the_period_before():
    days = pd.DataFrame({"working_days": 20.0, "days_worked": 20.0, "days_to_day": 10.0},
                        index=pd.date_range("2024-01-01", "2025-12-01", freq="MS"))  # fmt: skip
    days.loc["2025-08-01", "days_worked"] = 10.0
    found = growth_by_month(cells({"2025-07-01": 2000, "2025-08-01": 2000}), days,
                            dt.date(2025, 8, 31)).set_index("label")  # fmt: skip
    assert found.per_day["2025-08"] == 2.0 and found.per_day["2025-07"] == 1.0
    assert found.change_per_day["2025-08"] == pytest.approx(1.0)


def test_a_year_without_a_calendar_says_so(tables):
    found = time_progress(tables, dt.date(2035, 3, 5), dt.date(2035, 3, 1))
    assert found.time_progress.isna().all()
    assert found.why_no_time.str.contains("no calendar").all()


def test_the_companys_own_calendar_stands_first(write_source):
    days = pd.date_range("2035-03-01", "2035-03-31")
    calendar = pd.DataFrame({"date": days, "is_workday": days.day <= 10})
    found = time_progress(source(write_source, calendar=calendar), dt.date(2035, 3, 5),
                          dt.date(2035, 3, 1))  # fmt: skip
    assert found.set_index("grain").time_progress.month == 0.5


def test_two_targets_for_one_period_are_not_used(write_source):
    twice = pd.concat([TARGETS, pd.DataFrame([target("2025-09-01", "month", "company", "company",
                                                     7)])])  # fmt: skip
    goals = read_goals(source(write_source, targets=twice), DAY, PARAMS)
    company = goals.targets[(goals.targets.scope == "company") & (goals.targets.grain == "month")]
    assert company.empty and any("two for the same period" in one for one in goals.faults)


def test_a_year_that_its_months_miss_is_named(write_source):
    months = [target(f"2025-{m:02d}-01", "month", "company", "company", 10) for m in range(1, 13)]
    wrong = pd.DataFrame([*months, target("2025-01-01", "year", "company", "company", 130)])
    goals = read_goals(source(write_source, targets=wrong), DAY, PARAMS)
    assert list(goals.disagree.parts) == [120]
    assert "not the sum" in fault_words(goals)[-1]


def test_without_targets_sales_are_still_told(write_source):
    review = review_targets(source(write_source, targets=None), AS_OF)
    assert review.status == "ok"
    assert "table targets is missing" in review.faults
    assert "attainment is not known" in str(review)


@pytest.mark.parametrize("lacks", ["channel_flow", "customers", "products", "reps", "targets"])
def test_a_table_that_is_missing_costs_its_part_and_no_more(write_source, lacks):
    review = review_targets(source(write_source, **{lacks: None}), AS_OF)
    assert review.status == "ok" and set(review.tables()) >= {"actions", "distributors"}
    assert isinstance(review.actions(), pd.DataFrame) and len(review.check())
    assert isinstance(review.channel(), pd.DataFrame) and review.headline()


def test_a_decision_without_an_amount_is_told_and_not_kept(write_source):
    row = {"kind": "target", "subject_id": "east", "decided_on": "2025-01-01"}
    said = pd.DataFrame([row | {"decision_id": "T1", "value": "about a million"}])
    review = review_targets(source(write_source, decisions=said), AS_OF)
    assert any("T1 'about a million'" in one for one in review.faults)
    assert "T1" in review.check().to_csv()


def test_a_region_adds_up_and_a_bare_one_says_so(review):
    whole = review.totals()
    parts = pd.concat([review.for_region(one).totals() for one in ("0012", "east")])
    pd.testing.assert_frame_equal(parts.sort_index(), whole, check_dtype=False)
    bare = review.for_region("bare")
    assert bare.status == "not_enough_data" and "Bare" in str(bare)


def test_before_the_data_begin_it_is_stated(tables):
    review = review_targets(tables, "2019-01-01")
    assert review.status == "not_enough_data" and "2019-01-01" in str(review)
    assert review.check().empty and review.headline() == {}


def test_no_later_row_changes_an_answer(write_source, review):
    later = orders([("2025-09-18", "H1", "P1", 7777.0, "R1")]).assign(order_id="LATE")
    later_flow = FLOW.assign(flow_id=["L1", "L2"], flowed_on=pd.Timestamp("2025-10-01"))
    seen = source(write_source, "seen", orders=pd.concat([SALES, later]),
                  channel_flow=pd.concat([FLOW, later_flow]))  # fmt: skip
    same(review, review_targets(seen, AS_OF))


def test_the_order_of_rows_changes_nothing(write_source, review):
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in
             (("orders", SALES), ("channel_flow", FLOW), ("targets", TARGETS))}  # fmt: skip
    other = review_targets(source(write_source, "mixed", **mixed), AS_OF)
    same(review, other)


def same(first, second):
    assert str(first) == str(second)
    for name, frame in first.tables().items():
        pd.testing.assert_frame_equal(frame, second.tables()[name], obj=name)


def test_a_cycle_needs_three_buying_days_and_is_late_past_its_ratio(write_source):
    days = ["2025-06-01", "2025-06-11", "2025-07-01", "2025-07-31"]
    bought = orders([(day, "H1", "P1", 100.0, "R1") for day in days]
                    + [(day, "H2", "P3", 10.0, None) for day in days[:2]])  # fmt: skip
    found = purchase_cycles(source(write_source, orders=bought, channel_flow=None), DAY)
    (row,) = found.itertuples()
    assert (row.customer_id, row.buying_days, row.median_days) == ("H1", 4, 20)
    assert row.days_since == 48 and row.overdue_ratio == pytest.approx(2.4)
    assert row.usual_amount == 100


def test_new_customers_need_a_year_of_data_before(write_source):
    bought = orders([("2023-06-01", "H1", "P1", 100.0, "R1"), ("2025-09-02", "H2", "P1", 100.0,
                                                             "R2")])  # fmt: skip
    found = source(write_source, orders=bought, channel_flow=None)
    won = newly_won(read_firsts(found, DAY), DAY).set_index("grain")
    assert won.won.month == 1 and won.not_covered.year == 0
    young = newly_won(read_firsts(source(write_source, "young"), DAY), DAY).set_index("grain")
    assert young.won.year == 0  # H2's first order has four months of data before it


def months_of(shipped, sold):
    months = pd.date_range("2025-01-01", periods=len(shipped), freq="MS")
    return pd.DataFrame({"distributor_id": "D1", "name": "D", "region_id": "east", "month": months,
                         "shipped": shipped, "sold_on": sold})  # fmt: skip


def test_stock_that_piles_up_is_told_from_a_push_at_quarter_ends():
    level = [100.0] * 9
    pushed = [75.0, 75.0, 150.0] * 3
    piled = [100.0] * 7 + [130.0, 130.0]
    found = [
        stuffed_distributors(months_of(one, level), dt.date(2025, 9, 30), PARAMS).iloc[0]
        for one in (level, pushed, piled)
    ]
    assert [one.finding for one in found] == ["in balance", PUSHED, PILING]
    assert found[2].months_over == 2 and found[2].ahead == 60


def test_shipments_and_flow_meet_at_list_price(tables):
    found = shipped_and_sold_on(tables, DAY)
    assert list(found.sold_on) == [50.0] and list(found.shipped) == [0.0]


def test_price_volume_and_mix_by_hand():
    """A price falls from 10 to 8 while 12 units sell instead of 10: price -24, volume +20."""
    found = price_parts(sold([("L", "A", 10, 100.0, 12, 96.0, None)]), DAY).iloc[0]
    assert (found.price, found.volume, found.mix) == pytest.approx((-24, 20, 0))


def sold(rows):
    frame = pd.DataFrame(
        rows, columns=["product_line", "product_id", "quantity_before", "amount_before",
                       "quantity_after", "amount_after", "vbp_on"],
    ).assign(unit_id="east", list_price=1.0, loose_before=0.0, loose_after=0.0)  # fmt: skip
    return frame.assign(vbp_on=pd.to_datetime(frame.vbp_on))[list(SOLD)]


AMOUNT = st.integers(-500, 5000)
ROW = st.tuples(
    st.sampled_from(["A", "B"]), st.sampled_from(["P1", "P2", "P3"]), AMOUNT, AMOUNT, AMOUNT,
    AMOUNT, st.sampled_from([None, "2025-01-01", "2027-01-01"]),
)  # fmt: skip


@given(st.lists(ROW, min_size=1, max_size=8, unique_by=lambda row: row[1]))
def test_the_parts_always_add_up_to_the_change(rows):
    parts = price_parts(sold(rows), DAY)
    off = parts.price + parts.volume + parts.mix - parts.change
    assert off.abs().max() < 1e-6
    assert parts.change.iloc[-1] == pytest.approx(sum(row[5] - row[3] for row in rows))
    points = contributions(sold(rows), "product_line", 0.005)
    if points.points.notna().all():
        before, change = sum(row[3] for row in rows), sum(row[5] - row[3] for row in rows)
        assert points.points.sum() == pytest.approx(change / before)


def test_a_tender_stands_in_its_own_row():
    parts = price_parts(sold([("L", "A", 10, 100.0, 10, 40.0, "2025-01-01"),
                              ("L", "B", 5, 50.0, 6, 60.0, None)]), DAY)  # fmt: skip
    tender = parts[parts.vbp].iloc[0]
    assert tender.price == -60 and tender.volume == 0
    assert parts[~parts.vbp].iloc[0].volume == pytest.approx(10)


@pytest.mark.parametrize(
    ("after", "reason"),
    [((110, 120), ""), ((130, 90), "some grew and some fell"), ((100, 100.2), "hardly moved")],
)
def test_shares_of_growth_are_withheld_where_they_mislead(after, reason):
    rows = sold([("A", "P1", 1, 100.0, 1, after[0], None), ("B", "P2", 1, 100.0, 1, after[1],
                                                          None)])  # fmt: skip
    found = contributions(rows, "product_line", 0.005)
    assert reason in found.reason.iloc[0]
    assert found.share_of_growth.isna().all() == bool(reason)
    if not reason:
        assert found.share_of_growth.sum() == pytest.approx(1)


def test_the_line_under_procurement_is_found_with_its_price_cut_apart(demo):
    """Planted: the anti-infectives' tender prices hold from 2024-09, their demand goes on."""
    day = dt.date(2025, 8, 31)
    parts = price_parts(traded_products(demo, day, "sales", compared_spans(day)), day)
    (tender,) = parts[parts.vbp.astype(bool)].itertuples()
    assert tender.product_line == "抗感染"
    assert tender.price < -0.4 * tender.before < 0 < tender.volume
    others = parts[~parts.vbp.astype(bool)].iloc[:-1]
    assert (others.price.abs() < 0.03 * others.before).all()


def test_a_company_of_sell_through_alone_has_growth_and_no_rep_or_shipment(write_source):
    days = pd.date_range("2023-01-15", "2025-12-15", freq="MS") + pd.Timedelta(days=9)
    rows = len(days)
    flow = pd.DataFrame(
        {
            "flow_id": [f"F{n}" for n in range(rows)], "distributor_id": "D1", "customer_id": "H1",
            "product_id": "P1", "flowed_on": days, "quantity": 1.0, "amount": 1000.0,
        }
    )  # fmt: skip
    customers = pd.DataFrame({"customer_id": ["H1", "D1"], "region_id": ["r", "r"]})
    tables = connect(write_source(channel_flow=flow, customers=customers))
    found = review_targets(tables, "2025-12-31", TargetsParams(assessed_on="sell_through"))
    assert found.status == "ok" and "no target is set" in str(found)
    assert found.tables()["distributors"].empty and found.tables()["growth"].shape[0] > 0


@pytest.mark.parametrize(
    ("silent", "without", "tells"), [(0.93, 0.928, False), (0.19, 0.04, True), (0.3, 0.4, False)]
)
def test_alarms_tell_only_where_the_shares_lie_apart(silent, without, tells):
    verdict = reorder_row(Alarms(900, silent, without))[3]
    assert verdict.startswith("tells who stops buying") == tells


def test_a_region_without_a_tested_scope_keeps_the_columns_of_its_exceptions():
    rows = pd.DataFrame({"scope": ["company"], "scope_id": ["company"], "exception": [True]})
    assert list(_among(rows, set()).columns) == list(rows.columns) and _among(rows, set()).empty
