"""Development priority and white space: hand-computed tables and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.params import SegmentationParams
from insights.segmentation.priority import priority, priority_summary
from insights.segmentation.white_space import white_space

NAN = float("nan")
TWO = SegmentationParams(white_space_peers=2)
LINES = ["customer_id", "product_line", "amount"]


def frame(rows: dict[str, tuple[object, ...]], *columns: str) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(columns))
    return table.rename_axis("customer_id")


@pytest.fixture
def ranked_customers() -> pd.DataFrame:
    return frame(
        {
            "t1": ("3A", "hospital", "trial", NAN, 0.0, 300.0),
            "t2": ("3A", "hospital", "loyal", 5.0, 100.0, 200.0),
            "t3": ("2A", "hospital", None, 9.0, 50.0, 150.0),
            "t4": ("2A", "hospital", None, NAN, 0.0, NAN),
            "t5": ("9Z", "hospital", "wooed", NAN, NAN, 100.0),
            "t6": (None, "pharmacy", "none", 3.0, 10.0, 5.0),
            "t7": (None, None, None, NAN, NAN, NAN),
        },
        "hospital_level",
        "customer_type",
        "relationship_stage",
        "recency_days",
        "monetary_value",
        "potential",
    )


def test_priority_by_hand(ranked_customers):
    table = priority(ranked_customers)
    rows = table.sort_index()
    assert rows.level.tolist() == ["3A", "3A", "2A", "2A", "9Z", "pharmacy", "unknown"]
    assert rows.developed.tolist() == [False, True, True, False, False, True, False]
    np.testing.assert_allclose(rows.headroom, [300.0, 100.0, 100.0, NAN, NAN, 0.0, NAN])
    # Half is the median headroom of 300, 100, 100. t4 takes 2A's median, t5 and t7 that of all.
    np.testing.assert_allclose(rows.headroom_score, [75.0, 50.0, 50.0, 50.0, 50.0, 0.0, 50.0])
    np.testing.assert_allclose(rows.access, [0.7, 1.0, 0.9, 0.3, 0.3, 0.3, 0.3])
    np.testing.assert_allclose(rows.score, [52.5, 50.0, 36.0, 12.0, 4.5, 0.0, 4.5])
    assert table.index.tolist() == ["t1", "t2", "t3", "t4", "t5", "t7", "t6"]


def test_priority_says_why(ranked_customers):
    why = priority(ranked_customers).why
    assert why["t1"] == "3A, weight 1; headroom 300 CNY a year; stage trial"
    assert why["t3"].endswith("stage not known, taken as use, it has bought")
    assert why["t4"] == (
        "2A, weight 0.8; headroom not known, its like's taken; "
        "stage not known, taken as none, it never bought"
    )
    assert "stage wooed is no known code, taken as none" in why["t5"]


def test_priority_summary_by_hand(ranked_customers):
    white = pd.DataFrame(
        {"customer_id": ["t1", "t1", "t3", "t9"], "expected": [10.0, 5.0, 2.0, 99.0]}
    )
    summary = priority_summary(priority(ranked_customers), white)
    assert summary.index.tolist() == ["3A", "2A", "9Z", "pharmacy", "unknown"]
    assert summary.terminals.tolist() == [2, 2, 1, 1, 1]
    assert summary.developed.tolist() == [1, 1, 0, 1, 0]
    assert summary.not_developed.tolist() == [1, 1, 1, 0, 1]
    assert summary.penetration_percent.tolist() == [50.0, 50.0, 0.0, 100.0, 0.0]
    np.testing.assert_allclose(summary.headroom, [400.0, 100.0, NAN, 0.0, NAN])
    assert summary.headroom_unknown.tolist() == [0, 1, 1, 0, 1]
    assert summary.white_space.tolist() == [15.0, 2.0, 0.0, 0.0, 0.0]


def test_a_stored_headroom_scores_one_customer_as_in_the_batch(ranked_customers):
    fixed = SegmentationParams(priority_headroom=100.0)
    batch = priority(ranked_customers, fixed)
    for one in ("t1", "t2", "t3", "t6"):
        alone = priority(ranked_customers.loc[[one]], fixed)
        pd.testing.assert_frame_equal(alone, batch.loc[[one]])


def test_without_potential_or_any_trait_the_order_is_by_id():
    bare = priority(pd.DataFrame(index=pd.Index(["b", "a"], name="customer_id")))
    assert bare.index.tolist() == ["a", "b"] and not bare.developed.any()
    assert bare.headroom.isna().all() and (bare.score == 50 * 0.3 * 0.3).all()
    summary = priority_summary(bare, pd.DataFrame({"customer_id": [], "expected": []}))
    assert summary.headroom.isna().all() and summary.white_space.tolist() == [0.0]


@pytest.fixture
def white_customers() -> pd.DataFrame:
    return frame(
        {
            "a": ("3A", 110.0, 100.0),
            "b": ("3A", 300.0, 200.0),
            "c": ("3A", 200.0, NAN),
            "d": ("3A", 20.0, 400.0),
            "e": ("2A", 0.0, 30.0),
        },
        "hospital_level",
        "monetary_value",
        "potential",
    )


@pytest.fixture
def bought() -> pd.DataFrame:
    rows = [
        ("a", "X", 60.0),
        ("a", "X", 40.0),
        ("a", "Y", 10.0),
        ("b", "X", 300.0),
        ("b", "Y", 0.1),
        ("b", "Y", 0.2),
        ("b", "Y", -0.3),  # returned whole: not bought, though 0.1 + 0.2 is a digit above 0.3
        ("c", "X", 200.0),
        ("d", "Y", 20.0),
        ("d", None, 7.0),
    ]
    return pd.DataFrame(rows, columns=LINES)


def test_white_space_by_hand(white_customers, bought):
    table = white_space(white_customers, bought, TWO)
    found = table.set_index(["customer_id", "product_line"])
    # Y: two of the three other 3A buyers take 10 and 20; their potentials 100 and 400.
    # X: all three others of d; amounts 100, 300, 200; potentials 100, 200, unknown.
    # e has no buyer of its level: against all four. X 3 of 4, Y 2 of 4.
    wanted = {
        ("d", "X"): ("3A", 1.0, 3, 380.0),  # 200 x 400/150 = 533, room 400 - 20
        ("e", "X"): ("all terminals", 0.75, 4, 30 * 50 / 53.75),  # 200 x 0.25 = 50, room 30
        ("c", "Y"): ("3A", 2 / 3, 3, 15.0),  # potential unknown: the median
        ("e", "Y"): ("all terminals", 0.5, 4, 30 * 3.75 / 53.75),  # 15 x 0.25 = 3.75
        ("b", "Y"): ("3A", 2 / 3, 3, 0.0),  # buys more than its potential
    }
    assert list(found.index) == list(wanted)
    for key, (group, share, peers, expected) in wanted.items():
        row = found.loc[key]
        assert (row.peer_group, row.peers) == (group, peers)
        assert row.peer_share == pytest.approx(share) and row.expected == pytest.approx(expected)


def test_too_few_buying_terminals_claim_no_white_space(white_customers, bought):
    assert white_space(white_customers, bought).empty  # four buy, ten are needed
    assert white_space(white_customers.loc[["a"]], bought[bought.customer_id == "a"], TWO).empty
    table = white_space(white_customers, bought.iloc[:0], TWO)
    assert table.empty and table.columns.tolist()[0] == "customer_id"


FEN = st.integers(-5000, 10**8).map(lambda fen: fen / 100)


@given(
    st.lists(st.tuples(st.integers(0, 14), st.sampled_from("XYZ"), FEN), max_size=60),
    st.lists(st.one_of(st.just(NAN), st.floats(0, 1e6)), min_size=15, max_size=15),
)
@settings(max_examples=30, deadline=None)
def test_laws_of_white_space(rows, potentials):
    customers = pd.DataFrame({"potential": potentials}, index=[f"c{i:02d}" for i in range(15)])
    customers["hospital_level"] = ["3A", "2A", None] * 5
    bought = pd.DataFrame([(f"c{i:02d}", line, v) for i, line, v in rows], columns=LINES)
    customers["monetary_value"] = (
        bought.groupby("customer_id").amount.sum().reindex(customers.index).fillna(0.0)
    )
    table = white_space(customers, bought, TWO)
    pd.testing.assert_frame_equal(white_space(customers[::-1], bought[::-1], TWO), table)
    net = bought.groupby(["customer_id", "product_line"]).amount.sum()
    taken = set(net[net > 1e-6].index)
    assert taken.isdisjoint(zip(table.customer_id, table.product_line, strict=True))
    assert table.peer_share.between(0.5, 1).all() and (table.peers >= 2).all()
    room = (customers.potential - customers.monetary_value.clip(lower=0)).clip(lower=0)
    together = table.groupby("customer_id").expected.sum()
    capped = room.reindex(together.index).dropna()
    assert (together[capped.index] <= capped * (1 + 1e-9) + 1e-9).all()


def test_bad_purchases_are_named_at_once(white_customers, bought):
    bad = pd.concat(
        [bought, pd.DataFrame([("z", "X", 1.0), ("a", "X", None), ("b", "X", "?")], columns=LINES)]
    )
    with pytest.raises(ValueError) as caught:
        white_space(white_customers, bad, TWO)
    words = str(caught.value)
    assert "line_purchases: amount: empty in 1 rows" in words
    assert "amount: not a number for b (?)" in words and "customer_id: z not in customers" in words
    with pytest.raises(ValueError, match="line_purchases: no column amount"):
        white_space(white_customers, bought[["customer_id", "product_line"]], TWO)
