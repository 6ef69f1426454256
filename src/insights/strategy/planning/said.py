"""A plan in words: its sentence, its checks, its next steps."""

from __future__ import annotations

import math

import pandas as pd

from insights.params import StrategyPlanParams
from insights.strategy.reviewing.checks import ALARM_BOUND
from insights.words import _

CHECKS = ("check", "value", "bound", "verdict")
Row = tuple[str, str, str, str]


def count_words(count: int, unit_type: str) -> str:
    """Return a number of units with the name of what they are."""
    one = {
        "customer": _("{n} customer"), "region": _("{n} region"),
        "department": _("{n} department"), "rep": _("{n} rep"), "city": _("{n} city"),
    }  # fmt: skip
    names = one if count == 1 else {
        "customer": _("{n} customers"), "region": _("{n} regions"),
        "department": _("{n} departments"), "rep": _("{n} reps"), "city": _("{n} cities"),
    }  # fmt: skip
    return names[unit_type].format(n=count)


def length_words(periods: int, grain: str) -> str:
    """Return a number of periods with the name of their grain."""
    one = {"month": _("{n} month"), "quarter": _("{n} quarter"), "year": _("{n} year")}
    names = (
        one
        if periods == 1
        else {"month": _("{n} months"), "quarter": _("{n} quarters"), "year": _("{n} years")}
    )
    return names[grain].format(n=periods)


def share_words(cell: pd.Series) -> str:
    """Return the smallest detectable effect with its Monte-Carlo interval, or why there is none."""
    if math.isnan(cell.mde):
        return _("too small to tell")
    return f"{percent(cell.mde)} ({_span(cell)})"


def column_words(cells: pd.DataFrame, grain: str) -> list[str]:
    """Return the length of each cell, with the history before it where lengths differ in that."""
    held = cells[cells.runs > 0].groupby("periods").before.max()
    said = {
        n: length_words(int(n), grain) if n not in held.index or held.nunique() < 2
        else _("{length}, pretended with {before} before").format(
            length=length_words(int(n), grain), before=length_words(int(held[n]), grain))
        for n in cells.periods.unique()
    }  # fmt: skip
    return [said[n] for n in cells.periods]


def pilot_rows(
    cell: pd.Series | None, choice: pd.DataFrame, strategy: pd.DataFrame,
    params: StrategyPlanParams,
) -> pd.DataFrame:  # fmt: skip
    """Return the pilot in a few rows: whom, how many, when, and what could be seen."""
    column = _("this pilot")
    if cell is None:
        return pd.DataFrame({column: []})
    sides = choice.role.value_counts()
    rows = {
        _("treated"): count_words(int(sides.get("treated", 0)), params.unit_type),
        _("comparison, kept aside"): count_words(int(sides.get("comparison", 0)), params.unit_type),
        _("length"): length_words(int(cell.periods), params.grain),
        **_dates(strategy),
        _("smallest effect that could be seen"): share_words(cell),
        _("smallest effect that the review would call worked"): from_words(
            cell.worked_from, params),
        _("smallest effect worth having"): percent(params.min_effect),
        _("large enough for it"): _("yes") if cell.would_do else _("no"),
    }  # fmt: skip
    return pd.DataFrame({column: rows})


def _dates(strategy: pd.DataFrame) -> dict[str, str]:
    if strategy.empty:
        return {}
    row = strategy.iloc[0]
    return {_("from, to"): f"{row.starts_on.date()}, {row.ends_on.date()}"}


def capital(words: str) -> str:
    """Return words with the first letter of a sentence."""
    return f"{words[:1].upper()}{words[1:]}"


def percent(share: float) -> str:
    """Return a share in percent with two digits."""
    return f"{float(f'{100 * share:.2g}'):g}%"


def plan_sentence(cell: pd.Series, cells: pd.DataFrame, params: StrategyPlanParams) -> str:
    """Say what the planned pilot can tell, whether that will do, and what else would."""
    least, told = percent(params.min_effect), tells(cell, params)
    if cell.would_do:
        return _("{told}; the smallest worth having is {least}: large enough. The review, whose "
                 "estimate must reach {least}, will call effects from {worked} up worked").format(
            told=told, least=least, worked=from_words(cell.worked_from, params))  # fmt: skip
    rest = other_words(cell, cells, params)
    return _("{told}; the smallest worth having is {least}: too small to tell. {rest}").format(
        told=told, least=least, rest=capital(rest)
    )


def check_rows(
    cell: pd.Series, cells: pd.DataFrame, balance: pd.DataFrame, excluded: pd.DataFrame,
    params: StrategyPlanParams, history: int,
) -> pd.DataFrame:  # fmt: skip
    """Return how far to trust the plan."""
    rows = [
        *_alarms(cell, cells),
        _error(cell, params),
        *(_trait(row, params) for row in balance.itertuples()),
        _windows(cell, history, params),
        _before(cell, history, params),
        _budget(cells, params),
        *_asked(cell, params),
        (_("units that cannot take part"), str(len(excluded)), _("named in the table excluded"),
         _("left out") if len(excluded) else _("none")),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CHECKS))


def size_words(cell: pd.Series, params: StrategyPlanParams) -> str:
    """Return the size of a pilot: units and length."""
    return _("{units} for {length}").format(
        units=count_words(int(cell.units), params.unit_type),
        length=length_words(int(cell.periods), params.grain),
    )


def tells(cell: pd.Series, params: StrategyPlanParams) -> str:
    """Say what a pilot can tell."""
    size = size_words(cell, params)
    if math.isnan(cell.mde):
        return _("{size} cannot tell even an effect of {top:.0%}, the largest tried").format(
            size=size, top=params.lifts[-1]
        )
    return _("{size} can tell effects from {mde} up").format(size=size, mde=percent(cell.mde))


def cheapest(cells: pd.DataFrame) -> pd.Series | None:
    """Return the cheapest size that would do, or None."""
    better = cells[cells.would_do.astype(bool)]
    if better.empty:
        return None
    cost = (better.units * better.periods).sort_values(kind="stable")
    return better.loc[cost.index[0]]


def other_words(cell: pd.Series, cells: pd.DataFrame, params: StrategyPlanParams) -> str:
    """Say which size would do, or what even the most that the data allow could tell."""
    better = cheapest(cells)
    if better is not None:
        return _("{size} would do").format(size=size_words(better, params))
    tried = cells[cells.runs > 0]
    most = tried.iloc[int((tried.units * tried.periods).to_numpy().argmax())]
    size = size_words(most, params)
    if math.isnan(most.mde):
        words = _("no size would do: even {size} could not tell an effect of {top:.0%}")
        return words.format(size=size, top=params.lifts[-1])
    words = _("no size would do: even with {size} the smallest effect that could be seen is {mde}")
    return words.format(size=size, mde=percent(most.mde))


def from_words(share: float, params: StrategyPlanParams) -> str:
    """Return an effect in percent, or that it lies above every effect tried."""
    if math.isnan(share):
        return _("more than {top:.0%}").format(top=params.lifts[-1])
    return percent(share)


def _span(cell: pd.Series) -> str:
    low = f"{100 * cell.mde_low:.0f}"
    if math.isnan(cell.mde_high):
        return _("{low} or more").format(low=low)
    return f"{low}–{100 * cell.mde_high:.0f}"


def _alarms(cell: pd.Series, cells: pd.DataFrame) -> tuple[Row, Row]:
    value = f"{cell.false_alarms:.1%} ({cell.false_low:.1%}–{cell.false_high:.1%})"
    pooled = float((cells.false_alarms * cells.runs).sum() / cells.runs.sum())
    bound = _("at most {bound:.0%}").format(bound=ALARM_BOUND)
    own = _("holds") if cell.false_low <= ALARM_BOUND else _("fails")
    every = _("holds") if pooled <= ALARM_BOUND else _("fails")
    return (
        (_("pilots without effect called worked"), value, bound, own),
        (_("the same, all sizes tried"), f"{pooled:.1%}", bound, every),
    )


def _error(cell: pd.Series, params: StrategyPlanParams) -> Row:
    name = _("Monte-Carlo interval of the smallest effect")
    bound = _("{n} pretended pilots").format(n=int(cell.runs))
    if math.isnan(cell.mde):
        return name, "–", bound, _("no effect tried is told {power:.0%} of the time").format(
            power=params.power)  # fmt: skip
    sure = cell.mde_high <= params.min_effect or cell.mde_low > params.min_effect
    words = _("clear of {least}") if sure else _("holds {least}: raise runs to be sure")
    return name, _span(cell) + " %", bound, words.format(least=percent(params.min_effect))


def _trait(row: object, params: StrategyPlanParams) -> Row:
    trait, gap = row.trait, row.difference  # type: ignore[attr-defined]
    names = {"level": _("level"), "trend": _("trend"), "season": _("season")}
    name = _("{trait} before, treated less comparison").format(trait=names[trait])
    bound = _("within {bound:g} standard deviations").format(bound=params.balance_bound)
    if math.isnan(gap):
        return name, "–", bound, _("not tested: nothing to spread over")
    holds = abs(gap) <= params.balance_bound
    fails = _("fails: draw with another seed; a region may differ from all others")
    return name, f"{gap:+.2f}", bound, _("holds") if holds else fails


def _windows(cell: pd.Series, history: int, params: StrategyPlanParams) -> Row:
    value = _("{n} in {length}").format(
        n=int(cell.windows), length=length_words(history, params.grain)
    )
    words = _("one stretch only: its events are in every pilot")
    return (
        _("stretches of history that played the pilot"), value,
        _("up to {n}").format(n=params.windows), words if cell.windows < 2 else _("holds"),
    )  # fmt: skip


def _before(cell: pd.Series, history: int, params: StrategyPlanParams) -> Row:
    more = history - int(cell.before)
    words = _("the review will have {length} more: it tells rather more than is said here")
    return (
        _("history before the pretended start"), length_words(int(cell.before), params.grain),
        _("the real one has {length}").format(length=length_words(history, params.grain)),
        words.format(length=length_words(more, params.grain)),
    )  # fmt: skip


def _budget(cells: pd.DataFrame, params: StrategyPlanParams) -> Row:
    most, total = int(cells.runs.max()), int(cells.runs.sum())
    cut = most < params.runs
    return (
        _("pretended pilots a size, in all"), f"{most}, {total}",
        _("{n}, at most {most} in all").format(n=params.runs, most=params.max_runs),
        _("fewer than asked for: too many sizes") if cut else _("holds"),
    )  # fmt: skip


def _asked(cell: pd.Series, params: StrategyPlanParams) -> tuple[Row, Row]:
    bound = _("at least {power:.0%}").format(power=params.power)
    holds = cell.power_at_min_effect >= params.power
    return (
        (_("power at an effect of {least}").format(least=percent(params.min_effect)),
         f"{cell.power_at_min_effect:.0%}", bound, _("holds") if holds else _("fails")),
        (_("the same, where the estimate must reach it too"), f"{cell.reaching_min_effect:.0%}",
         _("half at best"),
         _("a review asks it: half of the estimates of just this effect fall short of it")),
    )  # fmt: skip
