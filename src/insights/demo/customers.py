"""Who buys: terminals (hospitals, pharmacies, clinics) in planted segments, and distributors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator
from scipy.stats import norm

from insights.demo.chance import Floats, Ints, quota, stream
from insights.demo.places import (
    CITIES,
    CITIES_PER_REGION,
    DISTRICTS,
    LEAF_IDS,
    LEAVES,
    SHARES,
    institution_names,
)

LEVELS = np.array(["3A", "3B", "2A", "2B", "1", "community"])
BEDS = (1500, 900, 520, 260, 90, 35)
RANKS = ("tertiary", "tertiary", "secondary", "secondary", "primary", "primary")
RANK_OF_LEVEL = dict(zip(LEVELS.tolist(), RANKS, strict=True))
BEDS_OF_LEVEL = dict(zip(LEVELS.tolist(), BEDS, strict=True))
STAGES = np.array(["none", "aware", "trial", "use", "loyal"], dtype=object)


@dataclass(frozen=True)
class Segment:
    """A planted behaviour: how many, how much a month (CNY), how it grows, what it buys."""

    name: str
    count: int
    monthly: float
    spread: float
    slope: float
    slope_sd: float
    active: float
    lines: tuple[float, ...]
    products_per_line: float
    levels: tuple[float, ...]
    visits: float


SEGMENTS = (
    Segment("loyal_core", 140, 260e3, 0.42, 0.03, 0.05, 1.0, (0, 0, 0, 0.2, 0.45, 0.35), 2.6,
            (0.70, 0.20, 0.10, 0, 0, 0), 1.9),
    Segment("growing", 170, 55e3, 0.42, 0.27, 0.07, 0.995, (0, 0, 0.3, 0.5, 0.2, 0), 2.0,
            (0.10, 0.25, 0.45, 0.20, 0, 0), 1.25),
    Segment("steady_small", 230, 14e3, 0.45, 0.0, 0.05, 0.97, (0.45, 0.45, 0.1, 0, 0, 0), 1.6,
            (0, 0, 0.10, 0.30, 0.25, 0.35), 0.45),
    Segment("project", 80, 11e3, 0.55, 0.0, 0.10, 0.30, (0.7, 0.3, 0, 0, 0, 0), 1.4,
            (0.25, 0.20, 0.35, 0.20, 0, 0), 0.60),
    Segment("declining", 70, 75e3, 0.55, -1.9, 0.30, 0.97, (0, 0.25, 0.45, 0.3, 0, 0), 1.8,
            (0.15, 0.20, 0.35, 0.20, 0.05, 0.05), 0.40),
    Segment("new", 75, 38e3, 0.50, 0.25, 0.15, 0.98, (0.1, 0.4, 0.4, 0.1, 0, 0), 1.7,
            (0.10, 0.15, 0.40, 0.25, 0.05, 0.05), 1.10),
    Segment("none", 90, 0.0, 0.0, 0.0, 0.0, 0.0, (1, 0, 0, 0, 0, 0), 1.0,
            (0.10, 0.10, 0.20, 0.20, 0.20, 0.20), 0.12),
)  # fmt: skip
SEGMENT_NAMES = np.array([segment.name for segment in SEGMENTS])
PHARMACIES, CLINICS, DISTRIBUTORS = 14, 10, 60
STEADY = 2
ATTITUDE = np.array([4.2, 3.8, 3.2, 3.0, 2.3, 3.4, 2.0])  # mean willingness by segment
STAGE = np.array([4, 3, 3, 2, 2, 2, 0])  # usual relationship stage by segment


@dataclass(frozen=True)
class Customers:
    """The customers as the company lists them, and what drives them (never written but as truth).

    ``table`` holds terminals then distributors. ``segment`` is an index into SEGMENTS, ``monthly``
    the level of demand in CNY; both a value per terminal. ``home`` is the region index, and
    ``punctuality`` the lasting lateness, a value per row of ``table``.
    """

    table: pd.DataFrame
    segment: Ints
    monthly: Floats
    home: Ints
    punctuality: Floats

    @property
    def n_terminals(self) -> int:
        """Return how many rows of ``table`` are terminals."""
        return len(self.segment)

    @property
    def n_distributors(self) -> int:
        """Return how many rows of ``table`` are distributors."""
        return len(self.table) - self.n_terminals


def build_customers(seed: int, scale: float) -> Customers:
    """Draw the customers; credit limits and first deals are filled once there is trade."""
    rng = stream(seed, "customers")
    segment, kind = _segments_and_kinds(rng, scale)
    n_distributors = max(2 * len(LEAVES), round(DISTRIBUTORS * scale))
    home = np.concatenate([_homes(rng, len(segment), 1), _homes(rng, n_distributors, 2)])
    kinds = np.concatenate([kind, np.full(n_distributors, "distributor")])
    ids = _identities(kinds)
    table = _placed(rng, pd.DataFrame({"customer_id": ids, "customer_type": kinds}), home)
    monthly = _monthly(rng, segment)
    table = _described(rng, _levelled(rng, table, segment), segment, monthly)
    n = len(segment)
    punctuality = np.concatenate([_normal_scores(rng, n), _normal_scores(rng, n_distributors)])
    return Customers(table.copy(), segment, monthly, home, punctuality)


def _segments_and_kinds(rng: Generator, scale: float) -> tuple[Ints, np.ndarray]:
    counts = [max(1, round(s.count * scale)) for s in SEGMENTS]
    others = [max(1, round(PHARMACIES * scale)), max(1, round(CLINICS * scale))]
    segment = np.repeat(np.arange(len(SEGMENTS)), counts)
    rng.shuffle(segment)
    kind = np.repeat(["hospital", "pharmacy", "clinic"], [len(segment), *others])
    return np.concatenate([segment, np.full(sum(others), STEADY)]), kind


def _normal_scores(rng: Generator, n: int) -> Floats:
    """Return normal scores in random order: spread as normal draws, without luck in small n."""
    return rng.permutation(norm.ppf((np.arange(n) + 0.5) / n))


def _homes(rng: Generator, n: int, least: int) -> Ints:
    counts = quota(SHARES, n, least)
    return rng.permutation(np.repeat(np.arange(len(LEAVES)), counts))


def _identities(kinds: np.ndarray) -> list[str]:
    prefix = {"hospital": "H", "pharmacy": "Y", "clinic": "C", "distributor": "D"}
    turn = pd.Series(kinds).groupby(kinds).cumcount() + 1
    return [f"{prefix[k]}{n:04d}" for k, n in zip(kinds, turn, strict=True)]


def _placed(rng: Generator, table: pd.DataFrame, home: Ints) -> pd.DataFrame:
    """Add region, city, district and coordinates."""
    n = len(table)
    share = np.array([0.34, 0.2, 0.16, 0.12, 0.1, 0.08])
    city = home * CITIES_PER_REGION + rng.choice(CITIES_PER_REGION, n, p=share)
    middle = np.array([(leaf.longitude, leaf.latitude) for leaf in LEAVES])
    offset = rng.normal(0, 1.1, (len(CITIES), 2))[city] + rng.normal(0, 0.12, (n, 2))
    point = np.round(middle[home] + offset, 5)
    return table.assign(
        region_id=np.array(LEAF_IDS)[home],
        city=np.array(CITIES)[city],
        district=np.array(DISTRICTS)[rng.integers(0, len(DISTRICTS), n)],
        longitude=point[:, 0],
        latitude=point[:, 1],
    )


def _levelled(rng: Generator, table: pd.DataFrame, segment: Ints) -> pd.DataFrame:
    """Add hospital_level, ownership, and a name that fits them."""
    hospital = (table["customer_type"] == "hospital").to_numpy()
    odds = np.cumsum([s.levels for s in SEGMENTS], axis=1)[segment[hospital[: len(segment)]]]
    level = np.full(len(table), None, dtype=object)
    level[hospital] = LEVELS[(rng.random((hospital.sum(), 1)) > odds).sum(axis=1).clip(0, 5)]
    owners = rng.choice(["public", "private", "military"], len(table), p=[0.84, 0.135, 0.025])
    ownership = np.where(hospital, owners, "private")
    rank = pd.Series(level).map(RANK_OF_LEVEL).mask(ownership == "private", "private")
    kind = rank.where(hospital, table["customer_type"])
    name = institution_names(kind, table["city"], table["district"])
    return table.assign(hospital_level=level, ownership=ownership, name=name)


def _monthly(rng: Generator, segment: Ints) -> Floats:
    middle = np.array([s.monthly for s in SEGMENTS])[segment]
    spread = np.array([s.spread for s in SEGMENTS])[segment]
    heavy = 1 + (rng.random(len(segment)) < 0.04) * rng.exponential(1.2, len(segment))
    return middle * rng.lognormal(0, spread) * heavy


def _described(rng: Generator, table: pd.DataFrame, segment: Ints, monthly: Floats) -> pd.DataFrame:
    """Add size, potential, attitude, reception and today's tier."""
    n, total = len(segment), len(table)
    sized = _sized(rng, table)
    beds = sized["beds"].fillna(20).to_numpy(np.float64)[:n]
    potential = np.maximum(monthly * 12, beds * 900) * rng.lognormal(0.35, 0.35, n)
    influence = (np.log(beds) - 3) * 1.1 + rng.normal(0, 0.6, n)
    attitude = ATTITUDE[segment] + rng.normal(0, 0.5, n)
    step = rng.choice([-1, 0, 1], n, p=[0.15, 0.7, 0.15])
    return sized.assign(
        potential=_padded(potential.round(-3) * 100, total),
        influence=_padded(influence.clip(0, 5).round(1), total),
        willingness=_padded(attitude.clip(1, 5).round(1), total),
        relationship_stage=_padded(STAGES[(STAGE[segment] + step).clip(0, 4)], total),
        reception=_reception(rng, n, total),
        tier=_tiers(rng, monthly, potential, total),
        is_sme=_padded_front(rng.random(total - n) < 0.7, total),
    )


def _sized(rng: Generator, table: pd.DataFrame) -> pd.DataFrame:
    beds = table["hospital_level"].map(BEDS_OF_LEVEL) * rng.lognormal(0, 0.3, len(table))
    visits = (beds * rng.uniform(380, 900, len(table))).round(-2)
    return table.assign(beds=beds.round().astype("Int64"), outpatients=visits.astype("Int64"))


def _padded(values: np.ndarray, total: int) -> pd.Series:
    """Return terminals' values followed by nulls for the distributors."""
    return pd.Series(values).reindex(range(total))


def _padded_front(values: np.ndarray, total: int) -> pd.Series:
    """Return nulls for the terminals followed by the distributors' values."""
    full = pd.Series(np.full(total, None, dtype=object))
    full.iloc[total - len(values) :] = values
    return full


def _reception(rng: Generator, n: int, total: int) -> pd.Series:
    days = np.array(["Mon", "Tue", "Wed", "Thu", "Fri"])
    first = rng.integers(0, 4, n)
    hours = np.array(["9-11", "14-17", "14-16"])[rng.integers(0, 3, n)]
    pairs = zip(days[first], days[first + 1], hours, strict=True)
    windows = np.array([f"{a} {h}, {b} {h}" for a, b, h in pairs], dtype=object)
    windows[rng.random(n) < 0.2] = None
    return _padded(windows, total)


def _tiers(rng: Generator, monthly: Floats, potential: Floats, total: int) -> pd.Series:
    score = np.log1p(monthly) * 0.5 + np.log(potential) * 0.8 + rng.normal(0, 0.5, len(monthly))
    cuts = np.quantile(score, [0.55, 0.82])
    return _padded(np.array(["C", "B", "A"], dtype=object)[np.searchsorted(cuts, score)], total)
