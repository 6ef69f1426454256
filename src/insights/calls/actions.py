"""Who does what next: whom to see, what to change, what to close, where to release visits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.calls.control.accounts import NEVER, OVER, OVERDUE, UNDER
from insights.calls.control.control import Control
from insights.params import CallsParams
from insights.words import _

COLUMNS = (
    "customer_id",
    "name",
    "region_id",
    "tier",
    "rep_id",
    "action",
    "why",
    "value",
    "call_on",
)
HALF = 0.5


def next_calls(control: Control, params: CallsParams) -> pd.DataFrame:
    """Return the one thing to do next at each customer that needs something, in this order.

    See weekly: a core customer seen in less than half the weeks asked. Change the aim: visited
    often and nothing moved. Close needs: one open for longer than ``need_days``. Call: tier A or B,
    seen less than the policy asks even at the company's capacity, and overdue. Find a caller: no
    rep covers a customer with a tier. Release: tier C seen more than the policy asks. Within each,
    the most value first. Columns of ``COLUMNS``: value in CNY a year, call_on the next day open.
    """
    rows = _with_facts(control)
    often = (rows.asked > 0) & (rows.met < HALF * rows.asked)
    kinds = [
        rows.tier.notna() & (rows.reps == 0),
        often,
        rows.stalled,
        rows.old_needs > 0,
        rows.tier.isin(["A", "B"]) & (rows.service_here == UNDER) & rows.due.isin([OVERDUE, NEVER]),
        (rows.tier == "C") & (rows.service_here == OVER),
    ]
    names = [_("find a caller"), _("see weekly"), _("change the aim"), _("close the need"),
             _("call"), _("release")]  # fmt: skip
    order = np.select(kinds, range(1, len(kinds) + 1), 0)
    found = rows.assign(
        order=order, action=np.select(kinds, names, ""),
        why=[_why(row, kind, params) for row, kind in zip(rows.itertuples(), order, strict=True)],
    )  # fmt: skip
    asked = found[found.order > 0].rename_axis("customer_id").reset_index()
    ranked = asked.sort_values(["order", "value", "customer_id"], ascending=[True, False, True])
    return ranked[list(COLUMNS)].reset_index(drop=True)


def team_steps(control: Control, params: CallsParams) -> pd.DataFrame:
    """Return what to talk about with which rep: customer_id is missing in these rows."""
    reps = control.reps.sort_index()
    poor = reps[reps.below.astype(bool)]
    idle = reps[(reps.use < params.low_use * reps.planned_use) & (reps.goal > 0)]
    rows = [_step(rep, _("visit together"), _poor(row)) for rep, row in poor.iterrows()]
    rows += [
        _step(rep, _("ask what holds the visits up"), _idle(row)) for rep, row in idle.iterrows()
    ]
    found = pd.DataFrame(rows, columns=["rep_id", "action", "why"])
    home = found.rep_id.map(control.reps.region_id)
    return found.assign(region_id=home).reindex(columns=list(COLUMNS))


def shown_actions(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the first of each action, in human headings."""
    each = max(count // max(rows.action.nunique(), 1), 1)
    first = rows.groupby("action", sort=False).head(each)
    return pd.DataFrame(
        {
            _("who"): first.rep_id.astype("object").fillna(_("team lead")),
            _("what"): first.action,
            _("customer"): first.customer_id.astype("object").fillna(""),
            _("name"): first.name.astype("object").fillna(""),
            _("tier"): first.tier.astype("object").fillna(""),
            _("because"): first.why,
            _("next day open"): pd.to_datetime(first.call_on).dt.strftime("%Y-%m-%d").fillna(""),
        }
    ).reset_index(drop=True)


def _with_facts(control: Control) -> pd.DataFrame:
    """Return the accounts with weeks asked and met, stalled and old needs beside them."""
    weeks = control.weeks.assign(met=control.weeks.asked * control.weeks.seen)
    sums = weeks.groupby("customer_id")[["asked", "met"]].sum()
    still = control.stalled.set_index("customer_id")[["stalled", "visits"]]
    still = still.rename(columns={"visits": "visits_stalled"})
    needs = control.needs.groupby("customer_id").agg(
        old_needs=("old", "sum"), oldest=("age_days", "max")
    )
    rows = control.accounts.join(sums).join(still).join(needs)
    return rows.assign(stalled=rows.stalled.eq(True), old_needs=rows.old_needs.fillna(0))


def _why(row: object, kind: int, params: CallsParams) -> str:
    said = {
        1: _("tier {tier} and nobody covers it"),
        2: _("seen face to face in {met:.1f} of {asked:.1f} weeks asked"),
        3: _("{visits} visits in {days} days, nothing moved"),
        4: _("{needs:.0f} open for more than {old} days, the oldest {oldest:.0f}"),
        5: _("{rate:.1f} visits a month where {low:.1f} are asked at capacity; {overdue}"),
        6: _("{rate:.1f} visits a month where {high:.1f} are the most at capacity"),
    }.get(kind)
    return "" if said is None else said.format(**_figures(row, params))


def _figures(row: object, params: CallsParams) -> dict[str, object]:
    get = row._asdict()  # type: ignore[attr-defined]
    late = get["days_overdue"]
    return {
        "tier": get["tier"], "met": get["met"], "asked": get["asked"],
        "visits": 0 if pd.isna(get["visits_stalled"]) else int(get["visits_stalled"]),
        "days": params.stalled_days, "needs": get["old_needs"], "old": params.need_days,
        "oldest": get["oldest"], "rate": get["visits_a_month"], "low": get["low_here"],
        "high": get["high_here"],
        "overdue": _("never visited") if pd.isna(late)
        else _("{n:.0f} days overdue").format(n=late),
    }  # fmt: skip


def _step(rep: object, action: str, why: str) -> tuple[str, str, str]:
    return str(rep), action, why


def _poor(row: pd.Series) -> str:
    words = _("objective met in {share:.0f} % of {n:.0f} visits, at most {high:.0f} %")
    return words.format(share=100 * row.effective, n=row.records, high=100 * row.effective_high)


def _idle(row: pd.Series) -> str:
    words = _("{use:.0f} % of capacity used where the goals ask {goal:.0f} %")
    return words.format(use=100 * row.use, goal=100 * row.planned_use)
