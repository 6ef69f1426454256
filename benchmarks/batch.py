"""What a report costs in a batch: processor and wall seconds of each way to run the notebooks.

``python -m benchmarks batch``: three notebooks for ``BATCH_REGIONS`` (24) regions of the size of
the demo company's, company-level fits already in the cache, one thread each. The limit is the same
cells run one after the other in one process that has run them before: no kernel, no messages, no
page. Each way is a process of its own; processor seconds are of it and all it started, its start
included; memory is of the largest process. Ways that start afresh for every report, and so gain
nothing by more of them, run for ``FEW`` of the regions, beside the limit of the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.many_regions import many_regions
from insights import connect
from insights.params import ROOT

NOTEBOOKS = ("segmentation", "delinquency", "strategy")
DAY = "2025-12-31"
DEMO, LEAVES, FEW = ROOT / "data" / "demo", 8, 4
HOW_MANY = int(os.environ.get("BATCH_REGIONS", "24"))
NIGHT = 900
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
USED = """
if __name__ == "__main__":
    import resource
    took = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    largest = max(one.ru_maxrss for one in took) / 1024
    print(sum(one.ru_utime + one.ru_stime for one in took), largest)
"""
POOL = """
import papermill, os
from concurrent.futures import ProcessPoolExecutor
def run(region, name):
    papermill.execute_notebook(
        f"notebooks/{name}.ipynb", f"{TO}/{region}/{name}.ipynb", progress_bar=False,
        parameters=dict(region=region, as_of=DAY, source=SOURCE, save_to=f"{TO}/{region}"))
if __name__ == "__main__":
    for region in REGIONS:
        os.makedirs(f"{TO}/{region}", exist_ok=True)
    with ProcessPoolExecutor(2) as pool:
        asked = [(region, name) for region in REGIONS for name in NOTEBOOKS]
        for done in [pool.submit(run, *one) for one in asked]:
            done.result()
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


@dataclass(frozen=True)
class Way:
    """A way to run the notebooks: its script, and whether it starts afresh for every report."""

    name: str
    script: str
    afresh: bool


@dataclass(frozen=True)
class Used:
    """What a script and all that it started took."""

    cpu: float
    wall: float
    largest: float


WAYS = (
    Way("papermill, a command a report", COMMAND, True),
    Way("papermill, one process", ONE_PROCESS, True),
    Way("papermill, a pool of two", POOL, True),
    Way("ours, cold kernels", COLD.replace("JOBS", "1"), True),
    Way("ours, 1 worker", OURS.replace("JOBS", "1"), False),
    Way("ours, 2 workers", OURS.replace("JOBS", "2"), False),
    Way("ours, Dask, 2 workers", DASK, False),
)


def main() -> None:
    """Print seconds a report of each way, times the limit, and what a night takes."""
    with tempfile.TemporaryDirectory() as folder:
        source = many_regions(DEMO, -(-HOW_MANY // LEAVES), Path(folder) / "source")
        regions = connect(source).leaves()[:HOW_MANY]
        _run(OURS.replace("JOBS", "2"), source, regions[:1])  # fills the cache
        limits = {n: _limit(source, regions[:n]) for n in {min(FEW, HOW_MANY), HOW_MANY}}
        table = pd.DataFrame(_measured(way, source, regions, limits) for way in WAYS)
    for n, limit in sorted(limits.items()):
        print(f"the limit: {limit:.2f} s a report, over {n * len(NOTEBOOKS)} reports")
    print(table.to_string(index=False, float_format=lambda x: f"{x:.2f}"))
    by = table.set_index("way")
    one, two = (by["wall s"][way] for way in ("ours, 1 worker", "ours, 2 workers"))
    print(
        f"two workers {one / two:.2f} times one; {NIGHT} reports on two: {two * NIGHT / 60:.0f} min"
    )
    print("processor time of papermill beside ours (1 worker), each in times its limit:")
    for way in [way.name for way in WAYS if way.script in (COMMAND, ONE_PROCESS, POOL)]:
        print(f"  {way}: {by['limits'][way] / by['limits']['ours, 1 worker']:.2f}")


def _measured(
    way: Way, source: Path, regions: list[str], limits: dict[int, float]
) -> dict[str, object]:
    n = min(FEW, HOW_MANY) if way.afresh else HOW_MANY
    used, reports = _run(way.script, source, regions[:n]), n * len(NOTEBOOKS)
    cpu = used.cpu / reports
    return {"way": way.name, "reports": reports, "cpu s": cpu, "limits": cpu / limits[n],
            "wall s": used.wall / reports, "largest MiB": used.largest}  # fmt: skip


def _limit(source: Path, regions: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return float(_ran(LIMIT, source, regions, folder)) / len(regions) / len(NOTEBOOKS)


def _run(code: str, source: Path, regions: list[str]) -> Used:
    """Run a script in a process of its own, which tells what its children took as it ends."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        said = _ran(code + USED, source, regions, folder).splitlines()[-1]
    cpu, largest = map(float, said.split())
    return Used(cpu, time.perf_counter() - began, largest)


def _ran(code: str, source: Path, regions: list[str], folder: str) -> str:
    script = Path(folder) / "way.py"
    asked = ASKED.format(
        notebooks=NOTEBOOKS, regions=regions, to=folder, source=str(source), day=DAY
    )
    script.write_text(asked + code, encoding="utf-8")
    run = subprocess.run([sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True,
                         check=False)  # fmt: skip
    if run.returncode:
        raise RuntimeError(run.stderr[-2000:])
    return run.stdout
