"""Which visits reach most, when days, reception and people's approvals bound them?

A mixed-integer programme that HiGHS solves (``scipy.optimize.milp``), one for each set of callers
that share customers. It is a flow in a network (customer, caller and customer, weekday, caller),
so its relaxation is whole already and large regions cost no search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from insights.calls.planning.worth import Ints, Response

PENALTY = 1000.0  # times the best single visit: no visit is worth breaking an approval


@dataclass(frozen=True)
class Room:
    """What callers can do: ``weekdays`` [caller_id, weekday, days, calls], ``totals`` by caller."""

    weekdays: pd.DataFrame
    totals: pd.Series


@dataclass(frozen=True)
class Solved:
    """``visits`` [pair, weekday, visits] of at least one; ``short`` of each approval, in visits."""

    visits: pd.DataFrame
    short: pd.Series

    def per_pair(self, pairs: pd.DataFrame) -> pd.Series:
        """Return the month's visits of each row of ``pairs``."""
        return self.visits.groupby("pair").visits.sum().reindex(pairs.index, fill_value=0)


@dataclass(frozen=True)
class _Rows:
    """Rows of constraints while they are gathered: coefficients, and the lower and upper bound."""

    row: list[Ints]
    column: list[Ints]
    value: list[Ints]
    bounds: list[tuple[np.ndarray, np.ndarray]]

    def add(self, row: Ints, column: Ints, sign: int) -> None:
        self.row.append(row + self.count)
        self.column.append(column)
        self.value.append(np.full(len(row), sign, dtype=np.int64))

    def close(self, low: np.ndarray, high: np.ndarray) -> None:
        self.bounds.append((low.astype("float64"), high.astype("float64")))

    @property
    def count(self) -> int:
        return sum(len(low) for low, _high in self.bounds)


def best_visits(
    pairs: pd.DataFrame, room: Room, approvals: pd.DataFrame, response: Response
) -> Solved:
    """Return the visits that reach most of the customers' worth.

    ``pairs`` (index: any unique label, sorted) has caller_id, customer_id, maximum, goal, counted
    (beyond it a visit adds nothing), value, ceiling (visits of all callers to the customer) and
    weekdays (those received, None: any); ``approvals`` [approval, pair, visits] asks for exactly
    so many visits over its pairs. An approval that does not fit is met as far as it goes.
    """
    part = _parts(pairs)
    solved = []
    for one in range(part.max() + 1 if len(part) else 0):
        own = pairs[part == one]
        bound = approvals[approvals.pair.isin(own.index)]
        solved.append(_solve_part(own, room, bound, response))
    if not solved:
        return Solved(pd.DataFrame(columns=["pair", "weekday", "visits"]), pd.Series(dtype="int64"))
    visits = pd.concat([one.visits for one in solved], ignore_index=True)
    return Solved(visits, pd.concat([one.short for one in solved]).sort_index())


def _parts(pairs: pd.DataFrame) -> Ints:
    """Return which rows hang together: they share a caller or a customer."""
    if pairs.empty:
        return np.empty(0, dtype=np.int64)
    callers, caller_ids = pd.factorize(pairs.caller_id, sort=True)
    customers, customer_ids = pd.factorize(pairs.customer_id, sort=True)
    size = len(caller_ids) + len(customer_ids)
    edges = coo_array(
        (np.ones(len(pairs)), (callers, customers + len(caller_ids))), shape=(size, size)
    )
    return connected_components(edges, directed=False)[1][callers].astype(np.int64)


def _solve_part(
    pairs: pd.DataFrame, room: Room, approvals: pd.DataFrame, response: Response
) -> Solved:
    steps, slots = _steps(pairs, response), _slots(pairs, room)
    asked = approvals.drop_duplicates("approval").set_index("approval").visits.sort_index()
    first_slot, first_short = len(steps), len(steps) + len(slots)
    rows = _Rows([], [], [], [])
    _balance(rows, pairs, steps, slots, first_slot)
    _capacity(rows, slots, room, first_slot)
    _ceilings(rows, pairs, slots, first_slot)
    _approvals(rows, pairs, slots, approvals, asked, first_slot, first_short)
    top = max(float(steps.worth.max()) if len(steps) else 0.0, 1e-12)
    cost = np.concatenate([-steps.worth / top, np.zeros(len(slots)), np.full(len(asked), PENALTY)])
    most = np.concatenate([np.ones(len(steps)), slots.days, asked])
    whole = np.concatenate([np.zeros(len(steps)), np.ones(len(slots)), np.zeros(len(asked))])
    answer = _answer(cost, most, whole, rows)
    visits = slots.assign(visits=answer[first_slot:first_short])
    short = pd.Series(answer[first_short:], asked.index, dtype="int64")
    return Solved(visits.loc[visits.visits > 0, ["pair", "weekday", "visits"]], short)


def _steps(pairs: pd.DataFrame, response: Response) -> pd.DataFrame:
    """Return a row for each possible visit of the month: pair, and what that visit adds."""
    many = pairs.maximum.to_numpy(np.int64)
    place = np.repeat(np.arange(len(pairs)), many)
    nth = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + 1
    goal, counted = (pairs[name].to_numpy(np.int64)[place] for name in ("goal", "counted"))
    shares = response.share(nth, goal, counted) - response.share(nth - 1, goal, counted)
    return pd.DataFrame({"place": place, "worth": shares * pairs.value.to_numpy(float)[place]})


def _slots(pairs: pd.DataFrame, room: Room) -> pd.DataFrame:
    """Return a row for each pair and weekday on which the caller works and is received."""
    own = pd.DataFrame(
        {
            "pair": pairs.index,
            "place": np.arange(len(pairs)),
            "caller_id": pairs.caller_id.to_numpy(),
            "received": pairs.weekdays.to_numpy(),
        }
    )
    met = own.merge(room.weekdays, on="caller_id").sort_values(["place", "weekday"])
    open_then = [
        received is None or day in received
        for received, day in zip(met.received, met.weekday, strict=True)
    ]
    return met[np.array(open_then, dtype=bool) & (met.calls > 0)].reset_index(drop=True)


def _balance(
    rows: _Rows, pairs: pd.DataFrame, steps: pd.DataFrame, slots: pd.DataFrame, first_slot: int
) -> None:
    rows.add(steps.place.to_numpy(np.int64), np.arange(len(steps)), 1)
    rows.add(slots.place.to_numpy(np.int64), first_slot + np.arange(len(slots)), -1)
    rows.close(np.zeros(len(pairs)), np.zeros(len(pairs)))


def _capacity(rows: _Rows, slots: pd.DataFrame, room: Room, first_slot: int) -> None:
    columns = first_slot + np.arange(len(slots))
    group = slots.groupby(["caller_id", "weekday"])
    rows.add(np.asarray(group.ngroup(), dtype=np.int64), columns, 1)
    calls = group.calls.first()
    rows.close(np.zeros(len(calls)), calls.to_numpy())
    callers, names = pd.factorize(slots.caller_id, sort=True)
    rows.add(np.asarray(callers, dtype=np.int64), columns, 1)
    rows.close(np.zeros(len(names)), room.totals.reindex(names).to_numpy())


def _ceilings(rows: _Rows, pairs: pd.DataFrame, slots: pd.DataFrame, first_slot: int) -> None:
    customer, _names = pd.factorize(pairs.customer_id, sort=True)
    of_slot = customer[slots.place.to_numpy(np.int64)].astype(np.int64)
    rows.add(of_slot, first_slot + np.arange(len(slots)), 1)
    most = pairs.ceiling.groupby(customer).max().sort_index()
    rows.close(np.zeros(len(most)), most.to_numpy())


def _approvals(
    rows: _Rows, pairs: pd.DataFrame, slots: pd.DataFrame, approvals: pd.DataFrame,
    asked: pd.Series, first_slot: int, first_short: int,
) -> None:  # fmt: skip
    place = pd.Series(np.arange(len(pairs)), pairs.index)
    wanted = pd.DataFrame(
        {
            "row": asked.index.get_indexer(pd.Index(approvals.approval)),
            "place": place.reindex(approvals.pair).to_numpy(),
        }
    )
    numbered = slots.assign(column=first_slot + np.arange(len(slots)))
    met = wanted.merge(numbered[["place", "column"]], on="place")
    rows.add(met.row.to_numpy(np.int64), met.column.to_numpy(np.int64), 1)
    rows.add(np.arange(len(asked)), first_short + np.arange(len(asked)), 1)
    rows.close(asked.to_numpy(), asked.to_numpy())


def _answer(cost: np.ndarray, most: np.ndarray, whole: np.ndarray, rows: _Rows) -> Ints:
    if not len(cost):  # nobody is to be seen
        return np.empty(0, dtype=np.int64)
    coefficients = csr_array(
        (np.concatenate(rows.value), (np.concatenate(rows.row), np.concatenate(rows.column))),
        shape=(rows.count, len(cost)),
        dtype=np.float64,
    )
    low, high = (np.concatenate(side) for side in zip(*rows.bounds, strict=True))
    found = milp(
        cost, integrality=whole, bounds=Bounds(np.zeros(len(cost)), most.astype("float64")),
        constraints=LinearConstraint(coefficients, low, high), options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    if found.x is None or found.status != 0:
        raise RuntimeError(f"HiGHS: {found.message}")  # all zero is feasible: never a user's fault
    return np.rint(found.x).astype(np.int64)
