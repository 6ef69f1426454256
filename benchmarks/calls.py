"""Does the plan of calls beat cutting every goal alike, and are the routes near the shortest?

The plan: the demo company at each month's end of 2025, and random regions. The routes: published
instances with their best known tours, days among the hospitals of a public list, and the demo
company's own December. What is not there is left out and said:

- published instances: the folder that INSIGHTS_ROUTE_INSTANCES names holds two source archives
  from PyPI: ``pip download --no-deps --no-binary tsplib95,pyvrp -d DIR tsplib95==0.7.1
  pyvrp==0.14.1``
- hospitals: the folder that INSIGHTS_TRIAL_DATA names holds ``cn_3a_hospitals.csv``

All of it takes about ten minutes on one core; CALLS_MONTHS=1 plans one month instead of twelve.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.route_instances import Instance, published
from benchmarks.trial_sets import DEMO, _trial_path
from insights import connect
from insights.calls.planning import CallPlan, plan_calls
from insights.calls.planning.proportional import proportional_visits
from insights.calls.planning.room import room_of
from insights.calls.planning.solve import best_visits
from insights.calls.planning.worth import Response
from insights.calls.routing import plan_routes
from insights.calls.routing.places import metres_between
from insights.calls.routing.solver import nearest_first, round_trip, shortest_way, way_length
from insights.params import CallsParams

PARAMS = CallsParams()
REPEATS, CALLS = (0.5, 0.7, 0.85), (2.0, 3.0, 4.0, 6.0)
RANDOM_REGIONS, DAYS, EXACT, NEAR_KM = 200, 20, 12, 60


def main() -> None:
    """Print the gain of the plan and the gaps of the routes."""
    for part in (by_region, over_months, by_setting, random_regions, instances, hospitals, demo):
        began = time.perf_counter()
        print(f"\n-- {part.__doc__}", flush=True)
        rows = part()
        print("left out: its data are not here" if rows is None else rows.to_string(index=False))
        print(f"{time.perf_counter() - began:.0f} s", flush=True)


def by_region() -> pd.DataFrame | None:
    """January 2026 of the demo company: worth covered, CNY a month, against the rule."""
    plan = _demo_plan("2025-12-31", PARAMS)
    if plan is None:
        return None
    names = ["planned", "goal", "value", "covered", "covered_proportional"]
    rows = plan.visits.groupby("region_id")[names].sum()
    rows.loc["all"] = rows.sum()
    calls = plan.reps.groupby("region_id").calls.sum()
    rows.insert(0, "calls", calls.reindex(rows.index).fillna(calls.sum()).astype(int))
    rows["over_capacity"] = (rows.planned - rows.calls).clip(lower=0)
    rows["more_worth"] = rows.covered - rows.covered_proportional
    rows["gain_%"] = 100 * rows.more_worth / rows.covered_proportional
    return rows.round(2).round({"value": 0, "covered": 0, "more_worth": 0}).reset_index()


def over_months() -> pd.DataFrame | None:
    """Every month of the last year: capacity passed by any rep, day or region, and the gain."""
    if not DEMO.exists():
        return None
    count = int(os.environ.get("CALLS_MONTHS", "12"))
    ends = pd.date_range("2025-01-31", periods=12, freq="ME")[-count:]
    return pd.DataFrame([_month(_demo_plan(str(end.date()), PARAMS)) for end in ends])


def by_setting() -> pd.DataFrame | None:
    """The gain over the rule where the assumptions differ: worth of a repeat, calls a day."""
    if not DEMO.exists():
        return None
    rows = []
    for repeat, calls in itertools.product(REPEATS, CALLS):
        params = replace(PARAMS, repeat_worth=repeat, calls_per_day=calls)
        plan = _demo_plan("2025-12-31", params)
        rows.append({"repeat_worth": repeat, "calls_per_day": calls, **_month(plan)})
    return pd.DataFrame(rows).drop(columns=["month"])


def random_regions() -> pd.DataFrame:
    """Random regions: the gain over the rule, and how often a bound is passed."""
    gains, passed = [], 0
    for seed in range(RANDOM_REGIONS):
        gain, wrong = _random_region(seed)
        gains.append(100 * gain)
        passed += wrong
    spread = pd.Series(gains).quantile([0.0, 0.25, 0.5, 0.75, 1.0]).round(1)
    names = ["least_%", "quarter_%", "median_%", "three_quarters_%", "most_%"]
    told = dict(zip(names, spread, strict=True))
    return pd.DataFrame([{"regions": len(gains), "bounds_passed": passed, **told}])


def instances() -> pd.DataFrame | None:
    """Published instances: gap to the best known cost."""
    found = published()
    return pd.DataFrame([_instance(one) for one in found]) if found else None


def hospitals() -> pd.DataFrame | None:
    """Days among public 3A hospitals: 6 to 15 stops within 60 km of a drawn one in a city."""
    path = _trial_path("cn_3a_hospitals.csv")
    if path is None:
        return None
    points = pd.read_csv(path)[["longitude_wgs84", "latitude_wgs84"]].to_numpy(float)
    points = points[np.isfinite(points).all(axis=1)]
    near = metres_between(points[:, 0], points[:, 1], 1.0) <= NEAR_KM * 1000
    rows = pd.DataFrame([_hospital_day(points, near, day) for day in range(DAYS)]).set_index("day")
    rows["worse"] = (rows.km > rows.drawn_order_km + 0.01).astype(int)
    rows.loc["all"] = rows.sum()
    rows["below_nearest_%"] = 100 * (1 - rows.km / rows.nearest_km)
    return rows.round(2).astype({"stops": int, "worse": int}).reset_index()


def demo() -> pd.DataFrame | None:
    """December 2025 of the demo company: every rep's days against the actual order."""
    if not DEMO.exists():
        return None
    tables = connect(DEMO)
    visits = tables["visits"]
    made = visits.filter((visits.visited_on >= "2025-12-01") & (visits.channel == "in_person"))
    calls = made.select("rep_id", "customer_id", "starts_at", date="visited_on").execute()
    places = tables["customers"].select("customer_id", "longitude", "latitude").execute()
    routes = plan_routes(calls, places, PARAMS)
    days = routes.days[routes.days.stops > 1]
    row = {
        "rep_days": len(days), "km": days.km.sum(), "actual_km": days.actual_km.sum(),
        "nearest_km": days.nearest_km.sum(), "saved_%": 100 * routes.saved,
        "days_worse": int((days.km > days.actual_km + 0.01).sum()),
    }  # fmt: skip
    return pd.DataFrame([row]).round(1)


def _demo_plan(as_of: str, params: CallsParams) -> CallPlan | None:
    """Return the plan of the demo company; what more reps would change is not asked here."""
    fewer = replace(params, more_or_fewer_reps=1)
    return plan_calls(connect(DEMO), as_of, fewer) if DEMO.exists() else None


def _month(plan: CallPlan | None) -> dict[str, object]:
    assert plan is not None and plan.month is not None
    a_day = plan.days.groupby(["rep_id", "date"]).size()
    by_area = plan.reps.groupby("region_id")[["planned", "calls"]].sum()
    return {
        "month": f"{plan.month:%Y-%m}",
        "calls": int(plan.reps.calls.sum()),
        "planned": int(plan.visits.planned.sum()),
        "goal": int(plan.visits.goal.sum()),
        "regions_over": int((by_area.planned > by_area.calls).sum()),
        "reps_over": int((plan.reps.planned > plan.reps.calls).sum()),
        "days_over": int((a_day > plan.params.calls_per_day).sum()),
        "covered_%": round(100 * plan.visits.covered.sum() / plan.visits.value.sum(), 1),
        "gain_%": round(100 * plan.gain, 2),
    }


def _random_region(seed: int) -> tuple[float, bool]:
    """Return the gain of the optimum on one drawn region, and whether a bound is passed."""
    rng = np.random.default_rng(seed)
    month = pd.date_range("2025-01-01", "2025-01-31", freq="B")
    reps = [f"R{k}" for k in range(rng.integers(1, 6))]
    drawn = [(rep, day) for rep in reps for day in month if rng.random() < 0.8]
    days = pd.DataFrame(drawn, columns=["caller_id", "date"])
    tier = rng.choice(3, 60, p=[0.2, 0.3, 0.5])
    goal = np.array([4, 2, 1])[tier]
    pairs = pd.DataFrame(
        {
            "caller_id": rng.choice(reps, 60), "customer_id": [f"H{k // 2:02d}" for k in range(60)],
            "goal": goal, "maximum": 2 * goal, "counted": 2 * goal, "ceiling": 12,
            "value": np.exp(rng.normal(12 - 0.8 * tier, 0.6)),
            "weekdays": [_received(rng) for _pair in range(60)],
        }
    ).drop_duplicates(["caller_id", "customer_id"])  # fmt: skip
    response = Response(PARAMS.repeat_worth, PARAMS.beyond_goal_worth)
    none = pd.DataFrame({"approval": [], "pair": [], "visits": []})
    room = room_of(days, float(rng.integers(1, 5)), PARAMS.planned_share)
    best, rule = (
        solve(pairs, room, none, response).per_pair(pairs)
        for solve in (best_visits, proportional_visits)
    )
    used = best.groupby(pairs.caller_id).sum()
    wrong = (used > room.totals.reindex(used.index, fill_value=0)).any() or (
        best > pairs.maximum
    ).any()
    reached = [float(response.of(one, pairs).sum()) for one in (best, rule)]
    return reached[0] / reached[1] - 1, bool(wrong)


def _received(rng: np.random.Generator) -> frozenset[int] | None:
    first = int(rng.integers(0, 4))
    return frozenset({first, first + 1}) if rng.random() < 0.8 else None


def _instance(one: Instance) -> dict[str, object]:
    began = time.perf_counter()
    cost = _tour(round_trip(one.metres, one.iterations, PARAMS.route_seed), one.metres)
    spent = time.perf_counter() - began
    nearest = _tour(nearest_first(one.metres)[1:], one.metres)
    return {
        "instance": one.name, "stops": len(one.metres), "best_known": one.best,
        "best_from": one.source, "cost": cost, "gap_%": round(100 * (cost / one.best - 1), 2),
        "nearest_gap_%": round(100 * (nearest / one.best - 1), 1),
        "iterations": one.iterations, "seconds": round(spent, 1),
    }  # fmt: skip


def _tour(order: list[int], metres: np.ndarray) -> int:
    return way_length([0, *order, 0], metres)


def _hospital_day(points: np.ndarray, near: np.ndarray, day: int) -> dict[str, object]:
    """Return one day's kilometres: PyVRP, exact where few stops allow it, the nearest next."""
    rng = np.random.default_rng([20, day])
    middle = rng.choice(np.flatnonzero(near.sum(axis=1) >= 20))
    stops = points[rng.choice(np.flatnonzero(near[middle]), rng.integers(6, 16), replace=False)]
    metres = metres_between(stops[:, 0], stops[:, 1], PARAMS.detour)
    way = shortest_way(metres, PARAMS.route_iterations, PARAMS.route_seed)
    exact = _exact(metres) if len(stops) <= EXACT else float("nan")
    km: Callable[[list[int]], float] = lambda order: way_length(order, metres) / 1000  # noqa: E731
    return {
        "day": day, "stops": len(stops), "km": km(way), "above_exact_km": km(way) - exact / 1000,
        "nearest_km": km(nearest_first(metres)),
        "nearest_best_start_km": min(km(nearest_first(metres, k)) for k in range(len(stops))),
        "drawn_order_km": km(list(range(len(stops)))),
    }  # fmt: skip


def _exact(metres: np.ndarray) -> float:
    """Return the shortest way through all stops by dynamic programming over sets (Held, Karp)."""
    count = len(metres)
    least = np.full((1 << count, count), np.inf)
    least[1 << np.arange(count), np.arange(count)] = 0
    for been in range(1, 1 << count):
        for nxt in range(count):
            if not been >> nxt & 1:
                step = (least[been] + metres[:, nxt]).min()
                along = been | 1 << nxt
                least[along, nxt] = min(least[along, nxt], step)
    return float(least[-1].min())
