"""Every notebook: its shape, its outputs under strict nbval, and plain papermill from elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import nbformat
import pandas as pd
import papermill
import pytest

from insights.params import ROOT
from insights.report.imports import imports_of
from insights.report.kernel import own_kernel
from insights.report.usage import Usage

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LOGIC = re.compile(r"^\s*(def|class|for|if|try|while|with|lambda)\b", re.M)


def by_name(path):
    return path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)
def test_a_notebook_tells_and_does_not_compute(path):
    notebook = nbformat.read(path, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    text = "\n".join(cell.source for cell in code)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert len(code) <= 14
    assert len([line for line in text.splitlines() if line.strip()]) <= 30
    assert not LOGIC.search(text)
    assert len(re.findall(r"(?m)^# ", prose)) == 1
    assert [c for c in code if "parameters" in c.metadata.get("tags", [])] == [code[0]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)
def test_a_notebook_is_committed_with_its_outputs_and_each_figure_once(path):
    code = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    for cell in code:
        drawn = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        assert len(drawn) == (1 if ".plot" in cell.source else 0)


@pytest.fixture(scope="session")
def copies(demo_dir, tmp_path_factory):
    """The committed notebooks, reading this run's own demo company."""
    folder = tmp_path_factory.mktemp("notebooks")
    for path in NOTEBOOKS:
        text = path.read_text(encoding="utf-8")
        assert '"source = \\"data/demo\\"\\n"' in text
        (folder / path.name).write_text(text.replace("data/demo", str(demo_dir)), encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)
def test_committed_outputs_are_what_the_code_prints(path, copies):
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", "/dev/null"]
    sanitise = f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval.cfg'}"
    notebook = [sanitise, f"--rootdir={copies}", str(copies / path.name)]
    command = [sys.executable, "-m", "pytest", "--nbval", *options, *notebook]
    run = subprocess.run(command, capture_output=True, text=True, cwd=copies, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]
    assert "passed" in run.stdout


@pytest.fixture(scope="module")
def reported(demo_dir, tmp_path_factory):
    """What a batch of every notebook leaves for one region."""
    from insights.report import render

    names, to = [path.stem for path in NOTEBOOKS], tmp_path_factory.mktemp("reports")
    render(names, ["east"], as_of="2025-12-31", source=str(demo_dir), to=to, jobs=1, resume=False)
    return to / "2025-12-31" / "east"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)
def test_plain_papermill_from_another_folder_gives_what_a_report_gives(
    path, demo_dir, tmp_path, monkeypatch, reported
):
    monkeypatch.chdir(tmp_path)
    papermill.execute_notebook(
        path, tmp_path / "out.ipynb", progress_bar=False, kernel_name="python3",
        parameters={"region": "east", "source": str(demo_dir), "save_to": str(tmp_path / "plain")},
    )  # fmt: skip
    plain, made = tmp_path / "plain" / path.stem, reported / path.stem
    written = sorted(p.name for p in plain.glob("*.parquet"))
    assert written and written == sorted(p.name for p in made.glob("*.parquet"))
    for name in written:
        pd.testing.assert_frame_equal(pd.read_parquet(plain / name), pd.read_parquet(made / name))


@pytest.fixture(scope="module")
def warm():
    """Kernels forked from one process that has imported what all notebooks do."""
    return own_kernel(imports_of(NOTEBOOKS), Usage())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)
def test_a_day_before_the_data_is_a_stated_result(path, demo_dir, tmp_path, warm):
    papermill.execute_notebook(
        path, tmp_path / "out.ipynb", progress_bar=False, kernel_name="python3",
        kernel_manager_class=warm,
        parameters={"as_of": "2019-01-01", "source": str(demo_dir), "save_to": str(tmp_path)},
    )  # fmt: skip
    facts = json.loads((tmp_path / path.stem / "result.json").read_text(encoding="utf-8"))
    assert facts["status"] == "not_enough_data"
    assert "2019-01-01" in facts["sentence"]
