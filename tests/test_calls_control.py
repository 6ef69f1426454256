"""Control of calls: every figure against a table worked out by hand, and the bad input."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling_company import DAY, FIELDS, PARAMS, company, typed, visit
from insights.calls.control.accounts import NEVER, OVER, OVERDUE, SOON, UNDER
from insights.calls.control.attainment import attainment, faulty_goals, plan_rows, successors
from insights.calls.control.capacity import rep_records
from insights.calls.control.control import control_calls
from insights.calls.control.fieldwork import read_fieldwork
from insights.calls.control.records import record_figures
from insights.calls.control.weekly import weekly_rate
from insights.features.reception import reception_days, reception_of
from insights.features.visits import (
    coverage_of,
    field_customers,
    rep_days,
    territory_runs,
    unknown_years,
    visits_done,
    workdays,
)
from insights.params import CallsParams
from insights.tables import connect


@pytest.fixture
def tables_of(write_source):
    def make(folder="source", **changed):
        frames = {name: typed(frame) for name, frame in company(**changed).items()}
        return connect(write_source(folder, **frames))

    return make


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Control of the company as it stands, read once."""
    folder = tmp_path_factory.mktemp("plain")
    for name, frame in company().items():
        typed(frame).to_parquet(folder / f"{name}.parquet", index=False)
    return control_calls(read_fieldwork(connect(folder), DAY, PARAMS), FIELDS, PARAMS)


@pytest.fixture
def control_of(tables_of):
    def make(day=DAY, params=PARAMS, folder="source", **changed):
        work = read_fieldwork(tables_of(folder, **changed), day, params)
        return control_calls(work, FIELDS, params)

    return make


def test_actual_is_submitted_or_saved_by_the_day_and_entered_by_then(tables_of):
    rows = visits_done(tables_of(), DAY).order_by("visit_id").execute()
    assert rows.visit_id.tolist() == ["V01", "V02", "V03", "V04", "V05", "V07"]
    assert "contact_id" not in rows
    late = visits_done(tables_of(), dt.date(2025, 11, 7)).order_by("visit_id").execute()
    assert late.visit_id.tolist() == ["V01", "V03"]  # V04 was entered on the day after


def test_attainment_capped_and_uncapped_by_hand(plain):
    control = plain
    rows = control.plans.set_index("customer_id")
    assert rows.actual.to_dict() == {"C1": 2, "C2": 4, "C3": 0}
    assert rows.counted.to_dict() == {"C1": 2, "C2": 2, "C3": 0}
    found = attainment(control.plans)
    assert found.uncapped == pytest.approx(6 / 7) and found.capped == pytest.approx(4 / 7)
    assert found.without_visit == 1 and control.off_plan.empty


def test_no_goal_is_no_attainment():
    found = attainment(pd.DataFrame({"goal": [], "actual": [], "counted": []}, dtype=float))
    assert math.isnan(found.uncapped) and math.isnan(found.capped)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 9), st.one_of(st.none(), st.integers(0, 9)),
                          st.integers(0, 12)), min_size=1, max_size=6))  # fmt: skip
def test_capped_is_never_above_uncapped(rows):
    plans = pd.DataFrame(
        {
            "rep_id": "R1", "customer_id": [f"C{k}" for k in range(len(rows))],
            "period": pd.Timestamp("2025-11-01"), "visit_type": "keep",
            "goal": [float(goal) for goal, _most, _n in rows],
            "maximum": [float("nan") if most is None else float(most) for _g, most, _n in rows],
        }
    ).astype({"period": "datetime64[s]"})  # fmt: skip
    made = [(k, n) for k, (_g, _m, count) in enumerate(rows) for n in range(count)]
    visits = pd.DataFrame(
        {
            "visit_id": [f"V{k}-{n}" for k, n in made], "rep_id": "R1",
            "customer_id": pd.Series([f"C{k}" for k, _n in made], dtype="str"),
            "visit_type": "keep",
            "visited_on": pd.Series([pd.Timestamp("2025-11-03")] * len(made),
                                    dtype="datetime64[s]"),
        }
    )  # fmt: skip
    runs = pd.DataFrame({"rep_id": [], "customer_id": []}, dtype="str").assign(
        from_on=pd.Series(dtype="datetime64[s]"), to_on=pd.Series(dtype="datetime64[s]")
    )
    homes = pd.DataFrame({"region_id": "east", "tier": "A"}, index=plans.customer_id)
    people = pd.DataFrame({"line_type": ["drug"]}, index=["R1"])
    got, off = plan_rows(plans, visits, runs, people, homes)
    found = attainment(got)
    assert found.capped <= found.uncapped
    assert got.actual.tolist() == [count for _g, _m, count in rows] and off.empty


def test_plan_against_actual_at_day_week_and_month(plain):
    pace = plain.pace.groupby(["grain", "period"])[["planned", "kept", "done", "off_plan"]]
    sums = pace.sum()
    assert sums.loc[("month", "2025-11-01")].tolist() == [3, 2, 6, 4]
    assert sums.loc[("week", "2025-11-10")].tolist() == [1, 1, 2, 1]
    assert sums.loc[("day", "2025-11-11")].tolist() == [1, 0, 0, 0]
    assert sums.loc[("day", "2025-11-12")].tolist() == [0, 0, 1, 1]
    assert (plain.pace.done == plain.pace.kept + plain.pace.off_plan).all()


def test_a_rep_who_changed_territory_mid_month_hands_the_plan_over(control_of):
    moved = pd.DataFrame(
        {
            "rep_id": ["R1", "R2", "R1"], "customer_id": ["C1", "C1", "C2"],
            "from_on": ["2020-01-01", "2025-11-10", "2020-01-01"],
            "to_on": ["2025-11-09", None, None],
        }
    )  # fmt: skip
    visits = company()["visits"]
    visits.loc[visits.visit_id == "V02", "rep_id"] = "R2"
    control = control_of(territories=moved, visits=visits)
    row = control.plans.set_index("customer_id").loc["C1"]
    assert (row.actual, row.rep_id, row.holder_id, row.handed_over) == (2, "R1", "R2", True)
    assert control.off_plan.empty
    assert control.reps.goal.to_dict() == {"R1": 1.0, "R2": 6.0}


def test_only_the_same_kind_of_line_inherits_a_plan():
    runs = pd.DataFrame(
        {"rep_id": ["R1", "R2"], "customer_id": ["C1", "C1"],
         "from_on": pd.to_datetime(["2020-01-01", "2025-11-10"]),
         "to_on": pd.to_datetime(["2025-11-09", None])}
    )  # fmt: skip
    people = pd.DataFrame({"line_type": ["drug", "device"]}, index=["R1", "R2"])
    assert successors(runs, people).empty
    assert len(successors(runs, people.assign(line_type="drug"))) == 1


def test_visits_without_plan_and_plans_without_visit_are_told_apart(control_of):
    plans = company()["call_plans"].iloc[[0, 2]]
    control = control_of(call_plans=plans)
    assert sorted(control.off_plan.visit_id) == ["V03", "V04", "V05", "V07"]
    assert control.plans.set_index("customer_id").actual.to_dict() == {"C1": 2, "C3": 0}


def test_plans_dated_within_a_month_are_parts_of_its_plan(control_of):
    plans = company()["call_plans"]
    parts = plans.assign(period="2025-11-15", goal=1, maximum=[1, 1, None])
    control = control_of(call_plans=pd.concat([plans, parts], ignore_index=True))
    whole = control.plans.set_index("customer_id")
    assert whole.goal.to_dict() == {"C1": 5, "C2": 2, "C3": 3}
    assert whole.maximum.to_dict() == {"C1": 6, "C2": 3, "C3": 3}


def test_the_open_run_of_a_rep_who_left_ends_with_the_rep(write_source):
    tables = connect(write_source(
        reps=pd.DataFrame({"rep_id": ["R1", "R2"], "hired_on": pd.to_datetime(["2020-01-01"] * 2),
                           "left_on": pd.to_datetime(["2025-06-30", None])}),
        territories=pd.DataFrame({"rep_id": ["R1", "R2"], "customer_id": ["C1", "C2"],
                                  "from_on": pd.to_datetime(["2020-01-01"] * 2),
                                  "to_on": pd.to_datetime([None, None])}),
    ))  # fmt: skip
    runs = territory_runs(tables, dt.date(2025, 12, 31)).set_index("rep_id")
    assert runs.to_on["R1"] == pd.Timestamp("2025-06-30") and pd.isna(runs.to_on["R2"])


def test_goals_of_nothing_ask_for_nothing(control_of):
    plans = company()["call_plans"].assign(goal=[0, -2, 2], maximum=[1, 1, 1])
    control = control_of(call_plans=plans)
    assert control.plans.customer_id.tolist() == ["C3"]
    assert len(control.faulty) == 3 and len(faulty_goals(control.plans)) == 1


def test_the_weekly_rule_by_hand(control_of):
    params = CallsParams(core_weeks=4)
    october = visit(0, "C1", "2025-10-08")
    visits = pd.concat([company()["visits"], pd.DataFrame([october])])
    weeks = control_of(params=params, visits=visits).weeks
    assert weeks.customer_id.unique().tolist() == ["C1"]  # the only one of tier A
    assert weeks.week.dt.strftime("%m-%d").tolist() == ["11-03", "11-10", "11-17", "11-24"]
    assert weeks.asked.tolist() == [1, 1, 1, 1]
    assert weeks.seen.tolist() == [True, True, False, False]
    assert weekly_rate(weeks) == pytest.approx(0.5)


def test_short_weeks_count_by_their_days_and_closed_doors_are_not_asked(control_of):
    """1 to 8 October 2025 were free; Thursday, Friday and Saturday (a make-up day) were worked."""
    params = CallsParams(core_weeks=8, core_tiers=("A", "B", "C"))
    before = visit(0, "C2", "2025-09-22")
    visits = pd.concat([company()["visits"], pd.DataFrame([before])])
    weeks = control_of(params=params, visits=visits).weeks.set_index(["customer_id", "week"])
    short = pd.Timestamp("2025-10-06")
    assert weeks.working_days.xs(short, level="week").unique().tolist() == [3]
    asked = weeks.asked.xs(short, level="week")
    assert asked["C1"] == 0  # receives on Wednesdays, which was a holiday
    assert asked["C2"] == pytest.approx(0.6) and asked["C3"] == pytest.approx(0.6)


def test_records_by_hand(plain):
    rows = plain.records
    found = record_figures(rows)
    assert found.visits == 6
    assert found.effective == pytest.approx(1 / 6) and found.effective_of_aimed == pytest.approx(
        0.5
    )
    assert found.no_objective == pytest.approx(4 / 6)
    assert found.need_filled == pytest.approx(4 / 24)  # "无" alone is nothing
    assert found.need_full == pytest.approx(1 / 6) and found.fact_full == 0
    by_id = rows.set_index("visit_id").entered_in_time
    assert by_id.to_dict() == {"V01": 1, "V02": 0, "V03": 1, "V04": 0, "V05": 1, "V07": 1}


def test_a_field_the_source_lacks_is_asked_of_nobody(tables_of):
    work = read_fieldwork(tables_of(), DAY, PARAMS)
    without = [name for name in FIELDS if name not in PARAMS.fact_fields]
    rows = control_calls(work, without, PARAMS).records
    assert rows.fact_filled.isna().all() and rows.need_filled.notna().all()


def test_first_visits_and_what_followed(control_of):
    """C1 was first seen while the records began; C2 is new on the day they reach back ten days."""
    visits = pd.concat([company()["visits"], pd.DataFrame([visit(0, "C1", "2025-10-01")])])
    firsts = control_of(visits=visits).firsts.set_index("customer_id")
    assert firsts.index.tolist() == ["C2"]
    assert firsts.followed["C2"] == 1  # 6 November 10:00, then 7 November 10:00
    assert firsts.proposed["C2"] == 0
    assert firsts.proposal_due["C2"] == pd.Timestamp("2025-11-13")
    early = control_of(day=dt.date(2025, 11, 6), visits=visits, folder="early").firsts
    assert early.followed.isna().all()  # its time has not passed


def test_a_proposal_that_a_record_names(control_of):
    visits = pd.concat([company()["visits"], pd.DataFrame([visit(0, "C1", "2025-10-01")])])
    visits.loc[visits.visit_id == "V05", "our_actions"] = "发送定制方案"
    control = control_of(visits=visits)
    assert control.proposals_named and control.firsts.proposed.tolist() == [1]


def test_open_needs_and_their_age(plain, control_of):
    needs = plain.needs.set_index("need_id")
    assert needs.age_days.to_dict() == {"N1": 60, "N2": 24}
    assert needs.visits_since.to_dict() == {"N1": 2, "N2": 3}
    earlier = control_of(day=dt.date(2025, 11, 19), folder="earlier").needs
    assert sorted(earlier.need_id) == ["N1", "N2", "N3"]  # closed only on the 20th


def test_due_from_the_interval_of_the_tier(plain, control_of):
    rows = plain.accounts
    assert rows.next_due["C1"] == pd.Timestamp("2025-11-19")
    assert rows.days_overdue["C1"] == 11 and rows.due["C1"] == OVERDUE
    assert rows.next_due["C2"] == pd.Timestamp("2025-12-27")
    assert rows.due["C3"] == NEVER
    assert rows.call_on["C1"] == pd.Timestamp("2025-12-03")  # the next Wednesday
    assert rows.call_on["C3"] == pd.Timestamp("2025-12-04")  # Thursday
    soon = control_of(day=dt.date(2025, 11, 18), folder="soon").accounts
    assert soon.due["C1"] == SOON


def test_many_visits_and_no_progress(plain, control_of):
    stalled = plain.stalled.set_index("customer_id")
    assert stalled.index.tolist() == ["C2"] and stalled.visits["C2"] == 4
    assert bool(stalled.stalled["C2"]) is False  # bought more than a year before
    nothing = control_of(orders=None, folder="nothing").stalled.set_index("customer_id")
    assert bool(nothing.stalled["C2"]) is True
    better = company()["visits"]
    better.loc[better.visit_id == "V03", "assessment"] = "消极"
    better.loc[better.visit_id == "V07", "assessment"] = "中性"
    found = control_of(orders=None, visits=better, folder="better").stalled
    assert bool(found.better.iloc[0]) and not found.stalled.iloc[0]


def test_service_against_the_policy_and_at_capacity(control_of):
    visits = pd.concat([company()["visits"], pd.DataFrame([visit(0, "C1", "2025-08-01")])])
    rows = control_of(visits=visits).accounts
    month = 365.25 / 12
    assert rows.visits_a_month["C2"] == pytest.approx(4 * month / 91)
    scale = (6 * month / 91) / (4 + 1 + 2)
    assert rows.low_here["C1"] == pytest.approx(4 * scale)
    assert rows.service_here.to_dict() == {"C1": UNDER, "C2": OVER, "C3": UNDER}
    assert rows.service["C2"] == "as policy"


def test_capacity_by_hand(plain, control_of):
    """November 2025 had 20 working days; R2 is away on the last five of them."""
    reps = plain.reps
    assert reps.days_month.to_dict() == {"R1": 20, "R2": 15}
    assert reps.absent_days.to_dict() == {"R1": 0, "R2": 5}
    assert reps.capacity.to_dict() == {"R1": 80, "R2": 60}
    assert reps.planned_use["R1"] == pytest.approx(5 / 80)
    assert reps.calls_a_day["R1"] == pytest.approx(6 / 20)
    away = pd.DataFrame({"rep_id": ["R2"], "from_on": ["2025-10-01"], "to_on": ["2025-12-31"]})
    gone = control_of(absences=away, folder="gone").reps
    assert math.isnan(gone.use["R2"]) and math.isnan(gone.calls_a_day["R2"])


def test_working_days_of_reps_and_calendars(tables_of):
    tables = tables_of()
    days = rep_days(tables, dt.date(2025, 11, 1), dt.date(2025, 11, 30), DAY)
    assert days.groupby("rep_id").size().to_dict() == {"R1": 20, "R2": 15}
    assert not unknown_years(tables, dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    far = (dt.date(2031, 1, 1), dt.date(2031, 1, 31))
    assert len(workdays(tables, *far)) == 23  # Monday to Friday, nothing else is known
    assert "2031" in unknown_years(tables, *far)[0]


def test_tiers_that_were_decided_stand_above_the_master(tables_of):
    tables = tables_of()
    assert field_customers(tables, DAY).tier.to_dict() == {"C1": "A", "C2": "C", "C3": "B"}
    later = field_customers(tables, dt.date(2025, 12, 24))
    assert later.tier["C2"] == "A" and bool(later.tier_decided["C2"])


def test_nobody_covers_for_a_rep_who_left(tables_of):
    reps = company()["reps"].assign(left_on=[None, "2025-11-15"])
    assert set(coverage_of(tables_of(reps=reps), DAY).rep_id) == {"R1"}


@pytest.mark.parametrize(
    ("text", "days"),
    [("Wed 14-17, Thu 14-17", {2, 3}), ("周三 14-17", {2}), ("周三下午", {2}),
     ("周一至周五", {0, 1, 2, 3, 4}), ("Mon-Fri", {0, 1, 2, 3, 4}), ("周五至周一", {4, 5, 6, 0}),
     ("周一三五上午", {0, 2, 4}), ("星期二、四 9:00-11:30", {1, 3}), ("每天", {0, 1, 2, 3, 4}),
     ("Ｗｅｄ １４－１７", {2}), ("Tuesday afternoon", {1})],
)  # fmt: skip
def test_reception_is_read(text, days):
    assert reception_days(text) == days


@pytest.mark.parametrize("text", ["call first", "周八", "Wed or by appointment", "14-17"])
def test_reception_that_cannot_be_read_is_told(text):
    with pytest.raises(ValueError, match="not understood"):
        reception_days(text)
    days, told = reception_of(pd.Series([text, None], index=["C1", "C2"]))
    assert days["C1"] is None and "C1" in told[0] and "C2" not in told[0]


def test_the_rep_who_visits_without_progress_is_found_and_chance_is_not():
    """Six reps of 80 visits each meet 60 % of their objectives; one of them a quarter."""
    met = {"R1": 20, "R2": 48, "R3": 45, "R4": 51, "R5": 47, "R6": 40}
    rows = [
        {"rep_id": rep, "has_objective": True, "objective_met": nth < n, "objective_known": True,
         "need_filled": 1.0, "need_full": 1.0, "fact_filled": 1.0, "fact_full": 1.0,
         "entered_in_time": 1.0, "entry_hours": 1.0}
        for rep, n in met.items() for nth in range(80)
    ]  # fmt: skip
    pairs = pd.DataFrame({"rep_id": ["R1", "R1", "R2"], "stalled": [True, True, False]})
    reps = pd.DataFrame({"region_id": "east"}, index=pd.Index(list(met), name="rep_id"))
    found = rep_records(reps, pd.DataFrame(rows), pairs, CallsParams())
    assert found.index[found.below].tolist() == ["R1"]
    assert found.loc["R1", ["often", "stalled"]].tolist() == [2, 2]
    few = rep_records(reps, pd.DataFrame(rows), pairs, CallsParams(min_cell=81))
    assert not few.below.any() and few.effective.isna().all()
