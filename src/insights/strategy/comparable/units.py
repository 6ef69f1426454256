"""Whom a strategy is compared with: untouched by any strategy, of one kind, of similar size."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from insights.features import master
from insights.features.panels import unit_kind
from insights.features.waves import aligned_starts
from insights.params import StrategyParams
from insights.strategy.comparable.examine import Question, examine
from insights.strategy.comparable.overlap import overlap_gate, overlapping_units
from insights.strategy.comparable.preferred import preferred_metric
from insights.strategy.comparable.seasons import period_ends
from insights.strategy.comparable.set_aside import SetAside, set_aside
from insights.strategy.comparable.sides import Sides
from insights.strategy.gates import Gate
from insights.strategy.panel.shape import like_size
from insights.tables import Tables
from insights.words import _, listing

SCANT = 0.01


@dataclass(frozen=True)
class Chosen:
    """The outcomes to compare, the treated units with their starts, and what is to be said.

    ``near`` says of every comparison unit whether it shares a city, rep or distributor with a
    treated one; ``near_ids`` are those to leave out of a second look, by ``near_ties``, and
    ``leaked`` says whether near units moved otherwise than far ones;
    ``price_split`` what money each side moved by price, volume and mix, CNY per unit a year.
    ``n_aside`` counts the registered units that had begun and are not among ``units``.
    """

    outcomes: pd.DataFrame
    units: pd.DataFrame
    gates: tuple[Gate, ...]
    notes: tuple[str, ...]
    near: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    near_ids: tuple[str, ...] = field(repr=False, default=())
    near_ties: tuple[str, ...] = ()
    leaked: bool = False
    price_split: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    n_aside: int = 0


@dataclass(frozen=True)
class _Picked:
    """What was picked of a panel, and which treated units were not and why."""

    rows: pd.DataFrame
    units: pd.DataFrame
    kept: pd.Index
    absent: list[str]
    scant: list[str]
    aside: SetAside
    overlapping: int
    asked: int

    @property
    def n_aside(self) -> int:
        """Return how many registered units are not picked."""
        return self.asked - len(self.units)


def choose_units(
    tables: Tables, strategy: Any, panel: pd.DataFrame, rollouts: pd.DataFrame,
    as_of: dt.date, params: StrategyParams,
) -> Chosen:  # fmt: skip
    """Pick the treated and the comparison units of a strategy out of its panel, and test them.

    ``rollouts`` as of ``begun_rollouts``. Units that another strategy touched at the time never
    serve as comparison; treated units that are in one are left out. Treated units that cannot be
    compared (``set_aside``) are on neither side, so that nothing is tested on their days.
    """
    picked = _picked(tables, strategy, panel, rollouts, as_of, params)
    rows, units = picked.rows, picked.units
    outcomes = rows[rows.unit_id.isin(units.unit_id) | rows.unit_id.isin(picked.kept)]
    first = overlap_gate(picked.overlapping, picked.asked)
    if units.empty:
        return Chosen(outcomes, units, (first,), _said(picked), n_aside=picked.n_aside)
    found = examine(Question(tables, strategy, Sides(outcomes, units), as_of, params))
    words = preferred_metric(tables, strategy, as_of)[1]
    notes = (*_said(picked), *found.notes, *((words,) if words else ()))
    near, ties = found.spillover.near, found.spillover.suspects(params.min_comparison_units)
    return Chosen(
        outcomes, units, (first, *found.gates), notes, near,
        tuple(near.unit_id[near[list(ties)].any(axis=1)]), ties, bool(found.spillover.leaked),
        found.price_split, picked.n_aside,
    )  # fmt: skip


def _picked(
    tables: Tables, strategy: Any, panel: pd.DataFrame, rollouts: pd.DataFrame,
    as_of: dt.date, params: StrategyParams,
) -> _Picked:  # fmt: skip
    own = aligned_starts(rollouts[rollouts.strategy_id == strategy.strategy_id], strategy)
    rows = until_end(panel, strategy.ends_on)
    aside = set_aside(rows, own, params)
    gone = (rollouts.strategy_id == strategy.strategy_id) & rollouts.unit_id.isin(aside.unit_ids)
    others = overlapping_units(rollouts[~gone], strategy, as_of, params.settled_days)
    touched = own.unit_id.isin(others)
    units = own.loc[~touched & ~own.unit_id.isin(aside.unit_ids), ["unit_id", "starts_on"]]
    level = _level(rows, units, strategy)
    absent = units.unit_id[~units.unit_id.isin(rows.unit_id)]
    scant = _scant(level, units)
    units = units[~units.unit_id.isin(absent) & ~units.unit_id.isin(scant)]
    free = level.index.difference(pd.Index(own.unit_id)).difference(others)
    kept = _similar(level, units, free, params.size_ratio)
    kept = _of_kind(tables, strategy, units, kept, as_of)
    return _Picked(
        rows, units, kept, list(absent), list(scant), aside, int(touched.sum()), len(own)
    )


def until_end(panel: pd.DataFrame, ends_on: Any) -> pd.DataFrame:
    """Return the periods that had ended when the strategy did."""
    if pd.isna(ends_on) or panel.empty:
        return panel
    periods = pd.DatetimeIndex(panel.period.unique()).sort_values()
    whole = periods[period_ends(periods) <= pd.Timestamp(ends_on)]
    return panel[panel.period.isin(whole)]


def _level(rows: pd.DataFrame, units: pd.DataFrame, strategy: Any) -> pd.Series:
    """Return the mean outcome of each unit before the first start."""
    first = units.starts_on.min() if len(units) else pd.Timestamp(strategy.starts_on)
    return rows[rows.period < first].groupby("unit_id").value.mean()


def _scant(level: pd.Series, units: pd.DataFrame) -> pd.Index:
    """Return treated units with next to nothing before the start: no share of it can be told."""
    treated = level[level.index.isin(units.unit_id)]
    if treated.empty or treated.median() <= 0:
        return pd.Index([])
    return treated.index[treated < SCANT * treated.median()]


def _similar(level: pd.Series, units: pd.DataFrame, candidates: pd.Index, ratio: float) -> pd.Index:
    treated = level[level.index.isin(units.unit_id)].dropna()
    known = level.reindex(candidates).dropna()
    return known.index[like_size(known.to_numpy(float), treated.to_numpy(float), ratio)]


def _of_kind(
    tables: Tables, strategy: Any, units: pd.DataFrame, kept: pd.Index, as_of: dt.date
) -> pd.Index:
    """Keep customers of the types that were treated; other units have no type."""
    if unit_kind(strategy) != "customer":
        return kept
    customers = master(tables, "customers", as_of)
    kinds = customers.select("customer_id", "customer_type").execute()
    kinds = kinds.set_index("customer_id").customer_type
    treated = set(kinds.reindex(units.unit_id).dropna())
    if not treated:
        return kept
    return kept[kinds.reindex(kept).isin(treated).to_numpy()]


def _said(picked: _Picked) -> tuple[str, ...]:
    said = list(picked.aside.words)
    if picked.absent:
        said.append(
            _("{n} treated units have no outcome: {units}").format(
                n=len(picked.absent), units=listing(picked.absent)
            )
        )
    if picked.scant:
        said.append(
            _("{n} treated units had next to nothing before and were left out: {units}").format(
                n=len(picked.scant), units=listing(picked.scant)
            )
        )
    if picked.overlapping:
        said.append(
            _("{n} of {m} treated units were in another strategy at the time too and were left "
              "out: the effect is of the rest").format(n=picked.overlapping, m=picked.asked)
        )  # fmt: skip
    return tuple(said)


def begun_rollouts(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Return strategy_id, unit_id, starts_on, ends_on of units whose strategy began by as_of."""
    strategies = tables["strategies"]
    strategies = strategies.select("strategy_id", "ends_on", default_on="starts_on").execute()
    units = tables["strategy_units"].select("strategy_id", "unit_id", "starts_on").execute()
    joined = units.merge(strategies, on="strategy_id")
    starts = pd.to_datetime(joined.starts_on).fillna(pd.to_datetime(joined.default_on))
    ends = pd.to_datetime(joined.ends_on)
    rows = joined.assign(starts_on=starts, ends_on=ends).drop(columns="default_on")
    return rows[rows.starts_on <= pd.Timestamp(as_of)].sort_values(
        ["strategy_id", "unit_id"], ignore_index=True
    )
