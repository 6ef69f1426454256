"""The customers of a source as the analysis reads them: on as_of and at the quarter ends before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from insights.features import (
    customer_features,
    customer_values,
    distributor_ids,
    known,
    master,
    purchases,
    purchases_of_nobody,
)
from insights.params import SegmentationParams
from insights.segmentation.migration import fit_day, quarter_ends
from insights.tables import Tables, as_date
from insights.words import _

# Raw amounts of the year before stay out: growth already holds them, relative to the present.
# Equipment is bought once in years: how often and how lately is read without it.
BEHAVIOUR = (
    "recurring_recency_days",
    "recurring_frequency",
    "monetary_value",
    "product_lines",
    "growth",
    "momentum",
    "tenure_days",
    "equipment_share",
    "visits",
    "hospital_level",
)
# A month and a day: purchases that end earlier are a source that was not filled.
STALE_DAYS = 31
MASTER = ("name", "region_id", "tier")


@dataclass(frozen=True)
class Company:
    """All customers on each day, indexed by customer_id; ``agents`` are the distributors' ids.

    ``quarters`` end three months apart on as_of; ``named_on`` is the end of the year before the
    fit, whose segments lend their names; ``values`` hold CNY a year at the ends of calendar
    quarters, a column a day, by which tiers are kept.
    """

    as_of: dt.date
    fitted_on: dt.date
    named_on: dt.date
    quarters: tuple[dt.date, ...]
    by_day: Mapping[dt.date, pd.DataFrame]
    agents: Mapping[dt.date, frozenset[str]]
    values: pd.DataFrame

    @property
    def today(self) -> pd.DataFrame:
        """Return every customer on as_of."""
        return self.by_day[self.as_of]

    def terminals(self, day: dt.date) -> pd.DataFrame:
        """Return whoever is no distributor, as known on ``day``."""
        rows = self.by_day[day]
        return rows[~rows.index.isin(self.agents[day])]

    def buyers(self, day: dt.date) -> pd.DataFrame:
        """Return the terminals that ever bought, as known on ``day``."""
        rows = self.terminals(day)
        return rows[rows.recency_days.notna()]


def read_company(tables: Tables, as_of: dt.date, params: SegmentationParams) -> Company:
    """Read every customer on as_of, at the quarter ends before it and on the day of the fit."""
    fitted = fit_day(as_of, params)
    named = dt.date(fitted.year - 1, 12, 31)
    quarters = tuple(reversed(quarter_ends(as_of, params.migration_quarters + 1)))
    names = master(tables, "customers", as_of).select("customer_id", *MASTER).execute()
    book = names.set_index("customer_id")
    days = {*quarters, fitted, named}
    tiered = tier_days(as_of)
    return Company(
        as_of=as_of,
        fitted_on=fitted,
        named_on=named,
        quarters=quarters,
        by_day={day: _described(tables, day, params, book) for day in days},
        agents={day: _agents(tables, day) for day in days},
        values=pd.DataFrame(
            {day: customer_values(tables, day, params.window_days) for day in tiered}
        ),
    )


def tier_days(as_of: dt.date) -> tuple[dt.date, ...]:
    """Return the ends of calendar quarters from two years' ends ago on, and as_of.

    They begin on the same day for every report of a calendar year: a tier of last quarter is
    the same in this quarter's report.
    """
    ends = [
        dt.date(year, month, 31 if month in (3, 12) else 30)
        for year in range(as_of.year - 2, as_of.year + 1)
        for month in (3, 6, 9, 12)
    ]
    first = dt.date(as_of.year - 2, 12, 31)
    return (*[day for day in ends if first <= day < as_of], as_of)


def _agents(tables: Tables, day: dt.date) -> frozenset[str]:
    return frozenset(distributor_ids(tables, day).execute().distributor_id.astype("str"))


def with_behaviour(params: SegmentationParams, buyers: pd.DataFrame) -> SegmentationParams:
    """Return params that name their features: the usual ones of which anything is known."""
    if params.features:
        return params
    kept = tuple(name for name in BEHAVIOUR if buyers[name].notna().any())
    return replace(params, features=kept or BEHAVIOUR)


def gaps(tables: Tables, as_of: dt.date) -> tuple[str, ...]:
    """Say what is missing from the tables, or belongs to nobody."""
    found = [tables.gap(name) for name in ("channel_flow", "visits", "products")]
    found.append(tables.gap("customers", "potential") if tables.has("customers") else None)
    rows, amount = purchases_of_nobody(tables, as_of)
    if rows:
        words = _("{rows} purchases, {amount:,.0f} CNY, belong to no customer of the master")
        found.append(words.format(rows=rows, amount=amount))
    customers = known(tables, "customers", as_of)
    if n := int(customers.filter(customers.region_id.isnull()).count().execute()):
        words = _("{n} customers have no region: they stand in all regions and in no slice")
        found.append(words.format(n=n))
    found.append(_behind(tables, as_of))
    return tuple(gap for gap in found if gap)


def _behind(tables: Tables, as_of: dt.date) -> str | None:
    """Say where the purchases end long before as_of: what looks like a fall may be missing data."""
    last = purchases(tables, as_of).day.max().execute()
    if pd.isna(last) or (as_of - as_date(last)).days <= STALE_DAYS:
        return None
    words = _("the last purchase is of {last}, {days} days before: figures and moves miss them")
    return words.format(last=as_date(last), days=(as_of - as_date(last)).days)


def _described(
    tables: Tables, day: dt.date, params: SegmentationParams, book: pd.DataFrame
) -> pd.DataFrame:
    rows = customer_features(tables, day, params.window_days, params.recent_days)
    never = rows.recurring_recency_days.fillna(rows.tenure_days)
    return rows.assign(
        # Whoever only ever bought equipment went without the rest since the first purchase.
        recurring_recency_days=never,
        # A year that begins within a month touches thirteen of them.
        active_months=rows.active_months.clip(upper=12),
        monthly_variation=rows.recurring_variation,
    ).join(book)
