"""Rows held back, mended in Excel and fed back: each takes its original's place, once."""

from __future__ import annotations

import shutil
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.ingest import ingest_folder
from insights.ingest.mending import Line, put_back
from insights.ingest.reading import Sheet

HEADER = "订单号,行号,客户编码,订单日期,数量,含税金额(元)\n"
GOOD = "S001,1,0012,2024-03-05,5,100.00\n"
BAD_DAY = "S002,1,0013,3/4/2024,2,10.00\n"
BAD_SUM = "S003,1,0014,2024-03-06,1,abc\n"
TITLED = "2024年订单明细\n"


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    write(folder, GOOD + BAD_DAY + BAD_SUM)
    return folder


@pytest.fixture
def to(tmp_path):
    return tmp_path / "tables"


def write(folder, rows, name="订单.csv"):
    (folder / name).write_text(HEADER + rows, encoding="gb18030")


def opened(to, name="mend.xlsx"):
    book = openpyxl.load_workbook(to / "review" / name)
    return book, book[book.sheetnames[0]]


def column(sheet, name):
    return [cell.value for cell in sheet[1]].index(name) + 1


def mend(to, raw, changes, name="mend.xlsx", saved=None):
    """Change cells of the workbook as a person does, and put it among the exports."""
    book, sheet = opened(to, name)
    for (line, header), value in changes.items():
        sheet.cell(line, column(sheet, header)).value = value
    book.save(raw / (saved or name))


def orders(to):
    return pq.read_table(to / "orders.parquet").to_pandas().set_index("order_id")


def sums(report):
    counts = report.counts[["read", "accepted", "quarantined"]].sum()
    assert counts["read"] == counts.accepted + counts.quarantined
    return counts.tolist()


def test_the_workbook_is_fit_to_be_mended_in_excel(raw, to):
    report = ingest_folder(raw, to)
    book, sheet = opened(to)
    heads = [cell.value for cell in sheet[1]]
    assert heads[:7] == ["file", "sheet", "row", "table", "column", "reason", "remedy"]
    assert heads[7:] == HEADER.strip().split(",")
    assert [c.value for c in sheet[2]][:5] == ["订单.csv", None, 3, "orders", "订单日期"]
    code = sheet.cell(2, column(sheet, "客户编码"))
    assert (code.value, code.number_format, code.data_type) == ("0013", "@", "s")
    faulty = sheet.cell(2, column(sheet, "订单日期")).fill.start_color.rgb
    sound = sheet.cell(2, column(sheet, "数量")).fill.fill_type
    assert faulty == "FFFFE699" and sound is None
    assert sheet.freeze_panes == "D2" and sheet.auto_filter.ref
    assert [book[name].sheet_state for name in book.sheetnames] == ["visible", "veryHidden"]
    assert str(report).endswith(
        f"rows to mend: 2 in {to}/review/mend.xlsx: mend them there, put it among the exports, and"
        " run again"
    )


def test_a_mended_row_takes_its_originals_place(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04", (3, "含税金额(元)"): 12.5})
    report = ingest_folder(raw, to)
    assert report.exit_code == 0, str(report)
    assert sums(report) == [3, 3, 0]
    assert orders(to).amount.to_dict() == {
        "S001": Decimal("100.00"), "S002": Decimal("10.00"), "S003": Decimal("12.50"),
    }  # fmt: skip
    assert orders(to).customer_id["S002"] == "0013"
    assert "mend.xlsx: 2 rows mended, 0 left as they were" in str(report)
    assert not (to / "review").exists() and not (to / "quarantine").exists()


def test_rows_left_as_they_were_or_taken_out_are_held_back_again(raw, to):
    first = ingest_folder(raw, to).faults
    book, sheet = opened(to)
    sheet.delete_rows(2)
    book.save(raw / "mend.xlsx")
    report = ingest_folder(raw, to)
    assert sums(report) == [3, 1, 2]
    pd.testing.assert_frame_equal(report.faults, first)


def test_the_same_folder_gives_the_same_bytes(raw, to, tmp_path):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    ingest_folder(raw, to)
    before = {p.name: p.read_bytes() for p in to.rglob("*") if p.is_file()}
    ingest_folder(raw, to)
    ingest_folder(raw, tmp_path / "again")
    for folder in (to, tmp_path / "again"):
        assert {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert "mend_2.xlsx" in before


def test_rounds_of_mending_follow_one_another_in_any_order_of_names(raw, to):
    write(raw, GOOD + "S002,1,0013,3/4/2024,2,abc\n")
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"}, saved="z.xlsx")
    assert sums(ingest_folder(raw, to)) == [2, 1, 1]
    mend(to, raw, {(2, "含税金额(元)"): "7"}, "mend_2.xlsx", "a.xlsx")
    report = ingest_folder(raw, to)
    assert sums(report) == [2, 2, 0]
    assert orders(to).amount["S002"] == Decimal("7.00")


def test_a_row_that_was_mended_badly_is_held_back_with_its_new_fault(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(3, "含税金额(元)"): "1.245"})
    report = ingest_folder(raw, to)
    fault = report.faults[report.faults.row == 4].iloc[0]
    assert (fault.file, fault.value) == ("订单.csv", "1.245")


def test_keys_are_not_to_be_changed_and_rows_are_not_to_be_doubled(raw, to):
    ingest_folder(raw, to)
    book, sheet = opened(to)
    sheet.cell(2, 3).value = 99
    sheet.append([cell.value for cell in sheet[3]])
    sheet.append([None, None, None, *"x" * 9])
    book.save(raw / "mend.xlsx")
    report = ingest_folder(raw, to)
    assert report.exit_code == 2 and sums(report) == [3, 1, 2]
    words = report.faults[report.faults.file == "mend.xlsx"].reason.item()
    assert "line 2: 订单.csv 99 is no row that was held back" in words
    assert "line 4: 订单.csv 4 stands there twice" in words
    assert "line 5: - is no row that was held back" in words


def test_two_copies_count_once_and_two_answers_for_a_row_none(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    shutil.copy(raw / "mend.xlsx", raw / "mend (1).xlsx")
    assert sums(ingest_folder(raw, to)) == [3, 2, 1]
    book = openpyxl.load_workbook(raw / "mend (1).xlsx")
    book.worksheets[0].cell(2, column(book.worksheets[0], "订单日期")).value = "2024-04-03"
    book.save(raw / "mend (1).xlsx")
    report = ingest_folder(raw, to)
    assert report.exit_code == 2 and sums(report) == [3, 1, 2]
    assert "订单.csv row 3 is mended in two ways" in str(report)


def test_mended_rows_find_their_rows_when_the_export_grew_at_its_head(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    write(raw, "S000,1,0012,2024-03-01,1,1.00\n" + GOOD + BAD_DAY + BAD_SUM)
    report = ingest_folder(raw, to)
    assert sums(report) == [4, 3, 1]
    assert "found elsewhere by their content" in str(report)


def test_a_row_that_is_another_one_now_is_not_overwritten(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    write(raw, GOOD + "S009,1,0099,2024-05-05,9,9.00\n")
    report = ingest_folder(raw, to)
    assert orders(to).customer_id["S009"] == "0099"
    assert "taken as rows of their own: 订单.csv row 3" in str(report)
    assert orders(to).customer_id["S002"] == "0013"
    assert sums(report) == [3, 3, 0]


def test_an_export_that_was_corrected_itself_needs_the_mended_row_no_more(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    write(raw, GOOD + BAD_DAY.replace("3/4/2024", "2024-03-04") + BAD_SUM)
    report = ingest_folder(raw, to)
    assert sums(report) == [3, 2, 1]
    assert "of their own" not in str(report)


def test_without_its_export_a_mended_row_is_a_row_of_its_table(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04", (3, "含税金额(元)"): "x"})
    (raw / "订单.csv").unlink()
    (raw / "更多订单.csv").write_text(HEADER + GOOD, encoding="utf-8")
    report = ingest_folder(raw, to)
    assert "whose original is not among the exports any more" in str(report)
    assert sums(report) == [3, 2, 1]
    assert orders(to).index.tolist() == ["S001", "S002"]
    mend(to, raw, {(2, "含税金额(元)"): "3"}, "mend_2.xlsx")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and sums(report) == [3, 3, 0], str(report)


def test_mended_rows_that_were_not_read_are_not_replaced(raw, to):
    ingest_folder(raw, to)
    mend(to, to / "review", {(2, "订单日期"): "2024-03-04"})
    report = ingest_folder(raw, to)
    assert report.exit_code == 1 and "mended rows not read yet: 订单.csv row 3" in str(report)
    shutil.copy(to / "review" / "mend.xlsx", raw)
    assert sums(ingest_folder(raw, to)) == [3, 2, 1]


def test_a_quarantine_file_among_the_exports_is_no_table(raw, to):
    ingest_folder(raw, to)
    shutil.copy(to / "quarantine" / "订单.csv", raw / "mended.csv")
    report = ingest_folder(raw, to)
    assert report.exit_code == 2 and sums(report) == [3, 1, 2]
    assert "review/mend.xlsx" in str(report)


def test_a_mask_left_in_place_overwrites_nobody(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    text = "拜访编号,工号,客户编码,拜访日期,医生姓名,沟通要点\n"
    text += "V1,R1,0001,3/4/2024,王建国,王建国主任同意试用,\n".replace(",\n", "\n")
    (raw / "拜访.csv").write_text(text + "V2,R1,0001,2024-03-01,李四,好\n", encoding="utf-8")
    ingest_folder(raw, to)
    _book, sheet = opened(to)
    assert "王建国" not in str([cell.value for row in sheet for cell in row])
    mend(to, raw, {(2, "拜访日期"): "2024-03-04", (2, "沟通要点"): "改写"})
    report = ingest_folder(raw, to)
    assert report.exit_code == 0, str(report)
    visits = pq.read_table(to / "visits.parquet").to_pandas().set_index("visit_id")
    assert visits.key_points["V1"] == "改写" and len(visits) == 2


def test_files_and_sheets_that_name_a_person_are_found_again(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    for person, key in (("王建国", "A"), ("李晓明", "B"), ("张伟", "C")):
        write(raw, GOOD.replace("S", key) + BAD_DAY.replace("S", key), f"{person}.csv")
    ingest_folder(raw, to)
    book, _sheet = opened(to)
    assert "王建国" not in str([cell.value for page in book for row in page for cell in row])
    for page in book.worksheets:
        if page.sheet_state == "visible":
            page.cell(2, column(page, "订单日期")).value = "2024-03-04"
    book.save(raw / "mend.xlsx")
    report = ingest_folder(raw, to)
    assert sums(report) == [6, 6, 0], str(report)


def test_cells_that_excel_cannot_hold_or_would_calculate(raw, to):
    write(raw, GOOD + 'S002,1,=1+1,3/4/2024,2,"1\x0b0\r\n.00"\n')
    ingest_folder(raw, to)
    _book, sheet = opened(to)
    cell = sheet.cell(2, column(sheet, "客户编码"))
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    cells = {"订单日期": "2024-03-04", "含税金额(元)": "10", "客户编码": "0012"}
    mend(to, raw, {(2, header): value for header, value in cells.items()})
    report = ingest_folder(raw, to)
    assert report.exit_code == 0, str(report)
    assert orders(to).customer_id["S002"] == "0012"


def test_several_sheets_under_titles_and_columns_called_like_the_reasons(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in ("一月", "二月"):
        sheet = book.create_sheet(name)
        sheet.append(["订单明细"])
        sheet.append(["订单号", "客户编码", "订单日期", "含税金额", "row", "masked"])
        sheet.append([f"{name}1", "0012", "3/4/2024", "1.00", "r", "m"])
    book.save(raw / "订单.xlsx")
    ingest_folder(raw, to)
    made = openpyxl.load_workbook(to / "review" / "mend.xlsx")
    visible = [page for page in made.worksheets if page.sheet_state == "visible"]
    assert [page.title for page in visible] == ["1 订单 一月", "2 订单 二月"]
    for page in visible:
        assert page.cell(2, 3).value == 3
        page.cell(2, column(page, "订单日期")).value = "2024-03-04"
    made.save(raw / "mend.xlsx")
    report = ingest_folder(raw, to)
    assert sums(report) == [2, 2, 0], str(report)


WIDE = "订单号,行号,客户编码,产品编码,订单日期,数量,单价,含税金额\n"
BEYOND = "(beyond the headers)"


def wide(raw, rows):
    raw.mkdir()
    (raw / "订单.csv").write_text(WIDE + rows, encoding="utf-8")


def test_a_row_with_cells_beyond_the_headers_stays_held_until_they_are_said_to_be_right(
    tmp_path, to
):
    raw = tmp_path / "wide"
    good = "O2,1,C1,P1,2025-01-05,2,10.00,20.00\n"
    wide(raw, "O1,1,C1,P1,2025-01-05,2,1,234.50,2469\n" + good)
    assert sums(ingest_folder(raw, to)) == [2, 1, 1]
    _book, sheet = opened(to)
    said = sheet.cell(2, column(sheet, BEYOND))
    assert "empty this cell" in said.value and said.fill.start_color.rgb == "FFFFE699"
    mend(to, raw, {(2, "行号"): "2"})
    report = ingest_folder(raw, to)
    assert sums(report) == [2, 1, 1], str(report)
    right = {(2, "单价"): "1234.50", (2, "含税金额"): "2469", (2, BEYOND): None}
    mend(to, raw, right, "mend_2.xlsx")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and sums(report) == [2, 2, 0], str(report)
    assert orders(to).amount["O1"] == Decimal("2469.00")


def test_a_row_beyond_the_headers_without_its_export_stays_held_too(tmp_path, to):
    raw = tmp_path / "wide"
    wide(raw, "O1,1,C1,P1,2025-01-05,2,1,234.50,2469\n")
    ingest_folder(raw, to)
    mend(to, raw, {(2, "行号"): "2"})
    (raw / "订单.csv").unlink()
    assert sums(ingest_folder(raw, to)) == [1, 0, 1]


@pytest.mark.parametrize("torn", ['O1,1,"C1,P1,2025-01-05,2,10.00,20.00\n', "O1,1,C1,P1,2025-01-0"])
def test_a_torn_row_that_is_mended_is_whole(tmp_path, to, torn):
    raw = tmp_path / "wide"
    good = "O2,1,C1,P1,2025-01-05,2,10.00,20.00\n"
    wide(raw, torn + good if torn.endswith("\n") else good + torn)
    assert sums(ingest_folder(raw, to)) == [2, 1, 1]
    cells = dict(
        zip(WIDE.strip().split(","), good.strip().replace("O2", "O1").split(","), strict=True)
    )
    mend(to, raw, {**{(2, name): cell for name, cell in cells.items()}, (2, BEYOND): None})
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and sums(report) == [2, 2, 0], str(report)


def test_a_long_code_typed_as_a_number_is_no_other_code(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04", (2, "客户编码"): 123456789012345678})
    report = ingest_folder(raw, to)
    assert sums(report) == [3, 1, 2], str(report)
    fault = report.faults[report.faults.row == 3].iloc[0]
    assert fault.value.startswith("1.23456789012345") and "E+17" in fault.value


def test_files_of_people_that_are_equal_are_each_mended(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    for person in ("王建国", "李晓明", "张伟"):
        write(raw, GOOD + BAD_DAY, f"{person}.csv")
    ingest_folder(raw, to)
    book, _sheet = opened(to)
    for page in book.worksheets:
        if page.sheet_state == "visible":
            page.cell(2, column(page, "订单日期")).value = "2024-03-04"
    book.save(raw / "mend.xlsx")
    report = ingest_folder(raw, to)
    assert "of their own" not in str(report) and "3 rows mended" in str(report)
    assert sums(report)[0] == 6


def test_a_mended_file_of_a_person_is_found_beside_one_more(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    write(raw, BAD_DAY, "王建国.csv")
    write(raw, GOOD, "张伟.csv")
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    write(raw, GOOD.replace("S001", "S009"), "刘洋.csv")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and sums(report) == [3, 3, 0], str(report)


def test_headers_that_a_workbook_cannot_hold_are_mended(raw, to):
    head = HEADER.replace("客户编码", '"客户\r\n编码"').replace("数量", " 数量")
    text = head + BAD_DAY + GOOD
    (raw / "订单.csv").write_bytes(text.encode())
    assert sums(ingest_folder(raw, to)) == [2, 1, 1]
    mend(to, raw, {(2, "订单日期"): "2024-03-04", (2, "客户\n编码"): "0099"})
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and orders(to).customer_id["S002"] == "0099", str(report)


def test_rows_of_a_long_sheet_that_moved_are_found_at_once():
    n, some = 60_000, 1_500
    same = {name: ["甲"] * n for name in ("客户", "地区", "产品", "渠道", "备注")}
    cells = {**same, "日期": ["x "] * n, "单号": [f"S{i}" for i in range(n)]}
    frame = pd.DataFrame(cells, dtype="str")
    sheet = Sheet("a.csv", "", frame, np.arange(n) + 3, np.zeros(n, bool))
    held = [{**dict.fromkeys(same, "甲"), "日期": "x", "单号": f"S{i}"} for i in range(some)]
    lines = [
        Line("mend.xlsx", "1", i + 2, ("a.csv", "", str(i + 2)), "orders", cells, {"日期": "y"},
             frozenset())
        for i, cells in enumerate(held)
    ]  # fmt: skip
    done = put_back([sheet], lines)
    assert (done.sheets[0].frame["日期"] == "y").to_numpy().nonzero()[0].tolist() == [*range(some)]
    assert not done.orphans


def test_a_second_round_finds_rows_that_moved():
    frame = pd.DataFrame({"日期": ["a", "x"], "单号": ["S0", "S1"], "额": ["1", "z"]}, dtype="str")
    sheet = Sheet("a.csv", "", frame, np.array([2, 3]), np.zeros(2, bool))
    first = {"日期": "x", "单号": "S1", "额": "z"}
    key = ("a.csv", "", "2")
    rounds = [(first, {"日期": "y"}), ({**first, "日期": "y"}, {"额": "2"})]
    lines = [Line("m", "1", 2, key, "orders", *cells, frozenset()) for cells in rounds]
    done = put_back([sheet], lines)
    assert done.sheets[0].frame.iloc[1].tolist() == ["y", "S1", "2"] and not done.orphans


def test_a_workbook_that_is_open_in_excel_is_to_be_closed(raw, to, monkeypatch):
    def locked(*_args):
        raise PermissionError(13, "Permission denied", "mend.xlsx")

    monkeypatch.setattr("insights.ingest.folder.write_lists", locked)
    report = ingest_folder(raw, to)
    assert report.exit_code == 1 and "close its files in Excel" in str(report)
    assert not to.exists()


CELL = st.text("0129abc,\n =〔-年", min_size=0, max_size=6)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4),
    mended=st.dictionaries(st.integers(0, 3), st.tuples(CELL, CELL), max_size=4),
)
def test_any_mending_counts_each_row_once(rows, mended, tmp_path_factory):
    base = tmp_path_factory.mktemp("law")
    raw, to = base / "raw", base / "tables"
    raw.mkdir()
    frame = pd.DataFrame(
        [
            [f"S{n}", "0012", "x" if n else "2024-03-04", amount, note]
            for n, (amount, note) in enumerate([("1", ""), *rows])
        ],
        columns=["订单号", "客户编码", "订单日期", "含税金额", "渠道"],
    )
    frame.to_csv(raw / "订单.csv", index=False)
    before = sums(ingest_folder(raw, to))
    changes = {}
    for line, (amount, note) in mended.items():
        if line < before[2]:
            changes[line + 2, "含税金额"] = amount
            changes[line + 2, "渠道"] = note
            changes[line + 2, "订单日期"] = "2024-03-05"
    if before[2]:
        mend(to, raw, changes)
        after = sums(ingest_folder(raw, to))
        assert after[0] == before[0] and after[1] >= before[1]


def corrected(row="row 3", book="mend.xlsx"):
    return (
        f"订单.csv {row} has been corrected in the export; its line in {book} is no longer needed:"
        " delete it"
    )


FIXED = "S002,1,0013,2024-03-01,2,10.00\n"  # another day than the one it is mended to


@pytest.mark.parametrize("rows", [GOOD + FIXED + BAD_SUM, FIXED + GOOD + BAD_SUM])
def test_a_row_that_is_corrected_in_the_export_wins_over_its_mended_line(raw, to, rows):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    write(raw, rows)
    report = ingest_folder(raw, to)
    assert sums(report) == [3, 2, 1], str(report)
    assert str(orders(to).ordered_on["S002"])[:10] == "2024-03-01"
    assert corrected() in str(report) and "of their own" not in str(report)
    assert "mend.xlsx: 0 rows mended, 1 left as they were" in str(report)


def test_a_row_whose_key_is_corrected_in_the_export_wins_at_its_place(raw, to):
    write(raw, GOOD + FIXED.replace("S002", "") + BAD_SUM)
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单号"): "S002"})
    write(raw, GOOD + FIXED.replace("S002", "S0020") + BAD_SUM)
    report = ingest_folder(raw, to)
    assert sums(report) == [3, 2, 1], str(report)
    assert orders(to).index.tolist() == ["S001", "S0020"] and corrected() in str(report)


def test_a_row_that_still_has_a_fault_in_the_export_needs_its_mended_line(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    write(raw, GOOD + FIXED.replace("10.00", "abc") + BAD_SUM)
    report = ingest_folder(raw, to)
    assert sums(report) == [4, 2, 2], str(report)
    assert "of their own: 订单.csv row 3" in str(report) and "delete it" not in str(report)


def test_a_row_is_counted_once_in_however_many_workbooks_it_stands(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04"})
    ingest_folder(raw, to)
    mend(to, raw, {(2, "含税金额(元)"): "7"}, "mend_2.xlsx")
    report = ingest_folder(raw, to)
    assert sums(report) == [3, 3, 0]
    assert "2 rows mended, 0 left as they were" in str(report), str(report)


def test_a_sound_cell_that_is_changed_is_named(raw, to):
    ingest_folder(raw, to)
    changes = {"订单日期": "2024-03-04", "数量": "3", "客户编码": "王建国"}
    mend(to, raw, {(2, header): value for header, value in changes.items()})
    report = str(ingest_folder(raw, to))
    assert "mend.xlsx row 2: 客户编码, 数量 2 -> 3 changed too" in report, report


def test_a_sound_cell_of_a_person_is_named_without_its_value(tmp_path, to):
    raw = tmp_path / "raw"
    raw.mkdir()
    text = "拜访编号,工号,客户编码,拜访日期,医生姓名,联系电话\nV1,R1,0001,3/4/2024,,\n"
    (raw / "拜访.csv").write_text(text + "V2,R1,0001,2024-03-01,李四,\n", encoding="utf-8")
    ingest_folder(raw, to)
    changes = {"拜访日期": "2024-03-04", "医生姓名": "王建国", "联系电话": "68321234"}
    mend(to, raw, {(2, header): value for header, value in changes.items()})
    report = str(ingest_folder(raw, to))
    assert "mend.xlsx row 2: 医生姓名, 联系电话 changed too" in report, report
    assert "王建国" not in report and "68321234" not in report


def test_rounds_of_mending_are_all_needless_once_the_export_is_corrected(raw, to):
    ingest_folder(raw, to)
    mend(to, raw, {(2, "订单日期"): "2024-03-04", (3, "含税金额(元)"): "x"})
    (raw / "订单.csv").rename(raw / "更多订单.csv")
    write(raw, GOOD, "更多订单.csv")
    ingest_folder(raw, to)
    mend(to, raw, {(2, "含税金额(元)"): "3"}, "mend_2.xlsx")
    assert "2 rows mended, 0 left as they were" in str(ingest_folder(raw, to))
    write(raw, GOOD + FIXED + BAD_SUM.replace("abc", "9"), "更多订单.csv")
    report = ingest_folder(raw, to)
    assert report.exit_code == 0 and sums(report) == [3, 3, 0], str(report)
    assert orders(to).amount["S003"] == Decimal("9.00")
    assert corrected() in str(report) and "line in mend_2.xlsx is no longer" in str(report)
    assert "0 rows mended, 0 left as they were" in str(report)
