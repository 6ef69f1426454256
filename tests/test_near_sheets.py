"""Sheets that are nearly a table are asked about first; shipments are no products."""

from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from insights.ingest import ingest_folder
from insights.ingest.outcome import few_of_each
from insights.ingest.reading import Sheet
from insights.ingest.reading.headers import find_headers
from insights.ingest.recognition import recognise
from insights.ingest.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()
CUSTOMERS = [["客户编码", "大区", "客户名称"], ["C1", "华东", "第一医院"]]


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    made.save(path)


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


def sheet(name, headers, file="x.xlsx"):
    frame = pd.DataFrame([["1"] * len(headers)], columns=headers, dtype="str")
    return Sheet(file, name, frame, np.array([2]), np.zeros(1, bool))


def told(name, headers, file="x.xlsx"):
    return recognise(sheet(name, headers, file), VOCABULARY)


# --- B6 ---------------------------------------------------------------------------------------

SHIPPED = ["出库日期", "客户编码", "物料编码", "物料名称", "实发数量"]


def test_a_sheet_of_shipments_is_no_list_of_products():
    found = told("销售出库单", SHIPPED)
    assert not found.table
    assert "orders" in found.problem and "amount" in found.problem and "product:" in found.problem


def test_products_and_customers_are_still_known():
    assert told("物料", ["物料编码", "物料名称", "类别"]).table == "products"
    assert told("客户", ["客户编码", "大区", "客户名称", "建档日期"]).table == "customers"
    assert told("库存", ["物料编码", "经销商编码", "盘点日期", "期末库存"]).table == "stock"
    assert told("出库", ["订单号", *SHIPPED, "金额"]).table == "orders"


# --- B7 ---------------------------------------------------------------------------------------

LEDGER = ["单据编号", "单据日期", "往来单位编码", "价税合计"]


@pytest.mark.parametrize("name", ["应收单_2026(医院)", "销售发票"])
def test_words_of_many_documents_count_where_the_name_speaks_of_the_table(name):
    found = told(name, LEDGER)
    assert found.table == "invoices" and not found.problem
    assert found.plan.columns["issued_on"] == "单据日期"


@pytest.mark.parametrize("name", ["Sheet1", "采购发票", "应付单", "销售订单", "单据"])
def test_they_do_not_count_anywhere_else(name):
    assert told(name, LEDGER).table != "invoices"


def test_an_invoice_number_beside_a_document_number_is_asked_about_not_chosen():
    assert "发票号, 单据编号" in told("应收", [*LEDGER, "发票号"]).problem
    both = ["发票号", "单据编号", "开票日期", "客户编码", "价税合计"]
    assert told("应收", both).plan.columns["invoice_id"] == "发票号"  # as it always was


def test_a_unit_in_the_name_of_a_sheet_is_asked_about():
    found = told("应收(万元)", LEDGER)
    assert found.table == "invoices" and "万" in found.problem
    assert not told("应收(万元)", [*LEDGER[:3], "价税合计(元)"]).problem
    assert not told("应收(医院)", LEDGER).problem


def test_a_large_sheet_that_is_nearly_a_table_is_asked_about_first(raw, tmp_path):
    rows = [[f"F{n}", "C1", 100 + n, "2025-01-02"] for n in range(30)]
    near = [["发票号", "客户编码", "价税合计", "记账日"], *rows]
    book(raw / "x.xlsx", 客户=CUSTOMERS, 往来=near, 说明=[["甲", "乙"], ["1", "2"]])
    report = ingest_folder(raw, tmp_path / "to")
    counts = report.counts.set_index("sheet")
    assert counts.loc["往来", ["read", "quarantined"]].tolist() == [30, 30]
    lines = [line for line in str(report).splitlines() if " x " in line]
    assert "往来" in lines[0] and "issued_on" in lines[0] and "说明" not in counts.index
    asked = pd.read_excel(tmp_path / "to" / "review" / "mapping.xlsx", sheet_name="mapping")
    own = asked[asked["sheet"] == "往来"].set_index("header")
    assert own.table.tolist() == ["invoices"] * 5 and own.column["记账日"] == "?"
    assert own.column.dropna().tolist()[-1] == "issued_on"


def test_small_and_unlike_sheets_beside_a_table_are_left_alone(raw, tmp_path):
    few = [["发票号", "客户编码", "价税合计", "记账日"], *[["F", "C1", 1, "x"]] * 3]
    pivot = [["大区", "开票额"], *[["华东", n] for n in range(40)]]
    book(raw / "x.xlsx", 客户=CUSTOMERS, 往来=few, 透视=pivot)
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 0 and report.counts["sheet"].tolist() == ["客户"]
    assert not (tmp_path / "to" / "review").exists()


# --- B12 --------------------------------------------------------------------------------------


def test_what_costs_most_is_told_first(raw, tmp_path):
    good = [f"A{n},C1,2025-01-02,5" for n in range(5)]
    bad = ["B1,C1,2025-13-02,5", "B2,,2025-01-02,5", "B3,,2025-01-02,5"]
    head = "订单号,客户编码,订单日期,金额"
    (raw / "订单.csv").write_text("\n".join([head, *bad, *good, "合计,,,40", ""]), "utf-8")
    (raw / "z.csv").write_text("甲,乙\n1,2\n", "utf-8")
    lines = [line for line in str(ingest_folder(raw, tmp_path / "to")).splitlines()
             if " x " in line]  # fmt: skip
    assert [line.split(":")[0] for line in lines] == [
        "z.csv", "订单.csv 客户编码", "订单.csv 订单日期", "订单.csv",
    ]  # fmt: skip


def test_many_reasons_of_one_column_do_not_hide_another():
    def group(column, rows):
        return pd.DataFrame(
            {"file": "x", "sheet": "", "column": [column] * rows, "expected": False}
        )

    groups = [*[group("客户", 30 - n) for n in range(9)], group("金额", 2)]
    shown = [one["column"].iloc[0] for one in few_of_each(groups)]
    assert shown == ["客户"] * 4 + ["金额"] + ["客户"] * 5


def test_an_upper_header_alone_names_its_column():
    known = VOCABULARY.known_headers
    upper = ["单据编号", "单据日期", "客户", None, "价税合计", "批次"]
    lower = ["单据编号", "单据日期", "编码", "名称", "价税合计", None]
    found = find_headers([upper, lower, ["A", "2025-01-02", "C1", "甲", "5", "x"]], known)
    assert found.names == ("单据编号", "单据日期", "客户编码", "客户名称", "价税合计", "批次")
    assert found.data == 2


def test_a_row_above_that_is_no_header_is_none():
    known = VOCABULARY.known_headers
    header = ["订单号", "客户编码", "订单日期", "金额"]
    for above in (["区域", "华东", "日期", "2025-01"], ["订单表", None, None, None]):
        found = find_headers([above, header, ["A", "C1", "2025-01-02", "5"]], known)
        assert found.names == tuple(header) and found.data == 2


# --- B11 --------------------------------------------------------------------------------------

VISITS = "拜访日期,客户编码,工号,客观事实\n"


def visits(raw, tmp_path, *rows):
    (raw / "拜访.csv").write_text(VISITS + "\n".join([*rows, ""]), encoding="utf-8")
    report = ingest_folder(raw, tmp_path / "to")
    return report, pq.read_table(tmp_path / "to" / "visits.parquet").to_pandas()


def test_visits_without_an_id_get_one_of_their_content(raw, tmp_path):
    rows = ["2025-01-02,C1,R1,好", "2025/1/2,C1,R1,好", "2025-01-03,C1,R1,好", "5月2日,C1,R1,好"]
    report, stored = visits(raw, tmp_path, *rows)
    assert len(stored) == 2 and stored.visit_id.is_unique and stored.visit_id.str.len().eq(16).all()
    assert "no column for visit_id" in str(report)
    assert set(report.faults.reason) == {"an exact duplicate", "a day without its year"}
    again = visits(raw, tmp_path, *rows[::-1])[1]
    assert set(again.visit_id) == set(stored.visit_id)


def test_equal_answers_of_a_survey_are_each_their_own(raw, tmp_path):
    text = "客户编码,反馈日期,满意度\n" + "C1,2025-01-02,5\n" * 3
    (raw / "反馈.csv").write_text(text, encoding="utf-8")
    report = ingest_folder(raw, tmp_path / "to")
    assert report.counts.accepted.tolist() == [3] and report.exit_code == 0


def test_other_tables_still_need_their_ids():
    assert not told("订单", ["客户编码", "订单日期", "金额"]).table
    assert not told("台账", ["发票号", "客户编码", "催收日期"]).table
    assert told("催收", ["发票号", "客户编码", "催收日期"]).table == "dunning"
    assert told("拜访", ["拜访编号", "工号", "客户编码", "拜访日期"]).plan.columns["visit_id"]
