"""One list of what is out of line: columns, order, regions, what is too small or missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import pytest
from matplotlib.figure import Figure

from insights import connect
from insights.exceptions import Source, gather_exceptions
from insights.params import ExceptionsParams
from insights.tables import RegionError

AS_OF = "2025-12-31"
REGIONS = pd.DataFrame(
    {"region_id": ["n", "e", "w"], "region_name": ["北区", "华东", "华西"],
     "parent_id": [None, "n", "n"]}
)  # fmt: skip


@dataclass
class Answer:
    """A result of another question, as the list reads it."""

    frames: dict = field(default_factory=dict)
    status: str = "ok"
    reason: str = ""

    def tables(self):
        return self.frames


def rows(**columns):
    n = len(next(iter(columns.values())))
    base = {
        "name": ["某院"] * n,
        "region_id": ["e"] * n,
        "why": ["because"] * n,
        "owner": ["o"] * n,
    }
    return pd.DataFrame(base | columns)


TARGETS = Answer({"actions": rows(action=["catch up", "hold", "catch up"],
                                  subject_id=["e", "D1", "w"], region_id=["e", "w", "w"],
                                  money_at_stake=[5e5, 2e4, 9_999.99])})  # fmt: skip
CALLS = Answer({"actions": rows(action=["visit together", "call"], customer_id=[None, "H1"],
                                rep_id=["R1", "R2"], value=[None, 3e5])})  # fmt: skip
CASH = Answer({"worklist": rows(step=["call; then write", "remind"], channel=["phone", "message"],
                                customer_id=["H2", "H3"], region_id=["w", None],
                                expected_loss=[4e4, 8e4])})  # fmt: skip


@pytest.fixture
def tables(write_source):
    return connect(write_source(regions=REGIONS))


def gathered(tables, targets=TARGETS, calls=CALLS, cash=CASH, **params):
    sources = [Source.of_targets(targets), Source.of_calls(calls), Source.of_receivables(cash)]
    return gather_exceptions(sources, tables, AS_OF, ExceptionsParams(**params))


def test_each_question_keeps_its_order_and_what_is_too_small_is_counted(tables):
    found = gathered(tables)
    assert list(found.rows.question) == ["targets"] * 2 + ["calls"] * 2 + ["delinquency"] * 2
    assert list(found.rows["rank"]) == [1, 2, 1, 2, 1, 2]
    assert list(found.rows.subject_id) == ["e", "D1", "R1", "H1", "H2", "H3"]
    assert list(found.sources.listed) == [2, 2, 2] and list(found.sources.too_small) == [1, 0, 0]
    assert gathered(tables, least_amount=0.0).headline()["cases"] == 7


def test_an_amount_that_is_not_known_is_never_too_small(tables):
    assert "R1" in set(gathered(tables, least_amount=1e12).rows.subject_id)


def test_kinds_are_counted_and_money_of_two_questions_is_not_added(tables):
    summary = gathered(tables).summary()
    assert list(summary.cases) == [1, 1, 1, 1, 1, 1]
    assert set(summary["which is"]) == {"at stake", "bought in the last year",
                                        "expected to be lost"}  # fmt: skip


def test_regions_add_up_to_the_whole(tables):
    whole = gathered(tables)
    parts = [whole.for_region(one).headline()["cases"] for one in ("e", "w")]
    nowhere = int(whole.rows.region_id.isna().sum())
    assert whole.totals().regional_cases.sum() == sum(parts)
    assert nowhere == 1 and sum(parts) + nowhere == whole.headline()["cases"]
    assert whole.for_region("n").headline()["cases"] == sum(parts)
    with pytest.raises(RegionError):
        whole.for_region("nowhere")


def test_the_page_shows_the_first_of_each_question_and_the_workbook_all(tables):
    found = gathered(tables, shown=1)
    assert list(found.actions().question) == ["targets", "calls", "delinquency"]
    assert len(found.tables()["exceptions"]) == 6
    assert isinstance(found.plot(), Figure)
    assert "6 things to do" in str(found) and "catch up" in str(found)


def test_a_question_without_an_answer_costs_its_own_lines_alone(tables):
    none = Answer(status="not_enough_data", reason="table visits is missing")
    found = gathered(tables, calls=none)
    assert found.status == "ok" and set(found.rows.question) == {"targets", "delinquency"}
    assert "table visits is missing" in set(found.check().verdict)
    nothing = gathered(tables, none, none, none)
    assert nothing.status == "not_enough_data" and "visits is missing" in str(nothing)
    assert nothing.summary().empty and isinstance(nothing.plot(), Figure)


def test_a_quiet_day_is_said(tables):
    quiet = Answer({"actions": TARGETS.frames["actions"].head(0)})
    found = gathered(tables, quiet, quiet, Answer({"worklist": pd.DataFrame()}))
    assert found.status == "ok" and "nothing is out of line" in str(found)
    assert found.actions().empty and found.totals().regional_cases.sum() == 0
