"""Where stored tables are: a folder, a DuckDB file, or a connection known by name."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table as Expr

from insights.params import ROOT, load_yaml
from insights.tables.errors import SourceError
from insights.words import _


@dataclass(frozen=True)
class Source:
    """An open engine and the raw relations found in a source, by table name."""

    name: str
    engine: Backend
    relations: dict[str, Expr]
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)


def open_source(source: str | Path, names: list[str]) -> Source:
    """Open ``source`` and find the tables called ``names``. ``SourceError`` says what is wrong."""
    text = str(source)
    path = Path(text) if Path(text).is_absolute() else ROOT / text
    if not path.exists() and _could_be_an_address(text):
        raise SourceError(
            _("source: a URL is not accepted, because parameters are stored in notebooks; "
              "name a connection in connections.yaml instead")
        )  # fmt: skip
    if path.is_dir():
        return _open_folder(path, names)
    if path.is_file() and path.suffix in (".duckdb", ".db"):
        return _open_database(path, names)
    return _open_connection(text, path, names)


def _could_be_an_address(text: str) -> bool:
    return any(mark in text for mark in ("://", "@", "=", "?")) or bool(
        re.match(r"\s|\w{2,}:", text)
    )


def fingerprint(source: Source) -> str:
    """Return a hash of the content of the source's tables."""
    digest = hashlib.sha256()
    for name in sorted(source.relations):
        digest.update(name.encode())
        for path in source.files.get(name, ()):
            digest.update(path.relative_to(source.name).as_posix().encode())
            with path.open("rb") as handle:
                digest.update(hashlib.file_digest(handle, "sha256").digest())
        if name not in source.files:
            digest.update(str(source.relations[name].schema()).encode())
            digest.update(_content_hash(source.relations[name]).encode())
    return digest.hexdigest()[:16]


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
    engine = ibis.duckdb.connect()
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
        engine = ibis.duckdb.connect(path, read_only=True)
    except duckdb.Error as error:
        raise SourceError(
            _("{file}: not readable: {error}").format(file=path, error=error)
        ) from None
    present = set(engine.list_tables())
    relations = {name: engine.table(name) for name in names if name in present}
    if not relations:
        raise SourceError(_("{path}: holds none of the canonical tables").format(path=path))
    return Source(str(path), engine, relations)


def _open_connection(text: str, path: Path, names: list[str]) -> Source:
    connections = ROOT / "connections.yaml"
    known = dict(load_yaml(connections) or {}) if connections.exists() else {}
    target = os.environ.get(f"INSIGHTS_CONNECTION_{text.upper()}", known.get(text))
    if target is None:
        raise SourceError(
            _("{path}: no such folder or DuckDB file, and no connection is called {text!r}; "
              "run `insights demo` for the demo company or `insights ingest` for your own files")
            .format(path=path, text=text)
        )  # fmt: skip
    if not (ROOT / str(target)).exists():
        raise SourceError(
            _(
                "connection {text!r}: only folders and DuckDB files can be opened in this version"
            ).format(text=text)
        )
    return open_source(target, names)


def empty_relation(schema: dict[str, str]) -> Expr:
    """Return a relation of that schema and no rows."""
    return ibis.memtable(ibis.schema(schema).to_pyarrow().empty_table())
