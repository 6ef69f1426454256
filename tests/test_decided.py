"""Answers written into a report's workbook come back through ingest as decisions and contacts."""

from __future__ import annotations

import datetime as dt
import shutil

import openpyxl
import pandas as pd
import pytest

from insights import connect, words
from insights.features.approved_tiers import approved_tiers
from insights.ingest import ingest_folder
from insights.store.workbook import write_workbook
from test_workbook import ABOUT, Chinese

DAY = dt.date(2026, 1, 5)
IDS = ["0012", "-C2", "C3", "C4", "C5", "C6"]
FRAMES = {
    "actions": pd.DataFrame({"customer_id": IDS, "name": list("甲乙丙丁戊己")}),
    "worklist": pd.DataFrame({"customer_id": IDS[:3], "promised_on": None}),
    "items": pd.DataFrame({"customer_id": ["C3"], "invoice_id": ["0001"], "exposure": [5.5]}),
    "effects": pd.DataFrame({"strategy_id": ["S1"], "verdict": ["worked"]}),
}
TIER = {
    "approve tier": "B",
    "decided on": DAY,
    "decided by": "regional manager",
    "note on it": "new ward",
}


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    customers = FRAMES["actions"].assign(region_id="east")
    customers.to_csv(folder / "customers.csv", index=False)
    (folder / "invoices.csv").write_text(
        "invoice_id,customer_id,issued_on,amount\n0001,C3,2025-01-02,5.50\n", encoding="utf-8"
    )
    write_workbook(ABOUT, FRAMES, folder / "east.xlsx")
    return folder


def fill(path, sheet, row, said, headings=1):
    """Write answers as a person does: by heading, in a row of a sheet."""
    book = openpyxl.load_workbook(path)
    heads = [cell.value for cell in book[sheet][headings]]
    for heading, value in said.items():
        book[sheet].cell(row, heads.index(heading) + 1).value = value
    book.save(path)


def stored(to, table):
    return connect(to)[table].execute()


def test_a_workbook_that_nobody_filled_in_adds_nothing(raw, tmp_path):
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 0, str(report)
    assert "east.xlsx: 0 answers read, 11 rows left open" in str(report)
    assert not (tmp_path / "to" / "decisions.parquet").exists()
    assert len(stored(tmp_path / "to", "invoices")) == 1


def test_a_tier_is_stored_and_held_to(raw, tmp_path):
    fill(raw / "east.xlsx", "actions", 2, TIER)
    fill(raw / "east.xlsx", "actions", 3, {"approve tier": "a", "decided on": "2026/1/6"})
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 0, str(report)
    rows = stored(tmp_path / "to", "decisions")
    held = approved_tiers(rows, pd.Index(IDS), "2026-01-31")
    assert held.faults == () and held.tiers.tier.to_dict() == {"0012": "B", "-C2": "A"}
    first = rows[rows.subject_id == "0012"].iloc[0]
    assert (first.kind, first.decided_by, first.reason) == ("tier", "regional manager", "new ward")
    assert pd.Timestamp(first.decided_on).date() == DAY


def test_contacts_and_verdicts_come_back_as_what_analyses_read(raw, tmp_path):
    promise = {"result of contact": "promise", "contacted on": DAY, "channel used": "phone",
               "pays by": dt.date(2026, 2, 1), "promised CNY": 1234.5}  # fmt: skip
    fill(raw / "east.xlsx", "worklist", 2, promise)
    fill(raw / "east.xlsx", "items", 2, {"result of contact": "dispute", "contacted on": DAY})
    fill(raw / "east.xlsx", "effects", 2, {"sign verdict": "cannot_tell", "decided on": DAY})
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 0, str(report)
    told = stored(tmp_path / "to", "dunning").set_index("result")
    assert told.customer_id["promise"] == "0012" and told.invoice_id["dispute"] == "0001"
    assert float(told.promised_amount["promise"]) == 1234.5
    assert str(told.promised_on["promise"])[:10] == "2026-02-01"
    signed = stored(tmp_path / "to", "decisions")
    assert signed[["kind", "subject_id", "value"]].to_numpy().tolist() == [
        ["verdict", "S1", "cannot_tell"]
    ]


def test_one_answer_in_two_workbooks_is_one_and_two_answers_are_told(raw, tmp_path):
    fill(raw / "east.xlsx", "actions", 2, TIER)
    shutil.copy(raw / "east.xlsx", raw / "copy.xlsx")
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 0 and len(stored(tmp_path / "to", "decisions")) == 1
    fill(raw / "copy.xlsx", "actions", 2, {"decided on": f"{DAY} 09:30"})
    ingest_folder(raw, tmp_path / "to")
    assert len(stored(tmp_path / "to", "decisions")) == 1
    fill(raw / "copy.xlsx", "actions", 2, {"approve tier": "C"})
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 2
    assert set(report.faults.file) == {"east.xlsx", "copy.xlsx"}


BAD = [  # sheet, row, what is written; heading, value and remedy of its fault
    ("actions", 2, TIER | {"approve tier": "D"}, "approve tier", "D", "write one of A, B, C"),
    ("actions", 3, TIER | {"decided on": None}, "decided on", "", "fill it in"),
    ("actions", 4, TIER | {"decided on": "soon"}, "decided on", "soon", "write it as 2025-01-31"),
    ("actions", 5, {"note on it": "why", "decided on": DAY}, "approve tier", "", "fill it in"),
    ("actions", 6, TIER | {"customer_id": "12"}, "customer_id", "12", "leave the ids"),
    ("worklist", 2, {"contacted on": DAY}, "result of contact", "", "write one of promise"),
    ("worklist", 3, {"result of contact": "paid", "contacted on": DAY, "pays by": DAY},
     "pays by", "2026-01-05", "write promise"),
    ("worklist", 4, {"result of contact": "promise", "contacted on": DAY, "promised CNY": "lots"},
     "promised CNY", "lots", "write digits"),
]  # fmt: skip


def test_every_bad_value_is_told_with_its_place_and_remedy(raw, tmp_path):
    for sheet, row, said, *_fault in BAD:
        fill(raw / "east.xlsx", sheet, row, said)
    fill(raw / "east.xlsx", "actions", 7, TIER)
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 2
    faults = report.faults.set_index(["file", "sheet", "row"])
    assert len(faults) == len(BAD) and not faults.expected.any()
    for sheet, row, _said, heading, value, remedy in BAD:
        fault = faults.loc[("east.xlsx", sheet, row)]
        assert fault.column.startswith(f"{heading} [") and fault.value == value
        assert fault.remedy.startswith(remedy)
    assert stored(tmp_path / "to", "decisions").subject_id.tolist() == ["C6"]


def test_columns_are_known_in_any_language_and_place(raw, tmp_path, monkeypatch):
    with monkeypatch.context() as spoken:
        spoken.setattr(words._spoken, "language", "zh")
        spoken.setattr(words._spoken, "catalog", Chinese())
        write_workbook(ABOUT, FRAMES, raw / "east.xlsx")
    fill(raw / "east.xlsx", "行动", 2, {"核定等级": "B", "decided on": DAY, "备注": "新院区"})
    fill(raw / "east.xlsx", "effects", 2, {"sign verdict": "待观察", "decided on": DAY})
    book = openpyxl.load_workbook(raw / "east.xlsx")
    sheet = book["行动"]
    for name in list(sheet.tables):
        del sheet.tables[name]
    sheet.insert_rows(1)  # a title above: Excel moves the names with their cells
    for name in sheet.defined_names.values():
        name.attr_text = name.attr_text.replace("$1", "$2")
    sheet.cell(2, [cell.value for cell in sheet[2]].index("核定等级") + 1).value = "定级"
    book.save(raw / "east.xlsx")
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 0, str(report)
    rows = stored(tmp_path / "to", "decisions").set_index("kind")
    assert rows["value"].to_dict() == {"tier": "B", "verdict": "cannot_tell"}
    assert rows.reason["tier"] == "新院区"


def test_a_column_that_was_deleted_is_told(raw, tmp_path):
    fill(raw / "east.xlsx", "actions", 2, TIER)
    book = openpyxl.load_workbook(raw / "east.xlsx")
    book["actions"].defined_names["insights.tier.decided_on"].attr_text = "actions!#REF!"
    book.save(raw / "east.xlsx")
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 2
    assert "east.xlsx: [actions] lacks the column decided on" in str(report)


def test_a_workbook_alone_makes_its_tables_but_takes_the_place_of_no_others(raw, tmp_path):
    fill(raw / "east.xlsx", "actions", 2, TIER)
    assert ingest_folder(raw / "east.xlsx", tmp_path / "new").exit_code == 0
    assert len(stored(tmp_path / "new", "decisions")) == 1
    ingest_folder(raw, tmp_path / "to")
    report = ingest_folder(raw / "east.xlsx", tmp_path / "to")
    assert report.exit_code == 1 and "put it among the raw exports" in str(report)
    assert len(stored(tmp_path / "to", "customers")) == len(IDS)


def test_a_reports_workbook_that_asks_nothing_is_taken_for_no_export(raw, tmp_path):
    frame = pd.DataFrame({"customer_id": ["C9"], "name": ["丁"]})
    write_workbook(ABOUT, {"customers": frame}, raw / "west.xlsx")
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 0, str(report)
    assert "west.xlsx: a report's workbook that asks nothing; not read" in str(report)
    assert "C9" not in set(stored(tmp_path / "to", "customers").customer_id)
