"""Were the plans kept, and core customers seen? Tables for people to read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from insights.calls.control.attainment import attainment, ratio
from insights.calls.control.control import Control
from insights.calls.control.weekly import weekly_rate
from insights.calls.views.forms import (
    LISTED,
    by_tier,
    dashed,
    dates,
    percent,
    percents,
    rounded,
    stacked,
)
from insights.features.reception import day_names
from insights.params import CallsParams
from insights.words import _, shown

LATEST = {"month": 6, "week": 5, "day": 5}


def reach(control: Control) -> pd.DataFrame:
    """Who was to be seen this month, and who was? A row a tier, and all of them."""
    return by_tier(control.accounts, lambda part, tier: _reach_line(part, control.plans, tier))


def _reach_line(part: pd.DataFrame, plans: pd.DataFrame, tier: str | None) -> dict[str, object]:
    target = part[part.goal > 0]
    met = part[part.visits_month > 0]
    both = int((target.visits_month > 0).sum())
    month = plans[plans.period == plans.period.max()] if len(plans) else plans
    own = month if tier is None else month[month.tier.fillna("") == tier]
    reached = attainment(own)
    return {
        _("customers"): len(part),
        _("% with a rep"): percent(ratio((part.reps > 0).sum(), len(part))),
        _("with a goal"): len(target),
        _("of these seen, %"): percent(ratio(both, len(target))),
        _("all seen, %"): percent(ratio(len(met), len(part))),
        _("visits each seen"): round(ratio(met.visits_month.sum(), len(met)), 2),
        _("goal, visits"): int(reached.goal),
        _("uncapped, %"): percent(reached.uncapped),
        _("capped, %"): percent(reached.capped),
    }


def plan_against_actual(control: Control) -> pd.DataFrame:
    """Were the plans of the last months, weeks and days kept?"""
    parts = [_pace_rows(control, grain) for grain in LATEST]
    return dashed(pd.concat(parts, ignore_index=True)).set_index(_("period"))


def _pace_rows(control: Control, grain: str) -> pd.DataFrame:
    rows = control.pace[control.pace.grain == grain]
    sums = rows.groupby("period")[["planned", "kept", "done", "off_plan"]].sum()
    last = sums.tail(LATEST[grain])
    goals = monthly(control).reindex(last.index) if grain == "month" else None
    empty = pd.Series(np.nan, index=last.index)
    form = {"month": "%Y-%m", "week": _("week of %Y-%m-%d"), "day": "%Y-%m-%d"}[grain]
    return pd.DataFrame(
        {
            _("period"): pd.DatetimeIndex(last.index).strftime(form),
            _("dated plans"): last.planned.to_numpy(),
            _("kept in it"): last.kept.to_numpy(),
            _("kept, %"): percents(last.kept, last.planned),
            _("visits made"): last.done.to_numpy(),
            _("off plan, %"): percents(last.off_plan, last.done),
            _("monthly goal"): (empty if goals is None else goals.goal).to_numpy(),
            _("uncapped, %"): (
                empty if goals is None else rounded(100 * goals.uncapped)
            ).to_numpy(),
            _("capped, %"): (empty if goals is None else rounded(100 * goals.capped)).to_numpy(),
        }
    )


def monthly(control: Control) -> pd.DataFrame:
    """Return goal, actual, capped and uncapped attainment of each month, by its first day."""
    found = {period: attainment(part) for period, part in control.plans.groupby("period")}
    columns = ["plans", "goal", "actual", "uncapped", "capped", "without_visit"]
    table = pd.DataFrame(found).T.reindex(columns=columns).astype("float64")
    return table.set_axis(pd.DatetimeIndex(table.index).astype("datetime64[s]"))


def by_type(control: Control, month: pd.Timestamp) -> pd.DataFrame:
    """Were the goals of each type of visit reached this month, and how many of each were made?"""
    plans = control.plans[control.plans.period == month]
    made = control.records[control.records.visited_on >= month]
    types = sorted({*plans.visit_type.dropna(), *made.visit_type.dropna()})
    rows = {}
    for one in types:
        found = attainment(plans[plans.visit_type == one])
        rows[shown(one)] = {
            _("goal, visits"): int(found.goal),
            _("counted for it"): int(found.actual),
            _("uncapped, %"): percent(found.uncapped),
            _("capped, %"): percent(found.capped),
            _("visits of this type"): int((made.visit_type == one).sum()),
        }
    return stacked(rows).rename_axis(_("visit type"))


def weekly_rule(control: Control, params: CallsParams) -> pd.DataFrame:
    """Whom of the core customers did nobody see for longest? The most value first."""
    weeks = control.weeks
    sums = weeks.assign(met=weeks.asked * weeks.seen).groupby("customer_id")[["asked", "met"]].sum()
    rows = control.accounts.join(sums, how="inner")
    rows = rows.assign(rate=(rows.met / rows.asked.where(rows.asked > 0)))
    worst = rows[rows.asked > rows.met].sort_values(["rate", "value"], ascending=[True, False])
    worst = worst.rename_axis("customer_id").reset_index().head(LISTED)
    return pd.DataFrame(
        {
            _("customer"): worst.customer_id,
            _("name"): worst.name.fillna(""),
            _("rep"): worst.rep_id.fillna(_("nobody")),
            _("receives on"): [day_names(_days(one)) for one in worst.receives],
            _("weeks asked"): worst.asked.round(1),
            _("seen face to face"): worst.met.round(1),
            _("last visit"): dates(worst.last_on),
            _("k CNY a year"): (worst.value / 1e3).round(0).astype("int64"),
        }
    )


def weekly_by_region(control: Control, names: Mapping[str, str]) -> pd.DataFrame:
    """In how many of the weeks asked was a core customer seen, region by region?"""
    rows = {
        names.get(str(region), str(region)): _week_line(part)
        for region, part in control.weeks.groupby("region_id")
    }
    rows[_("all")] = _week_line(control.weeks)
    return stacked(rows).rename_axis(_("region"))


def _week_line(part: pd.DataFrame) -> dict[str, object]:
    never = part.assign(met=part.asked * part.seen).groupby("customer_id")[["asked", "met"]].sum()
    return {
        _("core customers"): int(part.customer_id.nunique()),
        _("weeks asked"): round(float(part.asked.sum()), 1),
        _("seen, %"): percent(weekly_rate(part)),
        _("never seen"): int(((never.asked > 0) & (never.met == 0)).sum()),
        _("weeks not asked"): int((part.asked == 0).sum()),
    }


def _days(one: object) -> frozenset[int] | None:
    return one if isinstance(one, frozenset) else None
