"""The shortest way through a day's stops, by PyVRP (iterated local search, MIT)."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from insights.calls.routing.places import Ints


class RouteError(ValueError):
    """Routes cannot be planned: says what is missing or wrong, and the remedy."""


def shortest_way(metres: Ints, iterations: int, seed: int) -> list[int]:
    """Return the order of the stops with the least way; it may begin and end at any of them.

    ``metres`` between all stops, square. The same input gives the same order.
    """
    count = len(metres)
    if count < 3:
        return list(range(count))
    around = np.zeros((count + 1, count + 1), dtype=np.int64)
    around[1:, 1:] = metres  # a depot that is nowhere: to it and from it costs nothing
    return [stop - 1 for stop in round_trip(around, iterations, seed)]


def round_trip(metres: Ints, iterations: int, seed: int) -> list[int]:
    """Return the order of the stops 1.. on the shortest way from place 0 through all and back."""
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
    from pyvrp.stop import MaxIterations

    count, ways = len(metres), cast("np.ndarray[Any, Any]", metres)
    data = ProblemData(
        locations=[Location(0, 0) for _place in range(count)],
        clients=[Client(place) for place in range(1, count)],
        depots=[Depot(0)],
        vehicle_types=[VehicleType()],
        distance_matrices=[ways],
        duration_matrices=[np.zeros_like(ways)],
    )
    found = solve(data, MaxIterations(iterations), seed=seed, collect_stats=False, display=False)
    (route,) = found.best.routes()
    return [client + 1 for client in (stop.idx for stop in route if stop.is_client())]


def way_length(order: list[int], metres: Ints) -> int:
    """Return the metres of a way through the stops in this order."""
    return int(metres[order[:-1], order[1:]].sum())


def nearest_first(metres: Ints, start: int = 0) -> list[int]:
    """Return the order of who always drives to the nearest stop next, the first of equals."""
    order, left = [start], set(range(len(metres))) - {start}
    while left:
        here = order[-1]
        order.append(min(left, key=lambda stop: (metres[here, stop], stop)))
        left.remove(order[-1])
    return order
