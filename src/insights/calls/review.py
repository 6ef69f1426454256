"""The verb: are the planned calls made, and which are to be made next?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from insights.calls.control.control import control_calls
from insights.calls.control.fieldwork import Fieldwork, read_fieldwork
from insights.calls.planning import plan_calls
from insights.calls.result import CallReview
from insights.calls.week_of_routes import routed_weeks
from insights.params import CallsParams
from insights.tables import CANONICAL, Tables, as_date
from insights.words import _, listing

NEEDED = (
    "customers", "visits", "call_plans", "territories", "reps", "needs", "absences", "calendar",
    "orders", "decisions",
)  # fmt: skip


def review_calls(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    params: CallsParams = CallsParams(),  # noqa: B008  (frozen)
) -> CallReview:
    """Are the planned calls made, on whom, what do they leave, and whom to see next month?

    Computed over the whole company from what was known on as_of; ``for_region`` shows a slice.
    A table or column that is missing costs only its part, which ``check()`` says; without visits
    the status is "not_enough_data".
    """
    day = as_date(as_of)
    work = read_fieldwork(tables, day, params)
    review = CallReview(
        control=control_calls(work, _present(tables), params),
        plan=plan_calls(tables, day, params), weeks=routed_weeks(work, params),
        month=work.month, progress=_progress(work),
        notes=(*work.faults, *_gaps(tables, params)),
        regions=tables.regions, params=params, as_of=day,
    )  # fmt: skip
    if work.done.empty:
        return replace(review, status="not_enough_data", reason=_no_visits(tables, day))
    return review


def _present(tables: Tables) -> list[str]:
    """Return the columns of visits that the source holds."""
    names = [column.name for column in CANONICAL["visits"].columns]
    return [name for name in names if tables.gap("visits", name) is None]


def _progress(work: Fieldwork) -> float:
    """Return the share of the month's working days that have passed, as_of included."""
    days = work.worked[work.worked >= work.month]
    return float((days <= work.as_of).sum() / len(days)) if len(days) else float("nan")


def _gaps(tables: Tables, params: CallsParams) -> tuple[str, ...]:
    absent = [gap for name in NEEDED if (gap := tables.gap(name)) is not None]
    fields = (*params.need_fields, *params.fact_fields, "status", "channel", "planned_on",
              "objective_met", "entered_at", "starts_at", "visit_type")  # fmt: skip
    missing = [name for name in fields if tables.has("visits") and name not in _present(tables)]
    if missing:
        words = _("visits: no column {names}: what rests on them is left out")
        absent.append(words.format(names=listing(missing, 12)))
    return tuple(absent)


def _no_visits(tables: Tables, day: dt.date) -> str:
    return tables.gap("visits") or _("no visit was recorded by {day}").format(day=day)
