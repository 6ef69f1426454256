"""What of a company's review may stand in one region's folder: nothing that names another's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from insights.features.homes import unit_regions
from insights.features.panels import unit_kind
from insights.strategy.many.groups import REGION
from insights.tables import Tables, members
from insights.words import _

SENTENCES = ("name", "design_reason", "reasons", "wait", "finding", "evidence", "next_step",
             "value", "plan", "looks", "reading", "words")  # fmt: skip
OF_COMPANY = frozenset(
    ["actions", "effects", "register", "panels", "periods", "checks", "plans", "groups",
     "region_effects", "metrics", "price_volume_mix", "surveys"]
)  # fmt: skip
BY_PEOPLE = ("hypothesis", "reviewer_said", "signed")
WORD_START = re.compile(r"(?<![A-Za-z0-9]).|[^A-Za-z0-9]", re.DOTALL)
COUNT = re.compile(r"[0-9]{1,4}")


def homes_of(tables: Tables, strategies: Sequence[Any], as_of: dt.date) -> pd.Series:
    """Return the region of every unit that these strategies may name; missing where unknown."""
    kinds = {unit_kind(strategy) for strategy in strategies}
    known = pd.concat(
        [pd.Series(dtype="str"), *(unit_regions(tables, kind, as_of) for kind in sorted(kinds))]
    )
    known = known[~known.index.duplicated()]
    registered = tables["strategy_units"].unit_id.execute().dropna().unique()
    return known.reindex(known.index.union(registered))


def groups_here(rows: pd.DataFrame, by: str, kept: Collection[str]) -> pd.DataFrame:
    """Return a table by group without the regions that are not ``kept``; ``by`` names its kind."""
    siblings = rows[by] == REGION
    if not siblings.any():
        return rows
    return rows[~siblings | rows["group"].isin(list(kept))].reset_index(drop=True)


def names_seen(
    homes: pd.Series, tree: pd.DataFrame, region: str
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of other regions and their units, and those that a region may see.

    ``homes``: the region of each unit. The regions above a region are no others.
    """
    kept = frozenset(members(tree, region))
    named = frozenset(tree.region_id)
    others = named - kept - _above(tree, region)
    here = homes.isin(list(kept)).to_numpy(bool)
    units = homes.index.astype("str")
    own = frozenset(units[here]) | _names_of(tree, named - others)
    return (frozenset(units[~here]) | _names_of(tree, others)) - own, own


def _above(tree: pd.DataFrame, region: str) -> frozenset[str]:
    parents = dict(zip(tree.region_id, tree.parent_id, strict=True))
    above: set[str] = set()
    one = parents.get(region)
    while isinstance(one, str) and one not in above:
        above.add(one)
        one = parents.get(one)
    return frozenset(above)


def _names_of(tree: pd.DataFrame, regions: Collection[str]) -> frozenset[str]:
    """Return the ids of these regions and what they are called."""
    called = tree.region_name[tree.region_id.isin(list(regions))].dropna()
    return frozenset(one for one in (*regions, *called) if one.strip())


def unnamed(frame: pd.DataFrame, names: Collection[str], own: Collection[str] = ()) -> pd.DataFrame:
    """Return a table whose sentences name none of these; what people wrote is withheld.

    ``own``: names that stay, also where one of the others is a part of them. Words are of ASCII
    letters and digits. A number of up to four digits is a name within a list of units alone.
    """
    columns = [name for name in SENTENCES if name in frame]
    texts = {text for name in columns for text in frame[name] if isinstance(text, str)}
    found = _standing_in(texts, names, own)
    said = {name: frame[name].map(lambda text: _unnamed(text, names, found)) for name in columns}
    told = {name: frame[name].map(_withheld) for name in BY_PEOPLE if name in frame}
    return frame.assign(**said, **told)


def _withheld(text: object) -> object:
    if not isinstance(text, str) or not text.strip():
        return text
    return _("(withheld: people's own words stand in the company's report)")


def _standing_in(
    texts: Collection[str], names: Collection[str], own: Collection[str]
) -> tuple[str, ...]:
    """Return which names stand in the texts, longest first: one pattern of all would be slow."""
    known = {*names, *own} - {""}
    sizes = {len(name) for name in known}
    found = {
        text[start.start() : start.start() + size]
        for text in texts for start in WORD_START.finditer(text) for size in sizes
    }  # fmt: skip
    return tuple(sorted(found & known, key=lambda name: (-len(name), name)))


def _unnamed(text: object, names: Collection[str], found: Sequence[str]) -> object:
    """Say "(elsewhere)" for a name, once for names that follow each other."""
    if not isinstance(text, str) or not found:
        return text

    def said(match: re.Match[str]) -> str:
        return _elsewhere() if match.group() in names else match.group()

    words = [name for name in found if not COUNT.fullmatch(name)]
    plain = _pattern(words).sub(said, text) if words else text
    counts = [name for name in found if COUNT.fullmatch(name)]
    if counts:
        listed = _list_of([*found, _elsewhere()])
        plain = listed.sub(lambda part: _pattern(counts).sub(said, part.group()), plain)
    again = re.escape(_elsewhere())
    return re.sub(rf"(?:{again}(?: \([^)]*\))?, )+(?={again})", "", plain)


def _pattern(names: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(_word(name) for name in names))


def _word(name: str) -> str:
    """Return a pattern of a name that is no part of a word, nor of an amount or a date."""
    before = "(?<![A-Za-z0-9])" if re.match("[A-Za-z0-9]", name) else ""
    after = "(?![A-Za-z0-9])" if re.search("[A-Za-z0-9]$", name) else ""
    if name.isdecimal():
        before, after = rf"{before}(?<![0-9][.-])(?<![+-])", rf"{after}(?![.-][0-9])(?! ?%)"
    return before + re.escape(name) + after


def _list_of(names: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of the names after a colon, each with what is said of it in brackets."""
    one = rf"(?:{'|'.join(_word(name) for name in names)}|[0-9]{{1,4}})(?: ?[(（][^)）]*[)）])?"
    end = r"(?= and [0-9]| ?[;；。)）]|\.?$|\. )"
    alone = rf"(?<=\(){one}(?=\):)"  # as in "one region only (12): ..."
    return re.compile(rf"(?:(?<=: )|(?<=：)){one}(?:[,，、/] ?{one})*{end}|{alone}")


def _elsewhere() -> str:
    return _("(elsewhere)")
