"""The control of calls in a sentence."""

from __future__ import annotations

import math

import pandas as pd

from insights.calls.control.accounts import OVER, OVERDUE, UNDER
from insights.calls.control.attainment import attainment
from insights.calls.control.control import Control
from insights.calls.control.records import record_figures
from insights.calls.control.weekly import weekly_rate
from insights.words import _


def month_sentence(control: Control, month: pd.Timestamp, progress: float) -> str:
    """Say how much of the month's plan was made, beside how much of the month has passed."""
    found = attainment(control.plans[control.plans.period == month])
    name = f"{month:%Y-%m}"
    if math.isnan(found.uncapped):
        return _("no call plan holds a goal for {month}").format(month=name)
    return _(
        "{actual:.0f} of {goal:.0f} planned visits of {month} were made: {uncapped:.0f} %, and "
        "{capped:.0f} % where visits past a customer's maximum do not count; {passed:.0f} % of the "
        "month's working days have passed"
    ).format(
        actual=found.actual, goal=found.goal, month=name, uncapped=100 * found.uncapped,
        capped=100 * found.capped, passed=100 * progress,
    )  # fmt: skip


def core_sentence(control: Control) -> str:
    """Say how often core customers are seen."""
    rate = weekly_rate(control.weeks)
    if math.isnan(rate):
        return _("no week asked for a visit to a core customer")
    return _("core customers were seen face to face in {rate:.0f} % of the weeks asked").format(
        rate=100 * rate
    )


def attention_sentence(control: Control) -> str:
    """Say who is overdue, and who gets too little or too much."""
    rows = control.accounts
    late, tiered = int((rows.due == OVERDUE).sum()), int(rows.tier.notna().sum())
    if not tiered:
        return _("no customer has a tier, so nobody is due")
    under = int(((rows.tier == "A") & (rows.service_here == UNDER)).sum())
    over = int(((rows.tier == "C") & (rows.service_here == OVER)).sum())
    return _(
        "{late} of {all} customers are overdue; {under} of tier A get less than their share of the "
        "visits made, {over} of tier C more"
    ).format(late=late, all=tiered, under=under, over=over)


def records_sentence(control: Control, entry_by: str) -> str:
    """Say what the records hold."""
    if control.records.empty:
        return _("no visit was recorded lately")
    found = record_figures(control.records)
    met = _("{effective:.0f} % of the visits met their objective").format(
        effective=100 * found.effective
    )
    met = _("no record says whether its objective was met") if math.isnan(found.effective) else met
    if math.isnan(found.in_time):
        return met
    return _("{met}, {in_time:.0f} % were entered by {hour} of the same day").format(
        met=met, in_time=100 * found.in_time, hour=entry_by
    )


def first_upper(text: str) -> str:
    """Return a sentence with a capital letter at its start."""
    return text[:1].upper() + text[1:]
