"""A mapping drafted as an Excel sheet, corrected by a person, read back."""

from __future__ import annotations

import shutil

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.cli import main
from insights.ingest import Mapping, draft_mapping, ingest_folder, load_mapping
from insights.ingest.drafting import mapping_of, propose
from insights.ingest.exports import Exports
from insights.ingest.placing import place_sheets
from insights.ingest.reading import Sheet
from insights.ingest.recognition import left_out
from insights.ingest.vocabulary import load_vocabulary
from insights.params import ParamsError
from insights.tables import CANONICAL

ORDERS = "订单号,行号,客户编码,订单日期,数量,含税金额(万元)\nS1,1,0012,2024-03-05,5,1.2\n"
ODD = (
    "单据,买方代号,买方称谓,发生日,含税金额\nS9,0013,仁和,2024-03-06,10.00\nS8,0014,,2024-03-07,x\n"
)

DEMO = ("regions", "customers", "orders", "invoices", "payments", "visits", "channel_flow",
        "products", "stock", "strategies")  # fmt: skip


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "订单.csv").write_text(ORDERS, encoding="gb18030")
    return folder


@pytest.fixture
def to(tmp_path):
    return tmp_path / "tables"


def rows_of(book):
    frame = pd.read_excel(book, dtype="str", engine="calamine", keep_default_na=False)
    return frame.set_index(["file", "header"])


def correct(book, answers, saved=None):
    """Change cells as a person does: (file, header) -> values by column."""
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["mapping"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        key = (row[heads["file"] - 1].value, row[heads["header"] - 1].value)
        for name, value in answers.get(key, {}).items():
            row[heads[name] - 1].value = value
    workbook.save(saved or book)


def correct_all(book, answers, saved):
    """Correct a book, and take out the rows of columns that no header gives."""
    correct(book, answers, saved)
    workbook = openpyxl.load_workbook(saved)
    sheet = workbook["mapping"]
    for line in range(sheet.max_row, 1, -1):
        if not sheet.cell(line, 3).value:
            sheet.delete_rows(line)
    workbook.save(saved)


def stored(to):
    return {p.relative_to(to).as_posix(): p.read_bytes() for p in to.glob("*.parquet")}


def sums(report):
    counts = report.counts
    assert (counts["read"] == counts.accepted + counts.quarantined).all()
    return counts.groupby("file")[["read", "accepted", "quarantined"]].sum()


def test_unknown_headers_are_drafted_for_the_analyst(raw, to):
    (raw / "新订单.csv").write_text(ODD, encoding="utf-8")
    report = ingest_folder(raw, to)
    assert report.exit_code == 2
    said = "mapping: 4 of 5 headers to be told, 3 required columns missing (新订单.csv): correct"
    assert str(report).splitlines()[-1].startswith(f"{said} {to}/review/mapping.xlsx")
    rows = rows_of(to / "review" / "mapping.xlsx")
    assert set(rows.index.get_level_values("file")) == {"新订单.csv"}
    known = rows.loc[("新订单.csv", "含税金额")]
    assert (known.table, known.column, known["sample 1"]) == ("orders", "amount", "10.00")
    unknown = rows.loc[("新订单.csv", "买方代号")]
    assert (unknown.table, unknown.column, unknown["sample 1"]) == ("orders", "?", "0013")
    missing = rows[rows["how sure"] == "missing"].column.tolist()
    assert missing == ["order_id", "customer_id", "ordered_on"][: len(missing)]


def test_a_corrected_draft_among_the_exports_is_the_mapping(raw, to):
    (raw / "新订单.csv").write_text(ODD, encoding="utf-8")
    ingest_folder(raw, to)
    told = {"单据": "order_id", "买方代号": "customer_id", "发生日": "ordered_on"}
    answers = {("新订单.csv", head): {"column": name} for head, name in told.items()}
    answers["新订单.csv", "买方称谓"] = {"table": None, "column": None}
    correct(to / "review" / "mapping.xlsx", answers, raw / "mapping.xlsx")
    report = ingest_folder(raw, to)
    assert sums(report).loc["新订单.csv"].tolist() == [2, 1, 1]
    assert "left out 买方称谓" in str(report)
    orders = pq.read_table(to / "orders.parquet").to_pandas().set_index("order_id")
    assert orders.customer_id.to_dict() == {"S1": "0012", "S9": "0013"}
    assert float(orders.amount["S1"]) == 12000
    assert not (to / "review" / "mapping.xlsx").exists()


@pytest.mark.parametrize("where", ["review", "own"])
def test_a_corrected_draft_may_be_named_and_is_never_lost(raw, to, tmp_path, where):
    (raw / "新订单.csv").write_text(ODD, encoding="utf-8")
    ingest_folder(raw, to)
    book = to / "review" / "mapping.xlsx" if where == "review" else tmp_path / "mine.xlsx"
    answers = {("新订单.csv", "单据"): {"column": "order_id"}}
    correct(to / "review" / "mapping.xlsx", answers, book)
    report = ingest_folder(raw, to, book)
    rows = rows_of(to / "review" / "mapping.xlsx")
    assert rows.loc[("新订单.csv", "单据")].column == "order_id"
    correct(to / "review" / "mapping.xlsx", {("新订单.csv", "买方代号"): {"column": "customer_id"}})
    report = ingest_folder(raw, to, book if where == "own" else None)
    assert report.exit_code == 1 and "corrections not read yet" in str(report)


def test_a_named_mapping_in_the_tables_folder_stays_there(raw, to):
    (raw / "新订单.csv").write_text(ODD, encoding="utf-8")
    ingest_folder(raw, to)
    book = to / "review" / "mapping.xlsx"
    told = {"单据": "order_id", "买方代号": "customer_id", "发生日": "ordered_on"}
    correct(book, {("新订单.csv", head): {"column": name} for head, name in told.items()}
            | {("新订单.csv", "买方称谓"): {"table": None, "column": None}})  # fmt: skip
    before = book.read_bytes()
    for _again in range(2):
        assert sums(ingest_folder(raw, to, book)).accepted.tolist() == [1, 1]
        assert book.read_bytes() == before


def test_an_unchanged_draft_changes_nothing_on_the_demo_exports(demo_dir, tmp_path):
    small = tmp_path / "raw"
    small.mkdir()
    for name in DEMO:
        rows = pq.read_table(demo_dir / f"{name}.parquet").slice(0, 40)
        pq.write_table(rows, small / f"{name}.parquet")
    unchanged(small, tmp_path)


def test_an_unchanged_draft_changes_nothing_on_a_messy_folder(raw, tmp_path):
    (raw / "新订单.csv").write_text(ODD, encoding="utf-8")
    (raw / "两个金额.csv").write_text(
        "订单号,客户编码,订单日期,金额,销售额,备注\nS4,0012,2024-03-05,1,2,好\n", encoding="utf-8"
    )
    (raw / "无名.csv").write_text("甲,乙,丙\n1,2,3\n", encoding="utf-8")
    (raw / "客户[1].csv").write_text("客户编码,客户名称,区域\n0012,甲医院,华东\n", encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.title = "流向"
    book.active.append(["流向编号", "经销商编码", "终端编码", "产品编码", "流向日期", "数量"])
    book.active.append(["F1", "0013", "0012", "P1", "2024-03-05", 3])
    notes = book.create_sheet("说明")
    notes.append(["客户编码", "怎么填"])
    notes.append(["例", "照抄"])
    book.save(raw / "流向.xlsx")
    unchanged(raw, tmp_path)


def unchanged(raw, base):
    by_header = ingest_folder(raw, base / "plain")
    words = draft_mapping(raw, base / "draft.xlsx")
    assert str(base / "draft.xlsx") in words
    mapped = ingest_folder(raw, base / "mapped", base / "draft.xlsx")
    assert stored(base / "mapped") == stored(base / "plain")
    pd.testing.assert_frame_equal(sums(mapped), sums(by_header))
    assert mapped.exit_code == by_header.exit_code
    again = base / "again.xlsx"
    draft_mapping(raw, again)
    assert again.read_bytes() == (base / "draft.xlsx").read_bytes()


def test_the_draft_is_fit_to_be_corrected_in_excel(raw, tmp_path):
    draft_mapping(raw, tmp_path / "draft.xlsx")
    book = openpyxl.load_workbook(tmp_path / "draft.xlsx")
    assert book.sheetnames == ["mapping", "columns", "tables", "as drafted"]
    assert book["as drafted"].sheet_state == "veryHidden"
    sheet = book["mapping"]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists["G2:G207"] == f"tables!$A$2:$A${len(CANONICAL) + 2}"
    assert lists["H2:H207"].startswith("OFFSET(columns!$B$1,MATCH($G2,columns!$A:$A,0)-1")
    assert lists["I2:I207"] == '"千,万,亿"'
    assert sheet.freeze_panes == "D2" and sheet.auto_filter.ref
    assert max(width.width for width in sheet.column_dimensions.values()) <= 60
    heads = [cell.value for cell in sheet[1]]
    scaled = [cell.value for cell in sheet[7]]
    assert scaled[heads.index("unit")] == "万"
    columns = [[cell.value for cell in row] for row in book["columns"].iter_rows(min_row=2)]
    assert [row[:2] for row in columns] == [
        [table.name, column.name] for table in CANONICAL.values() for column in table.columns
    ]
    required = [row[1] for row in columns if row[0] == "orders" and row[3] == "yes"]
    assert required == list(CANONICAL["orders"].required)


def test_people_are_masked_in_samples(raw, tmp_path):
    people = ("王建国", "李晓明", "张伟")
    lines = [f"V{n},0001,{p},1381234567{n},{p}说下周试用,{p}" for n, p in enumerate(people)]
    (raw / "拜访.csv").write_text(
        "拜访编号,客户编码,医生姓名,手机,沟通要点,XM\n" + "\n".join(lines), encoding="utf-8"
    )
    draft_mapping(raw, tmp_path / "draft.xlsx")
    book = openpyxl.load_workbook(tmp_path / "draft.xlsx")
    written = str([cell.value for sheet in book for row in sheet for cell in row])
    assert not [word for word in (*people, "1381234567") if word in written]
    rows = rows_of(tmp_path / "draft.xlsx")
    assert rows.loc[("拜访.csv", "医生姓名")]["sample 1"] == "〔姓名〕"
    assert rows.loc[("拜访.csv", "手机")]["sample 1"] == "〔电话〕"
    assert rows.loc[("拜访.csv", "客户编码")]["sample 1"] == "0001"


def test_a_draft_of_files_that_name_people_names_nobody_and_still_maps(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    for n, person in enumerate(("王建国", "李晓明", "张伟")):
        (raw / f"{person}.csv").write_text(ORDERS.replace("S1", f"P{n}"), encoding="utf-8")
    draft_mapping(raw, tmp_path / "draft.xlsx")
    assert "王建国" not in str(rows_of(tmp_path / "draft.xlsx").index.tolist())
    assert sums(ingest_folder(raw, to, tmp_path / "draft.xlsx")).accepted.tolist() == [1, 1, 1]


def test_a_book_of_a_persons_file_speaks_of_no_other_file(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "王建国.csv").write_text(ORDERS, encoding="utf-8")
    (raw / "customers.csv").write_text(
        "客户编码,客户名称,区域编码\n0012,仁和医院,R1\n", encoding="utf-8"
    )
    (raw / "orders.csv").write_text(ORDERS.replace("S1", "S2"), encoding="utf-8")
    before = sums(ingest_folder(raw, to)).accepted.sum()
    draft_mapping(raw, tmp_path / "draft.xlsx")
    files = rows_of(tmp_path / "draft.xlsx").index.get_level_values("file")
    assert "〔姓名〕.csv" in files
    book = openpyxl.load_workbook(tmp_path / "draft.xlsx")
    sheet = book["mapping"]
    for line in range(sheet.max_row, 1, -1):
        if sheet.cell(line, 1).value != "〔姓名〕.csv":
            sheet.delete_rows(line)
    book.save(raw / "mapping.xlsx")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0, str(report)
    assert sums(report).accepted.sum() == before == 3


def test_each_persons_file_and_sheet_has_its_own_rows_of_a_book(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    odd = ODD.replace("S8,0014,,2024-03-07,x\n", "")
    other = odd.replace("单据", "票").replace("发生日", "日子").replace("S9", "S7")
    (raw / "王建国.csv").write_text(odd, encoding="utf-8")
    (raw / "李晓明.csv").write_text(other, encoding="utf-8")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, key in (("赵志强", "T1"), ("张建国", "T2")):
        page = book.create_sheet(name)
        for line in odd.replace("S9", key).splitlines():
            page.append(line.split(","))
    book.save(raw / "分表.xlsx")
    ingest_folder(raw, to)
    made = to / "review" / "mapping.xlsx"
    answers = {"单据": "order_id", "票": "order_id", "买方代号": "customer_id",
               "发生日": "ordered_on", "日子": "ordered_on", "含税金额": "amount"}  # fmt: skip
    keys = rows_of(made).index
    told = {
        (file, header): {"table": "orders", "column": answers[header]}
        for file, header in keys
        if header in answers
    }
    rest = {key: {"table": "", "column": ""} for key in keys if key[1] not in answers}
    correct_all(made, {**rest, **told}, raw / "mapping.xlsx")
    report = ingest_folder(raw, to)
    assert sums(report).accepted.sum() == 4, str(report)
    people = ("王建国", "李晓明", "赵志强", "张建国")
    assert [name for name in people if name in str(report)] == []
    assert not (to / "review" / "mapping.xlsx").exists()


def test_a_book_of_a_file_speaks_of_that_path_alone(raw, to, tmp_path):
    (raw / "2024").mkdir()
    (raw / "data.csv").write_text(ODD.replace(",x\n", ",1\n"), encoding="utf-8")
    (raw / "2024" / "data.csv").write_text(ORDERS.replace("S1", "S5"), encoding="utf-8")
    (raw / "订单.csv").unlink()
    ingest_folder(raw, to)
    answers = {"单据": "order_id", "买方代号": "customer_id", "发生日": "ordered_on",
               "含税金额": "amount"}  # fmt: skip
    made = to / "review" / "mapping.xlsx"
    told = {("data.csv", h): {"table": "orders", "column": c} for h, c in answers.items()}
    left = {("data.csv", "买方称谓"): {"table": "", "column": ""}}
    correct_all(made, {**told, **left}, raw / "mapping.xlsx")
    assert sums(ingest_folder(raw, to)).accepted.to_dict() == {"2024/data.csv": 1, "data.csv": 2}


def test_headers_that_a_workbook_cannot_hold_are_mapped(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    frame = pd.DataFrame(
        {
            " 订单号": ["S1"],
            "客\r\n户编码": ["0012"],
            "订单日期": ["2024-03-05"],
            "含税金额": ["1.00"],
        }
    )
    frame.to_parquet(raw / "订单.parquet")
    draft_mapping(raw, tmp_path / "draft.xlsx")
    told = {" 订单号": "order_id", "客\r\n户编码": "customer_id", "订单日期": "ordered_on",
            "含税金额": "amount"}  # fmt: skip
    answers = {
        ("订单.parquet", header): {"table": "orders", "column": name}
        for header, name in {**told, "客\n户编码": "customer_id"}.items()
    }
    correct(tmp_path / "draft.xlsx", answers, raw / "mapping.xlsx")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and sums(report).accepted.tolist() == [1], str(report)


def test_nothing_is_asked_where_nothing_is_to_be_told(raw, to):
    (raw / "新订单.csv").write_text(ODD, encoding="utf-8")
    ingest_folder(raw, to)
    answers = {"单据": "order_id", "买方代号": "customer_id", "含税金额": "amount"}
    told = {("新订单.csv", h): {"table": "orders", "column": c} for h, c in answers.items()}
    left = {("新订单.csv", h): {"table": "", "column": ""} for h in ("买方称谓", "发生日")}
    correct_all(to / "review" / "mapping.xlsx", {**told, **left}, raw / "mapping.xlsx")
    report = ingest_folder(raw, to)
    assert "no column for ordered_on" in str(report)
    assert "mapping: 0 of" not in str(report) and not (to / "review" / "mapping.xlsx").exists()


def test_all_faults_of_a_mapping_book_are_named_at_once(raw, to, tmp_path):
    book = tmp_path / "draft.xlsx"
    draft_mapping(raw, book)
    correct(book, {
        ("订单.csv", "订单号"): {"table": "order"},
        ("订单.csv", "行号"): {"column": "linenr"},
        ("订单.csv", "客户编码"): {"table": None},
        ("订单.csv", "数量"): {"column": "amount"},
        ("订单.csv", "含税金额(万元)"): {"unit": "百"},
        ("订单.csv", "订单日期"): {"column": None},
    })  # fmt: skip
    with pytest.raises(ParamsError) as error:
        load_mapping(book)
    words = str(error.value)
    assert "draft.xlsx [mapping] row 2, table 'order': no such table; closest: orders" in words
    assert "row 3, column 'linenr': orders has no such column; closest: line_no" in words
    assert "row 4, table: a column, but no table" in words
    assert "row 5, column: a table, but no column" in words
    assert "amount of orders is told by 数量, 含税金额(万元); leave one" in words
    assert "row 7, unit '百': no such unit" in words
    report = ingest_folder(raw, to, book)
    assert report.exit_code == 1 and "linenr" in str(report) and not to.exists()


def test_books_and_yaml_go_together_but_not_on_one_file(raw, to, tmp_path):
    (raw / "新订单.csv").write_text(ODD, encoding="utf-8")
    yaml = tmp_path / "m.yaml"
    columns = "{order_id: 单据, customer_id: 买方代号, ordered_on: 发生日, amount: 含税金额}"
    yaml.write_text(
        f"files:\n  - file: 新订单.csv\n    tables:\n      orders: {{columns: {columns}}}\n"
    )
    draft_mapping(raw, raw / "mapping.xlsx", yaml)
    assert set(rows_of(raw / "mapping.xlsx").index.get_level_values(0)) == {"订单.csv"}
    assert sums(ingest_folder(raw, to, yaml)).accepted.tolist() == [1, 1]
    (raw / "mapping.xlsx").unlink()
    draft_mapping(raw, raw / "mapping.xlsx")
    report = ingest_folder(raw, to, yaml)
    assert report.exit_code == 1 and "named by m.yaml and by a mapping book" in str(report)


def test_two_copies_of_a_book_are_one(raw, to):
    draft_mapping(raw, raw / "a.xlsx")
    shutil.copy(raw / "a.xlsx", raw / "b.xlsx")
    assert sums(ingest_folder(raw, to)).accepted.tolist() == [1]
    assert sums(ingest_folder(raw, to, raw / "a.xlsx")).accepted.tolist() == [1]


def test_a_file_of_the_same_name_in_another_folder_has_its_own_rows(raw, to):
    (raw / "旧").mkdir()
    (raw / "旧" / "订单.csv").write_text(ORDERS.replace("S1", "S2"), encoding="gb18030")
    draft_mapping(raw, raw / "mapping.xlsx")
    assert sums(ingest_folder(raw, to)).accepted.tolist() == [1, 1]


def test_the_verb_drafts_and_writes_no_tables(raw, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["ingest", "raw", "--draft", "m.xlsx"]) == 0
    assert "all 6 headers are told" in capsys.readouterr().out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.xlsx", "raw"]
    assert main(["ingest", "raw", "--draft", "m.xlsx"]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["ingest", "no", "--draft", "n.xlsx"]) == 1


VOCABULARY = load_vocabulary()
HEADERS = ["订单号", "客户编码", "客户名称", "订单日期", "金额", "销售额", "数量", "甲", "流向日期",
           "产品编码", "经销商编码", "科室", "含税金额(万元)"]  # fmt: skip


VISITS = "拜访日期,客户编码,业务员,单号,备注\n2025-03-01,0001,王五,9,x\n"


def test_a_gap_that_was_taken_out_of_the_book_is_still_counted(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "拜访记录.csv").write_text(VISITS, encoding="utf-8")
    ingest_folder(raw, to)
    correct_all(to / "review" / "mapping.xlsx", {}, raw / "mapping.xlsx")
    report = ingest_folder(raw, to)
    assert "visits: no column for rep_id" in str(report)
    assert "mapping: 3 of 5 headers to be told, 1 required columns missing" in str(report)
    rows = rows_of(to / "review" / "mapping.xlsx")
    assert rows.column[rows["how sure"] == "missing"].tolist() == ["rep_id"]


def test_a_header_word_of_the_table_is_taken_for_its_column(raw, to):
    draft_mapping(raw, raw / "mapping.xlsx")
    word = {("订单.csv", "订单日期"): {"column": "下单日期"}}
    correct(raw / "mapping.xlsx", word)
    assert load_mapping(raw / "mapping.xlsx").files[0].tables["orders"].columns["ordered_on"]
    assert sums(ingest_folder(raw, to)).accepted.tolist() == [1]


def test_no_column_is_suggested_for_people_nor_a_word_for_itself():
    used = {"购货单位编码", "订单号", "订单日期", "金额"}
    sheet = sheet_of("订单.csv", "", ["购货单位", "业务员工号姓名", "订单号码", *sorted(used)])
    said = left_out(sheet, used, ["orders"], VOCABULARY)
    assert said[0].endswith("column 购货单位 is not used") and "closest: 订单号" in said[2]
    assert said[1].endswith("column 业务员工号姓名 is not used")
    notes = propose([sheet], VOCABULARY).set_index("header").note
    assert notes["购货单位"] == "customer_id is read from 购货单位编码"
    assert "closest" not in notes["业务员工号姓名"]


def test_common_words_for_codes_are_known():
    method, channel = VOCABULARY.codes["method"], VOCABULARY.codes["channel"]
    assert {method[word] for word in ("银行转账", "电汇", "网银", "转账")} == {"transfer"}
    assert {method[word] for word in ("承兑", "银承", "商承", "承兑汇票")} == {"bill"}
    assert {channel[word] for word in ("上门", "拜访", "面访")} == {"in_person"}


PLACES = [("订单.csv", ""), ("x.csv", ""), ("流向.xlsx", "1"), ("流向.xlsx", "库存")]


@settings(max_examples=15, deadline=None)
@given(
    files=st.dictionaries(
        st.sampled_from(PLACES),
        st.lists(st.sampled_from(HEADERS), min_size=1, max_size=7, unique=True),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_an_unchanged_draft_never_changes_anything(files):
    sheets = [sheet_of(file, name, headers) for (file, name), headers in sorted(files.items())]
    plain = place_sheets(Exports(Mapping(), Mapping()), sheets, [], VOCABULARY)
    rows = propose(sheets, VOCABULARY)
    book = Sheet("m.xlsx", "mapping", rows, np.arange(len(rows)) + 2, np.zeros(len(rows), bool))
    drafted = place_sheets(Exports(mapping_of([book]), Mapping()), sheets, [], VOCABULARY)
    assert made_of(drafted) == made_of(plain)


def sheet_of(file, name, headers):
    frame = pd.DataFrame([["1"] * len(headers)], columns=headers, dtype="str")
    return Sheet(file, name, frame, np.array([2]), np.zeros(1, bool))


def made_of(found):
    """Return what was made of each sheet; what cannot be made may be told with a table's name."""
    return [
        (b.sheet.file, b.sheet.name, b.read, b.table * bool(b.plan.columns),
         {name: b.plan.derivation(name) for name in b.plan.columns})
        for b in sorted(found.batches, key=lambda b: (b.sheet.file, b.sheet.name))
    ], len(found.problems)  # fmt: skip
