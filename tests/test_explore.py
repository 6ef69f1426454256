"""JupyterLab: its two notebooks run, its errors are sentences, its names answer Shift-Tab."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import os
import re

import nbformat
import pandas as pd
import pytest
from catalog import spoken_notebooks
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from insights.lab import __main__ as start
from insights.lab.environment import (
    STAMP,
    Environment,
    StartError,
    _spell_plainly,
    find_environment,
    make_ready,
)
from insights.params import ROOT
from insights.report.notebooks import FOLDER
from insights.words import LANGUAGES, SOURCE

EXPLORE = ROOT / "explore"
LOGIC = re.compile(r"^\s*(def|class|for|if|try|while|with|lambda)\b", re.M)
ROOMS = ("", "params", "tables", "features", "segmentation", "delinquency", "strategy",
         "targets", "calls", "exceptions", "figures", "store", "ingest", "check", "report",
         "demo", "lab")  # fmt: skip


def read(name, **changes):
    """Return a notebook with some of its literals replaced; each must be there."""
    notebook = nbformat.read(EXPLORE / f"{name}.ipynb", 4)
    for cell in notebook.cells:
        for old, new in list(changes.items()):
            found = re.compile(rf"(?m)^{old} = .*$")
            if cell.cell_type == "code" and found.search(cell.source):
                cell.source = found.sub(lambda _m, o=old, n=new: f"{o} = {n!r}", cell.source)
                del changes[old]
    assert not changes
    return notebook


def run(notebook, folder, monkeypatch):
    """Run a notebook as JupyterLab would, in a folder of its own and with no browser to open."""
    monkeypatch.setenv("BROWSER", "true")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    NotebookClient(notebook, timeout=300, kernel_name="python3",
                   resources={"metadata": {"path": str(folder)}}).execute()  # fmt: skip
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


@pytest.fixture
def some(small_demo_dir, tmp_path):
    """A company of few customers, so that notebooks run in seconds."""
    to = tmp_path / "some"
    to.mkdir()
    frames = {
        name: pd.read_parquet(small_demo_dir / f"{name}.parquet")
        for name in ("regions", "customers", "orders", "invoices", "payments")
    }
    kept = frames["customers"].customer_id.iloc[::8]
    for name, frame in frames.items():
        own = frame if name == "regions" else frame[frame.customer_id.isin(kept)]
        own.to_parquet(to / f"{name}.parquet")
    return to


def text_of(outputs):
    parts = [o.get("text", "") or o.get("data", {}).get("text/markdown", "") for o in outputs]
    return "\n".join(parts)


@pytest.mark.parametrize("name", ["start", "explore"])
def test_a_notebook_is_short_and_kept_without_outputs(name):
    code = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert len(code) <= 14
    assert all(len(cell.source.splitlines()) <= 30 for cell in code)
    assert not any(LOGIC.search(cell.source) for cell in code)
    assert not any(cell.outputs or cell.execution_count for cell in code)


def test_a_copy_in_each_other_language_is_the_translated_notebook():
    for language in set(LANGUAGES) - {SOURCE}:
        copies = spoken_notebooks(language)
        kept = {path: path.read_text(encoding="utf-8") for path in copies}
        assert kept == copies  # else: make words
        assert {path.name for path in copies} == {"start.ipynb", "explore.ipynb"}
        assert all(f'profile = \\"{language}\\"' in text for text in copies.values())
        assert start.NOTEBOOKS[language] == f"explore/{language}/start.ipynb"


def test_no_batch_takes_them_for_analyses():
    from insights.report.notebooks import find_notebooks

    taken = find_notebooks([], ("region",))
    assert taken and {path.parent for path in taken} == {FOLDER}
    assert EXPLORE != FOLDER and not {"start", "explore"} & {path.stem for path in taken}


def test_explore_runs_through_and_sets_two_results_side_by_side(some, tmp_path, monkeypatch):
    shown = run(read("explore", source=str(some)), tmp_path, monkeypatch)
    assert "customers" in text_of(shown["open"])
    page = shown["profile"][-1].data["text/html"]
    assert "invoice_id" in page
    assert not re.search(r"""(src=|@import |url\()["']?https?:""", page)  # links may lead outside
    beside = shown["compare"][-1].data["text/html"]
    assert "30 days" in beside and "90 days" in beside
    sentences = text_of(shown["change"])
    assert "unpaid 30 days after due" in sentences and "unpaid 90 days after due" in sentences
    assert any("image/png" in output.get("data", {}) for output in shown["region"])


def test_start_leads_from_a_folder_of_exports_to_a_page(some, tmp_path, monkeypatch):
    exports = some.rename(tmp_path / "我的 exports")
    (exports / "payments.parquet").unlink()
    (exports / "invoices.parquet").unlink()
    notebook = read("start", exports=str(exports), questions=["delinquency"], region="east")
    reports = tmp_path / "reports"
    for cell in notebook.cells:
        cell.source = cell.source.replace("accept_stale=False", "accept_stale=True")
        cell.source = cell.source.replace('ROOT / "reports" / "start"', f"ROOT / {str(reports)!r}")
    shown = run(notebook, tmp_path, monkeypatch)
    assert "orders.parquet -> orders" in text_of(shown["exports"])
    assert "sable" in text_of(shown["quality"])
    pages = list(reports.glob("2025-*/east/delinquency.html"))
    assert len(pages) == 1
    assert str(pages[0].parents[1] / "index.html") in text_of(shown["report"])
    assert (tmp_path / "我的 exports_tables" / "orders.parquet").is_file()


def test_what_cannot_be_done_is_a_sentence_and_stops_run_all(tmp_path, monkeypatch):
    notebook = read("start", exports=str(tmp_path / "nowhere"))
    with pytest.raises(CellExecutionError):
        run(notebook, tmp_path, monkeypatch)
    shown = {cell.id: cell.get("outputs", []) for cell in notebook.cells}
    assert "no such file or folder" in text_of(shown["exports"])
    said = text_of(shown["quality"])
    assert "This could not be done" in said and "nowhere_tables" in said
    assert not any(output.output_type == "error" for output in shown["quality"])
    assert shown["report"] == []


def test_a_page_that_is_not_there_is_told_and_one_that_is_gets_opened(tmp_path, monkeypatch):
    from insights.lab import open_page

    with pytest.raises(FileNotFoundError, match="no such page"):
        open_page(tmp_path / "index.html")
    page = tmp_path / "报告 1.html"
    page.write_text("x", encoding="utf-8")
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    assert str(page) in open_page(page)
    assert opened == [page.as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert "open it yourself" in open_page(page)


def public_things():
    for room in ROOMS:
        module = importlib.import_module(f"insights.{room}".rstrip("."))
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isfunction(thing):
                yield f"{module.__name__}.{name}", thing


def methods(name, thing):
    """Return the public methods and properties that a class of ours defines."""
    if not inspect.isclass(thing):
        return
    for attribute, value in vars(thing).items():
        called = inspect.isfunction(value) or isinstance(value, property | staticmethod)
        called = called or type(value).__name__ == "cached_property"
        if called and not attribute.startswith("_"):
            yield f"{name}.{attribute}", value


def silent(name, thing):
    """Say whether Shift-Tab would show nothing of use: a dataclass' own text is its signature."""
    told = (getattr(thing, "__doc__", None) or "").strip()
    own = name.rpartition(".")[2]
    first = told.split("\n\n")[0].split()
    return told.startswith(f"{own}(") or len(first) < 3 or not re.search(r"[.?:]$", first[-1])


def test_every_public_name_and_method_answers_shift_tab():
    things = dict(public_things())
    assert len(things) > 60
    told = {**things, **{k: v for name, one in things.items() for k, v in methods(name, one)}}
    assert len(told) > len(things) + 60
    assert sorted(name for name, thing in told.items() if silent(name, thing)) == []


def test_an_environment_is_found_where_it_is_and_else_conda_makes_it(tmp_path):
    conda = tmp_path / "Anaconda 3" / "Scripts" / "conda.exe"
    assert find_environment(tmp_path, None).prefix == tmp_path / ".venv"
    assert find_environment(tmp_path, conda) == Environment(tmp_path, tmp_path / ".conda", conda)
    python = Environment(tmp_path, tmp_path / ".venv").python
    python.parent.mkdir(parents=True)
    python.touch()
    assert find_environment(tmp_path, conda).prefix == tmp_path / ".venv"


def test_on_windows_programs_lie_where_activating_would_look_for_them(tmp_path):
    own = Environment(tmp_path, tmp_path / ".venv", windows=True)
    conda = dataclasses.replace(own, prefix=tmp_path / ".conda", conda=tmp_path / "conda.exe")
    assert own.python == tmp_path / ".venv" / "Scripts" / "python.exe"
    assert conda.python == tmp_path / ".conda" / "python.exe"
    path = conda.variables()["PATH"].split(os.pathsep)
    assert path[:2] == [str(tmp_path / ".conda"), str(tmp_path / ".conda/Library/mingw-w64/bin")]
    assert conda.variables()["PYTHONPATH"] == str(tmp_path / "src")


def test_the_package_is_found_by_a_path_that_any_code_page_can_read(tmp_path):
    home = tmp_path / "分析 (1)"
    packages = home / ".venv" / "Lib" / "site-packages"
    packages.mkdir(parents=True)
    path = packages / "_editable_impl_insights.pth"
    path.write_text(str(home / "src"), encoding="utf-8")
    _spell_plainly(Environment(home, home / ".venv", windows=True))
    line = path.read_text(encoding="ascii").strip()
    assert os.path.normpath(packages / line) == str(home / "src")


@pytest.fixture
def project(tmp_path):
    for name in ("requirements.lock", "environment.yml", "pyproject.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


def conda_that(project, code):
    """Return a conda that notes what it is asked, and ends with this code."""
    conda = project / "base dir" / "bin" / "conda"
    conda.parent.mkdir(parents=True)
    conda.write_text(f'#!/bin/sh\necho "$@" >> "{project}/asked"\nexit {code}\n')
    conda.chmod(0o755)
    return conda


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for conda is a shell script")
def test_what_conda_cannot_make_is_told_with_what_to_do(project):
    found = find_environment(project, conda_that(project, 1))
    with pytest.raises(StartError, match="conda could not make") as told:
        make_ready(found)
    assert "internet" in str(told.value)
    asked = (project / "asked").read_text(encoding="utf-8")
    assert asked == f"env create -p {project}/.conda -f {project}/environment.yml\n"
    assert not (found.prefix / STAMP).exists()


def test_an_old_python_is_told_with_what_to_do(project, monkeypatch):
    monkeypatch.setattr("sys.version_info", (3, 9, 1))
    with pytest.raises(StartError, match=r"Python 3\.9 cannot be used: install Python 3\.11"):
        make_ready(find_environment(project, None))


def test_a_start_that_fails_says_so_and_ends_with_one(monkeypatch, capsys):
    monkeypatch.setattr(start, "HOME", ROOT / "nowhere")
    assert start.main(["--no-browser"]) == 1
    assert "insights cannot start" in capsys.readouterr().err


def test_what_is_double_clicked_keeps_its_line_ends_and_plain_letters():
    bat = (ROOT / "start.bat").read_bytes()
    assert bat.isascii() and bat.count(b"\n") == bat.count(b"\r\n") > 20
    for name in ("start.sh", "start.command"):
        script = (ROOT / name).read_bytes()
        assert script.isascii() and b"\r" not in script
        assert os.name != "posix" or os.access(ROOT / name, os.X_OK)
    labels = set(re.findall(rb"(?m)^:(\w+)", bat))
    assert set(re.findall(rb"goto (\w+)", bat)) <= labels
