"""Workbooks explain every headline figure, and each analysis means its own by a name."""

from __future__ import annotations

import openpyxl
import pytest

from calling_company import PARAMS, company, typed
from insights.calls import review_calls
from insights.delinquency import review_receivables
from insights.exceptions import Source, gather_exceptions
from insights.params import load_params
from insights.store import save
from insights.store.definitions import meaning_of_column, meaning_of_figure
from insights.tables import connect
from insights.targets import review_targets

DAY = "2025-11-30"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return what three questions say of the smallest company, and where they are saved."""
    folder = tmp_path_factory.mktemp("explained")
    for name, frame in company().items():
        typed(frame).to_parquet(folder / f"{name}.parquet", index=False)
    tables, params = connect(folder), load_params()
    targets = review_targets(tables, DAY, params.targets)
    calls = review_calls(tables, DAY, PARAMS)
    owed = Source.of_receivables(review_receivables(tables, DAY, params.delinquency))
    lists = [Source.of_targets(targets), Source.of_calls(calls), owed]
    found = [targets, calls, gather_exceptions(lists, tables, DAY, params.exceptions)]
    for one in found:
        save(one, folder / "out", tables, params)
    return folder / "out", {one.analysis: one for one in found}


@pytest.mark.parametrize("name", ["targets", "calls", "exceptions"])
def test_every_headline_figure_is_explained_in_the_workbook(results, name):
    folder, found = results
    book = openpyxl.load_workbook(folder / f"{name}.xlsx")
    told = {row[1]: row[2] for row in book["notes"].values if row[0] == "headline"}
    assert told.keys() == found[name].headline().keys() and len(told) >= 4
    assert all(told.values())


def test_every_column_of_the_list_of_calls_is_explained(results):
    folder, found = results
    book = openpyxl.load_workbook(folder / "calls.xlsx")
    told = {row[1] for row in book["notes"].values if row[0] == "actions"}
    assert set(found["calls"].tables()["actions"].columns) <= told


def test_an_analysis_means_its_own_by_a_name():
    calls, targets = (meaning_of_figure("overdue_customers", one) for one in ("calls", "targets"))
    assert calls and targets and calls != targets and not meaning_of_figure("overdue_customers")
    assert "win back" in meaning_of_column("actions", "action", "segmentation")
    assert "find a caller" in meaning_of_column("actions", "action", "calls")
