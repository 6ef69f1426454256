"""A PostgreSQL server of one's own: on loopback, in a temporary folder, gone with the test run."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

OWNER, PASSWORD = "keeper", "s3cret/pa:ss@word"
READER, READER_PASSWORD = "reader", "read-only%20secret"


@dataclass(frozen=True)
class Server:
    """Where the server listens, and who may do what: the owner everything, the reader read."""

    port: int

    def url(self, database: str = "postgres", user: str = OWNER, password: str = PASSWORD) -> str:
        from urllib.parse import quote

        secret = quote(password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def reader_url(self, database: str) -> str:
        return self.url(database, READER, READER_PASSWORD)


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl: on PATH, else of the newest Debian package."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    packaged = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()]
    return max(packaged, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Start a server and stop it. It refuses to run as root: then it runs as nobody."""
    where = programs()
    assert where is not None
    home.mkdir(parents=True)
    secret = home / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    data, as_user = home / "data", _unprivileged(home)
    made = ["-U", OWNER, "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync"]
    _run([*as_user, str(where / "initdb"), "-D", str(data), "-E", "UTF8", *made])
    port = _free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    control = [*as_user, str(where / "pg_ctl"), "-D", str(data), "-l", str(home / "log"), "-w"]
    _run([*control, "-o", options, "start"])
    try:
        yield Server(port)
    finally:
        _run([*control, "-m", "immediate", "stop"])


def temporary_home() -> Path:
    """Return a folder that nobody, too, can reach: pytest's own belong to root alone."""
    return Path(tempfile.mkdtemp(prefix="insights-postgres-")) / "server"


def _unprivileged(home: Path) -> list[str]:
    if os.name != "posix" or os.geteuid() != 0:
        return []
    home.parent.chmod(0o755)
    for path in (home, *home.iterdir()):
        shutil.chown(path, "nobody")
    program = shutil.which("setpriv")
    assert program is not None
    return [program, "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    # pg_ctl leaves the server behind with its pipes: what it says stands in the log.
    assert done.returncode == 0, done.stderr or done.stdout


def load(url: str, folder: Path) -> None:
    """Copy every Parquet file of a folder into a table of its name, types kept."""
    import psycopg
    import pyarrow.csv
    import pyarrow.parquet

    with psycopg.connect(url, autocommit=True) as session:
        for path in sorted(folder.glob("*.parquet")):
            table = pyarrow.parquet.read_table(path)
            columns = ", ".join(f'"{one.name}" {_stored_as(one.type)}' for one in table.schema)
            session.execute(f'CREATE TABLE "{path.stem}" ({columns})')
            buffer = io.BytesIO()
            pyarrow.csv.write_csv(table, buffer)
            copied = f'COPY "{path.stem}" FROM STDIN (FORMAT csv, HEADER)'
            with session.cursor().copy(copied) as copy:
                copy.write(buffer.getvalue())


def create_database(server: Server, name: str) -> str:
    """Make an empty database that the reader may read, and return the owner's URL."""
    import psycopg

    with psycopg.connect(server.url(), autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}")
        if not session.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER,)).fetchone():
            session.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{READER_PASSWORD}'")
        session.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
    with psycopg.connect(server.url(name), autocommit=True) as session:
        session.execute(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {READER}"
        )
    return server.url(name)


def _stored_as(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    plain = {"date32[day]": "date", "bool": "boolean", "double": "double precision"}
    return plain.get(str(kind), "bigint" if pa.types.is_integer(kind) else "text")
