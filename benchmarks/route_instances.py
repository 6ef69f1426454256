"""Published round trips with their best known costs, read from source archives of PyPI.

TSPLIB (Reinelt 1991). Where an archive holds the optimal tour, its cost is computed from it;
elsewhere it is the optimum that TSPLIB publishes. Nothing of it is kept here.
"""

from __future__ import annotations

import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PI = 3.141592  # as TSPLIB writes it
TSPLIB95, PYVRP = "tsplib95-0.7.1", "pyvrp-0.14.1"
# name -> archive, optimum as TSPLIB publishes it (None: the archive holds the tour), iterations
KNOWN: dict[str, tuple[str, int | None, int]] = {
    "gr17": (TSPLIB95, 2085, 2_000),
    "pr107": (PYVRP, 44303, 10_000),
    "pcb442": (TSPLIB95, None, 20_000),
    "att532": (TSPLIB95, 27686, 20_000),
    "gr666": (TSPLIB95, None, 20_000),
}


@dataclass(frozen=True)
class Instance:
    """A round trip: distances between all stops, its best known cost and where that is from."""

    name: str
    metres: np.ndarray
    best: int
    source: str
    iterations: int


def published() -> list[Instance]:
    """Return the instances whose archives stand in the folder INSIGHTS_ROUTE_INSTANCES names."""
    folder = os.environ.get("INSIGHTS_ROUTE_INSTANCES")
    found = []
    for name, (archive, optimum, iterations) in KNOWN.items() if folder else ():
        path = Path(str(folder), f"{archive}.tar.gz")
        if not path.exists():
            print(f"{name}: {path.name} is not in {folder}")
            continue
        metres = distances(_text(path, f"{archive}/tests/data/{name}.tsp"))
        if optimum is None:
            tour = _tour(_text(path, f"{archive}/tests/data/{name}.opt.tour"))
            cost = int(metres[tour, np.roll(tour, -1)].sum())
            found.append(Instance(name, metres, cost, "tour in the archive", iterations))
        else:
            found.append(Instance(name, metres, optimum, "TSPLIB", iterations))
    return found


def distances(text: str) -> np.ndarray:
    """Return the whole-numbered distances of a TSPLIB file, by the rules of its edge weights."""
    kind = _field(text, "EDGE_WEIGHT_TYPE")
    if kind == "EXPLICIT":
        return _lower(_numbers(text, "EDGE_WEIGHT_SECTION"), int(_field(text, "DIMENSION")))
    points = _numbers(text, "NODE_COORD_SECTION").reshape(-1, 3)[:, 1:]
    rule = {"EUC_2D": _euclidean, "ATT": _pseudo_euclidean, "GEO": _geographic}[kind]
    found = rule(points).astype(np.int64)
    np.fill_diagonal(found, 0)
    return found


def _euclidean(points: np.ndarray) -> np.ndarray:
    return np.floor(_apart(points) + 0.5)


def _pseudo_euclidean(points: np.ndarray) -> np.ndarray:
    return np.ceil(_apart(points) / np.sqrt(10))


def _geographic(points: np.ndarray) -> np.ndarray:
    whole = np.trunc(points)
    lat, lon = (PI * (whole + 5 * (points - whole) / 3) / 180).T
    q1, q2, q3 = (
        np.cos(one) for one in (lon[:, None] - lon, lat[:, None] - lat, lat[:, None] + lat)
    )
    inner = np.clip(0.5 * ((1 + q1) * q2 - (1 - q1) * q3), -1, 1)
    return np.floor(6378.388 * np.arccos(inner) + 1)


def _apart(points: np.ndarray) -> np.ndarray:
    return np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))


def _lower(values: np.ndarray, size: int) -> np.ndarray:
    square = np.zeros((size, size), dtype=np.int64)
    square[np.tril_indices(size)] = values
    return square + np.tril(square, -1).T


def _tour(text: str) -> np.ndarray:
    stops = _numbers(text, "TOUR_SECTION").astype(int)
    return stops[stops > 0] - 1


def _numbers(text: str, section: str) -> np.ndarray:
    body = re.split(r"[A-Z]{3,}", text.split(section)[1])[0]
    return np.array(body.split(), dtype=float)


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(\S+)", text, re.MULTILINE)
    assert found, f"{name} is not in the file"
    return found[1]


def _text(archive: Path, name: str) -> str:
    with tarfile.open(archive) as files:
        member = files.extractfile(name)
        assert member, f"{name} is not in {archive}"
        return member.read().decode()
