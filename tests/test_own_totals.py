"""A sheet's own totals beside its rows, and sums of money of each table."""

from __future__ import annotations

import openpyxl
import pytest

from insights.ingest import ingest_folder

HEAD = ["应收单号", "客户编码", "开票日期", "价税合计"]
ROWS = [
    ["A1", "C1", "2025-01-02", 100],
    ["A2", "C1", "2025-01-03", 50.25],
    ["小计", None, None, 150.25],
    ["A3", "C2", "2025-02-02", 7],
    ["小计", None, None, 7],
    ["合计", None, None, 157.25],
]


def told(tmp_path, rows, head=HEAD, name="应收"):
    raw = tmp_path / "raw"
    raw.mkdir()
    book = openpyxl.Workbook()
    book.active.title = name
    for row in [head, *rows]:
        book.active.append(row)
    book.save(raw / "x.xlsx")
    return ingest_folder(raw, tmp_path / "to")


def test_totals_that_agree_are_told_so_and_change_nothing(tmp_path):
    report = told(tmp_path, ROWS)
    assert report.exit_code == 0
    assert "own 3 totals agree with the rows read; the last, row 7, is 157.25" in str(report)
    assert "invoices, amount: 157.25 read = 157.25 accepted + 0.00 held back" in str(report)


def test_a_row_that_cannot_be_read_makes_the_total_differ(tmp_path):
    rows = [*ROWS]
    rows[1] = ["A2", "C1", "2025-01-03", "五十多"]
    said = str(told(tmp_path, rows))
    assert "2 of the sheet's own 3 totals differ" in said
    assert "row 7 says 157.25, its rows come to 107.00 (-50.25)" in said
    assert "1 rows without an amount that can be read" in said


def test_rows_held_back_are_in_the_total_but_not_accepted(tmp_path):
    rows = [["A1", None, "2025-01-02", 100], *ROWS[1:]]
    said = str(told(tmp_path, rows))
    assert "totals agree" in said and "is 157.25, of which 57.25 are accepted" in said
    assert "157.25 read = 57.25 accepted + 100.00 held back" in said


@pytest.mark.parametrize("duplicated", [157.25, 257.25])
def test_a_total_may_hold_exact_duplicates_or_not(tmp_path, duplicated):
    rows = [ROWS[0], ROWS[0], ROWS[1], ROWS[3], ["合计", None, None, duplicated]]
    assert "totals agree" in str(told(tmp_path, rows))


def test_totals_in_ten_thousands_are_as_fine_as_they_are_written(tmp_path):
    head = [*HEAD[:3], "价税合计(万元)"]
    rows = [["A1", "C1", "2025-01-02", 1.23456], ["A2", "C1", "2025-01-03", 2.5],
            ["合 计", None, None, 3.7346]]  # fmt: skip
    assert "totals agree" in str(told(tmp_path, rows, head))


def test_a_sheet_without_totals_says_nothing_of_them(tmp_path):
    assert "own" not in str(told(tmp_path, [ROWS[0], ROWS[1]]))
