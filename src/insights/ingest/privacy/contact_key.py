"""Contacts as keyed hashes: the same person has the same id, and without the key nobody is named.

HMAC-SHA256 (RFC 2104), the first 96 bits in hexadecimal. A plain hash would not do: the names of a
hospital's doctors are on its website, and whoever hashes them all finds each one again.
"""

from __future__ import annotations

import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from insights.ingest.privacy.errors import PrivacyError
from insights.params import ROOT
from insights.params.privacy import PrivacyParams
from insights.words import _

HASHED = r"c[0-9a-f]{24}"
DIGITS = 24
SEPARATOR = "\x1f"
DISTINCT_CHARACTERS = 8  # of a key: fewer are typed, not drawn


@dataclass(frozen=True)
class ContactKey:
    """The secret that makes ids of contacts; it is never shown."""

    _secret: bytes = field(repr=False)

    def hashed(self, names: pd.Series, customers: pd.Series | None = None) -> pd.Series:
        """Return an id for each name at its customer; nulls stay, ids made before stay as well.

        Width, blanks and case of a name do not count. ``customers`` (same index) keeps namesakes
        of two hospitals apart.
        """
        done = names.str.fullmatch(HASHED).fillna(False).to_numpy(bool)
        places = pd.Series("", index=names.index) if customers is None else customers.fillna("")
        pairs = pd.DataFrame({"name": names, "place": places.astype("str")})
        wanted = pairs[~done & names.notna().to_numpy()]
        ids = {(n, p): self._id(n, p) for n, p in wanted.drop_duplicates().itertuples(index=False)}
        made = pd.Series(
            [ids[pair] for pair in wanted.itertuples(index=False, name=None)],
            wanted.index,
            "object",
        )
        return names.astype(object).mask(~done & names.notna().to_numpy(), made).astype("str")

    def pseudonym(self, name: str) -> str:
        """Return an id for an employee's name, of the whole company and unlike any contact's."""
        return "r" + self._id(name, "rep").removeprefix("c")

    def _id(self, name: str, place: str) -> str:
        plain = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
        digest = hmac.digest(self._secret, f"{place}{SEPARATOR}{plain}".encode(), "sha256")
        return "c" + digest.hex()[:DIGITS]


def load_contact_key(
    params: PrivacyParams, environment: Mapping[str, str] | None = None
) -> ContactKey:
    """Return the key from ``params.key_file``, else from the environment.

    ``PrivacyError`` when it is absent, too short, typed rather than drawn, or inside a repository.
    Errors name the place of the key, never its content.
    """
    if params.key_file is not None:
        place, text = params.key_file, _read(Path(params.key_file).expanduser())
    else:
        place = params.key_variable
        text = (os.environ if environment is None else environment).get(place, "")
    secret = text.strip().encode()
    if not secret:
        raise PrivacyError(_("{place}: no key for contacts; {how}").format(place=place, how=_how()))
    if len(secret) < params.key_length or len(set(secret)) < DISTINCT_CHARACTERS:
        raise PrivacyError(
            _("{place}: the key for contacts is too short or too plain; {n} random characters or"
              " more: {how}").format(place=place, n=params.key_length, how=_how())
        )  # fmt: skip
    return ContactKey(secret)


def _read(path: Path) -> str:
    if not path.is_absolute():
        raise PrivacyError(_("{path}: give the whole path of the key").format(path=path))
    if in_repository(path):
        raise PrivacyError(
            _("{path}: a key must not lie in a repository; move it elsewhere").format(path=path)
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise PrivacyError(_("{path}: no key can be read here").format(path=path)) from None


def in_repository(path: Path) -> bool:
    """Tell whether a file lies in this project or in any git repository."""
    parents = path.expanduser().resolve().parents
    return ROOT in parents or any((parent / ".git").exists() for parent in parents)


def _how() -> str:
    return _(
        'make one with `python -c "import secrets; print(secrets.token_hex(32))"`, keep it where'
        " only you can read it, or let contacts be dropped (privacy.contacts: drop)"
    )
