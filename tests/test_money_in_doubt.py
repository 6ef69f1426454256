"""What must not be taken for a copy, a code or a second invoice: money and visits stay whole."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from insights.ingest import ingest_folder
from insights.ingest.named_invoices import named_invoices

RECEIPTS = "收款单号,收款日期,客户编码,收款金额,付款方式"
INVOICES = "应收单号,开票日期,客户编码,产品线,价税合计"
VISITS = "工号,客户编码,拜访日期,医生姓名,拜访目的"


def ingest(tmp_path, **files):
    """Return the report of files of lines, and what reads a table of what was stored."""
    raw, to = tmp_path / "raw", tmp_path / "to"
    raw.mkdir(exist_ok=True)
    for name, lines in files.items():
        (raw / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    report = ingest_folder(raw, to)
    return report, lambda table: pq.read_table(to / f"{table}.parquet").to_pandas()


# --- copies -----------------------------------------------------------------------------------


def test_a_receipt_of_two_means_of_payment_is_held_back_whole(tmp_path):
    rows = ["SK1,2025-01-05,C1,500,现金", "SK1,2025-01-05,C1,500,银行转账"]
    report, stored = ingest(tmp_path, 收款=[RECEIPTS, *rows, "SK2,2025-01-05,C1,7,现金"])
    assert stored("payments").payment_id.tolist() == ["SK2"] and report.exit_code == 2
    assert report.faults.reason.str.contains("different content: 付款方式").sum() == 2
    assert "1,007.00 read = 7.00 accepted + 1,000.00 held back" in str(report)


def test_an_invoice_of_two_product_lines_is_held_back_whole(tmp_path):
    rows = [
        "FP1,2025-01-05,C1,支架,5000",
        "FP2,2025-01-05,C1,支架,1",
        "FP1,2025-01-05,C1,球囊,5000",
    ]
    report, stored = ingest(tmp_path, 应收=[INVOICES, *rows])
    assert stored("invoices").invoice_id.tolist() == ["FP2"] and report.exit_code == 2


def test_a_copy_with_a_blank_cell_is_still_a_copy(tmp_path):
    rows = ["SK1,2025-01-05,C1,500,现金", "SK1,2025-01-05,C1,500,", "SK2,2025-01-05,C1,7,现金"]
    report, stored = ingest(tmp_path, 收款=[RECEIPTS, *rows])
    assert stored("payments").payment_id.tolist() == ["SK1", "SK2"] and report.exit_code == 0


# --- made ids ---------------------------------------------------------------------------------


def test_two_doctors_on_one_day_are_two_visits_and_the_same_one_twice_is_one(tmp_path):
    rows = ["E01,C001,2025-04-01,王伟,回访", "E01,C001,2025-04-01,李娜,回访",
            "E01,C001,2025/4/1,王 伟,回访"]  # fmt: skip
    report, stored = ingest(tmp_path, 拜访=[VISITS, *rows])
    assert len(stored("visits")) == 2 and stored("visits").visit_id.is_unique
    assert report.faults.reason.tolist() == ["an exact duplicate"]
    first = set(stored("visits").visit_id)
    assert set(ingest(tmp_path, 拜访=[VISITS, *rows[::-1]])[1]("visits").visit_id) == first


def test_the_same_doctor_in_two_files_is_one_visit_and_another_one_is_his_own(tmp_path):
    _report, stored = ingest(
        tmp_path, 拜访一=[VISITS, "E01,C001,2025-04-01,王伟,回访"],
        拜访二=[VISITS, "E01,C001,2025-04-01,李娜,回访", "E01,C001,2025-04-01,王伟,回访"],
    )  # fmt: skip
    assert len(stored("visits")) == 2 and stored("visits").visit_id.is_unique


def test_a_running_number_makes_no_visit_of_its_own(tmp_path):
    rows = [f"{n},E01,C001,2025-04-01,王伟,回访" for n in (1, 2)]
    _report, stored = ingest(tmp_path, 拜访=["序号," + VISITS, *rows])
    assert len(stored("visits")) == 1


def test_visits_of_which_every_cell_is_read_need_no_other(tmp_path):
    rows = ["E01,C001,2025-04-01", "E01,C001,2025-04-01", "E01,C002,2025-04-01"]
    _report, stored = ingest(tmp_path, 拜访=["工号,客户编码,拜访日期", *rows])
    assert len(stored("visits")) == 2


def test_equal_answers_of_two_files_are_each_their_own(tmp_path):
    lines = ["客户编码,反馈日期,满意度", "C1,2025-01-02,5"]
    report, stored = ingest(tmp_path, 反馈一=lines, 反馈二=[*lines, "C2,2025-01-02,4"])
    assert len(stored("feedback")) == 3 and report.exit_code == 0


# --- codes and the names beside them ----------------------------------------------------------

MASTER = ["客户编码,客户名称,区域编码", *(f"00000{n},第{n}医院,E" for n in range(1, 10))]


def coded(tmp_path, *rows):
    head = "收款单号,收款日期,客户编码,客户名称,收款金额"
    lines = [head, *(f"S{n},2025-01-05,{row},5" for n, row in enumerate(rows))]
    report, stored = ingest(tmp_path, 客户=MASTER, 收款=lines)
    return report, stored("payments").customer_id.tolist()


def test_a_code_beside_another_name_is_not_taken_for_the_masters(tmp_path):
    report, codes = coded(tmp_path, "3,上海某药房", "4,广州某药房")
    assert codes == ["3", "4"] and "names beside them are not the master's" in str(report)


@pytest.mark.parametrize("name", ["第3医院", "第三医院", ""])
def test_a_code_beside_its_own_name_or_none_is_found(tmp_path, name):
    report, codes = coded(tmp_path, f"3,{name}", "4,第4医院")
    assert codes == ["000003", "000004"] and "not the master's" not in str(report)


def test_of_many_that_agree_the_one_that_does_not_stays(tmp_path):
    rows = [f"{n},第{n}医院" for n in range(1, 10)]
    _report, codes = coded(tmp_path, *rows, "3,上海某药房")
    assert codes == [*(f"00000{n}" for n in range(1, 10)), "3"]


# --- invoices named together ------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["F001/2", "F001/02", "F001 2", "F001、F001/2"])
def test_a_short_number_behind_a_slash_is_no_invoice(cell):
    assert named_invoices(cell, {"F001", "F002", "F003"}) is None


@pytest.mark.parametrize("cell", ["F001/002", "F001/F002", "F001、2", "F001/2等2张"])
def test_a_whole_number_or_a_list_still_is(cell):
    assert named_invoices(cell, {"F001", "F002"}).ids == ("F001", "F002")


def test_a_reference_in_doubt_stays_and_is_told(tmp_path):
    invoices = [
        "应收单号,开票日期,客户编码,价税合计",
        "F001,2025-01-05,C1,100",
        "F002,2025-01-05,C1,50",
    ]
    head = "收款单号,收款日期,客户编码,发票号,收款金额"
    rows = ["S1,2025-02-05,C1,F001/2,150", "S2,2025-02-05,C1,F001 货款,1"]
    report, stored = ingest(tmp_path, 应收=invoices, 收款=[head, *rows])
    assert stored("payments").invoice_id.tolist() == ["F001/2", "F001 货款"]
    assert "1 payments name an invoice and a short number (row 2 'F001/2')" in str(report)


# --- sums -------------------------------------------------------------------------------------


def test_rows_never_read_for_money_and_rows_added_up_are_counted(tmp_path):
    rows = ["FP1,2025-01-05,C1,支架,100", "FP2,2025-01-05,C1,支架,7,一个多余"]
    report, _stored = ingest(tmp_path, 应收=[INVOICES, *rows])
    assert "100.00 read = 100.00 accepted" in str(report)
    assert "1 rows held back were not read for money" in str(report)
    assert "rows stored" not in str(report)


def test_rows_stored_are_told_where_payments_are_split(tmp_path):
    invoices = [
        "应收单号,开票日期,客户编码,价税合计",
        "F001,2025-01-05,C1,100",
        "F002,2025-01-05,C1,50",
    ]
    head = "收款单号,收款日期,客户编码,发票号,收款金额"
    rows = ["S1,2025-02-05,C1,F001/F002,150"]
    said = str(ingest(tmp_path, 应收=invoices, 收款=[head, *rows])[0])
    assert "1 rows accepted of the sheets are 2 rows stored" in said
    assert "not read for money" not in said
