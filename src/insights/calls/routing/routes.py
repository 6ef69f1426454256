"""How many kilometres would the best order of each day's calls save?"""

from __future__ import annotations

import pandas as pd

from insights.calls.routing.places import Ints, metres_between, placed
from insights.calls.routing.result import DAYS, STOPS, Routes
from insights.calls.routing.solver import (
    RouteError,
    nearest_first,
    shortest_way,
    way_length,
)
from insights.params import CallsParams
from insights.words import _, listing

DEFAULTS = CallsParams()
DAY = ["rep_id", "date"]
KM = 1000.0


def plan_routes(
    calls: pd.DataFrame, customers: pd.DataFrame, params: CallsParams = DEFAULTS
) -> Routes:
    """Order each day's calls of each rep so that the way through them is shortest.

    ``calls`` [rep_id, date, customer_id, starts_at]: starts_at (optional) gives the actual order;
    a day that lacks one of its times has none. ``customers`` [customer_id, longitude, latitude].
    A day's way begins at its first stop and ends at its last: where reps live is not known. Ways
    are great circles times ``params.detour``. Never longer than the actual order or than driving
    to the nearest stop next. ``RouteError`` for missing columns.
    """
    _columns_stand(calls)
    places, told = placed(customers[customers.customer_id.isin(calls.customer_id)])
    unknown = sorted(set(calls.customer_id) - set(customers.customer_id))
    if unknown:
        words = _("no customer of that name, so no distance: {who}")
        told = (*told, words.format(who=listing(unknown, 12)))
    ordered = _timed(calls).sort_values([*DAY, "starts_at", "customer_id"], ignore_index=True)
    found = [_day_route(day, places, params) for _key, day in ordered.groupby(DAY)]
    stops = pd.DataFrame([row for way, _day in found for row in way], columns=list(STOPS))
    days = pd.DataFrame([day for _way, day in found], columns=list(DAYS))
    return Routes(stops, days, told, params)


def _timed(calls: pd.DataFrame) -> pd.DataFrame:
    if "starts_at" in calls:
        return calls
    return calls.assign(starts_at=pd.Series(pd.NaT, calls.index, dtype="datetime64[s]"))


def _columns_stand(calls: pd.DataFrame) -> None:
    missing = [name for name in ("rep_id", "date", "customer_id") if name not in calls]
    if missing:
        raise RouteError(_("calls: no column {names}").format(names=listing(missing)))


def _day_route(
    day: pd.DataFrame, places: pd.DataFrame, params: CallsParams
) -> tuple[list[tuple[object, ...]], tuple[object, ...]]:
    """Return a day's rows of ``STOPS`` in the best order, and its row of ``DAYS``."""
    rep, date = day.rep_id.iloc[0], day.date.iloc[0]
    known = day[day.customer_id.isin(places.index)]
    names = known.customer_id.drop_duplicates().tolist()
    spot = places.loc[names].to_numpy(float)
    metres = metres_between(spot[:, 0], spot[:, 1], params.detour)
    actual = [names.index(one) for one in known.customer_id] if day.starts_at.notna().all() else []
    ways = _ways(metres, actual, params)
    order = min(ways.values(), key=lambda way: way_length(way, metres))
    steps = [0, *metres[order[:-1], order[1:]]]
    stops = [
        (rep, date, nth + 1, names[one], *spot[one], step / KM)
        for nth, (one, step) in enumerate(zip(order, steps, strict=False))
    ]
    km, nearest = (way_length(way, metres) / KM for way in (order, ways["nearest"]))
    driven = way_length(actual, metres) / KM if actual else float("nan")
    unplaced = day.customer_id.nunique() - len(names)
    return stops, (rep, date, len(order), km, driven, nearest, unplaced)


def _ways(metres: Ints, actual: list[int], params: CallsParams) -> dict[str, list[int]]:
    """Return the ways to choose from. Who was seen twice a day need not be driven to twice."""
    if not len(metres):
        return {"solver": [], "nearest": []}
    ways = {
        "solver": shortest_way(metres, params.route_iterations, params.route_seed),
        "nearest": nearest_first(metres),
    }
    return ways | ({"actual": list(dict.fromkeys(actual))} if actual else {})
