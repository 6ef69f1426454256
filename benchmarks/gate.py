"""A million dirty rows parsed and validated, against a validation library alone on typed rows.

Invoices and orders are written as the demo company's systems would (``gate_exports``), clean, with
one faulty row in a hundred, and one in five. Each round, in turn:

- ours: text columns in memory -> canonical values and all faults, contradictions and repeated keys
  included (``make_batch``, ``without_repeats``); no file is read or written;
- pandera on Polars: the same rules (types, nulls, least values, order of dates, signs, one row a
  key), all at once, on rows that are typed already: ours, before any is held back.

One thread each; a ratio is the median of paired ratios, with the lowest and the highest round. Wall
clock and processor time are stated: on a busy machine the latter is the steadier. Then the whole
way of a file, step by step, and peak memory, each in a process of its own.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.gate_exports import export
from insights.ingest.batches import Batch, make_batch
from insights.ingest.folder import ingest_folder
from insights.ingest.keys import without_repeats
from insights.ingest.mapping import TablePlan
from insights.ingest.privacy import through_the_door
from insights.ingest.reading import Sheet, read_file
from insights.ingest.recognition import recognise
from insights.ingest.vocabulary import Vocabulary, load_vocabulary
from insights.ingest.writing import write_quarantine, write_tables
from insights.params import PrivacyParams

ROWS = 1_000_000
ROUNDS = 7  # the lowest and highest of 7 ratios hold their median in 98 of 100
SHARES = (0.0, 0.01, 0.2)
TABLES = ("invoices", "orders")


def main() -> None:
    """Print the paired times, the steps of a whole ingest, and memory."""
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {(t, s): export(t, ROWS, s, folder) for t in TABLES for s in SHARES}
        print(f"{ROWS:,} rows, {ROUNDS} rounds, one thread")
        rows = [_alone(paired, path, table) for (table, _share), path in paths.items()]
        print(pd.DataFrame(rows).to_string(index=False))
        steps = {path.stem: _alone(whole_way, path) for path in paths.values()}
        print("\nthe whole way of a file, seconds")
        print(pd.DataFrame(steps).to_string(float_format=lambda x: f"{x:.2f}"))
        print("\npeak memory, MiB")
        print(pd.DataFrame({path.stem: memory(path) for path in paths.values()}).to_string())


def paired(path: Path, table: str) -> dict[str, object]:
    """Return medians and ratios of ours and of pandera on one file's rows."""
    from benchmarks.gate_peer import typed_rows, validator

    sheet, plan, vocabulary = _read(path)
    rows = typed_rows(make_batch(sheet, table, plan, vocabulary))
    validate = validator(table, rows)
    faults = without_repeats([make_batch(sheet, table, plan, vocabulary)])[0].faults
    found = validate()
    ways: list[Callable[[], object]] = [
        lambda: without_repeats([make_batch(sheet, table, plan, vocabulary)]),
        validate,
    ]
    taken = np.array([[_timed(way) for way in ways] for _round in range(ROUNDS)])
    figures: dict[str, object] = {"file": path.stem}
    for clock, label in enumerate(("wall", "cpu")):
        ours, peer = np.median(taken[:, :, clock], axis=0)
        figures |= {f"ours {label} s": f"{ours:.2f}", f"pandera {label} s": f"{peer:.2f}"}
        figures[f"ratio {label}"] = _ratio(taken[:, 0, clock] / taken[:, 1, clock])
    return {**figures, "our faults": len(faults), "pandera's": found}


def whole_way(path: Path) -> dict[str, float]:
    """Return seconds of each step from a file to stored tables, and of ``ingest_folder``."""
    clock = time.perf_counter
    at = [clock()]
    sheet, plan, vocabulary = _read(path)
    at.append(clock())
    batch = make_batch(sheet, path.stem.partition("_")[0], plan, vocabulary)
    at.append(clock())
    after: list[float] = []

    def between(batches: list[Batch]) -> list[Batch]:
        start = clock()
        made = without_repeats(batches)
        after.append(clock() - start)
        return made

    passed = through_the_door([batch], [], [], PrivacyParams(), between)
    at.append(clock())
    with tempfile.TemporaryDirectory() as name:
        write_tables(passed.batches, Path(name))
        write_quarantine(passed.batches, Path(name) / "quarantine")
        at.append(clock())
        ingest_folder(path, Path(name) / "tables")
        at.append(clock())
    reading, parsing, door, writing, whole = np.diff(at).tolist()
    return {"reading": reading, "parsing": parsing, "keys": after[0],
            "privacy": door - after[0], "writing": writing, "ingest_folder": whole}  # fmt: skip


def memory(path: Path) -> dict[str, int]:
    """Return the peak memory (MiB) of reading, of ours, of pandera's typed rows, of an ingest."""
    typed = path.with_suffix(".typed")
    _alone(_write_typed, path, typed)
    return {
        "read only": _alone(_reading_peak, path),
        "read, parse, validate": _alone(_our_peak, path),
        "pandera, typed rows": _alone(_peer_peak, typed, _table(path)),
        "ingest_folder": _alone(_whole_peak, path),
    }


def _reading_peak(path: Path) -> int:
    _read(path)
    return _peak()


def _our_peak(path: Path) -> int:
    sheet, plan, vocabulary = _read(path)
    without_repeats([make_batch(sheet, _table(path), plan, vocabulary)])
    return _peak()


def _write_typed(path: Path, typed: Path) -> None:
    from benchmarks.gate_peer import typed_rows

    sheet, plan, vocabulary = _read(path)
    typed_rows(make_batch(sheet, _table(path), plan, vocabulary)).write_ipc(typed)


def _peer_peak(typed: Path, table: str) -> int:
    import polars as pl

    from benchmarks.gate_peer import validator

    validator(table, pl.read_ipc(typed))()
    return _peak()


def _whole_peak(path: Path) -> int:
    with tempfile.TemporaryDirectory() as name:
        ingest_folder(path, Path(name) / "tables")
    return _peak()


def _read(path: Path) -> tuple[Sheet, TablePlan, Vocabulary]:
    vocabulary = load_vocabulary()
    sheet = read_file(path, path.name, vocabulary.known_headers)[0]
    return sheet, recognise(sheet, vocabulary).plan, vocabulary


def _table(path: Path) -> str:
    return path.stem.partition("_")[0]


def _timed(way: Callable[[], object]) -> tuple[float, float]:
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - wall, time.process_time() - processor


def _ratio(ratios: np.ndarray) -> str:
    return f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})"


def _alone(way: Callable[..., Any], *given: object) -> Any:
    """Return what ``way`` gives in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(way, *given).result()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
