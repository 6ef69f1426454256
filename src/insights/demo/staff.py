"""Forty reps, who covers whom in which month, and when nobody could call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Days, Ints, quota, stream
from insights.demo.customers import SEGMENT_NAMES, Customers
from insights.demo.demand import Demand
from insights.demo.places import LEAF_IDS, SHARES
from insights.demo.products import LINE_NAMES, LINE_OF, LINES
from insights.demo.timeline import FIRST, LAST, MONTHS, N_MONTHS, ONE_DAY

DRUG, DEVICE = 0, 1
SLOTS = (22, 14)
REPLACED = 4
AHEAD = 5  # reps who are on leave in the month after the window
NEXT = LAST + ONE_DAY
TYPE_OF_LINE = np.array([DRUG if line.category == "drug" else DEVICE for line in LINES])


@dataclass(frozen=True)
class Staff:
    """The reps, and ``cover[customer, drug/device, month]``: the rep's index or -1."""

    reps: pd.DataFrame
    cover: Ints
    absences: pd.DataFrame

    def ids(self, customer: Ints, line: Ints, month: Ints) -> np.ndarray:
        """Return the covering rep's id (None for a vacancy)."""
        rep = self.cover[customer, TYPE_OF_LINE[line], month]
        ids = self.reps["rep_id"].to_numpy(dtype=object)
        return np.array([*ids, None], dtype=object)[rep]


def build_staff(seed: int, customers: Customers, demand: Demand) -> Staff:
    """Hire the reps, give them customers, and let some leave and be replaced."""
    rng = stream(seed, "staff")
    places = np.arange(len(SHARES))
    counts = [quota(SHARES, SLOTS[DRUG], 2), quota(SHARES, SLOTS[DEVICE], 1)]
    home = np.concatenate([np.repeat(places, count) for count in counts])
    kind = np.repeat([DRUG, DEVICE], SLOTS)
    slot = _slot_of_customers(rng, customers, demand, home, kind)
    reps, rep_of_slot, gaps = _hire(rng, home, kind)
    months = np.arange(N_MONTHS)
    filled = np.vstack([rep_of_slot, np.full(N_MONTHS, -1)])
    cover = filled[slot, months[None, None, :]]
    return Staff(reps, cover, pd.concat([gaps, _leave(rng, reps)], ignore_index=True))


def _slot_of_customers(
    rng: Generator, customers: Customers, demand: Demand, home: Ints, kind: Ints
) -> Ints:
    """Return slot[customer, type, month] (-1 where the type does not call there)."""
    n = len(customers.table)
    slot = np.full((n, 2, N_MONTHS), -1, dtype=np.int64)
    longitude = customers.table["longitude"].to_numpy()
    called = np.ones((n, 2), dtype=bool)
    called[: customers.n_terminals, DEVICE] = _buys_devices(customers, demand)
    for slots in (np.flatnonzero((home == r) & (kind == k)) for r in range(8) for k in (0, 1)):
        type_, region = int(kind[slots[0]]), int(home[slots[0]])
        mine = np.flatnonzero((customers.home == region) & called[:, type_])
        ordered = mine[np.argsort(longitude[mine], kind="stable")]
        turn = np.arange(len(ordered)) * len(slots) // max(1, len(ordered))
        slot[ordered, type_] = slots[turn][:, None]
        _hand_over(rng, slot, ordered, type_, slots)
    return slot


def _hand_over(rng: Generator, slot: Ints, mine: Ints, type_: int, slots: Ints) -> None:
    """Move a few customers to a colleague from some month on (fills ``slot`` in place)."""
    if len(slots) < 2:
        return
    for customer in mine[rng.random(len(mine)) < 0.08]:
        begin = int(rng.integers(4, N_MONTHS - 3))
        others = slots[slots != slot[customer, type_, 0]]
        slot[customer, type_, begin:] = rng.choice(others)


def _buys_devices(customers: Customers, demand: Demand) -> np.ndarray:
    device = TYPE_OF_LINE[LINE_OF[demand.product]] == DEVICE
    wants = np.zeros(customers.n_terminals, dtype=bool)
    wants[demand.terminal[device]] = True
    return wants | np.isin(SEGMENT_NAMES[customers.segment], ["project", "loyal_core", "none"])


def _hire(rng: Generator, home: Ints, kind: Ints) -> tuple[pd.DataFrame, Ints, pd.DataFrame]:
    """Return the reps, rep_of_slot[slot, month], and the vacancies between two reps."""
    n = len(home)
    slot_of_rep = np.concatenate([np.arange(n), rng.choice(n, REPLACED, replace=False)])
    hired = FIRST - rng.integers(90, 3000, n + REPLACED).astype("timedelta64[D]")
    left = np.full(n + REPLACED, np.datetime64("NaT", "D"))
    rep_of_slot = np.repeat(np.arange(n)[:, None], N_MONTHS, axis=1)
    gaps = []
    for rep, leaves in zip(range(n, n + REPLACED), (9, 15, 21, 27), strict=True):
        old, begins = slot_of_rep[rep], leaves + 1 + rep % 2
        left[old] = MONTHS[leaves].astype("datetime64[D]") - np.timedelta64(1, "D")
        hired[rep] = MONTHS[begins - 1].astype("datetime64[D]")
        left_to = MONTHS[begins - 1].astype("datetime64[D]") - np.timedelta64(1, "D")
        rep_of_slot[old, leaves : begins - 1] = -1
        rep_of_slot[old, begins - 1 :] = rep
        if left_to > left[old]:
            gaps.append((f"R{old + 1:03d}", left[old] + np.timedelta64(1, "D"), left_to))
    reps = _rep_table(rng, home[slot_of_rep], kind[slot_of_rep], hired, left)
    return reps, rep_of_slot, pd.DataFrame(gaps, columns=["rep_id", "from_on", "to_on"])


def _rep_table(rng: Generator, home: Ints, kind: Ints, hired: Days, left: Days) -> pd.DataFrame:
    ids = np.array([f"R{i + 1:03d}" for i in range(len(home))], dtype=object)
    first = pd.Series(ids).groupby(home).transform("first").to_numpy(dtype=object)
    lines = [np.flatnonzero(np.equal(TYPE_OF_LINE, k)) for k in (DRUG, DEVICE)]
    line = np.array([rng.choice(lines[k]) for k in kind])
    return pd.DataFrame(
        {
            "rep_id": ids,
            "region_id": np.array(LEAF_IDS)[home],
            "product_line": LINE_NAMES[line],
            "line_type": np.array(["drug", "device"])[kind],
            "manager_id": pd.Series(first).mask(first == ids),
            "hired_on": hired,
            "left_on": left,
        }
    )


def _leave(rng: Generator, reps: pd.DataFrame) -> pd.DataFrame:
    """Draw yearly leave of one to two weeks inside employment."""
    rows = []
    for year in ("2023", "2024", "2025"):
        start = np.datetime64(year, "D") + rng.integers(60, 340, len(reps)).astype("timedelta64[D]")
        stop = start + rng.integers(4, 13, len(reps)).astype("timedelta64[D]")
        rows.append(reps[["rep_id", "hired_on", "left_on"]].assign(from_on=start, to_on=stop))
    leave = pd.concat(rows, ignore_index=True)
    employed = (leave["from_on"] > leave["hired_on"]) & ~(leave["to_on"] > leave["left_on"])
    return leave.loc[employed, ["rep_id", "from_on", "to_on"]]


def leave_ahead(seed: int, staff: Staff) -> pd.DataFrame:
    """Return the leave announced for the month after the window; one rep is away for all of it."""
    rng = stream(seed, "leave ahead")
    there = np.flatnonzero(staff.reps["left_on"].isna())
    away = np.sort(rng.choice(there, min(AHEAD, len(there)), replace=False))
    start = NEXT + rng.integers(4, 20, len(away)).astype("timedelta64[D]")
    stop = start + rng.integers(4, 11, len(away)).astype("timedelta64[D]")
    vacant = np.arange(len(away)) == rng.integers(0, len(away))
    return pd.DataFrame(
        {
            "rep_id": staff.reps["rep_id"].to_numpy(dtype=object)[away],
            "from_on": np.where(vacant, NEXT, start),
            "to_on": np.where(vacant, NEXT + np.timedelta64(30, "D"), stop),
        }
    )


def territories(customers: Customers, staff: Staff) -> pd.DataFrame:
    """Return runs of months in which a rep covers a customer, as from/to dates."""
    runs = [_runs(staff.cover[:, kind, :]) for kind in (DRUG, DEVICE)]
    customer, rep, begin, end = (np.concatenate(part) for part in zip(*runs, strict=True))
    ids = customers.table["customer_id"].to_numpy(dtype=object)
    hired = staff.reps["hired_on"].to_numpy("datetime64[D]")[rep]
    opened = np.where(begin == 0, np.maximum(hired, np.datetime64("2022-01-01", "D")),
                      MONTHS[begin].astype("datetime64[D]"))  # fmt: skip
    closed = (MONTHS[end] + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return pd.DataFrame(
        {
            "rep_id": staff.reps["rep_id"].to_numpy(dtype=object)[rep],
            "customer_id": ids[customer],
            "from_on": opened,
            "to_on": np.where(end == N_MONTHS - 1, np.datetime64("NaT", "D"), closed),
        }
    )


def _runs(cover: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return customer, rep, first and last month of every unbroken run of coverage."""
    edge = np.pad(cover, ((0, 0), (1, 1)), constant_values=-2)
    starts = (edge[:, 1:-1] != edge[:, :-2]) & (cover >= 0)
    ends = (edge[:, 1:-1] != edge[:, 2:]) & (cover >= 0)
    customer, begin = np.nonzero(starts)
    return customer, cover[customer, begin], begin, np.nonzero(ends)[1]


def absent_days(staff: Staff, rep: Ints, days: Days) -> np.ndarray:
    """Say of each rep (index) and day whether it falls into an absence."""
    away = np.zeros(len(rep), dtype=bool)
    number = pd.Index(staff.reps["rep_id"])
    who = number.get_indexer(staff.absences["rep_id"])
    begin = staff.absences["from_on"].to_numpy("datetime64[D]")
    end = staff.absences["to_on"].to_numpy("datetime64[D]")
    for one, first, last in zip(who, begin, end, strict=True):
        away |= (rep == one) & (days >= first) & (days <= last)
    return away
