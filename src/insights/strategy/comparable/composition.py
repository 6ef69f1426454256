"""Units that came or went: do the same units stand before and after?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from insights.params import StrategyParams
from insights.strategy.comparable.sides import Sides, untested
from insights.strategy.gates import Gate
from insights.words import _

# A unit came when the first part of the periods before holds nothing of it, and went when the
# last part of those after does not: thirds, long enough that buyers now and then are in them.
PARTS = 3


@dataclass(frozen=True)
class Turnover:
    """Of the ``units`` of a side known before the start: how many came late, how many went.

    ``entered``: further units that came only after the start.
    """

    units: int
    came: int
    went: int
    entered: int = 0


def turnover(sides: Sides) -> tuple[Turnover, Turnover]:
    """How many treated and how many comparison units came late or stopped early?

    A period of zeros counts as one without facts. Silence at an end must be longer than any
    between a unit's facts: a buyer twice a year has not gone after a quarter.
    """
    silences = _silences(sides)
    n_before = int((np.sort(sides.rows.period.unique()) < sides.first_start).sum())
    treated, comparison = (
        _counted(silences.reindex(ids).dropna(), n_before)
        for ids in (sides.treated, sides.comparison)
    )
    return treated, comparison


def _silences(sides: Sides) -> pd.DataFrame:
    """Return by unit how many periods it is silent at first, at last, and longest in between.

    ``after``: how many periods come since the first start.
    """
    periods = np.sort(sides.rows.period.unique())
    active = (sides.rows.value.fillna(0) != 0) | (sides.rows.price_part != 0)
    rows = sides.rows.loc[active, ["unit_id", "period"]]
    places = rows.assign(place=np.searchsorted(periods, rows.period.to_numpy()))
    places = places.sort_values(["unit_id", "place"])
    by_unit = places.groupby("unit_id").place
    gaps = (by_unit.diff() - 1).groupby(places.unit_id).max()
    return pd.DataFrame(
        {
            "early": by_unit.min(),
            "late": len(periods) - 1 - by_unit.max(),
            "between": gaps.fillna(0),
            "after": int((periods >= sides.first_start).sum()),
        }
    )


def _counted(silences: pd.DataFrame, n_before: int) -> Turnover:
    known = silences.early < n_before
    came = (PARTS * silences.early >= n_before) & (silences.early > silences.between)
    went = (PARTS * silences.late >= silences.after) & (silences.late > silences.between)
    return Turnover(
        int(known.sum()), int((known & came).sum()), int((known & went).sum()), int((~known).sum())
    )


def composition_gate(treated: Turnover, comparison: Turnover, params: StrategyParams) -> Gate:
    """Did treated units come or go more often than comparison units?"""
    check = _("units that came, went: treated against comparison")
    if not treated.units or not comparison.units:
        return untested(check, _("no units on both sides"))
    bound = _("shares apart by at most {bound:.0%}, unless by chance").format(
        bound=params.composition_bound
    )
    apart = [
        name
        for name, one, other in (
            (_("came"), treated.came, comparison.came),
            (_("went"), treated.went, comparison.went),
        )
        if shares_differ((one, treated.units), (other, comparison.units), params)
    ]
    return Gate(
        check, _turnover_words(treated, comparison), bound, not apart,
        "" if not apart else _(
            "units {what} more often on one side ({figures}): a change in who is counted cannot be "
            "told from the strategy").format(
                what=_(" and ").join(apart), figures=_turnover_words(treated, comparison)),
    )  # fmt: skip


def shares_differ(one: tuple[int, int], other: tuple[int, int], params: StrategyParams) -> bool:
    """Are two shares, each a count and of how many, further apart than chance and the bound?"""
    (count, of_one), (its_count, of_other) = one, other
    if abs(count / of_one - its_count / of_other) <= params.composition_bound:
        return False
    table = [[count, of_one - count], [its_count, of_other - its_count]]
    return bool(fisher_exact(table).pvalue < params.gate_alpha)


def _turnover_words(treated: Turnover, comparison: Turnover) -> str:
    return _("came {a:.0%} against {b:.0%}, went {c:.0%} against {d:.0%}").format(
        a=treated.came / treated.units,
        b=comparison.came / comparison.units,
        c=treated.went / treated.units,
        d=comparison.went / comparison.units,
    )


def composition_note(treated: Turnover) -> tuple[str, ...]:
    """Say what the estimate is of, where not every treated unit was there throughout."""
    said = []
    if treated.came or treated.went:
        said.append(
            _("of {n} treated units known before the start {came} came late in that time and "
              "{went} stopped later: a unit that stops counts as nothing from then on").format(
                  n=treated.units, came=treated.came, went=treated.went)
        )  # fmt: skip
    if treated.entered:
        said.append(
            _("{n} treated units came only after the start: the estimate is not of them").format(
                n=treated.entered)
        )  # fmt: skip
    return tuple(said)
