"""For whom did it work? Effects by tier, level, region, type, shrunk towards the strategy's own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features import master
from insights.strategy.many.between import Floats
from insights.strategy.many.cells import other, published, unrecorded
from insights.strategy.many.faults import missing_columns, not_numbers, refuse, repeated
from insights.strategy.many.noise import UnitNoise, unit_noise
from insights.strategy.many.shrinkage import Groups, shrink
from insights.tables import Tables, as_date
from insights.words import _

UNIT_EFFECTS = ("unit_id", "effect", "expected")
GROUPS = ("unit_id", "dimension", "group")
BY_GROUP = (
    "dimension", "group", "n", "raw", "error", "overall", "shrunken", "low", "high", "best",
    "weight", "shown", "words",
)  # fmt: skip
REGION = "region"
OF_CUSTOMERS = {
    "tier": "tier",
    "level": "hospital_level",
    REGION: "region_id",
    "type": "customer_type",
}


@dataclass(frozen=True)
class GroupRules:
    """``least`` units make a cell; ``better`` is -1 where less is better; ``overall`` is the whole
    strategy's effect as a share (None: that of the units), ``overall_error`` its standard error and
    ``interval`` its interval at ``confidence``, which is also that of a group of all its units.
    """

    least: int = 3
    confidence: float = 0.95
    better: float = 1.0
    overall: float | None = None
    overall_error: float | None = None
    interval: tuple[float, float] | None = None
    seed: int = 20240229


DEFAULTS = GroupRules()


def unit_groups(tables: Tables, as_of: str | dt.date | pd.Timestamp) -> pd.DataFrame:
    """Return unit_id, dimension, group of each customer known on as_of: tier, level, region, type.

    Where the table has no value, no row.
    """
    customers = master(tables, "customers", as_date(as_of))
    wanted = {name: customers[column] for name, column in OF_CUSTOMERS.items()}
    wide = customers.select(unit_id=customers.customer_id, **wanted).execute()
    long = wide.melt("unit_id", var_name="dimension", value_name="group").dropna()
    return long.sort_values(["dimension", "group", "unit_id"], ignore_index=True)


def effects_by_group(
    unit_effects: pd.DataFrame,
    groups: pd.DataFrame,
    rules: GroupRules = DEFAULTS,
) -> pd.DataFrame:
    """How large was the effect in each group, as a share of what was expected without it?

    ``unit_effects`` holds unit_id, effect, expected of the treated units, ``groups`` unit_id,
    dimension, group. The spread of units inside their groups is the noise of a unit. Returns a row
    a group: n, raw (effects over expected), error, shrunken, low, high, best (the probability of
    the largest true effect) and, of regions only, weight (the share of what was expected: that of
    other groups beside the units of a region could give a single unit away). The shrunken effects
    of a dimension, weighted by what was expected, are the strategy's. A group under
    ``rules.least`` units is withheld (no figure, not even n) and put together with others
    (``cells.published``); ``words`` say so. ``ResultsError`` names every fault.
    """
    _refuse_faults(unit_effects, groups)
    known = unit_effects.dropna(subset=["effect", "expected"])
    known = known[known.expected > 0].astype({"effect": float, "expected": float})
    known = known.sort_values("unit_id", ignore_index=True)[list(UNIT_EFFECTS)]
    named = groups[groups.unit_id.isin(known.unit_id)].dropna(subset=["group"])
    parts = [
        _dimension(str(name), known.assign(group=known.unit_id.map(own.set_index("unit_id").group)),
                   rules)
        for name, own in named.groupby("dimension", sort=True)
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=list(BY_GROUP))
    return pd.concat(parts, ignore_index=True).loc[:, list(BY_GROUP)]


def _dimension(name: str, rows: pd.DataFrame, rules: GroupRules) -> pd.DataFrame:
    cell = published(rows.group, rules.least)
    own = rows.group.astype(object).where(rows.group.notna(), unrecorded())
    large = rows.assign(group=cell).dropna(subset=["group"])
    shown = _figures(large, rules) if len(large) else pd.DataFrame(columns=["group"])
    names = pd.DataFrame({"group": sorted({*own, *cell.dropna()}, key=_last_others)})
    table = names.merge(shown, on="group", how="left").reindex(columns=list(BY_GROUP))
    withheld = table.n.isna()
    words = table.words.astype(object).where(~withheld, _hidden(rules.least, len(large) > 0))
    words = words.where(table.group != other(), _together(rules.least))
    weight = table.weight if name == REGION else np.nan
    return table.assign(dimension=name, weight=weight, shown=~withheld, words=words.astype("str"))


def _last_others(name: object) -> tuple[bool, str]:
    return name in (other(), unrecorded()), str(name)


def _hidden(least: int, together: bool) -> str:
    if together:
        return _("in {other}, for it or a group beside it is under {least} units").format(
            other=other(), least=least
        )
    return _("not shown: a group under {least} units could be worked out").format(least=least)


def _together(least: int) -> str:
    return _("groups under {least} units, put together").format(least=least)


def _figures(rows: pd.DataFrame, rules: GroupRules) -> pd.DataFrame:
    """Return raw figures and errors of the cells, and shrink them."""
    noise = unit_noise(rows)
    sums = rows.groupby("group")[["effect", "expected"]].sum()
    variance = noise.variances(rows.expected.to_numpy())
    summed = pd.Series(variance, index=rows.index).groupby(rows.group).sum()
    table = pd.DataFrame(
        {
            "n": rows.groupby("group").size().astype(float),
            "raw": sums.effect / sums.expected,
            "error": np.sqrt(summed) / sums.expected,
            "weight": sums.expected / sums.expected.sum(),
            "words": "",
        }
    ).reset_index()
    if len(table) == 1 and rules.interval is not None:
        return _whole(table, rules, rules.interval)
    if not (table.error > 0).all():
        return table.assign(error=np.nan, words=_no_noise())
    return _shrunken(table, noise, _common_error(rows, variance, rules), rules)


def _whole(table: pd.DataFrame, rules: GroupRules, interval: tuple[float, float]) -> pd.DataFrame:
    """Say of the one group that holds every unit what the strategy's headline says."""
    whole = float(table.raw.iloc[0]) if rules.overall is None else rules.overall
    return table.assign(
        error=table.error.where(table.error > 0), overall=whole, shrunken=whole,
        low=interval[0], high=interval[1], words=_alone(),
    )  # fmt: skip


def _shrunken(
    table: pd.DataFrame, noise: UnitNoise, common: float, rules: GroupRules
) -> pd.DataFrame:
    raw, error, weight = (table[name].to_numpy(float) for name in ("raw", "error", "weight"))
    whole = float(weight @ raw) if rules.overall is None else rules.overall
    if len(table) == 1:
        half = noise.reach(rules.confidence) * float(np.hypot(error[0], common))
        return table.assign(
            overall=whole, shrunken=whole, low=whole - half, high=whole + half, words=_alone()
        )
    found = shrink(
        Groups(raw, error, weight, whole), noise.freedom, common, rules.confidence, rules.better,
        rules.seed,
    )  # fmt: skip
    return table.assign(
        overall=whole, shrunken=found.estimates, low=found.low, high=found.high, best=found.best
    )


def _common_error(rows: pd.DataFrame, variance: Floats, rules: GroupRules) -> float:
    """Return the part of the whole effect's error that the units' own noise does not explain."""
    if rules.overall_error is None or not np.isfinite(rules.overall_error):
        return 0.0
    own = float(variance.sum()) / float(rows.expected.sum()) ** 2
    return float(np.sqrt(max(rules.overall_error**2 - own, 0.0)))


def _alone() -> str:
    return _("the only group of enough units: nothing to hold it against")


def _no_noise() -> str:
    return _("too few units, or units all alike: the noise of a unit cannot be told")


def _refuse_faults(unit_effects: pd.DataFrame, groups: pd.DataFrame) -> None:
    refuse([
        *missing_columns(unit_effects, "unit_effects", UNIT_EFFECTS),
        *missing_columns(groups, "groups", GROUPS),
    ])  # fmt: skip
    pairs = groups.unit_id.astype(str) + " " + groups.dimension.astype(str)
    refuse([
        *not_numbers(unit_effects.effect, "unit_effects.effect"),
        *not_numbers(unit_effects.expected, "unit_effects.expected"),
        *repeated(unit_effects.unit_id, "unit_effects"),
        *repeated(pairs, "groups"),
    ])  # fmt: skip
