"""What of the calls adds up over regions, in whole numbers."""

from __future__ import annotations

import pandas as pd

from insights.calls.control.accounts import OVERDUE
from insights.calls.control.control import Control
from insights.tables.totals import by_region, in_cents, side_by_side


def call_totals(control: Control, month: pd.Timestamp) -> pd.DataFrame:
    """Count customers, goals, visits, weeks, records and needs by region; value in cents."""
    accounts = control.accounts
    plans = control.plans[control.plans.period == month]
    weeks = control.weeks[control.weeks.asked > 0]
    parts = [
        accounts[["region_id"]].assign(
            customers=1, overdue_customers=(accounts.due == OVERDUE).astype("int64"),
            value_of_tiered_cents=in_cents(accounts.value.where(accounts.tier.notna(), 0.0)),
        ),
        plans[["region_id"]].assign(
            goals_this_month=plans.goal.round().astype("int64"), visits_for_plans=plans.actual,
            visits_counted=plans.counted.round().astype("int64"),
        ),
        weeks[["region_id"]].assign(core_weeks=1, core_weeks_seen=weeks.seen.astype("int64")),
        control.records[["region_id"]].assign(
            visits_of_window=1,
            visits_effective=control.records.objective_met.astype("int64"),
        ),
        control.needs[["region_id"]].assign(open_needs=1),
    ]  # fmt: skip
    return side_by_side([by_region(part) for part in parts])
