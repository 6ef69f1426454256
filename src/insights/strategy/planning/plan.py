"""Before the pilot: what it could tell, and which units should get it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from insights.features.panels import PanelError, strategy_panel
from insights.params import StrategyParams, StrategyPlanParams
from insights.strategy.comparable.units import begun_rollouts
from insights.strategy.planning.choice import balance, chosen_units
from insights.strategy.planning.curves import CELLS, cell_row, chosen_cell, power_rows
from insights.strategy.planning.history import (
    EXCLUDED,
    History,
    excluded_units,
    read_history,
)
from insights.strategy.planning.question import refuse_unknown
from insights.strategy.planning.result import StrategyPlan, no_plan
from insights.strategy.planning.simulation import (
    Cell,
    largest_pilot,
    no_draws,
    pretended_pilots,
)
from insights.tables import ALL, Tables, as_date, members
from insights.words import _, shown

DEFAULTS = StrategyPlanParams()
RULES = StrategyParams()
FALLBACK = {"sell_through": "sales"}


@dataclass(frozen=True)
class PilotQuestion:
    """What is asked of the tables: the pilot, the rules it will be reviewed by, and where."""

    params: StrategyPlanParams = field(default_factory=StrategyPlanParams)
    rules: StrategyParams = field(default_factory=StrategyParams)
    region: str = ALL


def plan_strategy(
    outcomes: pd.DataFrame,
    params: StrategyPlanParams = DEFAULTS,
    rules: StrategyParams = RULES,
    among: Collection[object] | None = None,
) -> StrategyPlan:
    """What could a pilot tell, and which units should get it? By simulation on the own history.

    ``outcomes`` holds unit_id, period, value before any strategy (region_id optional); only the
    units ``among`` may be treated (None: all), the others serve as comparison. For each number of
    units and periods pilots are pretended on the history, a known effect is added, and the
    review's whole procedure judges them. ``OutcomesError`` names every fault of the input; too
    little history is a stated result.
    """
    history = read_history(outcomes, among)
    with threadpool_limits(1):
        tried = _all_tried(history, params, rules)
    power = pd.concat([rows for rows, _row in tried], ignore_index=True)
    cells = pd.DataFrame([row for _rows, row in tried], columns=list(CELLS))
    excluded = excluded_units(history, rules)
    reason = _why_not(cells, params)
    length = history.panel.values.shape[1]
    if reason:
        plan = no_plan(reason, params.metric, excluded)
        return replace(plan, history=length, params=params, rules=rules)
    cell = chosen_cell(cells, params)
    choice = chosen_units(history, cell, params, rules)
    return StrategyPlan(
        power=power, cells=cells, choice=choice, balance=balance(choice),
        excluded=excluded, units=cell.units, periods=cell.periods, history=length,
        metric=params.metric, params=params, rules=rules,
    )  # fmt: skip


def plan_of_company(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    params: StrategyPlanParams = DEFAULTS,
    rules: StrategyParams = RULES,
    region: str = ALL,
) -> StrategyPlan:
    """Plan a pilot on what the tables knew on as_of, in a region or the whole company.

    Units of a strategy that has begun take no part. A region's plan treats the region's units and
    compares them with units from everywhere. Where sell-through is not recorded, sales stand in,
    and it is said.
    """
    day, kept = as_date(as_of), members(tables.regions, region)
    refuse_unknown(tables, params, day)
    found = _panel(tables, params, day)
    if isinstance(found, str):
        return _empty(tables, day, params, rules, region, found)
    panel, metric, notes = found
    busy = _busy(tables, day)
    free = panel[~panel.unit_id.isin(busy.unit_id)]
    here = set(panel.unit_id if region == ALL else panel.unit_id[panel.region_id.isin(kept)])
    if not here & set(free.unit_id):
        why = _("no unit of {region} is free of a strategy").format(region=region)
        return _empty(tables, day, params, rules, region, why)
    columns = ["unit_id", "period", "value", "region_id"]
    plan = plan_strategy(free[columns], replace(params, metric=metric), rules, here)
    excluded = pd.concat([busy, plan.excluded])
    excluded = excluded[excluded.unit_id.isin(list(here))].reset_index(drop=True)
    return replace(
        plan, notes=notes, excluded=excluded, params=params,
        regions=tables.regions, as_of=day, region=region, planned_in=region,
    )  # fmt: skip


def plan_pilot(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    question: PilotQuestion | None = None,
) -> StrategyPlan:
    """Plan a pilot for a question that holds params, rules and region in one."""
    asked = question or PilotQuestion()
    return plan_of_company(tables, as_of, asked.params, asked.rules, asked.region)


def _grid(params: StrategyPlanParams) -> list[Cell]:
    counts = {*params.unit_counts, *([params.pilot_units] if params.pilot_units else [])}
    lengths = {*params.durations, *([params.pilot_periods] if params.pilot_periods else [])}
    return [Cell(units, periods) for units in sorted(counts) for periods in sorted(lengths)]


def _all_tried(
    history: History, params: StrategyPlanParams, rules: StrategyParams
) -> list[tuple[pd.DataFrame, dict[str, object]]]:
    """Try every size of the grid and, where none would do, the most that the data allow."""
    grid = _grid(params)
    tried = [_tried(history, cell, params, rules) for cell in grid]
    most = largest_pilot(history, params, rules)
    if most is None or most in grid or any(row["would_do"] for _rows, row in tried):
        return tried
    rows, row = _tried(history, most, params, rules)
    return [*tried, (rows, row | {"largest": True})]


def _tried(
    history: History, cell: Cell, params: StrategyPlanParams, rules: StrategyParams
) -> tuple[pd.DataFrame, dict[str, object]]:
    lifts = np.array([0.0, *params.lifts])
    sizes = len(_grid(params)) + 1  # the most that the data allow may be tried beside the grid
    runs = min(params.runs, max(1, params.max_runs // sizes))
    reason = _impossible(history, cell, rules)
    draws = no_draws()
    if not reason:
        draws = pretended_pilots(history, cell, lifts, runs, params, rules)
    if not reason and not len(draws.worked):
        reason = _("too few units before it")
    rows = power_rows(cell, lifts, draws, params)
    return rows, cell_row(rows, draws, params, reason)


def _impossible(history: History, cell: Cell, rules: StrategyParams) -> str:
    """Say why a size of pilot cannot be tried at all, or nothing."""
    values = history.panel.values
    length = values.shape[1]
    usable = history.usable(length, rules)
    free = int((usable & history.allowed).sum())
    if length - cell.periods < rules.min_pre_periods:
        return _("{n} periods of history leave fewer than {least} before it").format(
            n=length, least=rules.min_pre_periods
        )
    if free < cell.units:
        return _("only {n} units may be treated").format(n=free)
    if np.nanmax(values[usable]) == np.nanmin(values[usable]):
        return _("the outcome never changes: there is nothing to learn from")
    return ""


def _why_not(cells: pd.DataFrame, params: StrategyPlanParams) -> str:
    """Say why nothing can be planned, or nothing."""
    own = cells
    for column, wanted in (("units", params.pilot_units), ("periods", params.pilot_periods)):
        own = own[own[column] == wanted] if wanted is not None else own
    if (own.runs > 0).any():
        return ""
    return str(own.reason.iloc[0])


def _panel(
    tables: Tables, params: StrategyPlanParams, day: dt.date
) -> tuple[pd.DataFrame, str, tuple[str, ...]] | str:
    """Return the panel with its metric and what is to be said of it, or why there is none."""
    try:
        panel, metric = strategy_panel(tables, _record(params, params.metric, day), day), ""
    except PanelError as error:
        if params.metric not in FALLBACK:
            return str(error)
        metric = FALLBACK[params.metric]
        words = _("{error}: {metric} stand in, which channel stuffing can move")
        said = words.format(error=error, metric=shown(metric))
        try:
            panel = strategy_panel(tables, _record(params, metric, day), day)
        except PanelError as second:
            return f"{error}; {second}"
    if panel.empty:
        return _("no complete period of {metric} by {day}").format(
            metric=shown(metric or params.metric), day=day
        )
    return panel, metric or params.metric, (said,) if metric else ()


def _record(params: StrategyPlanParams, metric: str, day: dt.date) -> SimpleNamespace:
    """Return the planned strategy as a row of the register, starting the day after."""
    return SimpleNamespace(
        metric=metric, unit_type=params.unit_type, grain=params.grain,
        starts_on=pd.Timestamp(day) + pd.Timedelta(days=1),
    )  # fmt: skip


def _busy(tables: Tables, day: dt.date) -> pd.DataFrame:
    """Return the units of every strategy begun by a day: unit_id, reason."""
    if tables.gap("strategies") or tables.gap("strategy_units"):
        return pd.DataFrame(columns=list(EXCLUDED))
    rollouts = begun_rollouts(tables, day)
    firsts = rollouts.drop_duplicates("unit_id").sort_values("unit_id")
    words = _("in strategy {id}")
    reasons = [words.format(id=one) for one in firsts.strategy_id]
    return pd.DataFrame({"unit_id": firsts.unit_id.to_numpy(), "reason": reasons})


def _empty(
    tables: Tables, day: dt.date, params: StrategyPlanParams, rules: StrategyParams,
    region: str, reason: str,
) -> StrategyPlan:  # fmt: skip
    return replace(
        no_plan(reason, params.metric), regions=tables.regions, params=params, rules=rules,
        as_of=day, region=region, planned_in=region,
    )  # fmt: skip
