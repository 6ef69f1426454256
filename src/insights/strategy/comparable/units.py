"""Whom a strategy is compared with: untouched by any strategy, of one kind, of similar size."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from insights.features import master
from insights.features.panels import unit_kind
from insights.params import StrategyParams
from insights.strategy.gates import Gate
from insights.tables import Tables
from insights.words import _, listing

SCANT = 0.01
OVERLAP = 0.1


@dataclass(frozen=True)
class Chosen:
    """The outcomes to compare, the treated units with their starts, and what is to be said."""

    outcomes: pd.DataFrame
    units: pd.DataFrame
    gates: tuple[Gate, ...]
    notes: tuple[str, ...]


def choose_units(
    tables: Tables, strategy: Any, panel: pd.DataFrame, rollouts: pd.DataFrame,
    as_of: dt.date, params: StrategyParams,
) -> Chosen:  # fmt: skip
    """Pick the treated and the comparison units of a strategy out of its panel.

    ``rollouts`` holds strategy_id, unit_id, starts_on of every strategy begun by as_of. Units of
    another strategy never serve as comparison; treated units that are in one are left out.
    """
    own = rollouts[rollouts.strategy_id == strategy.strategy_id]
    others = set(rollouts.unit_id[rollouts.strategy_id != strategy.strategy_id])
    overlapping = own.unit_id.isin(others)
    units = own.loc[~overlapping, ["unit_id", "starts_on"]]
    rows = _until(panel, strategy.ends_on)
    level = _level(rows, units, strategy)
    absent = units.unit_id[~units.unit_id.isin(rows.unit_id)]
    scant = _scant(level, units)
    units = units[~units.unit_id.isin(absent) & ~units.unit_id.isin(scant)]
    candidates = level.index.difference(units.unit_id).difference(list(others))
    kept = _similar(level, units, candidates, params.size_ratio)
    kept = _of_kind(tables, strategy, units, kept, as_of)
    outcomes = rows[rows.unit_id.isin(units.unit_id) | rows.unit_id.isin(kept)]
    gates = (
        _overlap_gate(int(overlapping.sum()), len(own)),
        _price_gate(outcomes, units, params),
        _festival_note(outcomes, units),
    )
    return Chosen(outcomes, units, gates, _said(list(absent), list(scant), int(overlapping.sum())))


def _until(panel: pd.DataFrame, ends_on: Any) -> pd.DataFrame:
    return panel if pd.isna(ends_on) else panel[panel.period <= pd.Timestamp(ends_on)]


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
    treated = level[level.index.isin(units.unit_id)]
    known = level.reindex(candidates).dropna()
    if treated.empty or treated.min() <= 0:
        return known.index
    low, high = treated.quantile(0.05) / ratio, treated.quantile(0.95) * ratio
    return known.index[(known >= low) & (known <= high)]


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


def _overlap_gate(count: int, total: int) -> Gate:
    bound = _("under {share:.0%}").format(share=OVERLAP)
    return Gate(
        _("units also in another strategy"), str(count), bound,
        count < OVERLAP * max(total, 1) or count == 0,
        _("{n} of {m} treated units were in another strategy too: the two effects cannot be told "
          "apart").format(n=count, m=total),
    )  # fmt: skip


def _price_gate(outcomes: pd.DataFrame, units: pd.DataFrame, params: StrategyParams) -> Gate:
    """Did prices move otherwise for treated than for comparison units?"""
    treated = outcomes.unit_id.isin(units.unit_id)
    after = outcomes.period >= (units.starts_on.min() if len(units) else pd.Timestamp.max)
    own, other = _price_share(outcomes[after & treated]), _price_share(outcomes[after & ~treated])
    return Gate(
        _("price change, treated against comparison"), f"{own:+.1%}, {other:+.1%}",
        _("apart by at most {bound:.0%}").format(bound=params.price_bound),
        abs(own - other) <= params.price_bound,
        _("prices of what the treated units buy moved by {own:+.1%} after the start, against "
          "{other:+.1%} for the comparison units: a price event (VBP) coincides, and the demand it "
          "moved cannot be told from the strategy").format(own=own, other=other),
    )  # fmt: skip


def _festival_note(outcomes: pd.DataFrame, units: pd.DataFrame) -> Gate:
    """Say how many Januaries and Februaries, between which Spring Festival moves, are in it."""
    periods = pd.Series(outcomes.period.unique())
    months = periods[periods.dt.month <= 2]
    after = months >= (units.starts_on.min() if len(units) else pd.Timestamp.max)
    return Gate(
        _("Spring Festival months before, after"),
        f"{int((~after).sum())}, {int(after.sum())}",
        _("comparison units share them"),
        True,
    )


def _price_share(rows: pd.DataFrame) -> float:
    total = float(rows.value.sum())
    return float(rows.price_part.sum()) / total if total > 0 else 0.0


def _said(absent: list[str], scant: list[str], overlapping: int) -> tuple[str, ...]:
    said = []
    if absent:
        said.append(
            _("{n} treated units have no outcome: {units}").format(
                n=len(absent), units=listing(absent)
            )
        )
    if scant:
        said.append(
            _("{n} treated units had next to nothing before and were left out: {units}").format(
                n=len(scant), units=listing(scant)
            )
        )
    if overlapping:
        said.append(
            _("{n} treated units of another strategy too were left out").format(n=overlapping)
        )
    return tuple(said)


def begun_rollouts(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Return strategy_id, unit_id, starts_on of every unit whose strategy began by as_of."""
    strategies = tables["strategies"].select("strategy_id", default_on="starts_on").execute()
    units = tables["strategy_units"].select("strategy_id", "unit_id", "starts_on").execute()
    joined = units.merge(strategies, on="strategy_id")
    starts = pd.to_datetime(joined.starts_on).fillna(pd.to_datetime(joined.default_on))
    rows = joined.assign(starts_on=starts).drop(columns="default_on")
    return rows[rows.starts_on <= pd.Timestamp(as_of)].sort_values(
        ["strategy_id", "unit_id"], ignore_index=True
    )
