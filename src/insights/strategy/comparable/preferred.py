"""The outcome to judge by: what reached patients rather than what was shipped."""

from __future__ import annotations

import datetime as dt
from typing import Any

from insights.features import known
from insights.features.panels import UNIT_COLUMN, unit_kind
from insights.tables import Tables, as_date
from insights.words import _

# Flow of fewer of the treated units than this would change who is judged.
COVERED = 0.5


def preferred_metric(
    tables: Tables, strategy: Any, as_of: str | dt.date | None = None
) -> tuple[str, str]:
    """Which metric should this strategy be judged by, and why?

    Sell-through instead of sales where channel_flow holds most of the treated units; else its own
    metric and no words. Nothing is swapped: register the better metric. ``as_of``: flow known by
    then (all of it when left out).
    """
    kind = unit_kind(strategy)
    if strategy.metric != "sales" or kind in UNIT_COLUMN or not tables.has("channel_flow"):
        return str(strategy.metric), ""
    day = dt.date.max if as_of is None else as_date(as_of)
    held, count = _with_flow(tables, strategy, kind, day)
    if count == 0 or held < COVERED * count:
        return str(strategy.metric), ""
    return "sell_through", _(
        "sales are shipments; {n} of {m} treated units have sell-through (channel_flow), which "
        "filling the channel cannot raise: register it as the metric"
    ).format(n=held, m=count)


def _with_flow(tables: Tables, strategy: Any, kind: str, day: dt.date) -> tuple[int, int]:
    units = tables["strategy_units"]
    own = units.filter(units.strategy_id == strategy.strategy_id).select("unit_id").distinct()
    flow = known(tables, "channel_flow", day)
    served = flow.filter(flow.customer_id.notnull()).select("customer_id").distinct()
    if kind in ("region", "city"):
        column = "region_id" if kind == "region" else "city"
        customers = known(tables, "customers", day)
        homes = customers.select("customer_id", unit_id=customers[column])
        named = homes.semi_join(served, "customer_id").select("unit_id").distinct()
    else:
        named = served.select(unit_id="customer_id")
    return int(own.semi_join(named, "unit_id").count().execute()), int(own.count().execute())
