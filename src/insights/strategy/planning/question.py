"""Is what is asked of the plan known at all? A slip of the pen is no lack of data."""

from __future__ import annotations

import datetime as dt

from insights.features.panels import FACTS, UNIT_COLUMN, PanelError, recorded
from insights.params import StrategyPlanParams
from insights.tables import Tables
from insights.words import _, listing, meant


def refuse_unknown(tables: Tables, params: StrategyPlanParams, as_of: dt.date) -> None:
    """Raise ``PanelError`` for a metric that nothing can give, or not by this type of unit.

    It names the value, what is known and the closest of it. A known metric without data is left
    to be stated.
    """
    names = _metrics(tables)
    if params.metric not in names:
        raise PanelError(
            _("strategy_plan.metric: {value!r} is not known; known: {known}; {hint}")
            .format(value=params.metric, known=listing(names, 12), hint=meant(params.metric, names))
            .removesuffix("; ")
        )
    kinds = _unit_types(params.metric)
    if params.unit_type not in kinds and not recorded(tables, params.metric, as_of):
        raise PanelError(
            _("strategy_plan.unit_type: {metric} is not recorded by {value!r}; known: {known}; "
              "or record it in the table outcomes").format(
                metric=params.metric, value=params.unit_type, known=listing(kinds))
        )  # fmt: skip


def _metrics(tables: Tables) -> list[str]:
    """Return every metric that the tables have a name for, whether its facts are there or not."""
    own = tables["outcomes"].select("metric").distinct().execute().metric.dropna()
    return [*FACTS, *sorted(set(own) - set(FACTS))]


def _unit_types(metric: str) -> list[str]:
    if metric not in FACTS:
        return ["customer", "region", "department", "rep", "city"]
    every = {one: UNIT_COLUMN.get(one, "customer_id") for one in
             ("customer", "region", "city", "rep", "department")}  # fmt: skip
    return [one for one, column in every.items() if column in FACTS[metric].units]
