"""The gate in front of a batch: what is stale stops it, or stands on every page."""

from __future__ import annotations

import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from insights.check import held_back
from insights.cli import main
from insights.params import GatesParams, load_params
from insights.report import Report, ReportError, render
from insights.report.manifest import look_of
from insights.report.plan import Request, make_plan
from insights.tables import connect

PARAMETERS = 'region = "all"\nas_of = ""\nsource = ""\nprofile = "base"\nsave_to = None'


@pytest.fixture
def source(write_source):
    """Orders to the end of June 2025, payments to the middle of April."""
    on = np.repeat(pd.date_range("2024-01-01", "2025-06-30").date, 2)
    ids = [f"N{n}" for n in range(len(on))]
    orders = pd.DataFrame({"order_id": ids, "customer_id": "1", "ordered_on": on, "amount": 1.0})
    payments = pd.DataFrame({"payment_id": ids, "customer_id": "1", "paid_on": on, "amount": 1.0})
    return write_source(
        regions=pd.DataFrame({"region_id": ["E", "W"], "region_name": ["东", "西"]}),
        customers=pd.DataFrame({"customer_id": ["1", "2"], "region_id": ["E", "W"]}),
        orders=orders,
        payments=payments[pd.to_datetime(on) <= "2025-04-15"],
    )


@pytest.fixture
def book(tmp_path):
    found = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "",
                                                              "language": "python"}})  # fmt: skip
    first = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    found.cells = [nbformat.v4.new_markdown_cell("# tiny?"), first]
    nbformat.write(found, tmp_path / "tiny.ipynb")
    return str(tmp_path / "tiny.ipynb")


def test_a_stale_source_stops_the_batch_before_it_begins(source, book, tmp_path, capsys):
    asked = ["report", book, "--source", str(source), "--to", str(tmp_path / "out")]
    assert main(asked) == 1
    told = capsys.readouterr().err.splitlines()
    assert "payments ends on 2025-04-15, 76 days before 2025-06-30" in told[-1]
    assert "--accept-stale" in told[-1]
    assert "insights check --source" in told[-1]
    assert not (tmp_path / "out").exists()


def test_an_earlier_day_passes_the_gate(source):
    tables = connect(source)
    assert held_back(tables, "2025-04-15") == ()
    assert [one.table for one in held_back(tables)] == ["payments"]
    assert [one.kind for one in held_back(tables, "2025-10-31")] == ["stale", "stale"]


def test_told_to_go_on_every_page_and_the_index_say_it(source, book, tmp_path):
    where = {"source": str(source), "to": tmp_path / "out", "jobs": 1, "regions": ["E"]}
    with pytest.raises(ReportError, match="not ready for 2025-06-30"):
        render([book], **where)
    batch = render([book], **where, accept_stale=True)
    assert (batch.made, batch.exit_code) == (1, 0)
    for page in (batch.pack / "index.html", batch.pack / "E" / "tiny.html"):
        note = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(".stale")
        assert "payments ends on 2025-04-15" in note.get_text()


def test_params_may_say_instead_of_stop_or_be_wider(source, book, tmp_path):
    profile = tmp_path / "own.yaml"
    asked = Request([book], ["E"], None, str(source), str(profile), tmp_path, 1, None)
    profile.write_text("gates: {when_held: say}\n", encoding="utf-8")
    assert len(make_plan(asked).setting.notes) == 1
    profile.write_text("gates: {stale_days: 90, least_rows_share: 0.0}\n", encoding="utf-8")
    assert make_plan(asked).setting.notes == ()


def test_a_page_is_written_anew_when_its_notes_change(tmp_path):
    report = Report("tiny", "E", "东", tmp_path, ())
    assert look_of(report, ()) != look_of(report, ("payments end early",))


def test_the_demo_company_passes_its_own_gates(demo):
    assert held_back(demo, "2025-12-31", load_params().gates) == ()
    assert held_back(demo) == ()


def test_gates_in_params_hold_together():
    with pytest.raises(ValueError, match="names a table twice"):
        GatesParams(stale_days_of=(("orders", 10), ("orders", 20)))
    assert GatesParams().bound_of("channel_flow") == 75
    assert GatesParams().bound_of("orders") == 45
