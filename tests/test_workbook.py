"""Workbooks opened again: lists as tables, numbers by kind, cells to fill in, both languages."""

from __future__ import annotations

import datetime as dt
import gettext
import warnings

import openpyxl
import pandas as pd
import pytest

from insights import words
from insights.store.workbook import write_workbook

ABOUT = {"sentence": "All is well."}
ZH = {
    "customer_id": "客户编码", "name": "名称", "actions": "行动", "about": "说明", "tier": "等级",
    "approve tier": "核定等级", "note on it": "备注", "secure": "稳住", "worked": "有效",
    "did_not_work": "无效", "cannot_tell": "待观察", "promise": "承诺", "dispute": "争议",
}  # fmt: skip


class Chinese(gettext.NullTranslations):
    def gettext(self, message):
        return ZH.get(message, message)

    def pgettext(self, context, message):
        return ZH.get(message, message)


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setattr(words._spoken, "language", "zh")
    monkeypatch.setattr(words._spoken, "catalog", Chinese())


def actions():
    return pd.DataFrame(
        {
            "name": ["=HYPERLINK(1)", "secure", "B"],
            "customer_id": ["0012", "-7", "C3"],
            "tier": ["A", "B", "C"],
            "action": ["secure", "grow", "grow"],
            "money_at_stake": [1234567.0, 20.5, 0.0],
            "visits_a_month": [0.5, 2.0, 7.3],
            "confidence": [0.25, 1.0, 0.5],
            "days_late": [1.5, 2.0, 3.0],
            "items": [1200, 1, 2],
            "rank": [1, 2, 1000],
            "next_on": pd.to_datetime(["2026-01-05", None, "2026-01-07"]),
        }
    )


def made(tmp_path, frames, **more):
    path = tmp_path / "book.xlsx"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the writer warns of what Excel would have to repair
        write_workbook(ABOUT, frames, path, **more)
    return openpyxl.load_workbook(path)


def column(sheet, heading):
    at = [cell.value for cell in sheet[1]].index(heading)
    return [row[at] for row in sheet.iter_rows(min_row=2)]


def test_a_list_is_an_excel_table_whom_it_is_about_in_sight(tmp_path):
    sheet = made(tmp_path, {"actions": actions()})["actions"]
    (table,) = sheet.tables.values()
    headings = [cell.value for cell in sheet[1]]
    assert table.ref == sheet.dimensions == "A1:P4"
    assert [one.name for one in table.tableColumns] == headings
    assert headings[:4] == ["rank", "customer_id", "name", "tier"] and sheet.freeze_panes == "D2"
    assert headings[-5:] == [
        "approve tier",
        "decided on",
        "valid until",
        "decided by",
        "note on it",
    ]


def test_numbers_are_shown_by_kind_and_add_up(tmp_path):
    frame = actions()
    sheet = made(tmp_path, {"actions": frame})["actions"]
    forms = {cell.value: sheet.cell(2, cell.column).number_format for cell in sheet[1]}
    assert forms["money_at_stake"] == "#,##0.00" and forms["items"] == "#,##0"
    assert forms["confidence"] == "0.0%" and forms["days_late"] == "#,##0.0"
    assert forms["rank"] == "General" and forms["next_on"] == "yyyy-mm-dd"
    for name in ("money_at_stake", "items", "visits_a_month"):
        assert sum(cell.value for cell in column(sheet, name)) == frame[name].sum()
    assert [cell.value for cell in column(sheet, "customer_id")] == ["0012", "'-7", "C3"]
    assert column(sheet, "next_on")[0].value == dt.datetime(2026, 1, 5)


def test_cells_to_fill_in_are_empty_unlocked_coloured_and_ruled(tmp_path):
    book = made(tmp_path, {"actions": actions()})
    sheet = book["actions"]
    for heading in ("approve tier", "decided on", "valid until", "decided by", "note on it"):
        for cell in column(sheet, heading):
            assert cell.value is None and not cell.protection.locked
            assert cell.fill.start_color.rgb == "FFFFF2CC"
    rules = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    assert rules["L2:L4"].type == "list" and rules["M2:M4"].type == "date"
    assert book["as asked"].sheet_state == "veryHidden"
    name, cells = rules["L2:L4"].formula1.split("!")
    assert name == "'as asked'"
    offered = [cell.value for (cell,) in book["as asked"][cells.replace("$", "")]]
    assert offered == ["A", "B", "C"]


def test_no_cell_is_a_formula(tmp_path):
    evil = actions().rename(columns={"items": "=1+1"})
    book = made(tmp_path, {"actions": evil, "other": evil.drop(columns="customer_id")})
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)


def test_a_long_list_asks_as_well_but_is_no_table(tmp_path, monkeypatch):
    monkeypatch.setattr("insights.store.workbook.TABLE_ROWS", 2)
    sheet = made(tmp_path, {"actions": actions()})["actions"]
    assert not sheet.tables and sheet.auto_filter.ref == "A1:P4"
    assert len(sheet.data_validations.dataValidation) == 5
    assert not column(sheet, "note on it")[2].protection.locked


def test_notes_say_what_columns_and_figures_mean(tmp_path):
    frames = {"actions": actions(), "other": pd.DataFrame({"tier": ["A"]})}
    book = made(tmp_path, frames, figures={"outstanding": 1.0, "unheard_of": 2.0})
    rows = [row[:3] for row in book["notes"].iter_rows(min_row=2, values_only=True)]
    assert rows[0][:2] == ("headline", "outstanding") and rows[0][2]
    told = {name for where, name, meaning in rows[1:] if where == "actions" and meaning}
    assert {"money_at_stake", "tier", "approve tier", "decided by"} <= told
    assert {where for where, _name, _meaning in rows} == {"headline", "actions"}


def test_the_first_sheet_leads_to_each_table_and_says_how_to_answer(tmp_path):
    book = made(tmp_path, {"actions": actions(), "t": pd.DataFrame({"a": [1]})})
    sheet = book["about"]
    links = {cell.value: cell.hyperlink.location for (cell, *_) in sheet.iter_rows()
             if cell.hyperlink}  # fmt: skip
    assert links == {"actions": "'actions'!A1", "t": "'t'!A1"}
    assert "insights ingest" in dict(row[:2] for row in sheet.values)["to fill in"]


def test_a_chinese_workbook_reads_chinese_and_leaves_names_alone(tmp_path, chinese):
    book = made(tmp_path, {"actions": actions()})
    assert book.sheetnames[:2] == ["说明", "行动"]
    sheet = book["行动"]
    assert [cell.value for cell in sheet[1]][1:4] == ["客户编码", "名称", "等级"]
    assert column(sheet, "action")[0].value == "稳住"
    assert column(sheet, "名称")[1].value == "secure"  # a customer that is called so
    assert "核定等级" in [cell.value for cell in sheet[1]]


def test_headings_that_fall_together_in_a_language_are_told_apart(tmp_path, chinese):
    frame = actions().rename(columns={"items": "NOTE"}).assign(客户编码="x")
    sheet = made(tmp_path, {"actions": frame})["行动"]
    headings = [cell.value for cell in sheet[1]]
    assert len({one.casefold() for one in headings}) == len(headings)
