"""Whom should each rep see next month, how often, and what is it worth?"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd

from insights.features.reception import reception_of
from insights.features.visits import coverage_of
from insights.params import CallsParams
from insights.tables import Tables
from insights.words import _

PAIRS = (
    "region_id", "rep_id", "customer_id", "tier", "goal", "maximum", "value", "ceiling", "weekdays",
)  # fmt: skip
TIERS = ("A", "B", "C")
MONTHS = 12


def wanted_visits(
    tables: Tables, as_of: dt.date, params: CallsParams
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return a row for each rep and customer it covers on as_of, and notes in words.

    Columns of ``PAIRS``, sorted by rep and customer: goal and maximum visits a month by tier;
    value, CNY a month that the visits of the maximum would reach (``monthly_worth``); ceiling,
    visits of all reps to the customer; weekdays on which it receives (None: any).
    """
    covered = coverage_of(tables, as_of)
    once = covered.drop_duplicates("customer_id").set_index("customer_id")
    received, faults = reception_of(once.reception)
    worth, told = monthly_worth(covered, params.tier_weight)
    goal = policy(covered.tier, params, 0)
    rows = covered.assign(
        goal=goal,
        maximum=np.maximum(policy(covered.tier, params, 1), goal),
        value=worth,
        ceiling=params.customer_maximum,
        weekdays=_weekdays(covered.customer_id, received),
    )
    ordered = rows.sort_values(["rep_id", "customer_id"], ignore_index=True)[list(PAIRS)]
    return ordered, (*told, *faults)


def _weekdays(customers: pd.Series, received: pd.Series) -> pd.Series:
    found = [one if isinstance(one, frozenset) else None for one in customers.map(received)]
    return pd.Series(found, customers.index, dtype="object")


def policy(tiers: pd.Series, params: CallsParams, place: int) -> pd.Series:
    """Return the policy's least (0) or most (1) visits a month of each tier, in whole visits."""
    rule = {tier: getattr(params, f"visits_per_month_{tier.lower()}")[place] for tier in TIERS}
    other = params.visits_without_tier[place]
    whole = math.ceil if place == 0 else math.floor
    found = [whole(rule.get(tier, other)) for tier in tiers]
    return pd.Series(found, tiers.index, dtype="int64")


def monthly_worth(covered: pd.DataFrame, tier_weight: float) -> tuple[pd.Series, tuple[str, ...]]:
    """Return what each row's customer is worth to its rep, CNY a month, and in words the gaps.

    The customer's yearly potential, an estimate, is drawn on a log scale towards the median of its
    tier, the company's judgement, by ``tier_weight``; then over twelve, and over its reps. A
    missing potential is the median of the tier, else of the lowest tier that has one.
    """
    known_ones = covered.potential.where(covered.potential > 0)
    once = covered.assign(potential=known_ones).drop_duplicates("customer_id")
    medians = once.groupby("tier").potential.median().dropna()
    usual = medians.iloc[-1] if len(medians) else 1.0
    middle = covered.tier.map(medians).fillna(usual).astype("float64")
    drawn = known_ones.fillna(middle) ** (1 - tier_weight) * middle**tier_weight
    callers = covered.groupby("customer_id").rep_id.transform("nunique")
    missing = int(once.potential.isna().sum())
    return (drawn / MONTHS / callers).astype("float64"), _gaps(missing, len(medians))


def _gaps(missing: int, medians: int) -> tuple[str, ...]:
    if not medians:
        return (_("no customer has a potential: every customer is worth the same"),)
    words = _("{n} customers without a potential count as the median of their tier, or of the "
              "lowest tier where they have none")  # fmt: skip
    return (words.format(n=missing),) if missing else ()
