"""The review of the calls: its contract, its slices, its days, and what it says without data."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
from matplotlib.figure import Figure

from calling_company import PARAMS, company, typed, visit
from insights.calls import review_calls
from insights.params import CallsParams
from insights.store import save
from insights.tables import connect

DAY = "2025-11-30"
SHOWN = ("summary", "plan_against_actual", "by_type", "weekly_rule", "neglected", "records",
         "channels", "after_first", "needs", "allocation", "due", "due_counts", "stalled", "team",
         "check", "actions")  # fmt: skip
PICTURES = ("plot", "plot_weeks", "plot_tiers", "plot_routes")
MADE_HERE = ("accounts", "reps", "plans", "off_plan", "pace", "weeks", "records", "firsts", "needs",
             "stalled", "faulty")  # fmt: skip


def written(folder, **changed):
    folder.mkdir()
    for name, frame in company(**changed).items():
        typed(frame).to_parquet(folder / f"{name}.parquet", index=False)
    return connect(folder)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return written(tmp_path_factory.mktemp("calls") / "source")


@pytest.fixture(scope="module")
def review(source):
    return review_calls(source, DAY, PARAMS)


def test_every_table_and_picture_answers_in_every_region(review):
    for region in ("all", "east", "west"):
        part = review.for_region(region)
        assert part.status == "ok" and region in (part.region, "all")
        for name in SHOWN:
            assert isinstance(getattr(part, name)(), pd.DataFrame)
        for name in PICTURES:
            assert isinstance(getattr(part, name)(), Figure)
        assert list(part.check().columns) == ["check", "value", "bound", "verdict"]
        assert str(part).startswith({"all": "all regions", "east": "East", "west": "West"}[region])


def test_the_sentence_says_both_attainments(review):
    assert "6 of 7 planned visits of 2025-11 were made: 86 %, and 57 %" in str(review)
    assert review.headline()["attainment_capped"] == pytest.approx(4 / 7)
    assert review.progress == 1.0


def test_regions_add_up_to_the_company(review):
    whole = review.totals()
    parts = pd.concat([review.for_region(one).totals() for one in ("east", "west")])
    assert whole.equals(parts.sort_index())
    assert whole.goals_this_month.to_dict() == {"east": 5, "west": 2}


def test_a_region_without_customers_says_so(tmp_path):
    regions = pd.DataFrame({"region_id": ["east", "west", "bare"], "region_name": ["E", "W", "B"]})
    found = review_calls(written(tmp_path / "s", regions=regions), DAY, PARAMS).for_region("bare")
    assert found.status == "not_enough_data" and "bare" in found.reason
    assert "reason" in found.summary().columns[0]


def test_later_rows_change_nothing(source, tmp_path):
    """The company a fortnight earlier is the same with every later row deleted."""
    day = "2025-11-14"
    frames = {name: typed(frame) for name, frame in company().items()}
    dated = {"visits": "visited_on", "needs": "opened_on", "orders": "ordered_on",
             "decisions": "decided_on", "territories": "from_on"}  # fmt: skip
    limit = pd.Timestamp(day).date()
    past = {
        name: frame[frame[dated[name]] <= limit] if name in dated else frame
        for name, frame in frames.items()
    }
    needs = past["needs"]
    past["needs"] = needs.assign(
        closed_on=[None if pd.isna(c) or c > limit else c for c in needs.closed_on]
    )
    (tmp_path / "past").mkdir()
    for name, frame in past.items():
        frame.to_parquet(tmp_path / "past" / f"{name}.parquet", index=False)
    now, then = (review_calls(one, day, PARAMS) for one in (source, connect(tmp_path / "past")))
    assert str(now) == str(then)
    for name in MADE_HERE:
        pd.testing.assert_frame_equal(getattr(now.control, name), getattr(then.control, name))


def test_the_order_of_rows_changes_nothing(review, tmp_path):
    mixed = {name: frame[::-1] for name, frame in company().items()}
    found = review_calls(written(tmp_path / "mixed", **mixed), DAY, PARAMS)
    for name in MADE_HERE:
        pd.testing.assert_frame_equal(getattr(review.control, name), getattr(found.control, name))


@pytest.mark.parametrize(
    "missing", ["call_plans", "territories", "reps", "needs", "absences", "orders", "decisions"]
)
def test_a_missing_table_costs_its_part_and_is_said(missing, tmp_path):
    found = review_calls(written(tmp_path / missing, **{missing: None}), DAY, PARAMS)
    assert found.status == "ok"
    assert any(missing in str(check) for check in found.check().check)
    for name in (*SHOWN, *PICTURES, "tables", "totals", "headline"):
        getattr(found, name)()


def test_no_visits_is_a_stated_result(tmp_path):
    found = review_calls(written(tmp_path / "none", visits=None), DAY, PARAMS)
    assert found.status == "not_enough_data" and "visits" in found.reason
    early = review_calls(written(tmp_path / "early"), "2019-01-01", PARAMS)
    assert early.status == "not_enough_data" and "2019-01-01" in str(early)
    for name in (*SHOWN, *PICTURES, "tables", "totals", "headline"):
        getattr(early, name)()


def test_unreadable_reception_and_unknown_years_are_told(tmp_path):
    customers = company()["customers"].assign(reception=["by appointment", None, None])
    visits = pd.DataFrame([visit(1, "C1", "2031-01-08")])
    found = review_calls(
        written(tmp_path / "odd", customers=customers, visits=visits), "2031-01-31", PARAMS
    )
    told = " ".join(found.check().check.astype("str"))
    assert "C1 'by appointment'" in told and "no calendar for 2031" in told


def test_visits_to_strangers_and_of_strange_status_are_counted_apart(tmp_path):
    more = [visit(20, "X9", "2025-11-03"), visit(21, "C1", "2025-11-04", status="draft")]
    visits = pd.concat([company()["visits"], pd.DataFrame(more)])
    found = review_calls(written(tmp_path / "strange", visits=visits), DAY, PARAMS)
    values = found.check().set_index("check")["value"]
    assert values["visits to customers that the master does not know"] == 1
    assert values["visits with a status that is neither planned, saved nor submitted"] == 1
    assert len(found.control.plans) == 3 and "X9" in set(found.control.off_plan.customer_id)


def test_what_a_person_did_or_bought_never_leaves(review):
    for frame in review.tables().values():
        assert "contact_id" not in frame
    assert "value" not in review.control.reps


def test_everything_is_saved(review, source, tmp_path):
    save(review.for_region("east"), tmp_path, source, PARAMS)
    facts = json.loads((tmp_path / "calls" / "result.json").read_text(encoding="utf-8"))
    assert facts["analysis"] == "calls" and facts["status"] == "ok"
    assert facts["totals"]["goals_this_month"] == 5
    assert {path.stem for path in (tmp_path / "calls").glob("*.parquet")} == set(review.tables())


@pytest.mark.parametrize(
    "wrong",
    [{"entry_by": "7 pm"}, {"min_week_days": 6}, {"core_tiers": ()},
     {"visits_per_month_a": (5.0, 4.0)}, {"assessment_levels": ("x", "x")}],
)  # fmt: skip
def test_params_that_cannot_hold_are_refused(wrong):
    with pytest.raises(ValueError):
        CallsParams(**wrong)


def test_a_source_that_never_says_whether_aims_were_met_has_no_rate_of_it(tmp_path):
    quiet = company()["visits"].assign(objective_met=None)
    review = review_calls(written(tmp_path / "quiet", visits=quiet), DAY, PARAMS)
    assert math.isnan(review.headline()["effective_rate"])
    assert "No record says whether its objective was met" in str(review)
    assert not review.tables()["stalled"].stalled.any()


def test_without_a_table_of_regions_those_of_the_customers_stand(tmp_path):
    tables = written(tmp_path / "bare")
    (tmp_path / "bare" / "regions.parquet").unlink()
    review = review_calls(connect(tmp_path / "bare"), DAY, PARAMS)
    assert tables.has("regions") and review.status == "ok"
    home = review.regions.region_id.iloc[0]
    assert review.for_region(home).region == home
    assert review.plan.for_region(home).region == home
