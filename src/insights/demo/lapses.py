"""What goes wrong in the field in the last year: calls without progress, core customers left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.demo.chance import Ints, stream
from insights.demo.customers import SEGMENT_NAMES, Customers
from insights.demo.demand import Demand
from insights.demo.staff import DEVICE, DRUG, Staff
from insights.demo.timeline import month_index

IDLE_FROM = np.datetime64("2025-01-01", "D")
LEFT_FROM = np.datetime64("2025-09-01", "D")
BUSIEST = 4  # one device rep in so many is busy enough to be the one without progress
STILL_MET = 0.2  # of the aims that would have been met
LEFT = 8


@dataclass(frozen=True)
class Lapses:
    """``idle_rep`` calls much and moves nothing; nobody calls on ``left`` any more.

    Ids; ``idle`` are the customers of the idle rep, ``left_rep`` is who should call on ``left``
    (empty where the company is too small to have such customers).
    """

    idle_rep: str
    idle: frozenset[str]
    left_rep: str
    left: frozenset[str]


def choose_lapses(
    customers: Customers, demand: Demand, staff: Staff, visits: pd.DataFrame, flow: pd.DataFrame,
    decided: pd.Series,
) -> Lapses:  # fmt: skip
    """Choose whom the lapses befall, so that nothing but calls and needs has to change.

    The idle rep is the one among the busiest device reps whose customers bought most nearly what
    they bought the year before. ``decided`` are customers whose tier somebody decided: not left.
    """
    idle_rep = _idle_rep(customers, staff, visits, flow)
    idle = _kept(staff, DEVICE, idle_rep)
    core = _core(customers, demand, decided) & ~idle
    counts = [int((core & _kept(staff, DRUG, rep)).sum()) for rep in range(len(staff.reps))]
    left_rep = int(np.argmax(counts))
    left = np.flatnonzero(core & _kept(staff, DRUG, left_rep))
    left = left[np.argsort(-customers.monthly[left], kind="stable")[:LEFT]]
    ids = customers.table["customer_id"].to_numpy(dtype=object)
    names = staff.reps["rep_id"].to_numpy(dtype=object)
    return Lapses(
        str(names[idle_rep]), frozenset(ids[idle]), str(names[left_rep]), frozenset(ids[left])
    )


def _idle_rep(customers: Customers, staff: Staff, visits: pd.DataFrame, flow: pd.DataFrame) -> int:
    calls = visits.loc[visits["visited_on"] >= IDLE_FROM, "rep_id"].value_counts()
    busy = staff.reps["rep_id"].map(calls).fillna(0).to_numpy(np.float64)
    there = (staff.reps["line_type"] == "device") & staff.reps["left_on"].isna()
    there &= staff.reps["hired_on"] < IDLE_FROM
    reps = np.flatnonzero(there)
    reps = reps[np.argsort(-busy[reps], kind="stable")[: -(-len(reps) // BUSIEST)]]
    change = [_change(customers, flow, _kept(staff, DEVICE, int(rep))) for rep in reps]
    return int(reps[np.argmin(change)])


def _change(customers: Customers, flow: pd.DataFrame, mine: np.ndarray) -> float:
    """Return how far sell-through to some customers moved in the last year, up or down."""
    ids = customers.table["customer_id"][mine]
    bought = flow[flow["customer_id"].isin(ids)]
    years = bought.groupby(bought["flowed_on"].dt.year)["amount"].sum()
    now, before = (float(years.get(year, 0)) for year in (2025, 2024))
    return abs(np.log(now / before)) if now > 0 and before > 0 else float("inf")


def _kept(staff: Staff, kind: int, rep: int) -> np.ndarray:
    """Say of each customer whether a rep covered it all through the last year."""
    begin = int(month_index(np.array([IDLE_FROM]))[0])
    return np.asarray((staff.cover[:, kind, begin:] == rep).all(axis=1))


def _core(customers: Customers, demand: Demand, decided: pd.Series) -> np.ndarray:
    """Say who is core: loyal, tier A by everybody's word, and in no strategy."""
    loyal: Ints = np.zeros(len(customers.table), dtype=np.int64)
    kinds = SEGMENT_NAMES[customers.segment]
    loyal[: customers.n_terminals] = (kinds == "loyal_core") & (demand.rollout.of < 0)
    settled = ~customers.table["customer_id"].isin(decided) & (customers.table["tier"] == "A")
    return np.asarray((loyal > 0) & settled)


def lapsed_visits(seed: int, visits: pd.DataFrame, lapses: Lapses) -> pd.DataFrame:
    """Return the visits without those to the customers left, and few aims of the idle rep met."""
    rng = stream(seed, "lapses")
    idle = (visits["rep_id"] == lapses.idle_rep) & (visits["visited_on"] >= IDLE_FROM)
    missed = idle & visits["objective_met"].eq(True) & (rng.random(len(visits)) >= STILL_MET)
    left = visits["customer_id"].isin(lapses.left) & (visits["visited_on"] >= LEFT_FROM)
    return visits.assign(objective_met=visits["objective_met"].mask(missed, False))[~left]


def lapsed_needs(needs: pd.DataFrame, lapses: Lapses) -> pd.DataFrame:
    """Return the needs, none of the idle rep's customers closed since it fell idle."""
    stuck = needs["customer_id"].isin(lapses.idle) & (needs["closed_on"] >= IDLE_FROM)
    return needs.assign(closed_on=needs["closed_on"].mask(stuck))


def lapse_truths(lapses: Lapses) -> dict[str, pd.DataFrame]:
    """Return the truths: which rep does what since when, and the core customers left."""
    found = [(lapses.idle_rep, "visits_without_progress", IDLE_FROM)]
    if lapses.left:
        found.append((lapses.left_rep, "neglects_core", LEFT_FROM))
    left = pd.DataFrame({"customer_id": pd.Series(sorted(lapses.left), dtype="str")})
    return {
        "reps": pd.DataFrame(found, columns=["rep_id", "lapse", "from_on"]),
        "neglected_customers": left.assign(rep_id=lapses.left_rep, from_on=LEFT_FROM),
    }
