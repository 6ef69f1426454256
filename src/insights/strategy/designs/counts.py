"""Counts, and sales with many months of zero: ratios of totals instead of differences of means.

Poisson pseudo-maximum-likelihood difference-in-differences (Wooldridge 2023, *Simple approaches to
nonlinear difference-in-differences with panel data*): each unit's level times each period's, fitted
where nobody was treated. It needs no logarithm of zero, and no Poisson variance either: the error
comes from leaving units out in turn, so overdispersion and serial correlation are in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from insights.strategy.designs.gap import LENT_DF, POWER
from insights.words import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MOST_FOLDS = 300
ROUNDS, TOLERANCE = 500, 1e-10


@dataclass(frozen=True)
class CountFit:
    """The treated units' total over what was expected of it, and the same in outcome units.

    ``ratio`` is 1 where nothing happened (ratio of ratios for one start), ``estimate`` per treated
    unit and period; both intervals exclude no effect together. ``unit_gaps`` and ``expected``
    (treated units x periods) stand in panel order. ``n_silent`` treated units had nothing before.
    """

    name: str
    reason: str
    estimate: float
    low: float
    high: float
    p_value: float
    df: float
    detectable: float
    ratio: float
    ratio_low: float
    ratio_high: float
    log_error: float
    pre_trend_p: float
    unit_gaps: Floats
    expected: Floats
    n_silent: int
    n_silent_comparison: int
    zero_share: float


@dataclass(frozen=True)
class _Ratio:
    """The logarithm of a ratio, its leave-one-out error and degrees of freedom."""

    log: float
    error: float
    df: float


def count_fit(values: Floats, starts: Ints, after: Ints, confidence: float = 0.95) -> CountFit:
    """By what factor did the treated units change beyond the comparison units?

    ``values`` is units x periods, none negative (NaN where nothing was recorded); ``starts`` the
    first period touched, the number of periods for comparison units; ``after`` the first that
    counts. The interval is NaN with one comparison unit, or nothing after. ``ValueError`` names
    negative values, and panels without anything before, or without comparison units.
    """
    treated = starts < values.shape[1]
    free, late = _free_and_late(values, starts, after)
    _refuse(values, free, treated)
    found = _ratio(values, free, late, treated)
    quantile = float(stats.t.ppf((1 + confidence) / 2, found.df))
    low, high = (found.log + side * quantile * found.error for side in (-1, 1))
    far = abs(found.log) / found.error if found.error else (np.inf if found.log else 0.0)
    expected = _paths(values, free)
    baseline = _mean(expected, late)
    power = quantile + float(stats.t.ppf(POWER, found.df))
    silent = np.nansum(np.where(free, values, 0.0), axis=1) == 0
    zero = float(np.mean(values[~np.isnan(values)] == 0))
    return CountFit(
        _("ratio of ratios"), _words(int((silent & treated).sum()), zero),
        _mean(values, late) - baseline,
        baseline * float(np.expm1(low)), baseline * float(np.expm1(high)),
        float(2 * stats.t.sf(far, found.df)), found.df,
        baseline * float(np.expm1(power * found.error)),
        float(np.exp(found.log)), float(np.exp(low)), float(np.exp(high)), found.error,
        _pre_trend_p(values, starts, treated), _own_gaps(values, expected, late)[treated],
        expected[treated], int((silent & treated).sum()), int((silent & ~treated).sum()), zero,
    )  # fmt: skip


def count_gap(values: Floats, starts: Ints, after: Ints) -> float:
    """Return the estimate of ``count_fit`` alone; NaN where the treated had nothing before."""
    free, late = _free_and_late(values, starts, after)
    if not np.nansum(np.where(free, values, 0.0)[starts < values.shape[1]]) > 0:
        return float("nan")
    return _mean(values, late) - _mean(_paths(values, free), late)


def _mean(values: Floats, cells: Bools) -> float:
    return float(np.sum(np.where(cells, values, 0.0))) / float(cells.sum())


def _free_and_late(values: Floats, starts: Ints, after: Ints) -> tuple[Bools, Bools]:
    """Mark recorded cells without the strategy, and those that count as after."""
    time, seen = np.arange(values.shape[1]), ~np.isnan(values)
    treated = (starts < values.shape[1])[:, None]
    return seen & (time < starts[:, None]), seen & treated & (time >= after[:, None])


def _refuse(values: Floats, free: Bools, treated: Bools) -> None:
    faults = []
    if (n := int((values < 0).sum())) > 0:
        faults.append(
            _("values: {n} negative, such as {value:g}; net returns off the periods they "
              "belong to").format(n=n, value=float(np.nanmin(values)))
        )  # fmt: skip
    if not treated.any() or treated.all():
        faults.append(_("values: treated and comparison units are needed"))
    elif not np.nansum(np.where(free, values, 0.0)[treated]) > 0:
        faults.append(_("values: the treated units had nothing before their start"))
    if faults:
        raise ValueError("; ".join(faults))


def _ratio(values: Floats, free: Bools, late: Bools, treated: Bools) -> _Ratio:
    """Fit on everybody, then with each unit (or fold of units) left out in turn."""
    whole = np.ones((1, len(values)))
    folds = _folds(treated)
    drop = np.array([folds != one for one in range(folds.max() + 1)], dtype=float)
    periods = _period_levels(values, free, whole, np.ones((1, values.shape[1])))
    left = _period_levels(values, free, drop, np.repeat(periods, len(drop), axis=0))
    log = float(_log_ratio(values, free, late, whole, periods)[0])
    logs = _log_ratio(values, free, late, drop, left)
    own = np.array([treated[folds == one][0] for one in range(folds.max() + 1)])
    usable = logs[~own] if own.sum() == 1 else logs
    if (~own).sum() < 2 or not (np.isfinite(log) and np.isfinite(usable).all()):
        return _Ratio(log, float("nan"), float("nan"))
    size = np.where(free, values, 0.0).sum(axis=1)
    return _Ratio(log, *_error(logs[own], logs[~own], size[treated], size[~treated]))


def _error(own: Floats, other: Floats, own_size: Floats, other_size: Floats) -> tuple[float, float]:
    """Add the jackknife variances of both sides; a few treated units are lent that of the others.

    A handful of treated units says little of its own spread (Smyth 2004): that of the comparison
    units, at equal concentration, counts as ``LENT_DF`` degrees of freedom beside it.
    """
    among = _jackknife(own) if len(own) > 1 else 0.0
    rest, own_df, rest_df = _jackknife(other), len(own) - 1, len(other) - 1
    lent = rest * _concentration(own_size) / _concentration(other_size)
    among = (LENT_DF * lent + own_df * among) / (LENT_DF + own_df)
    total, among_df = among + rest, min(LENT_DF + own_df, own_df + rest_df)
    if total == 0:
        return 0.0, float(among_df)
    return float(np.sqrt(total)), total**2 / (among**2 / among_df + rest**2 / rest_df)


def _concentration(size: Floats) -> float:
    """Return the sum of squared shares: one over the number of equal units."""
    return float(np.sum(size**2) / size.sum() ** 2)


def _folds(treated: Bools) -> Ints:
    """Number units so that each is left out alone, or with others of its kind in large panels."""
    folds, given = np.zeros(len(treated), dtype=np.int64), 0
    for part in (treated, ~treated):
        most = min(int(part.sum()), MOST_FOLDS)
        folds[part] = given + np.arange(part.sum()) % most
        given += most
    return folds


def _jackknife(logs: Floats) -> float:
    return float((len(logs) - 1) / len(logs) * np.sum((logs - logs.mean()) ** 2))


def _period_levels(values: Floats, free: Bools, weights: Floats, start: Floats) -> Floats:
    """Fit unit level x period level on the free cells (iterative proportional fitting).

    ``weights`` (fits x units) says who is in each fit; returns fits x periods.
    """
    held, mask = np.where(free, values, 0.0), free.astype(float)
    own, totals = held.sum(axis=1), weights @ held
    periods = start
    for _round in range(ROUNDS):
        reach = periods @ mask.T
        levels = weights * np.divide(own, reach, out=np.zeros_like(reach), where=reach > 0)
        due = levels @ mask
        fresh = np.divide(totals, due, out=np.zeros_like(due), where=due > 0)
        moved = np.abs(fresh - periods).max()
        periods = fresh
        if moved <= TOLERANCE * np.abs(fresh).max():
            break
    return periods


def _log_ratio(
    values: Floats, free: Bools, late: Bools, weights: Floats, periods: Floats
) -> Floats:
    own = np.where(free, values, 0.0).sum(axis=1)
    reach = periods @ free.T.astype(float)
    levels = weights * np.divide(own, reach, out=np.zeros_like(reach), where=reach > 0)
    expected = np.sum((levels @ late.astype(float)) * periods, axis=1)
    seen = weights @ np.where(late, values, 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(seen / expected), dtype=np.float64)


def _paths(values: Floats, free: Bools) -> Floats:
    whole = np.ones((1, len(values)))
    periods = _period_levels(values, free, whole, np.ones((1, values.shape[1])))[0]
    reach = free @ periods
    own = np.where(free, values, 0.0).sum(axis=1)
    levels = np.divide(own, reach, out=np.zeros_like(reach), where=reach > 0)
    return np.asarray(levels[:, None] * periods[None, :], dtype=np.float64)


def _own_gaps(values: Floats, expected: Floats, late: Bools) -> Floats:
    count = late.sum(axis=1)
    gap = np.where(late, np.nan_to_num(values) - expected, 0.0).sum(axis=1)
    return np.where(count > 0, gap / np.maximum(count, 1), np.nan)


def _pre_trend_p(values: Floats, starts: Ints, treated: Bools) -> float:
    """Pretend the start in the middle of the periods before the first one: did ratios move?"""
    end = int(starts[treated].min())
    if end < 4:
        return float("nan")
    early = values[:, :end]
    pretended = np.where(treated, end // 2, end)
    free, late = _free_and_late(early, pretended, pretended)
    if not np.nansum(np.where(free, early, 0.0)[treated]) > 0:
        return float("nan")
    found = _ratio(early, free, late, treated)
    if not found.error > 0:
        return float("nan")
    return float(2 * stats.t.sf(abs(found.log) / found.error, found.df))


def _words(n_silent: int, zero: float) -> str:
    why = _("{share:.0%} of all values are zero: totals are compared as ratios, which zeros do not "
            "upset").format(share=zero)  # fmt: skip
    if n_silent:
        why += _("; {n} treated units had nothing before, so all that they had after counts as "
                 "the effect").format(n=n_silent)  # fmt: skip
    return why
