"""Exceptions: what is strange is found, what is season or noise is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.params import TargetsParams
from insights.targets.exceptions import EXCEPTIONS, exceptions
from insights.targets.forecast import look_ahead
from target_sales import company, workdays

PARAMS = TargetsParams()
CALENDAR = workdays()
AS_OF = "2025-06-30"


def _found(days: pd.DataFrame, as_of: str = AS_OF) -> pd.DataFrame:
    return exceptions(look_ahead(days, CALENDAR, as_of, PARAMS), PARAMS)


def _changed(days: pd.DataFrame, scope_id: str, since: str, factor: float) -> pd.DataFrame:
    hit = (days.scope_id == scope_id) & (days.day >= since)
    cents = days.amount_cents.where(~hit, (days.amount_cents * factor).round().astype("int64"))
    return days.assign(amount_cents=cents)


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    return company(10, 42, 0.06)


def test_a_month_that_broke_off_is_found_and_first(days: pd.DataFrame) -> None:
    rows = _found(_changed(days, "r3", "2025-06-01", 0.4))
    assert list(rows.columns) == list(EXCEPTIONS)
    first = rows.iloc[0]
    assert (first.scope, first.scope_id, first.exception) == ("region", "r3", True)
    assert first.window_months == 1 and first.relative == pytest.approx(-0.6, abs=0.12)
    assert first.money == pytest.approx(first.came - first.expected)
    assert first.reason.startswith(f"{first.relative:+.1%} against season and level in 2025-06")


def test_a_slow_slide_shows_over_more_months(days: pd.DataFrame) -> None:
    rows = _found(_changed(days, "r3", "2025-04-01", 0.75)).set_index("scope_id")
    assert rows.exception["r3"] and rows.money["r3"] < 0
    assert rows.window_months["r3"] == 3


def test_season_and_noise_are_no_exceptions() -> None:
    listed = [
        _found(company(10, 42, 0.06, seed), as_of).exception.sum()
        for seed in (11, 12)
        for as_of in ("2025-03-31", "2025-06-30")
    ]
    assert np.mean(listed) <= 0.5  # of eleven scopes; the quarter's place swings by a half


def test_exceptions_come_first_and_dearest_first(days: pd.DataFrame) -> None:
    both = _changed(_changed(days, "r3", "2025-06-01", 0.4), "r4", "2025-06-01", 1.8)
    rows = _found(both)
    assert {"r3", "r4"} <= set(rows.scope_id[rows.exception])
    for told in (True, False):
        sizes = rows.money[rows.exception == told].abs()
        assert sizes.is_monotonic_decreasing
    assert rows.exception.astype(int).is_monotonic_decreasing
    assert not rows.duplicated(["scope", "scope_id"]).any()
    assert (rows.exception == (rows.q_value <= PARAMS.exception_rate)).all()


def test_later_sales_and_order_change_nothing(days: pd.DataFrame) -> None:
    told = _found(days[days.day <= "2025-03-31"], "2025-03-31")
    wild = _changed(days, "r3", "2025-04-01", 0.0).sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(_found(wild, "2025-03-31"), told)


def test_too_short_a_history_lists_nothing(days: pd.DataFrame) -> None:
    for as_of in ("2022-01-15", "2022-09-30", "2023-05-31"):
        rows = _found(days, as_of)
        assert rows.empty and list(rows.columns) == list(EXCEPTIONS)
    assert _found(days.head(0)).empty


def test_sales_where_none_were_expected_are_left_to_others(days: pd.DataFrame) -> None:
    silent = days[(days.scope_id == "r0") & (days.day < "2024-01-01")].assign(scope="channel")
    again = silent[silent.day < "2022-03-01"].assign(day=pd.Timestamp("2025-06-10"))
    rows = _found(pd.concat([days, silent, again]))
    assert np.isfinite(rows.p_value).all()
