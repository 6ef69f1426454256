"""Whatever ends a batch, or a part of it: it is told, nothing is lost, and the next run goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from insights.report import ReportError, render
from small_batch import AS_OF, SAVES, analysis, facts, small_source

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and small disks of Linux")
REGIONS = "abcdefgh"
ONCE = """
import os, pathlib, signal, time
marks = pathlib.Path({marks!r})
does = {faults!r}.get(region)
if does and not (marks / region).exists():
    (marks / region).write_text(str(os.getpid()))
    exec(does)
"""
FAULTS = {
    "b": ("os.kill(os.getpid(), signal.SIGKILL)", "died"),
    "c": ("os.kill(os.getppid(), signal.SIGKILL)", "died"),  # what the kernel was forked from
    "d": ("while True: pass", "timed out"),
    "e": ("time.sleep(1e6)", "timed out"),
    "f": ("held = []\nwhile True: held.append(b'x' * 50_000_000)", "MiB allowed"),
    "g": ("os._exit(0)", "died"),
    "h": ("raise ValueError('no such thing')", "ValueError: no such thing"),
}
RUNS = """
import sys
from pathlib import Path
from insights.report import ReportError, render
if __name__ == "__main__":
    render([sys.argv[1]], None, "2024-06-30", sys.argv[2], to=Path(sys.argv[3]), jobs=2)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return small_source(tmp_path_factory.mktemp("source"), REGIONS)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, source) -> dict[str, bytes]:
    return facts(batch(tmp_path_factory.mktemp("undisturbed"), source, {}).pack)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("profile") / "impatient.yaml"
    path.write_text("report: {cell_timeout_seconds: 5, memory_limit_mb: 1000}\n", encoding="utf-8")
    return str(path)


def once(folder: Path, faults: dict[str, str]) -> Path:
    """Write, the first time, a notebook in which some regions meet a fault, the first time."""
    path = folder / "tiny.ipynb"
    if not path.exists():
        analysis(path, ONCE.format(marks=str(folder), faults=faults), SAVES)
    return path


def batch(folder: Path, source: Path, faults: dict[str, str], profile: str = "base"):
    path = str(once(folder, faults))
    return render([path], None, AS_OF, str(source), profile, folder / "reports", 2)


def test_reports_that_fail_take_no_other_with_them(tmp_path, source, undisturbed, impatient):
    faults = {region: does for region, (does, _told) in FAULTS.items()}
    first = batch(tmp_path, source, faults, impatient)
    assert first.exit_code == 3 and first.made == 2 and first.publication.pack is None
    errors = {one.task.report.region: one.error for one in first.failures}
    assert errors.keys() == FAULTS.keys()
    assert all(told in errors[region] for region, (_does, told) in FAULTS.items()), errors
    kept = [(first.pack / region / "tiny.ipynb").read_text("utf-8") for region in FAULTS]
    assert all("write_text" in one for one in kept) and not list(first.pack.rglob(".*"))
    again = batch(tmp_path, source, faults, impatient)
    assert (again.exit_code, again.made, again.unchanged) == (0, len(FAULTS), 2)
    assert facts(again.pack) == undisturbed and again.publication.pack is not None


def started(folder: Path, source: Path, path: Path) -> subprocess.Popen[bytes]:
    script = folder / "runs.py"
    script.write_text(RUNS, encoding="utf-8")
    command = [sys.executable, str(script), str(path), str(source), str(folder / "reports")]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, env={**os.environ, "BATCH": str(folder)}
    )


def of_batch(folder: Path) -> list[psutil.Process]:
    """Return every process that was started by a batch, whoever its parent is now."""
    found = []
    for one in psutil.process_iter():
        try:
            if one.environ().get("BATCH") == str(folder) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_batch_that_is_ended_leaves_no_process_and_goes_on(tmp_path, source, undisturbed, number):
    faults = {"b": "time.sleep(1e6)"}
    run = started(tmp_path, source, once(tmp_path, faults))
    pack = tmp_path / "reports" / AS_OF
    until = time.monotonic() + 60
    while not ((tmp_path / "b").exists() and (pack / "all" / "tiny.html").exists()):
        assert time.monotonic() < until and run.poll() is None
        time.sleep(0.05)
    assert len(of_batch(tmp_path)) > 3
    run.send_signal(number)
    run.communicate(timeout=60)
    while (left := of_batch(tmp_path)) and time.monotonic() < until:
        time.sleep(0.1)
    assert run.returncode != 0 and not left
    again = batch(tmp_path, source, faults)
    assert again.exit_code == 0 and again.unchanged >= 1
    assert facts(again.pack) == undisturbed and not list(pack.rglob(".*.part*"))


def test_a_full_disk_is_told_and_the_next_run_goes_on(tmp_path, source, undisturbed):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        filler = disk / "filler"
        fills = {"b": f"pathlib.Path({str(filler)!r}).write_bytes(bytes(4_000_000))"}
        with pytest.raises(ReportError, match=r"No space left.*free space there"):
            batch(disk, source, fills)
        filler.unlink()
        again = batch(disk, source, fills)
        assert again.exit_code == 0 and facts(again.pack) == undisturbed
        assert not list(again.pack.rglob(".*.part*"))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
