"""Where the rows of a stored table lie: one file, or a folder a region as Hive names it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.params import WritingParams
from insights.tables import CANONICAL

REGION = "region_id"
PART = "part.parquet"
NOWHERE = "__HIVE_DEFAULT_PARTITION__"  # as Hive, Spark and DuckDB write a null
# Read as null by DuckDB, where a region is really called so.
READ_AS_NULL = frozenset({"NULL", NOWHERE})
UNSAFE = re.compile(r"[^0-9A-Za-z_\u4e00-\u9fff-]")
LONGEST = 200  # bytes of a folder's name; disks take 255
# Which table tells the region of an id, the first of them that a row knows.
OWNERS = {
    "customer_id": "customers",
    "distributor_id": "customers",
    "holder_id": "customers",
    "rep_id": "reps",
}


@dataclass(frozen=True)
class Part:
    """A file of a table: its place in the folder, and which rows it holds (None: all)."""

    path: PurePosixPath
    rows: np.ndarray | None = field(repr=False)


def region_owners(batches: Sequence[Batch]) -> dict[str, pd.Series]:
    """Return the region of each customer and rep: column that names it -> region by id."""
    return {column: _regions_by_id(batches, table) for column, table in OWNERS.items()}


def parts(
    table: str, rows: pd.DataFrame, owners: Mapping[str, pd.Series], params: WritingParams
) -> list[Part]:
    """Return the files that hold ``rows`` of a table, in the order in which they are read.

    A table of more than ``params.hive_rows`` rows lies in folders: of its own region, else of its
    customer's (distributor's, holder's, rep's); rows without region in one of their own. It stays
    one file where it knows no region, where there are too many, or a name is too long for a disk.
    """
    single = [Part(PurePosixPath(f"{table}.parquet"), None)]
    regions = _regions(table, rows, owners) if len(rows) > params.hive_rows else None
    if regions is None:
        return single
    codes, distinct = pd.factorize(regions, use_na_sentinel=False)
    names = folder_names([None if pd.isna(one) else str(one) for one in distinct])
    if len(names) > params.hive_folders or max(len(n.encode()) for n in names) > LONGEST:
        return single
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    split = np.split(order, ends[:-1])
    made = [Part(PurePosixPath(table, n, PART), r) for n, r in zip(names, split, strict=True)]
    return sorted(made, key=lambda part: part.path)


def folder_names(regions: Sequence[str | None]) -> list[str]:
    """Return a folder's name for each region, ``region_id=…``, apart on every disk.

    Percent-encoded as Hive does but for letters, digits and Chinese; capitals too where two regions
    differ in nothing else, for disks of Windows and Apple take them for one.
    """
    folded = [region.casefold() for region in regions if region is not None]
    return [
        f"{REGION}={NOWHERE if region is None else _encoded(region, folded)}" for region in regions
    ]


def stored_files(folder: Path, table: str) -> list[Path]:
    """Return the files of a stored table in the order in which ``connect`` reads them."""
    for suffix in ("parquet", "csv"):
        if (folder / f"{table}.{suffix}").is_file():
            return [folder / f"{table}.{suffix}"]
    return sorted((folder / table).glob(f"{REGION}=*/*.parquet"))


def is_stored_file(path: PurePosixPath) -> bool:
    """Say whether a path within a folder of tables is one that ``parts`` gives or that is read."""
    names = path.parts
    if path.suffix != ".parquet":
        return False
    hive = len(names) == 3 and names[1].startswith(f"{REGION}=")
    return names[0] in CANONICAL if hive else len(names) == 1 and path.stem in CANONICAL


def _encoded(region: str, folded: list[str]) -> str:
    text = UNSAFE.sub(lambda found: _percent(found[0]), region)
    if folded.count(region.casefold()) > 1:
        text = re.sub("(?<!%)(?<!%.)[A-Z]", lambda found: _percent(found[0]), text)
    return _percent(region[0]) + text[1:] if region.upper() in READ_AS_NULL else text


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _regions(table: str, rows: pd.DataFrame, owners: Mapping[str, pd.Series]) -> pd.Series | None:
    if REGION in CANONICAL[table].schema:
        return rows.get(REGION)
    known = [rows[name].map(owners[name]) for name in OWNERS if name in rows and len(owners[name])]
    if not known:
        return None
    found = known[0].astype(object)
    for more in known[1:]:
        found = found.where(found.notna(), more)
    return found


def _regions_by_id(batches: Sequence[Batch], table: str) -> pd.Series:
    key = CANONICAL[table].key[0]
    own = [b for b in batches if b.table == table and {key, REGION} <= set(b.values.columns)]
    if not own:
        return pd.Series(dtype=object)
    rows = pd.concat([batch.values.loc[batch.sound, [key, REGION]] for batch in own])
    return rows.drop_duplicates(key).set_index(key)[REGION].astype(object)
