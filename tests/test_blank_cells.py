"""What a person reads into blank cells: lines of documents, customers of groups, names, units."""

from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from insights.ingest import ingest_folder
from insights.ingest.batches import make_batch
from insights.ingest.mapping import Derivation, TablePlan
from insights.ingest.reading import Sheet
from insights.ingest.vocabulary import load_vocabulary

WORDS = load_vocabulary()
HEADS = ["应收单号", "开票日期", "客户编码", "客户名称", "存货名称", "业务员", "价税合计"]
INVOICES = {"invoice_id": "应收单号", "issued_on": "开票日期", "customer_id": "客户编码",
            "amount": "价税合计"}  # fmt: skip


def batch_of(rows, table="invoices", plan=None, heads=HEADS, file="应收.csv"):
    """Return rows (a blank is None) read as a table."""
    frame = pd.DataFrame([[cell or None for cell in row] for row in rows], columns=heads,
                         dtype="str")  # fmt: skip
    sheet = Sheet(file, "", frame, np.arange(len(frame)) + 2, np.zeros(len(frame), dtype=bool))
    return make_batch(sheet, table, TablePlan(columns=plan or INVOICES), WORDS)


def line(n, day="2025-01-05", code="C1", name="甲院", item="导管", rep="周", amount="100"):
    return [f"Y{n}" if n else "", day, code, name, item, rep, amount]


def further(item="支架", amount="50", rep=""):
    return ["", "", "", "", item, rep, amount]


def sound(batch):
    return (batch.values[batch.sound].invoice_id.tolist(),
            (batch.values[batch.sound].amount / 100).tolist())  # fmt: skip


# --- lines of documents -----------------------------------------------------------------------


def test_lines_below_their_first_one_are_added_up_and_told():
    batch = batch_of([line(1), further(), further("球囊", "25.50"), line(2, code="C2")])
    assert sound(batch) == (["Y1", "Y2"], [175.5, 100.0])
    assert len(batch.faults) == 0 and batch.read == 4
    assert any("2 rows with an amount" in note for note in batch.notes)
    assert any("added up (175.50 CNY)" in note for note in batch.notes)


def test_lines_that_repeat_their_documents_number_are_added_up():
    rows = [line(1), line(1, item="支架", amount="50"), line(2)]
    assert sound(batch_of(rows)) == (["Y1", "Y2"], [150.0, 100.0])


def test_a_line_at_fault_holds_back_its_whole_document():
    batch = batch_of([line(1), further(amount="x"), line(2, "2025-02-30"), further(), line(3)])
    assert sound(batch) == (["Y3"], [100.0])
    told = batch.faults.set_index("position").reason
    assert told.index.tolist() == [0, 1, 2, 3]
    assert "row 2 on" in told[0] and "row 4 on" in told[3]


def test_of_rows_nobody_can_tell_the_first_is_held_back_too():
    rows = [line(1), further(item="", rep="其中：耗材", amount="50"), line(2)]
    batch = batch_of(rows)
    assert sound(batch) == (["Y2"], [100.0])
    assert "or none?" in batch.faults.reason[0]


@pytest.mark.parametrize(
    "rows",
    [
        [line(1), ["", "", "", "", "", "", "100"], line(2)],  # a sum without its word
        [line(1), ["", "2025-01-06", "C1", "甲院", "支架", "", "50"], line(2)],  # number forgotten
        [line(1), ["", "", "", "", "支架", "", ""], line(2)],  # no amount
    ],
)
def test_other_rows_with_blanks_take_no_good_row_along(rows):
    batch = batch_of(rows)
    assert sound(batch) == (["Y1", "Y2"], [100.0, 100.0])
    assert set(batch.faults.position) == {1}


def test_lines_of_a_document_are_not_told_across_a_sum():
    batch = batch_of([line(1), ["小计", "", "", "", "", "", "100"], further(), line(2)])
    assert sound(batch) == (["Y1", "Y2"], [100.0, 100.0])


def test_rows_of_one_number_that_contradict_each_other_are_no_lines(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    text = "\n".join(",".join(row) for row in [HEADS, line(1), line(1, amount="90"), line(2)])
    (raw / "应收.csv").write_text(text, encoding="utf-8")
    report = ingest_folder(raw, tmp_path / "tables")
    assert report.counts.accepted.tolist() == [1]
    assert report.faults.reason.str.startswith("same key").sum() == 2


def test_lines_of_an_order_are_numbered():
    plan = {"order_id": "应收单号", "ordered_on": "开票日期", "customer_id": "客户编码",
            "amount": "价税合计"}  # fmt: skip
    batch = batch_of([line(1), further(), line(2)], "orders", plan)
    assert batch.values.order_id.tolist() == ["Y1", "Y1", "Y2"]
    assert batch.values.line_no.tolist() == [1, 2, 1]
    assert batch.values.amount.tolist() == [10000, 5000, 10000]


# --- customers of groups, and names -----------------------------------------------------------


def grouped():
    """A sheet in groups of customers: of two in a row the second often leaves its customer out."""
    rows = []
    for n in range(1, 9):
        code, name, rep = f"C{n}", f"第{n}院", "周" if n % 2 else "李"
        rows.append(line(len(rows) + 1, code=code, name=name, rep=rep))
        rows.append(line(len(rows) + 1, code="", name="", rep=rep))
    return rows


def test_a_customer_left_blank_in_a_sheet_of_groups_is_that_above():
    batch = batch_of(grouped())
    assert batch.sound.all()
    assert batch.values.customer_id.tolist() == [f"C{n}" for n in range(1, 9) for _twice in "ab"]
    assert any("8 rows without 客户编码 take that of the row above" in n for n in batch.notes)


def test_a_customer_is_not_filled_where_another_column_speaks_against_it():
    rows = [*grouped(), line(98, code="C9", name="第9院")]
    rows[1][5] = "李"
    rows.insert(1, line(97, code="C1", name="第1院"))
    batch = batch_of(rows)
    assert batch.values.customer_id.isna().sum() == 1
    assert batch.faults.position.tolist() == [2]


@pytest.mark.parametrize("codes", [
    ["C1", "C2", "", "C1", "C3", "", "C2", "C4", "", "C1", "C5", "C3"],  # by day: no groups
    ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "", "C8", "C9"],  # in order, one forgotten
    ["C5", "C2", "", "C9", "C1", "", "C7", "C3", "", "C8"],  # each once, in no order
])  # fmt: skip
def test_a_forgotten_customer_is_not_guessed(codes):
    rows = [line(n + 1, code=code, name="") for n, code in enumerate(codes)]
    batch = batch_of(rows)
    forgotten = [n for n, code in enumerate(codes) if not code]
    assert batch.faults.position.tolist() == forgotten
    assert batch.notes == ()


def test_a_row_without_code_is_told_by_its_name(tmp_path):
    raw, to = tmp_path / "raw", tmp_path / "tables"
    raw.mkdir()
    (raw / "客户.csv").write_text(
        "客户编码,区域编码,客户名称,曾用名,城市\n000125,E,桂林市漓江医院,象鼻山医院,桂林市\n"
        "000126,E,柳州市龙潭医院,,柳州市\n", encoding="utf-8")  # fmt: skip
    (raw / "收款.csv").write_text(
        "收款单号,收款日期,客户编码,客户名称,发票号,收款金额\n"
        "S1,2025-01-05,000125,桂林市漓江医院,,10\nS2,2025-01-06,,桂林市漓江医院,,20\n"
        "S3,2025-01-07,,象鼻山医院,,30\nS4,2025-01-08,126,柳州市龙潭医院,,40\n"
        "S5,2025-01-09,,某市财政局,Y1,50\nS6,2025-01-10,,某市财政局,,60\n"
        "S7,2025-01-10,99,柳州市龙潭医院,,70\n", encoding="utf-8")  # fmt: skip
    report = ingest_folder(raw, to)
    paid = pq.read_table(to / "payments.parquet").to_pandas().set_index("payment_id").customer_id
    assert paid[["S2", "S3", "S4"]].tolist() == ["000125", "000125", "000126"]
    assert pd.isna(paid["S5"]) and "S6" not in paid.index and paid["S7"] == "99"
    said = "\n".join(report.notes)
    assert "4 rows without 客户编码 are told by 客户名称" in said
    assert "126 = 000126" in said


# --- units and cells of masters ---------------------------------------------------------------


def odd_positions(amounts, taxes=None):
    taxes = taxes or [""] * len(amounts)
    heads = ["应收单号", "开票日期", "客户编码", "含税金额(万元)", "税额"]
    plan = {"invoice_id": heads[0], "issued_on": heads[1], "customer_id": heads[2],
            "amount": Derivation(column=heads[3], unit="万", round=True)}  # fmt: skip
    rows = [[f"Y{n}", "2025-01-05", "C1", str(a), str(t)]
            for n, (a, t) in enumerate(zip(amounts, taxes, strict=True))]  # fmt: skip
    return batch_of(rows, plan=plan, heads=heads).faults.position.tolist()


USUAL = [0.8, 1.2, 3, 3.4, 5, 7, 7.5, 9, 12, 20, 35, 60]


def test_an_amount_in_yuan_among_others_in_ten_thousands_is_held_back():
    assert odd_positions([*USUAL, 34086.44]) == [len(USUAL)]
    taxes = [round(a * 0.11, 4) for a in [*USUAL, 0.2318]]
    assert odd_positions([*USUAL, 2318], taxes) == [len(USUAL)]


@pytest.mark.parametrize("large", [350, 600, 1750, 0, -60, 900000])
def test_a_large_amount_is_no_slip(large):
    assert odd_positions([*USUAL, large]) == []


def test_few_amounts_tell_nothing_and_many_are_no_slips():
    assert odd_positions([7, 34086.44]) == []
    assert odd_positions([*USUAL, *[34086.44] * 5]) == []


def test_a_master_does_without_a_cell_that_cannot_be_read(tmp_path):
    raw, to = tmp_path / "raw", tmp_path / "tables"
    raw.mkdir()
    header = "客户编码,区域编码,账期,信用额度(万元),建档日期\n"
    rows = ("1,E,月结90天,200万,2025-01-05\n2,E,60天,30,2025-02-30\n3,E,一季度,30,2025-01-05\n"
            ",E,30,30,2025-01-05\n")  # fmt: skip
    (raw / "客户.csv").write_text(header + rows, encoding="utf-8")
    report = ingest_folder(raw, to)
    kept = pq.read_table(to / "customers.parquet").to_pandas()
    assert kept.customer_id.tolist() == ["1", "2", "3"]
    assert kept.payment_term_days.fillna(-1).tolist() == [90, 60, -1]
    assert kept.credit_limit.astype(float).tolist() == [2_000_000, 300_000, 300_000]
    assert report.counts[["read", "accepted", "quarantined"]].to_numpy().tolist() == [[4, 3, 1]]
    told = report.faults.set_index("row")
    assert told.reason[3].endswith("the row is taken without it") and told.value[4] == "一季度"
    assert report.exit_code == 2 and any("月结90天 = 90" in note for note in report.notes)
    assert len(pd.read_csv(to / "quarantine" / "客户.csv")) == 1


def test_an_emptied_cell_can_be_mended(tmp_path):
    raw, to = tmp_path / "raw", tmp_path / "tables"
    raw.mkdir()
    text = "客户编码,区域编码,建档日期\n1,E,2025-02-30\n2,E,2025-01-05\n"
    (raw / "客户.csv").write_text(text, encoding="utf-8")
    ingest_folder(raw, to)
    book = openpyxl.load_workbook(to / "review" / "mend.xlsx")
    sheet = book.worksheets[0]
    column = [cell.value for cell in sheet[1]].index("建档日期") + 1
    assert sheet.cell(2, column).value == "2025-02-30" and sheet.max_row == 2
    sheet.cell(2, column).value = "2025-02-28"
    book.save(raw / "mend.xlsx")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and len(report.faults) == 0
    kept = pq.read_table(to / "customers.parquet").to_pandas()
    assert kept.first_deal_on.astype(str).tolist() == ["2025-02-28", "2025-01-05"]


# --- codes, copies, furniture -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("master", "written", "meant"),
    [
        (["000125", "000126"], "125", "000125"),
        (["125", "126"], "000125", "125"),
        (["000125", "0125", "000126"], "125", "125"),  # two may be meant
        (["00125", "A1", "A2", "A3"], "0125", "00125"),
        (["0000125", "12", "13", "14"], "125", "125"),  # codes of two digits: another family
        (["000125"], "A125", "A125"),
    ],
)
def test_a_code_that_lost_its_zeros_is_found_where_one_alone_is_meant(
    tmp_path, master, written, meant
):
    raw, to = tmp_path / "raw", tmp_path / "tables"
    raw.mkdir()
    rows = "".join(f"{code},E\n" for code in master)
    (raw / "客户.csv").write_text("客户编码,区域编码\n" + rows, encoding="utf-8")
    head = "应收单号,开票日期,客户编码,价税合计\n"
    (raw / "应收.csv").write_text(f"{head}Y1,2025-01-05,{written},5\n", encoding="utf-8")
    ingest_folder(raw, to)
    assert pq.read_table(to / "invoices.parquet")["customer_id"].to_pylist() == [meant]


def test_a_merged_code_that_excel_took_for_a_number_stands_in_each_row(tmp_path):
    raw, to = tmp_path / "raw", tmp_path / "tables"
    raw.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["客户编码", "应收单号", "开票日期", "价税合计"], [125, "Y1", "2025-01-05", 7],
                [None, "Y2", "2025-01-06", 8]]:  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(raw / "应收.xlsx")
    ingest_folder(raw, to)
    assert pq.read_table(to / "invoices.parquet")["customer_id"].to_pylist() == ["125", "125"]


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        ("S1,2025-01-05,C1,100,承兑", ["bill"]),
        ("S1,2025-01-05,C1,90,承兑", []),
        ("S1,2025-01-06,C1,100,承兑", []),
        ("S1,2025-01-05,C2,100,承兑", []),
    ],
)
def test_of_two_copies_that_differ_in_the_method_alone_one_is_kept(tmp_path, second, kept):
    raw, to = tmp_path / "raw", tmp_path / "tables"
    raw.mkdir()
    head = "收款单号,收款日期,客户编码,收款金额,付款方式\n"
    first, other = "S1,2025-01-05,C1,100,", "S2,2025-01-05,C1,100,现金"
    (raw / "收款.csv").write_text("\n".join([head + first, second, other]), encoding="utf-8")
    report = ingest_folder(raw, to)
    stored = pq.read_table(to / "payments.parquet").to_pandas().set_index("payment_id")
    assert stored.method.drop("S2").tolist() == kept
    assert (report.exit_code == 0) == bool(kept)
    assert report.faults.reason.str.contains("differ in 付款方式 alone").sum() == len(kept)


def test_a_page_number_with_a_remark_is_a_footer_and_words_of_documents_are_known():
    rows = [line(1), ["第 1 页 共 1 页   注：预收款不在本表", *[""] * 6]]
    batch = batch_of(rows)
    assert batch.faults.reason.tolist() == ["a footer of the printed page"]
    codes = WORDS.codes
    assert (
        codes["method"]["转账支票"] == "transfer"
        and codes["customer_type"]["终端医院"] == "hospital"
    )
    assert codes["kind"]["红字"] == "credit_note" and codes["kind"]["蓝字"] == "invoice"
