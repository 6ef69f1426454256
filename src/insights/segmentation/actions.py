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
    "potential",
    "recency_days",
    "visits_a_month",
    "policy_low",
    "policy_high",
)
TEXTS = ("name", "segment", "tier", "service_at_capacity")
LOST_SHARE = 0.5
FALLEN_SHARE = 0.75


def next_actions(terminals: pd.DataFrame) -> pd.DataFrame:
    """Return one action for each terminal that needs one, the most money first.

    ``terminals``: indexed by customer_id, with segment, tier and attention. Win back: value fell
    by half or more; at stake is what was lost. Secure: value fell by more than a quarter; at stake
    is the fall. Develop: never bought and has potential. Grow: buys less than half of its stated
    potential; at stake is the gap. Keep: tier A or B and visited less than the policy asks, even
    at the team's capacity; at stake is its value. Release: tier C without headroom, visited more
    than the policy asks; at stake is nothing but the visits.
    """
    if terminals.empty or "service_at_capacity" not in terminals:
        return pd.DataFrame(columns=list(ACTION_COLUMNS)).astype({"money_at_stake": "float64"})
    rows = _filled(terminals)
    kinds = _conditions(rows)
    names = [_("win back"), _("secure"), _("develop"), _("grow"), _("keep"), _("release")]
    lost = rows.previous_value - rows.monetary_value
    gap = rows.potential - rows.monetary_value
    money = [lost, lost, rows.potential, gap, rows.monetary_value, 0 * rows.monetary_value]
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
    nothing = dict.fromkeys(("previous_value", "monetary_value", "potential"), 0.0)
    return rows.fillna(nothing | dict.fromkeys(TEXTS, ""))


def _conditions(rows: pd.DataFrame) -> list[np.ndarray]:
    """Return the six conditions in order of urgency; the first that holds is the action."""
    fell = rows.previous_value > 0
    lost = fell & (rows.monetary_value <= LOST_SHARE * rows.previous_value)
    gap = (rows.monetary_value > 0) & (rows.potential > 2 * rows.monetary_value)
    full = rows.potential <= rows.monetary_value
    conditions = (
        lost,
        fell & (rows.monetary_value < FALLEN_SHARE * rows.previous_value),
        rows.recency_days.isna() & (rows.potential > 0),
        gap,
        rows.tier.isin(["A", "B"]) & (rows.service_at_capacity == UNDER),
        (rows.tier == "C") & full & (rows.service_at_capacity == OVER),
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
        _("bought {previous:,.0f} the year before, {value:,.0f} now"),
        _("bought {previous:,.0f} the year before, {value:,.0f} now"),
        _("never bought; potential {potential:,.0f} a year"),
        _("buys {value:,.0f} of a potential {potential:,.0f}"),
        _("buys {value:,.0f}; {visits:.1f} visits a month, under its policy at capacity"),
        _("buys {value:,.0f}, all of its potential; {visits:.1f} visits a month, over its policy"),
    ][kind]
    return [
        words.format(
            previous=row.previous_value,
            value=row.monetary_value,
            potential=row.potential,
            visits=row.visits_a_month,
        )
        for row in rows.itertuples()
    ]
