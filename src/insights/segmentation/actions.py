"""Whom to win back, keep, grow, develop and release, with the money at stake."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.words import _

ACTION_COLUMNS = (
    "customer_id",
    "name",
    "segment",
    "action",
    "why",
    "money_at_stake",
    "visits",
    "owner",
)
LOST_SHARE = 0.5
FALLEN_SHARE = 0.75
NEGLECTED = 0.75


def next_actions(assignments: pd.DataFrame) -> pd.DataFrame:
    """Return one action for each terminal that needs one, the most money first.

    Win back: value fell by half or more; at stake is what was lost. Secure: value fell by more
    than a quarter; at stake is the fall. Develop: never bought and has potential. Grow: buys less
    than half of its stated potential; at stake is the gap. Keep: among the largest and visited
    less than its peers; at stake is its value. Release: hardly buys, no potential known, yet
    visited more than its peers; at stake is nothing but the visits.
    """
    rows = _filled(assignments[assignments.customer_type.fillna("") != "distributor"])
    kinds = _conditions(rows)
    names = [_("win back"), _("secure"), _("develop"), _("grow"), _("keep"), _("release")]
    money = [
        rows.previous_value - rows.monetary_value,
        rows.previous_value - rows.monetary_value,
        rows.potential,
        rows.potential - rows.monetary_value,
        rows.monetary_value,
        rows.monetary_value,
    ]
    chosen = rows.assign(
        action=np.select(kinds, names, ""),
        money_at_stake=np.select(kinds, money, 0.0).round(0),
        why=np.select(kinds, [_reason(rows, kind) for kind in range(6)], ""),
        owner=_("territory owner"),
    )
    chosen = chosen[chosen.action != ""]
    ordered = chosen.sort_values(["money_at_stake", "customer_id"], ascending=[False, True])
    return ordered[list(ACTION_COLUMNS)].reset_index(drop=True)


def _filled(assignments: pd.DataFrame) -> pd.DataFrame:
    numbers = ["monetary_value", "previous_value", "potential", "visits", "recency_days"]
    rows = assignments.reindex(
        columns=["customer_id", "name", "segment", "customer_type", *numbers]
    )
    rows[numbers] = rows[numbers].astype("float64")
    return rows.fillna(
        {
            "name": "",
            "customer_type": "",
            "previous_value": 0.0,
            "monetary_value": 0.0,
            "potential": 0.0,
            "visits": 0.0,
        }
    )


def _conditions(rows: pd.DataFrame) -> list[np.ndarray]:
    """Return the six conditions in order of urgency; the first that holds is the action."""
    peers = rows.groupby("segment").visits.transform("median")
    large = rows.monetary_value >= rows.monetary_value.quantile(0.8)
    never = rows.recency_days.isna()
    fell = rows.previous_value > 0
    lost = fell & (rows.monetary_value <= LOST_SHARE * rows.previous_value)
    gap = (rows.monetary_value > 0) & (rows.potential > 2 * rows.monetary_value)
    small = (rows.monetary_value < rows.monetary_value.median()) & (
        rows.potential <= rows.monetary_value
    )
    return [
        lost.to_numpy(),
        (fell & (rows.monetary_value < FALLEN_SHARE * rows.previous_value)).to_numpy(),
        (never & (rows.potential > 0)).to_numpy(),
        gap.to_numpy(),
        (large & (rows.monetary_value > 0) & (rows.visits < NEGLECTED * peers)).to_numpy(),
        (small & (rows.visits > peers)).to_numpy(),
    ]


def _reason(rows: pd.DataFrame, kind: int) -> list[str]:
    words = [
        _("bought {previous:,.0f} the year before, {value:,.0f} now"),
        _("bought {previous:,.0f} the year before, {value:,.0f} now"),
        _("never bought; potential {potential:,.0f} a year"),
        _("buys {value:,.0f} of a potential {potential:,.0f}"),
        _("buys {value:,.0f}; {visits:.0f} visits, fewer than its peers"),
        _("buys {value:,.0f}; {visits:.0f} visits, more than its peers"),
    ][kind]
    return [
        words.format(
            previous=row.previous_value,
            value=row.monetary_value,
            potential=row.potential,
            visits=row.visits,
        )
        for row in rows.itertuples()
    ]
