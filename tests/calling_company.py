"""A company of three customers and two reps, small enough to work every figure out by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.params import CallsParams
from insights.tables import CANONICAL

DAY = dt.date(2025, 11, 30)  # a Sunday: the last whole week ends on it
PARAMS = CallsParams(first_look_back_days=10, min_cell=1, stalled_visits=3)
FIELDS = [column.name for column in CANONICAL["visits"].columns]


def visit(number, customer, day, rep="R1", **more):
    row = {
        "visit_id": f"V{number:02d}", "rep_id": rep, "customer_id": customer, "visited_on": day,
        "channel": "in_person", "visit_type": "keep", "status": "submitted",
        "starts_at": f"{day} 10:00", "entered_at": f"{day} 18:00", "planned_on": None,
        "objective": None, "objective_met": None, "contact_id": "secret",
        **dict.fromkeys((*PARAMS.need_fields, *PARAMS.fact_fields)), **more,
    }  # fmt: skip
    return row


def company(**changed):
    """Three customers of two reps in November 2025; ``changed`` frames replace these."""
    frames = {
        "regions": [("east", "East"), ("west", "West")],
        "customers": pd.DataFrame(
            {
                "customer_id": ["C1", "C2", "C3"], "region_id": ["east", "east", "west"],
                "name": ["one", "two", "three"], "tier": ["A", "C", "B"],
                "potential": [100.0, 50.0, 10.0], "reception": ["Wed 14-17", None, "周四、周五"],
                "longitude": [120.1, 120.2, 104.0], "latitude": [30.1, 30.2, 30.6],
            }
        ),
        "reps": pd.DataFrame(
            {
                "rep_id": ["R1", "R2"], "region_id": ["east", "west"],
                "line_type": ["drug", "drug"], "product_line": ["x", "x"],
                "hired_on": ["2020-01-01"] * 2, "left_on": [None, None],
            }
        ),
        "territories": pd.DataFrame(
            {
                "rep_id": ["R1", "R1", "R2"], "customer_id": ["C1", "C2", "C3"],
                "from_on": ["2020-01-01"] * 3, "to_on": [None] * 3,
            }
        ),
        "call_plans": pd.DataFrame(
            {
                "rep_id": ["R1", "R1", "R2"], "customer_id": ["C1", "C2", "C3"],
                "period": ["2025-11-01"] * 3, "visit_type": ["keep", "keep", "head"],
                "goal": [4, 1, 2], "maximum": [5, 2, 3],
            }
        ),
        "visits": pd.DataFrame(
            [
                visit(1, "C1", "2025-11-05", planned_on="2025-11-05", objective="o",
                      objective_met=True, **dict.fromkeys(PARAMS.need_fields, "x")),
                visit(2, "C1", "2025-11-12", planned_on="2025-11-11", objective="o",
                      objective_met=False, entered_at="2025-11-12 19:01"),
                visit(3, "C2", "2025-11-06", channel="phone"),
                visit(4, "C2", "2025-11-07", entered_at="2025-11-08 08:00"),
                visit(5, "C2", "2025-11-10", next_action="无", entered_at="2025-11-10 19:00"),
                visit(6, "C2", "2025-11-20", status="planned", planned_on="2025-11-20"),
                visit(7, "C2", "2025-11-27", status="saved"),
                visit(8, "C1", "2025-12-03"),
            ]
        ),
        "needs": pd.DataFrame(
            {
                "need_id": ["N1", "N2", "N3"], "customer_id": ["C1", "C2", "C1"],
                "opened_on": ["2025-10-01", "2025-11-06", "2025-11-01"],
                "closed_on": [None, None, "2025-11-20"], "topic": ["price", "price", "use"],
            }
        ),
        "absences": pd.DataFrame(
            {"rep_id": ["R2"], "from_on": ["2025-11-24"], "to_on": ["2025-12-05"]}
        ),
        "orders": pd.DataFrame(
            {
                "order_id": ["O1", "O2"], "line_no": [1, 1], "customer_id": ["C1", "C2"],
                "ordered_on": ["2025-06-01", "2025-06-02"], "amount": [1000.0, 10.0],
            }
        ),
        "decisions": pd.DataFrame(
            {
                "decision_id": ["D1", "D2"], "kind": ["tier", "tier"], "subject_id": ["C3", "C2"],
                "value": ["B级", "A"], "decided_on": ["2025-01-01", "2025-12-24"],
            }
        ),
    }  # fmt: skip
    frames["regions"] = pd.DataFrame(frames["regions"], columns=["region_id", "region_name"])
    return {name: frame for name, frame in (frames | changed).items() if frame is not None}


DATES = ("visited_on", "planned_on", "from_on", "to_on", "period", "hired_on", "left_on",
         "opened_on", "closed_on", "ordered_on", "decided_on", "date")  # fmt: skip
TIMES = ("starts_at", "entered_at")


def typed(frame):
    given = {c: pd.to_datetime(frame[c]).dt.date for c in DATES if c in frame}
    clock = {c: pd.to_datetime(frame[c]) for c in TIMES if c in frame}
    bools = {c: frame[c].astype("boolean") for c in ("objective_met",) if c in frame}
    return frame.assign(**given, **clock, **bools)
