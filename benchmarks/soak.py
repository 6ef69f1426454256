"""A night of many regions: does anything fail, stay behind or grow?

``python -m benchmarks soak``: three notebooks for every region of a company of ``SOAK_REGIONS``
(200) regions made of the demo company, on two workers, company-level fits included. Memory is of
the process that runs the batch, and of it with all that it started, by quarters of the reports.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.many_regions import many_regions
from insights import connect
from insights.params import ROOT

SOURCE = ROOT / "data" / "demo"
REGIONS = int(os.environ.get("SOAK_REGIONS", "200"))
LEAVES, THIN, EVERY_SECONDS = 8, 8, 1.0
MARK = "INSIGHTS_SOAK"
BATCH = ["-m", "insights", "report", "segmentation", "delinquency", "strategy", "--as-of",
         "2025-12-31", "--jobs", "2"]  # fmt: skip


def main() -> None:
    """Print failures, what stayed behind, memory by quarter and seconds a report."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        source = many_regions(SOURCE, -(-REGIONS // LEAVES), here / "source", THIN)
        regions = connect(source).leaves()[:REGIONS]
        print(f"{len(regions)} regions, {_rows(source)}")
        before = _listening()
        seen = _watched(here, [*BATCH, "--source", str(source), "--region", *regions])
        _told(here, seen, before)


def _watched(here: Path, arguments: list[str]) -> list[tuple[float, float]]:
    """Run the batch; return its own memory and that of all, in MiB, as it went on."""
    temporary, runtime = here / "tmp", here / "runtime"
    temporary.mkdir()
    more = {MARK: "1", "TMPDIR": str(temporary), "JUPYTER_RUNTIME_DIR": str(runtime),
            "INSIGHTS_CACHE": str(here / "cache"), "OMP_NUM_THREADS": "1"}  # fmt: skip
    command = [sys.executable, *arguments, "--to", str(here / "reports"), "--log",
               str(here / "log.jsonl")]  # fmt: skip
    with (here / "words.txt").open("w") as words:
        run = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **more}, stdout=words,
                               stderr=words)  # fmt: skip
        runner, seen = psutil.Process(run.pid), []
        while run.poll() is None:
            seen.append((_memory([runner]), _memory([runner, *runner.children(recursive=True)])))
            time.sleep(EVERY_SECONDS)
    print((here / "words.txt").read_text()[-600:].rpartition("\r")[2])
    return seen


def _memory(processes: list[psutil.Process]) -> float:
    """Return what processes hold of their own: what forks share counts once in each."""
    held = 0.0
    for one in processes:
        try:
            held += one.memory_info().rss / 2**20
        except psutil.Error:
            continue
    return held


def _listening() -> set[int]:
    return {one.laddr.port for one in psutil.net_connections() if one.status == psutil.CONN_LISTEN}


def _told(here: Path, seen: list[tuple[float, float]], before: set[int]) -> None:
    lines = [json.loads(line) for line in (here / "log.jsonl").read_text().splitlines()]
    reports = [line for line in lines if line["event"] == "report"]
    failed = [line for line in reports if line["outcome"] == "failed"]
    print(f"reports {len(reports)}, failed {len(failed)}")
    left = [one.pid for one in psutil.process_iter(["environ"])
            if (one.info["environ"] or {}).get(MARK)]  # fmt: skip
    ports = _listening() - before
    files = [path for name in ("tmp", "runtime") for path in (here / name).rglob("*")]
    hidden = list((here / "reports").rglob(".*"))
    print(f"left over: processes {len(left)}, listening ports {len(ports)}, "
          f"temporary files {len(files)}, hidden files {len(hidden)}")  # fmt: skip
    for path in [*files, *hidden][:10]:
        print(f"  {path.relative_to(here)}")
    quarter = len(seen) // 4
    for name, part in (
        ("first quarter", seen[quarter // 2 : quarter]),
        ("last", seen[-quarter:-5]),
    ):
        own, whole = (statistics.median(values) for values in zip(*part, strict=True))
        print(f"{name}: the batch's own process {own:.0f} MiB, with all it started {whole:.0f} MiB")
    print(
        f"most: {max(one for one, _all in seen):.0f} and {max(all_ for _own, all_ in seen):.0f} MiB"
    )
    later = sorted(line["at"] for line in reports)[30:]
    span = _seconds(later[0], later[-1])
    print(f"after the first 30 reports: {span / (len(later) - 1):.2f} s a report on two workers")


def _seconds(first: str, last: str) -> float:
    from datetime import datetime

    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


def _rows(source: Path) -> str:
    tables = connect(source)
    counts = {name: int(tables[name].count().execute()) for name in ("customers", "invoices")}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
