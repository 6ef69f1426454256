"""The plan as rows of the table call_plans, for the CRM to import."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.known import known
from insights.features.visits import plans_of
from insights.tables import Tables

CALL_PLANS = (
    "rep_id", "customer_id", "period", "visit_type", "goal", "maximum", "objective",
)  # fmt: skip
LOOK_BACK = 92  # days: a plan of the last quarter still says what the visits are for
UNKNOWN_STAGES = ("none", "aware")


def purposes(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Return what each rep last planned to do at each customer: visit_type, objective.

    Indexed by rep_id and customer_id: the latest plan of the last quarter.
    """
    first = as_of - dt.timedelta(days=LOOK_BACK)
    rows = plans_of(tables, first, as_of).execute()
    rows = rows.sort_values(["period", "goal", "visit_type"], kind="stable")
    last = rows.drop_duplicates(["rep_id", "customer_id"], keep="last")
    return last.set_index(["rep_id", "customer_id"])[["visit_type", "objective"]]


def open_topics(tables: Tables, as_of: dt.date) -> pd.Series:
    """Return each customer's oldest open need by customer_id: what its next visit is for."""
    rows = known(tables, "needs", as_of)
    waiting = rows.filter(rows.closed_on.isnull() & rows.topic.notnull()).execute()
    oldest = waiting.sort_values(["opened_on", "need_id"]).drop_duplicates("customer_id")
    return oldest.set_index("customer_id").topic


def first_visits(tables: Tables, as_of: dt.date) -> frozenset[str]:
    """Return the customers that do not know us yet, by their relationship_stage."""
    rows = known(tables, "customers", as_of)
    new = rows.filter(rows.relationship_stage.isin(UNKNOWN_STAGES)).customer_id.execute()
    return frozenset(new)


def call_plan_rows(
    visits: pd.DataFrame, month: dt.date, said: pd.DataFrame, topics: pd.Series,
    new: frozenset[str],
) -> pd.DataFrame:  # fmt: skip
    """Return the rows of call_plans: a row for each rep and customer with a visit, sorted.

    objective is the oldest open need, else the last plan's; visit_type the last plan's, else
    "new" for a customer that does not know us yet, else "keep". goal is the planned visits,
    maximum the policy's (never below the goal).
    """
    rows = visits[visits.planned > 0]
    last = said.reindex(pd.MultiIndex.from_frame(rows[["rep_id", "customer_id"]]))
    kind = pd.Series(last.visit_type.to_numpy(), rows.index, dtype="object")
    aim = pd.Series(last.objective.to_numpy(), rows.index, dtype="object")
    usual = rows.customer_id.isin(new).map({True: "new", False: "keep"})
    made = rows.assign(
        period=pd.Timestamp(month),
        visit_type=kind.where(kind.notna(), usual),
        goal=rows.planned,
        maximum=rows[["maximum", "planned"]].max(axis=1),
        objective=rows.customer_id.map(topics).astype("object").fillna(aim),
    )
    return made.sort_values(["rep_id", "customer_id"], ignore_index=True)[list(CALL_PLANS)]
