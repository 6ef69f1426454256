"""Where stored tables are: a folder, a DuckDB file, or a connection known by name."""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend
from ibis.backends.sql import SQLBackend
from ibis.expr.types import Table as Expr

from insights.params import ROOT
from insights.tables.compiled import Engine
from insights.tables.connections import PREFIX, find_connection, is_engine, variable
from insights.tables.engines import open_engine
from insights.tables.errors import SourceError
from insights.tables.remembered import remembered
from insights.words import _

ENGINE_MEMORY = "256MB"


@dataclass(frozen=True)
class Source:
    """An open engine and the raw relations found in a source, by table name."""

    name: str
    engine: SQLBackend = field(repr=False)
    relations: dict[str, Expr] = field(repr=False)
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    database: Path | None = None


def open_source(source: str | Path, names: list[str]) -> Source:
    """Open ``source`` and find the tables called ``names``. ``SourceError`` says what is wrong."""
    text = str(source)
    if text.startswith(PREFIX):
        return _open_connection(text.removeprefix(PREFIX), names)
    path = Path(text) if Path(text).is_absolute() else ROOT / text
    if not path.exists() and _could_be_an_address(text):
        raise SourceError(
            _("source: a URL is not accepted, because parameters are stored in notebooks; "
              "name a connection in connections.yaml instead")
        )  # fmt: skip
    if path.exists() or find_connection(text) is None:
        return _open_path(path, text, names)
    return _open_connection(text, names)


def _open_path(path: Path, text: str, names: list[str]) -> Source:
    if path.is_dir():
        return _open_folder(path, names)
    if path.is_file() and path.suffix in (".duckdb", ".db"):
        return _open_database(path, names)
    raise SourceError(
        _("{path}: no such folder or DuckDB file, and no connection is called {text!r}; "
          "run `insights demo` for the demo company or `insights ingest` for your own files")
        .format(path=path, text=text)
    )  # fmt: skip


def _open_connection(name: str, names: list[str]) -> Source:
    found = find_connection(name)
    if found is None:
        raise SourceError(
            _("no connection is called {name!r}; set the variable {variable} or write it into "
              "{file}").format(name=name, variable=variable(name),
                               file="~/.config/insights/connections.yaml")
        )  # fmt: skip
    if not is_engine(found.address):
        path = ROOT / found.address
        if not path.exists():
            raise SourceError(
                _("connection {name!r}: names no folder, DuckDB file, postgresql:// or spark: "
                  "address").format(name=name)
            )  # fmt: skip
        return _open_path(path, name, names)
    return Source(PREFIX + name, *open_engine(found, names))


def _could_be_an_address(text: str) -> bool:
    return any(mark in text for mark in ("://", "@", "=", "?")) or bool(
        re.match(r"\s|\w{2,}:", text)
    )


def fingerprint(source: Source) -> str:
    """Return a hash of the content of the tables; a file is read once until it changes."""
    digest = hashlib.sha256()
    for name in sorted(source.relations):
        digest.update(name.encode())
        for path in source.files.get(name, ()):
            digest.update(path.relative_to(source.name).as_posix().encode())
            digest.update(bytes.fromhex(remembered(path, "sha256", partial(_file_hash, path))))
        if name not in source.files:
            relation = source.relations[name]
            digest.update(str(relation.schema()).encode())
            digest.update(_table_hash(source, name, relation).encode())
    return digest.hexdigest()[:16]


def _file_hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _table_hash(source: Source, name: str, relation: Expr) -> str:
    """Hash a table's rows, once for a database file that nobody is writing to."""
    file = source.database
    if file is None or file.with_name(f"{file.name}.wal").exists():
        return _content_hash(relation)
    question = f"rows of {name}, DuckDB {duckdb.__version__}"
    return remembered(file, question, partial(_content_hash, relation))


def _content_hash(relation: Expr) -> str:
    """Hash a relation's rows whatever their order: the wrapped sum of the rows' hashes."""
    text = ibis.literal("").join(
        [
            relation[name].cast("string").fill_null("<null>") + "|"
            for name in sorted(relation.columns)
        ]
    )
    hashed = relation.select(row=text.hash())
    parts = hashed.aggregate(
        n=hashed.count(),
        low=(hashed.row % 1_000_003).sum(),
        high=((hashed.row // 1_000_003) % 1_000_033).sum(),
    ).execute()
    return str(parts.to_dict("list"))


def _open_folder(path: Path, names: list[str]) -> Source:
    engine = _duckdb()
    relations: dict[str, Expr] = {}
    files: dict[str, tuple[Path, ...]] = {}
    for name in names:
        found = _table_files(path, name)
        if found:
            relations[name] = _read(engine, path, name, found)
            files[name] = found
    if not relations:
        raise SourceError(_("{path}: holds none of the canonical tables").format(path=path))
    return Source(str(path), engine, relations, files)


def _duckdb(path: str | Path = ":memory:", read_only: bool = False) -> Backend:
    """Open DuckDB within bounds of memory, for several kernels of a batch share a machine.

    What does not fit waits on disk: so tens of millions of rows are read.
    """
    return Engine().connect(
        path,
        read_only=read_only,
        memory_limit=os.environ.get("INSIGHTS_ENGINE_MEMORY", ENGINE_MEMORY),
        temp_directory=_spill_folder(),
    )


@cache
def _spill_folder() -> str:
    """Return a folder of this process that nobody else can read and that goes when it ends."""
    folder = tempfile.mkdtemp(prefix="insights-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _table_files(path: Path, name: str) -> tuple[Path, ...]:
    for suffix in ("parquet", "csv"):
        if (path / f"{name}.{suffix}").is_file():
            return (path / f"{name}.{suffix}",)
    return tuple(sorted((path / name).glob("region_id=*/*.parquet")))


def _read(engine: Backend, path: Path, name: str, found: tuple[Path, ...]) -> Expr:
    try:
        if found[0].suffix == ".csv":
            return engine.read_csv(str(found[0]), table_name=f"raw_{name}", all_varchar=True)
        hive = found[0].parent != path
        return engine.read_parquet(
            [str(file) for file in found], table_name=f"raw_{name}", hive_partitioning=hive,
            **({"hive_types_autocast": False} if hive else {}),
        )  # fmt: skip
    except duckdb.Error as error:
        raise SourceError(
            _("{file}: not readable: {error}").format(file=found[0], error=error)
        ) from None


def _open_database(path: Path, names: list[str]) -> Source:
    try:
        engine = _duckdb(path, read_only=True)
    except duckdb.Error as error:
        raise SourceError(
            _("{file}: not readable: {error}").format(file=path, error=error)
        ) from None
    present = set(engine.list_tables())
    relations = {name: engine.table(name) for name in names if name in present}
    if not relations:
        raise SourceError(_("{path}: holds none of the canonical tables").format(path=path))
    return Source(str(path), engine, relations, database=path)


def empty_relation(schema: dict[str, str], beside: Expr) -> Expr:
    """Return a relation of that schema and no rows, of the engine that holds ``beside``.

    It needs no table of memory: an engine may forbid one to a reader, and DuckDB cannot filter one
    within a union under a semi-join.
    """
    nothing = {name: ibis.null(kind) for name, kind in schema.items()}
    return beside.filter(ibis.literal(False)).select(**nothing)
