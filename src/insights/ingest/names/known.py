"""Every way in which the master writes a customer: names, names in brackets, aliases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from insights.ingest.names.forms import Form, plain, take_apart, without_brackets
from insights.ingest.names.places import Place, read_place
from insights.ingest.names.spelling import pairs_of

Source = Literal["name", "brackets", "alias"]


@dataclass(frozen=True)
class KnownName:
    """One writing of one customer."""

    customer_id: str
    source: Source
    form: Form
    place: Place  # what the name says, and what the master says beside it
    region_id: str


@dataclass(frozen=True)
class KnownNames:
    """All writings, where each core stands, and the aliases as people declared them."""

    names: tuple[KnownName, ...]
    cores: dict[str, tuple[int, ...]]
    declared: dict[str, frozenset[str]]  # plain alias -> customer_id, several where they differ
    verbatim: dict[str, frozenset[str]]  # plain name, with brackets and without -> customer_id
    campuses: frozenset[str]  # whole names of which the master holds a campus
    pairs: frozenset[str]  # any two characters that stand side by side in some name
    titles: dict[str, str]  # customer_id -> name


def known_names(customers: pd.DataFrame, aliases: pd.DataFrame | None = None) -> KnownNames:
    """Return every writing of ``customers`` (customer_id, name; city, region_id where there).

    ``aliases``: alias, customer_id. Rows without a name are left out. The order of rows does not
    matter.
    """
    titled = customers.assign(name=_column(customers, "name").str.strip())
    named = titled[titled["name"] != ""].sort_values(["customer_id", "name"])
    places = _column(named, "city").map(read_place).tolist()
    regions = _column(named, "region_id").tolist()
    ids = named["customer_id"].astype("str").tolist()
    found = [
        known
        for row in zip(ids, named["name"].tolist(), places, regions, strict=True)
        for known in _writings(*row)
    ]
    beside = dict(zip(ids, zip(places, regions, strict=True), strict=True))
    others = _declared(aliases, beside)
    found += [known for _text, known in others]
    return KnownNames(
        tuple(found),
        _cores(found),
        _owners((plain(alias), known.customer_id) for alias, known in others),
        _owners(
            (text, key)
            for key, name in zip(ids, named["name"], strict=True)
            for text in (plain(name), without_brackets(plain(name)))
        ),
        frozenset(known.form.whole for known in found if known.form.campus),
        frozenset(pair for known in found for pair in pairs_of(known.form.whole)),
        dict(zip(ids, named["name"].tolist(), strict=True)),
    )


def _writings(customer_id: str, name: str, beside: Place, region: str) -> list[KnownName]:
    form, others = take_apart(name)
    place = form.place.joined(beside)
    own = [KnownName(customer_id, "name", form, place, region)]
    forms = dict.fromkeys(other for other in others if other != form)
    return own + [
        KnownName(customer_id, "brackets", f, f.place.joined(place), region) for f in forms
    ]


def _declared(
    aliases: pd.DataFrame | None, beside: dict[str, tuple[Place, str]]
) -> list[tuple[str, KnownName]]:
    if aliases is None or not len(aliases):
        return []
    rows = aliases[["alias", "customer_id"]].dropna().astype("str").sort_values("alias")
    return [
        (alias, KnownName(owner, "alias", form, form.place.joined(beside[owner][0]),
                          beside[owner][1]))
        for alias, owner in zip(rows.alias, rows.customer_id, strict=True)
        if owner in beside
        for form in [take_apart(alias)[0]]
    ]  # fmt: skip


def _owners(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    owners: dict[str, set[str]] = {}
    for text, customer_id in pairs:
        owners.setdefault(text, set()).add(customer_id)
    return {text: frozenset(ids) for text, ids in owners.items()}


def _cores(found: list[KnownName]) -> dict[str, tuple[int, ...]]:
    cores: dict[str, list[int]] = {}
    for position, known in enumerate(found):
        cores.setdefault(known.form.core, []).append(position)
    return {core: tuple(positions) for core, positions in cores.items()}


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    return frame[name].astype("str").fillna("")
