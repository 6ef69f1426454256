"""Every gate that needs the company's tables, in the order a reviewer reads them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from insights.features.neighbours import neighbours
from insights.features.panels import FACTS, MONEY, STEPS, fact_days, recorded, unit_kind
from insights.features.price_volume_mix import products_sold
from insights.features.sell_in import distributors_of, sell_in
from insights.features.waves import SECOND_SURVEY
from insights.features.windows import Windows, season_windows
from insights.features.working_days import working_days
from insights.params import StrategyParams
from insights.strategy.comparable.composition import composition_gate, composition_note, turnover
from insights.strategy.comparable.prices import (
    SoldBySide,
    price_gate,
    price_note,
    price_split,
    sold_by_side,
)
from insights.strategy.comparable.seasons import (
    festival_gate,
    filled_gate,
    period_ends,
    working_days_gate,
)
from insights.strategy.comparable.sides import Sides, is_untested, untested
from insights.strategy.comparable.spillover import (
    Spillover,
    spillover,
    spillover_gate,
    spillover_note,
)
from insights.strategy.comparable.stuffing import (
    SHIPPED,
    by_construction,
    distributor_sides,
    stuffing_check,
    stuffing_gate,
)
from insights.strategy.gates import Gate
from insights.tables import Tables
from insights.words import _, listing

# The shortest month: fewer days on a side are a handful of orders, not a price.
FEWEST_DAYS = 28


@dataclass(frozen=True)
class Question:
    """One strategy on one day: whose tables, which units and outcomes were chosen."""

    tables: Tables
    strategy: Any
    sides: Sides
    as_of: dt.date
    params: StrategyParams

    @property
    def kind(self) -> str:
        """Return what a unit is."""
        return unit_kind(self.strategy)

    @property
    def surveyed(self) -> bool:
        """Say whether two surveys are compared: they are no flow, and their two days no periods."""
        return bool(self.strategy.metric == SECOND_SURVEY)

    def last_day(self) -> dt.date:
        """Return as_of, or the day the strategy ended if that is earlier."""
        ends_on = self.strategy.ends_on
        return self.as_of if pd.isna(ends_on) else min(self.as_of, pd.Timestamp(ends_on).date())

    def windows(self) -> Windows | None:
        """Return the days before and after the start that are read against each other.

        None where either side has fewer than ``FEWEST_DAYS``: so few days say nothing of prices.
        """
        if self.sides.units.empty or self.sides.rows.empty:
            return None
        known_to = pd.Timestamp(self.last_day()) - pd.Timedelta(days=FEWEST_DAYS - 1)
        found = season_windows(
            self.sides.first_start.date(), self.sides.last_start_by(known_to).date(),
            self.sides.first_day(), self.last_day(),
        )  # fmt: skip
        if found is None or min(found.before_days, found.after_days) < FEWEST_DAYS:
            return None
        return found


@dataclass(frozen=True)
class Findings:
    """What the tables say: gates, notes, money split by side, comparison units near treated."""

    gates: tuple[Gate, ...]
    notes: tuple[str, ...]
    price_split: pd.DataFrame
    spillover: Spillover


def examine(question: Question) -> Findings:
    """Run every gate that needs tables on what was chosen."""
    derived = not recorded(question.tables, question.strategy.metric, question.as_of)
    windows = question.windows()
    sold, missing = _sold(question, windows, derived)
    treated, comparison = turnover(question.sides)
    near, unknown = _near(question)
    price = price_gate(sold, missing, windows, question.params)
    gates = (
        *(() if question.surveyed else (composition_gate(treated, comparison, question.params),)),
        price,
        *(() if question.surveyed else _calendar_gates(question, derived)),
        _stuffing(question, windows, derived),
        spillover_gate(near, question.params, unknown),
    )
    notes = (
        *(() if question.surveyed else composition_note(treated)),
        *price_note(sold, price), *spillover_note(near),
        *untested_note(gates),
    )  # fmt: skip
    return Findings(gates, notes, price_split(question.sides, sold), near)


def untested_note(gates: tuple[Gate, ...]) -> tuple[str, ...]:
    """Say in one sentence which conditions were not tested, and for want of what."""
    said = [f"{gate.check} ({gate.bound})" for gate in gates if is_untested(gate)]
    return (_("not tested: {checks}").format(checks=listing(said, len(said))),) if said else ()


def _sold(
    question: Question, windows: Windows | None, derived: bool
) -> tuple[SoldBySide | None, str]:
    """Return what was sold by product, or None and what is missing."""
    metric = question.strategy.metric
    if not derived:
        return None, _("prices of {metric}: outcomes hold no quantities").format(metric=metric)
    if metric not in MONEY:
        return None, _("{metric} counts no money").format(metric=metric)
    if windows is None:
        return None, _too_short()
    sold = products_sold(question.tables, metric, question.kind, windows, question.as_of)
    by_side = sold_by_side(sold, question.sides)
    if not (by_side.treated.quantity_before != 0).any():
        return None, _("quantities of the treated units before, by product, in {table}").format(
            table=FACTS[metric].table
        )
    return by_side, ""


def _too_short() -> str:
    return _("at least {n} days on both sides of the start").format(n=FEWEST_DAYS)


def _calendar_gates(question: Question, derived: bool) -> tuple[Gate, ...]:
    periods = pd.DatetimeIndex(question.sides.rows.period.unique()).sort_values()
    days = working_days(question.tables, periods, period_ends(periods))
    seasonal = (
        festival_gate(question.sides, days, question.params),
        working_days_gate(question.sides, days, question.params),
    )
    if not derived:
        return (*seasonal, untested(_("periods that the data fill"), _("dates within a period")))
    return (*seasonal, _filled(question, days))


def _filled(question: Question, days: pd.DataFrame) -> Gate:
    strategy = question.strategy
    grain = strategy.grain if strategy.grain in STEPS else "month"
    facts = fact_days(question.tables, strategy.metric, grain, question.as_of)
    facts = facts[facts.index.isin(days.index)]
    whole = facts.index.to_series()
    begin = whole.where(whole != whole.min(), facts["first"]) if len(facts) else whole
    reached = working_days(
        question.tables, pd.DatetimeIndex(begin), pd.DatetimeIndex(facts["last"])
    ).set_axis(facts.index)
    return filled_gate(days, facts, reached, question.params)


def _stuffing(question: Question, windows: Windows | None, derived: bool) -> Gate:
    tables, strategy = question.tables, question.strategy
    if strategy.metric not in SHIPPED:
        return by_construction(strategy.metric)
    gaps = [gap for name in ("orders", "channel_flow") if (gap := tables.gap(name)) is not None]
    if gaps or windows is None:
        return untested(stuffing_check(), "; ".join(gaps) or _too_short())
    ties = distributors_of(tables, question.kind, windows, question.as_of)
    ties = ties[ties.unit_id.isin(question.sides.rows.unit_id)]
    if derived and not ties.unit_id.isin(question.sides.treated).any():
        return Gate(
            stuffing_check(), _("holds by construction"),
            _("no treated unit orders through a distributor"), True,
        )  # fmt: skip
    flows = sell_in(tables, windows, question.as_of)
    behind = distributor_sides(ties, question.sides.treated)
    if ties.empty:
        behind = pd.Series(True, index=flows.index)
    return stuffing_gate(flows, behind, question.params)


def _near(question: Question) -> tuple[Spillover, str]:
    """Return the comparison units near treated ones, and what is missing to tell."""
    start = question.sides.first_start.date()
    shared = neighbours(question.tables, question.kind, start, question.as_of)
    found = spillover(question.sides, shared, question.params)
    if question.kind not in ("customer", "department"):
        return found, _("a city, rep or distributor shared by units of type {kind}").format(
            kind=question.kind
        )
    known = shared.unit_id.isin(question.sides.treated).any()
    return found, "" if known else _("the city, reps and distributors of the treated units")
