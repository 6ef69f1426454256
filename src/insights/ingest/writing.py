"""Tables and quarantine out: all of it or nothing."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights.files.switching import is_mark_of, switched_in
from insights.files.switching import mend as mend_one
from insights.ingest.amounts import as_money
from insights.ingest.batches import Batch
from insights.ingest.faults import joined_words
from insights.ingest.layout import (
    REGION,
    Part,
    is_stored_file,
    parts,
    region_owners,
    stored_files,
)
from insights.ingest.origins import ORIGINS, origins_of_rows
from insights.ingest.review_book import REVIEW
from insights.params import WritingParams
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
CLUTTER = {".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini"}
REASON_COLUMNS = ["table", "sheet", "row", "column", "reason", "remedy"]
WRITING = WritingParams()
__all__ = [
    "QUARANTINE",
    "foreign_files",
    "mend",
    "rows_replaced",
    "switched_in",
    "write_quarantine",
    "write_tables",
]


def foreign_files(to: Path) -> str | None:
    """Say what stands in the way of replacing ``to``: it must hold nothing but tables."""
    if not to.exists():
        return None
    if not to.is_dir():
        return _("{to} is a file; name a folder").format(to=to)
    others = sorted(name for entry in to.iterdir() for name in _foreign(entry, to))
    if others:
        return _("{to} holds other files ({names}); name a new or empty folder").format(
            to=to, names=listing(others)
        )
    return None


def mend(to: Path) -> None:
    """Put back what a killed run left aside, and clear away what it had begun, in ``to`` too."""
    mend_one(to)
    mend_one(to / QUARANTINE)


def write_tables(batches: list[Batch], folder: Path, params: WritingParams = WRITING) -> None:
    """Write the sound rows of each table with canonical types, and beside them their origins.

    ``<table>.parquet``, or ``<table>/region_id=…/part.parquet`` where it is large (``parts``); the
    file, sheet and row of each stored row at the same place below ``origins``.
    """
    owners = region_owners(batches)
    for name in dict.fromkeys(batch.table for batch in batches if batch.table):
        own = [batch for batch in batches if batch.table == name]
        rows = pd.concat([batch.values[batch.sound] for batch in own], ignore_index=True)
        if len(rows):
            layout = parts(name, rows, owners, params)
            _write_parts(_arrow(rows, name), layout, folder)
            _write_parts(origins_of_rows(own), layout, folder / ORIGINS)


def rows_replaced(batches: list[Batch], to: Path) -> tuple[str, ...]:
    """Say which tables of ``to`` lose rows, for it is replaced as a whole, never added to."""
    said = []
    for name in sorted(CANONICAL):
        before = _rows_stored(to, name)
        now = sum(int(batch.sound.sum()) for batch in batches if batch.table == name)
        if before is None:
            said.append(_("{table}: what was there cannot be read; it goes").format(table=name))
        elif now < before:
            words = _(
                "{table}: {before:,} rows were there, {now:,} take their place (exports are read "
                "together; put the earlier ones beside these)"
            )
            said.append(words.format(table=name, before=before, now=now))
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


def _foreign(entry: Path, to: Path) -> list[str]:
    """Return what an entry of ``to`` holds that no ingest wrote."""
    if entry.name in {*CLUTTER, QUARANTINE, REVIEW} or is_mark_of(to / QUARANTINE, entry.name):
        return []
    if not entry.is_dir() or entry.name not in {ORIGINS, *CANONICAL}:
        return [] if _is_table(entry, to) else [entry.name]
    inner = [path for path in entry.rglob("*") if path.is_file() and path.name not in CLUTTER]
    base = entry if entry.name == ORIGINS else to
    return [path.relative_to(to).as_posix() for path in inner if not _is_table(path, base)]


def _is_table(path: Path, base: Path) -> bool:
    return path.is_file() and is_stored_file(PurePosixPath(path.relative_to(base).as_posix()))


def _write_parts(rows: pa.Table, layout: list[Part], folder: Path) -> None:
    for part in layout:
        path = folder / part.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if part.rows is None:
            pq.write_table(rows, path)
        else:  # a column of the folder's name in the file too would be there twice
            kept = [name for name in rows.column_names if name != REGION]
            pq.write_table(rows.select(kept).take(pa.array(part.rows)), path)


def _rows_stored(folder: Path, name: str) -> int | None:
    """Return how many rows of a table a folder holds; None where that cannot be read."""
    try:
        return sum(pq.read_metadata(path).num_rows for path in stored_files(folder, name))
    except (OSError, pa.ArrowException):
        return None


def _arrow(rows: pd.DataFrame, name: str) -> pa.Table:
    columns = [column for column in CANONICAL[name].columns if column.name in rows]
    arrays = {column.name: _array(rows[column.name], column) for column in columns}
    return pa.table(arrays)


def _array(values: pd.Series, column: Column) -> pa.Array:
    if column.type == "money":
        return as_money(values)
    return pa.Array.from_pandas(values).cast(ARROW_TYPES.get(column.type, pa.string()))


def _held_rows(batch: Batch) -> pd.DataFrame:
    faults = batch.told[batch.told.position.isin(batch.faults.position)]
    several = faults.position.duplicated(keep=False)
    joined = faults[several].groupby("position")[["column", "reason", "remedy"]].agg(joined_words)
    single = faults[~several].set_index("position")[["column", "reason", "remedy"]]
    why = pd.concat([single, joined]).sort_index()
    positions = why.index.to_numpy()
    raw = batch.sheet.frame.iloc[positions].reset_index(drop=True)
    raw = raw.rename(columns={name: f"{name} (raw)" for name in REASON_COLUMNS if name in raw})
    head = why.reset_index(drop=True).assign(
        table=batch.table, sheet=batch.sheet.name, row=batch.sheet.rows[positions]
    )
    return pd.concat([head[REASON_COLUMNS], raw], axis=1)


def _file_names(files: list[str]) -> dict[str, str]:
    """Name each file's quarantine after its stem, or its whole name where stems collide."""
    whole = {file: file.replace("/", "__") for file in files}
    stems = {file: str(Path(name).with_suffix("")) for file, name in whole.items()}
    taken = list(stems.values())
    return {
        file: f"{stem if taken.count(stem) == 1 else whole[file]}.csv"
        for file, stem in stems.items()
    }
