"""When the money comes: the future hidden, sums that agree, known answers, honest intervals."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from insights import connect
from insights.delinquency.cash.cash_origins import ALL_CASH, ISSUED
from insights.delinquency.cash.collections import (
    COLUMNS,
    Collections,
    backtest_collections,
    forecast_collections,
)
from insights.delinquency.cash.hazard import CashHazard, Lessons
from insights.delinquency.cash.newly_issued import Issuing
from insights.delinquency.cash.open_book import COLUMNS as BOOK_COLUMNS
from insights.delinquency.cash.open_book import open_book, owed_on_days, sampled, settled_weekly
from insights.delinquency.cash.pay_weeks import days_of_month, pay_weeks
from insights.delinquency.cash.paying_habits import paying_habits
from insights.delinquency.cash.slices import RegionSlices
from insights.features.ledger import Ledger, open_ledger
from insights.params import DelinquencyParams

LAST, EARLIER = "2025-06-30", "2025-03-31"
PARAMS = DelinquencyParams()
REGIONS = pd.DataFrame(
    {
        "region_id": ["0012", "east", "bare", "china"],
        "region_name": ["South", "East", "Bare", "China"],
        "parent_id": ["china", "china", "china", None],
    }
)


def company(n: int = 2000, payers: int = 40, seed: int = 3) -> dict[str, pd.DataFrame]:
    """Simulate a ledger of two and a half years: payers with own delays; a third pay in runs."""
    rng = np.random.default_rng(seed)
    payer = rng.integers(0, payers, n)
    issued = np.datetime64("2023-01-01") + rng.integers(0, 911, n)
    term = rng.choice([30, 60], n)
    delay = rng.normal(10, 15, payers)[payer] + rng.logistic(0, 5, n)
    paid = issued + np.maximum(term + delay, 1).astype("int64")
    month_end = (paid.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    paid = np.where(payer % 3 == 0, month_end, paid)
    cents = np.rint(rng.lognormal(13, 0.8, n)).astype("int64")
    first = np.where(rng.random(n) < 0.1, cents // 3, 0)
    ids = np.array([f"I{k:05d}" for k in range(n)])
    invoices = pd.DataFrame(
        {
            "invoice_id": ids,
            "customer_id": [f"C{k:03d}" for k in payer],
            "issued_on": issued,
            "term_days": term,
            "amount": cents / 100,
        }
    )
    rows = {"customer_id": invoices.customer_id, "invoice_id": np.where(payer % 5 == 0, None, ids)}
    early = pd.DataFrame(rows | {"paid_on": paid - 1, "amount": first / 100})[first > 0]
    late = pd.DataFrame(rows | {"paid_on": paid, "amount": (cents - first) / 100})
    payments = pd.concat([early, late], ignore_index=True)
    payments = payments.assign(payment_id=[f"P{k:05d}" for k in range(len(payments))])
    customers = pd.DataFrame(
        {
            "customer_id": [f"C{k:03d}" for k in range(payers)],
            "region_id": np.where(np.arange(payers) % 4 == 0, "0012", "east"),
            "customer_type": np.where(np.arange(payers) % 2 == 0, "hospital", "distributor"),
        }
    )
    frames = {"invoices": invoices, "payments": payments}
    return until(frames | {"customers": customers, "regions": REGIONS}, LAST)


def until(frames: dict[str, pd.DataFrame], day: str) -> dict[str, pd.DataFrame]:
    """Delete every invoice and payment dated after the day."""
    dated = {"invoices": "issued_on", "payments": "paid_on"}
    last = pd.Timestamp(day)
    return {
        name: frame[frame[dated[name]] <= last] if name in dated else frame
        for name, frame in frames.items()
    }


def opened(folder: Path, frames: dict[str, pd.DataFrame], day: str) -> Ledger:
    folder.mkdir(exist_ok=True)
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return open_ledger(connect(folder), day)


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return company()


@pytest.fixture(scope="module")
def ledger(frames, tmp_path_factory) -> Ledger:
    return opened(tmp_path_factory.mktemp("cash"), frames, LAST)


@pytest.fixture(scope="module")
def result(ledger) -> Collections:
    return forecast_collections(ledger, REGIONS, PARAMS)


@pytest.fixture(scope="module")
def then(frames, tmp_path_factory) -> Collections:
    """Forecast as made earlier: from tables that hold later rows too."""
    return forecast_collections(opened(tmp_path_factory.mktemp("then"), frames, EARLIER), REGIONS)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Ledger:
    """One payer, 100.00 every week of two years, each paid two weeks later: 40 %, then the rest."""
    issued = pd.date_range("2023-01-04", periods=104, freq="7D")
    ids = [f"I{k:03d}" for k in range(104)]
    invoices = pd.DataFrame(
        {"invoice_id": ids, "customer_id": "A", "issued_on": issued, "amount": 100.0,
         "term_days": 14}
    )  # fmt: skip
    parts = [
        pd.DataFrame({"invoice_id": ids, "paid_on": issued + pd.Timedelta(days=d), "amount": a})
        for d, a in ((14, 40.0), (21, 60.0))
    ]
    payments = pd.concat(parts, ignore_index=True).assign(customer_id="A", method="bill")
    payments["payment_id"] = [f"P{k:03d}" for k in range(len(payments))]
    customers = pd.DataFrame({"customer_id": ["A"], "region_id": ["east"]})
    tables = {"invoices": invoices, "payments": payments}
    seen = until(tables | {"customers": customers}, "2024-12-30")
    return opened(tmp_path_factory.mktemp("small"), seen, "2024-12-30")


# --- contract


def test_columns_weeks_and_dates(result):
    assert result.status == "ok"
    assert list(result.backtest.columns) == COLUMNS
    assert list(result.by_week.columns) == COLUMNS[:-1]
    here = result.by_week[(result.by_week.region_id == "all") & (result.by_week.scope == ISSUED)]
    assert here.week.tolist() == [*range(1, 14), 0]
    assert here.starts_on.iloc[0] == pd.Timestamp("2025-07-01")
    assert here.ends_on.iloc[0] == pd.Timestamp("2025-07-07")
    assert (here.ends_on.iloc[-1] - pd.Timestamp(LAST)).days == 91
    figure = result.figure()
    assert list(figure.columns) == ["week", "expected", "low", "high", "naive"]
    assert len(figure) == 13


def test_the_expected_lies_in_its_interval_and_cash_is_never_negative(result):
    rows = pd.concat([result.by_week, result.backtest]).dropna(subset=["low"])
    assert (rows.low >= 0).all()
    assert (rows.expected <= rows.high).all()
    assert (rows.low <= rows.expected).mean() > 0.95


def test_weeks_add_up_to_their_sum_and_leaves_to_the_company(result):
    wide = result.by_week.pivot_table(index=["scope", "region_id"], columns="week",
                                      values="expected")  # fmt: skip
    assert np.allclose(wide.drop(columns=0).sum(axis=1), wide[0], atol=0.1)
    by_region = wide[0].unstack("region_id")
    assert np.allclose(by_region["0012"] + by_region["east"], by_region["all"], atol=0.1)
    assert np.allclose(by_region["china"], by_region["all"], atol=0.1)


def test_all_cash_holds_what_is_issued_and_never_expects_more_than_is_open(result, ledger):
    sums = result.by_week[(result.by_week.region_id == "all") & (result.by_week.week == 0)]
    issued, whole = (sums[sums.scope == scope].expected.iloc[0] for scope in (ISSUED, ALL_CASH))
    assert issued < whole
    assert issued <= ledger.items.open_cents.sum() / 100


def test_the_actual_of_all_cash_is_the_cash_of_the_ledger(result, ledger):
    made = ledger.allocations[ledger.allocations.source == "payment"]
    row = result.backtest.query("region_id == 'all' and scope == 'all_cash' and week == 1").iloc[5]
    days = made.day.to_numpy().astype("datetime64[D]")
    inside = (days >= np.datetime64(row.starts_on, "D")) & (days <= np.datetime64(row.ends_on, "D"))
    assert row.actual == made.cents[inside].sum() / 100


def test_a_region_and_a_group_of_regions(result):
    east = result.for_region("east")
    assert set(east.by_week.region_id) == {"east"}
    assert "CNY" in east.sentence
    bare = result.for_region("bare")
    assert bare.status == "not_enough_data"
    assert "bare" in bare.sentence


def test_the_sentence_says_what_it_covers(result):
    assert "already issued" in result.sentence
    assert "not issued yet" in result.sentence


# --- accuracy


def test_intervals_cover_and_the_forecast_beats_the_last_eight_weeks(result):
    table = result.accuracy().set_index("scope")
    assert (table.weeks >= 100).all()
    assert (table.coverage >= 0.85).all()
    assert (table.mean_width < 3 * table.mean_actual).all()
    assert (table.coverage_low < table.coverage).all()
    assert (table.error_expected < table.error_naive_recent).all()
    assert (table.error_expected < table.error_naive_last_year).all()


def test_last_quarters_forecasts_stand_beside_what_came(result):
    table = result.quarters()
    assert set(table.scope) == {ISSUED, ALL_CASH}
    assert table.actual.notna().all()
    assert table.made_on.max() == pd.Timestamp(EARLIER)
    assert (table.expected / table.actual).between(0.7, 1.3).all()


# --- time


def test_deleting_the_future_changes_nothing(frames, then, tmp_path):
    cut = forecast_collections(opened(tmp_path, until(frames, EARLIER), EARLIER), REGIONS)
    pd.testing.assert_frame_equal(then.by_week, cut.by_week)
    pd.testing.assert_frame_equal(then.backtest, cut.backtest)


def test_the_backtest_says_what_the_forecast_of_that_day_said(then, result):
    back = result.backtest[result.backtest.made_on == pd.Timestamp(EARLIER)]
    keys = ["region_id", "scope", "week"]
    both = then.by_week.merge(back, on=keys, suffixes=("", "_back"))
    assert len(both) == len(then.by_week)
    for name in ("expected", "low", "high", "naive_recent", "naive_last_year"):
        assert np.allclose(both[name], both[f"{name}_back"], rtol=1e-6, equal_nan=True)


def test_an_unfinished_week_has_no_actual(result):
    rows = result.backtest
    assert rows.actual.isna().equals(rows.ends_on > pd.Timestamp(LAST))


# --- invariance


def test_row_order_does_not_matter(frames, result, tmp_path):
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in frames.items()}
    again = forecast_collections(opened(tmp_path / "s", shuffled, LAST), REGIONS)
    pd.testing.assert_frame_equal(again.by_week, result.by_week)


# --- known answers


def test_money_follows_cents_not_items(small):
    day = small.day - 91
    points = owed_on_days(small, [day])
    cash, other = settled_weekly(small, points, 4)
    assert points.open_cents.sum() == 100_00 + 100_00 + 60_00
    assert cash.sum(axis=0).tolist() == [100_00, 100_00, 60_00, 0]
    assert not other.any()


def test_a_part_paid_teaches_its_share(small):
    day = small.day - 91
    points = owed_on_days(small, [day]).assign(weight=1.0)
    lessons = Lessons.of(small, open_book(small, points, PARAMS), 3)
    assert sorted(lessons.paid.round(6)) == [0.0, 0.4, 0.4, 1.0, 1.0, 1.0]
    assert not lessons.gone.any()


def test_undated_items_teach_in_silence(small, tmp_path):
    """Without any due date some features are known of no item: they say nothing, without noise."""
    names = ["invoice_id", "customer_id", "issued_on", "region_id"]
    bills = small.items[names].assign(amount=100.0)
    paid = small.allocations.merge(bills[["invoice_id"]], left_on="item", right_index=True)
    payments = pd.DataFrame(
        {"payment_id": paid.settlement_id, "invoice_id": paid.invoice_id,
         "paid_on": pd.to_datetime(paid.day, unit="D"), "amount": paid.cents / 100}
    )  # fmt: skip
    customers = pd.DataFrame({"customer_id": ["A"], "region_id": ["east"]})
    frames = {"invoices": bills.drop(columns="region_id"), "payments": payments}
    undated = opened(tmp_path, frames | {"customers": customers}, "2024-12-30")
    assert undated.items.due_on.isna().all()
    points = owed_on_days(undated, [undated.day - 91, undated.day - 121]).assign(weight=1.0)
    book = open_book(undated, points, PARAMS)
    assert book[BOOK_COLUMNS].isna().all().any()
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        learnt = Lessons.of(undated, book, 3).fit(undated.day)
        shares = learnt.shares(book, 3)
        forecast_collections(undated, REGIONS)
    assert np.isfinite(learnt.centre).all() and (learnt.scale > 0).all()
    assert ((shares > 0) & (shares < 1)).all()


def test_steady_issuing_paid_after_two_weeks(small):
    slices = RegionSlices.of(small, REGIONS)
    cash, spread = Issuing.of(small, slices).expected(small.day, 5)
    assert np.allclose(cash[0] / 100, [0, 0, 40, 100, 100], rtol=0.1)
    assert (spread[0] < 20_00).all()


def test_habits_of_a_steady_payer(small):
    points = pd.DataFrame({"item": [0], "day": [small.day]})
    habits = paying_habits(small, points, 0.001).iloc[0]
    assert habits.usual == pytest.approx(7.0)
    assert habits.by_month == 0


def test_what_falls_into_a_week():
    ends = np.array(["2025-02-02", "2025-03-31", "2025-06-15"], "datetime64[D]").astype("int64")
    table = pay_weeks(ends)
    assert table.festival.round(3).tolist() == [0.857, 0, 0]
    assert table.quarter_end.tolist() == [0, 1, 0]
    assert table.in_slot_4.round(3).tolist() == [round(3 / 7, 3), round(3 / 7, 3), 0]
    assert table.workdays.round(3).tolist() == [round(1 / 7, 3), round(5 / 7, 3), round(5 / 7, 3)]
    assert days_of_month(ends).tolist() == [1, 30, 14]
    february = np.array(["2025-02-28"], "datetime64[D]").astype("int64")
    assert days_of_month(february).tolist() == [30]


@examples(max_examples=30, deadline=None)
@given(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    st.floats(-1000, 3000),
    st.integers(1, 26),
)
def test_no_more_than_all_of_it_can_come(numbers, overdue, weeks):
    constant, gone = numbers
    hazard = CashHazard(np.zeros(0), np.zeros(0), np.zeros(0), constant, np.full(4, abs(gone) / 3))
    book = pd.DataFrame({"days_past_due": [overdue, np.nan], "day": 20000, "item": [0, 1]})
    shares = hazard.shares(book, weeks)
    assert (shares >= 0).all()
    assert (shares.sum(axis=1) <= 1 + 1e-9).all()


def test_the_draw_of_a_day_depends_on_that_day_alone():
    points = pd.DataFrame(
        {"item": range(400), "day": np.repeat([100, 128], 200), "open_cents": range(1, 401)}
    )
    both = sampled(points, 20, 1)
    one = sampled(points[points.day == 128], 20, 1)
    pd.testing.assert_frame_equal(both[both.day == 128].reset_index(drop=True), one)


# --- edges and bad input


def test_little_history_is_said(frames, small, tmp_path):
    short = forecast_collections(opened(tmp_path / "a", frames, "2023-10-31"), REGIONS)
    assert short.status == "not_enough_data"
    assert "364" in short.reason
    assert short.by_week.empty
    few = forecast_collections(small, REGIONS)
    assert few.status == "not_enough_data"
    assert "200" in few.reason
    assert few.reason in few.sentence


def test_one_payer_whose_every_invoice_is_paid_alike(small):
    few = DelinquencyParams(min_invoices=50)
    found = forecast_collections(small, REGIONS, few)
    assert found.status == "ok"
    weeks = found.figure(ALL_CASH)
    assert weeks.expected.sum() == pytest.approx(1300, rel=0.1)


def test_no_invoice_at_all(tmp_path):
    frame = pd.DataFrame({"invoice_id": ["I1"], "customer_id": ["A"], "amount": [1.0]})
    frames = {"invoices": frame.assign(issued_on=pd.Timestamp("2025-01-01"))}
    for day in ("2024-01-01", LAST):
        found = forecast_collections(opened(tmp_path / day, frames, day), REGIONS)
        assert found.status == "not_enough_data"


def test_items_without_a_region_belong_to_the_company_alone(frames, tmp_path):
    customers = frames["customers"].assign(region_id=None)
    lost = forecast_collections(opened(tmp_path / "n", frames | {"customers": customers}, LAST),
                                REGIONS)  # fmt: skip
    assert set(lost.by_week.region_id) == {"all"}
    assert lost.by_week.expected.gt(0).any()


@pytest.mark.parametrize("weeks", [0, -1, 27])
def test_weeks_out_of_range_are_refused(ledger, weeks):
    with pytest.raises(ValueError, match=f"weeks: {weeks}: give 1 to 26"):
        forecast_collections(ledger, REGIONS, PARAMS, weeks=weeks)


def test_the_backtest_alone(small):
    few = DelinquencyParams(min_invoices=50)
    found = forecast_collections(small, REGIONS, few, weeks=2).backtest
    pd.testing.assert_frame_equal(backtest_collections(small, REGIONS, few, weeks=2), found)
