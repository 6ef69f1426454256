"""Fixtures every room shares: the demo company, built once a run, and a cache of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import settings

from insights.tables import Tables, connect
from insights.words import speak

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

LONG = [
    "test_time",
    "test_rollup",
    "test_notebooks",
    "test_batch_faults",
    "test_region_folder",
    "test_report",
    "test_customer_review",
    "test_planted_people",
    "test_segmentation",
]

# One run of CI must not fail for an example that the next would not draw; at home they are random.
settings.register_profile("patient", deadline=None)  # a busy machine fails no property
settings.load_profile("patient")
settings.register_profile("ci", deadline=None, derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of this run share."""
    base = factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long modules first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["INSIGHTS_CACHE"] = str(shared_folder(tmp_path_factory) / "cache")


@pytest.fixture(autouse=True)
def _english_after() -> Iterator[None]:
    """Params choose the language of a process: the next test reads English again."""
    yield
    speak("en")


@pytest.fixture(scope="session")
def demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company at full scale, simulated once for all workers."""
    from insights.demo import simulate

    folder = shared_folder(tmp_path_factory)
    with FileLock(folder / "demo.lock"):
        if not (folder / "demo").exists():
            simulate(folder / "demo")
    return folder / "demo"


@pytest.fixture(scope="session")
def small_demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company at a third of its size, in which every verb still answers."""
    from insights.demo import simulate

    folder = shared_folder(tmp_path_factory)
    with FileLock(folder / "small.lock"):
        if not (folder / "small").exists():
            simulate(folder / "small", 0.3)
    return folder / "small"


@pytest.fixture(scope="session")
def demo(demo_dir: Path) -> Tables:
    return connect(demo_dir)


@pytest.fixture
def write_source(tmp_path: Path):
    """Return a function that writes frames as a source folder and returns its path."""

    def write(folder: str = "source", **frames: pd.DataFrame) -> Path:
        path = tmp_path / folder
        path.mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            frame.to_parquet(path / f"{name}.parquet", index=False)
        return path

    return write
