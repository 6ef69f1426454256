"""The portrait of newly won customers: hand-computed tables, the future hidden, bad rows."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from insights.params import SegmentationParams
from insights.segmentation.newly_won import portrait, portrait_sentence

NAN = float("nan")
D = pd.Timestamp


@pytest.fixture
def won_customers() -> pd.DataFrame:
    levels = {"h1": "2A", "h2": "2A", "h3": "3A", "h4": "1", "h5": None, "h6": "2A"}
    table = pd.DataFrame({"hospital_level": levels}).rename_axis("customer_id")
    return table.assign(region_id=["east", "east", "west", "east", "west", "west"])


@pytest.fixture
def firsts() -> pd.DataFrame:
    rows = [
        ("h1", "2025-05-12", "equipment", "影像设备", 100.0, True),  # Monday of the current week
        ("h2", "2025-05-14", "equipment", "影像设备", 50.0, True),  # as_of itself
        ("h3", "2025-05-13", "drug", "肿瘤", 500.0, True),
        ("h4", "2025-05-11", "drug", None, NAN, True),  # Sunday: the week before
        ("h5", "2025-05-13", "drug", "肿瘤", 9.0, False),  # not covered
        ("h6", "2025-05-15", "drug", "肿瘤", 9.0, True),  # the future
        ("d1", "2025-05-12", "drug", "肿瘤", 9.0, True),  # no terminal
    ]
    columns = "customer_id first_on first_category first_line first_amount covered"
    return pd.DataFrame(rows, columns=columns.split())


AS_OF = "2025-05-14"
THREE = SegmentationParams(portrait_periods=3)


def test_portrait_by_hand(won_customers, firsts):
    table = portrait(firsts, won_customers, AS_OF, "week", THREE)
    shown = table[["period", "what", "which", "customers", "share", "first_amount"]]
    now, before, first = D("2025-05-12"), D("2025-05-05"), D("2025-04-28")
    third = 1 / 3
    wanted = [
        (first, "all", "all", 0, NAN, 0.0),
        (before, "all", "all", 1, 1.0, NAN),
        (before, "level", "1", 1, 1.0, NAN),
        (before, "category", "drug", 1, 1.0, NAN),
        (before, "line", "unknown", 1, 1.0, NAN),
        (before, "region", "east", 1, 1.0, NAN),
        (now, "all", "all", 3, 1.0, 650.0),
        (now, "level", "2A", 2, 2 * third, 150.0),
        (now, "level", "3A", 1, third, 500.0),
        (now, "category", "equipment", 2, 2 * third, 150.0),
        (now, "category", "drug", 1, third, 500.0),
        (now, "line", "影像设备", 2, 2 * third, 150.0),
        (now, "line", "肿瘤", 1, third, 500.0),
        (now, "region", "east", 2, 2 * third, 150.0),
        (now, "region", "west", 1, third, 500.0),
    ]
    pd.testing.assert_frame_equal(
        shown, pd.DataFrame(wanted, columns=shown.columns), check_dtype=False
    )
    assert table.left_out.groupby(table.period).max().tolist() == [0, 0, 2]
    assert table.groupby("period").complete.all().tolist() == [True, True, False]
    assert table.groupby("period").current.all().tolist() == [False, False, True]
    assert table.until.unique().tolist() == [D("2025-05-04"), D("2025-05-11"), D(AS_OF)]


def test_portrait_sentence_is_computed(won_customers, firsts):
    table = portrait(firsts, won_customers, AS_OF, "week", THREE)
    assert portrait_sentence(table, "week") == (
        "This week so far 3 customers were newly won, 67 % of them 2A hospitals; "
        "most needed 影像设备 (2 more first purchases are not counted)."
    )
    quarter = portrait(firsts, won_customers, "2025-06-30", "quarter", THREE)
    assert portrait_sentence(quarter, "quarter") == (
        "This quarter 5 customers were newly won, 60 % of them 2A hospitals; "
        "most needed 肿瘤 (2 more first purchases are not counted)."
    )
    quiet = portrait(firsts, won_customers, "2026-03-31", "month", THREE)
    assert portrait_sentence(quiet, "month") == "This month no customer was newly won."
    one = portrait(firsts, won_customers, "2025-05-11", "week", THREE)
    assert portrait_sentence(one, "week") == (
        "This week 1 customer was newly won, 100 % of them level 1 hospitals; most needed drug."
    )


def test_weeks_are_iso_weeks_across_the_year(won_customers, firsts):
    table = portrait(firsts, won_customers, dt.date(2025, 1, 1), "week", THREE)
    assert table.period.tolist() == [D("2024-12-16"), D("2024-12-23"), D("2024-12-30")]
    assert table.customers.tolist() == [0, 0, 0]


def test_the_future_is_hidden_and_order_is_nothing(won_customers, firsts):
    known = firsts[firsts.first_on <= AS_OF]
    for grain in ("week", "month", "quarter"):
        table = portrait(firsts, won_customers, AS_OF, grain)
        pd.testing.assert_frame_equal(portrait(known, won_customers, AS_OF, grain), table)
        pd.testing.assert_frame_equal(
            portrait(firsts[::-1], won_customers[::-1], AS_OF, grain), table
        )
        sums = table.groupby(["period", "what"]).customers.sum().unstack()
        won = sums[sums["all"] > 0]
        assert won.eq(won["all"], axis=0).all().all()


def test_nobody_won_at_all(won_customers, firsts):
    table = portrait(firsts.iloc[:0], won_customers, AS_OF, "quarter")
    assert len(table) == 8 and (table.what == "all").all() and table.share.isna().all()
    assert portrait_sentence(table, "quarter").startswith("This quarter so far no customer")


def test_small_cells_join_where_asked(won_customers, firsts):
    wide = SegmentationParams(portrait_periods=1, portrait_min_cell=2)
    table = portrait(firsts, won_customers, "2025-06-30", "quarter", wide)
    levels = table[table.what == "level"]
    assert dict(zip(levels.which, levels.customers, strict=True)) == {"2A": 3, "other": 2}


def test_bad_firsts_are_named_at_once(won_customers, firsts):
    bad = pd.concat([firsts, firsts.iloc[[0]]], ignore_index=True)
    bad["first_on"] = bad.first_on.where(bad.index != 1, "sometime").where(bad.index != 2)
    bad["covered"] = bad.covered.astype(object).where(bad.index != 3)
    with pytest.raises(ValueError) as caught:
        portrait(bad, won_customers, AS_OF, "week")
    words = str(caught.value)
    assert "first_purchases: first_on: empty in 1 rows; covered: empty in 1 rows" in words
    assert "duplicated h1" in words and "first_on: not a date for h2 (sometime)" in words
    with pytest.raises(ValueError, match="grain 'day' is unknown; there are week, month, quarter"):
        portrait(firsts, won_customers, AS_OF, "day")
    with pytest.raises(ValueError, match="no column first_line"):
        portrait(firsts.drop(columns="first_line"), won_customers, AS_OF, "week")
