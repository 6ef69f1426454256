from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace

import openpyxl
import pandas as pd
import pytest

from insights import connect
from insights.params import SegmentationParams, params_key
from insights.segmentation import Segmentation, segment_customers
from insights.store import cached, save
from insights.store.workbook import write_workbook
from insights.tables.totals import by_region

CALLS: list[str] = []


@dataclass(frozen=True)
class Answer:
    rows: int


def count_customers(tables, as_of, params) -> Answer:
    CALLS.append(str(as_of))
    return Answer(int(tables["customers"].count().execute()))


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHTS_CACHE", str(tmp_path / "cache"))
    CALLS.clear()


@pytest.fixture
def tables(write_source):
    return connect(write_source(customers=pd.DataFrame({"customer_id": ["1"], "region_id": "e"})))


def test_the_same_question_is_answered_once(tables):
    params = SegmentationParams()
    assert cached(count_customers, tables, "2024-01-01", params) == Answer(1)
    assert cached(count_customers, tables, "2024-01-01", params) == Answer(1)
    assert len(CALLS) == 1


def test_another_day_params_or_data_is_another_question(tables, write_source):
    params = SegmentationParams()
    cached(count_customers, tables, "2024-01-01", params)
    cached(count_customers, tables, "2024-01-02", params)
    cached(count_customers, tables, "2024-01-01", replace(params, seed=1))
    grown = pd.DataFrame({"customer_id": ["1", "2"], "region_id": "e"})
    other = connect(write_source("other", customers=grown))
    assert cached(count_customers, other, "2024-01-01", params) == Answer(2)
    assert len(CALLS) == 4


def test_a_changed_package_is_another_question(tables, monkeypatch):
    cached(count_customers, tables, "2024-01-01", None)
    monkeypatch.setattr("insights.store.cache.source_key", lambda: "changed")
    cached(count_customers, tables, "2024-01-01", None)
    assert len(CALLS) == 2


def test_a_torn_file_is_computed_again(tables, tmp_path):
    cached(count_customers, tables, "2024-01-01", None)
    (kept,) = (tmp_path / "cache").glob("*.pickle")
    kept.write_bytes(kept.read_bytes()[:10])
    assert cached(count_customers, tables, "2024-01-01", None) == Answer(1)
    assert len(CALLS) == 2


def test_save_leaves_json_tables_and_a_workbook(tables, tmp_path):
    features = pd.DataFrame({"monetary_value": [1.0]}, index=pd.Index(["=1+1"], name="customer_id"))
    result = segment_customers(features)
    save(result, tmp_path / "out", tables, result.params)
    facts = json.loads((tmp_path / "out" / "segmentation" / "result.json").read_text("utf-8"))
    assert facts["status"] == "not_enough_data"
    assert facts["sentence"] == str(result)
    assert facts["data_key"] == tables.data_key
    assert facts["params_key"] == params_key(result.params)
    assert {"analysis", "region", "as_of", "figures", "checks", "version"} <= set(facts)
    assert (facts["totals"], facts["totals_by_region"]) == ({"customers": 0}, {"customers": {}})
    for name, frame in result.tables().items():
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / "out" / "segmentation" / f"{name}.parquet"), frame
        )
    assert not list((tmp_path / "out").rglob("*.part*"))


def test_sums_that_add_up_are_saved_to_the_cent(tables, tmp_path):
    class Summed(Segmentation):
        def totals(self):
            money = {"open_cents": [10**17 + 1, 5, -7], "loss_cents": [None, 2, 3]}
            rows = pd.DataFrame({"region_id": ["e", None, "e"], "n": 1, **money})
            return by_region(rows)

    result = segment_customers(pd.DataFrame({"a": [1.0]}, index=["c"]))
    save(Summed(result.assignments, result.params), tmp_path, tables, None)
    facts = json.loads((tmp_path / "segmentation" / "result.json").read_text("utf-8"))
    assert facts["totals"] == {"n": 3, "open": "999999999999999.99", "loss": "0.05"}
    assert facts["totals_by_region"] == {
        "n": {"": 1, "e": 2},
        "open": {"": "0.05", "e": "999999999999999.94"},
        "loss": {"": "0.02", "e": "0.03"},
    }


def test_no_cell_of_a_workbook_is_a_formula(tables, tmp_path):
    features = pd.DataFrame(
        {"monetary_value": range(1, 61), "frequency": [1, 9] * 30},
        index=pd.Index([f"=HYPERLINK({n})" for n in range(60)], name="customer_id"),
    ).astype("float64")
    save(segment_customers(features), tmp_path, tables, SegmentationParams())
    book = openpyxl.load_workbook(tmp_path / "segmentation.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)


def test_save_to_nowhere_writes_nothing(tables, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    save(segment_customers(pd.DataFrame({"a": [1.0]}, index=["c"])), None, tables, None)
    assert sorted(tmp_path.rglob("*")) == before


def sheet_of(frame, tmp_path):
    write_workbook({"sentence": "All is well."}, {"t": frame}, tmp_path / "book.xlsx")
    return openpyxl.load_workbook(tmp_path / "book.xlsx")["t"]


def test_a_sheet_is_fit_to_read(tmp_path):
    frame = pd.DataFrame(
        {
            "name": ["澄港瑞通医药有限公司", "=1+1"],
            "open": [1234567.891, None],
            "visits": [23.0, 1200.0],
            "share": [0.1234, -1.0],
            "due_on": [dt.date(2024, 1, 31), None],
            "seen_at": pd.to_datetime(["2024-01-31 10:00", "2024-02-01 00:00"]).tz_localize("UTC"),
            "n": [7, 8],
            "why": ["long " * 40, "-5"],
            "odd": [float("inf"), 1.5],
        },
        index=pd.Index(["001", "002"], name="customer_id"),
    )
    sheet = sheet_of(frame, tmp_path)
    assert [cell.value for cell in sheet[1]] == ["customer_id", *frame.columns]
    assert all(cell.font.bold for cell in sheet[1])
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:J3")
    formats = [cell.number_format for cell in sheet[2]]
    assert formats == ["General", "General", "#,##0.00", "#,##0", "0.0%", "yyyy-mm-dd",
                       "yyyy-mm-dd", "#,##0", "General", "General"]  # fmt: skip
    assert [cell.value for cell in sheet[3]][:6] == ["002", "'=1+1", None, 1200, -1, None]
    assert sheet["C2"].value == 1234567.891  # shown with two decimals, kept whole
    assert sheet["I3"].value == "'-5"
    assert not any(cell.alignment.wrap_text for row in sheet for cell in row)
    widths = {letter: int(sheet.column_dimensions[letter].width) for letter in "ABCHI"}
    assert widths == {"A": 14, "B": 21, "C": 13, "H": 8, "I": 48}


def test_the_first_sheet_says_what_the_workbook_is(tmp_path, monkeypatch):
    monkeypatch.setattr("insights.store.workbook.EXCEL_ROWS", 2)
    sheet_of(pd.DataFrame({"a": [1, 2, 3]}), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert book.sheetnames == ["about", "t"]
    rows = [list(row) for row in book["about"].values]
    assert rows[0][:2] == ["sentence", "All is well."]
    assert rows[-1] == ["t", 3, "the first 2 are in this workbook"]
    assert book["t"].max_row == 3


def test_without_a_row_there_is_only_the_reason(tables, tmp_path):
    result = segment_customers(pd.DataFrame({"monetary_value": [1.0]}, index=["c"]))
    result = replace(result, **{  # as a region without customers has it
        name: frame.iloc[:0] for name, frame in vars(result).items()
        if isinstance(frame, pd.DataFrame)
    })  # fmt: skip
    save(result, tmp_path, tables, result.params)
    book = openpyxl.load_workbook(tmp_path / "segmentation.xlsx")
    told = {row[0]: row[1] for row in book["about"].values}
    assert {"sentence", "region", "as_of", "status", "analysis", "version"} <= set(told)
    assert all(frame.empty for frame in result.tables().values())
    assert book.sheetnames == ["about"]
    assert told["reason"] == result.reason != ""


def test_tables_of_an_earlier_result_do_not_stay(tables, tmp_path):
    (tmp_path / "segmentation").mkdir()
    (tmp_path / "segmentation" / "stability.parquet").write_bytes(b"old")
    result = segment_customers(pd.DataFrame({"a": [1.0]}, index=["c"]))
    save(result, tmp_path, tables, result.params)
    kept = {path.stem for path in (tmp_path / "segmentation").glob("*.parquet")}
    assert kept == set(result.tables())
