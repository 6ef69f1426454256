"""Parquet as text, as Excel would show it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights.ingest.reading.headers import named
from insights.ingest.reading.limits import Limits
from insights.ingest.reading.sheets import Sheet
from insights.words import _, listing


def read_parquet(path: Path, file: str, known: frozenset[str], limits: Limits) -> list[Sheet]:
    """Return a Parquet file as one sheet of text; its rows count from 2, as below headers.

    Moments with a time zone keep the clock of that zone. Columns that hold lists, records or bytes
    are left out, and the sheet's notes say so.
    """
    with path.open("rb") as stream:
        table = pq.read_table(stream)
    headers = named([str(name) for name in table.column_names], 0)
    read = {name: _as_text(table.column(n)) for n, name in enumerate(headers.names)}
    count = table.num_rows
    return [
        Sheet(
            file,
            "",
            pd.DataFrame({n: text for n, text in read.items() if text is not None}, range(count)),
            np.arange(count, dtype=np.int64) + 2,
            np.zeros(count, dtype=bool),
            headers.repeated,
            notes=(*_not_single(read), *_zones(table.schema)),
        )
    ]


def _not_single(read: dict[str, pd.Series | None]) -> list[str]:
    gone = [name for name, text in read.items() if text is None]
    words = _("columns that hold lists, records or bytes are left out: {names}")
    return [words.format(names=listing(gone))] if gone else []


def _zones(schema: pa.Schema) -> list[str]:
    zoned = [f for f in schema if pa.types.is_timestamp(f.type) and f.type.tz]
    words = _("{name} is read by the clock of its time zone, {zone}")
    return [words.format(name=field.name, zone=field.type.tz) for field in zoned]


def _as_text(values: pa.ChunkedArray) -> pd.Series | None:
    """Return a typed column as text: 17850.0 is 17850; None where a cell is no single value."""
    if isinstance(values.type, pa.BaseExtensionType):
        values = values.cast(values.type.storage_type)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    kind = values.type
    if pa.types.is_floating(kind):
        return _floats(values)
    if pa.types.is_timestamp(kind):
        values = _moments(values)
    if pa.types.is_nested(kind) or pa.types.is_duration(kind):
        return None
    try:
        return pd.Series(values.cast(pa.string()).to_pandas(), dtype="str")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _floats(values: pa.ChunkedArray) -> pd.Series:
    """Return the digits a number was written with: fifteen, or those of a narrower type."""
    narrow = not pa.types.is_float64(values.type)
    form = (lambda x: np.format_float_positional(x, trim="-")) if narrow else "{:.15g}".format
    numbers = pd.Series(values.to_numpy())
    distinct = numbers.dropna().unique()
    texts = dict(zip(distinct.tolist(), map(form, distinct), strict=True))
    return numbers.astype("float64").map(texts).astype("str")


def _moments(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return moments to the second, or to the microsecond where they have parts of one."""
    if values.type.tz:
        clock = values.to_pandas().dt.tz_localize(None)
        values = pa.chunked_array([pa.Array.from_pandas(clock)])
    whole = values.cast(pa.timestamp("s"), safe=False)
    fine = values.cast(pa.timestamp("us"), safe=False)
    return whole if whole.cast(pa.timestamp("us")).equals(fine) else fine
