"""Where do visits go, who is due, how full are the months? Tables for people to read."""

from __future__ import annotations

import pandas as pd

from insights.calls.control.accounts import OVER, OVERDUE, SOON, UNDER
from insights.calls.control.attainment import ratio
from insights.calls.control.control import Control
from insights.calls.views.forms import (
    LISTED,
    band,
    by_tier,
    dashed,
    dates,
    percent,
    rounded,
    tier_name,
)
from insights.words import _, shown


def allocation(control: Control) -> pd.DataFrame:
    """Do visits go where the money is? A row a tier."""
    rows = control.accounts[control.accounts.tier.notna()]
    return by_tier(rows, lambda part, tier: _allocation_line(part, rows, tier))


def _allocation_line(
    part: pd.DataFrame, everybody: pd.DataFrame, tier: str | None
) -> dict[str, object]:
    under, over = part.service_here == UNDER, part.service_here == OVER
    spare = (part.visits_a_month - part.high_here).clip(lower=0).sum()
    return {
        _("customers"): len(part),
        _("% of value"): percent(ratio(part.value.sum(), everybody.value.sum())),
        _("% of potential"): percent(ratio(part.potential.sum(), everybody.potential.sum())),
        _("% of visits"): percent(ratio(part.visits.sum(), everybody.visits.sum())),
        _("visits a month each"): round(ratio(part.visits_a_month.sum(), len(part)), 2),
        _("policy"): band(part.policy_low, part.policy_high) if tier else "",
        _("at capacity"): band(part.low_here, part.high_here) if tier else "",
        _("under-served"): int(under.sum()),
        _("their value, k CNY a year"): round(float(part.value[under].sum()) / 1e3),
        _("over-served"): int(over.sum()),
        _("visits a month to move"): round(float(spare), 1),
    }


def due(control: Control) -> pd.DataFrame:
    """Whom to call on first: overdue by most intervals, then the most value."""
    rows = control.accounts[
        control.accounts.due.isin([OVERDUE, SOON]) & (control.accounts.reps > 0)
    ]
    late = rows.assign(share=rows.days_overdue / rows.interval)
    order = late.sort_values(["tier", "share", "value"], ascending=[True, False, False])
    top = order.rename_axis("customer_id").reset_index().head(LISTED)
    return pd.DataFrame(
        {
            _("customer"): top.customer_id,
            _("name"): top.name.fillna(""),
            _("tier"): top.tier,
            _("rep"): top.rep_id,
            _("last visit"): dates(top.last_on),
            _("was due"): dates(top.next_due),
            _("days overdue"): top.days_overdue.astype("int64"),
            _("next day open"): dates(top.call_on),
        }
    )


def due_counts(control: Control) -> pd.DataFrame:
    """How many customers are overdue, due soon, not due or were never seen, by tier?"""
    rows = control.accounts[control.accounts.due != ""]
    table = pd.crosstab(rows.tier, rows.due).rename(columns=shown)
    return table.rename_axis(_("tier")).rename_axis(columns=None)


def stalled(control: Control) -> pd.DataFrame:
    """Which customers are visited often while nothing moves?"""
    names = control.accounts.name
    rows = control.stalled[control.stalled.stalled.astype(bool)]
    order = rows.sort_values(["visits", "value"], ascending=False, kind="stable").head(LISTED)
    return pd.DataFrame(
        {
            _("customer"): order.customer_id,
            _("name"): order.customer_id.map(names).fillna(""),
            _("tier"): [tier_name(one) for one in order.tier],
            _("visits in half a year"): order.visits,
            _("k CNY a year"): (order.value / 1e3).round(0).fillna(0).astype("int64"),
        }
    ).reset_index(drop=True)


def team(control: Control) -> pd.DataFrame:
    """How full is each rep's month, and what do the records say? The least used first."""
    rows = control.reps.sort_values(["use", "effective"], na_position="first", kind="stable")
    return dashed(
        pd.DataFrame(
            {
                _("customers"): rows.customers.astype("int64"),
                _("days"): rows.days_so_far.astype("int64"),
                _("absent"): rows.absent_days.astype("int64"),
                _("visits a day"): rows.calls_a_day.round(2),
                _("goals, % of capacity"): rounded(100 * rows.planned_use),
                _("visits, % of capacity"): rounded(100 * rows.use),
                _("objective met, %"): rounded(100 * rows.effective),
                _("at most, %"): rounded(100 * rows.effective_high),
                _("full needs profile, %"): rounded(100 * rows.need_full),
                _("entered in time, %"): rounded(100 * rows.in_time),
                _("seen often"): rows.often.astype("int64"),
                _("nothing moved"): rows.stalled.astype("int64"),
            }
        )
    ).rename_axis(_("rep"))


def tier_shares(control: Control) -> pd.DataFrame:
    """Return the share of value, potential, customers and visits of each tier, in percent."""
    rows = control.accounts[control.accounts.tier.notna()]
    sums = (
        rows.assign(customers=1.0)
        .groupby("tier")[["value", "potential", "customers", "visits"]]
        .sum()
    )
    shares = 100 * sums / sums.sum().where(sums.sum() > 0)
    names = {"value": _("value"), "potential": _("potential"), "customers": _("customers"),
             "visits": _("visits")}  # fmt: skip
    return shares.rename(columns=names).T
