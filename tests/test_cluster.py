"""Tasks on a cluster end as they do here, and a worker that is lost loses none."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from pathlib import Path

import pytest

from insights.report import ReportError
from insights.report.cluster import cluster_outcomes
from insights.report.tasks import Outcome, Report, Setting, Task

distributed = pytest.importorskip("distributed", reason="Dask is an extra: insights[cluster]")
SETTING = Setting(dt.date(2025, 1, 1), "s", "s", "base", "p", "d", "0", 60)


def tasks(folder: Path, analyses: str, regions: str) -> list[Task]:
    return [
        Task(Report(analysis, region, region, folder, ()), folder / "x.ipynb", SETTING, "key")
        for region in regions
        for analysis in analyses
    ]


def works(task: Task) -> Outcome:
    path = task.report.folder / f"{task.report.analysis}{task.report.region}"
    path.write_text(f"{time.monotonic()} {os.environ['OMP_NUM_THREADS']}")
    return Outcome(task, "", 0.1)


def fails(task: Task) -> Outcome:
    if task.report.region == "b":
        raise ValueError("no")
    return works(task)


def dies_once(task: Task) -> Outcome:
    mark = task.report.folder / "died"
    if task.report.region == "b" and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return works(task)


@pytest.fixture(scope="module")
def address():
    here = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**here) as cluster:
        yield cluster.scheduler_address


def test_every_task_ends_and_the_first_of_an_analysis_goes_before_the_others(tmp_path, address):
    made = list(cluster_outcomes(tasks(tmp_path, "xy", "abc"), works, address))
    assert len(made) == 6 and not any(outcome.error for outcome in made)
    for analysis in "xy":
        read = [(tmp_path / f"{analysis}{region}").read_text().split() for region in "abc"]
        began = [float(moment) for moment, _threads in read]
        assert began[0] == min(began) and {threads for _moment, threads in read} == {"1"}


def test_a_failure_is_its_own(tmp_path, address):
    made = list(cluster_outcomes(tasks(tmp_path, "x", "abc"), fails, address))
    assert {one.task.report.region: one.error for one in made} == {
        "a": "", "b": "ValueError: no", "c": ""}  # fmt: skip


def test_a_lost_worker_loses_no_task(tmp_path, address):
    made = list(cluster_outcomes(tasks(tmp_path, "x", "abc"), dies_once, address))
    assert len(made) == 3 and not any(outcome.error for outcome in made)
    assert (tmp_path / "died").exists() and (tmp_path / "xb").exists()


def test_a_scheduler_that_does_not_answer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("insights.report.cluster.SECONDS_TO_ANSWER", 1)
    with pytest.raises(ReportError, match=r"tcp://127\.0\.0\.1:9 does not answer"):
        list(cluster_outcomes(tasks(tmp_path, "x", "a"), works, "tcp://127.0.0.1:9"))
