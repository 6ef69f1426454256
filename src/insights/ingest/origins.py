"""Where each stored row came from: the file, sheet and row of an export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights.ingest.batches import Batch
from insights.ingest.layout import stored_files

ORIGINS = "origins"
COLUMNS = ["file", "sheet", "row"]


def read_origins(folder: Path, table: str) -> pd.DataFrame | None:
    """Which row of which export is each stored row of a table?

    Returns file and sheet (categories; no sheet is "") and row (as Excel numbers it), in the order
    in which ``connect`` reads the table. A row added up of several lines has its first one's place.
    None where ``folder`` tells none, or where what it tells is not of these rows.
    """
    files = stored_files(Path(folder), table)
    beside = [origins_of_file(Path(folder), path) for path in files]
    known = [_as_many_rows(path, own) for path, own in zip(files, beside, strict=True)]
    if not files or not all(known):
        return None
    together = pa.concat_tables([pq.ParquetFile(path).read() for path in beside])
    return together.unify_dictionaries().to_pandas()


def origins_of_file(folder: Path, path: Path) -> Path:
    """Return where the origins of a table's file lie: at its own place, below ``origins``."""
    return folder / ORIGINS / path.relative_to(folder)


def origins_of_rows(batches: Sequence[Batch]) -> pa.Table:
    """Return the origins of the sound rows of one table's batches, in their order."""
    counts = [int(np.count_nonzero(batch.sound)) for batch in batches]
    rows = [batch.sheet.rows[batch.positions[batch.sound]] for batch in batches]
    numbers = np.concatenate(rows) if rows else np.array([])
    return pa.table(
        {
            "file": _repeated([batch.sheet.file for batch in batches], counts),
            "sheet": _repeated([batch.sheet.name for batch in batches], counts),
            "row": pa.array(numbers.astype(np.int64)),
        }
    )


def _repeated(texts: list[str], counts: list[int]) -> pa.DictionaryArray:
    codes, distinct = pd.factorize(pd.Series(texts, dtype=object))
    indices = np.repeat(codes.astype(np.int32), counts)
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(list(distinct), pa.string()))


def _as_many_rows(path: Path, origins: Path) -> bool:
    """Say whether the origins are of this file; a table that was replaced by hand has lost them."""
    if path.suffix != ".parquet" or not origins.is_file():
        return False
    return pq.read_metadata(path).num_rows == pq.read_metadata(origins).num_rows
