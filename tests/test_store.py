from __future__ import annotations

import json
from dataclasses import dataclass, replace

import openpyxl
import pandas as pd
import pytest

from insights import connect
from insights.params import SegmentationParams, params_key
from insights.segmentation import segment_customers
from insights.store import cached, save

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
    for name, frame in result.tables().items():
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / "out" / "segmentation" / f"{name}.parquet"), frame
        )
    assert not list((tmp_path / "out").rglob("*.part*"))


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
