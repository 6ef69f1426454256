"""Where will the month, the quarter and the year end, and how sure is that?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from insights.params import TargetsParams
from insights.targets.forecast_interval import (
    BORROWED,
    NONE,
    Stretch,
    half_widths,
    volatility,
)
from insights.targets.forecast_outlook import outlook
from insights.targets.forecast_panel import SalesPanel, sales_panel
from insights.targets.forecast_rest import rest_came, rests_expected, so_far_in_period
from insights.words import _

Grain = Literal["month", "quarter", "year"]
MONTHS_OF: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
FORECAST = (
    "scope", "scope_id", "grain", "period", "period_end", "to_date", "expected", "low", "high",
    "method", "reason",
)  # fmt: skip
OVER, PROFILE, NOTHING = "period_over", "season_and_level", "not_enough_history"


@dataclass(frozen=True)
class Outlook:
    """Sales as of a day and what each origin expected: origin x scope x month ahead."""

    panel: SalesPanel
    expected: np.ndarray
    usual_error: np.ndarray


def look_ahead(
    days: pd.DataFrame,
    calendar: pd.DataFrame,
    as_of: str | dt.date | pd.Timestamp,
    params: TargetsParams,
) -> Outlook:
    """What was each month expected to bring, told from the months before it?

    ``days``: scope, scope_id, day, amount_cents (``sales_by_day``); ``calendar``: day, is_workday
    (``working_calendar``), up to a year after as_of. All forecasts, their backtest and the
    exceptions are read from it. Each scope is forecast for itself; then regions, lines and channels
    are scaled to the company's forecast, so that they add up to it (in the backtest this changed
    the error of neither by more than chance). Representatives' do not add up to anything.
    """
    panel = sales_panel(days, calendar, pd.Timestamp(as_of).date())
    expected = outlook(panel, params.forecast_min_months, params.forecast_min_own_months)
    return Outlook(panel, expected, volatility(panel, expected[:, :, 0]))


def forecast_period_end(ahead: Outlook, grain: Grain, params: TargetsParams) -> pd.DataFrame:
    """Where will the period that as_of lies in end?

    Columns FORECAST, a row a scope, in CNY: sold to date, expected at the end, and the interval
    that holds the end with probability ``params.interval``. method is period_over (nothing is
    left), season_and_level, or not_enough_history with its reason in words; a reason also stands
    where the interval is missing or borrowed from shorter stretches, or a calendar was guessed.
    """
    panel = ahead.panel
    period = pd.Period(panel.as_of, freq=grain[0].upper())
    first, end = period.start_time.normalize(), period.end_time.normalize()
    to_date = _to_date(panel, first)
    further = _months_between(panel.months[panel.complete], end)
    if further < 0:
        rest, half, source = np.zeros(len(to_date)), np.zeros(len(to_date)), None
    else:
        stretches = stretches_ahead(ahead, panel.share, further)
        widths = half_widths(
            panel, stretches, params.interval, params.interval_min_origins,
            np.array([panel.complete]),
        )  # fmt: skip
        rest, half, source = stretches[-1].expected[-1], widths.half[-1], widths.source[-1]
    frame = panel.keys.assign(
        grain=grain, period=first, period_end=end, to_date=to_date, expected=to_date + rest,
        low=to_date + rest - half, high=to_date + rest + half,
        method=np.where(np.isnan(rest), NOTHING, OVER if further < 0 else PROFILE),
    )  # fmt: skip
    return frame.assign(reason=_reasons(frame, source, panel, params)).loc[:, list(FORECAST)]


def stretches_ahead(ahead: Outlook, share: float, further: int) -> list[Stretch]:
    """Return the rest of each month t and up to ``further`` months more.

    Of month t ``share`` of the working days have passed.
    """
    panel = ahead.panel
    expected = rests_expected(panel, ahead.expected, share, further)
    return [
        Stretch.of(one, rest_came(panel, share, h), one, ahead.usual_error)
        for h, one in enumerate(expected)
    ]


def _to_date(panel: SalesPanel, first: pd.Timestamp) -> np.ndarray:
    """Return what each scope sold from the first day of the period to as_of."""
    before = min(max(_months_between(first, panel.months[panel.complete]), 0), panel.complete)
    told = np.zeros(panel.complete + 1, dtype="int64")
    told[-1] = before
    return np.asarray(so_far_in_period(panel, panel.share, told)[-1])


def _months_between(first: pd.Timestamp, last: pd.Timestamp) -> int:
    return int((last.year - first.year) * 12 + last.month - first.month)


def _reasons(
    frame: pd.DataFrame, source: np.ndarray | None, panel: SalesPanel, params: TargetsParams
) -> list[str]:
    whose = np.full(len(frame), "") if source is None else source
    parts = zip(frame.method, whose, frame.period_end, strict=True)
    return [_reason(method, own, end.year, panel, params) for method, own, end in parts]


def _reason(
    method: str, source: str, last_year: int, panel: SalesPanel, params: TargetsParams
) -> str:
    if method == OVER:
        return ""
    if method == NOTHING:
        return _(
            "not enough history: {n} complete months; a forecast needs {least}, and {own} since "
            "the first sale"
        ).format(
            n=panel.complete, least=params.forecast_min_months, own=params.forecast_min_own_months
        )
    said = []
    if source == NONE:
        said.append(_("no interval: too few earlier forecasts have come to their end"))
    if source == BORROWED:
        said.append(_("the interval is that of shorter stretches: too few this long are over"))
    if guessed := [year for year in panel.guessed if year <= last_year]:
        years = ", ".join(str(year) for year in guessed)
        said.append(_("no calendar of {years}: weekdays were counted").format(years=years))
    return _("; ").join(said)
