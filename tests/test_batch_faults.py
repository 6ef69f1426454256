"""Whatever ends a batch, or a part of it: it is told, nothing is lost, and the next run goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from insights.report import ReportError, render
from insights.report.manifest import read_manifest
from small_batch import AS_OF, SAVES, TABLE, analysis, facts, small_source

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and small disks of Linux")
REGIONS = "abcdefghi"
ONCE = """
import os, pathlib, signal, time
marks = pathlib.Path({marks!r})
does = {faults!r}.get(region) if ({place!r} == "between") == (region == "i") else None
if does and not (marks / region).exists():
    (marks / region).write_text(str(os.getpid()))
    exec(does)
"""
FAULTS = {
    "b": ("os.kill(os.getpid(), signal.SIGKILL)", "died"),
    "c": ("os.kill(os.getppid(), signal.SIGKILL)", "died"),  # what the kernel was forked from
    "d": ("while True: pass", "timed out"),
    "e": ("time.sleep(1e6)", "timed out"),
    "f": ("held = []\nwhile True: held.append(b'x' * 50_000_000)", "memory_limit_mb"),
    "g": ("os._exit(0)", "died"),
    "i": ("os.kill(os.getpid(), signal.SIGKILL)", "died"),  # a table saved, its result not
    "h": ("raise ValueError('no such thing')", "ValueError: no such thing"),
}
FEW = ["a", "b", "c"]
RUNS = f"""
FEW = {FEW!r}
import sys
from pathlib import Path
from insights.report import ReportError, render
from insights.report.manifest import read_manifest
if __name__ == "__main__":
    render([sys.argv[1]], FEW, "2024-06-30", sys.argv[2], to=Path(sys.argv[3]), jobs=2)
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
    path.write_text("report: {cell_timeout_seconds: 4, memory_limit_mb: 1000}\n", encoding="utf-8")
    return str(path)


def once(folder: Path, faults: dict[str, str]) -> Path:
    """Write, the first time, a notebook in which some regions meet a fault, the first time."""
    path = folder / "tiny.ipynb"
    if not path.exists():
        asked = {"marks": str(folder), "faults": faults}
        before, between = (ONCE.format(place=one, **asked) for one in ("before", "between"))
        told = [f"print('came to {one}')" for one in ("before", "between")]
        analysis(path, told[0], before, TABLE, told[1], between, SAVES)
    return path


def batch(folder: Path, source: Path, faults: dict[str, str], profile: str = "base", **asked):
    path, asked = str(once(folder, faults)), {"regions": None, "jobs": 1, **asked}
    return render(
        [path], as_of=AS_OF, source=str(source), profile=profile, to=folder / "reports", **asked
    )


def of_few(found: dict[str, bytes]) -> dict[str, bytes]:
    return {path: held for path, held in found.items() if path.split("/")[0] in FEW}


def test_reports_that_fail_take_no_other_with_them(tmp_path, source, undisturbed, impatient):
    faults = {region: does for region, (does, _told) in FAULTS.items()}
    first = batch(tmp_path, source, faults, impatient, jobs=2)
    assert first.exit_code == 3 and first.made == 2 and first.publication.pack is None
    errors = {one.task.report.region: one.error for one in first.failures}
    assert errors.keys() == FAULTS.keys()
    assert all(told in errors[region] for region, (_does, told) in FAULTS.items()), errors
    for region in FAULTS:
        said = printed(first.pack / region / "tiny.ipynb")
        assert said == ["came to before", "came to between"][: 1 + (region == "i")]
    assert not list(first.pack.rglob(".*")) and not (first.pack / "i/tiny/result.json").exists()
    again = batch(tmp_path, source, faults, impatient)
    assert (again.exit_code, again.made, again.unchanged) == (0, len(FAULTS), 2)
    assert facts(again.pack) == undisturbed and again.publication.pack is not None


def printed(path: Path) -> list[str]:
    outputs = [one for cell in nbformat.read(path, 4).cells for one in cell.get("outputs", [])]
    return [one.text.strip() for one in outputs if one.get("name") == "stdout"]


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
    while not ((tmp_path / "b").exists() and read_manifest(pack).entries):
        assert time.monotonic() < until and run.poll() is None
        time.sleep(0.05)
    assert len(of_batch(tmp_path)) > 3
    run.send_signal(number)
    run.communicate(timeout=60)
    while (left := of_batch(tmp_path)) and time.monotonic() < until:
        time.sleep(0.1)
    assert run.returncode != 0 and not left
    again = batch(tmp_path, source, faults, regions=FEW)
    assert again.exit_code == 0 and again.unchanged >= 1
    assert facts(again.pack) == of_few(undisturbed) != {} and not list(pack.rglob(".*.part*"))


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
            batch(disk, source, fills, regions=FEW)
        filler.unlink()
        again = batch(disk, source, fills, regions=FEW)
        assert again.exit_code == 0 and facts(again.pack) == of_few(undisturbed)
        assert not list(again.pack.rglob(".*.part*"))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
