"""How is an annual target split over regions, lines, months and representatives, to the cent?

A unit's share follows what it is expected to sell (last year, and part of its last growth going
on) and its share of the potential. What was approved is kept; nobody's target grows by more than
a bound; what finds no room under the bounds is said, not hidden. Amounts are whole cents, the odd
cents by largest remainder, so that every level adds up to the one above by construction: regions,
lines and months are sums of the same cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.params import TargetsParams
from insights.targets.split_cents import place_cents, share_cents
from insights.words import _, listing

VALUES = ("history", "previous", "potential")
FOUND = ("expected", "weight", "cap_cents", "target_cents", "growth", "bound")
APPROVED, CAPPED, NO_BASE, FREE = "approved", "at_most", "no_base", ""
MOST_GROWTH = 0.5  # a unit's last growth beyond this is taken for a change of scope, not a trend


class SplitError(ValueError):
    """A target cannot be split: says what of it, or of what was approved, cannot be."""


@dataclass(frozen=True)
class TargetSplit:
    """A target by unit and by month, in cents: ``units`` and ``unplaced_cents`` make the total.

    ``units`` has the keys, VALUES and FOUND (bound: approved where it or its first key is,
    at_most where the growth bound holds it, no_base where nothing says what it could sell);
    ``months`` the keys, month (1..12) and target_cents.
    """

    keys: tuple[str, ...]
    units: pd.DataFrame
    months: pd.DataFrame
    total_cents: int
    unplaced_cents: int
    notes: tuple[str, ...] = ()

    def by(self, *columns: str) -> pd.DataFrame:
        """Return the target added up over some of the keys and month, in cents."""
        return self.months.groupby(list(columns)).target_cents.sum().reset_index()


def split_target(
    total: float,
    base: pd.DataFrame,
    season: pd.DataFrame,
    params: TargetsParams,
    keys: tuple[str, ...] = ("region_id", "product_line"),
    approved: pd.DataFrame | None = None,
) -> TargetSplit:
    """Split a yearly target over units and months.

    ``total``: CNY, above 0. ``base``: a row a unit: ``keys``, history (CNY of the last twelve
    months), previous (of the twelve before; may be missing), potential (may be missing).
    ``season``: month (1..12), weight, and any of the keys that it depends on. ``approved``: any of
    the keys and target (CNY): a row of all keys fixes a unit, of the first key alone fixes what
    its units add up to. ``SplitError`` where the total, or what was approved, cannot be split.
    """
    whole = _total(total)
    units = _weighed(_units(base, keys), params)
    fixed = _fixed(units, keys, approved)
    placed, unplaced = _placed(whole, units, keys, fixed)
    told = _told(units.assign(target_cents=placed), fixed)
    months = _monthly(told, keys, season)
    notes = _notes(told, keys, whole, unplaced, params)
    return TargetSplit(keys, told, months, whole, unplaced, notes)


def _total(total: float) -> int:
    if not np.isfinite(total) or total <= 0:
        raise SplitError(_("a target of {total:,.2f} cannot be split").format(total=total))
    return round(total * 100)


def _units(base: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """Return the units in order of their keys; what the base does not say is missing."""
    known = base.reindex(columns=[*keys, *VALUES])
    if known.empty:
        raise SplitError(_("there is no unit to split a target over"))
    if known.duplicated(list(keys)).any():
        raise SplitError(_("a unit stands twice in what the target is split by"))
    numbers = known.astype(dict.fromkeys(VALUES, "float64"))
    return numbers.sort_values(list(keys), ignore_index=True)


def _weighed(units: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Return what each unit may be expected to sell, its weight, and its most in cents."""
    history = units.history.fillna(0.0).clip(lower=0.0)
    grown = (history / units.previous.where(units.previous > 0) - 1).fillna(0.0)
    expected = history * (1 + params.split_growth_weight * grown.clip(-MOST_GROWTH, MOST_GROWTH))
    potential = units.potential.fillna(0.0).clip(lower=0.0)
    told = potential.sum() > 0 and units.potential.notna().all()
    share = params.split_potential_weight if told else 0.0
    share = 1.0 if told and expected.sum() == 0 else share
    weight = (1 - share) * _of_sum(expected) + share * _of_sum(potential)
    cap = np.floor(100 * history * (1 + params.split_max_growth) + 1e-6)
    return units.assign(expected=expected, weight=weight, cap_cents=cap.where(history > 0, np.inf))


def _of_sum(values: pd.Series) -> pd.Series:
    return values / values.sum() if values.sum() > 0 else values * 0.0


def _fixed(
    units: pd.DataFrame, keys: tuple[str, ...], approved: pd.DataFrame | None
) -> pd.DataFrame:
    """Return of each unit the cents approved for it, and for its first key; missing for none."""
    own = pd.Series(np.nan, units.index)
    group = pd.Series(np.nan, units.index)
    for row in (approved if approved is not None else units.head(0)).to_dict("records"):
        named = {key: row[key] for key in keys if isinstance(row.get(key), str)}
        if tuple(named) not in (keys, keys[:1]) or not _splittable(row["target"]):
            raise SplitError(_("approved target not understood: {row}").format(row=named))
        met = np.logical_and.reduce([units[key] == value for key, value in named.items()])
        if not met.any():
            raise SplitError(_("approved target for an unknown unit: {row}").format(row=named))
        (own if tuple(named) == keys else group)[met] = round(row["target"] * 100)
    return pd.DataFrame({"own": own, "group": group})


def _splittable(target: object) -> bool:
    return isinstance(target, int | float) and bool(np.isfinite(target)) and target >= 0


def _placed(
    whole: int, units: pd.DataFrame, keys: tuple[str, ...], fixed: pd.DataFrame
) -> tuple[np.ndarray, int]:
    """Return each unit's cents and what found no room: groups that were approved first."""
    found = np.zeros(len(units), dtype="int64")
    free = fixed.group.isna().to_numpy()
    left, unplaced = whole, 0
    for _name, rows in units[~free].groupby(keys[0]).groups.items():
        of_group = int(fixed.group[rows[0]])
        found[rows], missing = _within(of_group, units.loc[rows], fixed.own[rows])
        left, unplaced = left - of_group, unplaced + missing
    if left < 0:
        raise SplitError(_("more was approved than there is to split"))
    if not free.any():
        return found, unplaced + left
    found[free], missing = _within(left, units[free], fixed.own[free])
    return found, unplaced + missing


def _within(cents: int, units: pd.DataFrame, own: pd.Series) -> tuple[np.ndarray, int]:
    """Split cents over units; those approved keep theirs."""
    kept = own.fillna(0).to_numpy("int64")
    left = cents - int(kept.sum())
    if left < 0:
        raise SplitError(_("more was approved than there is to split"))
    weight = np.where(own.notna(), 0.0, units.weight)
    placed, unplaced = place_cents(left, weight, units.cap_cents.to_numpy())
    return kept + placed, unplaced


def _told(units: pd.DataFrame, fixed: pd.DataFrame) -> pd.DataFrame:
    history = units.history.where(units.history > 0)
    bound = np.select(
        [fixed.notna().any(axis=1), units.weight <= 0, units.target_cents >= units.cap_cents],
        [APPROVED, NO_BASE, CAPPED],
        FREE,
    )
    return units.assign(growth=units.target_cents / 100 / history - 1, bound=bound)


def _monthly(units: pd.DataFrame, keys: tuple[str, ...], season: pd.DataFrame) -> pd.DataFrame:
    """Return the cents of each unit and month."""
    on = [key for key in keys if key in season.columns]
    told = {name: _by_month(rows) for name, rows in season.groupby(on)} if on else {}
    whole = _by_month(season)
    named = [tuple(row) for row in units[on].to_numpy()]
    cents = [
        share_cents(int(target), told.get(name, whole))
        for target, name in zip(units.target_cents, named, strict=True)
    ]
    rows = units.loc[units.index.repeat(12), list(keys)].reset_index(drop=True)
    return rows.assign(month=list(range(1, 13)) * len(units), target_cents=np.concatenate(cents))


def _by_month(season: pd.DataFrame) -> np.ndarray:
    weight = season.groupby("month").weight.sum().reindex(range(1, 13), fill_value=0.0)
    return weight.clip(lower=0.0).to_numpy(float)


def _notes(
    units: pd.DataFrame, keys: tuple[str, ...], whole: int, unplaced: int, params: TargetsParams
) -> tuple[str, ...]:
    names = units[list(keys)].astype("str").agg(" · ".join, axis=1)
    said = _left_to_others(units)
    if unplaced:
        said.append(
            _("{share:.1%} of the target found no room: nobody may grow by more than {most:.0%}")
            .format(share=unplaced / whole, most=params.split_max_growth)
        )  # fmt: skip
    if bare := names[units.bound == NO_BASE].tolist():
        said.append(
            _("neither history nor potential: no target for {units}").format(units=listing(bare))
        )
    if units.potential.isna().any() and params.split_potential_weight > 0:
        said.append(_("potential is not known of every unit: split by history alone"))
    return tuple(said)


def _left_to_others(units: pd.DataFrame) -> list[str]:
    """Say what approved parts ask of the others, beside what all are asked for."""
    approved = units.bound == APPROVED
    if not approved.any() or not (units.history[~approved] > 0).any():
        return []
    words = _("what was approved leaves the others {rest:+.1%} on their last twelve months, "
              "where all together are asked for {whole:+.1%}")  # fmt: skip
    return [words.format(rest=_grown(units[~approved]), whole=_grown(units))]


def _grown(units: pd.DataFrame) -> float:
    return float(units.target_cents.sum() / 100 / units.history.sum() - 1)
