"""What would each of the next twelve months bring, from complete months alone?

Level times season: the season is a profile over the year (place in the quarter first, then month,
January and February together), each shrunk to the pooled profile of its kind of scope; the level
is the mean of the last three, six or twelve months with the season taken out; a month counts by
its working days, wholly, by their root, or not at all. These nine are averaged with weights of one
over the squared error that each made in earlier quarters (Bates and Granger 1969).
"""

from __future__ import annotations

from itertools import product

import numpy as np

from insights.targets.forecast_panel import AHEAD, SalesPanel

LEVELS = (3, 6, 12)
BY_WORKDAYS = (0.0, 0.5, 1.0)
SMOOTHED = 6  # months on either side that tell a month's level while the season is estimated
ROUNDS = 4
EARLIEST = 6  # months before the first trial that weighs the nine
TRIED_AHEAD = 3
MONTH_PLACE = np.array([0, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])  # January and February together
QUARTER_PLACE = np.arange(12) % 3
YEARS_OF_POOL = 2.0  # a month's own season weighs as much as its quarter place after two years
MONTHS_OF_POOL = 12.0  # a scope's own profile weighs as much as its kind's after a year
BOUNDS = (0.05, 20.0)


def outlook(panel: SalesPanel, min_months: int, min_own: int) -> np.ndarray:
    """Return origin x scope x month ahead: what each month was expected to bring, in CNY.

    Origin ``t`` has seen the first ``t`` complete months and nothing later; month ahead 0 is the
    one that then began. Missing before ``min_months`` months, and for a scope until it has
    ``min_own`` months since its first sale.
    """
    origins = range(panel.complete + 1)
    tried = np.stack([_candidates(panel, t) for t in origins])
    mixed = np.stack([_mixed(panel, tried, t) for t in origins])
    own = np.concatenate([np.zeros((len(panel.keys), 1)), np.cumsum(panel.begun, axis=1)], axis=1)
    enough = (np.arange(panel.complete + 1)[:, None] >= min_months) & (min_own <= own.T)
    return np.where(enough[:, :, None], mixed, np.nan)


def _candidates(panel: SalesPanel, t: int) -> np.ndarray:
    """Return candidate x scope x month ahead from the first t months."""
    shape = (len(LEVELS) * len(BY_WORKDAYS), len(panel.keys), AHEAD)
    if t < EARLIEST:
        return np.full(shape, np.nan)
    found = np.empty(shape)
    places = panel.months.month.to_numpy() - 1
    ahead = slice(t, t + AHEAD)
    for k, (power, window) in enumerate(product(BY_WORKDAYS, LEVELS)):
        days = panel.workdays**power
        if window == LEVELS[0]:
            season = _season(panel, t, days[:t], places[:t])
        last = slice(max(0, t - window), t)
        seen = panel.begun[:, last]
        normal = (season[:, places[last]] * days[last] * seen).sum(axis=1)
        level = panel.monthly[:, last].sum(axis=1) / np.maximum(normal, 1e-9)
        found[k] = np.maximum(level, 0.0)[:, None] * season[:, places[ahead]] * days[ahead]
    return found


def _season(panel: SalesPanel, t: int, days: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return scope x calendar month: how the month stands to the year's mean."""
    own, seen = panel.monthly[:, :t] / days, panel.begun[:, :t]
    pools = _pools(panel)
    everywhere = np.ones((len(pools), t), dtype=bool)
    pooled = _profile(pools @ own, everywhere, places)
    mine = _profile(own, seen, places)
    weight = seen.sum(axis=1) / (seen.sum(axis=1) + MONTHS_OF_POOL)
    theirs = pooled[np.argmax(pools, axis=0)]
    return weight[:, None] * mine + (1 - weight[:, None]) * theirs


def _pools(panel: SalesPanel) -> np.ndarray:
    """Return kind x scope: 1 where the scope is of the kind."""
    kinds = sorted(set(panel.kinds))
    return np.array([[float(one == kind) for one in panel.kinds] for kind in kinds])


def _profile(rates: np.ndarray, seen: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return row x calendar month: place in the quarter, times what the month adds to it."""
    quarter = _ratios(rates, seen, QUARTER_PLACE[places], 3)[:, QUARTER_PLACE]
    left = rates / quarter[:, places]
    month = _ratios(left, seen, MONTH_PLACE[places], 12)[:, MONTH_PLACE]
    years = np.bincount(MONTH_PLACE[places], minlength=12)[MONTH_PLACE]
    years = np.where(MONTH_PLACE == 0, years / 2, years)
    return np.asarray(quarter * month ** (years / (years + YEARS_OF_POOL)))


def _ratios(rates: np.ndarray, seen: np.ndarray, place: np.ndarray, n: int) -> np.ndarray:
    """Return row x place: sold there, to what the months around give without season."""
    gap = np.abs(np.arange(rates.shape[1])[:, None] - np.arange(rates.shape[1]))
    near = np.clip(1 - gap / SMOOTHED, 0, None)
    of_place = np.eye(n)[place]
    found = np.ones((len(rates), n))
    for _round in range(ROUNDS):
        level = (np.where(seen, rates / found[:, place], 0) @ near) / np.maximum(seen @ near, 1e-9)
        usual = np.where(seen, level, 0) @ of_place
        sold = np.where(seen, rates, 0) @ of_place
        found = np.where(usual > 0, sold / np.where(usual > 0, usual, 1), 1.0)
        found = found / np.maximum(found[:, place].mean(axis=1, keepdims=True), 1e-9)
        found = np.clip(found, *BOUNDS)
    return found


def _mixed(panel: SalesPanel, tried: np.ndarray, t: int) -> np.ndarray:
    """Return scope x month ahead: the candidates, weighted by their errors before t."""
    errors = np.zeros(tried.shape[1:3])
    for before in range(EARLIEST, t - TRIED_AHEAD + 1):
        said = np.cumsum(tried[before][:, :, :TRIED_AHEAD], axis=2)
        came = np.cumsum(panel.monthly[:, before : before + TRIED_AHEAD], axis=1)
        errors += np.abs(said - came).sum(axis=2)
    scale = np.maximum(errors.mean(axis=0), 1e-9)
    weight = 1 / np.maximum(errors / scale, 1e-3) ** 2 if errors.any() else np.ones_like(errors)
    weight = weight / weight.sum(axis=0)
    return np.asarray((weight[:, :, None] * tried[t]).sum(axis=0))
