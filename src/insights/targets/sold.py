"""What was sold in each period up to as_of, by scope: the actual side of an attainment."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.sales import COMPANY, TABLE_OF
from insights.features.sales_cells import CELLS, NAMED, SHAPES, sales_cells
from insights.tables import Tables, members
from insights.targets.progress import GRAINS, STEPS

ACTUAL = ("grain", "period", "scope", "scope_id", "region_id", "metric", "actual", "sell_through")
EVERYWHERE = ("company", "product_line", "channel")
ORDERED = ("channel", "rep")  # orders name them, sell-through does not
# A unit's own quantity target is held against what was shipped or sold on, as its money is.
COLUMN = {"sales": "cents", "quantity": "quantity"}


def read_cells(tables: Tables, as_of: dt.date, targets: pd.DataFrame) -> pd.DataFrame:
    """Return shipments and sell-through by region and month, in every scope that is looked at.

    Customers and products only where a target names them.
    """
    named = {one: sorted(set(targets.scope_id[targets.scope == one])) for one in NAMED}
    scopes = [*SHAPES, *(one for one, ids in named.items() if ids)]
    ids = [one for held in named.values() for one in held]
    parts = [
        sales_cells(tables, as_of, metric, scopes, ids)
        for metric, (table, _day) in TABLE_OF.items()
        if tables.has(table)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CELLS))


def actuals(cells: pd.DataFrame, regions: pd.DataFrame, assessed_on: str) -> pd.DataFrame:
    """Return what each scope sold in each month, quarter and year up to as_of.

    Columns ACTUAL: actual is what targets are assessed on (CNY, or units for the metric
    quantity), sell_through the sell-through beside it, missing where there is none. region_id is
    where a row belongs: missing for what is of the whole company.
    """
    units = _units(cells, regions)
    found = [_by_period(units, grain, metric, assessed_on) for grain in GRAINS for metric in COLUMN]
    return pd.concat(found, ignore_index=True).loc[:, list(ACTUAL)]


def _units(cells: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of each unit that may have a target: regions and groups among them."""
    company = cells[cells.scope == COMPANY]
    leaf = company.assign(scope="region", scope_id=company.region_id)
    parents = sorted(set(regions.parent_id.dropna()) & set(regions.region_id))
    groups = [
        company[company.region_id.isin(members(regions, one))].assign(
            scope="region", scope_id=one, region_id=one
        )
        for one in parents
    ]
    whole = cells.assign(region_id=cells.region_id.mask(cells.scope.isin(EVERYWHERE)))
    return pd.concat([whole, leaf[~leaf.scope_id.isin(parents)], *groups], ignore_index=True)


def _by_period(units: pd.DataFrame, grain: str, metric: str, assessed_on: str) -> pd.DataFrame:
    keys = ["period", "scope", "scope_id"]
    period = pd.to_datetime(units.month).dt.to_period(STEPS[grain]).dt.start_time
    value = units[COLUMN[metric]].astype("float64").round(4)
    sums = units.assign(period=period, value=value).groupby(["metric", *keys])
    total = sums.value.sum() / (100 if metric == "sales" else 1)
    home = sums.region_id.first().groupby(keys).first()
    wide = total.unstack("metric").reindex(columns=["sales", "sell_through"])
    chosen = wide[assessed_on]
    beside = wide.sell_through.where(~wide.index.get_level_values("scope").isin(ORDERED))
    found = pd.DataFrame({"actual": chosen, "sell_through": beside, "region_id": home})
    return found.reset_index().assign(grain=grain, metric=metric)
