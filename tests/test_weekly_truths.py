"""What was planted in the demo company for the Friday meeting is found again, and named first."""

from __future__ import annotations

import pandas as pd
import pytest

from insights import load_params
from insights.calls import review_calls
from insights.store import cached
from insights.targets import review_targets

AS_OF = "2025-12-31"


@pytest.fixture(scope="module")
def truth(demo_dir):
    return {path.stem: pd.read_parquet(path) for path in (demo_dir / "truth").glob("*.parquet")}


@pytest.fixture(scope="module")
def targets(demo):
    return cached(review_targets, demo, AS_OF, load_params("base").targets)


@pytest.fixture(scope="module")
def calls(demo):
    return cached(review_calls, demo, AS_OF, load_params("base").calls)


def test_the_region_short_of_its_run_rate_lies_furthest_behind(targets, truth):
    rows = targets.attainment
    year = rows[rows.current & (rows.grain == "year") & (rows.metric == "sales")]
    leaves = year[(year.scope == "region") & year.scope_id.isin(truth["regions"].region_id)]
    gap = leaves.set_index("scope_id").gap.sort_values()
    [short] = truth["regions"].region_id[truth["regions"].short_of_target]
    assert gap.index[0] == short
    assert gap.iloc[0] < 2 * gap.iloc[1]
    first = targets.todo[targets.todo.scope == "region"].iloc[0]
    assert first.subject_id == short


def test_the_line_hit_by_procurement_lost_its_price_and_no_other_did(targets, truth):
    parts = targets.tables()["price_volume_mix"]
    lines = truth["product_lines"]
    [hit] = lines.product_line[lines.hit_by_vbp]
    own = parts[(parts.product_line == hit) & parts.vbp].iloc[0]
    others = parts[(parts.product_line != hit) & (parts.product_line != "total")]
    assert own.price < -0.4 * own.before
    assert (others.price.abs() < 0.01 * others.before).all()
    assert abs(own.price + own.volume + own.mix - (own.after - own.before)) < 0.01


def test_the_stuffed_distributor_is_furthest_out_at_quarter_ends(targets, truth):
    found = targets.tables()["distributors"].set_index("distributor_id")
    [stuffed] = truth["distributors"].distributor_id[truth["distributors"].stuffed]
    assert found.quarter_end_ratio.idxmax() == stuffed
    assert found.finding[stuffed] == "pushed at the quarter's end"


def test_the_rep_who_visits_without_progress_is_the_only_one_named(calls, truth):
    reps = truth["reps"]
    [alone] = reps.rep_id[reps.lapse == "visits_without_progress"]
    actions = calls.tables()["actions"]
    together = actions[actions.action == "visit together"]
    assert list(together.rep_id) == [alone]


def test_the_neglected_core_customers_were_seen_in_no_week_and_are_called_on(calls, truth):
    planted = set(truth["neglected_customers"].customer_id)
    tables = calls.tables()
    weeks = tables["core_weeks"]
    asked = weeks[(weeks.asked > 0) & weeks.customer_id.isin(planted)]
    assert set(asked.customer_id) == planted and not asked.seen.any()
    weekly = tables["actions"][tables["actions"].action == "see weekly"]
    assert planted <= set(weekly.customer_id)
