"""What each segment is made of: customers, value, growth and habits, a row a segment."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insights.words import _

MEDIANS = ("frequency", "recency_days", "terminals", "months_of_stock", "shipments_to_flow")
PROFILED = ("monetary_value", "previous_value", "visits", *MEDIANS)


def profile(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return customers, value, growth, visits (mean) and habits (medians) by segment.

    ``rows``: segment and whatever of ``PROFILED`` was measured, the rest is missing. The model's
    order of ``names`` is kept, groups by definition follow.
    """
    known = rows.reindex(columns=["segment", *PROFILED])
    known = known.astype(dict.fromkeys(PROFILED, "float64"))
    groups = known.groupby("segment", sort=False)
    before = groups.previous_value.sum()
    table = pd.DataFrame(
        {
            "customers": groups.size(),
            "value": groups.monetary_value.sum(min_count=1),
            "growth": groups.monetary_value.sum() / before.where(before > 0) - 1,
            "visits": groups.visits.mean(),
            **{name: groups[name].median() for name in MEDIANS},
        }
    )
    rest = sorted(set(table.index) - set(names))
    return table.loc[[name for name in names if name in table.index] + rest]


def shown(table: pd.DataFrame, total: float, is_segment: pd.Series) -> pd.DataFrame:
    """Return a profile in human headings; columns of which nothing is known are left out."""
    found = pd.DataFrame(
        {
            _("customers"): table.customers,
            _("% of all"): (100 * table.customers / table.customers.sum()).round(1),
            _("k CNY a year"): whole(table.value / 1e3),
            _("% of value"): (100 * table.value / total).round(1).where(is_segment),
            _("buying days"): whole(table.frequency),
            _("days since last"): whole(table.recency_days),
            _("growth %"): whole(100 * table.growth),
            _("visits each"): table.visits.round(1),
            _("terminals each"): whole(table.terminals),
            _("months of stock"): table.months_of_stock.round(1),
            _("shipped / sold on"): table.shipments_to_flow.round(2),
        }
    ).dropna(axis="columns", how="all")
    return found.astype(object).where(found.notna(), "–").rename_axis(_("segment"))


def whole(values: pd.Series) -> pd.Series:
    """Return whole numbers that may be missing."""
    return values.round(0).astype("Int64")
