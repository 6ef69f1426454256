"""A month's plan in words: its sentence, its tables for people, its checks, its next steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from insights.tables import region_name
from insights.words import _, quantity, signed

if TYPE_CHECKING:
    from insights.calls.planning.result import CallPlan

LISTED = 20
TOO_MANY = 1.5  # planned visits for each that reps made: more has never been seen to be kept


def plan_sentence(plan: CallPlan) -> str:
    """Say what is planned, what it reaches beside the rule of thumb, and what is dropped."""
    where = region_name(plan.regions, plan.region)
    if plan.status != "ok":
        return _("{region}: no plan of visits: {reason}.").format(region=where, reason=plan.reason)
    visits, goal = int(plan.visits.planned.sum()), int(plan.visits.goal.sum())
    said = [
        _("{region}: {visits} visits are planned for {month}; the policy's least asks for {goal}.")
        .format(region=where, visits=quantity(visits), month=f"{plan.month:%Y-%m}",
                goal=quantity(goal)),
        _("They cover {covered} of the customers' worth, {gain} against cutting every goal alike.")
        .format(covered=_share(plan.visits.covered.sum(), plan.visits.value.sum()),
                gain=signed(plan.gain)),
        _dropped_words(plan.dropped),
        *plan.notes,
    ]  # fmt: skip
    return " ".join(one.rstrip(".") + "." for one in said)


def region_rows(visits: pd.DataFrame, reps: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each region of the customers: visits asked, planned, and worth covered."""
    sums = visits.assign(customers=1).groupby("region_id")[
        ["customers", "goal", "planned", "proportional", "value", "covered", "covered_proportional"]
    ].sum()  # fmt: skip
    calls = reps.groupby("region_id").calls.sum().reindex(sums.index)
    return pd.DataFrame(
        {
            _("region"): [region_name(regions, one) for one in sums.index],
            _("calls to plan"): calls.astype("Int64").to_numpy(),
            _("visits the policy asks for"): sums.goal.to_numpy(),
            _("visits planned"): sums.planned.to_numpy(),
            _("worth covered, %"): _percent(sums.covered, sums.value),
            _("by the rule, %"): _percent(sums.covered_proportional, sums.value),
            _("gain, %"): _percent(sums.covered - sums.covered_proportional,
                                   sums.covered_proportional),
        }
    )  # fmt: skip


def staffing_rows(staffing: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Return what a change of heads would change, against no change, for people to read."""
    columns = [
        _("region"), _("reps more or fewer"), _("visits"), _("customers' worth, CNY a month"),
        _("visits below the goals"),
    ]  # fmt: skip
    if staffing.empty:
        return pd.DataFrame(columns=columns)
    base = staffing[staffing.change == 0].set_index("region_id")
    rows = staffing[staffing.change.abs() == staffing.change.abs().max()]
    lost = rows.below_goal - rows.region_id.map(base.below_goal)
    more = rows.visits - rows.region_id.map(base.visits)
    worth = (rows.covered - rows.region_id.map(base.covered)).round(0)
    names = [region_name(regions, one) for one in rows.region_id]
    told = [f"{n:+d}" for n in rows.change]
    cells = (names, told, more.to_numpy(), worth.to_numpy(), lost.to_numpy())
    return pd.DataFrame(dict(zip(columns, cells, strict=True)))


def check_rows(plan: CallPlan) -> pd.DataFrame:
    """Return the checks: each its value, its bound, a plain verdict."""
    columns = ["check", "value", "bound", "verdict"]
    if plan.status != "ok":
        return pd.DataFrame(columns=columns)
    over = int((plan.reps.planned > plan.reps.calls).sum())
    most = int(plan.days.groupby(["rep_id", "date"]).size().max()) if len(plan.days) else 0
    short = int(plan.approvals.short.sum())
    bound = math.ceil(plan.params.calls_per_day)
    rows = [
        (_("reps planned above their calls"), str(over), "0", _verdict(over == 0)),
        (_("most visits on one day of a rep"), str(most), str(bound),
         _verdict(most <= bound)),
        (_("approved visits that do not fit"), str(short), "0", _verdict(short == 0)),
        (_("worth covered against cutting every goal alike"), signed(plan.gain), "0",
         _verdict(not plan.gain < 0)),
        (_("reps without a day in the month"), str(int((plan.reps.days == 0).sum())), "0",
         _verdict(not (plan.reps.days == 0).any())),
        _against_past(plan),
        (_("worth of a further visit against the one before"),
         quantity(plan.params.repeat_worth), "–", _("assumed, not estimated")),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _against_past(plan: CallPlan) -> tuple[str, str, str, str]:
    """Return the check that reps have ever made as many visits as they are to make."""
    made, planned = float(plan.reps.made_lately.sum()), float(plan.reps.planned.sum())
    ratio = planned / made if made > 0 else float("nan")
    words = _("fails: more than was ever made; lower calls_per_day")
    return (
        _("visits planned for each that was made lately"),
        f"{ratio:.2f}" if made > 0 else "–", _("at most {most}").format(most=TOO_MANY),
        _("no visits lately") if not made > 0 else _("holds") if ratio <= TOO_MANY else words,
    )  # fmt: skip


def action_rows(plan: CallPlan) -> pd.DataFrame:
    """Return who does what next: approvals that do not fit, vacancies, whom the plan drops."""
    columns = [_("who"), _("next step"), _("because")]
    if plan.status != "ok":
        return pd.DataFrame(columns=columns)
    rows = [
        (_("regional manager"),
         _("read the plan with the reps, then import call_plans into the CRM"),
         _("{n} visits to {customers} customers in {month}").format(
             n=int(plan.visits.planned.sum()), customers=plan.rows.customer_id.nunique(),
             month=f"{plan.month:%Y-%m}"))
    ] + [
        (_("whoever approved {decision}").format(decision=row.decision_id),
         _("lower it, or free days: {n} of {asked} visits to {subject} do not fit").format(
             n=row.short, asked=row.visits, subject=row.subject_id),
         _("days, calls and reception leave no room"))
        for row in plan.approvals[plan.approvals.short > 0].itertuples()
    ] + [
        (_("regional manager"), _("name a stand-in for {rep}").format(rep=row.rep_id),
         _("no working day in the month, {n} customers").format(n=row.customers))
        for row in plan.reps[plan.reps.days == 0].itertuples()
    ] + [
        (row.rep_id,
         _("visit {customer} {planned} of {goal} times; call by phone besides").format(
             customer=row.customer_id, planned=row.planned, goal=row.goal),
         reason_words(str(row.reason)))
        for row in plan.dropped.head(LISTED).itertuples()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def reason_words(reason: str) -> str:
    """Say why a customer is seen less often than the policy's least."""
    return {
        "approved": _("somebody decided so"),
        "caller_away": _("its rep has no day in the month"),
        "reception": _("it receives on too few of its rep's days"),
        "customer_maximum": _("all its reps together reach the most visits a customer is to get"),
        "capacity": _("its rep's calls reach more elsewhere"),
    }[reason]


def _dropped_words(dropped: pd.DataFrame) -> str:
    if dropped.empty:
        return _("Every customer reaches the policy's least.")
    words = _("{n} customers of reps stay below the policy's least, {visits} visits in all.")
    return words.format(n=len(dropped), visits=quantity(int(dropped.missing.sum())))


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole > 0 else "–"


def _percent(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (100 * part / whole.where(whole > 0)).round(1).reset_index(drop=True)


def _verdict(holds: bool) -> str:
    return _("holds") if holds else _("fails")
