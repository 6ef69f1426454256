"""Payments that name several invoices: split where the amounts prove it, on account else, told."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from insights.ingest import ingest_folder
from insights.ingest.named_invoices import named_invoices

INVOICES = """应收单号,客户编码,开票日期,价税合计
YS2025050021,C1,2025-05-02,100
YS2025050027,C1,2025-05-03,50.5
YS2025050081,C1,2025-05-04,7
YS2025060001,C2,2025-06-01,30
"""
KNOWN = {"YS2025050021", "YS2025050027", "YS2025050081", "2024/001", "A 12"}


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "应收.csv").write_text(INVOICES, encoding="utf-8")
    return tmp_path / "raw"


def payments(raw, tmp_path, *rows, head="收款单号,客户编码,发票号,收款日期,收款金额"):
    (raw / "收款.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    report = ingest_folder(raw, tmp_path / "to")
    stored = pq.read_table(tmp_path / "to" / "payments.parquet").to_pandas()
    return report, stored


def test_a_payment_of_exactly_its_invoices_is_split_over_them(raw, tmp_path):
    report, stored = payments(
        raw, tmp_path, '"S1",C1,"YS2025050021、YS2025050027",2025-06-01,150.50',
        "S2,C1,YS2025050021,2025-06-02,1", "S3,C1,YS2025050027/0081,2025-06-03,57.50",
    )  # fmt: skip
    assert stored[["payment_id", "invoice_id"]].to_numpy().tolist() == [
        ["S1", "YS2025050021"], ["S1/2", "YS2025050027"], ["S2", "YS2025050021"],
        ["S3", "YS2025050027"], ["S3/2", "YS2025050081"],
    ]  # fmt: skip
    assert stored.amount.astype(float).tolist() == [100, 50.5, 1, 50.5, 7]
    assert report.exit_code == 0
    counts = report.counts.set_index("table").loc["payments"]
    assert counts[["read", "accepted", "quarantined"]].tolist() == [3, 3, 0]
    assert "2 payments name several invoices" in str(report) and "2 of 208.00 are split" in str(
        report
    )


@pytest.mark.parametrize(
    "cell",
    ["YS2025050021;YS2025050027", "YS2025050021等3张", "YS2024120001、YS2025050027",
     "YS2025050021、YS2025060001"],
)  # fmt: skip
def test_any_other_is_taken_on_account_and_told_with_its_money(raw, tmp_path, cell):
    report, stored = payments(raw, tmp_path, f"S1,C1,{cell},2025-06-01,120")
    assert stored.invoice_id.isna().all() and stored.customer_id.tolist() == ["C1"]
    assert stored.amount.astype(float).tolist() == [120]
    assert "1 of 120.00 are taken on account" in str(report)
    assert cell in str(report) and "收款.csv" in str(report)


def test_without_a_customer_that_of_the_invoices_is_taken_or_the_row_held_back(raw, tmp_path):
    report, stored = payments(
        raw, tmp_path, "S1,YS2025050021、YS2025050027,2025-06-01,120",
        "S2,YS2025050021、YS2025060001,2025-06-01,9", "S3,YS2025050021,2025-06-01,9",
        head="收款单号,发票号,收款日期,收款金额",
    )  # fmt: skip
    assert stored.payment_id.tolist() == ["S1", "S3"] and stored.customer_id[0] == "C1"
    assert report.exit_code == 2 and report.faults.value.tolist() == ["YS2025050021、YS2025060001"]
    assert "no customer" in report.faults.reason[0]
    held = (tmp_path / "to" / "quarantine" / "收款.csv").read_text(encoding="utf-8-sig")
    assert "YS2025050021、YS2025060001" in held


@pytest.mark.parametrize(
    "cell",
    ["YS2025050021", "2024/001", "A 12", "INV-2024/0012", "FP 0001", "1,234", "12,345,678",
     "货款、押金", "第3批", "YS2025050021-1", "无"],
)  # fmt: skip
def test_one_id_is_one_id_however_it_is_written(cell):
    assert named_invoices(cell, KNOWN) is None


def test_what_a_cell_names():
    assert named_invoices("YS2025050021/0027/0081", KNOWN).ids == (
        "YS2025050021", "YS2025050027", "YS2025050081",
    )  # fmt: skip
    assert not named_invoices("YS2025050021 等2张", KNOWN).whole
    assert not named_invoices("YS2025050021~YS2025050081", KNOWN).whole
