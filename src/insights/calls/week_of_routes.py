"""One rep's last whole week, day by day: which way was driven, and which is shortest?"""

from __future__ import annotations

import pandas as pd

from insights.calls.control.fieldwork import Fieldwork
from insights.calls.routing import RouteError, Routes, plan_routes
from insights.params import CallsParams

CALLS = ["rep_id", "date", "customer_id", "starts_at"]
WEEK = pd.Timedelta(days=6)


def routed_weeks(work: Fieldwork, params: CallsParams) -> Routes:
    """Return the ways of the last whole week of one rep a region, the one with most places to see.

    The calls are those made face to face; ties go to the first rep_id. Where the solver is not
    installed there are no routes, and the notes say what is needed.
    """
    calls = week_calls(work, params)
    busiest = _busiest(calls.assign(region_id=calls.rep_id.map(work.people.region_id)))
    chosen = calls.loc[calls.rep_id.isin(busiest), CALLS]
    places = work.customers[["longitude", "latitude"]].reset_index()
    try:
        return plan_routes(chosen, places, params)
    except RouteError as error:
        nothing = plan_routes(chosen.head(0), places, params)
        return Routes(nothing.stops, nothing.days, (str(error),), params)


def week_calls(work: Fieldwork, params: CallsParams) -> pd.DataFrame:
    """Return the calls face to face of the last week from Monday that ended by as_of."""
    sunday = work.as_of - pd.Timedelta(days=(work.as_of.weekday() + 1) % 7)
    made = work.done[work.done.channel.isin(params.core_channels)]
    inside = made[made.visited_on.between(sunday - WEEK, sunday)]
    return inside.rename(columns={"visited_on": "date"})[CALLS].reset_index(drop=True)


def one_rep(routes: Routes, reps: pd.Index) -> Routes:
    """Return the routes of the busiest of some reps: the week that a page shows."""
    here = routes.days[routes.days.rep_id.isin(reps)]
    most = here.groupby("rep_id").stops.sum()
    rep = most.index[most.to_numpy() == most.max()].min() if len(most) else ""
    own = {name: getattr(routes, name) for name in ("stops", "days")}
    stops, days = (rows[rows.rep_id == rep].reset_index(drop=True) for rows in own.values())
    notes = routes.notes if len(here) == len(routes.days) else ()  # they name other reps' customers
    return Routes(stops, days, notes, routes.params)


def _busiest(calls: pd.DataFrame) -> set[str]:
    """Return of each region the rep with the most stops."""
    stops = calls.drop_duplicates(["rep_id", "date", "customer_id"])
    counts = stops.groupby(["region_id", "rep_id"]).size().rename("n").reset_index()
    order = counts.sort_values(["region_id", "n", "rep_id"], ascending=[True, False, True])
    return set(order.drop_duplicates("region_id").rep_id)
