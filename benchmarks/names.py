"""Are hospitals found under other writings, and are those left alone that the master lacks?

The 1,444 hospitals of cn_3a_hospitals.csv (in the folder that INSIGHTS_TRIAL_DATA names) are
written in the ways of ``names_written``, once each, and matched against all of them; then in five
folds, each fold's hospitals taken out of the master: its names mean nobody there. Cities come from
the addresses. The peers of ``names_peers`` see the same names in the same run.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.names_peers import Nearest, cosine, speed, wratio
from benchmarks.names_written import OTHER_HOUSE, SAME_HOUSE
from insights.ingest.names import match_names
from insights.ingest.names.forms import take_apart
from insights.ingest.names.places import read_place
from insights.params import NamesParams

FOLDS, SEED, DRAWS = 5, 20251231, 2000
CHANGES: tuple[dict[str, float], ...] = (
    {},
    *({"automatic": least} for least in (0.6, 0.7, 0.8, 0.85, 0.9, 0.99)),
    *({"margin": margin} for margin in (0.0, 0.02, 0.08)),
    *({"edits": edits} for edits in (0, 2)),
    *({"own_characters": least} for least in (1, 2, 4)),
)
CITY = re.compile(
    r"^((?:[\u4e00-\u9fff]{2,3}省|[\u4e00-\u9fff]{2,8}自治区)?[\u4e00-\u9fff]{2,4}?市)"
)
BRACKETED = re.compile(r"[（(][^（(）)]*(?:[（(][^（(）)]*[）)][^（(）)]*)*[）)]?$")


def main() -> None:
    """Print recall and precision by writing, thresholds, peers and time."""
    master = hospitals()
    if master is None:
        print("skipped: INSIGHTS_TRIAL_DATA names no folder with cn_3a_hospitals.csv")
        return
    asked = written(master)
    print(f"{len(master):,} hospitals, {len(asked):,} writings, seed {SEED}, {FOLDS} folds")
    for place in ("not told", "told"):
        found = by_fold(asked, master, place == "told")
        print(f"\nplace of the row {place}")
        print(by_writing(found).to_string(float_format=lambda x: f"{x:.3f}"))
        print(overall(found))
    print("\nstrictly: every row of the list a house of its own, every writing kept")
    rows = master.assign(house=master.customer_id)
    print(overall(by_fold(written(rows, False), rows, False)).splitlines()[0])
    some = asked[asked.fold < 2]
    print(f"\nthresholds, {len(some):,} writings of two folds, place not told")
    print(thresholds(some, master).to_string(float_format=lambda x: f"{x:.4f}"))
    print("\npeers, all writings, place not told")
    print(peers(asked, master).to_string(index=False, float_format=lambda x: f"{x:.4f}"))
    print(speed())


def hospitals() -> pd.DataFrame | None:
    """Return customer_id, name, city, the house that each row is, and its fold."""
    folder = os.environ.get("INSIGHTS_TRIAL_DATA")
    path = Path(folder, "cn_3a_hospitals.csv") if folder else None
    if path is None or not path.exists():
        return None
    rows = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
    city = rows.address.fillna("").str.extract(CITY)[0].fillna("")
    ids = [f"H{i:04d}" for i in range(len(rows))]
    frame = pd.DataFrame({"customer_id": ids, "name": rows.name, "city": city})
    frame = frame.assign(house=houses(frame))
    fold = np.random.default_rng(SEED).permutation(len(frame)) % FOLDS
    return frame.assign(fold=pd.Series(fold).groupby(frame.house).transform("first"))


def houses(rows: pd.DataFrame) -> pd.Series:
    """Rows that share a name, or a name in brackets, are one house: the list holds many twice.

    Unless cities differ: 新华医院 stands in brackets behind several.
    """
    names = [
        (number, f"{form.whole}|{form.campus}")
        for number, name in enumerate(rows["name"])
        for own in [take_apart(name)]
        for form in (own[0], *own[1])
    ]
    where = [read_place(city) for city in rows.city]
    shared = pd.DataFrame(names, columns=["row", "form"]).groupby("form").row.agg(list)
    links = [(a, b) for group in shared for a in group[:1] for b in group[1:]
             if not where[a].contradicts(where[b])]  # fmt: skip
    one, other = np.array(links).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(rows), len(rows)))
    return pd.Series(connected_components(graph, directed=False)[1], index=rows.index)


def written(master: pd.DataFrame, apart: bool = True) -> pd.DataFrame:
    """Return the writings: name, place, house, fold, writing, kind (same, other).

    ``apart`` leaves out those that are by chance another house's own name.
    """
    rng = np.random.default_rng([SEED, 1])
    rows = []
    for row in master.itertuples():
        title = title_of(row[2])
        rows.append((row, "as it stands", title, "same"))
        rows += [(row, "name in brackets", other, "same") for other in bracketed(row[2])]
        for kind, ways in (("same", SAME_HOUSE), ("other", OTHER_HOUSE)):
            made = [(label, way(title, row.city, rng)) for label, way in ways.items()]
            rows += [(row, label, name, kind) for label, name in made if name]
    frame = pd.DataFrame(
        [(name, r.city, r.house, r.fold, label, kind) for r, label, name, kind in rows],
        columns=["name", "place", "house", "fold", "writing", "kind"],
    )
    return _without_truths(frame, master, apart)


def title_of(name: str) -> str:
    """Return a name without the other names that follow it in brackets; a campus stays."""
    bare = name
    while BRACKETED.search(bare):
        bare = BRACKETED.sub("", bare).strip()
    return bare if take_apart(bare)[0] == take_apart(name)[0] and len(bare) > 3 else name


def bracketed(name: str) -> list[str]:
    """Return the other names that a master's name holds in brackets."""
    found = re.findall(r"[（(]([^（()）]+)[)）]", name)
    parts = [part for one in found for part in re.split("[、，,]", one)]
    return [part for part in parts if len(part) > 3 and "院" in part]


def _without_truths(frame: pd.DataFrame, master: pd.DataFrame, apart: bool) -> pd.DataFrame:
    """Drop "other houses" that the master holds, and writings of one that are another's name."""
    pairs = [
        ((form.whole, form.campus), house)
        for name, house in zip(master["name"], master.house, strict=True)
        for own in [take_apart(name)]
        for form in (own[0], *own[1])
    ]
    owners = pd.DataFrame(pairs, columns=["form", "house"]).groupby("form").house.agg(set)
    forms = [(form.whole, form.campus) for form in (take_apart(n)[0] for n in frame["name"])]
    others = [
        bool(owners.get(form, set()) - ({house} if kind == "same" else set()))
        for form, house, kind in zip(forms, frame.house, frame.kind, strict=True)
    ]
    dropped = np.array(others) & (apart | (frame.kind == "other").to_numpy())
    return frame[~dropped].reset_index(drop=True)


def by_fold(
    asked: pd.DataFrame, master: pd.DataFrame, told: bool, params: NamesParams | None = None
) -> pd.DataFrame:
    """Match every writing against the whole master, and each fold's own against the others."""
    whole = _matched(asked, master, told, params).assign(test="present")
    parts = [
        _matched(asked[(asked.fold == fold) & (asked.kind == "same")],
                 master[master.fold != fold], told, params)
        for fold in sorted(asked.fold.unique())
    ]  # fmt: skip
    held = pd.concat(parts).assign(test="held out")
    return pd.concat([whole, held], ignore_index=True)


def _matched(
    asked: pd.DataFrame, master: pd.DataFrame, told: bool, params: NamesParams | None
) -> pd.DataFrame:
    asked = asked.assign(name=asked["name"].str.strip())
    names = asked[["name"]].assign(place=asked.place if told else "")
    known = master if told else master.drop(columns="city")
    result = match_names(names, known[known.columns.drop(["house", "fold"])], params=params)
    found = result.names.assign(position=np.arange(len(result.names)))
    house = master.set_index("customer_id").house
    options = result.options.assign(house=result.options.candidate.map(house))
    offered = options.groupby("position").house.agg(tuple)
    found = found.assign(got=found.customer_id.map(house), offered=found.position.map(offered))
    keys = ["name", "place"]
    joined = asked.assign(place=names.place).merge(
        found[[*keys, "status", "got", "offered", "how", "score"]], on=keys, how="left"
    )
    rows = known.groupby(master.house).size()
    joined = joined.assign(twice=joined.house.map(rows) > 1)
    listed = [h in o if isinstance(o, tuple) else False
              for h, o in zip(joined.house, joined.offered, strict=True)]  # fmt: skip
    return joined.assign(listed=listed)


def judged(found: pd.DataFrame) -> pd.DataFrame:
    """Return whether each writing was taken, and taken rightly."""
    taken = found.status == "matched"
    none = (found.test == "held out") | (found.kind == "other")
    return found.assign(taken=taken, none=none, right=taken & ~none & (found.got == found.house))


def by_writing(found: pd.DataFrame) -> pd.DataFrame:
    """Return for each writing: names, found, taken wrongly, asked with the right one listed."""
    rows = judged(found)
    present = rows[~rows.none]
    groups = present.groupby("writing", sort=False)
    table = pd.DataFrame({
        "names": groups.size(),
        "recall": groups.right.mean(),
        "of houses listed once": present[~present.twice].groupby("writing").right.mean(),
        "precision": groups.right.sum() / groups.taken.sum(),
        "asked, right one listed": groups.apply(lambda g: ((~g.taken) & g.listed).mean()),
    })  # fmt: skip
    absent = rows[rows.none & (rows.test == "held out")].groupby("writing").taken.mean()
    other = rows[rows.kind == "other"].groupby("writing")
    negatives = pd.DataFrame({"names": other.size(), "absent: taken": other.taken.mean()})
    return pd.concat([table.assign(**{"absent: taken": absent}), negatives])


def overall(found: pd.DataFrame) -> str:
    """Return precision over all that is taken, with a bootstrap interval over houses."""
    rows = judged(found)
    present = rows[rows.test == "present"]
    low, high = interval(present)
    absent = rows[rows.test == "held out"]
    plain = absent[absent.writing == "as it stands"]
    right, taken = present.right.sum(), present.taken.sum()
    same = present[~present.none]
    return (
        f"all writings and other houses: precision {right / taken:.4f} (95 % {low:.4f}..{high:.4f})"
        f" of {taken:,} taken; recall {same.right.mean():.3f}; with the listed"
        f" {(same.right | same.listed).mean():.3f}\n"
        f"held out: {plain.taken.mean():.4f} of {len(plain):,} names as they stand are taken,"
        f" {absent.taken.mean():.4f} of {len(absent):,} writings"
        f" (of campuses {absent[absent.how == 'campus'].taken.sum():,})"
    )


def interval(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the bootstrap interval of precision, houses drawn anew."""
    sums = rows.groupby("house")[["right", "taken"]].sum().to_numpy(float)
    rng = np.random.default_rng([SEED, 2])
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), DRAWS) @ sums
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    return float(low), float(high)


def _figures(rows: pd.DataFrame) -> list[float]:
    present, absent = rows[rows.test == "present"], rows[rows.test == "held out"]
    same = present[~present.none]
    return [present.right.sum() / max(present.taken.sum(), 1), same.right.mean(),
            absent.taken.mean()]  # fmt: skip


def thresholds(asked: pd.DataFrame, master: pd.DataFrame) -> pd.DataFrame:
    """Return precision, recall and held-out taken by threshold, margin and edits."""
    rows = {}
    for change in CHANGES:
        label = ", ".join(f"{k} {v}" for k, v in change.items()) or "as set"
        rows[label] = _figures(judged(by_fold(asked, master, False, NamesParams(**change))))
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["precision", "recall", "held out taken"]
    )


def peers(asked: pd.DataFrame, master: pd.DataFrame) -> pd.DataFrame:
    """Return the same figures for WRatio and n-gram cosine at several thresholds."""
    rows = []
    for label, nearest in (("rapidfuzz WRatio", wratio), ("char n-grams, cosine", cosine)):
        found = _peer(asked, master, nearest)
        for least in (0.8, 0.9, 0.95, 0.99):
            taken = found.assign(status=np.where(found.score >= least, "matched", "no"))
            rows.append([label, least, *_figures(judged(taken))])
    ours = _figures(judged(by_fold(asked, master, False)))
    rows.append(["insights", NamesParams().automatic, *ours])
    return pd.DataFrame(
        rows, columns=["matcher", "threshold", "precision", "recall", "held out taken"]
    )


def _peer(asked: pd.DataFrame, master: pd.DataFrame, nearest: Nearest) -> pd.DataFrame:
    parts = [_nearest(asked, master, nearest).assign(test="present")]
    for fold in sorted(asked.fold.unique()):
        mine = asked[(asked.fold == fold) & (asked.kind == "same")]
        parts.append(_nearest(mine, master[master.fold != fold], nearest).assign(test="held out"))
    return pd.concat(parts, ignore_index=True)


def _nearest(asked: pd.DataFrame, master: pd.DataFrame, nearest: Nearest) -> pd.DataFrame:
    position, score = nearest(asked["name"].tolist(), master["name"].tolist())
    return asked.assign(got=master.house.to_numpy()[position], score=score)
