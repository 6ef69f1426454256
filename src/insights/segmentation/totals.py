"""What of the customers adds up over regions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insights.tables.totals import by_region, in_cents, side_by_side


def segment_totals(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Count customers and add up what those of the segments ``names`` bought, by region in cents.

    The other groups buy the same goods once more. Each customer's value counts to the cent.
    """
    found = rows.reindex(columns=["region_id", "monetary_value"])
    value = found.monetary_value.where(rows.segment.isin(names), 0)
    counted = found[["region_id"]].assign(customers=1)
    known = {"value_last_year_cents": in_cents(value)} if "monetary_value" in rows else {}
    return by_region(counted.assign(**known))


def review_totals(
    customers: pd.DataFrame, actions: pd.DataFrame, white_space: pd.DataFrame | None
) -> pd.DataFrame:
    """Count tier A and add up the money at stake and the white space, by region in cents."""
    homes = customers.reindex(columns=["customer_id", "region_id"])
    region = homes.set_index("customer_id").region_id
    parts = [_money(actions, "money_at_stake", "money_at_stake_cents", region)]
    if {"tier", "developed"} <= set(customers):
        large = ((customers.tier == "A") & customers.developed.notna()).astype("Int64")
        parts.append(by_region(homes[["region_id"]].assign(tier_a_customers=large)))
    if white_space is not None:
        parts.append(_money(white_space, "expected", "white_space_cents", region))
    return side_by_side(parts)


def _money(rows: pd.DataFrame, column: str, name: str, region: pd.Series) -> pd.DataFrame:
    where = rows.customer_id.map(region)
    return by_region(pd.DataFrame({"region_id": where, name: in_cents(rows[column])}))
