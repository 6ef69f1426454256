"""Names of customers through the public verb: matched, asked about, answered, remembered."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from insights.ingest import ingest_folder
from insights.params import PrivacyParams

CUSTOMERS = """客户编码,客户名称,区域,城市
0001,武汉市第一医院,华中,武汉
0002,武汉市第三医院,华中,武汉
0003,仁和医药商业公司,华中,武汉
"""
FLOW = "流向编号,经销商编码,终端名称,产品编码,流向日期,数量,金额\n"
SURE = "F1,0003,武漢市第１医院,P1,2025-03-01,5,100\n"
OPEN = "F2,0003,江城骨科中心,P1,2025-03-02,5,300\n"


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "客户.csv").write_text(CUSTOMERS, encoding="gb18030")
    (folder / "流向.csv").write_text(FLOW + SURE + OPEN, encoding="gb18030")
    return folder


def flow(to):
    return pq.read_table(to / "channel_flow.parquet").to_pandas().set_index("flow_id")


def answer(to, raw, said, keep=True):
    """Fill in the list as a person does in Excel, and put it among the exports."""
    book = openpyxl.load_workbook(to / "review" / "names.xlsx")
    sheet = book["to decide"]
    headers = [cell.value for cell in sheet[1]]
    sheet.cell(2, headers.index("answer") + 1).value = said
    book.save((raw if keep else to / "review") / "names.xlsx")


def test_a_sure_name_gets_its_customer_and_an_open_one_is_asked(raw, tmp_path):
    to = tmp_path / "tables"
    report = ingest_folder(raw, to)
    assert report.exit_code == 0, str(report)
    assert flow(to).customer_id.to_list()[0] == "0001"
    assert pd.isna(flow(to).customer_id["F2"]) and flow(to).raw_name["F2"] == "江城骨科中心"
    assert report.names.rate_by_amount == pytest.approx(0.25)
    assert "1 of 2 names matched (50.0% of rows, 25.0% of the amount)" in str(report)
    asked = pd.read_excel(
        to / "review" / "names.xlsx", sheet_name="to decide", dtype="str", engine="calamine"
    )
    assert asked.name.tolist() == ["江城骨科中心"]
    done = pd.read_excel(
        to / "review" / "names.xlsx", sheet_name="matched", dtype="str", engine="calamine"
    )
    assert done.customer_id.tolist() == ["0001"]


def test_an_answer_is_taken_back_and_remembered(raw, tmp_path):
    to = tmp_path / "tables"
    ingest_folder(raw, to)
    answer(to, raw, "0002")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0, str(report)
    assert "names.xlsx: 1 names answered, 0 left open" in str(report)
    assert flow(to).customer_id["F2"] == "0002"
    aliases = pq.read_table(to / "customer_aliases.parquet").to_pandas()
    assert aliases.to_numpy().tolist() == [["江城骨科中心", "0002", "confirmed"]]
    assert report.names.rate_by_amount == 1.0


def test_nobody_is_an_answer_too(raw, tmp_path):
    to = tmp_path / "tables"
    ingest_folder(raw, to)
    answer(to, raw, "none")
    ingest_folder(raw, to)
    decided = pq.read_table(to / "decisions.parquet").to_pandas()
    assert decided[["kind", "subject_id", "value"]].to_numpy().tolist() == [
        ["match", "江城骨科中心", "none"]
    ]
    assert str(decided.decided_on[0]) == "2025-03-02"
    book = to / "review" / "names.xlsx"
    assert not len(pd.read_excel(book, sheet_name="to decide", engine="calamine"))


def test_a_wrong_answer_is_named_with_its_row_and_the_tables_stay(raw, tmp_path):
    to = tmp_path / "tables"
    ingest_folder(raw, to)
    answer(to, raw, "2")
    report = ingest_folder(raw, to)
    assert report.exit_code == 2
    assert "row 2: 江城骨科中心: no customer has the id '2'; did Excel cut it? 0002" in str(report)


def test_one_cut_id_leaves_only_its_own_name_open(raw, tmp_path):
    to = tmp_path / "tables"
    other = "F3,0003,东湖骨科中心,P1,2025-03-03,5,200\n"
    (raw / "流向.csv").write_text(FLOW + SURE + OPEN + other, encoding="gb18030")
    ingest_folder(raw, to)
    answer(to, raw, "0002")
    book = openpyxl.load_workbook(raw / "names.xlsx")
    column = [cell.value for cell in book["to decide"][1]].index("answer") + 1
    book["to decide"].cell(3, column).value = "1"
    book.save(raw / "names.xlsx")
    report = ingest_folder(raw, to)
    said = "names.xlsx: row 3: 东湖骨科中心: no customer has the id '1'; did Excel cut it? 0001"
    assert report.exit_code == 2 and said in str(report)
    assert "names.xlsx: 1 names answered, 1 left open" in str(report)
    assert flow(to).customer_id["F2"] == "0002" and pd.isna(flow(to).customer_id["F3"])
    left = pd.read_excel(to / "review" / "names.xlsx", sheet_name="to decide", engine="calamine")
    assert left.name.tolist() == ["东湖骨科中心"]


def test_answers_that_were_not_put_among_the_exports_are_not_lost(raw, tmp_path):
    to = tmp_path / "tables"
    ingest_folder(raw, to)
    answer(to, raw, "0002", keep=False)
    before = (to / "review" / "names.xlsx").read_bytes()
    report = ingest_folder(raw, to)
    assert report.exit_code == 1
    assert "answers not read yet: 江城骨科中心" in str(report)
    assert (to / "review" / "names.xlsx").read_bytes() == before


def test_the_same_exports_give_the_same_bytes(raw, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    ingest_folder(raw, one)
    ingest_folder(raw, two)
    for path in sorted(p for p in one.rglob("*") if p.is_file()):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path.name


def test_a_name_in_an_orders_id_column_is_held_back_with_the_nearest(raw, tmp_path):
    orders = "订单号,行号,客户名称,产品编码,下单日期,数量,金额\n"
    rows = "O1,1,武汉市第三医院,P1,2025-03-01,1,5\nO2,1,武汉市第二医院,P1,2025-03-01,1,5\n"
    (raw / "订单.csv").write_text(orders + rows, encoding="utf-8")
    report = ingest_folder(raw, tmp_path / "tables")
    assert report.exit_code == 2
    held = report.faults[report.faults.file == "订单.csv"]
    assert held[["row", "column", "value"]].to_numpy().tolist() == [
        [3, "客户名称", "武汉市第二医院"]
    ]
    assert "no customer is sure for this name" in held.reason.iloc[0]
    kept = pq.read_table(tmp_path / "tables" / "orders.parquet").to_pandas()
    assert kept.customer_id.tolist() == ["0002"]


ORDERS = "订单号,行号,客户名称,产品编码,下单日期,数量,金额\n"


def everything(to):
    """Return all text that an ingest wrote, workbooks unzipped and tables read."""
    parts = []
    for path in sorted(p for p in to.rglob("*") if p.is_file()):
        if path.suffix == ".parquet":
            parts.append(pq.read_table(path).to_pandas().to_csv())
        elif path.suffix == ".xlsx":
            sheets = pd.read_excel(path, sheet_name=None, dtype="str", engine="calamine")
            parts += [sheet.to_csv() for sheet in sheets.values()]
        else:
            parts.append(path.read_text(encoding="utf-8-sig"))
    return "".join(parts)


def test_people_in_a_customers_column_are_neither_shown_nor_asked(raw, tmp_path):
    rows = ["张伟医生13912345678", "同仁诊所(李建国主任)", "武汉市第三医院"]
    lines = [f"O{i},1,{name},P1,2025-03-01,1,5\n" for i, name in enumerate(rows)]
    (raw / "订单.csv").write_text(ORDERS + "".join(lines), encoding="utf-8")
    report = ingest_folder(raw, tmp_path / "tables")
    held = report.faults[report.faults.file == "订单.csv"]
    assert held.row.tolist() == [2, 3]
    assert held.reason.str.contains("holds a person's").all()
    said = everything(tmp_path / "tables") + str(report)
    assert not [one for one in ("张伟", "李建国", "13912345678") if one in said]


def test_two_names_with_people_taken_out_are_not_one_customer(raw, tmp_path):
    rows = "F3,0003,张主任诊室,P1,2025-03-03,5,1\nF4,0003,李主任诊室,P1,2025-03-03,5,1\n"
    (raw / "流向.csv").write_text(FLOW + SURE + rows, encoding="gb18030")
    report = ingest_folder(raw, tmp_path / "tables")
    assert report.exit_code == 0 and flow(tmp_path / "tables").customer_id.isna().sum() == 2
    assert "〔" not in report.names.names["name"].str.cat()


def test_a_contact_is_one_person_however_the_hospital_is_written(raw, tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHTS_CONTACT_KEY", "0123456789abcdef" * 4)
    (raw / "联系人.csv").write_text("医生姓名,客户编码\n王建国,0001\n", encoding="utf-8")
    visit = "拜访编号,工号,客户名称,医生姓名,拜访日期\nV1,R1,武漢市第一医院,王建国,2025-03-01\n"
    (raw / "拜访.csv").write_text(visit, encoding="utf-8")
    to = tmp_path / "tables"
    report = ingest_folder(raw, to, privacy=PrivacyParams(contacts="hash"))
    assert report.exit_code == 0, str(report)
    known = pq.read_table(to / "contacts.parquet").to_pandas().contact_id.tolist()
    met = pq.read_table(to / "visits.parquet").to_pandas().contact_id.tolist()
    assert known == met and len(known) == 1


def test_a_list_filled_under_another_name_is_not_lost_either(raw, tmp_path):
    to = tmp_path / "tables"
    ingest_folder(raw, to)
    answer(to, raw, "0002", keep=False)
    (to / "review" / "names.xlsx").rename(to / "review" / "names 已填.xlsx")
    assert "answers not read yet" in str(ingest_folder(raw, to))
    assert (to / "review" / "names 已填.xlsx").exists()


def test_without_customers_nothing_is_matched_and_nothing_held_back(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "订单.csv").write_text(
        ORDERS + "O1,1,武汉市第三医院,P1,2025-03-01,1,5\n", encoding="utf-8"
    )
    report = ingest_folder(folder, tmp_path / "tables")
    assert (report.exit_code, report.names) == (0, None)


def test_a_control_character_in_a_name_breaks_no_workbook(raw, tmp_path):
    odd = "F9,0003,某某\x0b医院,P1,2025-03-03,5,1\n"
    (raw / "流向.csv").write_text(FLOW + odd, encoding="gb18030")
    report = ingest_folder(raw, tmp_path / "tables")
    assert report.names.names["name"].tolist() == ["某某医院"]
