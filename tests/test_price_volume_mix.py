"""Price, volume and mix add up to the change in money, for any goods."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.features.price_volume_mix import SOLD, price_volume_mix, products_sold
from insights.features.windows import season_windows
from insights.strategy.comparable.prices import price_move, split_words, vbp_words
from insights.tables import connect


def sold(*rows, **changes):
    """Rows of product, line, quantity and amount before, quantity and amount after."""
    names = ["product_id", "product_line", "quantity_before", "amount_before"]
    frame = pd.DataFrame(rows, columns=[*names, "quantity_after", "amount_after"])
    rest = {"unit_id": "U", "vbp_on": pd.NaT, "list_price": np.nan}
    rest |= {"loose_before": 0.0, "loose_after": 0.0} | changes
    return frame.assign(**rest).loc[:, list(SOLD)]


def test_a_price_cut_is_price_alone():
    split = price_volume_mix(sold(("A", "L", 10.0, 100.0, 10.0, 40.0)))
    assert (split.price, split.volume, split.mix) == (-60.0, 0.0, 0.0)


def test_a_table_worked_by_hand():
    # A: 10 at 10, then 20 at 9; B: 10 at 30, then 10 at 30. Value of before 400, of after 500.
    rows = sold(("A", "L", 10.0, 100.0, 20.0, 180.0), ("B", "L", 10.0, 300.0, 10.0, 300.0))
    split = price_volume_mix(rows)
    assert split.price == pytest.approx(-20)
    assert split.volume == pytest.approx(200)  # half as many goods again, at 20 each
    assert split.mix == pytest.approx(-100)  # but the cheaper ones
    assert split.change == pytest.approx(80)
    assert price_move(rows) == pytest.approx(-20 / 500)


def test_lines_are_not_added_up_as_pieces():
    rows = sold(("A", "tablets", 1000.0, 1000.0, 2000.0, 2000.0), ("B", "mri", 1.0, 1e6, 1.0, 1e6))
    split = price_volume_mix(rows)
    assert split.volume == pytest.approx(1000)
    assert split.mix == pytest.approx(0)


def test_new_and_vanished_products_are_no_price_change():
    rows = sold(("A", "L", 10.0, 100.0, 0.0, 0.0), ("N", "L", 0.0, 0.0, 5.0, 200.0))
    split = price_volume_mix(rows)
    assert split.price == 0
    assert split.volume + split.mix == pytest.approx(100)
    assert (split.new, split.vanished) == (200.0, 100.0)
    assert "not sold before +200.0%" in split_words(split)
    assert "no longer sold -100.0%" in split_words(split)


def test_money_without_goods_is_volume_and_is_said():
    split = price_volume_mix(sold(("A", "L", 10.0, 100.0, 10.0, 100.0), loose_after=50.0))
    assert (split.price, split.volume, split.loose, split.change) == (0.0, 50.0, 50.0, 50.0)
    assert "had no quantity" in split_words(split)


def test_nothing_sold_has_no_parts():
    split = price_volume_mix(sold())
    assert split.change == 0
    assert np.isnan(price_move(sold()))
    assert split_words(split).startswith("nothing was sold before")


COUNT = st.integers(-50, 500)
MONEY = st.integers(-10_000, 1_000_000).map(lambda cents: cents / 100)
ROW = st.tuples(st.sampled_from("ABCDEF"), st.just("x"), COUNT, MONEY, COUNT, MONEY)


@given(st.lists(ROW, max_size=12), st.randoms(use_true_random=False))
def test_the_parts_add_up_and_order_does_not_matter(rows, shuffle):
    placed = [(one[0], "LM"[ord(one[0]) % 2], *one[2:]) for one in rows]
    split = price_volume_mix(sold(*placed))
    scale = abs(split.price) + abs(split.volume) + abs(split.mix) + 1
    total = split.price + split.volume + split.mix
    assert total == pytest.approx(split.change, abs=1e-9 * scale)
    shuffle.shuffle(placed)
    again = price_volume_mix(sold(*placed))
    assert again.price == pytest.approx(split.price, abs=1e-9 * scale)
    assert again.volume == pytest.approx(split.volume, abs=1e-9 * scale)


@given(st.lists(ROW, min_size=1, max_size=8), st.floats(0.1, 3))
def test_prices_that_all_move_alike_move_by_that_share(rows, factor):
    bought = {one[0]: max(abs(one[2]), 1) for one in rows}
    held = [(p, "L", float(q), 7.0 * q, 2.0 * q, 14.0 * q * factor) for p, q in bought.items()]
    assert price_move(sold(*held)) == pytest.approx(factor - 1)
    split = price_volume_mix(sold(*held))
    assert split.mix == pytest.approx(0, abs=1e-6 * split.before)


class TestWindows:
    def test_a_year_on_either_side(self):
        day = dt.date(2024, 7, 1)
        found = season_windows(day, day, dt.date(2022, 1, 1), dt.date(2025, 12, 31))
        assert found.same_season and found.before_to == day
        assert (found.before_days, found.after_days) == (365, 365)

    def test_a_short_after_is_read_against_the_same_days(self):
        day = dt.date(2025, 3, 1)
        found = season_windows(day, day, dt.date(2022, 1, 1), dt.date(2025, 5, 31))
        assert (found.before_from, found.before_to) == (dt.date(2024, 3, 1), dt.date(2024, 6, 1))
        assert found.same_season

    def test_staggered_starts_leave_what_lies_between_out(self):
        first, last = dt.date(2024, 1, 1), dt.date(2024, 6, 1)
        found = season_windows(first, last, dt.date(2020, 1, 1), dt.date(2025, 12, 31))
        assert found.before_to <= first and found.after_from == last and found.same_season

    def test_short_data_are_said_to_be_of_another_season(self):
        day = dt.date(2024, 7, 1)
        found = season_windows(day, day, dt.date(2024, 1, 1), dt.date(2025, 12, 31))
        assert not found.same_season
        assert (found.before_from, found.before_to) == (dt.date(2024, 1, 1), day)

    def test_no_day_on_a_side_is_no_window(self):
        day = dt.date(2024, 7, 1)
        assert season_windows(day, day, day, dt.date(2024, 12, 31)) is None
        assert season_windows(day, day, dt.date(2022, 1, 1), dt.date(2024, 6, 30)) is None


@pytest.fixture
def company(write_source):
    columns = ["order_id", "customer_id", "product_id", "ordered_on", "quantity", "amount"]
    orders = pd.DataFrame(
        [
            ("1", "H", "V", "2023-08-01", 10, 1000.0),
            ("2", "H", "V", "2024-08-01", 20, 600.0),
            ("3", "H", "W", "2023-09-01", 1, None),
            ("4", "H", "W", "2024-09-01", None, 77.0),
            ("5", "H", "V", "2025-09-01", 99, 1.0),
        ],
        columns=columns,
    ).assign(ordered_on=lambda rows: pd.to_datetime(rows.ordered_on))
    products = pd.DataFrame(
        {"product_id": ["V", "W"], "product_line": ["抗感染", "x"], "list_price": [120.0, 50.0],
         "vbp_on": pd.to_datetime(["2024-07-15", None])}
    )  # fmt: skip
    return connect(write_source(orders=orders, products=products))


def test_what_a_unit_took_as_a_rate_a_year_and_which_event_struck(company):
    day = dt.date(2024, 7, 1)
    windows = season_windows(day, day, dt.date(2023, 1, 1), dt.date(2024, 12, 31))
    rows = products_sold(company, "sales", "customer", windows, dt.date(2024, 12, 31))
    rate = 365 / windows.after_days
    assert list(rows.columns) == list(SOLD)
    v, w = rows.set_index("product_id").loc["V"], rows.set_index("product_id").loc["W"]
    assert (v.quantity_before, v.amount_after) == pytest.approx((10 * rate, 600 * rate))
    assert w.amount_before == pytest.approx(50 * rate)  # no amount: at list price
    assert w.loose_after == pytest.approx(77 * rate)  # no quantity: not at any price
    assert price_move(rows[rows.product_id == "V"]) == pytest.approx(-0.7)
    assert "抗感染 on 2024-07-15 explains 100%" in vbp_words(rows, windows)
    early = products_sold(company, "sales", "customer", windows, dt.date(2024, 8, 15))
    assert early.amount_after.sum() == pytest.approx(600 * rate) and early.loose_after.sum() == 0
