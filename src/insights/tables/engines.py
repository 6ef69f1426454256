"""Tables that live on a server or a cluster: PostgreSQL and Spark, read only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt
from ibis.backends.sql import SQLBackend
from ibis.expr.types import Table as Expr

from insights.tables.connections import SPARK, Connection
from insights.tables.errors import SourceError
from insights.words import _

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SECONDS_TO_ANSWER = 15
Opened = tuple[SQLBackend, dict[str, Expr]]


def open_engine(connection: Connection, names: list[str]) -> Opened:
    """Return the engine behind a connection, and its relations of these names.

    ``SourceError`` says in words, and without any secret, what cannot be had.
    """
    on_spark = connection.address.startswith(SPARK)
    open_it: Callable[[Connection, list[str]], Opened] = _open_spark if on_spark else _open_postgres
    try:
        engine, relations = open_it(connection, names)
    except ImportError:
        raise _not_installed(connection, "spark" if on_spark else "postgres") from None
    except SourceError:
        raise
    except Exception as error:  # every driver has errors of its own, and they may quote addresses
        raise _refused(connection, error) from None
    if not relations:
        told = _("connection {name!r}: holds none of the canonical tables in schema {schema!r}")
        where = connection.schema or connection.folder or _("that it opens by itself")
        raise SourceError(told.format(name=connection.name, schema=where))
    return engine, relations


def _not_installed(connection: Connection, extra: str) -> SourceError:
    return SourceError(
        _("connection {name!r}: the driver is not installed; run pip install 'insights[{extra}]'")
        .format(name=connection.name, extra=extra)
    )  # fmt: skip


def _refused(connection: Connection, error: Exception) -> SourceError:
    words = connection.without_secrets(error)
    return SourceError(
        _("connection {name!r}: cannot be opened: {words}; check its address, the network and "
          "that the user may read the tables").format(name=connection.name, words=words)
    )  # fmt: skip


def _open_postgres(connection: Connection, names: list[str]) -> Opened:
    import psycopg

    session = psycopg.connect(
        connection.address,
        autocommit=True,
        connect_timeout=SECONDS_TO_ANSWER,
        application_name="insights",
    )
    session.execute("SET default_transaction_read_only = on")
    engine = ibis.postgres.from_connection(session)
    schema = connection.schema or engine.current_database
    present = set(engine.list_tables(database=schema))
    return engine, {
        name: _as_elsewhere(engine, schema, name, connection.timezone)
        for name in names
        if name in present
    }


def _as_elsewhere(engine: SQLBackend, schema: str, name: str, timezone: str) -> Expr:
    """Return a table whose texts sort by code point and whose instants are of one time zone.

    So they do in DuckDB, Spark and pandas; a database in Chinese or English sorts otherwise, its
    clients may live anywhere, and no expression of Ibis says either.
    """
    stored = engine.table(name, database=schema).schema()
    columns = ", ".join(_as_sql(column, kind, timezone) for column, kind in stored.items())
    plain = {
        column: dt.timestamp if kind.is_timestamp() else kind for column, kind in stored.items()
    }
    return engine.sql(f"SELECT {columns} FROM {_quoted(schema)}.{_quoted(name)}", schema=plain)


def _as_sql(name: str, kind: dt.DataType, timezone: str) -> str:
    column = _quoted(name)
    if kind.is_string():
        return f'{column}::text COLLATE "C" AS {column}'
    if kind.is_timestamp() and kind.timezone is not None:
        return f"timezone('{timezone}', {column}) AS {column}"
    return column


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _open_spark(connection: Connection, names: list[str]) -> Opened:
    session = _spark_session(connection)
    engine = ibis.pyspark.connect(session)
    frames = (
        _of_catalog(session, connection.schema, names)
        if connection.folder is None
        else _of_folder(session, connection.folder, names)
    )
    for name, frame in frames.items():
        _in_timezone(frame, connection.timezone).createOrReplaceTempView(f"raw_{name}")
    return engine, {name: engine.table(f"raw_{name}") for name in frames}


def _spark_session(connection: Connection) -> SparkSession:
    from pyspark.sql import SparkSession

    master = connection.address.removeprefix(SPARK)
    builder: Any = SparkSession.builder
    if master.startswith("sc://"):
        return builder.remote(master).getOrCreate()
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "FATAL",
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    if master.startswith("local"):
        settings |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": "4",
        }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.master(master).appName("insights").getOrCreate()


def _of_catalog(
    session: SparkSession, schema: str | None, names: list[str]
) -> dict[str, DataFrame]:
    places = {name: f"{schema}.{name}" if schema else name for name in names}
    there = [name for name, place in places.items() if session.catalog.tableExists(place)]
    return {name: session.table(places[name]) for name in there}


def _of_folder(session: SparkSession, folder: str, names: list[str]) -> dict[str, DataFrame]:
    """Read ``<folder>/<table>.parquet`` or the hive folder ``<folder>/<table>`` of each table."""
    found = {name: _parquet(session, f"{folder}/{name}") for name in names}
    return {name: frame for name, frame in found.items() if frame is not None}


def _parquet(session: SparkSession, path: str) -> DataFrame | None:
    from pyspark.errors import AnalysisException

    for place in (f"{path}.parquet", path):
        try:
            return session.read.parquet(place)
        except AnalysisException as error:
            if error.getCondition() != "PATH_NOT_FOUND":
                raise
    return None


def _in_timezone(frame: DataFrame, timezone: str) -> DataFrame:
    """Return instants as the clock of the time zone showed them: the session's own is UTC."""
    from pyspark.sql import functions

    instants = [name for name, kind in frame.dtypes if kind == "timestamp"]
    local = {name: functions.from_utc_timestamp(name, timezone) for name in instants}
    return frame.withColumns(local) if local else frame
