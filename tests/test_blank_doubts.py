"""Blank and repeated cells of which nobody can tell what belongs there: nothing is guessed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.ingest.batches import make_batch
from insights.ingest.mapping import Condition, TablePlan
from insights.ingest.reading import Sheet
from insights.ingest.vocabulary import load_vocabulary

WORDS = load_vocabulary()
HEADS = ["应收单号", "开票日期", "客户编码", "存货名称", "产品线", "价税合计"]
INVOICES = {"invoice_id": "应收单号", "issued_on": "开票日期", "customer_id": "客户编码",
            "product_line": "产品线", "amount": "价税合计"}  # fmt: skip
PAID = ["收款单号", "收款日期", "客户编码", "收款金额"]
PAYMENTS = {"payment_id": "收款单号", "paid_on": "收款日期", "customer_id": "客户编码",
            "amount": "收款金额"}  # fmt: skip


def read(rows, table="invoices", plan=None, shifted=(), **more):
    """Return rows (a blank is None) read as a table, some of them with a cell too many."""
    heads = HEADS if table == "invoices" else PAID
    frame = pd.DataFrame([[cell or None for cell in row] for row in rows], columns=heads,
                         dtype="str")  # fmt: skip
    numbers = np.arange(len(frame))
    sheet = Sheet("a.csv", "", frame, numbers + 2, np.isin(numbers, shifted))
    plan = plan or (INVOICES if table == "invoices" else PAYMENTS)
    return make_batch(sheet, table, TablePlan(columns=plan, **more), WORDS)


def line(n, item="导管", amount="100", of="心内"):
    return [f"Y{n}", "2025-01-05", f"C{n}", item, of, str(amount)]


def below(item="支架", amount="50", of=""):
    return ["", "", "", item, of, str(amount)]


def sound(batch):
    rows = batch.values[batch.sound]
    return dict(zip(rows.invoice_id, rows.amount / 100, strict=True))


# --- sums of invoices on each of their lines ---------------------------------------------------


def totals(count):
    """Return invoices of two and three lines, each of which says the invoice's sum."""
    items = ["支架", "导管", "球囊"]
    return [line(n, item, 1000 + n) for n in range(count) for item in items[: 2 + n % 2]]


def test_one_sum_on_each_line_is_not_multiplied():
    batch = read([line(1, "支架"), line(2, "支架", 2000), line(2, "导管", 2000),
                  line(2, "球囊", 2000), line(3), line(3, "球囊", 40)])  # fmt: skip
    assert sound(batch) == {"Y1": 100, "Y3": 140}
    assert batch.faults.position.tolist() == [1, 2, 3]
    assert "the same amount" in batch.faults.reason[0] and batch.faults.value[0] == "2000"


def test_sums_on_each_line_of_a_whole_sheet_are_taken_once_and_told():
    batch = read([*totals(6), line(90)])
    assert sound(batch) == {**{f"Y{n}": 1000 + n for n in range(6)}, "Y90": 100}
    assert len(batch.faults) == 0
    assert any("repeat the sum of their 6 invoices" in note for note in batch.notes)
    assert not any("added up" in note for note in batch.notes)


def test_among_repeated_sums_lines_that_differ_are_held_back():
    rows = [*totals(12), line(90), line(90, "球囊", 40)]
    batch = read(rows)
    assert sound(batch) == {f"Y{n}": 1000 + n for n in range(12)}
    assert batch.faults.position.tolist() == [len(rows) - 2, len(rows) - 1]


def test_lines_of_one_price_everywhere_are_no_sums():
    rows = [line(n, item) for n in range(9) for item in ("支架", "导管")]
    assert sound(read(rows)) == {}


def test_lines_that_differ_are_added_up_without_a_doubt():
    rows = [line(n, item, amount) for n in range(9) for item, amount in (("支架", 5), ("导管", 7))]
    batch = read([*rows, line(99, "支架", 0), line(99, "导管", 0)])
    assert sound(batch) == {**{f"Y{n}": 12 for n in range(9)}, "Y99": 0}
    assert len(batch.faults) == 0


# --- product lines of an invoice ---------------------------------------------------------------


def test_an_invoice_of_two_product_lines_has_none_and_that_is_told():
    batch = read([line(1), line(1, "支架", 50, "骨科"), line(2), below(), line(3),
                  line(3, "支架", 7)])  # fmt: skip
    assert sound(batch) == {"Y1": 150, "Y2": 150, "Y3": 107}
    assert batch.values.product_line.isna().tolist() == [True, False, False]
    assert any(note.startswith("1 invoices") and "no product line" in note for note in batch.notes)


def test_an_invoice_of_one_product_line_keeps_it():
    batch = read([line(1), line(1, "支架", 50)])
    assert batch.values.product_line.tolist() == ["心内"]
    assert not any("no product line" in note for note in batch.notes)


# --- below rows that are held back -------------------------------------------------------------


def test_a_line_below_a_document_held_back_is_not_that_of_another_one():
    rows = [line(1), line(2, amount=2000), below(amount=700), line(3), below()]
    batch = read(rows, shifted=[1])
    assert sound(batch) == {"Y1": 100, "Y3": 150}
    told = batch.faults.groupby("position").reason.agg("; ".join)
    assert told.index.tolist() == [1, 2]
    assert "row 3 above it is held back" in told[2]


def test_a_document_whose_line_never_was_read_is_held_back():
    batch = read([line(1), below(), below("球囊"), line(2)], shifted=[1])
    assert sound(batch) == {"Y2": 100}
    assert set(batch.faults.position) == {0, 1, 2}


def test_a_line_below_one_left_out_by_the_mapping_is_not_that_of_another_one():
    rows = [line(1), line(2, of="作废"), below(amount=700), line(3), below()]
    where = (Condition(column="产品线", not_equals="作废", reason="void", expected=True),)
    assert sound(read(rows, where=where)) == {"Y1": 100, "Y3": 150}


def test_a_page_break_within_a_document_takes_no_line_away():
    batch = read([line(1), ["第 1 页 共 2 页", *[""] * 5], HEADS, below(), line(2)])
    assert sound(batch) == {"Y1": 150, "Y2": 100}


# --- customers of receipts ---------------------------------------------------------------------


def receipts(codes):
    return [[f"S{n}", "2025-01-05", code, "10"] for n, code in enumerate(codes)]


def groups(count, size=4):
    return [code for n in range(1, count + 1) for code in [f"C{n:03}", *[""] * (size - 1)]]


def test_receipts_below_one_held_back_are_not_those_of_the_group_above():
    batch = read(receipts(groups(8)), "payments", shifted=[12])
    assert batch.values.customer_id[batch.positions < 12].notna().all()
    assert batch.values.customer_id[(batch.positions > 12) & (batch.positions < 16)].isna().all()
    assert batch.values.customer_id[batch.positions > 15].notna().all()
    told = batch.faults[batch.faults.reason.str.contains("row 14 above it is held back")]
    assert told.position.tolist() == [13, 14, 15]


@pytest.mark.parametrize(
    "codes",
    [
        [f"C{n:03}" for n in range(8) for _five in range(5)] + [""] * 5,  # sorted, blanks last
        [f"C{n:03}" for n in range(20)] + [""] * 5,
        [f"C{n:03}" if k != 2 else "" for n in range(8) for k in range(5)],  # forgotten here, there
        [code for n in range(30) for code in ([f"C{n:03}", ""] if n % 9 == 4 else [f"C{n:03}"])],
    ],
)
def test_receipts_of_nobody_are_given_to_nobody(codes):
    batch = read(receipts(codes), "payments")
    assert batch.values.customer_id.isna().tolist() == [not code for code in codes]
    assert batch.notes == ()


def test_many_blanks_at_the_end_of_groups_are_nobodys():
    batch = read(receipts([*groups(8), *[""] * 5]), "payments")
    assert batch.values.customer_id.notna().tolist() == [*[True] * 29, *[False] * 8]


def test_blanks_of_groups_are_still_filled():
    batch = read(receipts(groups(8)), "payments")
    assert batch.values.customer_id.notna().all() and len(batch.faults) == 0
