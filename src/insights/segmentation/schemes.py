"""The four schemes side by side, a row a terminal: tier, standing, contribution, priority."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from insights.features.approved_tiers import approved_tiers
from insights.params import SegmentationParams
from insights.segmentation.attention import attention
from insights.segmentation.company import Company
from insights.segmentation.contribution import contribution
from insights.segmentation.priority import priority
from insights.segmentation.standing import fit_standing_rule, standing
from insights.segmentation.tier_table import tier_table
from insights.segmentation.tiers import fit_tier_rule, tier_path
from insights.words import _

OF_CONTRIBUTION = ("abc", "share_of_value", "growth_percent", "stability", "participation")
OF_ATTENTION = (
    "visits_a_month",
    "policy_low",
    "policy_high",
    "service",
    "gap_visits_a_month",
    "low_at_capacity",
    "high_at_capacity",
    "service_at_capacity",
    "gap_at_capacity",
)


@dataclass(frozen=True)
class Schemes:
    """``customers``: a row a terminal, indexed by customer_id; what could not be read, in words."""

    customers: pd.DataFrame
    gaps: tuple[str, ...]


def read_schemes(company: Company, decisions: pd.DataFrame, params: SegmentationParams) -> Schemes:
    """Place every terminal in each scheme on as_of; rules are those of the day of the fit."""
    rows = company.terminals(company.as_of)
    tiers, gaps = _tiers(company, decisions, params)
    rule = fit_standing_rule(company.terminals(company.fitted_on))
    stood = standing(rows, params, rule)
    of_value = contribution(rows, params)
    ranked = priority(rows, params)
    seen = attention(rows, tiers.tier, params, stood.standing == "core")
    table = pd.concat(
        [
            tiers,
            stood[["standing", "standing_reason"]].assign(standing_score=stood.score),
            of_value[list(OF_CONTRIBUTION)],
            ranked[["developed", "access", "headroom"]].assign(
                priority_score=ranked.score, priority_why=ranked.why
            ),
            seen[list(OF_ATTENTION)],
        ],
        axis=1,
    )
    if of_value.participation.isna().all():
        gaps = (*gaps, _("no table of events: who took part in them is not known"))
    return Schemes(table.loc[rows.index], gaps)


def _tiers(
    company: Company, decisions: pd.DataFrame, params: SegmentationParams
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = company.terminals(company.as_of)
    rule = fit_tier_rule(company.terminals(company.fitted_on), params)
    past = {day: rows.assign(monetary_value=company.values[day]) for day in company.values}
    scored = {day: rule.score(frame.fillna({"monetary_value": 0.0})) for day, frame in past.items()}
    path = tier_path(pd.DataFrame({day: one.score for day, one in scored.items()}), params)
    approved = approved_tiers(decisions, rows.index, company.as_of)
    table = tier_table(rows, scored[company.as_of], path, approved, params)
    table = table.rename(columns={"score": "tier_score"}).set_index("customer_id")
    undated = _("potential carries no date: earlier tiers were computed with today's")
    later = (undated,) if rows.potential.notna().any() else ()
    return table, (*rule.gaps, *approved.faults, *later)
