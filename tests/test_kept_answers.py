"""What people wrote into a report's workbook outlives the next report."""

from __future__ import annotations

import os

import pytest

from insights.report.execute import clear
from insights.report.tasks import Report


@pytest.fixture
def report(tmp_path):
    found = Report("delinquency", "east", "East", tmp_path, ())
    found.tables.mkdir()
    for path in (found.tables / "result.json", found.workbook, found.page):
        path.write_text("made", encoding="utf-8")
        os.utime(path, (1_000, 1_000))
    return found


def saved(report, text):
    report.workbook.write_text(text, encoding="utf-8")


def test_a_workbook_saved_since_is_kept_under_a_name_of_its_own(report):
    saved(report, "answers")
    (report.folder / "delinquency-kept-1.xlsx").write_text("older", encoding="utf-8")
    clear(report)
    kept = {path.name: path.read_text("utf-8") for path in report.folder.iterdir()}
    assert kept == {"delinquency-kept-1.xlsx": "older", "delinquency-kept-2.xlsx": "answers"}


def test_a_workbook_nobody_saved_is_removed_with_its_report(report):
    os.utime(report.workbook, (1_001, 1_001))  # written within the second its result was
    clear(report)
    assert list(report.folder.iterdir()) == []


def test_a_workbook_without_a_result_is_a_report_cut_short(report):
    saved(report, "half a report's")
    (report.tables / "result.json").unlink()
    clear(report)
    assert list(report.folder.iterdir()) == []
