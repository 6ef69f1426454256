"""Which regions, lines, channels or representatives sell strangely, season and level apart?

A stretch of the last one, three or six complete months is set against what was expected of it
when it began. The miss, in units of the scope's usual relative error, is compared with earlier
misses of stretches of that length: robust z (median, MAD), a t distribution with as many degrees
of freedom as there were earlier forecasts less one, and the false discovery rate over everything
tested (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from insights.params import TargetsParams
from insights.targets.forecast import Outlook, stretches_ahead
from insights.targets.forecast_interval import Stretch
from insights.targets.forecast_panel import SalesPanel
from insights.words import _, signed

WINDOWS = (1, 3, 6)
TO_SIGMA = 1.4826  # MAD of a normal distribution to its standard deviation
LEAST_SPREAD = 0.5  # in usual errors: earlier luck must not make every month strange
EXCEPTIONS = (
    "scope", "scope_id", "window_months", "from_month", "to_month", "expected", "came", "money",
    "relative", "z", "p_value", "q_value", "exception", "reason",
)  # fmt: skip


def exceptions(ahead: Outlook, params: TargetsParams) -> pd.DataFrame:
    """Which scopes sold against all expectation lately, and how much money is that?

    Columns EXCEPTIONS, one row a scope that could be tested, its strangest stretch: expected, came
    and money (came less expected) in CNY, relative (money over expected), robust z, p_value,
    q_value (smallest false discovery rate at which it is found), exception (q_value at most
    ``params.exception_rate``) and the reason in words. Exceptions first, most money first. Empty
    where no stretch has enough history.
    """
    tested = [_tested(ahead, months, params) for months in WINDOWS]
    rows = pd.concat(tested, ignore_index=True)
    if rows.empty:
        return pd.DataFrame(columns=list(EXCEPTIONS))
    rows = rows.assign(q_value=stats.false_discovery_control(rows.p_value, method="bh"))
    strangest = rows.sort_values(["q_value", "p_value", "window_months", "scope", "scope_id"])
    one = strangest.drop_duplicates(["scope", "scope_id"])
    told = one.assign(exception=one.q_value <= params.exception_rate, size=one.money.abs())
    parts = zip(told.window_months, told.to_month, told.relative, told.usual, strict=True)
    told = told.assign(reason=[_reason(*part) for part in parts])
    order = ["exception", "size", "scope", "scope_id"]
    ranked = told.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
    return ranked.loc[:, list(EXCEPTIONS)]


def _tested(ahead: Outlook, months: int, params: TargetsParams) -> pd.DataFrame:
    """Return the test of each scope's last ``months`` complete months."""
    panel = ahead.panel
    origin = panel.complete - months
    if origin < 1:
        return pd.DataFrame()
    stretch = stretches_ahead(ahead, 0.0, months - 1)[-1]
    z, p_value = _strangeness(panel, stretch, origin, months, params.exception_min_months)
    expected, came = stretch.expected[origin], stretch.came[origin]
    money, base = came - expected, np.where(expected > 0, expected, np.nan)
    frame = panel.keys.assign(
        window_months=months, from_month=panel.months[origin],
        to_month=panel.months[panel.complete - 1], expected=expected, came=came,
        money=money, relative=money / base,
        usual=ahead.usual_error[origin], z=z, p_value=p_value,
    )  # fmt: skip
    return frame[frame.p_value.notna()]


def _strangeness(
    panel: SalesPanel, stretch: Stretch, origin: int, months: int, least: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return each scope's robust z and two-sided p-value at an origin, against earlier origins."""
    signed_misses = (stretch.came - stretch.expected) / stretch.scale
    z = np.full(len(panel.keys), np.nan)
    p_value = np.full(len(panel.keys), np.nan)
    for kind in set(panel.kinds):
        of_kind = panel.kinds == kind
        earlier = signed_misses[: max(origin - months + 1, 0), of_kind]
        known = earlier[np.isfinite(earlier)]
        origins = int(np.isfinite(earlier).any(axis=1).sum())
        if origins < least:
            continue
        middle = float(np.median(known))
        spread = max(TO_SIGMA * float(np.median(np.abs(known - middle))), LEAST_SPREAD)
        z[of_kind] = (signed_misses[origin, of_kind] - middle) / spread
        p_value[of_kind] = 2 * stats.t.sf(np.abs(z[of_kind]), origins - 1)
    return z, p_value


def _reason(months: int, to_month: pd.Timestamp, relative: float, usual: float) -> str:
    if not np.isfinite(relative):
        return _("sales where none were expected")
    if months == 1:
        told = _(
            "{share} against season and level in {month}; a month is usually missed by {usual:.0%}"
        )
    else:
        told = _(
            "{share} against season and level in the {n} months to {month}; "
            "a month is usually missed by {usual:.0%}"
        )
    return told.format(share=signed(relative), n=months, month=f"{to_month:%Y-%m}", usual=usual)
