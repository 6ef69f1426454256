"""What did visits leave behind? Tables for people to read."""

from __future__ import annotations

import pandas as pd

from insights.calls.control.attainment import ratio
from insights.calls.control.control import Control
from insights.calls.control.records import record_figures
from insights.calls.views.forms import TIERS, dashed, percent, rounded, stacked, tier_name
from insights.params import CallsParams
from insights.words import _, shown


def records(control: Control) -> pd.DataFrame:
    """What did the visits of the window leave? A row a measure, a column a tier."""
    rows = control.records
    tier = rows.tier.fillna("")
    names = {
        "visits": _("visits"),
        "effective": _("objective met, % of all visits"),
        "effective_of_aimed": _("objective met, % of visits with one"),
        "no_objective": _("without an objective, %"),
        "need_filled": _("needs profile: fields filled, %"),
        "need_full": _("needs profile: full records, %"),
        "fact_filled": _("facts profile: fields filled, %"),
        "fact_full": _("facts profile: full records, %"),
        "in_time": _("entered in time, %"),
        "median_hours": _("hours to entry, median"),
    }
    found = {
        tier_name(one): record_figures(rows[tier == one]) for one in TIERS if (tier == one).any()
    }
    table = pd.DataFrame({**found, _("all"): record_figures(rows)}).loc[list(names)]
    plain = ["visits", "median_hours"]
    factor = pd.Series([1 if name in plain else 100 for name in table.index], index=table.index)
    return dashed(table.mul(factor, axis=0).round(1).rename(index=names)).rename_axis(_("measure"))


def channels(control: Control) -> pd.DataFrame:
    """Through which channels were customers reached?"""
    rows = control.records.assign(channel=control.records.channel.fillna(""))
    everybody = len(control.accounts)
    counts = rows.groupby("channel").agg(
        visits=("visit_id", "size"), met=("customer_id", "nunique")
    )
    large = rows[rows.tier == "A"].channel.value_counts(normalize=True)
    order = counts.sort_values(["visits"], ascending=False, kind="stable")
    return (
        pd.DataFrame(
            {
                _("visits"): order.visits,
                _("% of visits"): rounded(100 * order.visits / max(int(order.visits.sum()), 1)),
                _("% of tier A visits"): rounded(100 * large.reindex(order.index).fillna(0)),
                _("customers reached"): order.met,
                _("% of customers"): rounded(100 * order.met / max(everybody, 1)),
            }
        )
        .rename(index=lambda one: shown(one).replace("_", " ") if one else _("not written"))
        .rename_axis(_("channel"))
    )


def after_first(control: Control) -> pd.DataFrame:
    """What followed the first visits of the last year?"""
    rows = control.firsts
    measures = {
        _("contacted again in time"): rows.followed,
        _("a proposal named in time"): rows.proposed,
    }
    lines = {
        name: {
            _("first visits"): len(values),
            _("time has passed"): int(values.notna().sum()),
            _("done"): int(values.fillna(0).sum()),
            "%": percent(ratio(values.sum(), values.notna().sum())),
        }
        for name, values in measures.items()
    }
    return stacked(lines).rename_axis(_("after a first visit"))


def needs(control: Control, params: CallsParams) -> pd.DataFrame:
    """Which needs are open, by topic and age?"""
    rows = control.needs.assign(topic=control.needs.topic.fillna(""))
    grouped = rows.assign(seen=rows.old & (rows.visits_since > 0)).groupby("topic")
    table = grouped.agg(
        open=("need_id", "size"), old=("old", "sum"), seen=("seen", "sum"),
        median=("age_days", "median"), oldest=("age_days", "max"),
    ).sort_values(["old", "open"], ascending=False, kind="stable")  # fmt: skip
    return table.rename(
        columns={
            "open": _("open needs"),
            "old": _("older than {n} days").format(n=params.need_days),
            "seen": _("of these visited since"),
            "median": _("age in days, median"),
            "oldest": _("oldest, days"),
        }
    ).rename_axis(_("topic"))
