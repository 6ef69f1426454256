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
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode

from insights.params import ROOT, ParamsError, load_yaml
from insights.tables.errors import SourceError
from insights.words import _, listing

PREFIX = "connection:"
VARIABLE = "INSIGHTS_CONNECTION_"
POSTGRES = ("postgresql://", "postgres://")
SPARK = "spark:"
SECRET_KEY = re.compile(r"pass|pwd|token|secret|api_?key|^authorization$", re.IGNORECASE)
NAME_KEYS = ("user", "user_id", "host", "hostaddr")
COLOUR = r"\x1b\[[0-9;]*m"
# A control character as it stands in a text's repr: its last letter is no part of the next word.
ESCAPED = r"\\(?:x1b\[[0-9;]*m|u001b\[[0-9;]*m|[abfnrtv])"
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
        marks = [(secret, False) for secret in _secrets(self.address)]
        marks += [(self.address, False)] if is_engine(self.address) else []
        marks += [(name, True) for name in _names(self.address)] if names else []
        for mark, alone in sorted(marks, key=lambda one: len(one[0]), reverse=True):
            text = _without(text, mark, alone)
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
    """Part an address at the question mark of its options; a password may hold one too."""
    login = _login(address)
    start = address.index(login) + len(login)
    bare, _mark, query = address[start:].partition("?")
    return address[:start] + bare, dict(parse_qsl(query, keep_blank_values=True))


def _login(address: str) -> str:
    """Return ``user:password`` of an address, as PostgreSQL reads it: what is before an @."""
    return address.partition("://")[2].partition("/")[0].rpartition("@")[0]


def connection_of(source: str) -> Connection | None:
    """Return the connection a source names; None for a path.

    ``SourceError`` where it cannot be read (any more): nobody knows then what must not be shown.
    """
    path = Path(source) if Path(source).is_absolute() else ROOT / source
    if not source.startswith(PREFIX) and path.exists():
        return None
    name = source.removeprefix(PREFIX)
    try:
        found = find_connection(name)
    except OSError:
        raise SourceError(_("connection {name!r}: its file cannot be read").format(name=name)) \
            from None  # fmt: skip
    if found is None and source.startswith(PREFIX):
        raise SourceError(_("no connection is called {name!r}").format(name=name))
    return found


def _secrets(address: str) -> set[str]:
    """Return every spelling of what must not be shown: as it stands in the address, and plain."""
    if not is_engine(address):
        return set()
    bare, _options = _split(address)
    wrong = bare.partition("://")[2].rpartition("@")[0]  # a / that should be %2F: quoted in parts
    found = {login.partition(":")[2] for login in (_login(address), wrong)}
    found |= {part for one in found for part in re.split(r"[/?]", one)}
    found |= {value for key, value in _options_of(address) if SECRET_KEY.search(key)}
    spelt = {spelling for one in found - {""} for spelling in _spellings(one)}
    return spelt | {address, bare} if spelt else spelt


def _names(address: str) -> set[str]:
    """Return every spelling of the user and the hosts of a server's address."""
    bare, _options = _split(address)
    if not is_engine(address):
        return set()
    place = re.split(r"[/;]", bare.partition("://")[2].rpartition("@")[2])[0]
    named = {bare.partition("://")[2].rpartition("@")[0].partition(":")[0]}
    named |= {unquote(value) for key, value in _options_of(address) if key in NAME_KEYS}
    named |= {re.sub(r":\d*$", "", host) for many in (place, *named) for host in many.split(",")}
    plain = {one.strip("[]") for one in named} - {""}
    return {spelling for one in plain for spelling in _spellings(one)}


def _options_of(address: str) -> list[tuple[str, str]]:
    """Return the options of an address as they stand in it, those after a semicolon too."""
    pairs = (one.partition("=") for one in re.split(r"[?;&]", address)[1:])
    return [(key, value) for key, _equals, value in pairs]


def _spellings(secret: str) -> set[str]:
    """Return a secret as it stands, plain, as part of an address, of a page and of a repr."""
    plain = {secret, unquote(secret), unquote_plus(secret)}
    spelt = (f(one) for one in plain for f in (_quoted, html.escape, lambda one: repr(one)[1:-1]))
    return plain | set(spelt)


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _without(text: str, mark: str, alone: bool) -> str:
    """Take a mark out of a text, coloured or not; ``alone``: not out of a longer word.

    Words are of ASCII letters and digits, for Chinese puts no space around a name.
    """
    between = f"(?:{COLOUR})*" if "\x1b" in text else ""
    pattern = between.join(re.escape(letter) for letter in mark)
    if not alone:
        return re.sub(pattern, "***", text)
    before = f"({COLOUR}|{ESCAPED}|(?<![A-Za-z0-9]))"
    return re.sub(f"{before}{pattern}(?![A-Za-z0-9])", r"\1***", text)
