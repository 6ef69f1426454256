"""Tables and quarantine out: all of it or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights.ingest.amounts import as_money
from insights.ingest.batches import Batch
from insights.ingest.review_book import REVIEW
from insights.tables import CANONICAL, Column
from insights.words import _, listing

ARROW_TYPES = {
    "int": pa.int64(),
    "float": pa.float64(),
    "rate": pa.float64(),
    "date": pa.date32(),
    "time": pa.timestamp("us"),
    "bool": pa.bool_(),
}
QUARANTINE = "quarantine"
CLUTTER = {".gitkeep", ".DS_Store", "Thumbs.db"}
REASON_COLUMNS = ["table", "sheet", "row", "column", "reason", "remedy"]


def foreign_files(to: Path) -> str | None:
    """Say what stands in the way of replacing ``to``: it must hold nothing but tables."""
    if not to.exists():
        return None
    if not to.is_dir():
        return _("{to} is a file; name a folder").format(to=to)
    ours = {QUARANTINE, REVIEW, *CANONICAL, *(f"{name}.parquet" for name in CANONICAL)}
    others = sorted(entry.name for entry in to.iterdir() if entry.name not in ours | CLUTTER)
    if others:
        return _("{to} holds other files ({names}); name a new or empty folder").format(
            to=to, names=listing(others)
        )
    return None


@contextmanager
def switched_in(to: Path) -> Iterator[Path]:
    """Give a fresh folder beside ``to``; once it is whole, it takes the place of ``to``.

    After an error ``to`` is as it was. A run that was killed between the two renames is mended by
    the next one.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    old = _old(to)
    mend(to)
    fresh = Path(tempfile.mkdtemp(prefix=f".{to.name}.new-", dir=to.parent))
    fresh.chmod(0o777 & ~_umask())
    try:
        yield fresh
        if to.exists():
            to.rename(old)
        try:
            fresh.rename(to)
        except OSError:
            mend(to)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if to.exists():
            shutil.rmtree(old, ignore_errors=True)


def mend(to: Path) -> None:
    """Put back what a run that was killed between its two renames left aside."""
    old = _old(to)
    if old.exists() and not to.exists():
        old.rename(to)
    elif old.exists():
        shutil.rmtree(old)


def write_tables(batches: list[Batch], folder: Path) -> None:
    """Write the sound rows of each table as ``<table>.parquet`` with canonical types."""
    names = dict.fromkeys(batch.table for batch in batches if batch.table)
    for name in names:
        frames = [batch.values[batch.sound] for batch in batches if batch.table == name]
        rows = pd.concat(frames, ignore_index=True)
        if len(rows):
            pq.write_table(_arrow(rows, name), folder / f"{name}.parquet")


def rows_replaced(batches: list[Batch], to: Path) -> tuple[str, ...]:
    """Say which tables of ``to`` lose rows, for it is replaced as a whole, never added to."""
    said = []
    for path in sorted(to.glob("*.parquet")):
        before = pq.read_metadata(path).num_rows
        now = sum(int(batch.sound.sum()) for batch in batches if batch.table == path.stem)
        if now < before:
            words = _(
                "{table}: {before:,} rows were there, {now:,} take their place (exports are read "
                "together; put the earlier ones beside these)"
            )
            said.append(words.format(table=path.stem, before=before, now=now))
    return tuple(said)


def write_quarantine(batches: list[Batch], folder: Path) -> None:
    """Write the rows held back, a CSV for each file: their raw text, row, column and reason."""
    files = {batch.sheet.file: None for batch in batches if len(batch.faults)}
    names = _file_names(list(files))
    for file, name in names.items():
        folder.mkdir(exist_ok=True)
        frames = [_held_rows(b) for b in batches if b.sheet.file == file and len(b.faults)]
        pd.concat(frames, ignore_index=True).to_csv(
            folder / name, index=False, encoding="utf-8-sig", lineterminator="\n"
        )


def _arrow(rows: pd.DataFrame, name: str) -> pa.Table:
    columns = [column for column in CANONICAL[name].columns if column.name in rows]
    arrays = {column.name: _array(rows[column.name], column) for column in columns}
    return pa.table(arrays)


def _array(values: pd.Series, column: Column) -> pa.Array:
    if column.type == "money":
        return as_money(values)
    return pa.Array.from_pandas(values).cast(ARROW_TYPES.get(column.type, pa.string()))


def _held_rows(batch: Batch) -> pd.DataFrame:
    faults = batch.faults
    several = faults.position.duplicated(keep=False)
    joined = faults[several].groupby("position")[["column", "reason", "remedy"]].agg(_together)
    single = faults[~several].set_index("position")[["column", "reason", "remedy"]]
    why = pd.concat([single, joined]).sort_index()
    positions = why.index.to_numpy()
    raw = batch.sheet.frame.iloc[positions].reset_index(drop=True)
    raw = raw.rename(columns={name: f"{name} (raw)" for name in REASON_COLUMNS if name in raw})
    head = why.reset_index(drop=True).assign(
        table=batch.table, sheet=batch.sheet.name, row=batch.sheet.rows[positions]
    )
    return pd.concat([head[REASON_COLUMNS], raw], axis=1)


def _together(texts: pd.Series) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _file_names(files: list[str]) -> dict[str, str]:
    """Name each file's quarantine after its stem, or its whole name where stems collide."""
    whole = {file: file.replace("/", "__") for file in files}
    stems = {file: str(Path(name).with_suffix("")) for file, name in whole.items()}
    taken = list(stems.values())
    return {
        file: f"{stem if taken.count(stem) == 1 else whole[file]}.csv"
        for file, stem in stems.items()
    }


def _old(to: Path) -> Path:
    return to.with_name(f".{to.name}.old")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
