"""Visits made against the policy of the tier: who is under- and over-served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.tiers import TIERS, read_amounts, unknown_tiers
from insights.words import N_, _, quantity

DAYS_A_MONTH = 30.4375
WEEKS_A_MONTH = 52 / 12
UNDER, OVER, AS_POLICY = N_("under-served"), N_("over-served"), N_("as policy")
NO_TIER, ALL_TIERS = N_("no tier"), N_("all")
COLUMNS = (
    "tier",
    "visits_a_month",
    "policy_low",
    "policy_high",
    "service",
    "gap_visits_a_month",
    "low_at_capacity",
    "high_at_capacity",
    "service_at_capacity",
    "gap_at_capacity",
    "reason",
)


@dataclass(frozen=True)
class PolicyScale:
    """The team's visits against what its policy asks for, all a month, of ``customers``."""

    customers: int
    made: float
    low: float
    high: float

    @property
    def scale(self) -> float:
        """Return the factor that makes the policy fit the visits made.

        Below 1: the visits do not reach the policy's lower edge; above 1: they pass its upper
        edge; NaN where nobody has a policy.
        """
        if not self.high > 0:
            return float("nan")
        if self.made < self.low:
            return self.made / self.low
        return max(self.made / self.high, 1.0)

    def __str__(self) -> str:
        if not self.high > 0:
            return _("No customer has both a tier with a policy and a known number of visits.")
        figures = {name: quantity(getattr(self, name)) for name in ("made", "low", "high")}
        words = _(
            "{n} customers get {made} visits a month; the policy asks for {low} to {high}: {how}."
        )
        return words.format(n=self.customers, how=self._how(), **figures)

    def _how(self) -> str:
        if self.scale < 1:
            return _("the visits are {share:.0%} of its lower edge").format(share=self.scale)
        if self.scale > 1:
            return _("the visits are {share:.0%} of its upper edge").format(share=self.scale)
        return _("the visits suffice for it")


def attention(
    customers: pd.DataFrame,
    tier: pd.Series,
    params: SegmentationParams,
    core: pd.Series | None = None,
) -> pd.DataFrame:
    """Who is visited less, who more than the policy of the tier asks?

    ``customers``: indexed by customer_id, ``visits`` made in the last ``window_days`` (NaN or
    absent: unknown). ``tier``: A, B, C or NaN by customer_id; ``core``: whether a customer is
    core, seen at least ``policy_core_visits_a_week`` whatever the tier.

    Returns, indexed alike: tier, visits_a_month, policy_low, policy_high, service,
    gap_visits_a_month (visits short of the lower edge are negative, past the upper one positive,
    0 between) and reason (why service is NaN). A team that cannot reach the whole policy would
    read under-served everywhere, so the same stands once more against the policy at the team's
    capacity: low_at_capacity, high_at_capacity, service_at_capacity and gap_at_capacity measure
    against the policy times ``policy_scale(...).scale``, the same factor for everybody given
    here. Hand in the whole company and slice the result. Raises ``ValueError`` for duplicated
    ids, visits that are no count, and tiers other than A, B and C.
    """
    tiers = tier.reindex(customers.index).astype("str")
    visits = _visits(customers, tiers)
    edges = _policy(tiers, core, params)
    table = edges.assign(tier=tiers, visits_a_month=visits / (params.window_days / DAYS_A_MONTH))
    scale = policy_scale(table).scale
    table = table.assign(
        gap_visits_a_month=_gap(table.visits_a_month, table.policy_low, table.policy_high),
        low_at_capacity=table.policy_low * scale,
        high_at_capacity=table.policy_high * scale,
    )
    table["gap_at_capacity"] = _gap(
        table.visits_a_month, table.low_at_capacity, table.high_at_capacity
    )
    table["service"] = _service(table.gap_visits_a_month)
    table["service_at_capacity"] = _service(table.gap_at_capacity)
    table["reason"] = _reason(table)
    return table[list(COLUMNS)]


def policy_scale(table: pd.DataFrame) -> PolicyScale:
    """Can the visits that are made meet the policy? ``table``: of ``attention``, or a slice.

    Counts customers with a policy and known visits; others are no part of either side.
    """
    rows = table[table.visits_a_month.notna() & table.policy_low.notna()]
    made, low, high = rows[["visits_a_month", "policy_low", "policy_high"]].sum()
    return PolicyScale(len(rows), float(made), float(low), float(high))


def attention_summary(table: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    """Where do visits go, and where does value come from? One row a tier, then all.

    ``table``: of ``attention``, or a slice; ``value``: CNY by customer_id. Columns: customers,
    value_share and visits_share (%), visits_each (a month), policy and policy_at_capacity
    ("4 to 8" a month), visits_made and policy_needs (a month, at the lower edge), under_served,
    under_served_value (CNY), over_served, short and spare (visits a month below the lower and
    above the upper edges), the same five ``_at_capacity``, and unknown (customers whose service
    is not known). Rounded; a share of nothing is NaN. Customers without a tier have their own row.
    """
    rows = table.assign(value=value.reindex(table.index).astype("float64"))
    rows["group"] = rows.tier.fillna(NO_TIER)
    groups = [*reversed(TIERS), *([NO_TIER] if rows.tier.isna().any() else [])]
    parts = {name: rows[rows.group == name] for name in groups} | {ALL_TIERS: rows}
    lines = {name: _line(part, rows) for name, part in parts.items()}
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("tier")


def _visits(customers: pd.DataFrame, tiers: pd.Series) -> pd.Series:
    visits = read_amounts(customers, ("visits",)).visits
    faults = unknown_tiers(tiers)
    negative = [f"{row} ({value:g})" for row, value in visits[visits < 0].items()]
    if negative:
        faults.append(_("visits below zero for {rows}").format(rows=", ".join(negative[:6])))
    if faults:
        raise ValueError(_("attention: {faults}").format(faults="; ".join(faults)))
    return visits


def _policy(tiers: pd.Series, core: pd.Series | None, params: SegmentationParams) -> pd.DataFrame:
    """Return policy_low and policy_high of each customer, visits a month."""
    policy = {"A": params.policy_visits_a, "B": params.policy_visits_b, "C": params.policy_visits_c}
    low = tiers.map({name: edges[0] for name, edges in policy.items()}).astype("float64")
    high = tiers.map({name: edges[1] for name, edges in policy.items()}).astype("float64")
    if core is not None:
        weekly = params.policy_core_visits_a_week * WEEKS_A_MONTH
        is_core = core.reindex(tiers.index).eq(True)
        low = low.where(~is_core | (low >= weekly), weekly)
        high = high.where(~is_core | (high >= low), low)
    return pd.DataFrame({"policy_low": low, "policy_high": high})


def _gap(visits: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """Return visits past the nearer edge: negative below the lower, positive above the upper."""
    # Subtraction of a scaled edge leaves bits of dust that are no visit.
    return ((visits - low).clip(upper=0) + (visits - high).clip(lower=0)).round(9)


def _service(gap: pd.Series) -> pd.Series:
    words = np.select([gap < 0, gap > 0, gap == 0], [UNDER, OVER, AS_POLICY], "")
    return pd.Series(words, index=gap.index, dtype="str").where(gap.notna())


def _reason(table: pd.DataFrame) -> pd.Series:
    unknown = [table.visits_a_month.isna(), table.policy_low.isna()]
    words = np.select(unknown, [_("visits are not known"), _("no tier, so no policy")], "")
    return pd.Series(words, index=table.index, dtype="str")


def _line(part: pd.DataFrame, everybody: pd.DataFrame) -> dict[str, object]:
    """Return one line of the summary."""
    served = part[part.visits_a_month.notna() & part.policy_low.notna()]
    return {
        "customers": len(part),
        "value_share": _share(part.value, everybody.value),
        "visits_share": _share(part.visits_a_month, everybody.visits_a_month),
        "visits_each": round(float(part.visits_a_month.mean()), 2),
        "policy": _span(part.policy_low, part.policy_high),
        "visits_made": round(_sum(part.visits_a_month), 1),
        "policy_needs": round(_sum(served.policy_low), 1),
        **_service_line(part, "service", "gap_visits_a_month", ""),
        "policy_at_capacity": _span(part.low_at_capacity, part.high_at_capacity),
        **_service_line(part, "service_at_capacity", "gap_at_capacity", "_at_capacity"),
        "unknown": int(part.service.isna().sum()),
    }


def _service_line(part: pd.DataFrame, service: str, gap: str, ending: str) -> dict[str, object]:
    under = part[service] == UNDER
    return {
        f"under_served{ending}": int(under.sum()),
        f"under_served_value{ending}": round(_sum(part.value[under]) if under.any() else 0.0, 0),
        f"over_served{ending}": int((part[service] == OVER).sum()),
        f"short{ending}": round(_sum(part[gap].clip(upper=0).abs()), 1),
        f"spare{ending}": round(_sum(part[gap].clip(lower=0)), 1),
    }


def _sum(values: pd.Series) -> float:
    """Return a sum, NaN where nothing is known."""
    return float(values.sum(min_count=1))


def _share(part: pd.Series, everybody: pd.Series) -> float:
    total = _sum(everybody)
    return round(100 * _sum(part) / total, 1) if total > 0 else float("nan")


def _span(low: pd.Series, high: pd.Series) -> str:
    """Return the edges of a group in words; core customers may widen them."""
    if low.isna().all():
        return ""
    edges = {"low": round(low.min(), 2), "high": round(high.max(), 2)}
    return _("{low:g} to {high:g}").format(**edges)
