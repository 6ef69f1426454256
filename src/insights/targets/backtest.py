"""How wrong were earlier forecasts, beside the same period last year?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import TargetsParams
from insights.targets.forecast import MONTHS_OF, Outlook, stretches_ahead
from insights.targets.forecast_interval import Stretch, half_widths, volatility
from insights.targets.forecast_panel import AHEAD, SalesPanel
from insights.targets.forecast_rest import so_far_in_period

POINTS = (0.0, 0.25, 0.5, 0.75)  # share of the running month's working days that had passed
OURS, NAIVE, REST, GROWN = "ours", "last_year", "last_year_rest", "last_year_grown"
BACKTEST = (
    "scope", "scope_id", "grain", "period", "origin", "point", "method", "to_date", "actual",
    "expected", "low", "high",
)  # fmt: skip
SCORES = ("scope", "grain", "method", "forecasts", "periods", "wape", "bias", "coverage", "width")
CELL = ["scope", "scope_id", "grain", "origin", "point"]


def backtest_forecast(ahead: Outlook, params: TargetsParams) -> pd.DataFrame:
    """What did each earlier origin say of the end of its month, quarter and year, and what came?

    An origin is a month at its start and when a quarter, a half and three quarters of its working
    days had passed; it saw nothing later, the choice among models and the intervals included.
    Columns BACKTEST: period and origin (first days of the period and of the running month), point,
    method, and CNY. method is ours; last_year (the same period a year earlier); last_year_rest
    (to date, and what last year brought from the same point on); last_year_grown (the same, times
    the growth so far in the year). All four have intervals made alike, and stand on the same rows.
    """
    rows = [one for point in POINTS for one in _at_point(ahead, point, params)]
    frame = pd.concat(rows, ignore_index=True)
    known = frame.assign(known=frame.expected.notna() & frame.actual.notna())
    kept = frame[known.groupby(CELL).known.transform("all")]
    order = ["scope", "scope_id", "grain", "period", "origin", "point", "method"]
    return kept.loc[:, list(BACKTEST)].sort_values(order, ignore_index=True)


def backtest_scores(rows: pd.DataFrame) -> pd.DataFrame:
    """How good was each way, by scope and grain?

    Columns SCORES: wape (sum of absolute errors over sum of actuals), bias (the same of signed
    errors, above 0 when forecasts were too high), coverage and width (of the intervals that there
    were: share that held what came, mean width over mean actual).
    """
    if rows.empty:
        return pd.DataFrame(columns=list(SCORES))
    inside = (rows.low <= rows.actual) & (rows.actual <= rows.high)
    found = rows.assign(
        error=(rows.expected - rows.actual).abs(), signed=rows.expected - rows.actual,
        size=rows.actual.abs(), covered=inside.where(rows.low.notna()).astype("float64"),
        wide=rows.high - rows.low,
    ).groupby(["scope", "grain", "method"])  # fmt: skip
    sums = found[["error", "signed", "size"]].sum()
    size = sums["size"].where(sums["size"] > 0)
    table = pd.DataFrame(
        {
            "forecasts": found.size(),
            "periods": found.period.nunique(),
            "wape": sums.error / size,
            "bias": sums.signed / size,
            "coverage": found.covered.mean(),
            "width": found.wide.mean() / found["size"].mean(),
        }
    )
    return table.reset_index().loc[:, list(SCORES)]


def _at_point(ahead: Outlook, point: float, params: TargetsParams) -> list[pd.DataFrame]:
    """Return the forecasts of all origins at one point of their month, a frame a grain and place.

    A place is how many months of the period came before the origin's.
    """
    panel = ahead.panel
    ours = stretches_ahead(ahead, point, AHEAD - 1)
    came = [one.came for one in ours]
    usual = volatility(panel, _a_year_on(panel.monthly.T, panel))
    found = []
    for grain, length in MONTHS_OF.items():
        for before in range(length):
            kept = slice(0, length - before)
            to_date = so_far_in_period(panel, point, _before(panel, before))
            naive = _naive_ways(panel, point, to_date, came[kept], usual)
            ways = {OURS: ours[kept], **naive}
            for name, stretches in ways.items():
                rows = _rows(panel, stretches, to_date, before, length, params)
                found.append(rows.assign(grain=grain, point=point, method=name))
    return found


def _rows(
    panel: SalesPanel, stretches: list[Stretch], to_date: np.ndarray, before: int, length: int,
    params: TargetsParams,
) -> pd.DataFrame:  # fmt: skip
    """Return one method's forecasts of origins that stand ``before`` months into their period."""
    months = panel.months[: panel.complete + 1]
    origins = np.flatnonzero((months.month.to_numpy() - 1) % length == before)
    origins = origins[(origins >= before) & (origins + length - before <= panel.complete)]
    widths = half_widths(panel, stretches, params.interval, params.interval_min_origins, origins)
    last, at = stretches[-1], np.repeat(origins, len(panel.keys))
    said, sold = to_date + last.expected, to_date + last.came
    told = {
        "to_date": to_date, "actual": sold, "expected": said, "low": said - widths.half,
        "high": said + widths.half,
    }  # fmt: skip
    return pd.DataFrame(
        {
            "scope": np.tile(panel.keys.scope.to_numpy(), len(origins)),
            "scope_id": np.tile(panel.keys.scope_id.to_numpy(), len(origins)),
            "period": months[at - before],
            "origin": months[at],
            **{name: values[origins].ravel() for name, values in told.items()},
        }
    )


def _before(panel: SalesPanel, before: int) -> np.ndarray:
    return np.minimum(np.arange(panel.complete + 1), before)


def _naive_ways(
    panel: SalesPanel, point: float, to_date: np.ndarray, came: list[np.ndarray],
    usual: np.ndarray,
) -> dict[str, list[Stretch]]:  # fmt: skip
    """Return what last year makes one expect, three ways, scaled by last year's own rest."""
    then = [_a_year_on(one, panel) for one in came]
    behind = _a_year_on(to_date, panel) - to_date
    growth = _growth(panel, point)
    said = {
        NAIVE: [rest + behind for rest in then],
        REST: then,
        GROWN: [rest * growth for rest in then],
    }
    return {
        name: [
            Stretch.of(one, sold, rest, usual)
            for one, sold, rest in zip(rests, came, then, strict=True)
        ]
        for name, rests in said.items()
    }


def _growth(panel: SalesPanel, point: float) -> np.ndarray:
    """Return origin x scope: the year so far over the same part of last year."""
    in_year = panel.months.month.to_numpy()[: panel.complete + 1] - 1
    so_far = so_far_in_period(panel, point, np.minimum(in_year, np.arange(panel.complete + 1)))
    then = _a_year_on(so_far, panel)
    return np.asarray(np.where(then > 0, so_far / np.where(then > 0, then, 1.0), 1.0))


def _a_year_on(values: np.ndarray, panel: SalesPanel) -> np.ndarray:
    """Return origin x scope, twelve origins later; missing in the first year."""
    found = np.full((panel.complete + 1, len(panel.keys)), np.nan)
    found[12:] = values[: max(panel.complete + 1 - 12, 0)]
    return found
