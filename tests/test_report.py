import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from insights.report import Outcome, Report, ReportError, render
from insights.report.cells import readable
from insights.report.files import folder_names, write_whole
from insights.report.grid import plain_figure
from insights.report.manifest import Entry, Manifest, write_manifest
from insights.report.page import write_page
from insights.report.pool import outcomes
from insights.report.tasks import Setting, Task
from insights.tables import as_date

ALERT = "<script>alert(1)</script>"
PARAMETERS = 'region = "all"\nas_of = ""\nsource = ""\nprofile = "base"\nsave_to = None'
SAVES = """
import json, os, pathlib, sys
threads = [os.environ.get(f"{name}_NUM_THREADS") for name in ("OMP", "OPENBLAS", "MKL")]
result = {"analysis": "tiny", "region": region, "as_of": as_of, "sentence": f"Says {region} <b>",
    "status": "not_enough_data" if region == "a/b" else "ok",
    "figures": {"net_sales": 1234567.8, "share": None, "churn": 0.1234, "n": 12, "more": 5.0},
    "python": sys.executable, "threads": threads, "started": len(os.listdir(log))}
folder = pathlib.Path(save_to) / "tiny"
folder.mkdir(parents=True)
_ = (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
"""
BREAKS = """
import os, time
if region == "0012": raise ValueError("the first line\\nthe last line")
if region == "a/b": os._exit(9)
"""


def notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    found = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "",
                                                              "language": "python"}})  # fmt: skip
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    others = [
        nbformat.v4.new_markdown_cell(cell)
        if cell.startswith("#")
        else nbformat.v4.new_code_cell(cell)
        for cell in cells
    ]
    found.cells = [nbformat.v4.new_markdown_cell(f"# {path.stem}?"), first, *others]
    nbformat.write(found, path)
    return path


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    regions = ["0012", "a/b"]
    pd.DataFrame({"region_id": regions, "region_name": ["华东", ALERT]}).to_parquet(
        folder / "regions.parquet"
    )
    customers = pd.DataFrame({"customer_id": ["1", "2"], "region_id": regions})
    customers.to_parquet(folder / "customers.parquet")
    pd.DataFrame(
        {
            "order_id": ["1", "2"],
            "customer_id": ["1", "2"],
            "ordered_on": pd.to_datetime(["2024-01-31", "2024-06-30"]).date,
            "amount": [1.0, 2.0],
        }
    ).to_parquet(folder / "orders.parquet")
    return folder


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    log = tmp_path_factory.mktemp("log")
    order = f"log = {str(log)!r}; import tempfile; _f = tempfile.mkstemp(dir=log)"
    tiny = notebook(folder / "tiny.ipynb", order, "## Data", SAVES, "print(region)")
    broken = notebook(folder / "broken.ipynb", "print('before')", "## Then", BREAKS, "print('end')")
    return [str(tiny), str(broken)]


@pytest.fixture(scope="module")
def batch(company, books, tmp_path_factory):
    """Run where the environment is not activated and the user has another python3 kernelspec."""
    decoy = tmp_path_factory.mktemp("jupyter") / "kernels" / "python3"
    decoy.mkdir(parents=True)
    spec = {"argv": ["/no/such/python", "{connection_file}"], "display_name": "", "language": "r"}
    (decoy / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(decoy.parents[1]))
        patch.setenv("PATH", os.defpath)
        patch.setenv("OMP_NUM_THREADS", "8")
        return render(books, source=str(company), to=tmp_path_factory.mktemp("out"), jobs=2)


def result(batch, folder):
    return json.loads((batch.pack / folder / "tiny" / "result.json").read_text(encoding="utf-8"))


def folder_of(batch, region):
    return folder_names(["all", "0012", "a/b"])[region]


# --- the batch


def test_as_of_left_out_is_the_last_date_of_the_source(batch):
    assert batch.pack.name == "2024-06-30"
    assert result(batch, "0012")["as_of"] == "2024-06-30"


def test_region_ids_stay_text(batch):
    assert result(batch, "0012")["region"] == "0012"
    assert result(batch, folder_of(batch, "a/b"))["region"] == "a/b"


def test_kernels_run_in_this_interpreter_with_one_thread(batch):
    found = result(batch, "all")
    assert found["python"] == sys.executable
    assert found["threads"] == ["1", "1", "1"]


def test_all_runs_before_the_regions(batch):
    others = [result(batch, folder)["started"] for folder in ("0012", folder_of(batch, "a/b"))]
    assert result(batch, "all")["started"] == 1
    assert sorted(others)[0] >= 2


def test_failures_leave_the_others_alone_and_are_told(batch):
    assert batch.exit_code == 3
    assert batch.made == 4
    failed = {outcome.task.report.region: outcome.error for outcome in batch.failures}
    assert failed["0012"] == "ValueError: the last line"
    assert "died" in failed["a/b"]
    assert "failed: broken · 0012: ValueError: the last line" in str(batch)


def test_a_failed_notebook_is_kept_with_its_traceback(batch):
    kept = nbformat.read(batch.pack / "0012" / "broken.ipynb", as_version=4)
    errors = [out for cell in kept.cells for out in cell.get("outputs", []) if "ename" in out]
    assert errors[0]["evalue"] == "the first line\nthe last line"
    page = (batch.pack / "0012" / "broken.html").read_text(encoding="utf-8")
    assert "ValueError: the last line" in page
    assert "before" in page
    assert "papermill-error-cell" not in page


def test_every_file_is_whole(batch):
    left = [path for path in batch.pack.rglob("*") if ".part" in path.name]
    assert left == []
    about = nbformat.read(batch.pack / "0012" / "tiny.ipynb", as_version=4).metadata.papermill
    assert (about.input_path, about.output_path) == ("tiny.ipynb", "tiny.ipynb")


def test_second_run_does_only_what_is_missing_changed_or_failed(batch, company, books):
    again = {"source": str(company), "to": batch.pack.parent, "jobs": 1}
    second = render(books[:1], **again)
    assert (second.made, second.unchanged, second.exit_code) == (0, 3, 0)
    (batch.pack / "all" / "tiny" / "result.json").unlink()
    third = render(books, regions=["0012", "all"], **again)
    assert (third.made, third.unchanged, third.exit_code) == (1, 2, 3)
    assert [one.task.report.region for one in third.failures] == ["0012"]
    index = (batch.pack / "index.html").read_text(encoding="utf-8")
    assert "6 reports: 3 ok, 1 without enough data, 2 failed" in index


def test_a_change_runs_only_what_it_touches(company, tmp_path, capsys):
    where = {"regions": ["0012"], "source": str(company), "to": tmp_path, "jobs": 1, "pack": "p"}
    other = Entry("old", "0012", "0012", "k", "another setting", "l", "", 1.0, ("old.html",))
    write_manifest(tmp_path / "p", Manifest({("old", "0012"): other}))
    books = [str(notebook(tmp_path / f"{name}.ipynb", "print(1)")) for name in ("one", "two")]
    render(books, **where)
    assert "1 reports of other data or params" in capsys.readouterr().err
    folder = tmp_path / "p" / "0012"
    ran = (folder / "one.ipynb").stat().st_mtime_ns
    notebook(tmp_path / "two.ipynb", "print(3)")
    three = str(notebook(tmp_path / "three.ipynb", "print(3)"))
    found = render([*books, three], **where)
    assert (found.made, found.unchanged) == (2, 1)
    assert 'href="three.html"' in (folder / "one.html").read_text(encoding="utf-8")
    assert (folder / "one.ipynb").stat().st_mtime_ns == ran
    index = BeautifulSoup(
        (tmp_path / "p" / "index.html").read_text(encoding="utf-8"), "html.parser"
    )
    assert "Old" not in [head.get_text() for head in index.select(".grid .title")]


# --- what is refused before anything runs


def test_everything_wrong_is_said_at_once_and_nothing_runs(company, tmp_path):
    unknown = notebook(tmp_path / "odd.ipynb", parameters='region = "all"\nas_of = ""')
    with pytest.raises(ReportError) as told:
        render(
            [str(unknown)], ["nowhere", "0012", "gone"], "soon", str(company), "no_such",
            tmp_path / "out", 0, "../up",
        )  # fmt: skip
    words = str(told.value)
    assert "notebook odd: no parameter source, profile, save_to; it knows: region, as_of" in words
    for part in ("'nowhere'", "'gone'", "'soon'", "no_such", "jobs: 0", "'../up'", "0012, a/b"):
        assert part in words
    assert not (tmp_path / "out").exists()


def test_unknown_notebooks_and_sources_are_said(tmp_path):
    with pytest.raises(ReportError, match=r"nothing_here\.ipynb: no such file"):
        render(["nothing_here"], source="nowhere", to=tmp_path)
    (tmp_path / "bad.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ReportError, match=r"bad\.ipynb: not readable"):
        render([str(tmp_path / "bad.ipynb")], source="nowhere", to=tmp_path)
    (tmp_path / "customers.parquet").write_bytes(b"no parquet")
    with pytest.raises(ReportError, match=r"customers\.parquet: not readable"):
        render(["nothing_here"], source=str(tmp_path), to=tmp_path)


# --- names of folders


def test_folder_names_are_safe_and_distinct():
    ids = ["all", "ALL", "0012", "12", "east", "East", "华东", "a/b", "a\\b", "a:b", "..", ".", "",
           "CON", "con.x", "nul", "index.html", "manifest.json", "x" * 300, "x" * 301, "tail. ",
           "new\nline"]  # fmt: skip
    names = folder_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    assert [names[one] for one in ("all", "0012", "12", "华东")] == ["all", "0012", "12", "华东"]
    for name in names.values():
        assert re.fullmatch(r"[\w\-][\w.\-]*", name)
        assert len(name) < 80
        assert not name.endswith(".")
        assert not re.fullmatch(r"(?i)(con|nul|prn|aux)(\..*)?|index\.html|manifest\.json", name)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "index.html"
    write_whole(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(target, "new \ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert target.read_text(encoding="utf-8") == "old"


# --- pages


def hostile_page(folder: Path) -> str:
    out = nbformat.v4.new_output
    frame = pd.DataFrame({"name": [ALERT, "乙"], "sales": [1.5, 2.0]})
    drawn = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
    cell = nbformat.v4.new_code_cell("secret_code = 1", execution_count=1)
    cell.outputs = [
        out("execute_result", data={"text/html": frame._repr_html_(), "text/plain": "x"}),
        out("execute_result", data={"text/markdown": f"**{ALERT}** <img src=x onerror=alert(2)>"}),
        out("execute_result", data={"text/html": "<iframe src='http://e.vil/'></iframe><p>ok</p>"}),
        out("display_data", data={"application/javascript": "alert(3)"}),
        out("display_data", data={"image/svg+xml": "<svg onload='alert(4)'/>"}),
        out("stream", name="stderr", text="/home/me/warning"),
        out("stream", name="stdout", text=f"told {ALERT}"),
        out("display_data", data=drawn),
    ]
    words = f"# Why {ALERT}?\n\n## One & two\n\n![x](http://e.vil/x.png) [l](javascript:alert(5))"
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_markdown_cell(words), cell, nbformat.v4.new_markdown_cell("## B")]
    report = Report("tiny", "x", ALERT, folder, ("other", "tiny"))
    nbformat.write(book, report.notebook)
    write_page(report, setting(), ALERT)
    return report.page.read_text(encoding="utf-8")


def setting() -> Setting:
    day = as_date("2024-06-30")
    return Setting(day, "/secret/path/demo", "demo", "base", "p", "d", "0.1", 60)


def test_names_from_data_cannot_run(tmp_path):
    page = BeautifulSoup(hostile_page(tmp_path), "html.parser")
    assert page.select("script, iframe, object, embed, svg, link, base, form") == []
    names = {name for tag in page.find_all(True) for name in tag.attrs}
    assert [name for name in names if name.startswith("on") or name == "style"] == []
    hrefs = [tag["href"] for tag in page.select("[href]")]
    assert [href for href in hrefs if "javascript:" in href] == []
    assert page.get_text().count(ALERT) >= 6  # shown as the text it is, everywhere it stands
    assert "default-src 'none'" in page.select_one("meta[http-equiv]")["content"]


def test_pages_fetch_nothing(tmp_path, batch):
    pages = [hostile_page(tmp_path), *(p.read_text("utf-8") for p in batch.pack.rglob("*.html"))]
    assert len(pages) >= 7
    for text in pages:
        page = BeautifulSoup(text, "html.parser")
        sources = [str(tag["src"]) for tag in page.select("[src]")]
        assert [src for src in sources if not src.startswith("data:image/")] == []
        assert "@import" not in text
        assert "url(" not in text
        assert page.select("link, script[src], [srcset], [background], [poster]") == []


def test_page_shows_results_not_code(tmp_path):
    text = hostile_page(tmp_path)
    page = BeautifulSoup(text, "html.parser")
    assert "secret_code" not in text
    assert "/home/me" not in text
    assert "/secret/path" not in text
    assert [a.get_text() for a in page.select(".contents a")] == ["One & two", "B"]
    for link in page.select(".contents a"):
        assert page.find(id=link["href"].removeprefix("#"))
    assert page.select_one("main img[src]")["alt"] == "One & two"
    table = page.select_one(".scroll > table")
    assert [cell.get_text() for cell in table.select("thead th")] == ["name", "sales"]
    assert [cell.get_text() for cell in table.select("td.number")] == ["1.5", "2.0"]
    assert [a["href"] for a in page.select(".masthead a")] == ["../index.html", "other.html"]


def test_a_labelled_index_stays(tmp_path):
    frame = pd.DataFrame({"n": [1, 2]}, index=["a", "b"])
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    shown = {"text/html": frame._repr_html_()}
    book.cells[0].outputs = [nbformat.v4.new_output("execute_result", data=shown)]
    report = Report("tiny", "x", "X", tmp_path, ("tiny",))
    nbformat.write(book, report.notebook)
    write_page(report, setting())
    page = BeautifulSoup(report.page.read_text(encoding="utf-8"), "html.parser")
    assert [cell.get_text() for cell in page.select("tbody th")] == ["a", "b"]


def page_of(folder: Path, frame: pd.DataFrame) -> BeautifulSoup:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    shown = {"text/html": frame._repr_html_()}
    book.cells[0].outputs = [nbformat.v4.new_output("execute_result", data=shown)]
    report = Report("tiny", "x", "X", folder, ("tiny",))
    nbformat.write(book, report.notebook)
    write_page(report, setting())
    return BeautifulSoup(report.page.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(columns=["a", "b"]), pd.DataFrame(), pd.DataFrame(index=["x"])]
)
def test_an_empty_table_is_left_out(tmp_path, frame):
    assert page_of(tmp_path, frame).select("table, .scroll") == []


def test_cells_are_written_readably_under_merged_labels_too(tmp_path):
    index = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")], names=["k", "m"])
    frame = pd.DataFrame({"note": [None, "ok"], "CNY": [4756.0, float("nan")]}, index=index)
    page = page_of(tmp_path, frame)
    assert [cell.get_text() for cell in page.select("td")] == ["–", "4,756", "ok", "–"]
    assert [cell.get_text() for cell in page.select("td.number")] == ["4,756", "–"]


# --- the cells


@pytest.mark.parametrize(
    ("header", "texts", "shown", "is_number"),
    [
        ("n", ["NaN", "None", "<NA>", "NaT", "x"], ["–", "–", "–", "–", "x"], False),
        ("n", ["27185457", "-1234", "999"], ["27,185,457", "-1,234", "999"], True),
        (
            "n",
            ["27,185,457", "12 %", "4.5%", "–", ""],
            ["27,185,457", "12 %", "4.5%", "–", ""],
            True,
        ),
        ("n", ["4756.0000", "0.0000", "0.1234"], ["4,756", "0", "0.1234"], True),
        ("visits", ["23.0", "1200.0", "nan"], ["23", "1,200", "–"], True),
        ("share", ["23.0", "8.5"], ["23.0", "8.5"], True),
        ("CNY", ["1234.50", "3.00"], ["1234.50", "3.00"], True),
        ("customer_id", ["100234"], ["100234"], True),
        ("customer", ["100234"], ["100234"], True),
        ("paid", ["100234"], ["100,234"], True),
        ("code", ["001234", "100234"], ["001234", "100234"], False),
        ("year", ["2024", "2025"], ["2024", "2025"], True),
        ("month", ["202401", "202412"], ["202401", "202412"], True),
        ("rows", ["2024", "2025"], ["2,024", "2,025"], True),
        ("k CNY a year", ["517565", "2024"], ["517,565", "2,024"], True),
        ("from", ["2025-12-31"], ["2025-12-31"], False),
        ("note", ["", "–"], ["", "–"], False),
        ("n", ["1,23", "1-2", "%", "."], ["1,23", "1-2", "%", "."], False),
    ],
)
def test_a_column_reads_well(header, texts, shown, is_number):
    found = readable(header, texts)
    assert (list(found.texts), found.is_number) == (shown, is_number)


# --- the index


def test_index_says_status_sentence_figures_and_links(batch):
    text = (batch.pack / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    bodies = page.select(".grid tbody")
    assert [body.th.get_text() for body in bodies] == ["all regions", "华东 0012", f"{ALERT} a/b"]
    assert [head.get_text() for head in page.select(".grid .title")] == ["Broken", "Tiny"]
    names = ["Tiny: status", "net sales", "churn", "n"]
    assert [head.get_text() for head in page.select('thead [data-of="1"][data-sort]')] == names
    own = bodies[0].select('[data-of="1"]')
    assert [cell.get_text() for cell in own[1:4]] == ["1.23M", "0.123", "12"]
    assert "Says all <b>" in own[4].get_text()
    thin = bodies[2].select_one('[data-of="1"] .status')
    assert thin.get_text() == "not enough data"
    assert "ValueError: the last line" in page.select_one(".failure").get_text()
    assert "6 rows in 3 tables" in text
    for link in page.select("a"):
        assert (batch.pack / link["href"].replace("%3A", ":")).exists()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (909267899.59, "909M"),
        (-1234567.8, "-1.23M"),
        (27185.4, "27,185"),
        (0.12345, "0.123"),
        (12.0, "12"),
        (-3, "-3"),
        (999.5, "1,000"),
        (31.26, "31.3"),
        (0.00001234, "0.000012"),
        (0.0, "0"),
    ],
)
def test_figures_read_well(value, words):
    assert plain_figure(value) == words


# --- the pool


def die_or_work(task: Task) -> Outcome:
    if task.report.region == "dies":
        os._exit(9)
    if task.report.region == "raises":
        raise OSError("disk full")
    started = time.time()
    time.sleep(0.5)
    return Outcome(task, "", started)


def test_a_worker_that_dies_takes_no_other_task_with_it(tmp_path):
    regions = ["all", "dies", "beside", "raises", "last"]
    tasks = [
        Task(Report("tiny", one, one, tmp_path, ()), tmp_path, setting(), one) for one in regions
    ]
    found = {one.task.report.region: one for one in outcomes(tasks, die_or_work, 2)}
    assert found["all"].error == found["beside"].error == found["last"].error == ""
    assert found["raises"].error == "OSError: disk full"
    assert "abruptly" in found["dies"].error
    first = found["all"].seconds  # here: when it started
    assert min(found["beside"].seconds, found["last"].seconds) >= first + 0.5
