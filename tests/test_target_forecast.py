"""The forecast to period end: known answers, no look ahead, honest intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.params import TargetsParams
from insights.targets.backtest import NAIVE, OURS, REST, backtest_forecast, backtest_scores
from insights.targets.forecast import (
    FORECAST,
    NOTHING,
    OVER,
    PROFILE,
    forecast_period_end,
    look_ahead,
)
from insights.targets.forecast_panel import sales_panel
from target_sales import company, spread, workdays

PARAMS = TargetsParams()
CALENDAR = workdays()
ONE = [("company", "company")]


def _ends(days: pd.DataFrame, as_of: str, grain: str = "quarter") -> pd.DataFrame:
    ahead = look_ahead(days, CALENDAR, as_of, PARAMS)
    return forecast_period_end(ahead, grain, PARAMS).set_index(["scope", "scope_id"])


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    return company()


def test_even_sales_go_on_as_they_are() -> None:
    first = pd.bdate_range("2022-01-01", "2025-12-31")
    even = pd.DataFrame({"scope": "company", "scope_id": "company", "day": first,
                         "amount_cents": 100_000})  # fmt: skip
    found = _ends(even, "2024-05-17").loc[("company", "company")]
    quarter = pd.bdate_range("2024-04-01", "2024-06-30")
    assert found.to_date == 1000.0 * (quarter <= "2024-05-17").sum()
    assert found.expected == pytest.approx(1000.0 * len(quarter), rel=0.005)
    assert found.method == PROFILE


def test_season_by_place_in_quarter_is_learnt() -> None:
    monthly = np.tile([80_000.0, 90_000.0, 130_000.0], 14)[None, :]
    found = _ends(spread(monthly, ONE), "2025-04-30").loc[("company", "company")]
    assert found.to_date == 80_000.0
    assert found.expected == pytest.approx(300_000, rel=0.02)
    assert found.low <= found.expected <= found.high


def test_level_that_fell_is_followed_where_last_year_is_not() -> None:
    monthly = np.where(np.arange(42) < 30, 200_000.0, 100_000.0)[None, :]
    rows = backtest_forecast(
        look_ahead(spread(monthly, ONE), CALENDAR, "2025-06-30", PARAMS), PARAMS
    )
    late = rows[(rows.grain == "month") & (rows.origin >= "2024-12-01") & (rows.point == 0)]
    error = (late.expected - late.actual).abs().groupby(late.method).mean()
    assert error[OURS] < 0.25 * error[NAIVE]


def test_a_period_that_is_over_is_certain(days: pd.DataFrame) -> None:
    found = _ends(days, "2025-03-31")
    assert (found.method == OVER).all()
    assert (found.expected == found.to_date).all()
    assert (found.low == found.high).all() and (found.low == found.to_date).all()
    assert (found.reason == "").all()


def test_regions_add_up_to_the_company(days: pd.DataFrame) -> None:
    for grain in ("month", "quarter", "year"):
        found = _ends(days, "2025-05-15", grain)
        for column in ("to_date", "expected"):
            parts = found.loc["region", column].sum()
            assert parts == pytest.approx(found.loc[("company", "company"), column], rel=1e-9)


@pytest.mark.parametrize("as_of", ["2025-02-28", "2025-05-15", "2025-05-31"])
def test_later_sales_change_nothing(days: pd.DataFrame, as_of: str) -> None:
    hidden = days[days.day <= as_of]
    wild = days.assign(amount_cents=days.amount_cents.where(days.day <= as_of, 10**9))
    for grain in ("month", "quarter", "year"):
        expected = _ends(hidden, as_of, grain)
        pd.testing.assert_frame_equal(_ends(wild, as_of, grain), expected)


def test_an_origin_of_the_backtest_says_what_was_said_on_that_day(days: pd.DataFrame) -> None:
    rows = backtest_forecast(look_ahead(days, CALENDAR, "2025-06-30", PARAMS), PARAMS)
    ours = rows[rows.method == OURS]
    for as_of, origin, point in (
        ("2024-10-31", "2024-11-01", 0.0),
        ("2025-01-31", "2025-02-01", 0.0),
        ("2025-02-14", "2025-02-01", 0.5),  # 10 of 20 working days
    ):
        for grain in ("quarter", "year"):
            then = _ends(days, as_of, grain)
            told = ours[(ours.origin == origin) & (ours.point == point) & (ours.grain == grain)]
            if grain == "year" and origin[:4] == "2025":
                assert told.empty  # 2025 was not over
                continue
            told = told.set_index(["scope", "scope_id"]).loc[then.index]
            assert len(told) == 7
            for column in ("to_date", "expected", "low", "high"):
                np.testing.assert_allclose(told[column], then[column], rtol=1e-9)


def test_rows_in_any_order_give_the_same(days: pd.DataFrame) -> None:
    mixed = days.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(_ends(mixed, "2025-05-15"), _ends(days, "2025-05-15"))


def test_inputs_stay_as_they_are(days: pd.DataFrame) -> None:
    before = days.copy()
    _ends(days, "2025-05-15")
    pd.testing.assert_frame_equal(days, before)


def test_intervals_hold_what_they_promise_and_we_beat_last_year() -> None:
    held, errors = [], []
    for seed in range(3):
        ahead = look_ahead(company(8, 48, 0.1, seed), CALENDAR, "2025-12-31", PARAMS)
        rows = backtest_forecast(ahead, PARAMS)
        scores = backtest_scores(rows).set_index(["scope", "grain", "method"])
        held.append(scores.coverage.xs(OURS, level="method")["region"])
        wape = scores.wape
        errors.append([wape["region", "month", OURS], wape["region", "month", REST]])
    coverage = pd.concat(held, axis=1).mean(axis=1)
    assert coverage.between(0.72, 0.93).all(), coverage
    ours, theirs = np.mean(errors, axis=0)
    assert ours < 0.85 * theirs


def test_scores_are_those_of_a_table_by_hand() -> None:
    rows = pd.DataFrame(
        {
            "scope": "region", "scope_id": ["a", "b"], "grain": "month",
            "period": pd.Timestamp("2024-01-01"), "origin": pd.Timestamp("2024-01-01"),
            "point": 0.0, "method": OURS, "to_date": 0.0, "actual": [100.0, 300.0],
            "expected": [110.0, 280.0], "low": [90.0, 285.0], "high": [130.0, 295.0],
        }
    )  # fmt: skip
    found = backtest_scores(rows).iloc[0]
    assert (found.forecasts, found.periods) == (2, 1)
    assert found.wape == pytest.approx(30 / 400)
    assert found.bias == pytest.approx(-10 / 400)
    assert found.coverage == 0.5
    assert found.width == pytest.approx(25 / 200)


def test_short_history_is_said_not_guessed(days: pd.DataFrame) -> None:
    found = _ends(days, "2022-08-15")
    assert (found.method == NOTHING).all() and found.expected.isna().all()
    assert found.reason.str.contains("not enough history: 7 complete months").all()
    thirteen = _ends(days, "2023-02-15")
    assert thirteen.expected.notna().all() and thirteen.low.isna().all()
    assert thirteen.reason.str.contains("no interval").all()


def test_a_scope_that_just_began_says_so(days: pd.DataFrame) -> None:
    new = days[(days.scope_id == "r0") & (days.day >= "2025-02-01")].assign(scope="channel")
    found = _ends(pd.concat([days, new]), "2025-05-15")
    assert found.loc[("channel", "r0"), "method"] == NOTHING
    assert found.loc[("region", "r0"), "method"] == PROFILE


def test_nothing_sold_and_returns_do_no_harm(days: pd.DataFrame) -> None:
    silent = days[days.scope_id == "r0"].assign(scope="channel", scope_id="x")
    stopped = silent.assign(amount_cents=silent.amount_cents.where(silent.day < "2024-01-01", 0))
    returned = silent.assign(amount_cents=-silent.amount_cents, scope_id="y")
    found = _ends(pd.concat([days, stopped, returned]), "2025-05-15")
    assert found.loc[("channel", "x"), "expected"] == pytest.approx(0, abs=1)
    assert found.loc[("channel", "y"), "to_date"] < 0
    assert np.isfinite(found.expected).all()


def test_no_sale_at_all_gives_no_row(days: pd.DataFrame) -> None:
    found = _ends(days.head(0), "2025-05-15").reset_index()
    assert list(found.columns) == ["scope", "scope_id", *FORECAST[2:]] and found.empty


def test_years_without_a_calendar_are_counted_by_weekday_and_named(days: pd.DataFrame) -> None:
    told = forecast_period_end(look_ahead(days, CALENDAR, "2025-05-15", PARAMS), "year", PARAMS)
    for last, named in (("2025-12-31", False), ("2024-12-31", True)):
        unknown = CALENDAR.assign(is_workday=CALENDAR.is_workday.where(CALENDAR.day <= last))
        for calendar in (unknown, CALENDAR[CALENDAR.day <= last]):
            ahead = look_ahead(days, calendar, "2025-05-15", PARAMS)
            found = forecast_period_end(ahead, "year", PARAMS)
            np.testing.assert_allclose(found.expected, told.expected)  # it has no holidays
            assert (found.reason.str.contains("no calendar of 2025: weekdays") == named).all()
            assert not found.reason.str.contains("2026").any()


def test_a_month_of_holidays_has_shares_all_the_same() -> None:
    closed = CALENDAR.assign(
        is_workday=CALENDAR.is_workday.where(CALENDAR.day.dt.to_period("M") != "2025-05", 0.0)
    )
    panel = sales_panel(company(2), closed, pd.Timestamp("2025-05-15").date())
    assert panel.share == pytest.approx(15 / 31)


def test_a_spring_festival_that_moves_is_followed_by_its_working_days() -> None:
    festivals = ["2022-02-01", "2023-01-16", "2024-02-12", "2025-01-20"]
    off = pd.DatetimeIndex(np.ravel([pd.date_range(day, periods=12) for day in festivals]))
    calendar = CALENDAR.assign(is_workday=CALENDAR.is_workday.where(~CALENDAR.day.isin(off), 0.0))
    worked = calendar.day[(calendar.is_workday > 0) & (calendar.day <= "2025-12-31")]
    even = pd.DataFrame({"scope": "company", "scope_id": "company", "day": worked,
                         "amount_cents": 100_000})  # fmt: skip
    ahead = look_ahead(even, calendar, "2025-12-31", PARAMS)
    rows = backtest_forecast(ahead, PARAMS)
    first = rows[(rows.grain == "month") & (rows.point == 0) & (rows.origin >= "2024-01-01")]
    first = first[first.origin.dt.month <= 2]
    error = (first.expected / first.actual - 1).abs().groupby(first.method).max()
    assert error[OURS] < 0.03 and error[NAIVE] > 0.3
