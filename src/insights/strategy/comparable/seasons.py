"""Spring Festival, working days, and periods that the data do not fill."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import StrategyParams
from insights.strategy.comparable.sides import Sides, apart_p, untested
from insights.strategy.gates import Gate
from insights.words import _, listing

# A working week of the pause makes a period one that Spring Festival touches.
TOUCHED_DAYS = 5
# With fewer facts a period a company can miss one by chance.
USUAL_FACTS = 10
MONTH_DAYS = 31


def period_ends(periods: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the last day of each period, by the spacing of their first days."""
    steps = np.diff(periods.to_numpy()) / np.timedelta64(1, "D")
    days = float(np.min(steps)) if len(steps) else MONTH_DAYS
    if days < 28:
        return periods + pd.Timedelta(days=round(days) - 1)
    return periods + pd.DateOffset(months=round(days / 30.4)) - pd.Timedelta(days=1)


def festival_gate(sides: Sides, days: pd.DataFrame, params: StrategyParams) -> Gate:
    """Does Spring Festival weigh on the periods after as it did on those before?

    ``days`` as of ``working_days``. Comparison units share the calendar: what is left is the
    change in touched periods times the difference in how the two sides respond to one. Without
    comparison units the shares themselves must agree, as in same-season windows.
    """
    check = _("Spring Festival periods, share before and after")
    if days.festival_days.isna().any() or days.empty:
        return untested(check, _("the dates of Spring Festival in these periods"))
    touched = days.festival_days >= TOUCHED_DAYS
    after = days.index >= sides.first_start
    shares = [float(touched[part].mean()) if part.any() else np.nan for part in (~after, after)]
    if np.isnan(shares).any():
        return untested(check, _("periods on both sides of the start"))
    value = _("{a:.0%}, then {b:.0%}").format(a=shares[0], b=shares[1])
    moved = shares[1] - shares[0]
    if not len(sides.comparison):
        return _alone(check, value, abs(moved) <= params.calendar_bound, params)
    bias, p_value = _uneven(sides, days.index[touched.to_numpy() & ~after], moved)
    return Gate(
        check, value,
        _("shared by the comparison units, uneven response at most {bound:.0%}").format(
            bound=params.calendar_bound),
        not (abs(bias) > params.calendar_bound and p_value < params.gate_alpha),
        _("treated and comparison units respond unlike to Spring Festival, and it touches {a:.0%} "
          "of the periods before but {b:.0%} of those after: that alone would move the result by "
          "{bias:+.1%}; compare whole years").format(a=shares[0], b=shares[1], bias=bias),
    )  # fmt: skip


def _alone(check: str, value: str, holds: bool, params: StrategyParams) -> Gate:
    return Gate(
        check, value,
        _("without comparison units apart by at most {bound:.0%}").format(
            bound=params.calendar_bound),
        holds,
        _("no comparison unit shares the calendar, and Spring Festival touches {value} of the "
          "periods before and after: compare the same months of both years").format(value=value),
    )  # fmt: skip


def _uneven(sides: Sides, touched: pd.Index, moved: float) -> tuple[float, float]:
    """Return what an unlike response moves the result by, as a share, and its p-value.

    The p-value is of bounded contrasts: a rare large purchase must not pass for a season.
    """
    early = sides.rows[sides.rows.period < sides.first_start]
    inside = early.period.isin(touched)
    held = early[inside].groupby("unit_id").value.mean()
    usual = early[~inside].groupby("unit_id").value.mean()
    total = (held + usual).where(held + usual > 0)
    contrast = ((held - usual) / total).clip(-1, 1).dropna()
    treated = contrast.index.isin(sides.treated)
    p_value = apart_p(contrast[treated], contrast[~treated])
    bias = moved * (
        _response(held, usual, sides.treated) - _response(held, usual, sides.comparison)
    )
    return (0.0, 1.0) if np.isnan([bias, p_value]).any() else (bias, p_value)


def _response(held: pd.Series, usual: pd.Series, unit_ids: pd.Index) -> float:
    """Return how far a touched period lies from another one, as a share, of some units."""
    inside, other = float(held.reindex(unit_ids).mean()), float(usual.reindex(unit_ids).mean())
    return inside / other - 1 if other > 0 else float("nan")


def working_days_gate(sides: Sides, days: pd.DataFrame, params: StrategyParams) -> Gate:
    """Had the periods after as many working days as those before?"""
    check = _("working days a period, before and after")
    if days.working_days.isna().any() or days.empty:
        return untested(check, _("working days of these periods (table calendar)"))
    after = days.index >= sides.first_start
    if after.all() or not after.any():
        return untested(check, _("periods on both sides of the start"))
    before, since = float(days.working_days[~after].mean()), float(days.working_days[after].mean())
    value = _("{before:.1f} days, then {after:.1f}").format(before=before, after=since)
    if len(sides.comparison):
        return Gate(check, value, _("shared by the comparison units"), True)
    return Gate(
        check, value,
        _("without comparison units apart by at most {bound:.0%}").format(
            bound=params.calendar_bound),
        abs(since / before - 1) <= params.calendar_bound,
        _("no comparison unit shares the calendar, and a period had {before:.1f} working days "
          "before and {after:.1f} after").format(before=before, after=since),
    )  # fmt: skip


def filled_gate(
    days: pd.DataFrame, facts: pd.DataFrame, reached: pd.DataFrame, params: StrategyParams
) -> Gate:
    """Do the company's facts fill every period?

    ``days``: working days of whole periods; ``facts`` as of ``fact_days``; ``reached``: working
    days from the first to the last fact of each period, the first period's from its first fact.
    """
    check = _("periods that the data fill")
    usual = float(facts.facts.median()) if len(facts) else 0.0
    if usual < USUAL_FACTS or days.working_days.isna().any():
        return untested(check, _("enough facts a period, or a calendar"))
    empty = days.index.difference(facts.index)
    short = _short(days, reached, params)
    faults = sorted({*empty, *short})
    names = listing([f"{period:%Y-%m-%d}" for period in faults])
    return Gate(
        check, _("{n} of {m}").format(n=len(days) - len(faults), m=len(days)),
        _("all, {share:.0%} of their working days").format(share=params.min_period_share),
        not faults,
        "" if not faults else _(
            "the data fill only part of {periods}: what is missing would be read as a fall; set "
            "as_of, or the dates of the strategy, to whole periods").format(periods=names),
    )  # fmt: skip


def _short(days: pd.DataFrame, reached: pd.DataFrame, params: StrategyParams) -> list[pd.Timestamp]:
    """Return the outer periods that are filled less than required and than any inner one."""
    share = (reached.working_days / days.working_days).reindex(days.index).dropna()
    if len(share) < 3:
        return []
    bound = min(params.min_period_share, float(share.iloc[1:-1].min()))
    return [period for period in (share.index[0], share.index[-1]) if share[period] < bound]
