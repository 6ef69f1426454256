"""What a report costs in a batch: processor and wall seconds of each way to run the notebooks.

``python -m benchmarks batch``: three notebooks for regions of the demo company (``BATCH_REGIONS=8``
takes all of them), company-level fits already in the cache, one thread each. The limit is the same
cells run one after the other in one process that has run them before: no kernel, no messages, no
page. Each way is a process of its own; processor seconds are of it and all it started.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from insights import connect
from insights.params import ROOT

NOTEBOOKS = ("segmentation", "delinquency", "strategy")
DAY = "2025-12-31"
SOURCE = ROOT / "data" / "demo"
HOW_MANY = int(os.environ.get("BATCH_REGIONS", "4"))
ASKED = """
NOTEBOOKS, REGIONS = {notebooks!r}, {regions!r}
TO, SOURCE, DAY = {to!r}, {source!r}, {day!r}
"""
LIMIT = """
import time, resource, nbformat, os
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
books = {name: nbformat.read(f"notebooks/{name}.ipynb", 4) for name in NOTEBOOKS}
def run(name, region):
    for cell in books[name].cells:
        if cell.cell_type != "code":
            continue
        with capture_output():
            done = shell.run_cell(cell.source)
        done.raise_error()
        if "parameters" in cell.metadata.get("tags", []):
            shell.user_ns.update(region=region, as_of=DAY, source=SOURCE, save_to=f"{TO}/{region}")
for name in NOTEBOOKS:
    run(name, REGIONS[0])
took = time.process_time()
for region in REGIONS:
    for name in NOTEBOOKS:
        run(name, region)
print(time.process_time() - took)
"""
COMMAND = """
import subprocess, sys, os
for region in REGIONS:
    os.makedirs(f"{TO}/{region}", exist_ok=True)
    for name in NOTEBOOKS:
        given = dict(region=region, as_of=DAY, source=SOURCE, save_to=f"{TO}/{region}")
        more = [word for key, value in given.items() for word in ("-r", key, value)]
        subprocess.run([sys.executable, "-m", "papermill", f"notebooks/{name}.ipynb",
                        f"{TO}/{region}/{name}.ipynb", "--no-progress-bar", *more],
                       check=True, capture_output=True)
"""
ONE_PROCESS = """
import papermill, os
for region in REGIONS:
    os.makedirs(f"{TO}/{region}", exist_ok=True)
    for name in NOTEBOOKS:
        papermill.execute_notebook(
            f"notebooks/{name}.ipynb", f"{TO}/{region}/{name}.ipynb", progress_bar=False,
            parameters=dict(region=region, as_of=DAY, source=SOURCE, save_to=f"{TO}/{region}"))
"""
OURS = """
from pathlib import Path
from insights.report import render
if __name__ == "__main__":
    done = render(list(NOTEBOOKS), list(REGIONS), DAY, SOURCE, to=Path(TO), jobs=JOBS)
    assert not done.failures, str(done)
"""
COLD = "import insights.report.plan as plan\nplan.imports_of = lambda paths: ()\n" + OURS
DASK = """
from pathlib import Path
from distributed import LocalCluster
from insights.report import render
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        done = render(list(NOTEBOOKS), list(REGIONS), DAY, SOURCE, to=Path(TO),
                      scheduler=cluster.scheduler_address)
    assert not done.failures, str(done)
"""


def main() -> None:
    """Print seconds a report of each way, and times the limit."""
    regions = connect(SOURCE).leaves()[:HOW_MANY]
    reports = len(regions) * len(NOTEBOOKS)
    _run(OURS.replace("JOBS", "2"), regions[:1])  # fills the cache
    limit = _printed(LIMIT, regions) / reports
    ways = {
        "papermill, a command a report": COMMAND,
        "papermill, one process": ONE_PROCESS,
        "ours, cold kernels": COLD.replace("JOBS", "1"),
        "ours, 1 worker": OURS.replace("JOBS", "1"),
        "ours, 2 workers": OURS.replace("JOBS", "2"),
        "ours, Dask, 2 workers": DASK,
    }
    rows = [{"way": "the limit", "cpu s": limit, "times the limit": 1.0}]
    for way, code in ways.items():
        cpu, wall = (seconds / reports for seconds in _run(code, regions))
        rows.append({"way": way, "cpu s": cpu, "times the limit": cpu / limit, "wall s": wall})
    print(f"{reports} reports of {len(regions)} regions, seconds a report")
    print(pd.DataFrame(rows).to_string(index=False, float_format=lambda x: f"{x:.2f}"))


def _printed(code: str, regions: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return float(_ran(code, regions, folder))


def _run(code: str, regions: list[str]) -> tuple[float, float]:
    """Return processor and wall seconds of a script and all that it started."""
    before, began = _children(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        _ran(code, regions, folder)
        return _children() - before, time.perf_counter() - began


def _ran(code: str, regions: list[str], folder: str) -> str:
    script = Path(folder) / "way.py"
    asked = ASKED.format(
        notebooks=NOTEBOOKS, regions=regions, to=folder, source=str(SOURCE), day=DAY
    )
    script.write_text(asked + code, encoding="utf-8")
    run = subprocess.run([sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True,
                         check=False)  # fmt: skip
    if run.returncode:
        raise RuntimeError(run.stderr[-2000:])
    return run.stdout


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
