"""The faulty company: every planted fault is named, no good row is refused, no row is lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faulty_company import CHECKED, EXPECTED, HELD, Company, Fault, Odd, plant_company
from faulty_sheets import all_exports
from insights.ingest import IngestReport, check_source, ingest_folder, unknown_codes
from insights.ingest.batches import make_batch
from insights.ingest.furniture import furniture
from insights.ingest.keys import without_repeats
from insights.ingest.mapping import TablePlan
from insights.ingest.origins import read_origins
from insights.ingest.reading import Sheet
from insights.ingest.recognition import recognise
from insights.ingest.values import read_values
from insights.ingest.vocabulary import as_compared, load_vocabulary
from insights.tables import CANONICAL, connect

KINDS = sorted({fault.kind for export in all_exports(Odd()) for fault in export.faults})
TABLES = sorted({export.table for export in all_exports(Odd()) if export.table})


@dataclass(frozen=True)
class Told:
    """The planted company, what the ingest said of it, and what the check said of the tables."""

    company: Company
    report: IngestReport
    tables: dict[str, pd.DataFrame]
    checked: pd.DataFrame
    codes: pd.DataFrame


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Told:
    folder = tmp_path_factory.mktemp("faulty")
    raw, to = folder / "raw", folder / "tables"
    raw.mkdir()
    company = plant_company(raw)
    report = ingest_folder(raw, to)
    source = connect(to)
    tables = {name: pq.read_table(to / f"{name}.parquet").to_pandas() for name in TABLES}
    return Told(company, report, tables, placed(check_source(source, 500), to),
                unknown_codes(source))  # fmt: skip


def placed(faults, to):
    """Return faults of stored rows with the file, sheet and row they came from."""
    parts = []
    for table, part in faults.groupby("table"):
        origins = read_origins(to, str(table)).astype({"file": str, "sheet": str})
        places = origins.iloc[part.row.to_numpy() - 2].reset_index(drop=True)
        rest = part.reset_index(drop=True).drop(columns="row")
        parts.append(pd.concat([rest, places], axis=1))
    return pd.concat(parts, ignore_index=True)


def matching(told: Told, fault: Fault):
    """Return the rows in which the planted fault is named."""
    if fault.where == CHECKED:
        named, column = told.checked, fault.column
        columns = next(e.headers for e in told.company.exports
                       if (e.file, e.sheet) == (fault.file, fault.sheet))  # fmt: skip
        column = {header: name for name, header in columns.items()}[column]
    else:
        expected = told.report.faults.expected == (fault.where == EXPECTED)
        named, column = told.report.faults[expected], fault.column
    here = (named.file == fault.file) & (named.sheet == fault.sheet) & (named.row == fault.row)
    return named[here & (named.column == column) & (named.value == fault.value)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_fault_is_named(told, kind):
    for fault in [fault for fault in told.company.faults if fault.kind == kind]:
        named = matching(told, fault)
        assert named.reason.str.contains(fault.says, regex=False).any(), (
            fault,
            told_of(told, fault),
        )
        if fault.where != CHECKED:
            assert (named.remedy.str.len() > 5).all()


def told_of(told: Told, fault: Fault):
    """Return all that was said of a row, for the message of a failing test."""
    names = ["column", "value", "reason"]
    here = [
        frame.loc[(frame.file == fault.file) & (frame.row == fault.row), names].to_numpy().tolist()
        for frame in (told.report.faults, told.checked)
    ]
    return here


def test_there_are_more_than_sixty_kinds_in_more_than_twelve_files(told):
    assert len(KINDS) >= 60
    assert len({export.file for export in told.company.exports}) >= 12


@pytest.mark.parametrize("table", TABLES)
def test_good_rows_are_accepted_and_mean_what_they_meant(told, table):
    truth, stored = told.company.truth(table), told.tables[table]
    assert len(stored) == len(truth)
    for name in [name for name in truth[0] if not name.startswith("_")]:
        if name not in stored:
            assert all(row[name] is None for row in truth), name
            continue
        for row, value in zip(truth, stored[name], strict=True):
            assert same(value, row.get(name)), (row["_file"], row["_sheet"], row["_row"], name,
                                                value, row.get(name))  # fmt: skip


def same(stored, meant):
    if meant is None:
        return pd.isna(stored)
    if isinstance(meant, Decimal):
        return stored is not None and Decimal(stored) == meant
    if isinstance(meant, dt.datetime):
        return pd.Timestamp(stored) == pd.Timestamp(meant)
    return stored == meant


def test_nothing_but_what_was_planted_is_held_back_or_doubted(told):
    planted = {(fault.file, fault.sheet, fault.row) for fault in told.company.faults}
    for frame in (told.report.faults, told.checked):
        named = set(zip(frame.file, frame.sheet, frame.row, strict=True))
        assert named <= planted, frame[[p not in planted for p in
            zip(frame.file, frame.sheet, frame.row, strict=True)]].to_string()  # fmt: skip
    assert told.report.exit_code == 2


def test_what_was_read_was_accepted_or_quarantined(told):
    counts = told.report.counts.set_index(["file", "sheet"])
    for export in told.company.exports:
        row = counts.loc[(export.file, export.sheet)]
        refused = [fault for fault in export.faults if fault.where in (HELD, EXPECTED)]
        assert (row.table, row["read"]) == (export.table, export.read)
        assert row["read"] == row.accepted + row.quarantined
        assert row.accepted == len(export.truth)
        assert row.quarantined == len({fault.row for fault in refused})
        assert row.expected == len({fault.row for fault in refused if fault.where == EXPECTED})


def test_a_row_of_one_key_says_where_the_other_stands(told):
    torn = told.report.faults[told.report.faults.reason.str.startswith("same key")]
    payment = torn[torn.file == "回款.csv"]
    for row, other in zip(payment.row, payment.row[::-1], strict=True):
        assert payment[payment.row == row].remedy.item().endswith(f"compare 回款.csv row {other}")
    two = torn[(torn.file == "应收发票.xlsx")].remedy.tolist()
    assert any("应收发票.xlsx [一月] row" in remedy for remedy in two)
    assert any("应收发票.xlsx [二月] row" in remedy for remedy in two)


def test_an_unknown_code_is_accepted_and_counted(told):
    assert told.codes.to_numpy().tolist() == [["products", "category", "玩具", 1]]


# --- what looks like furniture of a report, or like a fault, and is data ------------------------

WORDS = load_vocabulary()
LINE = ["订单号", "客户编码", "订单日期", "含税金额", "渠道", "数量", "单价", "行号"]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["制表人：张", "", "", "", "", "", "", ""], "footer"),
        (["制表人：", "系统", "审核：", "系统", "", "", "", ""], "footer"),
        (["第2页/共3页", "", "", "", "", "", "", ""], "footer"),
        (["备注：急单", "0012", "2024-01-05", "5", "", "", "", ""], ""),
        (["单位", "0012", "2024-01-05", "5", "", "", "", ""], ""),
        (LINE, "header"),
        (["订单号", "客户编码", "", "", "", "", "", ""], "header"),
        (["渠道", "0012", "2024-01-05", "5", "渠道", "", "", ""], ""),
        (["A1", "0012", "2024-01-05", "5", "渠道", "1", "5", "1"], ""),
        (["", "华东  小计：", "", "5", "", "", "", ""], "subtotal"),
        (["合计医院", "0012", "2024-01-05", "5", "", "", "", ""], ""),
        (["", "", "", "", "", "", "", ""], ""),
    ],
)
def test_rows_that_are_no_data_are_told_from_rows_that_look_like_it(cells, kind):
    frame = pd.DataFrame([cells], columns=LINE, dtype="str")
    told = [one.reason for one in furniture(frame, WORDS) if one.where.any()]
    assert len(told) == (1 if kind else 0) and kind in "".join(told)


@pytest.mark.parametrize(
    ("table", "column", "written", "meant"),
    [
        ("customers", "customer_id", ["'0012", '="0012"', "\u200b0012", "００１２"], "0012"),
        ("orders", "order_id", ["#A 7", " #A 7\t"], "#A 7"),
        ("products", "name", ["'96 酒精"], "'96 酒精"),
        ("invoices", "currency", ["人民币", "rmb", "CNY", "¥"], "CNY"),
        ("visits", "status", ["提交", "Submitted"], "submitted"),
    ],
)
def test_odd_writings_that_are_legal(table, column, written, meant):
    column = CANONICAL[table].column(column)
    read = read_values(pd.Series(written, dtype="str"), column, WORDS)
    assert read.misread == () and read.values.tolist() == [meant] * len(written)


def test_a_date_without_end_is_empty_and_a_bad_cell_of_an_optional_column_may_be_emptied():
    column = CANONICAL["territories"].column("to_on")
    text = pd.Series(["9999-12-31", "0000-00-00", "3024-01-01"], dtype="str")
    read = read_values(text, column, WORDS)
    assert read.values.isna().all()
    assert [part.where.tolist() for part in read.misread] == [[False, False, True]]
    assert "empty the cell" in read.misread[0].remedy


@settings(max_examples=10)
@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=8), st.integers(0, 7))
def test_each_row_of_a_torn_key_is_held_back_once_whatever_the_order(keys, turn):
    """A law: rows of one key with different content are all held back, in any order of rows."""
    turned = keys[turn:] + keys[:turn]
    texts = [f"{key},E,{n}" for n, key in enumerate(turned)]
    assert torn_rows(texts) == [turned.count(key) > 1 for key in turned]


def torn_rows(texts):
    frame = pd.DataFrame([text.split(",") for text in texts],
                         columns=["customer_id", "region_id", "beds"], dtype="str")  # fmt: skip
    numbers = np.arange(len(frame)) + 2
    sheet = Sheet("x.csv", "", frame, numbers, np.zeros(len(frame), dtype=bool))
    plan = TablePlan(columns={name: name for name in frame})
    batch = make_batch(sheet, "customers", plan, WORDS)
    return (~without_repeats([batch])[0].sound).tolist()


# --- subtotals beside merged or repeated cells, and names that only look like one --------------


def held(table, columns, *rows):
    """Return of each row why it is held back as no data ("" where it is data)."""
    frame = pd.DataFrame(list(rows), columns=list(columns), dtype="str")
    sheet = Sheet("x.csv", "", frame, np.arange(len(frame)) + 2, np.zeros(len(frame), dtype=bool))
    faults = make_batch(sheet, table, TablePlan(columns=columns), WORDS).faults
    told = faults[faults.expected].set_index("position").reason
    return [told.get(n, "") for n in range(len(frame))]


SUM = "a subtotal row"
STOCK = {name: name for name in ("holder_id", "product_id", "quantity", "counted_on")}
WRITTEN_FOR = {
    name: name for name in ("month", "customer_id", "department_id", "product_id", "quantity")
}


@pytest.mark.parametrize("word", ["小计", "合计", " 合 计：", "Total", "grand total"])
def test_a_subtotal_is_told_by_any_code_that_is_such_a_word(word):
    good = ["D1", "P1", "10", "2025-01-31"]
    assert held("stock", STOCK, good, ["D1", word, "10", "2025-01-31"]) == ["", SUM]
    assert held("stock", STOCK, ["D1 汇总", "", "10", ""]) == [SUM]
    by_day = dict(sorted(STOCK.items()))
    assert held("stock", by_day, ["2025-01-31", word, "P1", "10"]) == [SUM]
    rows = [["2025-01-01", "C1", word, "P1", "3"], ["2025-01-01", "C1", "K1", word, "3"]]
    assert held("prescriptions", WRITTEN_FOR, *rows) == [SUM, SUM]


def test_a_name_that_ends_like_a_subtotal_is_a_name():
    aliases = {"alias": "alias", "customer_id": "customer_id", "source": "source"}
    rows = [["市立合计", "C1", "x"], ["中山大学总计", "1002", ""], ["合计", "", ""]]
    assert held("customer_aliases", aliases, *rows) == ["", "", SUM]
    customers = {name: name for name in ("name", "customer_id", "region_id", "beds")}
    rows = [["市立合计", "C1", "E", ""], ["华东小计", "", "", "900"], ["华东小计", "-", "E", "900"]]
    assert held("customers", customers, *rows) == ["", SUM, SUM]


# --- codes that Excel made something else of --------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["2025-03-01", "2025-03-01 09:30:00", "2025-03-01T00:00:00.000", "03:01:00", "1 day, 3:01:00",
     "true", "TRUE", "3月1日", "1-Mar", "Mar-01", "2025年3月", "2025/3/1"],
)  # fmt: skip
def test_a_code_that_excel_made_a_date_of_is_held_back(written):
    column = CANONICAL["customers"].column("customer_id")
    read = read_values(pd.Series(["3-1", written, "3-2", None], dtype="str"), column, WORDS)
    assert [part.where.tolist() for part in read.misread] == [[False, True, False, False]]
    assert "Excel made" in read.misread[0].reason
    all_so = read_values(pd.Series([written, written, None], dtype="str"), column, WORDS)
    assert all_so.misread == ()


def test_a_unit_in_the_header_and_in_the_cell_is_said():
    columns = ["订单号", "行号", "客户编码", "订单日期", "含税金额(万元)"]
    cells = ["1.2", "1.2万", "12000元", "壹万元整", "(1.2)", "1.2-", "1E-3", "x"]
    frame = pd.DataFrame(
        [[f"A{n}", "1", "C", "2025-01-05", cell] for n, cell in enumerate(cells)],
        columns=columns, dtype="str",
    )  # fmt: skip
    rows = np.arange(len(frame)) + 2
    sheet = Sheet("订单.csv", "", frame, rows, np.zeros(len(frame), dtype=bool))
    batch = make_batch(sheet, "orders", recognise(sheet, WORDS).plan, WORDS)
    told = batch.faults.set_index("position")
    assert told.index.tolist() == [1, 2, 3, 7]
    assert told.remedy[:3].str.contains("already says 万").all()
    assert "1.2万" not in "".join(told.remedy[:3])
    assert batch.values.amount.dropna().tolist() == [1200000, -1200000, -1200000, 1000]


def test_letters_nobody_sees_never_hide_a_mark_or_a_header():
    column = CANONICAL["customers"].column("customer_id")
    text = pd.Series(["\u200b'0012", '\ufeff="0012"', "00\x8512", "a\x9bb"], dtype="str")
    read = read_values(text, column, WORDS)
    assert read.values[:2].tolist() == ["0012", "0012"]
    assert [part.where.tolist() for part in read.misread] == [[False, False, True, True]]
    assert as_compared("\ufeffproduct_id\u200b") == as_compared("Product ID")


def test_codes_that_only_look_like_months_are_codes():
    column = CANONICAL["products"].column("product_id")
    text = pd.Series(["MAR-01", "DEC-12", "3-1", "A:1", "P1", "P2"], dtype="str")
    assert read_values(text, column, WORDS).misread == ()
