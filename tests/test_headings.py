"""Lists that people fill in are headed in their language, and read back in any."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from insights.ingest import ingest_folder
from insights.ingest.headings import heading, plain_heading, plain_headings
from insights.words import speak


def test_a_heading_of_ours_is_read_back_in_either_language():
    assert heading("file") == plain_heading("file") == "file"
    speak("zh")
    assert heading("file") == "文件（file）" and plain_heading(heading("file")) == "file"
    assert heading("信用额度（万）") == plain_heading("信用额度（万）") == "信用额度（万）"
    assert plain_heading("金额（yuan）") == "金额（yuan）"


def test_two_headings_of_one_name_stay_apart():
    assert plain_headings(["行号（row）", "row", "x"]) == ["行号（row）", "row", "x"]


@pytest.mark.parametrize("back", ["en", "zh"])
def test_a_chinese_list_of_rows_to_mend_is_taken_in_any_language(tmp_path, back):
    raw, to = tmp_path / "raw", tmp_path / "to"
    raw.mkdir()
    rows = pd.DataFrame({"客户编码": ["C1", "C2"], "区域": ["east", None], "名称": ["甲", "乙"]})
    rows.to_csv(raw / "客户.csv", index=False)
    speak("zh")
    ingest_folder(raw, to)
    [listed] = (to / "review").glob("mend*.xlsx")
    book = openpyxl.load_workbook(listed)
    page = book.worksheets[0]
    heads = {cell.value: cell.column for cell in page[1]}
    assert {"文件（file）", "行号（row）", "原因（reason）"} <= set(heads)
    page.cell(2, heads["区域"]).value = "west"
    book.save(raw / "mend.xlsx")
    speak(back)
    report = ingest_folder(raw, to)
    stored = pd.read_parquet(to / "customers.parquet")
    assert dict(zip(stored.customer_id, stored.region_id, strict=True)) == {
        "C1": "east", "C2": "west"}  # fmt: skip
    assert report.exit_code == 0
