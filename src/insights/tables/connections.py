"""Connections known by name: what a source ``connection:NAME`` means on this machine.

The address, which may hold a password, stands in the environment or in a file of the user's own.
It never reaches params, notebooks, reports or error messages.
"""

from __future__ import annotations

import html
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

from insights.params import ROOT, ParamsError, load_yaml
from insights.tables.errors import SourceError
from insights.words import _, listing

PREFIX = "connection:"
VARIABLE = "INSIGHTS_CONNECTION_"
POSTGRES = ("postgresql://", "postgres://")
SPARK = "spark:"
SECRET_KEYS = ("password", "sslpassword", "passfile", "token")
TIMEZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Connection:
    """A name and the address behind it, which is never shown.

    ``schema``: where the tables are in PostgreSQL or in Spark's catalog; ``folder``: where their
    Parquet files are, for Spark; ``timezone``: whose midnight parts the days of instants.
    """

    name: str
    address: str = field(repr=False)
    schema: str | None = None
    folder: str | None = None
    timezone: str = TIMEZONE

    def without_secrets(self, error: object) -> str:
        """Return an engine's words in one line, with no password, user, host or address."""
        return " ".join(self.hidden(str(error), names=True).split())

    def hidden(self, text: str, names: bool = False) -> str:
        """Return a text without the address and the passwords in it.

        With ``names`` also without the user and the host: for an engine's words, where they stand
        for nothing else.
        """
        found = _secrets(self.address) | ({self.address} if is_engine(self.address) else set())
        found |= _names(self.address) if names else set()
        for secret in sorted(found, key=len, reverse=True):
            text = re.sub(_alone(secret), "***", text)
        return text


def find_connection(name: str) -> Connection | None:
    """Return the connection called ``name``: of the environment, else of a connections file.

    ``SourceError`` where a file cannot be read, or others than its owner can read a password.
    """
    address = os.environ.get(variable(name))
    if address is None:
        address = _from_files(name)
    return None if address is None else _parsed(name, address)


def variable(name: str) -> str:
    """Return the environment variable that holds a connection's address."""
    return VARIABLE + re.sub(r"\W", "_", name).upper()


def connection_files() -> list[Path]:
    """Return where connections may be written down, the first to hold a name counts."""
    own = os.environ.get("INSIGHTS_CONNECTIONS")
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    named = [Path(own)] if own else []
    return [*named, home / "insights" / "connections.yaml", ROOT / "connections.yaml"]


def is_engine(address: str) -> bool:
    """Say whether an address is a server's or a cluster's, not a path."""
    return address.startswith((*POSTGRES, SPARK))


def _from_files(name: str) -> str | None:
    for path in connection_files():
        if not path.is_file():
            continue
        found = _addresses(path).get(name)
        if found is not None:
            _refuse_readable_by_others(path, found)
            return found
    return None


def _addresses(path: Path) -> dict[str, str]:
    shape = _("{path}: not a list of `name: address` in yaml (no line is shown: it may hold a "
              "password)").format(path=path)  # fmt: skip
    try:
        found = load_yaml(path)
    except ParamsError:
        raise SourceError(shape) from None
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise SourceError(shape)
    return {str(name): address for name, address in found.items()}


def _refuse_readable_by_others(path: Path, address: str) -> None:
    if os.name != "posix" or not _secrets(address):
        return
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SourceError(
            _("{path}: holds a password and others can read it; run chmod 600 {path}").format(
                path=path
            )
        )


def _parsed(name: str, address: str) -> Connection:
    """Take our own options off the address: the rest is the engine's."""
    if not is_engine(address):
        return Connection(name, address)
    bare, options = _split(address)
    own = {key: options.pop(key) for key in ("schema", "folder", "timezone") if key in options}
    if address.startswith(SPARK) and options:
        raise SourceError(
            _("connection {name!r}: unknown options {options}").format(
                name=name, options=listing(sorted(options))
            )
        )
    return Connection(name, f"{bare}?{urlencode(options)}" if options else bare, **own)


def _split(address: str) -> tuple[str, dict[str, str]]:
    bare, _mark, query = address.partition("?")
    return bare, dict(parse_qsl(query, keep_blank_values=True))


def connection_of(source: str) -> Connection | None:
    """Return the connection a source names; None for a path, and where it cannot be read."""
    path = Path(source) if Path(source).is_absolute() else ROOT / source
    if not source.startswith(PREFIX) and path.exists():
        return None
    try:
        return find_connection(source.removeprefix(PREFIX))
    except SourceError:
        return None


def _secrets(address: str) -> set[str]:
    """Return every spelling of what must not be shown: as it stands in the address, and plain."""
    if not is_engine(address):
        return set()
    bare, options = _split(address)
    login = bare.partition("://")[2].rpartition("@")[0]
    _user, _colon, password = login.partition(":")
    found = {password, *(options.get(key, "") for key in SECRET_KEYS)} - {""}
    spelt = {spelling for one in found for spelling in _spellings(one)}
    return spelt | {address, bare} if spelt else spelt


def _names(address: str) -> set[str]:
    """Return every spelling of the user and the host of a server's address."""
    bare, options = _split(address)
    if not is_engine(address) or "://" not in bare:
        return set()
    login, _at, place = bare.partition("://")[2].rpartition("@")
    host = re.sub(r":\d*$", "", place.partition("/")[0]).strip("[]")
    user = login.partition(":")[0]
    named = {user, host, options.get("user", ""), options.get("host", "")} - {""}
    return {spelling for one in named for spelling in _spellings(one)}


def _spellings(secret: str) -> set[str]:
    """Return a secret as it stands, plain, as part of an address and as part of a page."""
    plain = unquote(secret)
    return {secret, plain, quote(plain, safe=""), html.escape(plain)}


def _alone(secret: str) -> str:
    """Return a pattern for a secret that is not a part of a longer word."""
    before, after = (
        r"(?<!\w)" if secret[0].isalnum() else "",
        r"(?!\w)" if secret[-1].isalnum() else "",
    )
    return before + re.escape(secret) + after
