"""Whom to win back, keep, grow, develop and release, with the money at stake."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.segmentation.attention import OVER, UNDER
from insights.words import _

ACTION_COLUMNS = (
    "customer_id",
    "name",
    "segment",
    "tier",
    "action",
    "why",
    "money_at_stake",
    "visits_a_month",
    "policy",
    "owner",
)
NUMBERS = (
    "monetary_value",
    "previous_value",
    "recurring_value",
    "recurring_before",
    "potential",
    "recency_days",
    "visits_a_month",
    "policy_low",
    "policy_high",
    "low_at_capacity",
)
TEXTS = ("name", "segment", "tier", "service", "service_at_capacity")
LOST_SHARE = 0.5
FALLEN_SHARE = 0.75


def next_actions(terminals: pd.DataFrame) -> pd.DataFrame:
    """Return one action for each terminal that needs one, the most money first.

    ``terminals``: indexed by customer_id, with segment, tier and attention. Win back: what is
    bought again and again (not equipment) fell by half or more; at stake is what was lost. Secure:
    it fell by more than a quarter; at stake is the fall. Develop: never bought and has potential.
    Grow: buys less than half of its stated potential; at stake is the gap. Keep: tier A or B and
    visited less than the policy asks, even at the team's capacity; at stake is the share of its
    value that the missing visits are of those asked. Release: tier C without headroom, visited
    more than the policy asks; at stake is nothing but the visits.
    """
    if terminals.empty or "service_at_capacity" not in terminals:
        return pd.DataFrame(columns=list(ACTION_COLUMNS)).astype({"money_at_stake": "float64"})
    rows = _filled(terminals)
    kinds = _conditions(rows)
    names = [_("win back"), _("secure"), _("develop"), _("grow"), _("keep"), _("release")]
    lost = rows.recurring_before - rows.recurring_value
    gap = rows.potential - rows.monetary_value
    asked = rows.low_at_capacity.where(rows.low_at_capacity > 0)
    missed = rows.monetary_value * (1 - rows.visits_a_month / asked).clip(0, 1).fillna(0.0)
    money = [lost, lost, rows.potential, gap, missed, 0 * missed]
    chosen = rows.assign(
        action=np.select(kinds, names, ""),
        money_at_stake=np.select(kinds, money, 0.0).round(0),
        why=np.select(kinds, [_reason(rows, kind) for kind in range(6)], ""),
        visits_a_month=rows.visits_a_month.round(1),
        policy=_policy(rows),
        owner=_("territory owner"),
    ).reset_index()
    chosen = chosen[chosen.action != ""]
    ordered = chosen.sort_values(["money_at_stake", "customer_id"], ascending=[False, True])
    return ordered[list(ACTION_COLUMNS)].reset_index(drop=True)


def _filled(terminals: pd.DataFrame) -> pd.DataFrame:
    rows = terminals[[*TEXTS, *NUMBERS]].astype(dict.fromkeys(NUMBERS, "float64"))
    rows = rows.assign(full=rows.potential.notna() & (rows.potential <= rows.monetary_value))
    # Where the data do not reach back, nothing is known to have fallen.
    rows["recurring_before"] = rows.recurring_before.where(rows.previous_value.notna(), 0.0)
    nothing = ("recurring_before", "recurring_value", "monetary_value", "potential")
    return rows.fillna(dict.fromkeys(nothing, 0.0) | dict.fromkeys(TEXTS, ""))


def _conditions(rows: pd.DataFrame) -> list[np.ndarray]:
    """Return the six conditions in order of urgency; the first that holds is the action."""
    before, now = rows.recurring_before, rows.recurring_value
    conditions = (
        (before > 0) & (now <= LOST_SHARE * before),
        (before > 0) & (now < FALLEN_SHARE * before),
        rows.recency_days.isna() & (rows.potential > 0),
        (rows.monetary_value > 0) & (rows.potential > 2 * rows.monetary_value),
        rows.tier.isin(["A", "B"]) & (rows.service_at_capacity == UNDER),
        (rows.tier == "C") & rows.full & (rows.service == OVER),
    )
    return [condition.to_numpy() for condition in conditions]


def _policy(rows: pd.DataFrame) -> np.ndarray:
    """Return the visits a month that the policy of the tier asks for, in words."""
    words = [
        _("{low:.3g} to {high:.3g}").format(low=low, high=high)
        for low, high in zip(rows.policy_low, rows.policy_high, strict=True)
    ]
    return np.where(rows.policy_low.notna(), words, "")


def _reason(rows: pd.DataFrame, kind: int) -> list[str]:
    words = [
        _("equipment aside, bought {previous:,.0f} the year before, {again:,.0f} now"),
        _("equipment aside, bought {previous:,.0f} the year before, {again:,.0f} now"),
        _("never bought; potential {potential:,.0f} a year"),
        _("buys {value:,.0f} of a potential {potential:,.0f}"),
        _("buys {value:,.0f}; {visits:.1f} visits a month, at capacity {low:.1f} are asked"),
        _("buys {value:,.0f}, all of its potential; {visits:.1f} visits a month, over its policy"),
    ][kind]
    return [
        words.format(
            previous=row.recurring_before,
            again=row.recurring_value,
            value=row.monetary_value,
            low=row.low_at_capacity,
            potential=row.potential,
            visits=row.visits_a_month,
        )
        for row in rows.itertuples()
    ]
