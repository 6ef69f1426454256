"""What of a company's review may stand in one region's folder: nothing that names another's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from insights.features.panels import unit_kind, unit_regions
from insights.strategy.many.groups import REGION
from insights.tables import Tables
from insights.words import _

SENTENCES = ("design_reason", "reasons", "wait", "finding", "evidence", "next_step",
             "reviewer_said", "value", "plan", "looks", "signed", "reading", "words")  # fmt: skip
OF_COMPANY = frozenset(
    ["actions", "effects", "register", "panels", "periods", "checks", "plans", "groups",
     "region_effects", "metrics", "price_volume_mix", "surveys"]
)  # fmt: skip
WORD = re.compile(r"[^\s,;:()]+")
LISTED = re.compile(r"(?<=: )[^;:]+")
LONGEST_COUNT = 4


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


def units_elsewhere(homes: pd.Series, kept: Collection[str]) -> frozenset[str]:
    """Return the units that are not of these regions; ``homes`` holds the region of each unit."""
    return frozenset(homes.index[~homes.isin(list(kept))].astype("str"))


def regions_elsewhere(tree: pd.DataFrame, region: str, kept: Collection[str]) -> frozenset[str]:
    """Return the ids of all regions but those ``kept`` and those above ``region``."""
    parents = dict(zip(tree.region_id, tree.parent_id, strict=True))
    own, one = set(kept), parents.get(region)
    while isinstance(one, str) and one not in own:
        own.add(one)
        one = parents.get(one)
    return frozenset(tree.region_id[~tree.region_id.isin(own)])


def unnamed(frame: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """Return a table whose sentences name none of these."""
    said = {name: frame[name].map(lambda text: _unnamed(text, names))
            for name in SENTENCES if name in frame}  # fmt: skip
    return frame.assign(**said)


def _unnamed(text: object, names: Collection[str]) -> object:
    """Say "(elsewhere)" for a name; a short number counts as one only within a list of names."""
    if not isinstance(text, str):
        return text
    plain = WORD.sub(lambda word: _word(word.group(), names, False), text)
    listed = LISTED.sub(
        lambda part: WORD.sub(lambda word: _word(word.group(), names, True), part.group()), plain
    )
    again = re.escape(_elsewhere())
    return re.sub(rf"(?:{again}(?: \([^)]*\))?, )+(?={again})", "", listed)


def _word(word: str, names: Collection[str], in_list: bool) -> str:
    bare = word.rstrip(".")
    if bare not in names or (not in_list and bare.isdigit() and len(bare) <= LONGEST_COUNT):
        return word
    return _elsewhere() + word[len(bare) :]


def _elsewhere() -> str:
    return _("(elsewhere)")
