"""Does a region's folder of a pack hold anything of another region? Every cell of every file.

python -m benchmarks.region_folder PACK REGION [REGION ...] [--source data/demo]

Looked for: ids (customers, reps, distributors, invoices, orders, payments and the like), names and
aliases of customers, ids and names of other regions than the region, what it holds and what holds
it. Ids count as whole words; ids of regions, which are ordinary words, where they are not a part
of another. What pictures show is not read. Exit 1 where something is found.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from insights.tables import Tables, connect, members

KEYS = {
    "invoices": "invoice_id", "orders": "order_id", "payments": "payment_id",
    "dunning": "dunning_id", "feedback": "feedback_id", "needs": "need_id", "visits": "visit_id",
    "channel_flow": "flow_id", "departments": "department_id", "contacts": "contact_id",
    "customers": "customer_id",
}  # fmt: skip
PICTURE = re.compile(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+")
CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>|<t[^>]*>(.*?)</t>", re.DOTALL)
TOKEN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Others:
    """What tells of other regions: ids with their kind, names, own names that may hold them."""

    ids: dict[str, str]
    names: frozenset[str]
    own_names: tuple[str, ...]
    regions: frozenset[str]

    def found_in(self, text: str, is_cell: bool) -> Iterator[tuple[str, str]]:
        """Yield kind and word of everything a text tells."""
        words = {part for token in TOKEN.findall(text) for part in (token, *token.split("-"))}
        yield from ((self.ids[word], word) for word in sorted(words & self.ids.keys()))
        bare = text
        for own in self.own_names:
            bare = bare.replace(own, "")
        yield from (("name", name) for name in self.names if name in bare)
        if is_cell:
            yield from (("region", word) for word in sorted(words & self.regions))


def others_of(tables: Tables, region: str) -> Others:
    """Collect the words of every other region from the tables."""
    customers = tables["customers"].execute()
    kept = members(tables.regions, region)
    here = set(customers.customer_id[customers.region_id.isin(kept)])
    ids = {word: kind for kind, words in _ids(tables, here, kept) for word in words}
    names = tables["customer_aliases"].select("alias", "customer_id").execute()
    names = pd.concat([customers[["name", "customer_id"]], names.rename(columns={"alias": "name"})])
    own = names.customer_id.isin(here)
    owned = set(names.name[own].dropna())
    tree = tables.regions
    above = dict(zip(tree.region_id, tree.parent_id, strict=True))
    line, one = set(kept), above.get(region)
    while isinstance(one, str):
        line.add(one)
        one = above.get(one)
    rest = tree[~tree.region_id.isin(line)]
    known = frozenset(names.name[~own].dropna()) - owned | frozenset(rest.region_name.dropna())
    return Others(ids, known, tuple(sorted(owned, key=len, reverse=True)),
                  frozenset(rest.region_id))  # fmt: skip


def _ids(tables: Tables, here: set[str], kept: list[str]) -> Iterator[tuple[str, set[str]]]:
    for name, key in KEYS.items():
        if tables.has(name):
            rows = tables[name].select(*dict.fromkeys([key, "customer_id"])).distinct().execute()
            own = rows.customer_id.isin(here)
            yield key, set(rows[key][~own].dropna()) - set(rows[key][own].dropna())
    for name, key in (("reps", "rep_id"), ("distributors", "distributor_id")):
        rows = tables[name].select(key, "region_id").execute()
        yield key, set(rows[key][~rows.region_id.isin(kept)].dropna())


def texts(path: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield where, text, and whether it is one cell, of everything in a file."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield from (("columns", name, True) for name in table.column_names)
        for name in table.column_names:
            values = table[name].to_pandas().dropna().map(str).unique()
            yield from ((name, value, True) for value in values)
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                text = book.read(name).decode("utf-8", "replace")
                yield name, html.unescape(text), False
                yield from ((name, one, True) for one in _cells(text))
    elif path.suffix == ".ipynb":
        for text in _strings(json.loads(path.read_text("utf-8"))):
            yield "text", html.unescape(PICTURE.sub("", text)), False
            yield from (("cell", one, True) for one in _cells(text))
    elif path.suffix == ".json":
        yield from (("value", one, True) for one in _strings(json.loads(path.read_text("utf-8"))))
    else:
        text = PICTURE.sub("", path.read_text("utf-8"))
        yield "text", html.unescape(text), False
        yield from (("cell", one, True) for one in _cells(text))


def _cells(text: str) -> Iterator[str]:
    for found in CELL.finditer(text):
        yield html.unescape(re.sub("<[^>]+>", "", found[1] or found[2] or "")).strip()


def _strings(held: object) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, list):
        whole = all(isinstance(one, str) for one in held)
        yield from ["".join(held)] if whole else (text for one in held for text in _strings(one))
    elif isinstance(held, dict):
        for name, value in held.items():
            if name not in ("image/png", "image/jpeg"):
                yield from (str(name), *_strings(value))


def main() -> int:
    """Scan the folders and print what is found, by file, place and kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("regions", nargs="+")
    parser.add_argument("--source", default="data/demo")
    asked = parser.parse_args()
    tables = connect(asked.source)
    return int(sum(_scanned(tables, asked.pack, region) for region in asked.regions) > 0)


def _scanned(tables: Tables, pack: Path, region: str) -> int:
    """Print what one folder tells of others, and return how often."""
    others = others_of(tables, region)
    files = [path for path in sorted((pack / region).rglob("*")) if path.is_file()]
    hits = [
        ((path.relative_to(pack).as_posix(), where, kind), word)
        for path in files
        for where, text, is_cell in texts(path)
        for kind, word in others.found_in(text, is_cell)
    ]
    words = len(others.ids) + len(others.names) + len(others.regions)
    print(f"{region}: {len(files)} files, {words:,} words, {len(hits)} hits")
    example = dict(hits)
    for place, n in sorted(Counter(place for place, _word in hits).items()):
        print("  ", *place, n, example[place])
    return len(hits)


if __name__ == "__main__":
    raise SystemExit(main())
