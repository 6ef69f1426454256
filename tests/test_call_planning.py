"""The month's plan: known answers, bounds as laws, the optimum, approvals, time, odd input."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.calls.planning import plan_calls
from insights.calls.planning.approved import visits_written
from insights.calls.planning.dates import dated_visits
from insights.calls.planning.demand import monthly_worth, policy
from insights.calls.planning.plan import month_after
from insights.calls.planning.proportional import proportional_visits, scaled
from insights.calls.planning.room import room_of, shared_room
from insights.calls.planning.shortfall import dropped_visits
from insights.calls.planning.solve import best_visits
from insights.calls.planning.staffing import staffing_table
from insights.calls.planning.worth import Response
from insights.params import CallsParams
from insights.tables import connect

HALF = Response(0.5, 0.5)
NONE = pd.DataFrame({"approval": pd.Series(dtype="str"), "pair": [], "visits": []})
JANUARY = pd.date_range("2025-01-01", "2025-01-31", freq="B")


def pairs_of(*rows, ceiling=99):
    """Rows of (caller, customer, goal, maximum, value, weekdays)."""
    names = ["caller_id", "customer_id", "goal", "maximum", "value", "weekdays"]
    frame = pd.DataFrame(rows, columns=names)
    frame["weekdays"] = [row[5] for row in rows]
    frame["weekdays"] = frame.weekdays.astype("object").where(frame.weekdays.notna(), None)
    return frame.assign(counted=frame.maximum, ceiling=ceiling)


def days_of(**callers):
    return pd.DataFrame(
        [(name, day) for name, days in callers.items() for day in days],
        columns=["caller_id", "date"],
    )


# Worth --------------------------------------------------------------------------------------


def test_each_visit_is_worth_half_of_the_one_before_and_half_again_beyond_the_goal():
    visits = np.arange(5)
    goal, most = np.full(5, 2), np.full(5, 3)
    # 1 + 1/2 within the goal, 1/4 x 1/2 beyond it: 1.625 in all, and no more after the maximum.
    known = np.array([0, 1, 1.5, 1.625, 1.625]) / 1.625
    np.testing.assert_allclose(HALF.share(visits, goal, most), known)


def test_a_customer_that_is_never_to_be_seen_is_worth_nothing():
    assert HALF.share(np.array([3]), np.array([0]), np.array([0])).tolist() == [0.0]


@given(
    st.floats(0.05, 0.95), st.floats(0.05, 1.0), st.integers(0, 6), st.integers(0, 6)
)  # fmt: skip
def test_worth_rises_to_one_and_never_faster(repeat, beyond, goal, more):
    n = np.arange(goal + more + 3)
    most = np.full(len(n), goal + more)
    share = Response(repeat, beyond).share(n, np.full(len(n), goal), most)
    steps = np.diff(share)
    assert (steps >= -1e-12).all() and (np.diff(steps) <= 1e-12).all()
    assert share[0] == 0 and share[-1] == pytest.approx(1.0 if goal + more else 0.0)


def test_potential_is_drawn_half_way_to_its_tier_and_shared_by_the_reps():
    covered = pd.DataFrame(
        {
            "customer_id": ["H1", "H1", "H2", "H3", "D1"],
            "rep_id": ["R1", "R2", "R1", "R1", "R1"],
            "tier": ["A", "A", "A", "B", None],
            "potential": [4800.0, 4800.0, 1200.0, 300.0, np.nan],
        }
    )
    worth, told = monthly_worth(covered, 0.5)
    middle = 3000.0  # of A: the median of 4800 and 1200
    known = [
        (4800 * middle) ** 0.5 / 12 / 2, (4800 * middle) ** 0.5 / 12 / 2,
        (1200 * middle) ** 0.5 / 12, 300 / 12, 300 / 12,
    ]  # fmt: skip
    np.testing.assert_allclose(worth, known)
    assert "1 customers" in told[0]


def test_policy_rounds_to_whole_visits():
    params = CallsParams(visits_per_month_c=(0.5, 1.5))
    tiers = pd.Series(["A", "B", "C", None])
    assert policy(tiers, params, 0).tolist() == [4, 2, 1, 1]
    assert policy(tiers, params, 1).tolist() == [8, 4, 1, 2]


# The programme ------------------------------------------------------------------------------


def test_three_calls_go_where_they_are_worth_most():
    pairs = pairs_of(("R1", "H1", 2, 2, 90.0, None), ("R1", "H2", 2, 2, 50.0, None))
    room = room_of(days_of(R1=JANUARY[:3]), 1.0, 1.0)
    visits = best_visits(pairs, room, NONE, HALF).per_pair(pairs)
    assert visits.tolist() == [2, 1]  # 60 + 30, then 33 of H2 above nothing


def test_visits_fall_only_on_weekdays_received():
    mondays = frozenset({0})
    pairs = pairs_of(("R1", "H1", 4, 8, 90.0, mondays), ("R1", "H2", 1, 2, 1.0, None))
    room = room_of(days_of(R1=JANUARY[:10]), 1.0, 1.0)  # two Mondays
    solved = best_visits(pairs, room, NONE, HALF)
    assert solved.per_pair(pairs).tolist() == [2, 2]
    assert set(solved.visits.weekday[solved.visits.pair == 0]) == {0}


def test_all_reps_together_stay_under_the_most_of_a_customer():
    pairs = pairs_of(
        ("R1", "H1", 4, 8, 50.0, None), ("R2", "H1", 4, 8, 90.0, None), ceiling=5
    )  # fmt: skip
    room = room_of(days_of(R1=JANUARY, R2=JANUARY), 4.0, 1.0)
    visits = best_visits(pairs, room, NONE, HALF).per_pair(pairs)
    assert visits.sum() == 5 and visits[1] > visits[0]


def test_an_approval_stands_though_it_pays_less_and_what_does_not_fit_is_told():
    pairs = pairs_of(("R1", "H1", 4, 8, 900.0, None), ("R1", "H2", 1, 8, 1.0, frozenset({1})))
    room = room_of(days_of(R1=JANUARY[:5]), 1.0, 1.0)  # one Tuesday
    approvals = pd.DataFrame({"approval": ["D1"], "pair": [1], "visits": [3]})
    solved = best_visits(pairs, room, approvals, HALF)
    assert solved.per_pair(pairs).tolist() == [4, 1]
    assert solved.short.to_dict() == {"D1": 2}


def test_an_approval_of_no_visits_keeps_reps_away():
    pairs = pairs_of(("R1", "H1", 4, 8, 900.0, None))
    room = room_of(days_of(R1=JANUARY), 1.0, 1.0)
    approvals = pd.DataFrame({"approval": ["D1"], "pair": [0], "visits": [0]})
    assert best_visits(pairs, room, approvals, HALF).per_pair(pairs).tolist() == [0]


def test_a_rep_without_days_is_given_nothing():
    pairs = pairs_of(("R1", "H1", 4, 8, 9.0, None), ("R2", "H2", 4, 8, 9.0, None))
    room = room_of(days_of(R2=JANUARY), 1.0, 1.0)
    visits = best_visits(pairs, room, NONE, HALF).per_pair(pairs)
    assert visits[0] == 0 and visits[1] == 8


@st.composite
def instances(draw, callers=3, customers=6):
    """Random small regions: shared customers, odd reception, too few days, approvals."""
    days = {
        f"R{k}": draw(st.lists(st.sampled_from(list(JANUARY[:15])), unique=True, max_size=9))
        for k in range(callers)
    }
    rows = []
    for customer in range(draw(st.integers(1, customers))):
        for caller in draw(st.sets(st.integers(0, callers - 1), min_size=1, max_size=2)):
            goal = draw(st.integers(0, 3))
            received = draw(st.none() | st.frozensets(st.integers(0, 6), min_size=1, max_size=3))
            rows.append((f"R{caller}", f"H{customer}", goal, goal + draw(st.integers(0, 3)),
                         float(draw(st.integers(1, 99))), received))  # fmt: skip
    pairs = pairs_of(*sorted(rows, key=lambda row: row[:2]), ceiling=draw(st.integers(1, 8)))
    calls = draw(st.sampled_from([1.0, 1.5, 2.0, 3.0]))
    share = draw(st.sampled_from([0.6, 0.9, 1.0]))
    pinned = draw(st.sets(st.sampled_from(list(pairs.index)), max_size=2))
    approvals = pd.DataFrame(
        [(f"D{pair}", pair, draw(st.integers(0, 6))) for pair in sorted(pinned)],
        columns=["approval", "pair", "visits"],
    ).astype({"pair": "int64", "visits": "int64"})
    return days_of(**days), with_approvals(pairs, approvals), approvals, calls, share


def with_approvals(pairs, approvals):
    asked = approvals.set_index("pair").visits.reindex(pairs.index, fill_value=0)
    house = asked.groupby(pairs.customer_id).transform("sum")
    return pairs.assign(maximum=np.maximum(pairs.maximum, asked),
                        ceiling=np.maximum(pairs.ceiling, house),
                        approved=asked.index.isin(approvals.pair))  # fmt: skip


@settings(max_examples=60)
@given(instances())
def test_no_bound_is_ever_passed_and_the_rule_is_never_better(instance):
    days, pairs, approvals, calls, share = instance
    room = room_of(days, calls, share)
    solved = best_visits(pairs, room, approvals, HALF)
    rule = proportional_visits(pairs, room, approvals, HALF)
    for one in (solved, rule):
        assert_within(one, pairs, days, room, calls, share)
        missed = approvals.visits - one.per_pair(pairs)[approvals.pair].to_numpy()
        assert missed.tolist() == one.short.reindex(approvals.approval).tolist()
    best, rough = (HALF.of(one.per_pair(pairs), pairs).sum() for one in (solved, rule))
    assert solved.short.sum() <= rule.short.sum()
    if solved.short.sum() == rule.short.sum():
        assert best >= rough - 1e-6 * pairs.value.max()


def assert_within(solved, pairs, days, room, calls, share):
    visits = solved.per_pair(pairs)
    assert (visits <= pairs.maximum).all() and (visits >= 0).all()
    per_caller = visits.groupby(pairs.caller_id).sum()
    worked = days.groupby("caller_id").size().reindex(per_caller.index, fill_value=0)
    assert (per_caller <= calls * share * worked + 1e-6).all()
    house = visits.groupby(pairs.customer_id).sum()
    assert (house <= pairs.groupby("customer_id").ceiling.max()).all()
    named = solved.visits.join(pairs[["caller_id", "customer_id", "weekdays"]], on="pair")
    for row in named.itertuples():
        assert row.weekdays is None or row.weekday in row.weekdays
    dated = dated_visits(
        named.rename(columns={"caller_id": "rep_id"}), days.rename(columns={"caller_id": "rep_id"})
    )
    assert len(dated) == visits.sum()
    assert not dated.duplicated().any()  # no customer twice on a day
    assert (dated.groupby(["rep_id", "date"]).size() <= np.ceil(calls)).all()
    own = set(days.itertuples(index=False, name=None))
    assert set(zip(dated.rep_id, dated.date, strict=True)) <= own


@settings(max_examples=12)
@given(instances(callers=2, customers=2))
def test_no_better_plan_is_found_by_trying_every_one(instance):
    days, pairs, _approvals, calls, share = instance
    pairs = pairs.assign(maximum=np.minimum(pairs.counted, 3), counted=np.minimum(pairs.counted, 3),
                         goal=np.minimum(pairs.goal, 3))  # fmt: skip
    room = room_of(days, calls, share)
    found = HALF.of(best_visits(pairs, room, NONE, HALF).per_pair(pairs), pairs).sum()
    assert found == pytest.approx(_best_of_all(pairs, room), abs=1e-6)


def _best_of_all(pairs, room):
    """Try every count of visits; whether they fit is a matter of Hall's condition on weekdays."""
    best = 0.0
    for counts in itertools.product(*(range(n + 1) for n in pairs.maximum)):
        visits = pd.Series(counts, pairs.index)
        house = visits.groupby(pairs.customer_id).sum()
        if (house > pairs.groupby("customer_id").ceiling.max()).any():
            continue
        if all(_fits(own, visits[own.index], room, caller)
               for caller, own in pairs.groupby("caller_id")):  # fmt: skip
            best = max(best, float(HALF.of(visits, pairs).sum()))
    return best


def _fits(own, visits, room, caller):
    if visits.sum() > room.totals.get(caller, 0):
        return visits.sum() == 0
    slots = room.weekdays[room.weekdays.caller_id == caller].set_index("weekday")
    for some in itertools.chain.from_iterable(
        itertools.combinations(slots.index, n) for n in range(len(slots) + 1)
    ):
        # What must go elsewhere fits under the calls and days of the other weekdays (min cut).
        others = slots.drop(index=list(some))
        inside = sum(
            max(visits[pair] - sum(
                int(slots.days[day]) for day in some
                if own.weekdays[pair] is None or day in own.weekdays[pair]), 0)
            for pair in own.index
        )  # fmt: skip
        if inside > int(others.calls.sum()):
            return False
    return True


def test_a_region_falls_apart_where_nothing_is_shared_and_order_does_not_matter():
    rng = np.random.default_rng(3)
    rows = [(f"R{k % 4}", f"H{k}", 2, 4, float(rng.integers(1, 99)), None) for k in range(40)]
    pairs, room = pairs_of(*rows), room_of(days_of(**{f"R{k}": JANUARY for k in range(4)}), 1, 1)
    whole = best_visits(pairs, room, NONE, HALF).per_pair(pairs)
    alone = pairs[pairs.caller_id == "R2"]
    assert best_visits(alone, room, NONE, HALF).per_pair(alone).equals(whole[alone.index])


# The rule of thumb, dates, dropped, staffing ------------------------------------------------


def test_the_rule_scales_goals_by_largest_remainder():
    goal, most = pd.Series([4, 2, 1]), pd.Series([8, 4, 2])
    assert scaled(goal, most, 7).tolist() == [4, 2, 1]
    assert scaled(goal, most, 5).tolist() == [3, 1, 1]  # 2.86, 1.43, 0.71
    assert scaled(goal, most, 100).tolist() == [8, 4, 2]
    assert scaled(goal, most, 0).tolist() == [0, 0, 0]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8),
    st.integers(0, 60),
)  # fmt: skip
def test_the_rule_gives_all_it_may(shape, calls):
    goal = pd.Series([one for one, _more in shape])
    most = goal + [more for _one, more in shape]
    given_out = scaled(goal, most, calls)
    assert (given_out <= most).all() and given_out.sum() == min(calls, most[goal > 0].sum())


def test_visits_of_one_customer_lie_a_fortnight_apart():
    days = pd.DataFrame({"rep_id": "R1", "date": pd.date_range("2025-01-06", periods=4, freq="7D")})
    visits = pd.DataFrame(
        {"rep_id": "R1", "customer_id": ["H1"], "weekday": [0], "visits": [2]}
    )  # fmt: skip
    dated = dated_visits(visits, days)
    assert dated.date.diff().iloc[1] == pd.Timedelta(days=14)


def test_each_drop_names_its_reason():
    pairs = pairs_of(
        ("R1", "H1", 2, 2, 9.0, frozenset({0})), ("R2", "H2", 2, 2, 9.0, None),
        ("R1", "H3", 2, 2, 1.0, None), ("R1", "H4", 2, 2, 9.0, None),
        ("R1", "H5", 2, 2, 9.0, None), ("R1", "H6", 1, 1, 9.0, None),
    ).assign(
        planned=[1, 0, 1, 1, 1, 1], approved=[False] * 4 + [True, False], region_id="east",
        tier="B", ceiling=[9, 9, 9, 1, 9, 9],
    )  # fmt: skip
    room = room_of(days_of(R1=JANUARY[:5]), 1.0, 1.0)
    dropped = dropped_visits(pairs, room, HALF)
    assert dropped.set_index("customer_id").reason.to_dict() == {
        "H1": "reception", "H2": "caller_away", "H3": "capacity", "H4": "customer_maximum",
        "H5": "approved",
    }  # fmt: skip
    # H2 loses all of its worth, 9; the others the second visit, a third of it.
    assert dropped.set_index("customer_id").lost.round(6).to_dict()["H2"] == 9.0
    assert dropped.customer_id.iloc[0] == "H2" and dropped.lost.iloc[-1] == pytest.approx(1 / 3)


def test_more_reps_never_reach_less_and_the_last_one_least():
    rows = [(f"R{k % 3}", f"H{k}", 2, 4, float(k + 1), None) for k in range(30)]
    pairs, room = (
        pairs_of(*rows),
        room_of(days_of(**{f"R{k}": JANUARY[:8] for k in range(3)}), 1, 1),
    )
    home = pd.DataFrame({"region_id": "east", "line_type": ["drug", "drug", "device"]},
                        index=["R0", "R1", "R2"])  # fmt: skip
    table = staffing_table(pairs, room, NONE, home, 2, HALF)
    assert table.change.tolist() == [-2, 0, 2] and table.reps.tolist() == [1, 3, 5]
    assert table.calls.tolist() == [8, 24, 40]
    steps = table.covered.diff().dropna()
    assert (steps > 0).all() and (steps.diff().dropna() <= 1e-9).all()
    assert table.lines.iloc[1] == ""


def test_a_region_of_one_rep_cannot_lose_two():
    pairs, room = pairs_of(("R1", "H1", 2, 4, 1.0, None)), room_of(days_of(R1=JANUARY), 1, 1)
    home = pd.DataFrame({"region_id": ["east"], "line_type": [None]}, index=["R1"])
    assert staffing_table(pairs, room, NONE, home, 2, HALF).change.tolist() == [0, 2]


def test_pooled_calls_grow_with_heads():
    room = room_of(days_of(R1=JANUARY[:5], R2=JANUARY[:5]), 2.0, 1.0)
    pooled = shared_room(room, pd.Series("drug", index=["R1", "R2"]), pd.Series({"drug": 1.5}))
    assert pooled.totals.to_dict() == {"drug": 30} and pooled.weekdays.calls.sum() == 30


@pytest.mark.parametrize(
    ("text", "visits"),
    [("4 visits a month", 4), ("每月4次", 4), ("４", 4), ("0", 0), ("2-4", None), ("often", None),
     (None, None), ("-1", None), ("2.5", None), ("12345", None)],
)  # fmt: skip
def test_approved_visits_are_read_or_told(text, visits):
    assert visits_written(text) == visits


# From the tables ----------------------------------------------------------------------------


def company(**changed):
    """Two reps of the east, one of the west: H1 is shared; R3 is away all January."""
    frames = {
        "regions": pd.DataFrame(
            {"region_id": ["east", "west"], "region_name": ["East", "West"],
             "parent_id": pd.Series([None, None], dtype="str")}
        ),
        "customers": pd.DataFrame(
            {
                "customer_id": ["H1", "H2", "H3", "H4"],
                "region_id": ["east", "east", "east", "west"],
                "tier": ["A", "B", "C", "A"],
                "potential": [1200.0, 600.0, 120.0, 1200.0],
                "reception": ["Mon 9-11, Tue 9-11", None, "随缘", None],
                "relationship_stage": ["loyal", "none", "use", "use"],
            }
        ),
        "reps": pd.DataFrame(
            {"rep_id": ["R1", "R2", "R3"], "region_id": ["east", "east", "west"],
             "line_type": ["drug", "device", "drug"]}
        ),
        "territories": pd.DataFrame(
            {"rep_id": ["R1", "R1", "R1", "R2", "R3"],
             "customer_id": ["H1", "H2", "H3", "H1", "H4"],
             "from_on": pd.Timestamp("2024-01-01")}
        ),
        "absences": pd.DataFrame(
            {"rep_id": ["R3"], "from_on": [pd.Timestamp("2025-01-01")],
             "to_on": [pd.Timestamp("2025-01-31")]}
        ),
        "decisions": pd.DataFrame(
            {"decision_id": ["D1", "D2", "D3"], "kind": "call_plan",
             "subject_id": ["R1/H2", "H9", "H1"], "value": ["每月3次", "2", "often"],
             "decided_on": pd.Timestamp("2024-12-01")}
        ),
    }  # fmt: skip
    return frames | changed


def plan_of(write_source, as_of="2024-12-31", params=None, **changed):
    source = connect(write_source(f"s{len(changed)}", **company(**changed)))
    return plan_calls(source, as_of, params or CallsParams(calls_per_day=1.0))


def test_the_plan_of_a_small_company(write_source):
    plan = plan_of(write_source)
    visits = plan.visits.set_index(["rep_id", "customer_id"])
    assert plan.month == dt.date(2025, 1, 1)
    # January 2025: 19 working days (1 January and 28 to 31 off, 26 made up), 9 tenths: 17 calls.
    assert plan.reps.set_index("rep_id").calls.to_dict() == {"R1": 17, "R2": 17, "R3": 0}
    assert visits.planned["R1", "H2"] == 3 and visits.approved["R1", "H2"]
    # H1 receives on seven of the days; all its reps together may come twelve times.
    assert visits.planned[[("R1", "H1"), ("R2", "H1")]].sum() == 12
    assert visits.planned["R1", "H3"] == 2
    assert set(plan.days[plan.days.customer_id == "H1"].date.dt.day_of_week) <= {0, 1}
    dropped = plan.dropped.set_index("customer_id").reason
    assert dropped.to_dict() == {"H4": "caller_away"}
    assert any("H9" in note for note in plan.notes) and any("often" in note for note in plan.notes)
    assert any("随缘" in note for note in plan.notes)


def test_rows_for_the_crm_hold_the_table_call_plans(write_source):
    rows = plan_of(write_source).call_plans()
    assert rows.columns.tolist() == [
        "rep_id", "customer_id", "period", "visit_type", "goal", "maximum", "objective",
    ]  # fmt: skip
    assert not rows.duplicated(["rep_id", "customer_id", "period", "visit_type"]).any()
    assert (rows.goal >= 1).all() and (rows.maximum >= rows.goal).all()
    kinds = rows.set_index("customer_id").visit_type
    assert kinds["H2"] == "new" and kinds["H3"] == "keep"


def test_the_future_changes_nothing(write_source):
    later = company()
    day = pd.Timestamp("2025-02-01")
    more = {
        "decisions": pd.concat([later["decisions"], pd.DataFrame(
            {"decision_id": ["D9"], "kind": ["call_plan"], "subject_id": ["R1/H2"],
             "value": ["9"], "decided_on": [day]})]),
        "territories": pd.concat([later["territories"], pd.DataFrame(
            {"rep_id": ["R2"], "customer_id": ["H3"], "from_on": [day]})]),
        "visits": pd.DataFrame(
            {"visit_id": ["V1"], "rep_id": ["R1"], "customer_id": ["H1"], "visited_on": [day],
             "status": ["submitted"]}),
        "needs": pd.DataFrame(
            {"need_id": ["N1"], "customer_id": ["H1"], "opened_on": [day], "topic": ["later"]}),
    }  # fmt: skip
    now, then = plan_of(write_source), plan_of(write_source, **more)
    for name, frame in now.tables().items():
        pd.testing.assert_frame_equal(frame, then.tables()[name])
    assert str(now) == str(then)


def test_row_order_changes_nothing(write_source):
    turned = {name: frame.iloc[::-1] for name, frame in company().items()}
    now, then = plan_of(write_source), plan_of(write_source, **turned)
    for name, frame in now.tables().items():
        pd.testing.assert_frame_equal(frame, then.tables()[name])


def test_nobody_covers_anybody(write_source):
    plan = plan_of(write_source, territories=company()["territories"].head(0))
    assert plan.status == "not_enough_data" and "no rep covers" in str(plan)
    assert plan.summary().shape == (1, 1) and plan.check().empty and plan.actions().empty
    assert plan.for_region("west").headline() == {} and plan.plot().axes


def test_a_month_without_calendar_is_told(write_source):
    plan = plan_of(write_source, as_of="2049-12-31")
    assert any("2050" in note for note in plan.notes)


def test_a_region_holds_its_own_customers(write_source):
    plan = plan_of(write_source)
    east, west = plan.for_region("east"), plan.for_region("west")
    assert east.visits.planned.sum() + west.visits.planned.sum() == plan.visits.planned.sum()
    assert set(east.rows.customer_id) == {"H1", "H2", "H3"} and west.rows.empty
    assert "stand-in for R3" in " ".join(west.actions().iloc[:, 1])


def test_december_is_followed_by_january():
    assert month_after(dt.date(2024, 12, 31)) == (dt.date(2025, 1, 1), dt.date(2025, 1, 31))
    assert month_after(dt.date(2024, 1, 31)) == (dt.date(2024, 2, 1), dt.date(2024, 2, 29))


# The demo company ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo_plan(demo):
    return plan_calls(demo, "2025-12-31")


def test_no_region_of_the_demo_company_passes_its_capacity(demo_plan):
    reps, days = demo_plan.reps, demo_plan.days
    assert demo_plan.visits.region_id.nunique() == 8 and (reps.planned <= reps.calls).all()
    assert (days.groupby(["rep_id", "date"]).size() <= 4).all()
    by_region = reps.groupby("region_id")[["planned", "calls"]].sum()
    assert (by_region.planned <= by_region.calls).all() and (by_region.planned > 0).all()
    house = demo_plan.visits.groupby("customer_id").planned.sum()
    assert (house <= demo_plan.params.customer_maximum).all()
    assert not days.duplicated(["customer_id", "rep_id", "date"]).any()
    assert len(days) == demo_plan.visits.planned.sum() == demo_plan.rows.goal.sum()


def test_every_region_gains_over_the_rule(demo_plan):
    sums = demo_plan.visits.groupby("region_id")[["covered", "covered_proportional"]].sum()
    assert (sums.covered > sums.covered_proportional).all() and demo_plan.gain > 0.02


def test_two_reps_more_reach_more_in_every_region(demo_plan):
    table = demo_plan.staffing.set_index(["region_id", "change"]).covered.unstack()
    assert (table.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


def test_fewer_calls_drop_more(demo, demo_plan):
    fewer = plan_calls(demo, "2025-12-31", replace(CallsParams(), calls_per_day=2.0))
    assert fewer.dropped.lost.sum() > demo_plan.dropped.lost.sum()
    assert (fewer.reps.planned <= fewer.reps.calls).all()
