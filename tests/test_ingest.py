"""Dirty exports in, canonical tables out: planted faults are named, good rows survive."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from insights.ingest import ingest_folder, load_mapping, writing
from insights.ingest.dates import read_dates, read_dates_as, why_unread
from insights.ingest.values import read_values
from insights.ingest.vocabulary import load_vocabulary
from insights.params import ROOT, ParamsError
from insights.tables import CANONICAL, connect

MAPPINGS = ROOT / "params" / "mappings"
ORDERS = "订单号,行号,客户编码,订单日期,数量,含税金额(元)\n"


@pytest.fixture(scope="module")
def vocabulary():
    return load_vocabulary()


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


@pytest.fixture
def to(tmp_path):
    return tmp_path / "tables"


def table(folder, name):
    return pq.read_table(folder / f"{name}.parquet").to_pandas()


def balanced(report):
    counts = report.counts
    return (counts["read"] == counts.accepted + counts.quarantined).all()


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


# --- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234.5", "1234.50"),
        ("1,234.50", "1234.50"),
        ("¥1,000元", "1000.00"),
        ("￥ 12", "12.00"),
        ("１２３．５", "123.50"),
        ("(12.50)", "-12.50"),
        ("12.50-", "-12.50"),
        ("-¥3", "-3.00"),
        ("1.2万", "12000.00"),
        ("0.1亿", "10000000.00"),
        ("1.2345万", "12345.00"),
        ("3.200", "3.20"),
        ("9007199254740993.01", "9007199254740993.01"),
        ("-", None),
        ("——", None),
        ("", None),
    ],
)
def test_money_is_read_exactly(vocabulary, written, meant):
    read = read_values(
        pd.Series([written], dtype="str"), CANONICAL["orders"].column("amount"), vocabulary
    )
    assert read.misread == ()
    cents = None if read.values.isna()[0] else Decimal(int(read.values[0])) / 100
    assert cents == (None if meant is None else Decimal(meant))


@pytest.mark.parametrize("written", ["abc", "1.245", "1,23", "5%", "99999999999999999", "#N/A"])
def test_money_that_cannot_be_read_is_misread_not_guessed(vocabulary, written):
    column = CANONICAL["orders"].column("amount")
    read = read_values(pd.Series([written, "1"], dtype="str"), column, vocabulary)
    assert [part.where.tolist() for part in read.misread] == [[True, False]]
    assert read.values.isna().tolist() == [True, False]


def test_declared_rounding_is_half_away_from_zero(vocabulary):
    column = CANONICAL["orders"].column("amount")
    text = pd.Series(["1.245", "-1.245", "1.244999"], dtype="str")
    assert read_values(text, column, vocabulary, rounded=True).values.tolist() == [125, -125, 124]


@pytest.mark.parametrize(
    "written",
    [
        "2025-01-05",
        "2025/1/5",
        "2025.1.5",
        "20250105",
        "2025年1月5日",
        "２０２５年１月５日",
        "45662",
        "45662.75",
        "2025-01-05 13:04:05",
        "2025/1/5 9:04",
        "2025-01-05T13:04:05.123+08:00",
        "2025-01-05 23:04:05+08",
    ],
)
def test_dates_of_every_export(written):
    read = read_dates(pd.Series([written], dtype="str"))
    assert read.dt.date[0] == dt.date(2025, 1, 5)


@pytest.mark.parametrize(
    "written",
    ["1/2/2025", "2025-02-30", "20251301", "3024-01-01", "2025年1月", "25-1-5", "x", "12",
     "2025年1-5", "2025-1/5", "2025-1月5日", "2025.1-5 10:00"],
)  # fmt: skip
def test_what_is_no_date_or_two_dates_stays_unread(written):
    assert read_dates(pd.Series([written], dtype="str")).isna()[0]


@pytest.mark.parametrize("offset", ["Z", "+00:00", "-0500", "+09"])
def test_a_time_of_another_place_may_be_another_day_here(offset):
    text = pd.Series([f"2025-01-05T20:00:00{offset}"], dtype="str")
    assert read_dates(text).isna()[0] and "time zone" in why_unread(text)[0]
    here = read_dates_as(
        pd.Series(["2025-01-05T20:00:00Z", "x"], dtype="str"), "%Y-%m-%dT%H:%M:%S%z"
    )
    assert here[0] == pd.Timestamp("2025-01-06 04:00") and pd.isna(here[1])


def test_months_are_first_days_where_the_column_says_so():
    read = read_dates(pd.Series(["2025年3月", "202503", "2025-03"], dtype="str"), whole_months=True)
    assert (read == pd.Timestamp("2025-03-01")).all()


def test_codes_booleans_ids_and_shares(vocabulary):
    def read(name, column, words):
        found = read_values(
            pd.Series(words, dtype="str"), CANONICAL[name].column(column), vocabulary
        )
        return found.values.tolist(), [part.where.tolist() for part in found.misread]

    assert read("customers", "hospital_level", ["三甲", "3a", "特级"])[0] == ["3A", "3A", "特级"]
    assert read("customers", "is_sme", ["是", "否", "Y", "0"])[0] == [True, False, True, False]
    assert read("customers", "is_sme", ["maybe"])[1] == [[True]]
    assert read("customers", "customer_id", [" 0012 ", "Ｃ０1"])[0] == ["0012", "C01"]
    assert read("customers", "customer_id", ["1.23E+12"])[1] == [[True]]
    assert read("strategies", "min_effect", ["5%", "0.05"])[0] == [0.05, 0.05]
    assert read("customers", "beds", ["1,200", "12.0"])[0] == [1200, 12]
    assert read("customers", "beds", ["12.5"])[1] == [[True]]


# --- planted faults ---------------------------------------------------------------------------


def plant_orders(folder, encoding="gb18030"):
    """12 rows: 4 good, 2 expected (subtotal, duplicate), 6 held back."""
    rows = [
        "A1,1,0012,2024年3月5日,2,1.2万",  # 2 good
        'A2,1,0013,2024/3/6,-1,"-1,234.50"',  # 3 good
        "A2,1,0013,2024-03-06,-1,-1234.50",  # 4 the same row written otherwise
        "A3,1,0012,3/4/2024,1,5",  # 5 a date that means two things
        "A4,1,,20240307,1,5",  # 6 no customer
        "A5,1,0012,20240307,1,1.245",  # 7 three decimals
        "A6,1,0012,20240307,一箱,7",  # 8 no number
        "A7,1,0012,20240308,1,8",  # 9 same key …
        "A7,1,0012,20240308,1,9",  # 10 … other amount
        "小计：,,,,3,2000",  # 11 subtotal
        "A8,1,0012,20240308,1,１０",  # 12 good
        "A9,1,0012,20240308,-,(10)",  # 13 good
    ]
    (folder / "订单.csv").write_bytes((ORDERS + "\n".join(rows) + "\n").encode(encoding))


def test_planted_faults_are_named_and_good_rows_survive(raw, to):
    plant_orders(raw)
    report = ingest_folder(raw, to)
    assert report.exit_code == 2
    row = report.counts.iloc[0]
    assert (row.file, row.table) == ("订单.csv", "orders")
    assert (row["read"], row.accepted, row.quarantined, row.expected) == (12, 4, 8, 2)
    named = set(zip(report.faults.row, report.faults.column, report.faults.value, strict=True))
    assert named == {
        (4, "订单号, 行号", "A2, 1"),
        (5, "订单日期", "3/4/2024"),
        (6, "客户编码", ""),
        (7, "含税金额(元)", "1.245"),
        (8, "数量", "一箱"),
        (9, "订单号, 行号", "A7, 1"),
        (10, "订单号, 行号", "A7, 1"),
        (11, "", ""),
    }
    assert report.faults.remedy.str.len().gt(5).all()
    good = table(to, "orders")
    assert good.order_id.tolist() == ["A1", "A2", "A8", "A9"]
    assert good.customer_id.tolist() == ["0012", "0013", "0012", "0012"]
    assert good.amount.tolist() == [Decimal(x) for x in ("12000.00", "-1234.50", "10.00", "-10.00")]
    assert good.ordered_on.tolist()[:2] == [dt.date(2024, 3, 5), dt.date(2024, 3, 6)]
    assert str(pq.read_schema(to / "orders.parquet").field("amount").type) == "decimal128(18, 2)"


def test_quarantine_holds_the_raw_text_for_excel(raw, to):
    plant_orders(raw)
    ingest_folder(raw, to)
    path = to / "quarantine" / "订单.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    held = pd.read_csv(path, dtype=str).set_index("row")
    assert held.index.tolist() == ["4", "5", "6", "7", "8", "9", "10", "11"]
    assert held.loc["5", "订单日期"] == "3/4/2024"
    assert held.loc["7", "含税金额(元)"] == "1.245"
    assert held.loc["4", "客户编码"] == "0013"
    assert "subtotal" in held.loc["11", "reason"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_give_the_same_rows(raw, to, encoding):
    plant_orders(raw, encoding)
    report = ingest_folder(raw, to)
    assert report.counts.accepted.tolist() == [4]


def test_subtotals_and_duplicates_alone_leave_exit_code_0(raw, to):
    text = ORDERS + "A1,1,12,2024-01-05,1,5\nA1,1,12,2024-01-05,1,5\n合 计,,,,2,10\n"
    (raw / "orders.csv").write_text(text, encoding="utf-8")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0
    assert report.counts[["read", "accepted", "quarantined"]].to_numpy().tolist() == [[3, 1, 2]]


def test_excel_keeps_codes_and_finds_headers_under_a_title(raw, to):
    workbook(
        raw / "客户.xlsx",
        客户=[
            ["客户台账 2024", None, None, None],
            [None, None, None, None],
            ["客户编码", "区域编码", "客户名称", "年潜力(万元)"],
            ["0012", 7, "第一医院", 1.5],
            [4, 7, "第二医院", None],
            [None, None, None, None],
            ["0014", None, "第三医院", 2],
            ["总计", None, None, 3.5],
        ],
        说明=[["本表由系统导出"], ["请勿修改"]],
    )
    report = ingest_folder(raw, to)
    customers = table(to, "customers")
    assert customers.customer_id.tolist() == ["0012", "4"]
    assert customers.region_id.tolist() == ["7", "7"]
    assert customers.potential.tolist() == [Decimal("15000.00"), None]
    assert report.faults.row.tolist() == [7, 8]
    assert report.exit_code == 2
    assert any("说明" in note for note in report.notes)
    assert balanced(report)


def test_formula_errors_are_faults_not_empty_cells(raw, to):
    workbook(
        raw / "客户.xlsx",
        客户=[["客户编码", "区域编码", "城市"], ["1", "E", "#N/A"], ["2", "E", "上海"]],
    )
    report = ingest_folder(raw, to)
    assert report.faults[["row", "column", "value"]].to_numpy().tolist() == [[2, "城市", "#N/A"]]
    assert table(to, "customers").customer_id.tolist() == ["1", "2"]
    assert table(to, "customers").city.fillna("").tolist() == ["", "上海"]
    assert balanced(report) and report.exit_code == 2


def test_every_table_is_known_by_its_own_headers(raw, to, demo_dir):
    """The demo company as GB18030 exports comes back cell for cell, less people and open names."""
    before = connect(demo_dir)
    names = [name for name in CANONICAL if before.has(name)]
    for name in names:
        frame = pd.read_parquet(demo_dir / f"{name}.parquet").head(3000)
        frame.to_csv(raw / f"{name}.csv", index=False, encoding="gb18030")
        frame.to_parquet(to.parent / f"{name}.parquet", index=False)
    report = ingest_folder(raw, to)
    assert report.exit_code == 0, str(report)
    assert (report.counts.table + ".csv" == report.counts.file).all()
    wanted, made = connect(to.parent), connect(to)
    assert not made.has("contacts") and report.privacy.total("dropped") > 0
    for name in set(names) - {"contacts"}:
        before, after = wanted[name].execute(), made[name].execute()
        if name == "visits":
            before = before.assign(contact_id=after.contact_id)
            assert after.contact_id.isna().all()
        if name == "channel_flow":
            open_names = before.customer_id.isna() & after.customer_id.notna()
            assert open_names.sum() > 0
            told = before.customer_id.mask(open_names, after.customer_id)
            before = before.assign(customer_id=told)
        pd.testing.assert_frame_equal(before, after)


def test_the_same_key_in_two_files_is_held_back_in_both(raw, to):
    (raw / "订单1.csv").write_text(ORDERS + "A1,1,12,2024-01-05,1,5\n", encoding="utf-8")
    (raw / "订单2.csv").write_text(
        ORDERS + "A1,1,12,2024-01-05,1,6\nA2,1,12,2024-01-05,1,6\n", encoding="utf-8"
    )
    report = ingest_folder(raw, to)
    assert report.counts.accepted.tolist() == [0, 1]
    assert report.faults.file.tolist() == ["订单1.csv", "订单2.csv"]


def test_a_comma_in_an_unquoted_amount_is_not_read_as_another_column(raw, to):
    (raw / "orders.csv").write_text(
        ORDERS + "A1,1,12,2024-01-05,1,1,234\nA2,1,12,2024-01-05,1,6\n", encoding="utf-8"
    )
    report = ingest_folder(raw, to)
    assert report.faults.row.tolist() == [2]
    assert "more cells" in report.faults.reason[0]


def test_row_order_does_not_change_which_rows_are_taken(raw, to, tmp_path):
    plant_orders(raw)
    ingest_folder(raw, to)
    lines = (raw / "订单.csv").read_bytes().decode("gb18030").splitlines()
    other = tmp_path / "turned"
    other.mkdir()
    turned = [lines[0], *reversed(lines[1:])]
    (other / "订单.csv").write_text("\n".join(turned) + "\n", encoding="utf-8")
    ingest_folder(other, tmp_path / "out")
    first, second = table(to, "orders"), table(tmp_path / "out", "orders")
    pd.testing.assert_frame_equal(
        first.sort_values("order_id", ignore_index=True),
        second.sort_values("order_id", ignore_index=True),
    )


# --- recognition ------------------------------------------------------------------------------


def test_unknown_headers_are_listed_with_the_closest(raw, to):
    (raw / "订单.csv").write_text(
        "订单号码,客户编码,订单日期,销售金额\nA1,12,2024-01-05,5\n", encoding="utf-8"
    )
    report = ingest_folder(raw, to)
    assert report.exit_code == 1
    reason = report.faults.reason[0]
    assert "orders" in reason and "order_id" in reason and "订单号码 (closest: 订单号" in reason
    assert report.counts[["read", "accepted", "quarantined"]].to_numpy().tolist() == [[1, 0, 1]]


def test_two_headers_for_one_column_are_not_chosen_between(raw, to):
    text = "订单号,客户编码,订单日期,金额,含税金额\nA1,12,2024-01-05,5,6\n"
    (raw / "orders.csv").write_text(text, encoding="utf-8")
    report = ingest_folder(raw, to)
    assert report.exit_code == 1
    assert "金额, 含税金额" in report.faults.reason[0]


def test_a_code_wins_over_a_name_for_an_id_and_that_is_said(raw, to):
    text = "客户编码,区域,区域编码,旧编码\n0012,华东,E1,9\n"
    (raw / "x.csv").write_text(text, encoding="utf-8")
    report = ingest_folder(raw, to)
    assert table(to, "customers").region_id.tolist() == ["E1"]
    assert any("region_id" in n and "区域编码" in n for n in report.notes)
    assert any("旧编码" in n for n in report.notes)


def test_english_headers_in_any_spelling(raw, to):
    text = "Order ID,CUSTOMER_ID,orderedOn,Amount\nA1,0012,2024-01-05,5\n"
    (raw / "sales.csv").write_text(text, encoding="utf-8")
    assert ingest_folder(raw, to).exit_code == 0
    assert table(to, "orders").customer_id.tolist() == ["0012"]


# --- what cannot be read, and writing ---------------------------------------------------------


def test_unreadable_files_are_told_in_words_and_others_still_read(raw, to):
    (raw / "orders.csv").write_text(ORDERS + "A1,1,12,2024-01-05,1,5\n", encoding="utf-8")
    (raw / "broken.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    (raw / "big5.csv").write_bytes(b"\xff\xff\xff\xff\n")
    (raw / "broken.parquet").write_bytes(b"PAR1")
    (raw / "empty.csv").write_bytes(b"")
    (raw / "notes.txt").write_text("x", encoding="utf-8")
    report = ingest_folder(raw, to)
    assert report.exit_code == 2
    told = ["broken.xlsx", "big5.csv", "broken.parquet", "empty.csv"]
    assert sorted(report.faults.file) == sorted(told)
    assert report.faults.row.isna().all()
    assert any("notes.txt" in note for note in report.notes)
    assert table(to, "orders").order_id.tolist() == ["A1"]
    for file in told:
        assert file in str(report)


def test_no_such_folder_and_foreign_folders_are_refused(raw, to):
    assert ingest_folder(raw / "no", to).exit_code == 1
    plant_orders(raw)
    assert ingest_folder(raw, raw).exit_code == 1
    assert ingest_folder(raw, raw / "tables").exit_code == 1
    to.mkdir()
    (to / "thesis.docx").write_text("years of work", encoding="utf-8")
    report = ingest_folder(raw, to)
    assert report.exit_code == 1
    assert "thesis.docx" in str(report)
    assert (to / "thesis.docx").exists()


def test_nothing_usable_keeps_the_old_tables_and_hands_back_the_rows(raw, to):
    (raw / "orders.csv").write_text(ORDERS + "A1,1,12,2024-01-05,1,5\n", encoding="utf-8")
    ingest_folder(raw, to)
    before = (to / "orders.parquet").read_bytes()
    (raw / "orders.csv").write_text(ORDERS + "A1,1,12,gestern,1,5\n", encoding="utf-8")
    assert ingest_folder(raw, to).exit_code == 1
    assert (to / "orders.parquet").read_bytes() == before
    assert "gestern" in (to / "quarantine" / "orders.csv").read_text(encoding="utf-8-sig")


def test_a_failure_while_writing_leaves_the_old_folder_whole(raw, to, monkeypatch):
    plant_orders(raw)
    ingest_folder(raw, to)
    before = {path.name: path.read_bytes() for path in to.rglob("*") if path.is_file()}

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.pq, "write_table", full)
    report = ingest_folder(raw, to)
    assert report.exit_code == 1
    assert "No space left" in str(report)
    assert {path.name: path.read_bytes() for path in to.rglob("*") if path.is_file()} == before
    assert [path.name for path in to.parent.iterdir() if path.name.startswith(".")] == []


def test_a_run_killed_between_the_renames_is_mended(raw, to):
    plant_orders(raw)
    ingest_folder(raw, to)
    to.rename(to.with_name(f".{to.name}.old"))
    (raw / "订单.csv").write_text(ORDERS + "A1,1,12,never,1,5\n", encoding="utf-8")
    report = ingest_folder(raw, to)
    assert report.exit_code == 1
    assert (to / "orders.parquet").exists()


def test_the_same_input_gives_the_same_bytes(raw, to, tmp_path):
    plant_orders(raw)
    ingest_folder(raw, to)
    ingest_folder(raw, tmp_path / "again")
    ingest_folder(raw, to)
    for name in ("orders.parquet", "quarantine/订单.csv"):
        assert (to / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


# --- mappings ---------------------------------------------------------------------------------


def test_a_mapping_names_all_its_faults_at_once(tmp_path, raw, to):
    path = tmp_path / "m.yaml"
    path.write_text(
        "files:\n"
        "  - file: a.csv\n"
        "    tables:\n"
        "      order: {columns: {order_id: x}}\n"
        "      orders: {columns: {amont: x}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ParamsError, match=r"m\.yaml.*order.*closest: orders.*amont.*amount"):
        load_mapping(path)
    (raw / "a.csv").write_text("x\n1\n", encoding="utf-8")
    assert ingest_folder(raw, to, path).exit_code == 1
    path.write_text(
        "files:\n  - {file: a.csv, tables: {orders: {columns: {amount: {sum: [a, b]}}}}}\n"
        "other: 1\n",
        encoding="utf-8",
    )
    with pytest.raises(ParamsError, match="sum") as caught:
        load_mapping(path)
    assert "other: unknown key" in str(caught.value)
    path.write_text(
        "files:\n  - {file: a.csv, tables: {orders: {columns: {amount: {product: [no, x]}}}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ParamsError, match="False is not text; write it in quotes"):
        load_mapping(path)


def test_a_mapping_that_names_absent_columns_and_files_says_so(tmp_path, raw, to):
    path = tmp_path / "m.yaml"
    path.write_text(
        "files:\n"
        "  - {file: a.csv, tables: {regions: {columns: {region_id: Regoin, region_name: Name}}}}\n"
        "  - {file: b.csv, tables: {regions: {columns: {region_id: x, region_name: y}}}}\n",
        encoding="utf-8",
    )
    (raw / "a.csv").write_text("Region,Name\n1,x\n", encoding="utf-8")
    report = ingest_folder(raw, to, path)
    assert report.exit_code == 1
    assert "Regoin" in report.faults.reason[0] and "Region" in report.faults.reason[0]
    assert "b.csv" in report.faults.file.tolist()


def test_derivations(tmp_path, raw, to):
    path = tmp_path / "m.yaml"
    path.write_text(
        """
files:
  - file: "led*.csv"
    tables:
      payments:
        where:
          - {column: state, equals: paid, reason: not paid yet, expected: true}
          - {column: sum, greater_than: 0, reason: no money}
        columns:
          payment_id: {hash: [doc, day]}
          invoice_id: {concat: [doc, line], separator: /}
          instalment_no: {number: [doc]}
          paid_on: {date: day, format: "%d.%m.%y"}
          amount: {column: sum, unit: 万, negate: true}
          method: {constant: 转账}
""",
        encoding="utf-8",
    )
    (raw / "ledger.csv").write_text(
        "doc,line,day,sum,state\n7,1,31.12.24,1.5,paid\n7,2,1.1.25,2,paid\n7,3,1.1.25,2,open\n"
        "8,1,1.1.25,0,paid\n8,2,32.1.25,1,paid\n",
        encoding="utf-8",
    )
    report = ingest_folder(raw, to, path)
    assert report.exit_code == 2
    assert report.counts[["read", "accepted", "quarantined", "expected"]].to_numpy().tolist() == [
        [5, 2, 3, 1]
    ]
    assert report.faults.row.tolist() == [4, 5, 6]
    made = table(to, "payments")
    assert made.invoice_id.tolist() == ["7/1", "7/2"]
    assert made.instalment_no.tolist() == [1, 2]
    assert made.paid_on.tolist() == [dt.date(2024, 12, 31), dt.date(2025, 1, 1)]
    assert made.amount.tolist() == [Decimal("-15000.00"), Decimal("-20000.00")]
    assert made.method.tolist() == ["transfer", "transfer"]
    assert made.payment_id.nunique() == 2


def test_by_header_completes_a_mapping(tmp_path, raw, to):
    path = tmp_path / "m.yaml"
    path.write_text(
        "files:\n  - file: x.csv\n    tables:\n      orders:\n        other_columns: by_header\n"
        "        columns: {amount: 实收}\n",
        encoding="utf-8",
    )
    (raw / "x.csv").write_text(
        "订单号,客户编码,订单日期,实收\nA1,0012,2024-01-05,5\n", encoding="utf-8"
    )
    report = ingest_folder(raw, to, path)
    assert report.exit_code == 0
    assert table(to, "orders").columns.tolist() == [
        "order_id",
        "customer_id",
        "ordered_on",
        "amount",
    ]


def small_retail(folder):
    frame = pd.DataFrame(
        {
            "Description": ["LAMP", "LAMP ", "CUP", None, "LAMP", "CUP"],
            "Quantity": np.array([6, 6, -2, 1, 3, 1], dtype="int32"),
            "InvoiceDate": pd.to_datetime(
                ["2010-12-01 08:26"] * 2 + ["2010-12-02 09:00"] * 2 + ["2011-01-03 10:00"] * 2
            ),
            "UnitPrice": [2.55, 2.55, 0.001, 5.0, 1.1, 0.0],
            "CustomerID": [17850.0, 17850.0, 17850.0, np.nan, 12583.0, 17850.0],
            "Country": ["United Kingdom"] * 4 + ["France"] * 2,
        }
    )
    frame.to_parquet(folder / "online_retail.parquet")


def test_the_retail_mapping_on_a_small_copy(raw, to):
    small_retail(raw)
    report = ingest_folder(raw, to, MAPPINGS / "online_retail.yaml")
    assert report.exit_code == 0
    assert balanced(report)
    counts = report.counts.set_index("table")[["read", "accepted", "quarantined"]]
    assert counts.loc["orders"].tolist() == [6, 5, 1]
    assert counts.loc["customers"].tolist() == [3, 2, 1]
    orders = table(to, "orders")
    assert orders.amount.tolist() == [
        Decimal(x) for x in ("15.30", "15.30", "0.00", "3.30", "0.00")
    ]
    assert orders.line_no.tolist() == [1, 2, 1, 1, 1]
    assert orders.order_id[0] == "17850@2010-12-01 08:26:00"
    assert orders.quantity.tolist()[2] == -2
    regions = table(to, "customers").set_index("customer_id").region_id.to_dict()
    assert regions == {"17850": "United Kingdom", "12583": "France"}
    assert sorted(table(to, "products").product_id) == ["CUP", "LAMP"]


def test_the_ledger_mapping_on_a_small_copy(raw, to):
    (raw / "ibm_accounts_receivable.csv").write_text(
        "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,"
        "Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate\n"
        "391,0379-NEVHP,4/6/2013,0611365,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0\n"
        "406,8976-AMJEO,3/3/2012,7900770,1/26/2013,2/25/2013,61.74,Yes,3/3/2013,Electronic,36,6\n"
        "406,8976-AMJEO,3/3/2012,7900771,26/1/2013,2/25/2013,61.74,Yes,3/3/2013,Electronic,36,6\n",
        encoding="utf-8",
    )
    report = ingest_folder(raw, to, MAPPINGS / "ibm_accounts_receivable.yaml")
    assert balanced(report)
    assert report.faults[["table", "row", "column", "value"]].to_numpy().tolist() == [
        ["invoices", 4, "InvoiceDate", "26/1/2013"]
    ]
    invoices = table(to, "invoices")
    assert invoices.due_on.tolist() == [dt.date(2013, 2, 1), dt.date(2013, 2, 25)]
    assert invoices.invoice_id.tolist() == ["0611365", "7900770"]
    assert not any("disput" in name for name in invoices.columns)
    assert any("Disputed" in note for note in report.notes)
    assert table(to, "customers").region_id.tolist() == ["391", "406"]


def test_the_geolift_mapping_on_a_small_copy(raw, to):
    (raw / "geolift_test.csv").write_text(
        "location,Y,date\nchicago,3300,2021-03-31\nportland,100,2021-03-31\nboston,5,2021-03-31\n",
        encoding="utf-8",
    )
    report = ingest_folder(raw, to, MAPPINGS / "geolift.yaml")
    assert report.exit_code == 0
    tables = connect(to)
    assert tables.leaves() == ["boston", "chicago", "portland"]
    strategy = tables["strategies"].execute().iloc[0]
    assert strategy.starts_on == pd.Timestamp("2021-04-01")
    assert pd.isna(strategy.grain)
    assert tables["strategy_units"].execute().unit_id.tolist() == ["chicago", "portland"]
    assert tables["outcomes"].execute().metric.unique().tolist() == ["sales"]


@pytest.mark.parametrize(
    ("mapping", "table_name", "read", "accepted"),
    [
        ("online_retail", "orders", 541_909, 406_829),
        ("ibm_accounts_receivable", "invoices", 2_466, 2_466),
        ("geolift", "outcomes", 4_200, 4_200),
    ],
)
def test_the_real_files(mapping, table_name, read, accepted, to):
    data = os.environ.get("INSIGHTS_TRIAL_DATA")
    if not data:
        pytest.skip("INSIGHTS_TRIAL_DATA is not set: the real public files are not here")
    report = ingest_folder(Path(data), to, MAPPINGS / f"{mapping}.yaml")
    assert report.exit_code == 0
    assert balanced(report)
    row = report.counts.set_index("table").loc[table_name]
    assert (row["read"], row.accepted) == (read, accepted)
    assert len(table(to, table_name)) == accepted


def test_tables_that_lose_rows_are_told_for_all_is_replaced(raw, to):
    (raw / "订单.csv").write_text(
        ORDERS + "A1,1,12,2024-01-05,1,5\nA2,1,12,2024-01-06,1,5\n", encoding="utf-8"
    )
    assert ingest_folder(raw, to).notes == ()
    (raw / "订单.csv").write_text(ORDERS + "A3,1,12,2024-02-05,1,5\n", encoding="utf-8")
    assert "orders: 2 rows were there, 1 take their place" in str(ingest_folder(raw, to))
