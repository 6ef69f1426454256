"""Day routes: known ways, never worse than driven, odd coordinates, the map, the missing solver."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from insights.calls.routing import RouteError, plan_routes
from insights.calls.routing.places import metres_between, placed
from insights.calls.routing.solver import nearest_first, round_trip, shortest_way, way_length
from insights.params import CallsParams

FEW = CallsParams(route_iterations=300)
STRAIGHT = CallsParams(route_iterations=300, detour=1.0)


def customers_of(**points):
    rows = [(name, *point) for name, point in points.items()]
    return pd.DataFrame(rows, columns=["customer_id", "longitude", "latitude"])


def calls_of(*names, rep="R1", day="2025-03-03", timed=True):
    start = pd.Timestamp(day) + pd.to_timedelta(range(9, 9 + len(names)), unit="h")
    frame = pd.DataFrame({"rep_id": rep, "date": pd.Timestamp(day), "customer_id": names})
    return frame.assign(starts_at=start) if timed else frame


LINE = customers_of(H1=(116.0, 40.0), H2=(116.1, 40.0), H3=(116.2, 40.0), H4=(116.3, 40.0))


# Distances ----------------------------------------------------------------------------------


def test_a_degree_of_latitude_is_111_km_and_the_detour_multiplies():
    metres = metres_between(np.array([116.0, 116.0]), np.array([39.0, 40.0]), 1.0)
    assert metres[0, 1] == metres[1, 0] == 111195 and metres[0, 0] == 0
    assert metres_between(np.array([116.0, 116.0]), np.array([39.0, 40.0]), 1.3)[0, 1] == 144554


def test_beijing_to_shanghai():
    metres = metres_between(np.array([116.4074, 121.4737]), np.array([39.9042, 31.2304]), 1.0)
    assert metres[0, 1] == pytest.approx(1_067_300, rel=0.001)


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ((40.0, 116.0), "swapped"), ((np.nan, 40.0), "no coordinates"),
        ((0.0, 0.0), "outside China"), ((116.0, -40.0), "outside China"),
        ((2.35, 48.85), "outside China"),
    ],
)  # fmt: skip
def test_coordinates_that_cannot_be_right_are_named(point, words):
    places, told = placed(customers_of(H1=point, H2=(116.0, 40.0)))
    assert len(told) == 1 and words in told[0] and "H1" in told[0]
    assert places.index.tolist() == (["H1", "H2"] if words == "swapped" else ["H2"])
    if words == "swapped":
        assert places.loc["H1"].tolist() == [116.0, 40.0]


def test_customers_without_coordinates_at_all():
    places, told = placed(pd.DataFrame({"customer_id": ["H1"]}))
    assert places.empty and "no coordinates" in told[0]


# The way ------------------------------------------------------------------------------------


def test_a_line_is_driven_from_end_to_end():
    routes = plan_routes(calls_of("H3", "H1", "H4", "H2"), LINE, STRAIGHT)
    assert routes.stops.customer_id.tolist() in (["H1", "H2", "H3", "H4"], ["H4", "H3", "H2", "H1"])
    tenth = metres_between(np.array([116.0, 116.1]), np.array([40.0, 40.0]), 1.0)[0, 1] / 1000
    day = routes.days.iloc[0]
    assert day.km == pytest.approx(3 * tenth, abs=0.01)
    assert day.actual_km == pytest.approx((2 + 3 + 2) * tenth, abs=0.01)
    assert routes.saved == pytest.approx(1 - 3 / 7, abs=1e-4)
    assert routes.stops.km_before.sum() == pytest.approx(day.km)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=7))
def test_no_shorter_way_is_found_by_trying_every_one(points):
    lon, lat = (np.array(one, dtype=float) / 100 for one in zip(*points, strict=True))
    metres = metres_between(116 + lon, 39 + lat, 1.3)
    found = shortest_way(metres, 200, 1)
    assert sorted(found) == list(range(len(points)))
    best = min(way_length(list(one), metres) for one in itertools.permutations(range(len(points))))
    assert way_length(found, metres) == best


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_no_day_is_longer_than_driven_or_than_the_nearest_next(seed, count):
    rng = np.random.default_rng(seed)
    names = [f"H{k}" for k in range(8)]
    places = customers_of(**{n: (116 + rng.random(), 39 + rng.random()) for n in names})
    calls = calls_of(*rng.choice(names, count))
    day = plan_routes(calls, places, CallsParams(route_iterations=1)).days.iloc[0]
    assert day.km <= day.actual_km + 0.01 and day.km <= day.nearest_km + 1e-9
    assert day.stops == calls.customer_id.nunique()


def test_a_round_trip_of_a_square():
    corners = np.array([[0, 0], [0, 10], [10, 10], [10, 0]])
    metres = np.abs(corners[:, None] - corners).sum(axis=2)
    assert round_trip(metres, 50, 1) in ([1, 2, 3], [3, 2, 1])


def test_the_nearest_next_takes_the_first_of_equals():
    metres = np.array([[0, 5, 5, 9], [5, 0, 3, 1], [5, 3, 0, 1], [9, 1, 1, 0]])
    assert nearest_first(metres) == [0, 1, 3, 2]
    assert way_length([0, 1, 3, 2], metres) == 7


def test_each_rep_and_day_has_its_own_way_whatever_the_row_order():
    calls = pd.concat(
        [calls_of("H1", "H3", "H2"), calls_of("H2", "H4", rep="R2"),
         calls_of("H4", "H1", "H3", day="2025-03-04")]
    )  # fmt: skip
    now = plan_routes(calls, LINE, FEW)
    then = plan_routes(calls.iloc[::-1], LINE.iloc[::-1], FEW)
    assert now.days.stops.tolist() == [3, 3, 2] and len(now.stops) == 8
    pd.testing.assert_frame_equal(now.stops, then.stops)
    pd.testing.assert_frame_equal(now.days, then.days)


def test_calls_without_times_have_no_actual_order():
    routes = plan_routes(calls_of("H1", "H3", "H2", timed=False), LINE, FEW)
    assert np.isnan(routes.days.actual_km.iloc[0]) and np.isnan(routes.saved)
    assert "less than" not in str(routes)


def test_who_has_no_place_is_left_out_and_named():
    places = pd.concat([LINE, customers_of(H5=(np.nan, np.nan), H6=(40.0, 116.4))])
    routes = plan_routes(calls_of("H1", "H5", "H6", "H9", "H2"), places, FEW)
    assert routes.days.unplaced.iloc[0] == 2 and routes.days.stops.iloc[0] == 3
    told = str(routes)
    assert "H5" in told and "H9" in told and "swapped" in told
    assert routes.check().set_index("check").value["customers of a day without a place"] == "2"


def test_a_day_of_nobody_known_and_of_one():
    routes = plan_routes(pd.concat([calls_of("X"), calls_of("H1", rep="R2")]), LINE, FEW)
    assert routes.days.km.tolist() == [0.0, 0.0] and routes.stops.customer_id.tolist() == ["H1"]


def test_no_calls_give_no_routes():
    routes = plan_routes(calls_of("H1").head(0), LINE, FEW)
    assert routes.days.empty and routes.stops.empty and "no calls" in str(routes)
    assert isinstance(routes.plot(), Figure)


def test_calls_without_a_column_are_refused():
    with pytest.raises(RouteError, match="customer_id"):
        plan_routes(calls_of("H1").drop(columns="customer_id"), LINE)


def test_the_map_says_what_it_shows():
    figure = plan_routes(calls_of("H1", "H3", "H2"), LINE, FEW).plot()
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3"]
    assert axes.get_aspect() == pytest.approx(1 / np.cos(np.radians(40)))
    assert "Ways of the planned calls" in figure.describe()


def test_the_demo_company_drives_less(demo):
    rows = demo["visits"]
    recent = rows.filter((rows.visited_on >= "2025-12-01") & (rows.channel == "in_person"))
    calls = recent.select("rep_id", date="visited_on", customer_id="customer_id",
                          starts_at="starts_at").execute()  # fmt: skip
    calls = calls[calls.rep_id.isin(["R008", "R027"])]
    places = demo["customers"].select("customer_id", "longitude", "latitude").execute()
    routes = plan_routes(calls, places, FEW)
    assert 0 < routes.saved < 0.6
    assert (routes.days.km <= routes.days.actual_km + 0.01).all()
