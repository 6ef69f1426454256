"""The other metrics of a strategy: which the tables can give, and what they say beside the first.

Only the registered metric decides a verdict. The others are read beside it.
"""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pandas as pd
from ibis.expr.types import Table as Expr

from insights.features import master
from insights.features.known import known
from insights.features.panels import FACTS, MONEY, UNIT_COLUMN, unit_kind
from insights.tables import Tables, as_date
from insights.words import _

COLUMNS = ("metric", "given", "reason")


def other_metrics(
    strategy: Any, tables: Tables, as_of: str | dt.date | pd.Timestamp
) -> tuple[str, ...]:
    """Return the metrics, besides a strategy's own, that the tables can give for its units."""
    found = metrics_at_hand(strategy, tables, as_of)
    return tuple(found.metric[found.given])


def metrics_at_hand(
    strategy: Any, tables: Tables, as_of: str | dt.date | pd.Timestamp
) -> pd.DataFrame:
    """Say of each other metric whether it can be had for this unit type, and why not.

    ``strategy`` is a row of the table strategies. Returns metric, given, reason ("" where given).
    """
    day = as_date(as_of)
    reasons = {
        metric: _why_not(strategy, tables, metric, day)
        for metric in FACTS
        if metric != strategy.metric
    }
    rows = [(metric, not reason, reason) for metric, reason in reasons.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def with_metric(strategy: Any, metric: str) -> SimpleNamespace:
    """Return the strategy's record with another metric, for the same procedure.

    What was registered holds for the first metric only: the copy has no smallest effect and no
    registration, and its direction is up, so that its sign reads plainly.
    """
    row = strategy._asdict() if hasattr(strategy, "_asdict") else _fields(strategy)
    changes = {
        "metric": metric,
        "min_effect": float("nan"),
        "direction": "up",
        "registered_on": pd.NaT,
    }
    return SimpleNamespace(**(row | changes))


def secondary_records(
    strategy: Any, tables: Tables, as_of: str | dt.date | pd.Timestamp
) -> tuple[SimpleNamespace, ...]:
    """Return the strategy's record once for every other metric at hand."""
    return tuple(with_metric(strategy, one) for one in other_metrics(strategy, tables, as_of))


def _fields(strategy: Any) -> dict[str, object]:
    if isinstance(strategy, pd.Series):
        return {str(name): value for name, value in strategy.items()}
    return dict(vars(strategy))


def _why_not(strategy: Any, tables: Tables, metric: str, day: dt.date) -> str:
    recorded = known(tables, "outcomes", day)
    recorded = recorded.filter(recorded.metric == metric)
    if _any(recorded):
        own = tables["strategy_units"]
        own = own.filter(own.strategy_id == strategy.strategy_id)
        if _any(recorded.semi_join(own, "unit_id")):
            return ""
        return _("outcomes holds {metric}, but none of this strategy's units").format(metric=metric)
    return _why_not_derived(strategy, tables, metric, day)


def _why_not_derived(strategy: Any, tables: Tables, metric: str, day: dt.date) -> str:
    where, kind = FACTS[metric], unit_kind(strategy)
    column = UNIT_COLUMN.get(kind, "customer_id")
    if column not in where.units:
        return _("{metric} is not recorded by {kind}").format(metric=metric, kind=kind)
    if (gap := tables.gap(where.table)) is not None:
        return gap
    rows = _measured(known(tables, where.table, day), metric)
    if kind in ("region", "city"):
        rows = rows.semi_join(master(tables, "customers", day), "customer_id")
    if _any(rows.filter(rows[column].notnull())):
        return ""
    return _("{table}: no {metric} of any {kind} is known by {day}").format(
        table=where.table, metric=metric, kind=kind, day=day
    )


def _measured(rows: Expr, metric: str) -> Expr:
    """Keep the facts that hold the metric; a visit that was only planned holds none."""
    if metric in MONEY:
        return rows.filter(rows.amount.notnull() | rows.quantity.notnull())
    if metric == "visits":
        return rows.filter(rows.status.isnull() | (rows.status != "planned"))
    return rows.filter(rows[metric].notnull())


def _any(rows: Expr) -> bool:
    return bool(rows.limit(1).count().execute())
