"""From frames to Parquet: canonical columns and types, sorted by key, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights.tables import CANONICAL, Table
from insights.words import _

ARROW_TYPES = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "decimal(18, 2)": pa.decimal128(18, 2),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
}


def write_company(
    to: Path, tables: Mapping[str, pd.DataFrame], truths: Mapping[str, pd.DataFrame]
) -> None:
    """Write ``to``/<table>.parquet and ``to``/truth/<table>.parquet; replace ``to`` at the end.

    Money columns of ``tables`` are whole cents; columns that a frame lacks are written as nulls.
    """
    refuse_other_folders(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        (fresh / "truth").mkdir()
        fresh.chmod(0o755)
        for name, frame in tables.items():
            _save(canonical_arrow(frame, CANONICAL[name]), fresh / f"{name}.parquet")
        for name, frame in truths.items():
            _save(truth_arrow(frame), fresh / "truth" / f"{name}.parquet")
        _put_in_place(fresh, to)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def refuse_other_folders(to: Path) -> None:
    """Raise ``ValueError`` where ``to`` holds anything but an earlier demo company."""
    if to.exists() and not (to / "truth").is_dir() and (to.is_file() or any(to.iterdir())):
        raise ValueError(
            _(
                "{to}: not empty and not a demo company; it would be replaced: choose another"
            ).format(to=to)
        )


def canonical_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """Return a frame as the canonical Arrow table, sorted by its key."""
    unknown = set(frame.columns) - set(table.schema)
    if unknown:
        raise KeyError(f"{table.name}: {sorted(unknown)}")
    rows = frame.sort_values([c for c in table.key if c in frame.columns], kind="stable")
    columns = {
        name: _array(rows[name], ARROW_TYPES[kind])
        if name in rows.columns
        else pa.nulls(len(rows), ARROW_TYPES[kind])
        for name, kind in table.schema.items()
    }
    return pa.table(columns)


def truth_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a truth frame as Arrow, dates as date32."""
    arrow = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = [
        pa.field(f.name, pa.date32())
        if pa.types.is_timestamp(f.type)
        else pa.field(f.name, pa.string())
        if pa.types.is_large_string(f.type)
        else f
        for f in arrow.schema
    ]
    return arrow.cast(pa.schema(fields), safe=False)


def _array(values: pd.Series, kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        return _decimals(values)
    if pa.types.is_date(kind):
        return pa.array(values.to_numpy("datetime64[D]"), kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values.to_numpy("datetime64[us]"), kind)
    return pa.array(values, kind, from_pandas=True)


def _decimals(cents: pd.Series) -> pa.Array:
    """Return whole cents as decimal(18,2) without passing through text or float."""
    absent = cents.isna().to_numpy()
    words = np.zeros((len(cents), 2), dtype=np.int64)
    words[:, 0] = cents.fillna(0).to_numpy(np.int64)
    words[:, 1] = words[:, 0] >> 63
    present = pa.array(~absent).buffers()[1]
    return pa.Array.from_buffers(
        pa.decimal128(18, 2), len(cents), [present, pa.py_buffer(words.tobytes())]
    )


def _save(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _put_in_place(fresh: Path, to: Path) -> None:
    old = to.with_name(f".{to.name}-old-{fresh.name}")
    if to.exists():
        to.rename(old)
    fresh.rename(to)
    shutil.rmtree(old, ignore_errors=True)
