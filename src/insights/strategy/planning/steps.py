"""What a plan asks for: who does what next, and on what terms it may be registered."""

from __future__ import annotations

import math

import pandas as pd

from insights.params import StrategyPlanParams
from insights.strategy.planning.said import (
    capital,
    cheapest,
    from_words,
    length_words,
    other_words,
    percent,
    size_words,
    tells,
)
from insights.words import Sentence, _

STEPS = ("who", "next step", "because")
Step = tuple[str, str, str]


def step_rows(
    cell: pd.Series | None, cells: pd.DataFrame, choice: pd.DataFrame,
    strategy: pd.DataFrame, params: StrategyPlanParams,
) -> pd.DataFrame:  # fmt: skip
    """Return who does what next; ``strategy`` is the row to register (no row: no dates)."""
    columns = [_(name) for name in STEPS]
    if cell is None:
        return pd.DataFrame(columns=columns)
    if cell.would_do:
        aside = int((choice.role == "comparison").sum())
        rows = _start(cell, aside, strategy, params)
    elif cheapest(cells) is not None:
        rows = _enlarge(cell, cells, params)
    else:
        rows = _give_up(cell, cells, strategy, params)
    return pd.DataFrame(rows, columns=columns)


def terms(
    cell: pd.Series | None, cells: pd.DataFrame, strategy: pd.DataFrame,
    params: StrategyPlanParams,
) -> Sentence:  # fmt: skip
    """Say whether the rows may be registered, and by when, or what stands against it."""
    if cell is None:
        return Sentence(_("There is no plan, so there is nothing to register."))
    if cell.would_do:
        words = _("Add the row to `strategies` and all its units to `strategy_units`, and lock the "
                  "plan{by}. What is locked later counts as exploratory.")  # fmt: skip
        return Sentence(words.format(by=_before_start(strategy)))
    least, told = percent(params.min_effect), capital(tells(cell, params))
    if cheapest(cells) is not None:
        words = _("**Too small for {least}: do not register it.** {told}. {other}.")
        other = capital(other_words(cell, cells, params))
        return Sentence(words.format(least=least, told=told, other=other))
    if math.isnan(cell.mde):
        words = _("**Too small: do not register it.** {told}.")
        return Sentence(words.format(told=told))
    words = _("**Too small for {least}: register it only if {worked} or more is expected**, and "
              "lock it{by}. Smaller effects would mostly end without a verdict.")  # fmt: skip
    return Sentence(words.format(
        least=least, worked=from_words(cell.worked_from, params), by=_before_start(strategy)
    ))  # fmt: skip


def _start(
    cell: pd.Series, aside: int, strategy: pd.DataFrame, params: StrategyPlanParams
) -> list[Step]:
    owner, analyst = _("owner of the strategy"), _("analyst")
    length = length_words(int(cell.periods), params.grain)
    return [
        (analyst, _("add the rows below to strategies and strategy_units, and lock the plan{by}")
         .format(by=_before_start(strategy)),
         _("what is written down afterwards counts as exploratory")),
        (owner, _("start it{dates} with the units drawn, and with no others").format(
            dates=_dates(strategy)), tells(cell, params)),
        (owner, _("keep {n} comparison units out of every strategy for {length}").format(
            n=aside, length=length), _("without them nothing can be told")),
        (analyst, _("review once, after {length}").format(length=length),
         _("every earlier look costs certainty")),
    ]  # fmt: skip


def _enlarge(cell: pd.Series, cells: pd.DataFrame, params: StrategyPlanParams) -> list[Step]:
    better = cheapest(cells)
    assert better is not None
    return [
        (_("owner of the strategy"),
         _("enlarge it to {size}").format(size=size_words(better, params)), tells(cell, params)),
        (_("analyst"),
         _("plan again with strategy_plan.pilot_units {units} and pilot_periods {periods}").format(
             units=int(better.units), periods=int(better.periods)),
         _("the units are drawn anew for that size")),
    ]  # fmt: skip


def _give_up(
    cell: pd.Series, cells: pd.DataFrame, strategy: pd.DataFrame, params: StrategyPlanParams
) -> list[Step]:
    owner, least = _("owner of the strategy"), percent(params.min_effect)
    first = (
        owner, _("do not start it as a test of {least}").format(least=least),
        other_words(cell, cells, params),
    )  # fmt: skip
    if math.isnan(cell.mde):
        return [first]
    return [
        first,
        (owner, _("start {size} only if {worked} or more is expected").format(
            size=size_words(cell, params), worked=from_words(cell.worked_from, params)),
         _("smaller effects would mostly end without a verdict")),
        (_("analyst"), _("if so, add the rows below to strategies and strategy_units, and lock the "
                         "plan{by}").format(by=_before_start(strategy)),
         _("what is written down afterwards counts as exploratory")),
    ]  # fmt: skip


def _before_start(strategy: pd.DataFrame) -> str:
    if strategy.empty:
        return _(" before the start")
    return _(" before {day}").format(day=strategy.starts_on.iloc[0].date())


def _dates(strategy: pd.DataFrame) -> str:
    if strategy.empty:
        return ""
    row = strategy.iloc[0]
    return _(" from {first} to {last}").format(first=row.starts_on.date(), last=row.ends_on.date())
