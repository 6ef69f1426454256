"""The gates on companies whose months differ: Spring Festival, monthly flows, few rows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from insights.check import check_quality
from insights.check.days import end_of_data
from insights.check.gates import held_of_days
from insights.check.months import months_of, working_days
from insights.params import GatesParams
from insights.tables import connect

PARAMS = GatesParams(tables=("orders",))
FESTIVALS = [("2024-02-04", "2024-02-18"), ("2025-01-23", "2025-02-06"),
             ("2026-02-11", "2026-02-25")]  # fmt: skip


def open_days(first, last, closed=FESTIVALS, a_day=2):
    on = pd.date_range(first, last)
    for begins, ends in closed:
        on = on[(on < begins) | (on > ends)]
    return pd.Series(a_day, index=on, dtype="int64")


def held(days, as_of, params=PARAMS):
    return held_of_days({"orders": days}, dt.date.fromisoformat(as_of), params)


def test_a_company_closed_around_spring_festival_is_not_half_loaded():
    days = open_days("2024-01-01", "2026-02-28")
    month = int(days["2026-02"].sum())
    assert month / days["2025-03":"2026-01"].groupby(lambda day: day.month).sum().median() < 0.5
    assert held(days, "2026-02-28") == ()
    assert held(open_days("2025-03-01", "2026-02-28"), "2026-02-28") == ()


def test_a_company_with_little_business_every_february_does_not_stop():
    days = open_days("2024-01-01", "2026-02-28", ())
    days[(days.index.month == 2) & (days.index.day > 5)] = 0
    assert held(days[days > 0], "2026-02-28") == ()


def test_half_a_february_is_half_loaded_and_both_months_are_said():
    days = open_days("2024-01-01", "2026-02-28")
    told = held(days[days.index <= "2026-02-05"], "2026-02-28")
    assert [one.kind for one in told] == ["half loaded"]
    assert "2026-02 has 10 rows" in told[0].words
    assert "2025-02 had 44" in told[0].words
    young = open_days("2025-06-01", "2026-02-05")
    assert [one.kind for one in held(young, "2026-02-28")] == ["half loaded"]


def test_a_hole_a_year_earlier_hides_no_half_loaded_month():
    days = open_days("2024-01-01", "2026-06-10")
    hole = (days.index >= "2025-06-01") & (days.index < "2025-07-01")
    assert [one.kind for one in held(days[~hole], "2026-06-30")] == ["half loaded"]


def test_working_days_are_those_of_the_state_council_else_weekdays():
    months = pd.DatetimeIndex(["2025-01-01", "2026-02-01", "1999-03-01"])
    assert working_days(months).tolist() == [19, 16, 23]


def test_what_is_dated_by_the_first_of_its_month_ends_with_the_month():
    first = pd.Series(30, index=pd.date_range("2025-01-01", "2025-10-01", freq="MS"))
    assert end_of_data("channel_flow", first, dt.date(2025, 10, 1)) == dt.date(2025, 10, 31)
    mixed = pd.concat([first, pd.Series(1, index=pd.DatetimeIndex(["2025-10-07"]))])
    assert end_of_data("channel_flow", mixed, dt.date(2025, 10, 7)) == dt.date(2025, 10, 7)
    assert end_of_data("orders", first.head(1), dt.date(2025, 1, 1)) == dt.date(2025, 1, 1)
    flow = GatesParams(tables=("channel_flow",))
    assert held_of_days({"channel_flow": first}, dt.date(2025, 12, 20), flow) == ()


def test_three_payments_in_two_years_are_not_stale(write_source):
    on = pd.to_datetime(["2024-03-05", "2025-01-20", "2025-11-02"]).date
    rare = pd.Series(1, index=pd.DatetimeIndex(on))
    assert held(rare, "2026-05-31") == ()
    assert held(rare.head(1), "2026-05-31") == ()
    assert [one.kind for one in held(rare, "2028-05-31")] == ["stale"]
    rows = pd.DataFrame({"payment_id": ["1", "2", "3"], "customer_id": "1", "paid_on": on,
                         "amount": 1.0})  # fmt: skip
    found = check_quality(connect(write_source(payments=rows)), "2026-05-31")
    assert found.held == ()
    assert "none" not in set(found.months.state)
    assert not any("few or no rows" in reason for reason in found.verdict.reasons)
    assert found.tables.bound.tolist() != [45]


def test_a_small_table_that_stops_is_stale_all_the_same():
    days = pd.Series(1, index=pd.date_range("2024-01-01", "2025-06-30", freq="3D"))
    assert [one.kind for one in held(days, "2025-12-31")] == ["stale"]
    span = (dt.date(2024, 1, 1), dt.date(2025, 12, 31))
    missing = days[(days.index < "2025-02-01") | (days.index >= "2025-03-01")]
    months = months_of("orders", missing, span, span[1], PARAMS).set_index("month").state
    assert months["2025-02-01"] == "none"


def test_a_steady_table_keeps_the_bound_of_the_params():
    days = pd.Series(np.full(24, 60), index=pd.date_range("2024-01-01", periods=24, freq="MS"))
    assert [one.kind for one in held(days, "2026-03-31")] == ["stale"]
