"""Tables are written whole or not at all, large ones by region, each row with its origin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.files import switching
from insights.files.switching import BusyError, held_alone, switched_in
from insights.ingest import ingest_folder, writing
from insights.ingest.layout import folder_names
from insights.ingest.origins import read_origins
from insights.ingest.privacy import erase, erase_contact
from insights.params import WritingParams
from insights.tables import CANONICAL, connect

ODD = ["华东", "a/b", "..", "a b", "100%", "East", "east", "0012", "a=b", "%E5", "é", "R.1",
       "__HIVE_DEFAULT_PARTITION__", "x" * 100]  # fmt: skip
CUSTOMERS = [f"C{i}" for i in range(len(ODD))]
BY_REGION = WritingParams(hive_rows=10)


def orders(n: int, version: str = "1") -> pd.DataFrame:
    ids = [*CUSTOMERS, "nobody"]  # who has no region
    return pd.DataFrame(
        {
            "order_id": [f"O{version}-{i:04d}" for i in range(n)],
            "customer_id": [ids[i % len(ids)] for i in range(n)],
            "ordered_on": "2025-01-05",
            "quantity": range(n),
            "amount": "12.50",
        }
    )


def exports(raw: Path, n: int = 60, version: str = "1") -> Path:
    """Write two files of orders, the second with a subtotal that moves its row numbers."""
    raw.mkdir(parents=True, exist_ok=True)
    customers = pd.DataFrame({"customer_id": CUSTOMERS, "region_id": ODD, "name": "医院"})
    customers.to_csv(raw / "customers.csv", index=False)
    rows = orders(n, version)
    rows[: n // 2].to_csv(raw / "orders 1.csv", index=False)
    text = rows[n // 2 :].to_csv(index=False).splitlines()
    text.insert(3, "合计,,,,99")
    (raw / "orders 2.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    return raw


@pytest.fixture
def raw(tmp_path):
    return exports(tmp_path / "raw")


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Return the exports, and the tables of them, in two folders that nobody changes."""
    base = tmp_path_factory.mktemp("once")
    ingest_folder(exports(base / "raw"), base / "tables")
    return base


@pytest.fixture
def to(once, tmp_path):
    """Return tables of one's own, as an earlier run left them."""
    return Path(shutil.copytree(once / "tables", tmp_path / "tables"))


def rows_of(source: Path, table: str) -> pd.DataFrame:
    key = list(CANONICAL[table].key)
    return connect(source)[table].execute().sort_values(key, ignore_index=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def beside(to: Path) -> list[str]:
    return [path.name for path in to.parent.iterdir() if path.name.startswith(".")]


# --- folders by region ------------------------------------------------------------------------


def test_large_tables_lie_by_region_and_read_back_the_same(once, raw, tmp_path):
    ingest_folder(raw, tmp_path / "many", writing=BY_REGION)
    folders = sorted(path.name for path in (tmp_path / "many" / "orders").iterdir())
    assert len(folders) == len(ODD) + 1 == len({name.casefold() for name in folders})
    assert "region_id=华东" in folders and "region_id=%2E%2E" in folders
    assert (tmp_path / "many" / "customers").is_dir()  # of a region of their own
    for table in ("orders", "customers"):
        assert not (tmp_path / "many" / f"{table}.parquet").exists()
        one, many = rows_of(once / "tables", table), rows_of(tmp_path / "many", table)
        pd.testing.assert_frame_equal(one, many)
    assert sorted(rows_of(tmp_path / "many", "customers").region_id) == sorted(ODD)
    in_folder = pq.ParquetFile(tmp_path / "many" / "orders" / "region_id=a%2Fb" / "part.parquet")
    assert set(in_folder.read().column("customer_id").to_pylist()) == {"C1"}


def test_a_null_region_has_a_folder_of_its_own(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    ids = [f"S{i}" for i in range(12)]
    regions = ["R1", None, "R2"] * 4
    pd.DataFrame({"rep_id": ids, "region_id": regions, "hired_on": "2020-01-01"}).to_csv(
        raw / "reps.csv", index=False
    )
    ingest_folder(raw, tmp_path / "to", writing=BY_REGION)
    assert len(list((tmp_path / "to" / "reps").iterdir())) == 3
    read = rows_of(tmp_path / "to", "reps").set_index("rep_id").region_id
    assert read.isna().sum() == 4 and read.dropna().to_dict() == {
        i: r for i, r in zip(ids, regions, strict=True) if r
    }


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True))
def test_a_region_has_one_safe_folder(regions):
    from urllib.parse import unquote

    names = folder_names(regions)
    assert len({name.casefold() for name in names}) == len(regions)
    for region, name in zip(regions, names, strict=True):
        head, _mark, text = name.partition("=")
        assert head == "region_id" and unquote(text) == region
        assert not set(text) & set('/\\:*?"<>|. \0') and text.upper() != "NULL"


def test_from_a_file_to_folders_and_back_leaves_nothing_stale(raw, to):
    assert ingest_folder(raw, to, writing=BY_REGION).exit_code == 0
    assert (to / "orders").is_dir() and not (to / "orders.parquet").exists()
    first = contents(to)
    ingest_folder(raw, to, writing=BY_REGION)
    assert contents(to) == first  # the same input, the same bytes, over folders too
    exports(raw, 20)
    report = ingest_folder(raw, to)
    assert "orders: 60 rows were there, 20 take their place" in str(report)
    assert (to / "orders.parquet").is_file() and not (to / "orders").exists()


@pytest.mark.parametrize("params", [WritingParams(10, 5), WritingParams(60)])
def test_one_file_where_folders_would_be_many_or_rows_are_few(raw, tmp_path, params):
    ingest_folder(raw, tmp_path / "to", writing=params)
    assert (tmp_path / "to" / "orders.parquet").is_file()


@pytest.mark.parametrize(
    "file",
    ["orders/notes.docx", "orders/old.parquet", "origins/mine.csv", "orders", "backup/a.parquet",
     "orders.csv", "origins/visitors.parquet"],
)  # fmt: skip
def test_what_no_ingest_wrote_is_not_replaced(raw, tmp_path, file):
    path = tmp_path / "to" / file
    path.parent.mkdir(parents=True)
    path.write_text("years of work")
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 1 and file.partition("/")[0] in str(report)
    assert path.read_text() == "years of work"


def test_tables_that_cannot_be_read_any_more_are_replaced_and_that_is_said(raw, to):
    (to / "orders.parquet").write_bytes(b"PAR1 torn")
    report = ingest_folder(raw, to)
    assert "orders: what was there cannot be read" in str(report) and report.exit_code == 0


# --- origins ----------------------------------------------------------------------------------


@pytest.mark.parametrize("params", [WritingParams(), BY_REGION])
def test_each_stored_row_tells_its_file_and_row(raw, tmp_path, params):
    to = tmp_path / "to"
    ingest_folder(raw, to, writing=params)
    stored = connect(to)["orders"].execute().reset_index(drop=True)
    origins = read_origins(to, "orders")
    assert list(origins) == ["file", "sheet", "row"] and origins.row.dtype == "int64"
    for i, one in enumerate(origins.itertuples()):
        line = (raw / one.file).read_text("utf-8").splitlines()[one.row - 1]
        assert line.split(",")[0] == stored.order_id[i]
    assert set(origins.file) == {"orders 1.csv", "orders 2.csv"} and set(origins.sheet) == {""}
    kind = pq.read_schema(next((to / "origins").rglob("*.parquet"))).field("file").type
    assert pa.types.is_dictionary(kind)


def test_origins_are_no_part_of_the_data(raw, to):
    key = connect(to).data_key
    shutil.rmtree(to / "origins")
    assert connect(to).data_key == key and read_origins(to, "orders") is None


def test_origins_of_other_rows_are_none(raw, to):
    pq.write_table(pq.read_table(to / "orders.parquet").slice(3), to / "orders.parquet")
    assert read_origins(to, "orders") is None and read_origins(to, "customers") is not None
    assert read_origins(to, "visits") is None and read_origins(to / "no", "visits") is None


@pytest.mark.parametrize("params", [WritingParams(), BY_REGION])
def test_erasing_keeps_origins_in_step(tmp_path, params):
    raw, to = exports(tmp_path / "raw"), tmp_path / "to"
    days = ["2020-01-05"] * 8 + ["2025-01-05"] * 8
    visits = pd.DataFrame({"visit_id": [f"V{i}" for i in range(16)], "rep_id": "01",
                           "customer_id": (CUSTOMERS * 2)[:16], "visited_on": days})  # fmt: skip
    visits.to_csv(raw / "visits.csv", index=False)
    ingest_folder(raw, to, writing=params)
    assert erase(to, 36, "2025-06-30", dry_run=False).erased == 8
    left, origins = connect(to)["visits"].execute(), read_origins(to, "visits")
    assert left.visit_id.str[1:].astype(int).tolist() == (origins.row - 2).tolist()
    assert erase(to, 1, "2025-06-30", ("visits",), dry_run=False).erased == 8
    assert not [path for path in to.rglob("*") if "visits" in path.parts[len(to.parts) :]]
    assert ingest_folder(raw, to).exit_code == 0  # what erase leaves is a folder of tables


def test_a_contact_that_stands_only_in_the_quarantine_goes_too(raw, to):
    (to / "quarantine").mkdir(exist_ok=True)
    held = to / "quarantine" / "visits.csv"
    held.write_text("table,sheet,row,column,contact_id\nvisits,,3,,c1\n", "utf-8-sig")
    other = erase_contact(to, "c2", dry_run=False)
    assert held.exists() and not other.quarantine and "nothing of it is stored" in str(other)
    dry = erase_contact(to, "c1")
    assert dry.quarantine and "quarantine: all of it" in str(dry) and held.exists()
    assert erase_contact(to, "c1", dry_run=False).quarantine and not held.exists()


@pytest.mark.parametrize(("table", "goes"), [("visits", True), ("orders", False), ("", True)])
def test_retention_takes_the_quarantine_of_its_tables(to, table, goes):
    held = to / "quarantine" / "x.csv"
    held.parent.mkdir(exist_ok=True)
    held.write_text(f"table,sheet,row,column\n{table},,3,x\n", "utf-8-sig")
    for path in held.parent.glob("orders*"):
        path.unlink()
    assert erase(to, 36, "2025-06-30", dry_run=False).quarantine == goes
    assert held.exists() != goes


# --- all or nothing ---------------------------------------------------------------------------

# One process that has everything imported and no threads; each run is a fork of it.
RUNS = """
import json, os, resource, signal, sys, time
from pathlib import Path
from insights.files import switching
from insights.ingest import folder, ingest_folder, writing

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def on_call(owner, name, number, before):
    real, calls = getattr(owner, name), []
    def call(*args, **named):
        calls.append(name)
        if len(calls) == number:
            before(*args)
        return real(*args, **named)
    setattr(owner, name, call)

def torn(_rows, path):
    Path(path).write_bytes(b"PAR1 half of it")
    die()

def after_exchange():
    real = switching._exchanged
    switching._exchanged = lambda *names: (real(*names), die())

def between_renames():
    switching._exchanged = lambda *_: False
    real = Path.rename
    Path.rename = lambda self, to: die() if ".new-" in self.name else real(self, to)

def two_renames():
    switching._exchanged = lambda *_: False

def full():
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

POINTS = {
    "first table": lambda: on_call(writing.pq, "write_table", 1, torn),
    "third table": lambda: on_call(writing.pq, "write_table", 3, torn),
    "quarantine": lambda: on_call(folder, "write_quarantine", 1, die),
    "before the switch": lambda: on_call(switching, "_switch", 1, die),
    "after the switch": after_exchange,
    "between renames": between_renames,
    "whole": two_renames,
    "full": full,
}
said = {}
for raw, to, point in json.load(sys.stdin):
    listen, speak = os.pipe()
    child = os.fork()
    if child == 0:
        POINTS.get(point, lambda: None)()
        report = ingest_folder(Path(raw), Path(to))
        os.write(speak, str(report).encode()[-900:])
        os._exit(report.exit_code)
    os.close(speak)
    if point[0].isdigit():
        time.sleep(float(point))
        os.kill(child, signal.SIGKILL)
    words = os.read(listen, 2000).decode("utf-8", "replace")
    said[point] = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), words]
print(json.dumps(said))
"""
KILLED = ["first table", "third table", "quarantine", "before the switch", "after the switch",
          "between renames"]  # fmt: skip
AT_TIMES = ["0.05", "0.15", "0.25"]  # seconds


@pytest.fixture(scope="module")
def runs(once, tmp_path_factory):
    """Run an ingest over earlier tables once for each point, and return what became of each."""
    if not hasattr(os, "fork"):
        pytest.skip("kills by signal and limits of size are known to Unix alone")
    base = tmp_path_factory.mktemp("runs")
    after = exports(base / "after", 40, "2")
    asked = []
    for point in [*KILLED, *AT_TIMES, "whole", "full"]:
        to = shutil.copytree(once / "tables", base / point / "tables")
        asked.append([str(after), str(to), point])
    done = subprocess.run(
        [sys.executable, "-c", RUNS], input=json.dumps(asked), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return base, json.loads(done.stdout)


@pytest.mark.parametrize("point", [*KILLED, *AT_TIMES])
def test_a_killed_run_leaves_whole_tables_and_the_next_one_mends(once, runs, point):
    base, said = runs
    to, old = base / point / "tables", contents(once / "tables")
    assert said[point][0] in (-9, 0) and (point in AT_TIMES or said[point][0] == -9)
    if point != "between renames":  # where a system cannot exchange two folders
        versions = set(rows_of(to, "orders").order_id.str[:2])
        assert len(versions) == 1
        assert contents(to) == old or versions == {"O2"}
    assert ingest_folder(once / "raw", to).exit_code == 0
    assert contents(to) == old and beside(to) == []


def test_without_an_exchange_two_renames_do(runs):
    base, said = runs
    assert said["whole"][0] == 0
    assert set(rows_of(base / "whole" / "tables", "orders").order_id.str[:2]) == {"O2"}
    assert beside(base / "whole" / "tables") == []


def test_a_file_that_may_not_grow_leaves_the_old_tables(once, runs):
    base, (code, words) = runs[0], runs[1]["full"]
    assert code == 1 and "cannot be written" in words and "free space" in words
    to = base / "full" / "tables"
    assert contents(to) == contents(once / "tables") and beside(to) == []


@pytest.fixture
def small_disk(tmp_path):
    """Return a disk of a few blocks, and a function that makes it read-only."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk, ["mount", "-o", "remount,ro", str(disk)]
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_leaves_the_old_tables(tmp_path, raw, small_disk):
    disk, _read_only = small_disk
    to = disk / "tables"
    assert ingest_folder(raw, to).exit_code == 0
    old = contents(to)
    report = ingest_folder(exports(tmp_path / "more", 20_000), to)
    assert report.exit_code == 1 and "No space left" in str(report)
    assert contents(to) == old and beside(to) == []
    assert ingest_folder(raw, to).exit_code == 0


def test_a_disk_that_may_only_be_read_is_told(raw, small_disk):
    disk, read_only = small_disk
    to = disk / "tables"
    ingest_folder(raw, to)
    old = contents(to)
    subprocess.run(read_only, check=True)
    report = ingest_folder(raw, to)
    assert report.exit_code == 1 and "ead-only" in str(report) and contents(to) == old


def test_a_target_that_vanishes_is_told(raw, tmp_path, monkeypatch):
    to = tmp_path / "disk" / "tables"
    real = writing.pq.write_table

    def gone(*args):
        shutil.rmtree(tmp_path / "disk", ignore_errors=True)
        real(*args)

    monkeypatch.setattr(writing.pq, "write_table", gone)
    report = ingest_folder(raw, to)
    assert report.exit_code == 1 and "cannot be written" in str(report)


def test_a_link_stays_a_link(raw, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for _again in range(2):
        assert ingest_folder(raw, tmp_path / "link").exit_code == 0
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real" / "orders.parquet").is_file()


# --- one at a time ----------------------------------------------------------------------------


def test_a_second_run_is_refused_in_words_while_the_first_is_at_it(raw, to):
    old, taken, over = contents(to), threading.Event(), threading.Event()

    def first():
        with suppress(BusyError), switched_in(to):
            taken.set()
            over.wait(60)
            raise BusyError

    thread = threading.Thread(target=first)
    thread.start()
    taken.wait(60)
    report = ingest_folder(raw, to)
    assert report.exit_code == 1 and "another run is writing" in str(report)
    with pytest.raises(BusyError, match="another run"):
        erase_contact(to, "c1", dry_run=False)
    assert len(switching.leftovers(to)) == 1  # the first one's, which is left to it
    over.set()
    thread.join()
    assert contents(to) == old and beside(to) == []
    assert ingest_folder(raw, to).exit_code == 0


def test_many_at_once_leave_the_tables_of_one(tmp_path):
    to, reports = tmp_path / "tables", []
    raws = [exports(tmp_path / f"raw{v}", 30, str(v)) for v in range(4)]
    runs = [threading.Thread(target=lambda r=r: reports.append(ingest_folder(r, to))) for r in raws]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert {report.exit_code for report in reports} <= {0, 1} and len(reports) == 4
    assert rows_of(to, "orders").order_id.str[:2].nunique() == 1 and beside(to) == []


def test_a_lock_may_be_taken_twice_by_its_owner(tmp_path):
    to = tmp_path / "tables"
    with held_alone(to), held_alone(to):
        assert (tmp_path / ".tables.lock").exists()
    assert not (tmp_path / ".tables.lock").exists()


def test_a_killed_run_without_usable_rows_is_no_foreign_file(raw, to):
    (to / ".quarantine.new-abc").mkdir()
    (to / ".quarantine.lock").touch()
    assert ingest_folder(raw, to).exit_code == 0
    assert not [path.name for path in to.iterdir() if path.name.startswith(".")]
