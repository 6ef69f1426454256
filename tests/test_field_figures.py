"""Calls and records on the scorecards: by hand, and never another figure than the calls' review."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from calling_company import PARAMS, company, typed, visit
from insights.calls import review_calls
from insights.calls.control.records import record_figures
from insights.features.field_figures import FIGURES, field_figures
from insights.features.visit_records import EMPTY_WORDS, ENTRY_BY, NEED_FIELDS
from insights.params import CallsParams
from insights.tables import connect

DAY, FIRST = dt.date(2025, 11, 30), dt.date(2025, 11, 1)
FULL = dict.fromkeys(NEED_FIELDS, "x")
VISITS = pd.DataFrame(
    [
        visit(1, "C1", "2025-11-03", objective_met=True, entered_at="2025-11-03 19:00", **FULL),
        visit(2, "C1", "2025-11-04", objective_met=False, entered_at="2025-11-04 19:01",
              **{**FULL, "pain_point": " 无 "}),
        visit(3, "C2", "2025-11-05", entered_at="2025-11-06 08:00", **FULL),
        visit(4, "C2", "2025-11-06", status="cancelled", objective_met=True, **FULL),
        visit(5, "C2", "2025-11-28", entered_at="2025-12-01 08:00", objective_met=True, **FULL),
        visit(6, "C3", "2025-11-07", rep="R2", objective_met=True, entered_at=None, **FULL),
        visit(7, "C3", "2025-12-01", rep="R2", objective_met=True, **FULL),
    ]
)  # fmt: skip


def written(folder, **changed):
    for name, frame in company(**{"visits": VISITS, **changed}).items():
        typed(frame).to_parquet(folder / f"{name}.parquet", index=False)
    return connect(folder)


def pairs(rows, kind):
    own = rows[rows.kind == kind].set_index(["unit_id", "figure"])
    return {key: (row.numerator, row.denominator) for key, row in own.iterrows()}


def test_by_hand_and_only_what_was_made_and_known(tmp_path):
    rows = field_figures(written(tmp_path), DAY, FIRST)
    assert list(rows.columns) == list(FIGURES) and set(rows.month) == {pd.Timestamp("2025-11-01")}
    found = pairs(rows, "rep")
    assert found["R1", "effective_visits"] == (1, 3)
    assert found["R1", "complete_records"] == (2, 3)  # "无" alone is nothing
    assert found["R1", "on_time_entry"] == (1, 3)
    assert found["R1", "coverage"] == (2, 2)
    assert found["R2", "effective_visits"] == (1, 1) and found["R2", "on_time_entry"][1] == 0
    assert pairs(rows, "region")["east", "complete_records"] == (2, 3)


@pytest.mark.parametrize("lacks", [[], ["pain_point"], [*NEED_FIELDS]])
def test_scorecards_and_the_review_of_calls_tell_the_same(tmp_path, lacks):
    tables = written(tmp_path, visits=VISITS.drop(columns=lacks))
    told = record_figures(review_calls(tables, DAY, PARAMS).control.records)
    rows = field_figures(tables, DAY, FIRST)
    sums = rows[rows.kind == "region"].groupby("figure")[["numerator", "denominator"]].sum()
    share = (sums.numerator / sums.denominator.where(sums.denominator > 0)).to_dict()
    assert share["effective_visits"] == pytest.approx(told.effective)
    assert share["complete_records"] == pytest.approx(told.need_full, nan_ok=True)
    assert share["on_time_entry"] == pytest.approx(told.in_time)
    assert np.isnan(told.need_full) == (len(lacks) == len(NEED_FIELDS))


def test_the_rule_is_what_the_params_of_calls_say():
    said = {one.name: one.default for one in fields(CallsParams)}
    rule = tuple(NEED_FIELDS), tuple(EMPTY_WORDS), ENTRY_BY
    assert rule == (tuple(said["need_fields"]), tuple(said["empty_words"]), said["entry_by"])


def test_a_territory_that_ends_later_is_still_held(tmp_path):
    held = company()["territories"].assign(to_on=["2025-12-31", "2025-10-31", None])
    found = pairs(field_figures(written(tmp_path, territories=held), DAY, FIRST), "rep")
    assert found["R1", "coverage"] == (1, 1)  # C1; C2 is held by nobody now, whoever sees it


def test_a_customer_counts_in_the_months_in_which_it_is_held(tmp_path):
    held = pd.DataFrame(
        {"rep_id": ["R1", "R2", "R2", "R2"], "customer_id": ["C1", "C1", "C2", "C3"],
         "from_on": ["2020-01-01", "2025-11-15", "2025-12-01", "2025-12-02"],
         "to_on": ["2025-11-14", None, None, None]}
    )  # fmt: skip
    day = dt.date(2025, 12, 1)
    rows = field_figures(written(tmp_path, territories=held), day, FIRST)
    own = rows[(rows.kind == "rep") & (rows.figure == "coverage")]
    told = own.set_index(["unit_id", "month"])[["numerator", "denominator"]].apply(tuple, axis=1)
    november, december = pd.Timestamp("2025-11-01"), pd.Timestamp("2025-12-01")
    assert told.to_dict() == {
        ("R1", november): (1, 1),  # C1 was handed over in the month: both hold it, C2 is not R1's
        ("R2", november): (0, 1),  # nobody of R2's was seen: a nought, not a gap
        ("R2", december): (0, 2),  # C3 is R2's from tomorrow only
    }


def test_nobody_covers_more_than_all_it_holds(tmp_path):
    rows = field_figures(written(tmp_path), DAY, FIRST)
    share = rows[rows.figure == "coverage"]
    assert len(share) and (share.numerator <= share.denominator).all()


def test_no_visits_no_figures(tmp_path):
    tables = written(tmp_path)
    (tmp_path / "visits.parquet").unlink()
    assert field_figures(connect(tmp_path), DAY, FIRST).empty and tables is not None
