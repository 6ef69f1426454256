"""``insights check``: every fault of a source at once, in words and never as a traceback."""

from __future__ import annotations

import pandas as pd
import pytest

from insights.ingest import check_source, fault_lines, unknown_codes
from insights.tables import connect


def found(faults):
    return set(zip(faults.table, faults.row, faults.column, faults.value, strict=True))


@pytest.fixture
def bad_csv(tmp_path):
    files = {
        "regions": "region_id,region_name,parent_id\nE,东,\nall,全部,\nX,x,Y\nY,y,X\n",
        "customers": (
            "customer_id,region_id,influence,payment_term_days\n0012,E,4.5,\nC2,W,7,30\n,E,1,\n"
        ),
        "orders": (
            "order_id,line_no,customer_id,ordered_on,amount,product_id\n"
            "A1,1,0012,2024-01-05,10.50,\n"
            "A1,1,0012,2024-01-06,11,\n"
            "A2,1,C9,05.01.2024,12,\n"
            "A3,1,0012,2024-01-07,1.245,\n"
            "A4,1,0012,2024-01-08,zwölf,\n"
            "A5,1,0012,2204-01-08,5,\n"
        ),
        "invoices": (
            "invoice_id,customer_id,issued_on,due_on,amount,kind\n"
            "I1,0012,2024-01-10,2024-01-01,100,invoice\n"
            "I2,0012,2024-01-10,,100,invoice\n"
            "I3,C2,2024-01-10,,100,proforma\n"
            "I4,0012,2024-01-10,2024-02-10,20,credit_note\n"
        ),
        "payments": (
            "payment_id,invoice_id,customer_id,paid_on,amount\n"
            "P1,I1,0012,2023-12-31,10\nP2,I9,0012,2024-03-01,10\nP3,,,2024-03-01,10\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return connect(tmp_path)


def test_every_planted_fault_is_found_and_nothing_else(bad_csv):
    assert found(check_source(bad_csv)) == {
        ("regions", 3, "region_id", "all"),
        ("regions", 4, "parent_id", "Y"),
        ("regions", 5, "parent_id", "X"),
        ("customers", 3, "influence", "7"),
        ("customers", 3, "region_id", "W"),
        ("customers", 4, "customer_id", ""),
        ("orders", 2, "order_id, line_no", "A1, 1"),
        ("orders", 3, "order_id, line_no", "A1, 1"),
        ("orders", 4, "customer_id", "C9"),
        ("orders", 4, "ordered_on", "05.01.2024"),
        ("orders", 5, "amount", "1.245"),
        ("orders", 6, "amount", "zwölf"),
        ("orders", 7, "ordered_on", "2204-01-08"),
        ("invoices", 2, "due_on", "2024-01-01"),
        ("invoices", 3, "due_on", "I2"),
        ("invoices", 5, "amount", "20"),
        ("payments", 2, "paid_on", "2023-12-31"),
        ("payments", 3, "invoice_id", "I9"),
        ("payments", 4, "invoice_id", ""),
    }


def test_lines_say_table_row_column_and_value(bad_csv):
    lines = fault_lines(check_source(bad_csv))
    assert any("orders, row 6, amount" in line and "zwölf" in line for line in lines)


def test_unknown_codes_are_counted_not_faults(bad_csv):
    assert unknown_codes(bad_csv).to_numpy().tolist() == [["invoices", "kind", "proforma", 1]]


def test_long_lists_are_cut_and_say_how_many(write_source):
    orders = pd.DataFrame(
        {
            "order_id": [str(i) for i in range(50)],
            "customer_id": [None] * 50,
            "ordered_on": pd.Timestamp("2024-01-01"),
            "amount": 1.0,
        }
    ).astype({"customer_id": "str"})
    faults = check_source(connect(write_source(orders=orders)), limit=5)
    assert faults.row.tolist() == [2, 3, 4, 5, 6]
    assert faults.reason.str.contains("50 rows in all").all()


def test_typed_money_with_three_decimals_is_a_fault(write_source):
    orders = pd.DataFrame(
        {
            "order_id": ["a", "b"],
            "customer_id": ["1", "1"],
            "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "amount": [0.1 + 0.2, 1.245],
        }
    )
    faults = check_source(connect(write_source(orders=orders)))
    assert found(faults) == {("orders", 3, "amount", "1.245")}


def test_a_sound_source_has_no_faults(write_source):
    regions = pd.DataFrame({"region_id": ["E"], "region_name": ["East"], "parent_id": [None]})
    customers = pd.DataFrame({"customer_id": ["1"], "region_id": ["E"]})
    source = write_source(regions=regions.astype("str"), customers=customers)
    faults = check_source(connect(source))
    assert faults.empty
    assert faults.columns.tolist() == ["table", "row", "column", "value", "reason"]
