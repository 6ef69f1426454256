"""Which writings of the master are worth a closer look: the nearest of those not refuted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cdist

from insights.ingest.names.judging import AskedName
from insights.ingest.names.known import KnownNames
from insights.params.names import NamesParams

CONTAINED = 0.9  # a name whose characters all stand in a longer one, in order
SAME_CORE = 60
FAR = 0.4  # fewer characters in common: nobody would take one for the other


def candidates(
    asked: list[AskedName], known: KnownNames, params: NamesParams
) -> Iterator[list[int]]:
    """Yield for each asked name the positions of the nearest known names, in their order.

    Nearness is the longest common subsequence against both lengths, of whole names. Works through
    ``params.chunk`` names at a time: memory is bounded by chunk x known names.
    """
    wholes = [one.form.whole for one in known.names]
    lengths = np.array([len(whole) for whole in wholes], dtype=np.float32)
    theirs, ours = _facts(known, asked)
    for start in range(0, len(asked), params.chunk):
        part = slice(start, start + params.chunk)
        queries = [one.form.whole for one in asked[part]]
        common = cdist(queries, wholes, scorer=LCSseq.similarity, dtype=np.uint8)
        near = _nearness(common, np.array([len(q) for q in queries], dtype=np.float32), lengths)
        near[_contradictory(ours[:, part], theirs)] = -1.0
        for row, one in zip(near, asked[part], strict=True):
            yield _nearest(row, known.cores.get(one.form.core, ()), params.candidates)


def _nearness(common: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    both = 2 * common / np.maximum(one[:, None] + other[None, :], 1)
    return np.maximum(both, CONTAINED * common / np.maximum(one[:, None], 1))


def _nearest(row: np.ndarray, same: tuple[int, ...], most: int) -> list[int]:
    order = np.lexsort((np.arange(len(row)), -row))[:most] if len(row) <= most else _top(row, most)
    likely = [int(position) for position in order if row[position] > FAR]
    equal = [position for position in same if row[position] > 0][:SAME_CORE]
    return sorted({*likely, *equal})


def _top(row: np.ndarray, most: int) -> np.ndarray:
    """Return the greatest, and all that equal the least of them, up to twice as many."""
    least = row[np.argpartition(-row, most)[:most]].min()
    found = np.flatnonzero(row >= least)
    return found[np.lexsort((found, -row[found]))][: 2 * most]


def _facts(known: KnownNames, asked: list[AskedName]) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers, province, city and region as codes (0 = not told), a row each."""
    theirs = [
        (" ".join(k.form.numbers), k.place.province, k.place.city, k.region_id) for k in known.names
    ]
    ours = [(" ".join(a.form.numbers), a.place.province, a.place.city, a.region_id) for a in asked]
    kinds = [_codes(row[i] for row in [*theirs, *ours]) for i in range(4)]
    codes = np.array(kinds, dtype=np.int32).reshape(4, -1)
    return codes[:, : len(theirs)], codes[:, len(theirs) :]


def _codes(texts: Iterable[str]) -> list[int]:
    seen = {"": 0}
    return [seen.setdefault(text, len(seen)) for text in texts]


def _contradictory(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    found = np.zeros((ours.shape[1], theirs.shape[1]), dtype=bool)
    for own, other in zip(ours, theirs, strict=True):
        one, two = own[:, None], other[None, :]
        found |= (one != two) & (one > 0) & (two > 0)
    return found
